/**
 * Which bans there are, and what they mean for a submit.
 *
 * A ban holds on one board or on all. Where one holds, the player's record is hidden
 * (board/hidden-players.ts); where the player has no record yet, the ban alone tells. So a submit of a
 * player with an entry costs nothing more than the look that the entry is there.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import { bannedError } from '../../calls/bans.ts'
import type { Table } from '../../format/keys.ts'
import {
  ALL_BOARDS,
  BAN_TAG,
  BANS_END,
  BANS_START,
  type BanPlace,
  type BanRecord,
  banKey,
  banPlaceOf,
  decodeBan,
  sealedByOf,
} from '../../format/people/ban.ts'
import { toMs } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { Ban } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'

/** A ban with its place. */
export interface PlacedBan extends BanPlace {
  ban: BanRecord
}

/**
 * Returns the ban of a place, or undefined.
 *
 * @throws {LadderError} `CORRUPT` if it is damaged.
 */
export function readBan(reader: Reader<Table>, place: BanPlace): BanRecord | undefined {
  const key = banKey(place)
  const value = reader.get('people', key)
  return value && decoded(key, value)
}

/** Returns all bans, or those of one player. Cost: O(answer). */
export function placedBans(reader: Reader<Table>, playerId?: string): PlacedBan[] {
  const first = playerId === undefined ? BANS_START : banKey({ playerId, boardId: ALL_BOARDS })
  const end = playerId === undefined ? BANS_END : behind(first)
  const bans: PlacedBan[] = []
  for (const { key, value } of reader.pairs('people', { start: first, end })) {
    // An id may go on with a zero byte where another ends.
    if (playerId !== undefined && key.length !== first.length) continue
    const place = banPlaceOf(key)
    if (place === undefined) throw damaged(key.toString('hex'))
    bans.push({ ...place, ban: decoded(key, value) })
  }
  return bans
}

/** Returns the bans that hold for a player on a board: at most one of all boards and one of this. */
export function bansOn(reader: Reader<Table>, { playerId, boardId }: BanPlace): BanRecord[] {
  const places = boardId === ALL_BOARDS ? [ALL_BOARDS] : [ALL_BOARDS, boardId]
  return places.flatMap((id) => readBan(reader, { playerId, boardId: id }) ?? [])
}

/** Returns the bans as they are answered, by playerId, those of all boards first, then by boards. */
export function listBans(reader: Reader<Table>): Ban[] {
  const names = new Map(listBoards(reader).map(({ id, name }) => [id, name]))
  return placedBans(reader)
    .map((placed) => banOf(placed, names.get(placed.boardId)))
    .sort((a, b) => compare(a.playerId, b.playerId) || compare(a.board ?? '', b.board ?? ''))
}

// By the bytes of their UTF-8. Keys with ids that hold a zero byte have another order.
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Returns a ban as it is answered; `board` is the name of its board. */
export function banOf({ playerId, ban }: PlacedBan, board: string | undefined): Ban {
  const { sinceMicros, untilMicros, submits, tail } = ban
  const reason = tail.get(BAN_TAG.REASON)?.toString()
  const actor = tail.get(BAN_TAG.ACTOR)?.toString()
  return {
    playerId,
    ...(board !== undefined && { board }),
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor }),
    since: toMs(sinceMicros),
    ...(untilMicros > 0 && { until: toMs(untilMicros) }),
    submits,
    ...(sealedByOf(ban) !== undefined && { sealed: true as const }),
  }
}

/**
 * Says whether a submit of a player is one that nobody is to see. `target` is the board, undefined if it is
 * not made yet. Cost: nothing in a store without bans, or else a read; more for those without an entry.
 *
 * @throws {LadderError} `BANNED`; nothing is changed then.
 */
export function isUnseen(
  writer: Writer<Table>,
  target: BoardWriter | undefined,
  submit: { playerId: string; board: string },
): boolean {
  if (!commitOf(writer).uses('bans')) return false
  const { playerId, board } = submit
  if (target?.hidden.isVisible(playerId) === true) return false
  const bans = bansOn(writer, { playerId, boardId: target?.board.id ?? ALL_BOARDS })
  const refusing = bans.find(({ submits }) => submits === 'refuse')
  if (refusing !== undefined)
    throw bannedError(playerId, { board, untilMicros: refusing.untilMicros })
  return bans.length > 0
}

/** Whether a player of a board is to be stored unseen, whatever the ban says of submits. */
export function isBanned(writer: Writer<Table>, place: BanPlace): boolean {
  return commitOf(writer).uses('bans') && bansOn(writer, place).length > 0
}

function decoded(key: Buffer, value: Buffer): BanRecord {
  // What a reader returns may lie in a larger buffer.
  const ban = decodeBan(key, Buffer.from(value.subarray(0, value.length)))
  if (ban === undefined) throw damaged(key.toString('hex'))
  return ban
}

function damaged(key: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read the ban under key ${key}: it is damaged; run check, then restore a backup`,
  )
}

// The bans of a player lie below the key with the highest number of a board.
function behind(first: Buffer): Buffer {
  const end = Buffer.from(first)
  end[end.length - 5] = 1
  return end
}
