/**
 * Backing up a store while others write to it.
 *
 * The copy is made, flushed and checked under a name of its own beside the final one; the manifest
 * comes last, then one rename shows the whole. What fails before leaves nothing; what a killed
 * process leaves the next backup removes.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { chmod, mkdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { checkApart, type StoreFacts } from '../check/check-in-child.ts'

import type { TableStore } from '../embedded/open-store.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { makeDirectories, writablePlace } from '../ground/places.ts'
import { fileError, inWords } from '../ground/system-errors.ts'
import type { BackupManifest, BackupReport, CheckReport } from '../words/index.ts'
import { leftoverName, shortName, sweepLeftovers } from './debris.ts'
import { moveDurably, sha256Of, syncPath, writeDurably } from './durable-files.ts'
import { BACKUP_DATA_FILE, encodeManifest, MANIFEST_FILE, readManifest } from './manifest.ts'
import { readStream, writeStream } from './stream.ts'

/** A copy is about as large as what the store uses: with less than this share more, do not begin. */
const SPACE_FACTOR = 1.2

/** For a whole backup, if the directory for temporary files cannot be written to. */
const OTHER_PLACES = ['/var/tmp', '/tmp']

/** Where the report of a backup into a stream says that it is. */
const STREAM_PATH = '-'

/** What a backup is made with. */
export interface BackupWork {
  signal?: AbortSignal | undefined
  /** Milliseconds since 1970. */
  now: number
}

/** Backs up a store to a new directory; see `Leaderboards.backup`. */
export async function backupStore(
  store: TableStore,
  destination: string,
  options: BackupWork,
): Promise<BackupReport> {
  const start = performance.now()
  const path = resolve(destination)
  const place = dirname(path)
  const action = `Cannot back up to ${path}`
  throwIfAborted(options)
  if (existsSync(path))
    throw new LadderError('EXISTS', `${action}: something is there already; name a new directory`)
  const made = makeDirectories(action, place)
  await sweepLeftovers(place, ['partial', 'deleting'])
  await checkSpace(place, store.sizes().usedBytes)
  const partial = join(place, leftoverName(`.${shortName(path)}.partial`))
  try {
    await mkdir(partial, { mode: 0o700 })
    const manifest = await fill(store, partial, options)
    throwIfAborted(options)
    await moveDurably(partial, path)
    if (made !== undefined) await syncPath(dirname(made))
    return { path, ...manifest, ms: performance.now() - start }
  } catch (error) {
    await removeFailed(partial)
    throw fileError(action, error)
  }
}

/** Backs up a store into a stream; see `Leaderboards.backup`. */
export async function streamStore(
  store: TableStore,
  target: Writable,
  options: BackupWork,
): Promise<BackupReport> {
  const start = performance.now()
  return byWayOf([dirname(store.path), ...OTHER_PLACES], 'Cannot back up', async (temporary) => {
    const { path, ...manifest } = await backupStore(store, join(temporary, 'backup'), options)
    await writeStream(path, target, { signal: options.signal })
    return { ...manifest, path: STREAM_PATH, ms: performance.now() - start }
  })
}

/** Verifies a backup that comes as a stream; see `verifyBackup` in backups.ts. */
export async function proveStream(
  source: Readable,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<BackupManifest> {
  return byWayOf(OTHER_PLACES, 'Cannot verify the stream', async (temporary) => {
    const directory = join(temporary, 'backup')
    await readStream(source, directory, options)
    return proveBackup(directory, options)
  })
}

// Runs `work` with a directory among temporary files, or else in the first of some places that takes one; it
// is removed afterwards.
async function byWayOf<T>(
  places: readonly string[],
  action: string,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = await makeTemporary(places, action)
  try {
    return await work(temporary)
  } finally {
    await removeFailed(temporary)
  }
}

async function makeTemporary(places: readonly string[], action: string): Promise<string> {
  const place = writablePlace(action, places)
  await sweepLeftovers(place, ['packing'])
  const temporary = join(place, leftoverName('ladderdb-backup'))
  await inWords(action, mkdir(temporary, { mode: 0o700 }))
  return temporary
}

/** Verifies a backup; see `verifyBackup` in backups.ts. */
export async function proveBackup(
  directory: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<BackupManifest> {
  throwIfAborted(options)
  const manifest = await readManifest(directory)
  const problem = await problemOfFiles(directory, manifest, options)
  if (problem !== undefined) throw damaged(directory, problem)
  const facts = await checkedFacts(directory, options)
  const expected = JSON.stringify(manifest.boards)
  if (JSON.stringify(facts.boards) !== expected)
    throw damaged(
      directory,
      `its boards are ${JSON.stringify(facts.boards)}, the manifest says ${expected}`,
    )
  return manifest
}

/** Returns in words why the data file is not the one of the manifest; undefined where it is. */
export async function problemOfFiles(
  directory: string,
  manifest: BackupManifest,
  options: { signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const file = join(directory, BACKUP_DATA_FILE)
  const { size } = await stat(file).catch(() => ({ size: -1 }))
  if (size !== manifest.bytes)
    return `${BACKUP_DATA_FILE} has ${size} bytes, the manifest says ${manifest.bytes}`
  const sha256 = await inWords(`Cannot verify ${directory}`, sha256Of(file, options))
  if (sha256 === manifest.sha256) return undefined
  return `the SHA-256 of ${BACKUP_DATA_FILE} is ${sha256}, the manifest says ${manifest.sha256}`
}

// Copies, flushes and checks the data, then writes the manifest.
async function fill(
  store: TableStore,
  partial: string,
  options: BackupWork,
): Promise<BackupManifest> {
  const file = join(partial, BACKUP_DATA_FILE)
  await store.copy(partial)
  throwIfAborted(options)
  await chmod(file, 0o600)
  await syncPath(file)
  const facts = await checkedFacts(partial, options)
  const manifest = {
    product: 'ladderdb' as const,
    ...facts,
    createdAt: new Date(options.now).toISOString(),
    bytes: (await stat(file)).size,
    sha256: await sha256Of(file, options),
  }
  await writeDurably(join(partial, MANIFEST_FILE), encodeManifest(manifest))
  return readManifest(partial)
}

// Checks a copy in a child, which leaves a lock file that belongs to nobody.
async function checkedFacts(
  directory: string,
  options: { signal?: AbortSignal | undefined },
): Promise<StoreFacts> {
  // Backups may lie on a network file system: nobody writes to them.
  const work = { ...options, allowNetworkFileSystem: true }
  const { report, facts } = await checkApart(directory, work).finally(() =>
    inWords(
      `Cannot remove the lock file of ${directory}`,
      rm(join(directory, 'lock.mdb'), { force: true }),
    ),
  )
  if (facts === undefined) throw damaged(directory, firstOf(report))
  return facts
}

async function checkSpace(directory: string, usedBytes: number): Promise<void> {
  const action = `Cannot back up to ${directory}`
  const { bavail, bsize } = await inWords(action, statfs(directory))
  const needed = usedBytes * SPACE_FACTOR
  if (bavail * bsize >= needed) return
  throw new LadderError(
    'DISK_FULL',
    `${action}: ${bavail * bsize} bytes are free, about ${Math.ceil(needed)} are needed; free space, or name a place that has more`,
  )
}

// What cannot be removed either must not hide why the work failed: the next backup sweeps it.
async function removeFailed(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true }).catch(() => undefined)
}

function firstOf(report: CheckReport): string {
  const [finding] = report.findings
  return `${report.findings.length} findings, the first: ${finding?.place}: ${finding?.problem}`
}

function damaged(directory: string, problem: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot trust ${directory}: ${problem}; use another backup, and check the store it was made from`,
  )
}
