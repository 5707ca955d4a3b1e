/**
 * The bans of a damaged store.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { putBan } from '../embedded/moderation/ban-places.ts'
import { isBanned, type PlacedBan } from '../embedded/moderation/bans.ts'
import { hiddenPlayersOf } from '../embedded/moderation/carry-hidden.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { ALL_BOARDS, BAN_TAG, banPlaceOf, decodeBan } from '../format/people/ban.ts'
import { PEOPLE_KIND } from '../format/tables.ts'
import type { Pair, Writer } from '../store/store.ts'

const LOST: ReadonlyMap<number, Buffer> = new Map([
  [BAN_TAG.REASON, Buffer.from('the ban was damaged, so the store was saved without it')],
])

/** Returns the bans that can be read, with the numbers that their boards have now. */
export function bansIn(
  wreck: { pairs(table: string): Iterable<Pair> },
  ids: ReadonlyMap<number, number>,
): { saved: PlacedBan[]; problems: string[] } {
  const saved: PlacedBan[] = []
  const problems: string[] = []
  for (const { key, value } of wreck.pairs('people')) {
    if (key[0] !== PEOPLE_KIND.BAN) continue
    const place = banPlaceOf(key)
    const ban = decodeBan(key, value)
    if (place === undefined || ban === undefined) {
      problems.push('table "people": a ban is damaged')
      continue
    }
    const boardId = place.boardId === ALL_BOARDS ? ALL_BOARDS : ids.get(place.boardId)
    if (boardId !== undefined) saved.push({ playerId: place.playerId, boardId, ban })
  }
  return { saved, problems }
}

/** A board that was saved, or a season with the board that it is of. */
interface SavedBoard {
  board: CatalogEntry
  parent?: CatalogEntry
}

/** Stores bans in a store whose players are saved, and makes those that are lost. */
export function putSavedBans(
  { context, writer }: { context: OpenStore; writer: Writer<Table> },
  { targets, saved }: { targets: readonly SavedBoard[]; saved: readonly PlacedBan[] },
): void {
  const commit = commitOf(writer)
  const begin = (): void => {
    commit.willChange()
    commit.use('bans')
  }
  for (const placed of saved) {
    begin()
    putBan(writer, placed, placed.ban)
  }
  const sinceMicros = commit.nextMicros(context.nowMicros())
  for (const { board, parent = board } of targets)
    for (const { playerId } of hiddenPlayersOf(writer, board)) {
      const place = { playerId, boardId: parent.id }
      if (isBanned(writer, place)) continue
      begin()
      putBan(writer, place, { sinceMicros, untilMicros: 0, submits: 'refuse', tail: LOST })
    }
}
