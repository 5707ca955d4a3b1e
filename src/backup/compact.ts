/**
 * Making the file of a store as small as what it holds.
 *
 * A checked, compacted copy is made in a directory of its own inside that of the store, as every backup is
 * made, and takes the place of the data file by one rename: at every instant the old or the new one is
 * whole and in its place. What a killed run leaves the next one removes.
 *
 *     nobody has the store open ──► copy, flush, check ──► still nobody, no commit since ──► link, rename
 *
 * Somebody may open the store between the last look and the rename, and would write to the old file. So
 * that one keeps a second name until nobody was seen to have it.
 *
 * @module
 */

import { linkSync, renameSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { OpenStore } from '../embedded/open-store.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { fileError, inWords, inWordsNow } from '../ground/system-errors.ts'
import type { BackupReport, CompactReport } from '../words/index.ts'
import { backupStore } from './backup.ts'
import { leftoverName, sweepLeftovers } from './debris.ts'
import { keepOwner, syncPath } from './durable-files.ts'
import { assertNobodyHas, holdersOf } from './holders.ts'
import { assertNoBackup, BACKUP_DATA_FILE } from './manifest.ts'

const OTHER_WAY = 'back it up, restore the backup to another directory and swap them'

/** What a store is compacted with. */
export interface CompactWork {
  /** Opens the store for reading. */
  open: (directory: string) => OpenStore
  signal: AbortSignal | undefined
}

/** Compacts a store; see `compactStore` in backups.ts. */
export async function compactInPlace(target: string, work: CompactWork): Promise<CompactReport> {
  const start = performance.now()
  const directory = resolve(target)
  const action = `Cannot compact ${directory}`
  throwIfAborted(work)
  assertNoBackup(directory)
  await assertNobodyHas(directory, { action, otherWay: OTHER_WAY })
  await sweepLeftovers(directory, ['compacting', 'replaced'])
  const context = work.open(directory)
  const temporary = join(directory, leftoverName('.ladderdb-compact'))
  try {
    const file = join(directory, BACKUP_DATA_FILE)
    const bytesBefore = (await inWords(action, stat(file))).size
    await inWords(action, mkdir(temporary, { mode: 0o700 }))
    const now = context.nowMicros() / 1000
    const options = { now, signal: work.signal }
    const copy = await backupStore(context.store, join(temporary, 'backup'), options)
    const copied = join(copy.path, BACKUP_DATA_FILE)
    await inWords(action, keepOwner(file, copied))
    throwIfAborted(work)
    const previous = await takePlace(context, { file, copied, copy, action })
    return {
      path: directory,
      bytesBefore,
      bytes: copy.bytes,
      previous,
      ms: performance.now() - start,
    }
  } catch (error) {
    throw fileError(action, error)
  } finally {
    await context.store.close()
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
  }
}

// Returns where the old data file stays if somebody may have opened it meanwhile.
async function takePlace(
  context: OpenStore,
  work: { file: string; copied: string; copy: BackupReport; action: string },
): Promise<string | undefined> {
  const { file, copied, copy, action } = work
  const directory = context.store.path
  await assertNobodyHas(directory, { action, otherWay: OTHER_WAY, butThis: true })
  const previous = join(directory, leftoverName(`${BACKUP_DATA_FILE}.replaced`))
  inWordsNow(action, () => {
    if (context.sequence() !== copy.sequence)
      throw new LadderError('BUSY', `${action}: somebody wrote to it in the meantime; try again`)
    linkSync(file, previous)
    renameSync(copied, file)
  })
  await syncPath(directory)
  const holders = await holdersOf(directory)
  if (holders?.some(({ pid }) => pid !== process.pid) !== false) return previous
  await inWords(action, rm(previous))
  return undefined
}
