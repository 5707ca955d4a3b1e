/**
 * A look at the data file before LMDB sees it: opening anything else ends the process by a signal,
 * which no caller can catch. Wall 5 of ../DESIGN.md.
 *
 *     page 0   | page header 24 | magic 4 | version 4 | … @40 map size 8 | @48 page size 4 | …
 *              @48 free pages' record 48 | @96 databases' record 48 | @144 last page 8 | @152 transaction 8
 *     page 1   the same; the one with the higher transaction counts            little-endian
 *
 * Offsets are those of the LMDB that the package `lmdb` 3.5.6 carries (data version 2).
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync, statfsSync } from 'node:fs'
import { LadderError } from '../../ground/errors.ts'
import {
  MAP_BYTES_MAX,
  PREFLIGHT_PAGES,
  PREFLIGHT_TRIES,
  SMALL_FILE_PAGES,
  TURN_PAGES,
  UNWRITTEN_BYTES_MAX,
} from '../../ground/limits.ts'
import { failedToOpen } from '../lmdb/faults.ts'
import { NO_PAGE, readDatabase, readNumber } from './page-layout.ts'
import { PageWalk } from './page-walk.ts'

const MAGIC = 0xbeef_c0de
const DATA_VERSION = 2
const META_BYTES = 160
const FLAGS_AT = 18
const META_PAGE = 8
const MAGIC_AT = 24
const VERSION_AT = 28
const MAP_SIZE_AT = 40
const PAGE_SIZE_AT = 48
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152
// Where a meta page keeps the database records of free pages and of the named databases.
const FREE_AT = 48
export const MAIN_AT = 96
// Flags of a header: one that every file has, and one that some programs set.
const NUMBER_KEYS = 8
const UNSYNCED = 0x1000

// From linux/magic.h. LMDB must not be used there: its locks and its memory map need one kernel.
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe53_4d42, 'SMB2'],
  [0xff53_4d42, 'CIFS'],
  [0x0102_1997, '9p'],
  [0x6573_5546, 'FUSE'],
  [0x00c3_6400, 'Ceph'],
  [0x5346_414f, 'AFS'],
  [0x0bd0_0bd0, 'Lustre'],
])

// What the system says of a path that leads to no file that can be read.
const NO_FILE = new Set<unknown>(['EISDIR', 'ELOOP', 'ENOTDIR', 'ENXIO'])

/** What a header says. */
export interface Meta {
  bytes: Buffer
  pageSize: number
  lastPage: number
  transaction: number
  /** Whether it has no table at all. */
  isEmpty: boolean
}

/**
 * Checks that a file looks like an LMDB data file that is all there, and walks its pages: all of a
 * small file, the upper ones of a large one. Cost: some milliseconds at most, whatever the size.
 *
 * @throws {LadderError} `NOT_A_STORE` or `CORRUPT` with what was found, `PERMISSION` if the file
 *   cannot be read.
 */
export function checkDataFile(file: string, tables: readonly string[]): void {
  const descriptor = openForReading(file)
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile()) throw notAStore(file, 'it is not a regular file')
    if (status.size === 0)
      throw notAStore(file, 'it is empty; if its creation was interrupted, delete it')
    // A writer may change the file meanwhile: what is found counts only if no commit came between.
    // Where they come too fast for that, those who write see that it works.
    for (let tries = 1; tries <= PREFLIGHT_TRIES; tries++) {
      const found = errorOf(descriptor, { file, tables })
      if (found === undefined) return
      if (found.transaction === transactionOf(descriptor)) throw found.error
    }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Walks all pages of the newest commit and answers in words everything wrong with them. That commit
 * must be held meanwhile: a reader must have begun before. `onTurn` is called now and then, and is
 * waited for.
 */
export async function findPageProblems(
  file: string,
  onTurn: (pages: { done: number; total: number }) => Promise<void>,
): Promise<string[]> {
  const descriptor = openForReading(file)
  try {
    const meta = newestMetaOf(descriptor)
    if (typeof meta === 'string') return [meta]
    const { walk, pageCount } = walkOf(descriptor, meta)
    while (walk.step()) {
      if (walk.visited % TURN_PAGES === 0) await onTurn({ done: walk.visited, total: pageCount })
    }
    return walk.problems
  } finally {
    closeSync(descriptor)
  }
}

interface Found {
  error: LadderError
  /** That it was found at; undefined if the headers say none. */
  transaction: number | undefined
}

function errorOf(
  descriptor: number,
  { file, tables }: { file: string; tables: readonly string[] },
): Found | undefined {
  const first = readMeta(descriptor, 0)
  if (typeof first === 'string') return { error: notAStore(file, first), transaction: undefined }
  const meta = newestMetaOf(descriptor)
  if (typeof meta === 'string') return { error: damaged(file, meta), transaction: undefined }
  const { walk, pageCount } = walkOf(descriptor, meta)
  const pagesMax = pageCount <= SMALL_FILE_PAGES ? pageCount : PREFLIGHT_PAGES
  // The first page has the names of the tables, which are wanted in any case.
  let isMore = walk.step()
  while (isMore && walk.problems.length === 0 && walk.visited < pagesMax) isMore = walk.step()
  const { transaction } = meta
  const missing = tables.find((name) => !walk.names.has(name))
  const problem = walk.problems[0] ?? (missing && `table "${missing}" is missing`)
  if (problem === undefined) return undefined
  // What another program keeps in LMDB need not look like ours.
  const isOurs =
    tables.some((name) => walk.names.has(name)) ||
    (walk.names.size === 0 && walk.problems.length > 0)
  const error = isOurs
    ? damaged(file, problem)
    : notAStore(file, `it is an LMDB file of something else (${problem})`)
  return { error, transaction }
}

function walkOf(descriptor: number, meta: Meta): { walk: PageWalk; pageCount: number } {
  const { bytes, pageSize, lastPage, transaction } = meta
  const pageCount = Math.floor(fstatSync(descriptor).size / pageSize)
  const file = { descriptor, pageSize, pageCount, lastPage, transaction }
  return { walk: new PageWalk(file, { bytes, free: FREE_AT, main: MAIN_AT }), pageCount }
}

function transactionOf(descriptor: number): number | undefined {
  const meta = newestMetaOf(descriptor)
  return typeof meta === 'string' ? undefined : meta.transaction
}

/** Returns the header that counts, or says in words why the two do not make sense. */
export function newestMetaOf(descriptor: number): Meta | string {
  const first = readMeta(descriptor, 0)
  if (typeof first === 'string') return `its first header is wrong: ${first}`
  const second = readMeta(descriptor, first.pageSize)
  if (typeof second === 'string') return `its second header is wrong: ${second}`
  if (first.pageSize !== second.pageSize)
    return `its headers give page sizes of ${first.pageSize} and ${second.pageSize}`
  // Commits write the two in turns, even numbers to the first one. A new file has neither, and a copy
  // has nothing in the first one until it is written to.
  const [even, odd] = [first.transaction, second.transaction]
  const isInTurns = even % 2 === 0 && Math.abs(even - odd) === 1
  if (even === 0 ? !first.isEmpty : !isInTurns)
    return `its headers are of commits ${even} and ${odd}`
  const newest = even >= odd ? first : second
  const fileBytes = fstatSync(descriptor).size
  const spare = Math.max(fileBytes, UNWRITTEN_BYTES_MAX)
  if ((newest.lastPage + 1) * newest.pageSize > fileBytes + spare)
    return `its last page is said to be ${newest.lastPage}, the file has ${fileBytes} bytes`
  return newest
}

/**
 * Refuses a directory on a network file system. FUSE may be a local one: who knows so says `isAllowed`.
 *
 * @throws {LadderError} `NOT_A_STORE`.
 */
export function checkFileSystem(
  directory: string,
  options: { isAllowed: boolean; typeOf?: (directory: string) => number },
): void {
  const { isAllowed, typeOf = fileSystemType } = options
  if (isAllowed) return
  const name = NETWORK_FILE_SYSTEMS.get(typeOf(directory))
  if (name === undefined) return
  throw new LadderError(
    'NOT_A_STORE',
    `Cannot open ${directory}: it lies on a network file system (${name}), where LMDB loses data; use a local disk, or allow network file systems where it is one`,
  )
}

function fileSystemType(directory: string): number {
  return Number(statfsSync(directory).type) >>> 0
}

/** @throws {LadderError} `NOT_A_STORE`, and those of opening a file. */
export function openForReading(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (NO_FILE.has(code)) throw notAStore(file, message)
    throw failedToOpen(file, cause)
  }
}

// Returns what the meta page at `offset` says, or in words why it says nothing.
function readMeta(descriptor: number, offset: number): Meta | string {
  const bytes = Buffer.alloc(META_BYTES)
  const size = readSync(descriptor, bytes, 0, META_BYTES, offset)
  if (size < META_BYTES)
    return `it has ${size} bytes at ${offset}, an LMDB header takes ${META_BYTES}`
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC)
    return `it does not start like an LMDB file (magic ${bytes.toString('hex', MAGIC_AT, MAGIC_AT + 4)})`
  if (offset === 0 && (bytes.readUInt16LE(FLAGS_AT) & META_PAGE) === 0)
    return 'its first page is not a header'
  const version = bytes.readUInt32LE(VERSION_AT) & 0xffff
  if (version !== DATA_VERSION)
    return `it has LMDB data version ${version}, expected ${DATA_VERSION}`
  const pageSize = bytes.readUInt32LE(PAGE_SIZE_AT)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    return `its page size is ${pageSize}`
  const { flags } = readDatabase(bytes, FREE_AT)
  if ((flags & ~UNSYNCED) !== NUMBER_KEYS) return `its flags are ${flags}`
  const mapBytes = readNumber(bytes, MAP_SIZE_AT)
  if (mapBytes > MAP_BYTES_MAX) return `its map size is ${mapBytes}`
  const lastPage = readNumber(bytes, LAST_PAGE_AT)
  const transaction = readNumber(bytes, TRANSACTION_AT)
  if (transaction === NO_PAGE) return 'its commit has an impossible number'
  const isEmpty = readDatabase(bytes, MAIN_AT).root === NO_PAGE
  return { bytes, pageSize, lastPage, transaction, isEmpty }
}

function notAStore(file: string, problem: string): LadderError {
  return new LadderError('NOT_A_STORE', `Cannot open ${file}: not a leaderboard store, ${problem}`)
}

function damaged(file: string, problem: string): LadderError {
  return new LadderError('CORRUPT', `Cannot open ${file}: damaged, ${problem}; restore a backup`)
}
