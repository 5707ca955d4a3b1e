/**
 * What the store uses of the package `lmdb` 3.5.6, typed as it behaves: the package's own types
 * leave out some of it and promise other things than it does.
 *
 * @module
 */

import type { EventEmitter } from 'node:events'

/** A read transaction that was asked for; `done` gives its snapshot back. */
export interface HeldTransaction {
  done(): void
}

/** Options of a range. In reverse, `start` is the upper end. */
export interface LmdbRange {
  start: Uint8Array
  end?: Uint8Array
  reverse?: boolean
  exclusiveStart?: boolean
  inclusiveEnd?: boolean
  limit?: number
  offset?: number
  transaction?: HeldTransaction
}

/** A named database. */
export interface Database extends EventEmitter {
  /** The bytes are overwritten by the next call; `length` is right, `byteLength` is not. */
  getBinaryFast(key: Uint8Array, options?: { transaction: HeldTransaction }): Buffer | undefined
  getKeys(range: LmdbRange): Iterable<Buffer>
  getRange(range: LmdbRange): Iterable<{ key: Buffer; value: Buffer }>
  getKeysCount(range: LmdbRange): number
  /** Called by iterations for each key; `bytes` is one buffer, overwritten by the next step. */
  readKey(bytes: Buffer, start: number, end: number): Buffer
  /** Only inside a transaction. */
  put(key: Uint8Array, value: Uint8Array, options?: { append: true }): unknown
  removeSync(key: Uint8Array): boolean
  /** Takes the shared snapshot if it was given back; emits `begin-transaction` then. */
  ensureReadTxn(): void
  /** Gives the shared snapshot back: the next read takes the newest. */
  resetReadTxn(): void
  getStats(): DatabaseStats
  /** The part that is written in C++. Undocumented. */
  readonly db: { stat(): DatabaseStats }
}

/** The part of an environment that is written in C++. Undocumented. */
export interface NativeEnvironment {
  readonly address: number
  /** Has a thread write; `onProgress` is called when it waits for callbacks, and at the end. */
  startWriting(address: number, onProgress: (status: number) => unknown): void
  /** Lets the thread go on when a transaction that took several turns was filled. */
  resumeWriting(): void
  /** Drops the innermost transaction that is being filled. */
  abortTxn(): void
}

/** The environment, which is also the root database. */
export interface Environment extends Database {
  readonly env: NativeEnvironment
  status: string
  openDB(options: {
    name: string
    keyEncoding: 'binary'
    encoding: 'binary'
    create: boolean
  }): Database
  /**
   * Runs `action` and rolls back where it throws or rejects. Until its promise resolves, every read
   * through this opening shows what it has written.
   */
  childTransaction(action: () => void | Promise<void>): Promise<void>
  /** Runs `action`, which must return undefined, and returns when it is on the disk. */
  transactionSync(action: () => undefined): void
  /** Copies one snapshot into the data file of a directory, on another thread. */
  backup(directory: string, compact: true): Promise<void>
  useReadTransaction(): HeldTransaction
  readerList(): string
  readerCheck(): number
  close(): Promise<void>
}

/** Sizes of a database, in pages, and of its environment. */
export interface DatabaseStats {
  pageSize: number
  treeBranchPageCount: number
  treeLeafPageCount: number
  overflowPages: number
  entryCount: number
  /** Number of the environment's last transaction. */
  lastTxnId: number
}
