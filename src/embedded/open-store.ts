/**
 * What a board needs of its store.
 *
 * @module
 */

import type { BoardCache } from '../board/board-reader.ts'
import { BoardWriter } from '../board/board-writer.ts'
import { readCounters } from '../board/commit.ts'
import { type BoardSpec, settingsError } from '../domain/settings.ts'
import type { Table } from '../format/keys.ts'
import { toMicros } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import { SpanBudget } from '../rank/span.ts'
import type { Store, Writer } from '../store/store.ts'
import { findBoard, noBoard } from './catalog.ts'

/** The key-value store of all tables. */
export type TableStore = Store<Table>

/** An open store with what its boards share. */
export class OpenStore {
  readonly store: TableStore
  readonly storeId: string
  readonly futureAllowanceMs: number
  readonly #clock: () => number
  readonly #budget = new SpanBudget()
  readonly #caches = new Map<number, BoardCache>()

  constructor(
    store: TableStore,
    options: { storeId: string; futureAllowanceMs: number; clock: () => number },
  ) {
    this.store = store
    this.storeId = options.storeId
    this.futureAllowanceMs = options.futureAllowanceMs
    this.#clock = options.clock
  }

  /** The wall clock in whole microseconds since 1970. */
  nowMicros(): number {
    return Math.max(0, toMicros(this.#clock()))
  }

  /** Number of the last commit of any process; undefined where the store was closed. */
  sequence(): number | undefined {
    try {
      return readCounters(this.store.current()).sequence
    } catch (error) {
      if (error instanceof LadderError && error.code === 'CLOSED') return undefined
      throw error
    }
  }

  /** Returns the decoded nodes that all readers and writers of a board share. */
  cacheOf(boardId: number): BoardCache {
    let cache = this.#caches.get(boardId)
    if (cache === undefined) {
      cache = { nodes: new Map(), budget: this.#budget }
      this.#caches.set(boardId, cache)
    }
    return cache
  }

  forget(boardId: number): void {
    this.#caches.delete(boardId)
  }

  /**
   * Returns write access to a board, one for all jobs of a transaction.
   *
   * @throws {LadderError} `NO_BOARD`, `SETTINGS_DIFFER` where the board was dropped, or made anew
   *   with other settings, since it was opened.
   */
  writerOf(writer: Writer<Table>, expected: BoardSpec): BoardWriter {
    const writers = this.#writersOf(writer)
    let found = writers.get(expected.name)
    if (found === undefined) {
      const board = findBoard(writer, expected.name)
      if (board === undefined) throw noBoard(expected.name)
      found = new BoardWriter(writer, { board, cache: this.cacheOf(board.id) })
      writers.set(expected.name, found)
    }
    const error = settingsError(found.board, expected)
    if (error !== undefined) throw error
    return found
  }

  /**
   * Ends the work on a board in a transaction, before its name or its tree is made to mean something
   * else: jobs that follow look it up again.
   */
  settle(writer: Writer<Table>, name: string): void {
    const writers = this.#writersOf(writer)
    writers.get(name)?.settle()
    writers.delete(name)
  }

  #writersOf(writer: Writer<Table>): Map<string, BoardWriter> {
    return writer.local(this, () => new Map<string, BoardWriter>())
  }
}
