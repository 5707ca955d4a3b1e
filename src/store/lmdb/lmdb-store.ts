/**
 * The store on open files of LMDB: snapshots, writes and what keeps them apart.
 * Walls 7, 8 and 19 of ../DESIGN.md.
 *
 * @module
 */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../ground/assert.ts'
import { namingCaller } from '../../ground/call-site.ts'
import { LadderError } from '../../ground/errors.ts'
import { READER_CHECK_COMMITS, READER_CHECK_MS } from '../../ground/limits.ts'
import { fileError, inWordsNow } from '../../ground/system-errors.ts'
import { CallSites } from '../call-sites.ts'
import { CommitQueue, type Transaction } from '../commit-queue.ts'
import { findPageProblems } from '../datafile/preflight.ts'
import { Scans } from '../scans.ts'
import type { Reader, Store, StoreSizes, TableSize, Writer } from '../store.ts'
import { afterCommit } from './after-commit.ts'
import { CommitWatchdog } from './commit-watchdog.ts'
import { Faults, isDamage, isPanic } from './faults.ts'
import type { FileOpenings, OpenFile } from './file-openings.ts'
import { bytesOf, readersOf, tableSizeOf } from './lmdb-status.ts'
import {
  databasesOf,
  HeldReader,
  LmdbReader,
  LmdbWriter,
  type StoreParts,
} from './lmdb-transaction.ts'
import type { Database, Environment, HeldTransaction } from './lmdb-types.ts'
import type { UnlockedReading } from './unlocked-reading.ts'

const DATA_FILE = 'data.mdb'
const ANY_KEY = Buffer.from([0])

/** An open store. */
export class LmdbStore<Table extends string> implements Store<Table> {
  readonly path: string
  readonly readOnly: boolean
  readonly #openings: FileOpenings<Table>
  readonly #root: Environment
  readonly #unlocked: UnlockedReading | undefined
  readonly #onClosed: () => void
  readonly #parts: StoreParts<Table>
  readonly #held = new Set<HeldTransaction>()
  readonly #copies = new Set<Promise<unknown>>()
  readonly #current: LmdbReader<Table>
  readonly #first: Database
  readonly #queue: CommitQueue<Table>
  readonly #watchdog: CommitWatchdog
  readonly #callSites = new CallSites()
  #generations = 1
  #commits = 0
  #readersChecked = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined

  constructor(
    path: string,
    options: {
      openings: FileOpenings<Table>
      unlocked: UnlockedReading | undefined
      onClosed: () => void
    },
  ) {
    const { reading, writing } = options.openings
    this.path = path
    this.readOnly = writing === undefined
    this.#openings = options.openings
    this.#root = reading.root
    this.#unlocked = options.unlocked
    this.#onClosed = options.onClosed
    this.#parts = {
      path,
      databases: reading.tables,
      isInFile: (table, transaction) => isNamedIn(reading.root, table, transaction),
      make: () => assert(false, 'only a transaction adds tables'),
      scans: new Scans(() => this.#closedError()),
      faults: new Faults(path),
    }
    this.#current = new LmdbReader(this.#parts, 1)
    this.#first = databasesOf(reading.tables)[0] as Database
    this.#watchdog = new CommitWatchdog(path, {
      dataFile: join(path, DATA_FILE),
      isPanicked: () => this.#isPanicked(),
    })
    this.#queue = new CommitQueue({
      path: this.path,
      transact: (work) => this.#openings.alone(() => this.#transact(work)),
      mayGoOn: () => this.#watchdog.hasAmpleRoom,
    })
    // Emitted by whichever table first reads after the shared snapshot was given back.
    for (const database of this.#readDatabases()) this.#listenTo(database)
    this.#openings.onTable.add(this.#listenTo)
  }

  // The shared snapshot, which lives until the running code is done. Whether this process reads alone is asked each time,
  // because another may come between two turns.
  current(): Reader<Table> {
    this.#assertOpen()
    this.#unlocked?.assertAlone()
    this.#named(() => this.#first.ensureReadTxn())
    return this.#current
  }

  // A snapshot of its own. If a writer came while a file without a lock was read, pages may have been torn: the answer
  // is then thrown away, so the question is asked again behind the read.
  snapshot<T>(read: (reader: Reader<Table>) => T): T {
    const transaction = this.#begin()
    try {
      const answer = read(new LmdbReader(this.#partsNow(), ++this.#generations, transaction))
      this.#unlocked?.assertAlone()
      return answer
    } finally {
      this.#end(transaction)
    }
  }

  // The same across turns of the event loop. While it is held, no page that others free can be used again.
  async hold<T>(read: (reader: Reader<Table>) => Promise<T>): Promise<T> {
    const transaction = this.#begin()
    try {
      const answer = await read(new HeldReader(this.#partsNow(), ++this.#generations, transaction))
      this.#unlocked?.assertAlone()
      return answer
    } finally {
      this.#end(transaction)
    }
  }

  // The site of the call is taken now: the stack of a failure in the queue begins in the queue.
  write<T>(job: (writer: Writer<Table>) => T): Promise<T> {
    try {
      this.#assertWritable()
    } catch (error) {
      return Promise.reject(error)
    }
    return namingCaller(this.#queue.add(job), this.#callSites.take(this.write))
  }

  async writeAlone<T>(job: (writer: Writer<Table>) => Promise<T>): Promise<T> {
    this.#assertWritable()
    return await namingCaller(this.#queue.addAlone(job), this.#callSites.take(this.writeAlone))
  }

  #assertWritable(): void {
    this.#assertOpen()
    if (this.readOnly) throw this.readOnlyError()
  }

  // Compacted always: a plain copy takes the write lock and carries half-used headers with it.
  async copy(directory: string): Promise<void> {
    this.#assertOpen()
    const copy = this.#root.backup(directory, true)
    this.#copies.add(copy)
    try {
      await copy
      this.#unlocked?.assertAlone()
    } catch (cause) {
      throw this.#copyError(directory, cause)
    } finally {
      this.#copies.delete(copy)
    }
  }

  #copyError(directory: string, cause: unknown): unknown {
    const action = `Cannot copy ${this.path} to ${directory}`
    if (isDamage(cause)) return this.#parts.faults.damaged('copy the pages', String(cause), cause)
    const told = fileError(action, cause)
    if (told instanceof LadderError) return told
    const { message } = cause as Error
    return new LadderError('IO', `${action}: ${message}; check the disk and try again`, { cause })
  }

  sizes(): StoreSizes {
    this.#assertOpen()
    const file = join(this.path, DATA_FILE)
    const databases = databasesOf(this.#parts.databases)
    return {
      fileBytes: inWordsNow(`Cannot measure ${this.path}`, () => statSync(file)).size,
      usedBytes: databases.reduce((sum, database) => sum + bytesOf(database), 0),
      readers: readersOf(this.#root),
    }
  }

  sizeOf(table: Table): TableSize {
    this.#assertOpen()
    const database = this.#parts.databases[table]
    return database === undefined ? { bytes: 0, entries: 0 } : tableSizeOf(database)
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

  // The order matters: jobs and copies first, then readers, whose scans must not touch an environment that is gone,
  // then the environment, and last the note that this process has the file open.
  async #close(): Promise<void> {
    // Without anything under way it closes at once, and an opening in the same turn finds it closed.
    if (!this.#queue.isIdle || this.#copies.size > 0)
      await Promise.allSettled([this.#queue.idle(), ...this.#copies])
    this.#parts.scans.endAll()
    for (const transaction of this.#held) transaction.done()
    this.#held.clear()
    this.#openings.onTable.delete(this.#listenTo)
    for (const database of this.#readDatabases())
      database.removeListener('begin-transaction', this.#snapshotTaken)
    const closing = this.#watchdog.close(() => this.#openings.close())
    if (!this.#openings.isClosed) await closing
    this.#unlocked?.close()
    this.#onClosed()
    await closing
  }

  readonly #listenTo = (database: Database): void => {
    database.addListener('begin-transaction', this.#snapshotTaken)
  }

  // With the tables of a snapshot that begins now: LMDB refuses it those that are added later.
  #partsNow(): StoreParts<Table> {
    return { ...this.#parts, databases: { ...this.#parts.databases } }
  }

  // The shared snapshot is renewed by this where nobody holds it yet.
  #begin(): HeldTransaction {
    this.#assertOpen()
    const transaction = this.#named(() => this.#root.useReadTransaction())
    this.#snapshotTaken()
    this.#held.add(transaction)
    return transaction
  }

  // Closing has ended those that were held.
  #end(transaction: HeldTransaction): void {
    if (this.#held.delete(transaction)) transaction.done()
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
  readonly #snapshotTaken = (): void => {
    this.#current.generation = ++this.#generations
    queueMicrotask(() => {
      if (this.#closing === undefined) this.#root.resetReadTxn()
    })
  }

  // All that may begin the shared snapshot: each of them tells of it by an event of its own.
  #readDatabases(): Database[] {
    return [this.#root, ...databasesOf(this.#parts.databases)]
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

  // LMDB that has given up lets nobody read who has not begun before. A read begins with the first get.
  #isPanicked(): boolean {
    try {
      this.#root.resetReadTxn()
      this.#first.getBinaryFast(ANY_KEY)
      return false
    } catch (error) {
      return isPanic(error)
    }
  }

  // One transaction of the queue. Tables that it makes are known to later ones only when it is committed, so it works on
  // a copy of the list.
  async #transact(work: (transaction: Transaction<Table>) => void | Promise<void>): Promise<void> {
    const openings = this.#openings
    const { root, tables } = openings.writing as OpenFile<Table>
    const databases = { ...tables }
    const make = (): void => openings.makeTables(databases)
    const isInFile = (table: Table): boolean => isNamedIn(root, table)
    const parts = { ...this.#parts, databases, make, isInFile }
    const generation = ++this.#generations
    let onWorked = (): void => undefined
    const worked = new Promise<void>((resolve) => {
      onWorked = resolve
    })
    await this.#watchdog.watch((mayWork) => {
      return root.childTransaction(() => {
        if (!mayWork()) return
        const working = work(new LmdbWriter(parts, generation))
        if (working === undefined) onWorked()
        return working?.finally(onWorked)
      })
    }, worked)
    afterCommit(this.path, () => openings.keepTables(databases))
    // A caller that is told of the commit reads what it brought.
    afterCommit(this.path, () => this.#root.resetReadTxn())
    afterCommit(this.path, () => this.#clearReaders())
  }

  // A reader that was killed holds its snapshot until somebody looks: the file grows meanwhile.
  #clearReaders(): void {
    const now = performance.now()
    const isDue = ++this.#commits % READER_CHECK_COMMITS === 0
    if (!isDue && now - this.#readersChecked < READER_CHECK_MS) return
    this.#readersChecked = now
    this.#root.readerCheck()
  }
}

// The names of tables are keys of the root database, ended by a zero byte.
function isNamedIn(
  root: Environment,
  table: string,
  options?: { transaction: HeldTransaction },
): boolean {
  const keys = root.getKeys({ start: Buffer.from(`${table}\0`), limit: 1, ...options })
  for (const key of keys) return key.toString() === `${table}\0`
  return false
}
