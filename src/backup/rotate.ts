/**
 * Which backups there are, and which of them are old enough to go.
 *
 * Clocks step back, and names say nothing: of one store the commit number tells which backup is newer,
 * then the time, then the name. A restore takes commit numbers back and begins a lineage of its own: each
 * history is ordered by itself. What was restored by hand has none; then the backup just made has a lower
 * number than another one, and the time comes first.
 *
 * @module
 */

import { readdir, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { LadderError } from '../ground/errors.ts'
import { errnoOf, inWords } from '../ground/system-errors.ts'
import type { BackupInfo, BackupManifest, KeepRules, RotateOptions } from '../words/index.ts'
import { problemOfFiles } from './backup.ts'
import { leftoverName, shortName, sweepLeftovers } from './debris.ts'
import { moveDurably } from './durable-files.ts'
import { BACKUP_DATA_FILE, MANIFEST_FILE, readManifest } from './manifest.ts'

// What a backup consists of; a lock file is left by whatever opened it. Anything else is not ours.
const OUR_FILES = new Set([BACKUP_DATA_FILE, MANIFEST_FILE, 'lock.mdb'])

const IS_NO_DIRECTORY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'it is not a directory',
}

/** Lists backups; see `listBackups` in backups.ts. */
export async function findBackups(directory: string): Promise<BackupInfo[]> {
  const action = `Cannot list the backups in ${directory}`
  const listing = readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    const problem = IS_NO_DIRECTORY[errnoOf(cause) ?? '']
    if (problem === undefined) throw cause
    throw new LadderError('IO', `${action}: ${problem}; check the path`, { cause })
  })
  const entries = await inWords(action, listing)
  const backups: BackupInfo[] = []
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const path = join(resolve(directory), entry.name)
    const manifest = await readManifest(path).catch(() => undefined)
    if (manifest !== undefined) backups.push({ path, manifest })
  }
  return backups.sort(byTime)
}

/** Rotates backups; see `rotateBackups` in backups.ts. */
export async function removeOldBackups(
  directory: string,
  options: RotateOptions,
): Promise<string[]> {
  await sweepLeftovers(directory, ['deleting'])
  const made = options.made === undefined ? undefined : resolve(options.made)
  const all = await findBackups(directory)
  const { live, others } = historiesOf(
    all.filter(({ manifest }) => manifest.storeId === options.storeId),
    made,
  )
  const ours = [...live, ...others]
  const kept = new Set(keptBackups(live, options.rules))
  // What was given up takes no place of the living history, and goes when it would have gone.
  if (others.length > 0)
    for (const path of keptBackups([...ours].sort(byTime), options.rules)) kept.add(path)
  const going: BackupInfo[] = []
  for (const backup of ours)
    if (!kept.has(backup.path) && (await holdsOnlyABackup(backup.path))) going.push(backup)
  if (going.length === 0) return []
  const sound = await newestSound(ours, { kept, ...options })
  const removed = going.map(({ path }) => path).filter((path) => path !== sound)
  for (const path of removed) await remove(path, resolve(directory))
  return removed
}

/**
 * Tells the backups of the history that a store goes on with from those that a restore gave up, each with
 * the newest first. `made` is the path of the one that was just made; if it is not known, the newest by
 * time says which history lives.
 */
export function historiesOf(
  backups: readonly BackupInfo[],
  made?: string,
): { live: BackupInfo[]; others: BackupInfo[] } {
  const inTime = [...backups].sort(byTime)
  const newest = inTime.find(({ path }) => path === made) ?? inTime[0]
  const isLive = ({ manifest }: BackupInfo): boolean =>
    manifest.lineageId === newest?.manifest.lineageId
  return {
    live: newestFirst(inTime.filter(isLive), made),
    others: inTime.filter((backup) => !isLive(backup)),
  }
}

/**
 * Returns backups of one store with the newest first, wherever clocks and restores have put their
 * times and numbers; `made` is the path of the one that is known to be the newest.
 */
export function newestFirst(backups: readonly BackupInfo[], made?: string): BackupInfo[] {
  const newest = backups.find(({ path }) => path === made)
  const others = backups.filter((backup) => backup !== newest)
  const wasRestored = others.some(
    ({ manifest }) => newest !== undefined && manifest.sequence > newest.manifest.sequence,
  )
  others.sort(wasRestored ? byTime : bySequence)
  return newest === undefined ? others : [newest, ...others]
}

/** Returns the paths that rules keep of a list with the newest first. */
export function keptBackups(backups: readonly BackupInfo[], rules: KeepRules): string[] {
  const byDay = newestOfEach(backups, (createdAt) => createdAt.slice(0, 10))
  const byWeek = newestOfEach(backups, weekOf)
  const byMonth = newestOfEach(backups, (createdAt) => createdAt.slice(0, 7))
  const kept = [
    ...backups.slice(0, Math.max(1, rules.keep ?? 0)),
    // Who rotates without saying which was made last may have a restore behind: both newest ones stay.
    ...[...backups].sort(byTime).slice(0, 1),
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

function byTime(a: BackupInfo, b: BackupInfo): number {
  return (
    compare(b.manifest.createdAt, a.manifest.createdAt) ||
    b.manifest.sequence - a.manifest.sequence ||
    compare(b.path, a.path)
  )
}

function bySequence(a: BackupInfo, b: BackupInfo): number {
  return b.manifest.sequence - a.manifest.sequence || byTime(a, b)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

// The Monday of the week, UTC.
function weekOf(createdAt: string): string {
  const date = new Date(createdAt)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

/**
 * Returns the newest backup that is what its manifest says, byte for byte: it stays whatever the rules
 * say, as a manifest alone is not relied on when others are about to go.
 *
 * @throws {LadderError} `CORRUPT` where none of those that the rules keep is.
 */
async function newestSound(
  backups: readonly BackupInfo[],
  options: { kept: ReadonlySet<string>; signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const problems: string[] = []
  let newest: string | undefined
  for (const { path, manifest } of backups) {
    const isKept = options.kept.has(path)
    if (newest !== undefined && !isKept) continue
    const problem = await problemOf(path, manifest, options)
    if (problem === undefined && isKept) return newest ?? path
    if (problem === undefined) newest = path
    else if (isKept) problems.push(`${basename(path)}: ${problem}`)
  }
  throw new LadderError(
    'CORRUPT',
    `Cannot remove older backups: none of the backups to keep is intact (${problems.join('; ')}); nothing was removed, check them`,
  )
}

// A file that the disk does not give is not sound; all else is not a problem of the file.
async function problemOf(
  path: string,
  manifest: BackupManifest,
  options: { signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  return problemOfFiles(path, manifest, options).catch((error: unknown) => {
    if (error instanceof LadderError && error.code === 'IO') return error.message
    throw error
  })
}

async function holdsOnlyABackup(path: string): Promise<boolean> {
  const action = `Cannot look into ${path}`
  const entries = await inWords(action, readdir(path, { withFileTypes: true }))
  return entries.every((entry) => entry.isFile() && OUR_FILES.has(entry.name))
}

// Renamed first: what is half deleted must not look like a backup.
async function remove(path: string, directory: string): Promise<void> {
  const action = `Cannot remove the older backup ${path}`
  const going = join(directory, leftoverName(`.deleting-${shortName(path)}`))
  await inWords(action, moveDurably(path, going))
  await inWords(action, rm(going, { recursive: true, force: true }))
}
