/**
 * Which backups there are, and which of them are old enough to go.
 *
 * @module
 */

import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LadderError } from '../errors.ts'
import type { BackupInfo, KeepRules } from '../types.ts'
import { moveDurably } from './durable-files.ts'
import { BACKUP_DATA_FILE, MANIFEST_FILE, readManifest } from './manifest.ts'

// What a backup consists of; a lock file is left by whoever opened it. Anything else is not ours.
const OUR_FILES = new Set([BACKUP_DATA_FILE, MANIFEST_FILE, 'lock.mdb'])

/** Lists backups; see `listBackups` in backups.ts. */
export async function listBackups(directory: string): Promise<BackupInfo[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new LadderError('IO', `Cannot list the backups in ${directory}: ${cause.message}`, {
        cause,
      })
    },
  )
  const backups: BackupInfo[] = []
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const path = join(resolve(directory), entry.name)
    const manifest = await readManifest(path).catch(() => undefined)
    if (manifest !== undefined) backups.push({ path, manifest })
  }
  return backups.sort((a, b) => (a.manifest.createdAt < b.manifest.createdAt ? 1 : -1))
}

/** Rotates backups; see `rotateBackups` in backups.ts. */
export async function rotateBackups(
  directory: string,
  options: { storeId: string; rules: KeepRules },
): Promise<string[]> {
  const ours = (await listBackups(directory)).filter(
    ({ manifest }) => manifest.storeId === options.storeId,
  )
  const kept = new Set(keptBackups(ours, options.rules))
  const removed: string[] = []
  for (const { path } of ours) {
    if (kept.has(path) || !(await holdsOnlyABackup(path))) continue
    // Renamed first: what is half deleted must not look like a backup.
    const going = join(resolve(directory), `.deleting-${path.split('/').at(-1)}`)
    await moveDurably(path, going)
    await rm(going, { recursive: true, force: true })
    removed.push(path)
  }
  return removed
}

/** Returns the paths that rules keep of a list with the newest first. */
export function keptBackups(backups: readonly BackupInfo[], rules: KeepRules): string[] {
  const byDay = newestOfEach(backups, (createdAt) => createdAt.slice(0, 10))
  const byWeek = newestOfEach(backups, weekOf)
  const byMonth = newestOfEach(backups, (createdAt) => createdAt.slice(0, 7))
  const kept = [
    ...backups.slice(0, Math.max(1, rules.keep ?? 0)),
    ...byDay.slice(0, rules.daily ?? 0),
    ...byWeek.slice(0, rules.weekly ?? 0),
    ...byMonth.slice(0, rules.monthly ?? 0),
  ]
  return [...new Set(kept.map(({ path }) => path))]
}

function newestOfEach(
  backups: readonly BackupInfo[],
  periodOf: (createdAt: string) => string,
): BackupInfo[] {
  const seen = new Set<string>()
  return backups.filter(({ manifest }) => {
    const period = periodOf(manifest.createdAt)
    if (seen.has(period)) return false
    seen.add(period)
    return true
  })
}

// The Monday of the week, UTC.
function weekOf(createdAt: string): string {
  const date = new Date(createdAt)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

async function holdsOnlyABackup(path: string): Promise<boolean> {
  return (await readdir(path)).every((name) => OUR_FILES.has(name))
}
