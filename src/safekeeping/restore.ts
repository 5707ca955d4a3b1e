/**
 * Putting a backup in the place of a store.
 *
 * The backup is verified first, and copied and flushed beside the store before anything of it
 * changes. Then one rename of the data file makes the restored store the current one, so at every
 * instant the old or the new one is whole and in its place. The old data file stays beside it.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, link, mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { checkOptions } from '../arguments.ts'
import { LadderError } from '../errors.ts'
import type { RestoreOptions, RestoreReport } from '../types.ts'
import { verifyBackup } from './backup.ts'
import { moveDurably, sha256Of, syncPath } from './durable-files.ts'
import { holdersOf } from './holders.ts'
import { BACKUP_DATA_FILE } from './manifest.ts'

/** Restores a backup; see `restoreBackup` in backups.ts. */
export async function restoreBackup(
  source: string,
  target: string,
  options?: RestoreOptions,
): Promise<RestoreReport> {
  const { force = false, dryRun = false, signal } = checkOptions(options)
  const start = performance.now()
  const directory = resolve(target)
  const manifest = await verifyBackup(resolve(source), signal === undefined ? {} : { signal })
  const file = join(directory, BACKUP_DATA_FILE)
  const replaces = existsSync(file)
  if (replaces && !force)
    throw new LadderError(
      'EXISTS',
      `Cannot restore to ${directory}: there is a store; force it to keep the old one aside, or name another directory`,
    )
  if (replaces) await assertNobodyHas(directory)
  const report = { path: directory, source: resolve(source), manifest, dryRun, previous: undefined }
  if (dryRun) return { ...report, ms: performance.now() - start }
  const previous = await replace(resolve(source), { file, sha256: manifest.sha256, replaces })
  return { ...report, previous, ms: performance.now() - start }
}

// Returns where the old data file stays.
async function replace(
  source: string,
  work: { file: string; sha256: string; replaces: boolean },
): Promise<string | undefined> {
  const { file, sha256, replaces } = work
  const directory = dirname(file)
  const made = await mkdir(directory, { recursive: true, mode: 0o700 })
  const partial = `${file}.restoring-${randomBytes(6).toString('hex')}`
  try {
    await copyFile(join(source, BACKUP_DATA_FILE), partial)
    await chmod(partial, 0o600)
    await syncPath(partial)
    if ((await sha256Of(partial)) !== sha256)
      throw new LadderError(
        'IO',
        `Cannot restore to ${directory}: what was written reads back differently; check the disk`,
      )
    const previous = replaces ? `${file}.before-restore-${timestamp()}` : undefined
    if (previous !== undefined) {
      await assertNobodyHas(directory)
      await link(file, previous)
    }
    await moveDurably(partial, file)
    if (made !== undefined) await syncPath(dirname(made))
    return previous
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

async function assertNobodyHas(directory: string): Promise<void> {
  const holders = await holdersOf(directory)
  if (holders === undefined)
    throw new LadderError(
      'BUSY',
      `Cannot restore to ${directory}: this system does not tell who has it open; restore to another directory and swap them`,
    )
  if (holders.length === 0) return
  const names = holders.map(({ pid, command }) => `${pid} (${command})`).join(', ')
  throw new LadderError(
    'BUSY',
    `Cannot restore to ${directory}: it is open in process ${names}; stop it and try again`,
  )
}

// To the millisecond, as two restores may follow each other at once; without colons, for file names.
function timestamp(): string {
  return new Date().toISOString().replace(/[-:.]/g, '')
}
