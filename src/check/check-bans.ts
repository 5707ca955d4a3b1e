/**
 * Whether bans are what hides players, and whether their ends are noted.
 *
 * A ban of all boards is about every board that there will be, so each is looked up on each board: that is
 * a read for each of them, and no walk through the players.
 *
 * @module
 */

import { BoardKeys, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  ALL_BOARDS,
  BAN_ENDS_END,
  BAN_ENDS_START,
  BANS_END,
  BANS_START,
  banEndKey,
  banEndOf,
  banKey,
  banPlaceOf,
  decodeBan,
  isBanEnd,
} from '../format/people/ban.ts'
import { isHiddenRecord } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import type { Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import type { SeasonBoard } from './check-seasons.ts'
import { INVARIANT } from './invariants.ts'
import { NO_SUCH_BOARD } from './strays.ts'

type Found = Omit<Finding, 'board'> & { board?: string | undefined }

/** Yields what is wrong with bans, and undefined now and then, so that others get their turns. */
export function* banProblems(
  reader: Reader<Table>,
  boards: readonly CatalogEntry[],
  seasons: readonly SeasonBoard[] = [],
): Generator<Found | undefined> {
  const byId = new Map(boards.map((board) => [board.id, board]))
  for (const { key, value } of reader.pairs('people', { start: BANS_START, end: BANS_END })) {
    const place = banPlaceOf(key)
    const ban = decodeBan(key, value)
    const where = printKey('people', key)
    if (place === undefined || ban === undefined) {
      yield { invariant: INVARIANT.FORM, place: where, problem: 'it is damaged' }
      continue
    }
    const { untilMicros } = ban
    const board = byId.get(place.boardId)
    if (place.boardId !== ALL_BOARDS && board === undefined)
      yield { invariant: INVARIANT.BAN_ENDS, place: where, problem: NO_SUCH_BOARD }
    if (untilMicros > 0 && !has(reader, banEndKey({ ...place, untilMicros })))
      yield { invariant: INVARIANT.BAN_ENDS, place: where, problem: 'its end is not noted' }
    const concerned = place.boardId === ALL_BOARDS ? boards : board === undefined ? [] : [board]
    for (const { id, name } of [...concerned, ...seasonsOf(seasons, concerned)]) {
      yield isSeen(reader, id, place.playerId)
        ? {
            ...{ invariant: INVARIANT.BANS, board: name, place: where },
            problem: 'the player is banned and has an entry',
          }
        : undefined
    }
  }
  yield* endProblems(reader)
}

// A season that is over stands as it is, with or without whom was banned since.
function seasonsOf(
  seasons: readonly SeasonBoard[],
  boards: readonly CatalogEntry[],
): CatalogEntry[] {
  const ids = new Set(boards.map(({ id }) => id))
  return seasons.filter(({ parentId, isOver }) => !isOver && ids.has(parentId))
}

/** Returns what is wrong with a hidden player, whom a ban must be about. */
export function unbannedProblem(
  reader: Reader<Table>,
  place: { playerId: string; boardId: number },
): Pick<Finding, 'invariant' | 'problem'> | undefined {
  const { playerId, boardId } = place
  for (const id of [ALL_BOARDS, boardId])
    if (has(reader, banKey({ playerId, boardId: id }))) return undefined
  return { invariant: INVARIANT.BANS, problem: 'the player is hidden, and no ban says so' }
}

function* endProblems(reader: Reader<Table>): Generator<Found | undefined> {
  const range = { start: BAN_ENDS_START, end: BAN_ENDS_END }
  for (const { key, value } of reader.pairs('people', range)) {
    const end = banEndOf(key)
    const place = printKey('people', key)
    if (end === undefined || !isBanEnd(key, value)) {
      yield { invariant: INVARIANT.FORM, place, problem: 'it is damaged' }
      continue
    }
    const ofBan = banKey(end)
    const stored = reader.get('people', ofBan)
    const ban = stored && decodeBan(ofBan, stored)
    yield ban?.untilMicros === end.untilMicros
      ? undefined
      : { invariant: INVARIANT.BAN_ENDS, place, problem: 'no ban ends then' }
  }
}

function has(reader: Reader<Table>, key: Buffer): boolean {
  return reader.get('people', key) !== undefined
}

function isSeen(reader: Reader<Table>, boardId: number, playerId: string): boolean {
  const value = reader.get('players', new BoardKeys(boardId).player(playerId))
  return value !== undefined && !isHiddenRecord(value)
}
