/**
 * Putting a backup in the place of a store.
 *
 * The backup is verified first, and copied and flushed beside the store before anything of it
 * changes. Then one rename of the data file makes the restored store the current one, so at every
 * instant the old or the new one is whole and in its place. The old data file stays beside it. What a
 * killed restore leaves the next one removes.
 *
 * What is restored goes another way than the store that its backup was made of: it gets a lineage of its
 * own before it is in its place, so that a rotation can tell the backups of both histories apart.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { link, mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { makeDirectories } from '../ground/places.ts'
import { errnoOf, fileError, inWords } from '../ground/system-errors.ts'
import type { RestoredPoint, RestoreOptions, RestoreReport } from '../words/index.ts'
import { proveBackup } from './backup.ts'
import { leftoverName, sweepLeftovers } from './debris.ts'
import { copyDurably, keepOwner, moveDurably, sha256Of, syncPath } from './durable-files.ts'
import { assertNobodyHas } from './holders.ts'
import { BACKUP_DATA_FILE, isBackup } from './manifest.ts'
import { readStream } from './stream.ts'

/** Where the report of a restore from a stream says that the backup was. */
export const STREAM_PATH = '-'

const OTHER_WAY = 'restore to another directory and swap them'

/** What a restore is done with beside its options. */
export interface RestoreWork {
  /** Looks at a sound backup before anything is written: whether a log goes on from it, and up to where. */
  prepare?: ((backup: string) => Promise<RestoredPoint>) | undefined
  /** Makes the changes of the log again in the store of a directory, which nobody has seen yet. */
  goOn?: ((directory: string) => Promise<RestoredPoint>) | undefined
  /** Lets the store in a directory, which nobody has seen yet, begin a history of its own. */
  beginLineage: (directory: string) => Promise<void>
}

/** Restores a backup; see `restoreBackup` in backups.ts. */
export async function restoreStore(
  source: string | Readable,
  target: string,
  options: RestoreOptions & RestoreWork,
): Promise<RestoreReport> {
  if (typeof source === 'string') return restoreDirectory(resolve(source), resolve(target), options)
  return restoreStream(source, resolve(target), options)
}

async function restoreDirectory(
  source: string,
  directory: string,
  options: RestoreOptions & RestoreWork,
): Promise<RestoreReport> {
  const { force = false, dryRun = false, signal, beginLineage, prepare, goOn } = options
  const work = { signal }
  const start = performance.now()
  const manifest = await proveBackup(source, work)
  if (isBackup(directory))
    throw new LadderError(
      'EXISTS',
      `Cannot restore to ${directory}: it is a backup itself; name the directory of a store, or a new one`,
    )
  const file = join(directory, BACKUP_DATA_FILE)
  const replaces = existsSync(file)
  if (replaces && !force)
    throw new LadderError(
      'EXISTS',
      `Cannot restore to ${directory}: there is a store already; say force (--force) to replace it, which keeps its data file aside, or name another directory`,
    )
  if (replaces)
    await assertNobodyHas(directory, {
      action: `Cannot restore to ${directory}`,
      otherWay: OTHER_WAY,
    })
  const planned = await prepare?.(source)
  const report = { path: directory, source, manifest, dryRun, previous: undefined }
  if (dryRun) return { ...report, ...pointOf(planned), ms: performance.now() - start }
  const { previous, point } = await replace(source, {
    ...{ file, sha256: manifest.sha256, replaces, beginLineage, goOn },
    ...work,
  })
  return { ...report, previous, ...pointOf(point), ms: performance.now() - start }
}

function pointOf(point: RestoredPoint | undefined): Pick<RestoreReport, 'point'> {
  return point === undefined ? {} : { point }
}

async function restoreStream(
  stream: Readable,
  directory: string,
  options: RestoreOptions & RestoreWork,
): Promise<RestoreReport> {
  const report = await layDown(stream, { directory, signal: options.signal }, (backup) =>
    restoreDirectory(backup, directory, options),
  )
  return { ...report, source: STREAM_PATH }
}

/** Lays a stream down beside a store, where it is treated as any backup is, and removes it again. */
export async function layDown<T>(
  stream: Readable,
  place: { directory: string; signal: AbortSignal | undefined },
  use: (backup: string) => Promise<T>,
): Promise<T> {
  const { directory, signal } = place
  const beside = nearest(dirname(directory))
  await sweepLeftovers(beside, ['unpacking'])
  const temporary = join(beside, leftoverName('.ladderdb-restore'))
  const action = `Cannot lay down the stream beside ${directory}`
  await inWords(action, mkdir(temporary, { mode: 0o700 }))
  try {
    const backup = join(temporary, 'backup')
    await readStream(stream, backup, { signal })
    return await use(backup)
  } finally {
    await removeFailed(temporary)
  }
}

// A dry run makes no directory for the store, so the nearest one that is there must do.
function nearest(directory: string): string {
  const above = dirname(directory)
  return existsSync(directory) || above === directory ? directory : nearest(above)
}

// Returns where the old data file stays, and how far a log led.
async function replace(
  source: string,
  work: RestoreWork & {
    file: string
    sha256: string
    replaces: boolean
    signal?: AbortSignal | undefined
  },
): Promise<{ previous: string | undefined; point: RestoredPoint | undefined }> {
  const { file, sha256, replaces } = work
  const directory = dirname(file)
  const action = `Cannot restore to ${directory}`
  const made = makeDirectories(action, directory)
  await sweepLeftovers(directory, ['restoring'])
  const place = join(directory, leftoverName(`${BACKUP_DATA_FILE}.restoring`))
  const partial = join(place, BACKUP_DATA_FILE)
  try {
    await mkdir(place, { mode: 0o700 })
    await copyDurably(join(source, BACKUP_DATA_FILE), partial, work)
    if ((await sha256Of(partial, work)) !== sha256)
      throw new LadderError(
        'IO',
        `${action}: what was written reads back differently; check the disk`,
      )
    const point = await finished(work, place).catch((error) => {
      throw errorOfCopy(action, error)
    })
    const previous = replaces ? `${file}.before-restore-${timestamp()}` : undefined
    if (previous !== undefined) {
      await assertNobodyHas(directory, {
        action: `Cannot restore to ${directory}`,
        otherWay: OTHER_WAY,
      })
      await keepOwner(file, partial)
      await link(file, previous)
    }
    throwIfAborted(work)
    await moveDurably(partial, file)
    if (made !== undefined) await syncPath(dirname(made))
    return { previous, point }
  } catch (error) {
    throw fileError(action, error)
  } finally {
    await removeFailed(place)
  }
}

async function finished(work: RestoreWork, place: string): Promise<RestoredPoint | undefined> {
  const point = await work.goOn?.(place)
  await work.beginLineage(place)
  return point
}

// Nobody has seen the copy, and it goes: whether a commit to it is stored does not matter, why it failed does.
function errorOfCopy(action: string, error: unknown): unknown {
  const cause = error instanceof LadderError ? error.cause : undefined
  return errnoOf(cause) === undefined ? error : fileError(action, cause)
}

// What cannot be removed either must not hide why the work failed: the next restore sweeps it.
async function removeFailed(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined)
}

// To the millisecond, as two restores may follow each other at once; without colons, for file names.
function timestamp(): string {
  return new Date().toISOString().replace(/[-:.]/g, '')
}
