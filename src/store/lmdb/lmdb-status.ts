/**
 * What LMDB says about who reads, and about sizes.
 *
 * @module
 */

import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { LadderError } from '../../ground/errors.ts'
import { errnoOf } from '../../ground/system-errors.ts'
import type { TableSize } from '../store.ts'
import type { Database, DatabaseStats, Environment } from './lmdb-types.ts'

const LOCK_FILE = 'lock.mdb'

/**
 * If the lock file cannot be written, LMDB reads without locks, and a writer tears what is read.
 *
 * @throws {LadderError} `PERMISSION`.
 */
export function checkReaderLocks(root: Environment, path: string): void {
  if (!root.readerList().includes('no reader locks')) return
  throw new LadderError(
    'PERMISSION',
    `Cannot open ${path}: its lock file is not writable, so a read could be torn; ${adviceFor(path)}`,
  )
}

function adviceFor(path: string): string {
  try {
    accessSync(join(path, LOCK_FILE), constants.W_OK)
  } catch (error) {
    if (errnoOf(error) === 'EROFS')
      return 'the file system is mounted read-only here, but may be written to elsewhere: read a backup of it, or mount it for writing'
  }
  return 'run as the user who owns it'
}

/** Returns the bytes of a table's pages. */
export function bytesOf(database: Database): number {
  return bytesIn(database.getStats())
}

/** Returns the size of a table, without what `getStats` walks besides: the list of free pages. */
export function tableSizeOf(database: Database): TableSize {
  database.ensureReadTxn()
  const stats = database.db.stat()
  return { bytes: bytesIn(stats), entries: stats.entryCount }
}

function bytesIn(stats: DatabaseStats): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = stats
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
}

/** Returns who reads, and how many commits ago their snapshots were taken. */
export function readersOf(root: Environment): { pid: number; lag: number }[] {
  // Lines are: pid, thread, transaction, the last one "-" where nothing is held.
  const last = root.getStats().lastTxnId
  return [...root.readerList().matchAll(/^\s*(\d+)\s+\S+\s+(\d+|-)\s*$/gm)].map(([, pid, held]) => {
    return { pid: Number(pid), lag: held === '-' ? 0 : last - Number(held) }
  })
}
