/**
 * An ordered key-value store with transactions and snapshots: what the layers above may rely on.
 *
 * - Tables hold byte keys in byte order. A key is at most 1,978 bytes. A file of an older version may
 *   lack some: they read as empty, and a transaction can add them.
 * - A reader shows one snapshot. Reads never wait for a writer.
 * - A write is a job that runs inside a transaction, alone in all processes. Jobs that are waiting
 *   share one commit. A job that throws leaves nothing behind and does not touch its neighbours.
 *   It may run more than once, so it must change nothing outside but what it registers with
 *   `afterCommit`.
 * - The promise of a write resolves when the commit is durable, and no reader sees it before.
 *
 * @module
 */

import type { LadderError } from '../ground/errors.ts'

/** A part of the keys of a table, in ascending order unless `reverse` is set. */
export interface Range {
  /** Included. Undefined is the first key. */
  start?: Uint8Array | undefined
  /** Not included. Undefined is past the last key. */
  end?: Uint8Array | undefined
  /** From the end to the start. */
  reverse?: boolean
  limit?: number
  /** Keys to leave out first. Cost: O(offset). */
  offset?: number
}

/** One key and its value. */
export interface Pair {
  key: Buffer
  value: Buffer
}

/** Reads of one snapshot. */
export interface Reader<Table extends string> {
  /** Changes when the snapshot may show other data than before. */
  readonly generation: number
  /** Whether the file has the table. One that it lacks reads as empty. */
  has(table: Table): boolean
  /** Returns a value, whose bytes are valid until the next call of `get`, or undefined. */
  get(table: Table, key: Uint8Array): Buffer | undefined
  /** Iterates keys. The bytes are copies. */
  keys(table: Table, range: Range): Iterable<Buffer>
  /** Iterates keys with their values. The bytes are copies. */
  pairs(table: Table, range: Range): Iterable<Pair>
  /** Calls `visitor` with each pair. The bytes are valid until it returns; it must not use the store. */
  visit(table: Table, range: Range, visitor: (key: Buffer, value: Buffer) => void): void
  /** Like `visit`, for keys alone. */
  visitKeys(table: Table, range: Range, visitor: (key: Buffer) => void): void
  /** Like `pairs`, for an iteration that may be suspended: closing the store ends it with `CLOSED`. */
  scan(table: Table, range: Range): Iterable<Pair>
  /** Returns how many keys lie in a range. Cost: O(answer). */
  count(table: Table, range: Range): number
}

/** Reads and writes of one transaction. */
export interface Writer<Table extends string> extends Reader<Table> {
  /** Makes the tables that the file lacks; with the transaction they stay or go. */
  addTables(): void
  put(table: Table, key: Uint8Array, value: Uint8Array): void
  /** Puts a key above all others of the table; faster than `put`. */
  append(table: Table, key: Uint8Array, value: Uint8Array): void
  /** Returns whether there was such a key. */
  remove(table: Table, key: Uint8Array): boolean
  /** Says that the job is about to change something, in the store or in what it will put later. */
  willChange(): void
  /**
   * What is kept for `owner` while the transaction lasts; made by `create` at the first call. What is asked for
   * with every change is made by a function that stands by itself: a new one for each call costs more than the call.
   */
  local<T extends object>(owner: object, create: (writer: Writer<Table>) => T): T
  /** Runs after the last job of the transaction, before its commit. What it throws refuses all jobs. */
  beforeCommit(action: () => void): void
  /**
   * Runs once the commit is durable, in front of the answer. It must not throw: what it throws is told as a
   * warning of the process, and neither the answer nor another action is lost.
   */
  afterCommit(action: () => void): void
}

/** Sizes of a store. */
export interface StoreSizes {
  fileBytes: number
  usedBytes: number
  readers: { pid: number; lag: number }[]
}

/** Size of a table. */
export interface TableSize {
  /** Those of its pages. */
  bytes: number
  entries: number
}

/** An open store. */
export interface Store<Table extends string> {
  readonly path: string
  readonly readOnly: boolean
  /** The error of a write on a store that was opened read-only. */
  readOnlyError(): LadderError
  /**
   * A reader of the newest snapshot; valid until the caller gives up control to the event loop.
   *
   * @throws {LadderError} `CLOSED`.
   */
  current(): Reader<Table>
  /** Runs `read` on a snapshot of its own, which may be older than what `current` shows later. */
  snapshot<T>(read: (reader: Reader<Table>) => T): T
  /** Like `snapshot` for long work that gives up control in between. A held snapshot makes the file grow. */
  hold<T>(read: (reader: Reader<Table>) => Promise<T>): Promise<T>
  /** Runs `job` in a transaction shared with other waiting jobs; resolves when it is durable. */
  write<T>(job: (writer: Writer<Table>) => T): Promise<T>
  /**
   * Runs `job` in a transaction of its own, in which it may wait and the event loop gets its turns. All
   * other writers wait until it is durable; if the job throws, nothing of it is stored.
   */
  writeAlone<T>(job: (writer: Writer<Table>) => Promise<T>): Promise<T>
  /** Copies one snapshot, compacted, into the data file of an empty directory; not flushed. */
  copy(directory: string): Promise<void>
  sizes(): StoreSizes
  /** What LMDB counts of one table. Cost: O(1). */
  sizeOf(table: Table): TableSize
  /**
   * Walks every page of the data file and answers in words all that is wrong with them. Where there is
   * something, reads may end the process by a signal. To be called while a snapshot is held. Cost:
   * reads the whole file; `onTurn` is called now and then, and waited for.
   */
  findPageProblems(
    onTurn: (pages: { done: number; total: number }) => Promise<void>,
  ): Promise<string[]>
  /** Waits for the writes that were begun, then closes. */
  close(): Promise<void>
}
