/**
 * Which boards there are.
 *
 * @module
 */

import { BoardStorageWriter } from '../board/board-storage.ts'
import { commitOf } from '../board/commit.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { BoardKeys, keyShapeOf, type Table } from '../format/keys.ts'
import {
  BOARDS_END,
  BOARDS_START,
  type BoardRecord,
  boardKey,
  boardNameOf,
  type CatalogEntry,
  decodeBoard,
  encodeBoard,
} from '../format/meta/board.ts'
import { boardChangeKey } from '../format/meta/board-change.ts'
import {
  decodeOrphan,
  encodeOrphan,
  ORPHANS_END,
  ORPHANS_START,
  type Orphan,
  orphanIdOf,
  orphanKey,
} from '../format/meta/orphan.ts'
import { rulesKey } from '../format/meta/rules.ts'
import { LadderError } from '../ground/errors.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import { SpanBudget } from '../rank/span-budget.ts'
import { ROOT_ID } from '../rank/tree-storage.ts'
import type { Reader, Writer } from '../store/store.ts'

/** The range of the notes about orphans. */
export const ORPHANS: { start: Buffer; end: Buffer } = {
  start: ORPHANS_START,
  end: ORPHANS_END,
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
export function listOrphans(reader: Reader<Table>): { boardId: number; orphan: Orphan }[] {
  const named = new Set(listBoards(reader).map(({ id }) => id))
  const orphans: { boardId: number; orphan: Orphan }[] = []
  for (const { key, value } of reader.pairs('meta', ORPHANS)) {
    const boardId = orphanIdOf(key)
    const orphan = decodeOrphan(key, value)
    if (boardId === undefined || orphan === undefined || named.has(boardId)) continue
    orphans.push({ boardId, orphan })
  }
  return orphans
}

/** Adds an empty board that is not in the catalog. */
export function addBoard(writer: Writer<Table>, settings: BoardSpec): CatalogEntry {
  const clock = commitOf(writer)
  clock.willChange()
  // Settings that were looked up in the catalog come with a number, which is never given again.
  const { windows: _, ...own } = settings
  const board = { ...own, id: clock.newBoardId() }
  putBoard(writer, board)
  makeTree(writer, board)
  return board
}

/** Makes the rank tree of a new board, which is empty. */
export function makeTree(
  writer: Writer<Table>,
  { id, shape }: Pick<CatalogEntry, 'id' | 'shape'>,
): void {
  const storage = new BoardStorageWriter(writer, new BoardKeys(id))
  const tree = new RankTreeWriter(storage, {
    cache: new Map(),
    budget: new SpanBudget(0),
    shape: keyShapeOf(shape),
    version: commitOf(writer).sequence,
  })
  tree.create()
  tree.flush()
}

/** Puts a board into the catalog, in place of the one of its name. */
export function putBoard(writer: Writer<Table>, board: CatalogEntry): void {
  const key = boardKey(board.name)
  writer.put('meta', key, encodeBoard(key, board))
}

/** Takes a board off the catalog; its keys stay until they are swept. */
export function removeBoard(writer: Writer<Table>, board: CatalogEntry): void {
  commitOf(writer).willChange()
  writer.remove('meta', boardKey(board.name))
  writer.remove('meta', boardChangeKey(board.id))
  writer.remove('meta', rulesKey(board.id))
  retireBoard(writer, board.id)
}

/**
 * Leaves the keys of a board to be swept. Its root goes at once: readers of the board see by that
 * that it is gone.
 */
export function retireBoard(writer: Writer<Table>, boardId: number): void {
  writer.remove('ranks', new BoardKeys(boardId).node(ROOT_ID))
  noteOrphan(writer, boardId, { state: 'dropped' })
}

/** Notes what is to become of the keys of a board that no name leads to. */
export function noteOrphan(writer: Writer<Table>, boardId: number, orphan: Orphan): void {
  const key = orphanKey(boardId)
  writer.put('meta', key, encodeOrphan(key, orphan))
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
