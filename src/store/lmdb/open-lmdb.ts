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
 * The package is loaded by the first opening, so a worker thread, which is refused, never loads it.
 * Walls 10, 11 and 16 of ../DESIGN.md.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import { makeDirectories } from '../../ground/places.ts'
import { errnoOf } from '../../ground/system-errors.ts'
import { checkDataFile, checkFileSystem } from '../datafile/preflight.ts'
import type { Store } from '../store.ts'
import { failedToOpen, isDamage } from './faults.ts'
import { FileOpenings, type OpenFile } from './file-openings.ts'
import { assertRoomForStore } from './free-space.ts'
import { checkReaderLocks } from './lmdb-status.ts'
import { LmdbStore } from './lmdb-store.ts'
import type { Databases } from './lmdb-transaction.ts'
import type { Database, Environment } from './lmdb-types.ts'
import { assertMainThread } from './main-thread.ts'
import { assertNoForeignFiles, linkUnlessThere, syncDirectory } from './new-files.ts'
import { releaseAtExit } from './process-exit.ts'
import { noteOpening, type Opening } from './process-openings.ts'
import { UnlockedReading } from './unlocked-reading.ts'

type Lmdb = typeof import('lmdb') & {
  nativeAddon: { getEnvFlags(address: number): number }
}

const load = createRequire(import.meta.url)

const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'
const READERS_MAX = 512
const TABLES_MAX = 16
// Overlapping sync and no sync, as LMDB numbers them.
const NOT_SAFE = 0x1000 | 0x1_0000
const OPEN_TRIES = 3
// Lock file, data file, and the data file once more for synced writes; one to spare.
const OPEN_FILES = 4
const PAUSE_MS = 20

/** Options of {@link openLmdbStore}. */
export interface LmdbStoreOptions<Table extends string> {
  tables: readonly Table[]
  /** Those of them that a file must have; the others may be added later. */
  required: readonly Table[]
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
 * @throws {LadderError} `NO_STORE`, `NOT_A_STORE`, `CORRUPT`, `PERMISSION`, `BUSY`, `IO`,
 *   `NOT_MAIN_THREAD`.
 */
export function openLmdbStore<Table extends string>(
  path: string,
  options: LmdbStoreOptions<Table>,
): Store<Table> {
  assertMainThread(path)
  const file = join(path, DATA_FILE)
  if (!isThere(path, file)) {
    if (options.readOnly || !options.create)
      throw new LadderError(
        'NO_STORE',
        `Cannot open ${path}: there is no store; check the path, or create one first`,
      )
    createStore(path, options)
  }
  checkFileSystem(path, { isAllowed: options.allowNetwork === true })
  checkDataFile(file, options.required)
  UnlockedReading.assertNone(path, options)
  const opening = noteOpening(file, options)
  try {
    return openNoted(path, options, opening)
  } catch (error) {
    opening.forget()
    throw error
  }
}

// Whether there is a data file. A path that cannot be looked at is not one without a store.
function isThere(path: string, file: string): boolean {
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status?.isDirectory() === false) throw notADirectory(path, 'it is a file')
    return status !== undefined && statSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    if (errnoOf(cause) === 'ENOTDIR') throw notADirectory(path, 'a part of the path is a file')
    throw failedToOpen(path, cause)
  }
}

function notADirectory(path: string, problem: string): LadderError {
  return new LadderError(
    'NOT_A_STORE',
    `Cannot open ${path}: ${problem}, and a store is a directory; name another path`,
  )
}

function openNoted<Table extends string>(
  path: string,
  options: LmdbStoreOptions<Table>,
  opening: Opening,
): Store<Table> {
  const onClosed = opening.forget
  if (opening.found !== undefined) {
    const openings = (opening.found as unknown as FileOpenings<Table>).share()
    return new LmdbStore(path, { openings, unlocked: undefined, onClosed })
  }
  const { root, unlocked } = openFiles(path, options)
  const roots = [root]
  try {
    if (options.readOnly && unlocked === undefined) checkReaderLocks(root, path)
    const reading = { root, tables: openTables(root, options) }
    const writing = options.readOnly ? undefined : openToWrite(path, options, roots)
    const openings = new FileOpenings<Table>(reading, {
      writing,
      relaxed: options.relaxed,
      names: options.tables,
      openTable,
    })
    if (!options.readOnly) opening.made(openings as unknown as FileOpenings<string>)
    return new LmdbStore(path, { openings, unlocked, onClosed })
  } catch (error) {
    for (const opened of roots) void opened.close()
    unlocked?.close()
    const file = join(path, DATA_FILE)
    if (error instanceof LadderError || isDamage(error)) throw failedToOpen(file, error)
    throw new LadderError(
      'NOT_A_STORE',
      `Cannot open ${file}: it is an LMDB file, but not a leaderboard store`,
      { cause: error },
    )
  }
}

// What it opens is added to `roots`, for the caller, who must close it if a table cannot be opened.
function openToWrite<Table extends string>(
  path: string,
  options: LmdbStoreOptions<Table>,
  roots: Environment[],
): OpenFile<Table> {
  const root = openEnvironment(path, options)
  roots.push(root)
  releaseAtExit(root)
  return { root, tables: openTables(root, options) }
}

// A reader makes no lock file if there is none.
function openFiles(
  path: string,
  options: { readOnly: boolean; relaxed: boolean },
): { root: Environment; unlocked: UnlockedReading | undefined } {
  if (options.readOnly && UnlockedReading.isFor(path)) {
    const { opened, unlocked } = UnlockedReading.open(path, (directory) =>
      openEnvironment(directory, options),
    )
    return { root: opened, unlocked }
  }
  if (!options.readOnly) checkWritable(path)
  return { root: openEnvironment(path, options), unlocked: undefined }
}

// Looked at beforehand: where LMDB cannot open its files, its binding frees memory twice, which may end the process by
// a signal. So are the files that the process may still open.
function checkFilesLeft(): void {
  const files: number[] = []
  try {
    while (files.length < OPEN_FILES) files.push(openSync(devNull, 'r'))
  } finally {
    for (const file of files) closeSync(file)
  }
}

// Likewise.
function checkWritable(path: string): void {
  const lock = join(path, LOCK_FILE)
  try {
    accessSync(join(path, DATA_FILE), constants.R_OK | constants.W_OK)
    accessSync(existsSync(lock) ? lock : path, constants.W_OK)
  } catch (cause) {
    throw failedToOpen(path, cause)
  }
}

// The new file is made elsewhere and linked to its name when it is whole: no process ever sees half
// a store, and of two that create at once the second one opens what the first one made.
function createStore<Table extends string>(path: string, options: LmdbStoreOptions<Table>): void {
  const made = makeDirectories(`Cannot create a store in ${path}`, path)
  if (made === undefined) assertNoForeignFiles(path)
  checkFileSystem(path, { isAllowed: options.allowNetwork === true })
  assertRoomForStore(path)
  const temporary = join(path, `.creating-${randomBytes(6).toString('hex')}`)
  try {
    mkdirSync(temporary, { mode: 0o700 })
    const root = openEnvironment(temporary, { ...options, relaxed: false })
    const databases = openTables(root, { ...options, create: true }, 'new')
    root.transactionSync(() => {
      for (const { table, key, value } of options.initial) databases[table]?.put(key, value)
      return undefined
    })
    void root.close()
    assert(root.status === 'closed', 'LMDB without pending writes closes at once')
    chmodSync(join(temporary, DATA_FILE), 0o600)
    linkUnlessThere(join(temporary, DATA_FILE), join(path, DATA_FILE))
    syncDirectory(path)
    if (made !== undefined) syncDirectory(join(made, '..'))
  } catch (cause) {
    throw failedToOpen(path, cause)
  } finally {
    removeIfPossible(temporary)
  }
}

// What stays must not hide why the work failed; it does no harm.
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {}
}

function openEnvironment(
  path: string,
  options: { readOnly: boolean; relaxed: boolean },
): Environment {
  const lmdb = load('lmdb') as Lmdb
  const root = tryToOpen(lmdb, path, options)
  // Read back: LMDB keeps the flags of the first opening of the file in this process.
  const flags = lmdb.nativeAddon.getEnvFlags(root.env.address)
  assert((flags & NOT_SAFE) === 0, 'commits are synced one by one, with their data')
  // Every store that shares an opening listens to it.
  return root.setMaxListeners(0)
}

// Opening can fail while another process opens or closes at the same moment: then it is tried again.
function tryToOpen(
  lmdb: Lmdb,
  path: string,
  options: { readOnly: boolean; relaxed: boolean },
): Environment {
  for (let tries = 1; ; tries++) {
    try {
      checkFilesLeft()
      const root: unknown = lmdb.open({
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
      return root as Environment
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
  const databases: Databases<Table> = {}
  // In an existing file nothing is created: it may be somebody else's, or of an older version.
  const create = state === 'new'
  const found = create ? new Set<string>(options.tables) : namesIn(root)
  for (const name of options.tables) {
    if (found.has(name) || options.required.includes(name))
      databases[name] = openTable(root, { name, create })
  }
  return databases
}

function openTable(root: Environment, options: { name: string; create: boolean }): Database {
  const database = root.openDB({ ...options, keyEncoding: 'binary', encoding: 'binary' })
  // Every store that shares an opening listens to it.
  return database.setMaxListeners(0)
}

// LMDB's package ends the names of tables with a zero byte.
function namesIn(root: Environment): Set<string> {
  const names = new Set<string>()
  for (const key of root.getKeys({ start: Buffer.from([0]) }))
    names.add(key.toString().replace(/\0$/, ''))
  return names
}
