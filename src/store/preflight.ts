/**
 * A look at the data file before LMDB sees it: opening anything else ends the process by a signal,
 * which no caller can catch.
 *
 *     page 0   | page header 24 | magic 4 | version 4 | … @40 mapsize 8 | @48 page size 4 | …
 *              @144 last page 8 | @152 transaction 8
 *     page 1   the same; the one with the higher transaction counts            little-endian
 *
 * Offsets are those of the LMDB that the package `lmdb` 3.5.6 carries (data version 2).
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync, statfsSync } from 'node:fs'
import { LadderError } from '../errors.ts'
import { findPageProblem } from './page-walk.ts'

const MAGIC = 0xbeef_c0de
const DATA_VERSION = 2
const META_BYTES = 160
const MAGIC_AT = 24
const VERSION_AT = 28
const PAGE_SIZE_AT = 48
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152
// Where a meta page keeps the database records of free pages and of the named databases.
const META_TREES = { free: 48, main: 96 }

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

interface Meta {
  bytes: Buffer
  pageSize: number
  lastPage: number
  transaction: number
}

/**
 * Checks that a file looks like an LMDB data file that is all there.
 *
 * @throws {LadderError} `NOT_A_STORE` or `CORRUPT` with what was found, `PERMISSION` where the file
 *   cannot be read.
 */
export function checkDataFile(file: string): void {
  const descriptor = openForReading(file)
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile()) throw notAStore(file, 'it is not a regular file')
    if (status.size === 0)
      throw notAStore(file, 'it is empty; if its creation was interrupted, delete it')
    const meta = readNewestMeta(descriptor, file)
    if (status.size >= (meta.lastPage + 1) * meta.pageSize) return
    checkShortFile(descriptor, file)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Pages at the end that nothing leads to may be missing. A writer may change the file meanwhile, so
 * a problem counts only where no commit came in between.
 */
function checkShortFile(descriptor: number, file: string): void {
  for (;;) {
    const meta = readNewestMeta(descriptor, file)
    const pageCount = Math.floor(fstatSync(descriptor).size / meta.pageSize)
    const { pageSize } = meta
    const problem = findPageProblem({ descriptor, pageSize, pageCount }, meta.bytes, META_TREES)
    if (problem === undefined) return
    if (readNewestMeta(descriptor, file).transaction === meta.transaction)
      throw damaged(file, `it is cut: ${problem}`)
  }
}

function readNewestMeta(descriptor: number, file: string): Meta {
  const first = readMeta(descriptor, 0)
  if (typeof first === 'string') throw notAStore(file, first)
  const second = readMeta(descriptor, first.pageSize)
  if (typeof second === 'string') throw damaged(file, `its second header is wrong: ${second}`)
  return first.transaction >= second.transaction ? first : second
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
    `Cannot open ${directory}: it lies on a network file system (${name}), where LMDB loses data; use a local disk, or allow it where it is one`,
  )
}

function fileSystemType(directory: string): number {
  return Number(statfsSync(directory).type) >>> 0
}

function openForReading(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw notAStore(file, (cause as Error).message)
    throw new LadderError(
      'PERMISSION',
      `Cannot read ${file}: permission denied; run as the user who owns it`,
      { cause },
    )
  }
}

// Returns what the meta page at `offset` says, or in words why it is none.
function readMeta(descriptor: number, offset: number): Meta | string {
  const bytes = Buffer.alloc(META_BYTES)
  const size = readSync(descriptor, bytes, 0, META_BYTES, offset)
  if (size < META_BYTES)
    return `it has ${size} bytes at ${offset}, an LMDB header takes ${META_BYTES}`
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC)
    return `it does not start like an LMDB file (magic ${bytes.toString('hex', MAGIC_AT, MAGIC_AT + 4)})`
  const version = bytes.readUInt32LE(VERSION_AT) & 0xffff
  if (version !== DATA_VERSION)
    return `it has LMDB data version ${version}, expected ${DATA_VERSION}`
  const pageSize = bytes.readUInt32LE(PAGE_SIZE_AT)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    return `its page size is ${pageSize}`
  const lastPage = Number(bytes.readBigUInt64LE(LAST_PAGE_AT))
  const transaction = Number(bytes.readBigUInt64LE(TRANSACTION_AT))
  return { bytes, pageSize, lastPage, transaction }
}

function notAStore(file: string, problem: string): LadderError {
  return new LadderError('NOT_A_STORE', `Cannot open ${file}: not a leaderboard store, ${problem}`)
}

function damaged(file: string, problem: string): LadderError {
  return new LadderError('CORRUPT', `Cannot open ${file}: damaged, ${problem}; restore a backup`)
}
