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
import { accessSync, chmodSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { assert } from '../assert.ts'
import { LadderError } from '../errors.ts'
import { READER_CHECK_MS } from '../limits.ts'
import { CommitGuard } from './commit-guard.ts'
import { CommitQueue, type Transaction } from './commit-queue.ts'
import { bytesOf, checkReaderLocks, readersOf } from './environment-facts.ts'
import { Faults, failedToOpen, isDamage, isFullError, isPanic } from './faults.ts'
import {
  type Databases,
  HeldReader,
  LmdbReader,
  LmdbWriter,
  type StoreParts,
} from './lmdb-transaction.ts'
import type { Database, Environment, HeldTransaction } from './lmdb-types.ts'
import { Lockless } from './lockless.ts'
import { checkRoom, linkUnlessThere, makeDirectory, syncDirectory } from './new-files.ts'
import { checkDataFile, checkFileSystem, findPageProblems } from './preflight.ts'
import { Scans } from './scans.ts'
import type { Reader, Store, StoreSizes, Writer } from './store.ts'

const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'
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
  checkFileSystem(path)
  checkDataFile(file, options.tables)
  Lockless.assertNone(path, options)
  const { root, lockless } = openFiles(path, options)
  try {
    if (options.readOnly) checkReaderLocks(root, path)
    return new LmdbStore(path, {
      root,
      databases: openTables(root, options),
      readOnly: options.readOnly,
      lockless,
    })
  } catch (error) {
    void root.close()
    lockless?.close()
    if (error instanceof LadderError || isDamage(error)) throw failedToOpen(file, error)
    throw new LadderError(
      'NOT_A_STORE',
      `Cannot open ${file}: it is an LMDB file, but not a leaderboard store`,
      { cause: error },
    )
  }
}

// A reader makes no lock file where there is none.
function openFiles(
  path: string,
  options: { readOnly: boolean; relaxed: boolean },
): { root: Environment; lockless: Lockless | undefined } {
  if (options.readOnly && Lockless.isFor(path)) {
    const { opened, lockless } = Lockless.open(path, (directory) =>
      openEnvironment(directory, options),
    )
    return { root: opened, lockless }
  }
  if (!options.readOnly) checkWritable(path)
  return { root: openEnvironment(path, options), lockless: undefined }
}

// Looked at beforehand: where LMDB cannot open its files, its binding ends the process by a signal.
function checkWritable(path: string): void {
  const lock = join(path, LOCK_FILE)
  try {
    accessSync(join(path, DATA_FILE), constants.R_OK | constants.W_OK)
    accessSync(existsSync(lock) ? lock : path, constants.W_OK)
  } catch (cause) {
    throw failedToOpen(path, cause)
  }
}

class LmdbStore<Table extends string> implements Store<Table> {
  readonly path: string
  readonly readOnly: boolean
  readonly #root: Environment
  readonly #lockless: Lockless | undefined
  readonly #parts: StoreParts<Table>
  readonly #held = new Set<HeldTransaction>()
  readonly #copies = new Set<Promise<unknown>>()
  readonly #current: LmdbReader<Table>
  readonly #first: Database
  readonly #queue: CommitQueue<Table>
  readonly #guard: CommitGuard
  #generations = 1
  #readersChecked = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined

  constructor(
    path: string,
    parts: {
      root: Environment
      databases: Databases<Table>
      readOnly: boolean
      lockless: Lockless | undefined
    },
  ) {
    this.path = path
    this.readOnly = parts.readOnly
    this.#root = parts.root
    this.#lockless = parts.lockless
    this.#parts = {
      databases: parts.databases,
      scans: new Scans(() => this.#closedError()),
      faults: new Faults(path),
    }
    this.#current = new LmdbReader(this.#parts, 1)
    this.#first = Object.values<Database>(parts.databases)[0] as Database
    this.#guard = new CommitGuard(path, {
      dataFile: join(path, DATA_FILE),
      isPanicked: () => this.#isPanicked(),
    })
    this.#queue = new CommitQueue((work) => this.#transact(work))
    // Emitted by whichever table first reads after the shared snapshot was given back.
    for (const database of [parts.root, ...Object.values<Database>(parts.databases)]) {
      database.addListener('begin-transaction', () => this.#snapshotTaken())
    }
  }

  current(): Reader<Table> {
    this.#assertOpen()
    this.#lockless?.assertAlone()
    this.#named(() => this.#first.ensureReadTxn())
    return this.#current
  }

  snapshot<T>(read: (reader: Reader<Table>) => T): T {
    const transaction = this.#begin()
    try {
      const answer = read(new LmdbReader(this.#parts, ++this.#generations, transaction))
      this.#lockless?.assertAlone()
      return answer
    } finally {
      transaction.done()
    }
  }

  async hold<T>(read: (reader: Reader<Table>) => Promise<T>): Promise<T> {
    const transaction = this.#begin()
    this.#held.add(transaction)
    try {
      const answer = await read(new HeldReader(this.#parts, ++this.#generations, transaction))
      this.#lockless?.assertAlone()
      return answer
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
      this.#lockless?.assertAlone()
    } catch (cause) {
      if (cause instanceof LadderError) throw cause
      const { message } = cause as Error
      const code = isDamage(cause) ? 'CORRUPT' : isFullError(cause) ? 'DISK_FULL' : 'IO'
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

  findPageProblems(
    onTurn: (pages: { done: number; total: number }) => Promise<void>,
  ): Promise<string[]> {
    this.#assertOpen()
    return findPageProblems(join(this.path, DATA_FILE), onTurn)
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
    this.#lockless?.close()
  }

  // The shared snapshot is renewed by this where nobody holds it yet.
  #begin(): HeldTransaction {
    this.#assertOpen()
    const transaction = this.#named(() => this.#root.useReadTransaction())
    this.#snapshotTaken()
    return transaction
  }

  #named<T>(begin: () => T): T {
    try {
      return begin()
    } catch (error) {
      throw this.#parts.faults.named(error, 'begin to read')
    }
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

  // LMDB that has given up lets nobody begin to read any more.
  #isPanicked(): boolean {
    try {
      this.#root.resetReadTxn()
      this.#first.ensureReadTxn()
      return false
    } catch (error) {
      return isPanic(error)
    }
  }

  async #transact(work: (transaction: Transaction<Table>) => void): Promise<void> {
    const generation = ++this.#generations
    await this.#guard.watch((mayWork) => {
      return this.#root.childTransaction(() => {
        if (mayWork()) work(new LmdbWriter(this.#parts, generation))
      })
    })
    this.#clearReaders()
  }

  // A reader that was killed holds its snapshot until somebody looks: the file grows meanwhile.
  #clearReaders(): void {
    const now = performance.now()
    if (now - this.#readersChecked < READER_CHECK_MS) return
    this.#readersChecked = now
    this.#root.readerCheck()
  }
}

// The new file is made elsewhere and linked to its name when it is whole: no process ever sees half
// a store, and of two that create at once the second one opens what the first one made.
function createStore<Table extends string>(path: string, options: LmdbStoreOptions<Table>): void {
  const made = makeDirectory(path)
  checkFileSystem(path)
  checkRoom(path)
  const temporary = join(path, `.creating-${randomBytes(6).toString('hex')}`)
  try {
    mkdirSync(temporary, { mode: 0o700 })
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
    syncDirectory(path)
    if (made !== undefined) syncDirectory(join(made, '..'))
  } catch (cause) {
    throw failedToOpen(path, cause)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
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
