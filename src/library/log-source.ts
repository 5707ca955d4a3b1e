/**
 * Logs that a restore can go on with: that of a store which somebody has open, that of one which nobody has
 * open and which may be damaged, and lines in a file.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { holdersOf } from '../backup/holders.ts'
import { BACKUP_DATA_FILE } from '../backup/manifest.ts'
import { LadderError } from '../ground/errors.ts'
import { inWords } from '../ground/system-errors.ts'
import type { LogOrigin, LogSource } from './log-origin.ts'

/** Opens a log. `expected` is the history that the lines of a file must be of. */
export async function openLogSource(path: string, expected: LogOrigin): Promise<LogSource> {
  const isStore = existsSync(join(path, BACKUP_DATA_FILE))
  if (!isStore) {
    if (!existsSync(path)) throw noStore(path)
    const status = await inWords(`Cannot read the log ${path}`, stat(path))
    if (status.isDirectory()) throw noStore(path)
    if (await isDataFile(path)) return openDamaged(path)
    const { LogFile } = await import('./log-file.ts')
    return new LogFile(path, expected)
  }
  // Pages are looked at one by one only if nobody writes them meanwhile; LMDB trusts what it reads.
  const holders = await holdersOf(path)
  if (holders === undefined || holders.length > 0) {
    const { openStoreLog } = await import('./log-of-store.ts')
    return openStoreLog(path)
  }
  return openDamaged(join(path, BACKUP_DATA_FILE))
}

async function openDamaged(file: string): Promise<LogSource> {
  const { openDamagedLog } = await import('./log-of-wreck.ts')
  return openDamagedLog(file)
}

// A restore keeps the data file of the store that it replaced, and nobody has that open.
async function isDataFile(path: string): Promise<boolean> {
  const handle = await inWords(`Cannot read the log ${path}`, open(path))
  try {
    const { buffer } = await handle.read(Buffer.alloc(MAGIC_END), 0, MAGIC_END, 0)
    return buffer.subarray(MAGIC_END - LMDB_MAGIC.length).equals(LMDB_MAGIC)
  } finally {
    await handle.close()
  }
}

// Behind the head of the first page.
const LMDB_MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe])
const MAGIC_END = 28

function noStore(path: string): LadderError {
  return new LadderError(
    'NO_STORE',
    `Cannot read the log of ${path}: there is no store; name a store, its data file, or a file of log lines`,
  )
}
