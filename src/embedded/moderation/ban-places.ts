/**
 * Where bans are stored, and where they show: the records with their ends, boards and seasons.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { noBoard } from '../../calls/no-board.ts'
import type { Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  ALL_BOARDS,
  BAN_ENDS_END,
  BAN_ENDS_START,
  type BanPlace,
  type BanRecord,
  banEndKey,
  banEndOf,
  banKey,
  encodeBan,
  encodeBanEnd,
} from '../../format/people/ban.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { findBoard, listBoards } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { isOnBoard, type Reach, reachedWriters } from '../seasons/reached-seasons.ts'

/** Where a change is made. */
export interface ChangePlace {
  context: OpenStore
  writer: Writer<Table>
}

/** A change to many boards and seasons, step by step: each step is one that was changed. */
export type BoardSteps<T> = Generator<BoardWriter, T>

/** Takes all steps. */
export function atOnce<T>(steps: BoardSteps<T>): T {
  for (;;) {
    const next = steps.next()
    if (next.done === true) return next.value
  }
}

/** Stores a ban. */
export function putBan(writer: Writer<Table>, place: BanPlace, ban: BanRecord): void {
  const key = banKey(place)
  writer.put('people', key, encodeBan(key, ban))
  const { untilMicros } = ban
  if (untilMicros === 0) return
  const endKey = banEndKey({ ...place, untilMicros })
  writer.put('people', endKey, encodeBanEnd(endKey))
  const ends = nextEndOf(writer)
  ends.nextMicros = Math.min(ends.nextMicros, untilMicros)
}

/** Takes a ban away, with its end. */
export function removeBan(
  writer: Writer<Table>,
  place: BanPlace,
  ban: BanRecord | undefined,
): void {
  if (ban === undefined) return
  writer.remove('people', banKey(place))
  const { untilMicros } = ban
  if (untilMicros > 0) writer.remove('people', banEndKey({ ...place, untilMicros }))
}

/** Says when the next ban ends; infinite if none does. Cost: a look at one key. */
export function firstEnd(reader: Reader<Table>): number {
  const range = { start: BAN_ENDS_START, end: BAN_ENDS_END, limit: 1 }
  for (const key of reader.keys('people', range))
    return banEndOf(key)?.untilMicros ?? Number.POSITIVE_INFINITY
  return Number.POSITIVE_INFINITY
}

const OWNER = {}

/** Returns when the next ban ends, as far as this transaction knows. */
export function nextEndOf(writer: Writer<Table>): { nextMicros: number } {
  return writer.local(OWNER, readNextEnd)
}

function readNextEnd(reader: Reader<Table>): { nextMicros: number } {
  return { nextMicros: firstEnd(reader) }
}

/** Returns the boards that a ban is about. */
export function boardsOfBan(writer: Writer<Table>, boardId: number): CatalogEntry[] {
  return listBoards(writer).filter(({ id }) => boardId === ALL_BOARDS || id === boardId)
}

/**
 * Returns the number of a board, or that of all.
 *
 * @throws {LadderError} `NO_BOARD`.
 */
export function idOf(writer: Writer<Table>, board: string | undefined): number {
  if (board === undefined) return ALL_BOARDS
  const found = findBoard(writer, board)
  if (found === undefined) throw noBoard(board)
  return found.id
}

/** Yields a board and its seasons in reach, as far as they know the player. */
export function* writersWith(
  place: ChangePlace,
  board: CatalogEntry,
  reach: Reach & { playerId: string },
): Generator<BoardWriter> {
  const { context, writer } = place
  const target = isOnBoard(writer, board, reach.playerId)
    ? context.writerOfName(writer, board.name)
    : undefined
  if (target !== undefined) yield target
  yield* reachedWriters(place, board, reach)
}
