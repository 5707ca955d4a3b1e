/**
 * Which board a number in the log means: one of the catalog, or one that was dropped.
 *
 * @module
 */

import { ownBytes } from '../../format/bytes.ts'
import type { Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  decodePastBoard,
  encodePastBoard,
  PAST_BOARDS_END,
  PAST_BOARDS_START,
  type PastBoard,
  pastBoardKey,
} from '../../format/meta/past-board.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { findBoard, listBoards } from '../catalog.ts'

/** Keeps the name and the settings of a board that is being dropped for the records about it. */
export function keepPastBoard(writer: Writer<Table>, past: PastBoard): void {
  const key = pastBoardKey(past.board.id)
  writer.put('meta', key, encodePastBoard(key, past))
}

/** Returns the boards that were dropped and that the log may speak of. */
export function listPastBoards(reader: Reader<Table>): PastBoard[] {
  const range = { start: PAST_BOARDS_START, end: PAST_BOARDS_END }
  return [...reader.pairs('meta', range)].map(({ key, value }) => pastBoardOf(key, value))
}

/** The boards of one snapshot by their numbers. Each is looked up once. */
export class BoardsById {
  readonly #reader: Reader<Table>
  readonly #known = new Map<number, CatalogEntry | undefined>()
  #isListed = false

  constructor(reader: Reader<Table>) {
    this.#reader = reader
  }

  /** Returns the board of a number, or undefined. Cost: the first one not dropped reads the catalog. */
  find(boardId: number): CatalogEntry | undefined {
    if (!this.#known.has(boardId)) this.#known.set(boardId, this.#look(boardId))
    return this.#known.get(boardId)
  }

  /** Returns the numbers of all boards that have, or had, a name. */
  idsOf(name: string): Set<number> {
    const ids = new Set<number>()
    const board = findBoard(this.#reader, name)
    if (board !== undefined) this.#known.set(board.id, board)
    if (board !== undefined) ids.add(board.id)
    for (const past of listPastBoards(this.#reader))
      if (past.board.name === name) ids.add(past.board.id)
    return ids
  }

  #look(boardId: number): CatalogEntry | undefined {
    const key = pastBoardKey(boardId)
    const value = this.#reader.get('meta', key)
    if (value !== undefined) return pastBoardOf(key, ownBytes(value)).board
    if (!this.#isListed)
      for (const board of listBoards(this.#reader)) this.#known.set(board.id, board)
    this.#isListed = true
    return this.#known.get(boardId)
  }
}

function pastBoardOf(key: Buffer, value: Buffer): PastBoard {
  const past = decodePastBoard(key, value)
  if (past !== undefined) return past
  throw new LadderError(
    'CORRUPT',
    'Cannot read a dropped board that the log speaks of: the record is damaged; restore a backup',
  )
}
