/**
 * Which boards there are.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import {
  BOARDS_END,
  BOARDS_START,
  type BoardRecord,
  boardKey,
  boardNameOf,
  DROPPED_END,
  DROPPED_START,
  decodeBoard,
  droppedIdOf,
  droppedKey,
  encodeBoard,
} from '../format/header.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import { SpanBudget } from '../rank/span.ts'
import type { Reader, Writer } from '../store/store.ts'
import type { Mode, Order } from '../types.ts'
import { BoardStorageWriter } from './board-storage.ts'
import { clockOf } from './commit-clock.ts'
import { BoardKeys, ENTRY_SHAPE, type Table } from './tables.ts'

/** A board of the catalog. */
export interface CatalogEntry extends BoardRecord {
  name: string
}

/** Returns the board of a name, or undefined. */
export function findBoard(reader: Reader<Table>, name: string): CatalogEntry | undefined {
  const key = boardKey(name)
  const value = reader.get('meta', key)
  return value && { name, ...decoded(key, value) }
}

/** Returns all boards, ordered by the bytes of their names. */
export function listBoards(reader: Reader<Table>): CatalogEntry[] {
  const boards: CatalogEntry[] = []
  for (const { key, value } of reader.pairs('meta', { start: BOARDS_START, end: BOARDS_END })) {
    boards.push({ name: boardNameOf(key), ...decoded(key, value) })
  }
  return boards
}

/** Returns the ids of dropped boards whose keys are not all gone yet. */
export function listDropped(reader: Reader<Table>): number[] {
  return [...reader.keys('meta', { start: DROPPED_START, end: DROPPED_END })].map(droppedIdOf)
}

/** Adds an empty board that is not in the catalog. */
export function addBoard(
  writer: Writer<Table>,
  settings: { name: string; order: Order; mode: Mode },
): CatalogEntry {
  const clock = clockOf(writer)
  clock.willChange()
  const board = { id: clock.newBoardId(), ...settings }
  putBoard(writer, board)
  const storage = new BoardStorageWriter(writer, new BoardKeys(board.id))
  const tree = new RankTreeWriter(storage, {
    cache: new Map(),
    budget: new SpanBudget(0),
    shape: ENTRY_SHAPE,
    version: clock.sequence,
  })
  tree.create()
  tree.flush()
  return board
}

/** Puts a board into the catalog, in place of the one of its name. */
export function putBoard(writer: Writer<Table>, board: CatalogEntry): void {
  const key = boardKey(board.name)
  writer.put('meta', key, encodeBoard(key, board))
}

/** Takes a board off the catalog; its keys stay until they are swept. */
export function removeBoard(writer: Writer<Table>, board: CatalogEntry): void {
  clockOf(writer).willChange()
  writer.remove('meta', boardKey(board.name))
  markDropped(writer, board.id)
}

/** Notes that the keys of a board that no name leads to are to be swept. */
export function markDropped(writer: Writer<Table>, boardId: number): void {
  writer.put('meta', droppedKey(boardId), Buffer.from([1]))
}

/** Returns an error that names stored and asked settings, or undefined where they agree. */
export function settingsError(
  board: CatalogEntry,
  asked: { order?: Order | undefined; mode?: Mode | undefined },
): LadderError | undefined {
  const differs =
    (asked.order ?? board.order) !== board.order || (asked.mode ?? board.mode) !== board.mode
  if (!differs) return undefined
  return new LadderError(
    'SETTINGS_DIFFER',
    `Cannot open board "${board.name}": it was created with order ${board.order} and mode ${board.mode}, ` +
      `asked for order ${asked.order ?? board.order} and mode ${asked.mode ?? board.mode}; settings are fixed at creation`,
  )
}

/** Returns the error for a name that no board has. */
export function noBoard(name: string): LadderError {
  return new LadderError(
    'NO_BOARD',
    `Cannot find board "${name}": it does not exist or was dropped; create it first`,
  )
}

function decoded(key: Buffer, value: Buffer): BoardRecord {
  const board = decodeBoard(key, value)
  if (board === undefined)
    throw new LadderError(
      'CORRUPT',
      `Cannot read board "${boardNameOf(key)}" of the catalog: it is damaged; restore a backup`,
    )
  return board
}
