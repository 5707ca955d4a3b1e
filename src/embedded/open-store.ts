/**
 * What a board needs of its store.
 *
 * @module
 */

import type { BoardCache } from '../board/board-reader.ts'
import { BoardWriter } from '../board/board-writer.ts'
import { readCounters, readSequence } from '../board/commit.ts'
import { noBoard } from '../calls/no-board.ts'
import { settingsError } from '../domain/settings.ts'
import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { toMicros } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import { SpanBudget } from '../rank/span-budget.ts'
import type { Store, Writer } from '../store/store.ts'
import { findBoard } from './catalog.ts'
import type { NamedBoard } from './named-board.ts'
import { askedWindowsError } from './seasons/windows.ts'

/** The key-value store of all tables. */
export type TableStore = Store<Table>

/** One who reads the log on and on. */
export interface Follower {
  /** The seq of the first record that was not read yet. */
  next: number
}

/** An open store with what its boards share. */
export class OpenStore {
  readonly store: TableStore
  readonly storeId: string
  readonly futureAllowanceMs: number
  /** Who reads the log in this process, and what of it each has yet to read. */
  readonly followers: Set<Follower> = new Set()
  /** Changes that take several transactions, and that closing waits for. */
  readonly works: Set<Promise<unknown>> = new Set()
  /** Whether the changes of a log are made again: it tells of seasons that begin, end and are sealed. */
  isReplay = false
  readonly #clock: () => number
  readonly #budget: SpanBudget
  readonly #caches = new Map<number, BoardCache>()
  readonly #seasonsOwner = {}

  constructor(
    store: TableStore,
    options: {
      storeId: string
      futureAllowanceMs: number
      cacheBytes?: number | undefined
      clock: () => number
    },
  ) {
    this.store = store
    this.storeId = options.storeId
    this.futureAllowanceMs = options.futureAllowanceMs
    this.#clock = options.clock
    this.#budget = new SpanBudget(options.cacheBytes)
  }

  /**
   * The wall clock in whole microseconds since 1970.
   *
   * @throws {LadderError} `CLOCK` if it tells a time that cannot be stored.
   */
  nowMicros(): number {
    return toMicros(this.#clock())
  }

  /** Does work that is more than one transaction, and that closing waits for as for any other write. */
  async whole<T>(work: () => Promise<T>): Promise<T> {
    const done = work()
    this.works.add(done)
    try {
      return await done
    } finally {
      this.works.delete(done)
    }
  }

  /** The latest time that an import takes: after now, or after the last time given if that is later. */
  latestMicros(allowanceMs: number = this.futureAllowanceMs): number {
    const { lastMicros } = readCounters(this.store.current())
    return Math.max(this.nowMicros(), lastMicros) + allowanceMs * 1000
  }

  /** Number of the last commit of any process; undefined where the store was closed. */
  sequence(): number | undefined {
    try {
      return readSequence(this.store.current())
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
   * Returns write access to a board, one for all jobs of a transaction; undefined if the board does not
   * exist yet.
   *
   * @throws {LadderError} `NO_BOARD` if the board was dropped since the handle saw it, `SETTINGS_DIFFER`
   *   if it has other settings than the handle takes it for.
   */
  writerOf(writer: Writer<Table>, board: NamedBoard): BoardWriter | undefined {
    const found = this.writerOfName(writer, board.name)
    if (found === undefined) {
      if (board.wasThereIn(writer)) throw noBoard(board.name)
      return undefined
    }
    const error = settingsError(found.board, board.spec)
    if (error !== undefined) throw error
    if (!board.wasThereIn(writer)) {
      const missing = askedWindowsError(writer, found.board, board.asked)
      if (missing !== undefined) throw missing
    }
    board.noteThereIn(writer)
    return found
  }

  /** Returns write access to the board of a name, one for all jobs of a transaction, or undefined. */
  writerOfName(writer: Writer<Table>, name: string): BoardWriter | undefined {
    const writers = this.#writersOf(writer)
    let found = writers.get(name)
    if (found === undefined) {
      const board = findBoard(writer, name)
      if (board === undefined) return undefined
      found = new BoardWriter(writer, { board, cache: this.cacheOf(board.id) })
      writers.set(name, found)
    }
    return found
  }

  /** Returns write access to a season, which is a board without a name, one for all jobs of a transaction. */
  writerOfSeason(writer: Writer<Table>, season: CatalogEntry): BoardWriter {
    const seasons = this.#seasonsOf(writer)
    let found = seasons.get(season.id)
    if (found === undefined) {
      found = new BoardWriter(writer, { board: season, cache: this.cacheOf(season.id) })
      seasons.set(season.id, found)
    }
    return found
  }

  /** Ends the work on a season in a transaction, before it is taken away. */
  settleSeason(writer: Writer<Table>, seasonBoardId: number): void {
    const seasons = this.#seasonsOf(writer)
    seasons.get(seasonBoardId)?.settle()
    seasons.delete(seasonBoardId)
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
    return writer.local(this, newMap<string>)
  }

  #seasonsOf(writer: Writer<Table>): Map<number, BoardWriter> {
    return writer.local(this.#seasonsOwner, newMap<number>)
  }
}

function newMap<K>(): Map<K, BoardWriter> {
  return new Map()
}
