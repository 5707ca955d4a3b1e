/**
 * The store on LMDB: the one file that knows the package `lmdb`.
 *
 * How it is opened, and why:
 * - `overlappingSync: false`: with it, a power loss after a synchronous commit can corrupt the file,
 *   and readers see commits that are not on the disk yet.
 * - `eventTurnBatching: false`: its batches leave unhandled rejections when a commit fails.
 * - every table is a named database, and none is ever cleared: clearing the root one and filling it
 *   again aborts the process.
 * - writes go through `childTransaction` alone: `transaction` commits what a throwing callback had
 *   already written.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { assert } from '../assert.ts'
import { LadderError } from '../errors.ts'
import { NEW_STORE_BYTES } from '../limits.ts'
import { CommitGuard } from './commit-guard.ts'
import { CommitQueue, type Transaction } from './commit-queue.ts'
import { type Databases, HeldReader, LmdbReader, LmdbWriter } from './lmdb-transaction.ts'
import type { Database, Environment, HeldTransaction } from './lmdb-types.ts'
import { checkDataFile, checkFileSystem } from './preflight.ts'
import { Scans } from './scans.ts'
import type { Reader, Store, StoreSizes, Writer } from './store.ts'

const DATA_FILE = 'data.mdb'
const READERS_MAX = 512
const TABLES_MAX = 16
const OPEN_TRIES = 3
const PAUSE_MS = 20

/** Options of {@link openLmdbStore}. */
export interface LmdbStoreOptions<Table extends string> {
  tables: readonly Table[]
  readOnly: boolean
  create: boolean
  /** Do not sync the commit record: the last commit may be lost in a power cut. */
  relaxed: boolean
  /** Open it also where it lies on a network file system. */
  allowNetwork?: boolean
  /** What a new store holds from the beginning. */
  initial: readonly { table: Table; key: Uint8Array; value: Uint8Array }[]
}

/**
 * Opens the store in a directory.
 *
 * @throws {LadderError} `NO_STORE`, `NOT_A_STORE`, `CORRUPT`, `PERMISSION`, `BUSY`, `IO`.
 */
export function openLmdbStore<Table extends string>(
  path: string,
  options: LmdbStoreOptions<Table>,
): Store<Table> {
  const file = join(path, DATA_FILE)
  if (!existsSync(file)) {
    if (options.readOnly || !options.create) {
      throw new LadderError(
        'NO_STORE',
        `Cannot open ${path}: there is no store; check the path, or create one by submitting or importing`,
      )
    }
    createStore(path, options)
  }
  checkFileSystem(path, { isAllowed: options.allowNetwork === true })
  checkDataFile(file)
  const root = openEnvironment(path, options)
  try {
    if (options.readOnly) checkReaderLocks(root, path)
    return new LmdbStore(path, {
      root,
      databases: openTables(root, options),
      readOnly: options.readOnly,
    })
  } catch (error) {
    void root.close()
    if (error instanceof LadderError) throw error
    throw new LadderError(
      'NOT_A_STORE',
      `Cannot open ${file}: it is an LMDB file, but not a leaderboard store`,
      { cause: error },
    )
  }
}

// What LMDB says where pages are not what they should be.
const DAMAGE = /MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID)/

class LmdbStore<Table extends string> implements Store<Table> {
  readonly path: string
  readonly readOnly: boolean
  readonly #root: Environment
  readonly #parts: { databases: Databases<Table>; scans: Scans }
  readonly #held = new Set<HeldTransaction>()
  readonly #copies = new Set<Promise<unknown>>()
  readonly #current: LmdbReader<Table>
  readonly #first: Database
  readonly #queue: CommitQueue<Table>
  readonly #guard: CommitGuard
  #generations = 1
  #closing: Promise<void> | undefined

  constructor(
    path: string,
    parts: { root: Environment; databases: Databases<Table>; readOnly: boolean },
  ) {
    this.path = path
    this.readOnly = parts.readOnly
    this.#root = parts.root
    this.#parts = {
      databases: parts.databases,
      scans: new Scans(() => this.#closedError()),
    }
    this.#current = new LmdbReader(this.#parts, 1)
    this.#first = Object.values<Database>(parts.databases)[0] as Database
    this.#guard = new CommitGuard(path)
    this.#queue = new CommitQueue((work) => this.#transact(work))
    // Emitted by whichever table first reads after the shared snapshot was given back.
    for (const database of [parts.root, ...Object.values<Database>(parts.databases)]) {
      database.addListener('begin-transaction', () => this.#snapshotTaken())
    }
  }

  current(): Reader<Table> {
    this.#assertOpen()
    this.#first.ensureReadTxn()
    return this.#current
  }

  snapshot<T>(read: (reader: Reader<Table>) => T): T {
    const transaction = this.#begin()
    try {
      return read(new LmdbReader(this.#parts, ++this.#generations, transaction))
    } finally {
      transaction.done()
    }
  }

  async hold<T>(read: (reader: Reader<Table>) => Promise<T>): Promise<T> {
    const transaction = this.#begin()
    this.#held.add(transaction)
    try {
      return await read(new HeldReader(this.#parts, ++this.#generations, transaction))
    } finally {
      if (this.#held.delete(transaction)) transaction.done()
    }
  }

  async write<T>(job: (writer: Writer<Table>) => T): Promise<T> {
    this.#assertOpen()
    if (this.readOnly) throw this.readOnlyError()
    return this.#queue.add(job)
  }

  // Compacted always: a plain copy takes the write lock and carries half-used headers with it.
  async copy(directory: string): Promise<void> {
    this.#assertOpen()
    const copy = this.#root.backup(directory, true)
    this.#copies.add(copy)
    try {
      await copy
    } catch (cause) {
      const { message } = cause as Error
      const code = DAMAGE.test(message) ? 'CORRUPT' : 'IO'
      throw new LadderError(code, `Cannot copy ${this.path} to ${directory}: ${message}`, { cause })
    } finally {
      this.#copies.delete(copy)
    }
  }

  sizes(): StoreSizes {
    this.#assertOpen()
    const databases = Object.values<Database>(this.#parts.databases)
    return {
      fileBytes: statSync(join(this.path, DATA_FILE)).size,
      usedBytes: databases.reduce((sum, database) => sum + bytesOf(database), 0),
      readers: readersOf(this.#root),
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.allSettled([this.#queue.idle(), ...this.#copies])
    this.#parts.scans.endAll()
    for (const transaction of this.#held) transaction.done()
    this.#held.clear()
    await this.#guard.close(() => this.#root.close())
  }

  // The shared snapshot is renewed by this where nobody holds it yet.
  #begin(): HeldTransaction {
    this.#assertOpen()
    const transaction = this.#root.useReadTransaction()
    this.#snapshotTaken()
    return transaction
  }

  // Left to itself LMDB keeps the shared snapshot for a millisecond: long enough to miss what another
  // process has just said that it did. It is given back as soon as the running code is done.
  #snapshotTaken(): void {
    this.#current.generation = ++this.#generations
    queueMicrotask(() => {
      if (this.#closing === undefined) this.#root.resetReadTxn()
    })
  }

  readOnlyError(): LadderError {
    return new LadderError('READ_ONLY', `Cannot write to ${this.path}: it was opened read-only`)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw this.#closedError()
  }

  #closedError(): LadderError {
    return new LadderError('CLOSED', `Cannot use the store ${this.path}: it was closed`)
  }

  async #transact(work: (transaction: Transaction<Table>) => void): Promise<void> {
    const generation = ++this.#generations
    await this.#guard.watch((mayWork) => {
      return this.#root.childTransaction(() => {
        if (mayWork()) work(new LmdbWriter(this.#parts, generation))
      })
    })
  }
}

// The new file is made elsewhere and linked to its name when it is whole: no process ever sees half
// a store, and of two that create at once the second one opens what the first one made.
function createStore<Table extends string>(path: string, options: LmdbStoreOptions<Table>): void {
  const made = makeDirectory(path)
  checkFileSystem(path, { isAllowed: options.allowNetwork === true })
  checkRoom(path)
  const temporary = join(path, `.creating-${randomBytes(6).toString('hex')}`)
  mkdirSync(temporary, { mode: 0o700 })
  try {
    const root = openEnvironment(temporary, { ...options, relaxed: false })
    const databases = openTables(root, { ...options, create: true }, 'new')
    root.transactionSync(() => {
      for (const { table, key, value } of options.initial) databases[table].put(key, value)
      return undefined
    })
    void root.close()
    assert(root.status === 'closed', 'an environment without pending writes closes at once')
    chmodSync(join(temporary, DATA_FILE), 0o600)
    linkUnlessThere(join(temporary, DATA_FILE), join(path, DATA_FILE))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  syncDirectory(path)
  if (made !== undefined) syncDirectory(join(made, '..'))
}

function checkRoom(path: string): void {
  const { bavail, bsize } = statfsSync(path)
  if (bavail * bsize >= NEW_STORE_BYTES) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot create a store in ${path}: ${bavail * bsize} bytes are free, ${NEW_STORE_BYTES} are needed; free space`,
  )
}

function makeDirectory(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw failedToOpen(path, cause as NodeJS.ErrnoException)
  }
}

function linkUnlessThere(source: string, target: string): void {
  try {
    linkSync(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

// Opening can fail while another process opens or closes at the same moment: then it is tried again.
function openEnvironment(
  path: string,
  options: { readOnly: boolean; relaxed: boolean },
): Environment {
  for (let tries = 1; ; tries++) {
    try {
      const environment: unknown = open({
        path,
        readOnly: options.readOnly,
        noMetaSync: options.relaxed,
        overlappingSync: false,
        eventTurnBatching: false,
        noSubdir: false,
        keyEncoding: 'binary',
        encoding: 'binary',
        maxDbs: TABLES_MAX,
        maxReaders: READERS_MAX,
        // Undocumented in the package's types: the mode of the files that it creates.
        ...{ permissionsMode: 0o600 },
      })
      return environment as Environment
    } catch (cause) {
      if (tries === OPEN_TRIES) throw failedToOpen(path, cause as NodeJS.ErrnoException)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

function openTables<Table extends string>(
  root: Environment,
  options: LmdbStoreOptions<Table>,
  state: 'new' | 'existing' = 'existing',
): Databases<Table> {
  const databases: Partial<Databases<Table>> = {}
  for (const name of options.tables) {
    // In an existing file nothing is created: it may be somebody else's.
    const create = state === 'new'
    databases[name] = root.openDB({ name, keyEncoding: 'binary', encoding: 'binary', create })
  }
  return databases as Databases<Table>
}

function failedToOpen(path: string, cause: NodeJS.ErrnoException): LadderError {
  const isDenied = ['EACCES', 'EPERM', 13, 1].includes(cause.code ?? '')
  if (isDenied)
    return new LadderError(
      'PERMISSION',
      `Cannot open ${path}: permission denied; run as the user who owns it`,
      { cause },
    )
  return new LadderError('IO', `Cannot open ${path}: ${cause.message}`, { cause })
}

// Without the right to write the lock file LMDB reads without locks, and a writer tears what is read.
function checkReaderLocks(root: Environment, path: string): void {
  if (!root.readerList().includes('no reader locks')) return
  throw new LadderError(
    'PERMISSION',
    `Cannot open ${path}: its lock file is not writable, so a read could be torn; run as the user who owns it`,
  )
}

function bytesOf(database: Database): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = database.getStats()
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
}

// Lines of LMDB's reader list: pid, thread, transaction, the last one "-" where nothing is held.
function readersOf(root: Environment): { pid: number; lag: number }[] {
  const last = root.getStats().lastTxnId
  return [...root.readerList().matchAll(/^\s*(\d+)\s+\S+\s+(\d+|-)\s*$/gm)].map(([, pid, held]) => {
    return { pid: Number(pid), lag: held === '-' ? 0 : last - Number(held) }
  })
}
