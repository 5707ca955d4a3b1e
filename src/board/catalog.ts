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
  decodeBoard,
  decodeLeftover,
  encodeBoard,
  encodeLeftover,
  LEFTOVERS_END,
  LEFTOVERS_START,
  type Leftover,
  leftoverIdOf,
  leftoverKey,
} from '../format/header.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import { SpanBudget } from '../rank/span.ts'
import { ROOT_ID } from '../rank/tree-storage.ts'
import type { Reader, Writer } from '../store/store.ts'
import { BoardStorageWriter } from './board-storage.ts'
import { clockOf } from './commit-clock.ts'
import type { BoardSpec } from './settings.ts'
import { BoardKeys, keyShapeOf, type Table } from './tables.ts'

/** The range of the notes about leftovers. */
export const LEFTOVERS: { start: Buffer; end: Buffer } = {
  start: LEFTOVERS_START,
  end: LEFTOVERS_END,
}

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

/**
 * Returns the boards that no name leads to and whose keys are not all gone. A note that is damaged, or
 * is about a board that a name leads to, is not believed: what it says would remove entries.
 */
export function listLeftovers(reader: Reader<Table>): { boardId: number; leftover: Leftover }[] {
  const named = new Set(listBoards(reader).map(({ id }) => id))
  const leftovers: { boardId: number; leftover: Leftover }[] = []
  for (const { key, value } of reader.pairs('meta', LEFTOVERS)) {
    const boardId = leftoverIdOf(key)
    const leftover = decodeLeftover(key, value)
    if (boardId === undefined || leftover === undefined || named.has(boardId)) continue
    leftovers.push({ boardId, leftover })
  }
  return leftovers
}

/** Adds an empty board that is not in the catalog. */
export function addBoard(writer: Writer<Table>, settings: BoardSpec): CatalogEntry {
  const clock = clockOf(writer)
  clock.willChange()
  // Settings that were looked up in the catalog come with a number, which is never given again.
  const board = { ...settings, id: clock.newBoardId() }
  putBoard(writer, board)
  const storage = new BoardStorageWriter(writer, new BoardKeys(board.id))
  const tree = new RankTreeWriter(storage, {
    cache: new Map(),
    budget: new SpanBudget(0),
    shape: keyShapeOf(board.shape),
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
  retireBoard(writer, board.id)
}

/**
 * Leaves the keys of a board to be swept. Its root goes at once: whoever reads the board sees by that
 * that it is gone.
 */
export function retireBoard(writer: Writer<Table>, boardId: number): void {
  writer.remove('ranks', new BoardKeys(boardId).node(ROOT_ID))
  noteLeftover(writer, boardId, { state: 'dropped' })
}

/** Notes what is to become of the keys of a board that no name leads to. */
export function noteLeftover(writer: Writer<Table>, boardId: number, leftover: Leftover): void {
  const key = leftoverKey(boardId)
  writer.put('meta', key, encodeLeftover(key, leftover))
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
