/**
 * What can be done with stores and their backups without opening one. The work is loaded when it is asked for: a
 * game that only submits does not pay for it at its start.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { checkArguments, checkCall } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import type { ErasedSince, Erasures } from '../embedded/moderation/erasures.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { decodeHeader, HEADER_KEY } from '../format/meta/header.ts'
import { forCaller } from '../ground/call-site.ts'
import { assertMainThread } from '../store/lmdb/main-thread.ts'
import type {
  BackupInfo,
  BackupManifest,
  CheckReport,
  CompactReport,
  RestoreBoardOptions,
  RestoreBoardReport,
  RestoreOptions,
  RestoreReport,
  RotateOptions,
  WorkOptions,
} from '../words/index.ts'

const LINEAGE_ID_BYTES = 16

/**
 * Checks the store in a directory as `Leaderboards.check` does, in a child process: pages on which LMDB
 * ends a process end the child, and are a finding at the place where it was. Cost: as `check`, and the
 * start of a process.
 *
 * @throws {LadderError} `ABORTED`, `IO` if no child could be started, and those of opening a store.
 * @example
 * const { ok } = await checkStore(store.path)
 * ok // true
 */
export function checkStore(
  directory: string | URL,
  options?: WorkOptions & { history?: boolean; allowNetworkFileSystem?: boolean },
): Promise<CheckReport> {
  return forCaller('Cannot check the store', async () => {
    const path = resolve(checkPath(directory, 'check a store'))
    const checked = checkCall('checkStore', arguments, options)
    const { checkApart } = await import('../check/check-in-child.ts')
    const { report } = await checkApart(path, checked)
    return report
  })
}

/**
 * Verifies a backup: manifest, sizes, SHA-256, and a full check in a child process. The backup is a
 * directory, or a stream that `packBackup` or `Leaderboards.backup` wrote; a stream is laid down in the
 * directory for temporary files while it is verified. Cost: reads the backup twice.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `CORRUPT` if the backup cannot be trusted; `DISK_FULL`,
 *   `PERMISSION`, `IO`, `ABORTED`.
 * @example
 * await store.backup(`${path}-backup`)
 * const { boards } = await verifyBackup(`${path}-backup`)
 * boards // []
 */
export function verifyBackup(
  source: string | URL | Readable,
  options?: { signal?: AbortSignal | undefined },
): Promise<BackupManifest> {
  return forCaller('Cannot verify the backup', async () => {
    const from = isStream(source)
      ? (source as Readable)
      : checkPath(source, 'verify a backup', 'source')
    const checked = checkCall('verifyBackup', arguments, options)
    const backup = await import('../backup/backup.ts')
    if (typeof from !== 'string') return backup.proveStream(from, checked)
    return backup.proveBackup(from, checked)
  })
}

/**
 * Makes a backup the content of a store's directory. Nobody may have that store open. The backup is a
 * directory, or a stream that `packBackup` or `Leaderboards.backup` wrote.
 *
 * A store that is there is replaced only with `force`; its data file stays beside the new one under
 * the name that the report gives, so `mv` undoes the restore. With `dryRun` everything is verified
 * and nothing changed. The restored store keeps its identity and gets a lineage of its own. Cost: reads
 * the backup three times and writes it once.
 *
 * With `until` or `seq` the restore goes on with the changes of a log, up to that time (not included) or that
 * record: of the store that is replaced, or of `log`, another store, its data file, or a file that `ladderdb log --follow
 * --json` wrote. A damaged store will do: nothing of it is trusted to be sound. Each change is made again
 * with its time and its `seq`, and the record that it leaves is held against the one of the log, so boards,
 * runs, names, profiles, bans and rules are what they were, or the restore is refused. All that can be told
 * beforehand is refused before anything is written: a log that begins behind the backup, has a hole, is of
 * another store or of the other side of a restore, or does not reach the point. A log of a damaged store, or
 * of a file whose last line was cut off, is followed as far as it goes: `point` says how far, and why. A point
 * inside of a change, like a `submitMany`, means the moment before it. Boards with `log: 'none'` stay as the
 * backup has them, and are named. Players who were erased, before or after the point, are erased again.
 * Answers to retries under a `requestId` that were made again know ordinal ranks only. Cost: as above, and
 * reads the log twice, and makes some thousands of changes a second.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `CORRUPT` if the backup cannot be trusted; `EXISTS` if a store is
 *   there; `BUSY` if somebody has it open; `LOG_TRIMMED`, `LOG_UNUSABLE`, `NO_STORE` if the log does not lead
 *   to the point; `DISK_FULL`, `PERMISSION`, `IO`, `ABORTED`, `NOT_MAIN_THREAD`.
 * @example
 * await store.backup(`${path}-backup`)
 * const { previous } = await restoreBackup(`${path}-backup`, path)
 * previous // undefined
 * @example
 * const arena = store.board('arena')
 * await arena.submit('ada', 900)
 * await store.backup(`${path}-backup`)
 * await arena.submit('ada', 950)
 * await arena.submit('ada', 10)
 * const { records } = store.log({ kinds: ['submit'] })
 * const { point } = await restoreBackup(`${path}-backup`, path, { seq: records[1].seq, log: store.path })
 * point.records // 1
 */
export function restoreBackup(
  source: string | URL | Readable,
  target: string | URL,
  options?: RestoreOptions,
): Promise<RestoreReport> {
  return forCaller('Cannot restore the backup', async () => {
    const from = isStream(source) ? (source as Readable) : checkPath(source, 'restore', 'source')
    const to = checkPath(target, 'restore', 'target')
    const checked = checkCall('restoreBackup', arguments, options)
    assertMainThread(to)
    const log = checkPoint(checked)
    const restore = await import('../backup/restore.ts')
    // Not before all that can refuse: to look into a store may change its lock file.
    const work = {
      ...checked,
      beginLineage: async (place: string) => beginLineage(place, await erasuresOf(to)),
    }
    if (checked.until === undefined && checked.seq === undefined)
      return restore.restoreStore(from, to, work)
    const { PointRestore } = await import('./restore-point.ts')
    const point = new PointRestore(to, { ...checked, log })
    try {
      return await restore.restoreStore(from, to, {
        ...work,
        prepare: (backup) => point.prepare(backup),
        goOn: (place) => point.replay(place),
        beginLineage: async (place) => beginLineage(place, await erasuresOf(to), point),
      })
    } finally {
      await point.close()
    }
  })
}

/**
 * Restores one board of a backup into a store, with its settings and every entry as it was; the other
 * boards stay. The store may be open and played on meanwhile; it is created if there is none. A
 * reader of the board sees the old one or the new one, whole. It is a new board: its history begins here, and
 * no `requestId` of the old one is known on it. Its windows come with all their seasons and finals, under new
 * numbers; what was to happen of them since happens then. Cost: verifies the backup, then as an import.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `CORRUPT` if the backup cannot be trusted; `NO_BOARD` if it has no
 *   such board; `EXISTS` if the store has one with entries and `force` is not set; `READ_ONLY` if the
 *   target is a backup; those of opening and of writes.
 * @example
 * const own = openLeaderboards(path)
 * await own.board('arena').submit('ada', 900)
 * await own.backup(`${path}-backup`)
 * await restoreBoard(`${path}-backup`, path, { board: 'arena', as: 'arena as it was' })
 * own.openBoard('arena as it was').size // 1
 * await own.close()
 */
export function restoreBoard(
  source: string | URL | Readable,
  target: string | URL,
  options: RestoreBoardOptions,
): Promise<RestoreBoardReport> {
  return forCaller('Cannot restore a board', async () => {
    const from = isStream(source) ? (source as Readable) : checkPath(source, 'restore', 'source')
    const to = resolve(checkPath(target, 'restore', 'target'))
    const checked = checkCall('restoreBoard', arguments, options) as RestoreBoardOptions
    const { restoreBoardOf } = await import('./restore-board.ts')
    if (typeof from === 'string') return restoreBoardOf(from, to, checked)
    const { layDown, STREAM_PATH } = await import('../backup/restore.ts')
    const place = { directory: to, signal: checked.signal }
    const report = await layDown(from, place, (backup) => restoreBoardOf(backup, to, checked))
    return { ...report, source: STREAM_PATH }
  })
}

/**
 * Makes the file of a store as small as what it holds: after a drop or a removal of much its bytes are
 * used again, and the file stays as large as it was. Nobody may have the store open, this process
 * included. Cost: reads the store twice and writes what it holds once; needs room for that.
 *
 * Killed at any instant it leaves the old or the new file, whole.
 *
 * @throws {LadderError} `BUSY` if somebody has it open, or the system does not tell; `NO_STORE`,
 *   `READ_ONLY` for a backup, `CORRUPT`, `DISK_FULL`, `PERMISSION`, `IO`, `ABORTED`, and those of opening.
 * @example
 * const own = openLeaderboards(path)
 * await own.createBoard('arena')
 * await own.close()
 * const { bytes, bytesBefore } = await compactStore(path)
 * bytes <= bytesBefore // true
 */
export function compactStore(
  directory: string | URL,
  options?: { signal?: AbortSignal | undefined; allowNetworkFileSystem?: boolean | undefined },
): Promise<CompactReport> {
  return forCaller('Cannot compact the store', async () => {
    const path = checkPath(directory, 'compact a store')
    const checked = checkCall('compactStore', arguments, options)
    const { signal, allowNetworkFileSystem } = checked
    assertMainThread(path)
    const [{ compactInPlace }, { openContext }] = await Promise.all([
      import('../backup/compact.ts'),
      import('./open-context.ts'),
    ])
    const open = (place: string): OpenStore =>
      openContext(place, { readOnly: true, allowNetworkFileSystem })
    return compactInPlace(path, { open, signal })
  })
}

/**
 * Returns the backups in a directory, the newest first. Directories that hold no backup are skipped.
 * Cost: one small file a backup.
 *
 * @throws {LadderError} `PERMISSION`, `IO` if the directory cannot be listed.
 * @example
 * await store.backup(`${path}/monday`)
 * const [newest] = await listBackups(path)
 * newest.manifest.boards // []
 */
export function listBackups(directory: string | URL): Promise<BackupInfo[]> {
  return forCaller('Cannot list the backups', async () => {
    const path = checkPath(directory, 'list backups')
    checkArguments('listBackups', arguments)
    const rotate = await import('../backup/rotate.ts')
    return rotate.findBackups(path)
  })
}

/**
 * Removes the backups of one store that no rule keeps; returns their paths. The newest one always
 * stays, and so does the newest whose data are what its manifest says, and any directory that holds
 * more than a backup. `made` is the path of the backup just made.
 *
 * After a restore the store has two histories (`lineageId` in the manifests). Those of the living one,
 * that of `made` or else of the newest backup, are kept by the rules as if there were no others. Those
 * that were given up stay as long as the rules keep them among all backups by time, so they pass away
 * as newer ones come.
 *
 * Cost: reads the newest backup once where something is to be removed.
 *
 * @throws {TypeError | RangeError} with nothing removed, if an option or a rule is unknown or if the rules
 *   keep none.
 * @throws {LadderError} `CORRUPT`, with nothing removed, if none of those to keep is sound;
 *   `PERMISSION`, `IO`, `ABORTED`.
 * @example
 * const { storeId } = await store.backup(`${path}/monday`)
 * await rotateBackups(path, { storeId, rules: { daily: 7, monthly: 12 } }) // []
 */
export function rotateBackups(directory: string | URL, options: RotateOptions): Promise<string[]> {
  return forCaller('Cannot rotate the backups', async () => {
    const { checkRotation } = await import('../calls/keep-rules.ts')
    const checked = checkRotation(options)
    const path = checkPath(directory, 'rotate backups')
    checkArguments('rotateBackups', arguments)
    const rotate = await import('../backup/rotate.ts')
    return rotate.removeOldBackups(path, checked)
  })
}

/**
 * Writes a backup to a stream, which is ended: one file for pipes and object stores. It is not
 * verified again. Cost: reads the backup once.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `IO` if the stream takes no more, `ABORTED`.
 * @example
 * await store.backup(`${path}-backup`)
 * const { boards } = await packBackup(`${path}-backup`, createWriteStream(`${path}.ladder`))
 * boards // []
 */
export function packBackup(
  directory: string | URL,
  target: Writable,
  options?: { signal?: AbortSignal | undefined },
): Promise<BackupManifest> {
  return forCaller('Cannot pack the backup', async () => {
    const path = checkPath(directory, 'pack a backup')
    const checked = checkCall('packBackup', arguments, options)
    const stream = await import('../backup/stream.ts')
    return stream.writeStream(path, target, checked)
  })
}

/**
 * Makes a new directory the backup that comes in a stream. Its length is held against the manifest;
 * all else is left to `verifyBackup`, which `restoreBackup` calls. If it fails, it leaves no directory.
 * Cost: writes the backup once.
 *
 * @throws {LadderError} `NOT_A_BACKUP` if the stream is not a backup or was cut; `EXISTS`, `DISK_FULL`,
 *   `IO`, `ABORTED`.
 * @example
 * await store.backup(createWriteStream(`${path}.ladder`))
 * const { boards } = await unpackBackup(createReadStream(`${path}.ladder`), `${path}-copy`)
 * boards // []
 */
export function unpackBackup(
  source: Readable,
  directory: string | URL,
  options?: { signal?: AbortSignal | undefined },
): Promise<BackupManifest> {
  return forCaller('Cannot unpack the backup', async () => {
    const path = checkPath(directory, 'unpack a backup')
    const checked = checkCall('unpackBackup', arguments, options)
    const stream = await import('../backup/stream.ts')
    return stream.readStream(source, path, checked)
  })
}

// A log alone says no point: how far to go on is never guessed.
function checkPoint({ until, seq, log }: RestoreOptions): string | undefined {
  if (until !== undefined && seq !== undefined)
    throw new TypeError('Cannot restore up to a time and a seq: name only one of until and seq')
  if (log === undefined) return undefined
  if (until === undefined && seq === undefined)
    throw new TypeError('Cannot use log without an end: say until or seq too')
  return checkPath(log, 'read a log', 'log')
}

// The store lies where nobody else looks for it, on whatever file system it is to be restored to.
async function beginLineage(
  directory: string,
  erased: Erased,
  inLog: Omit<ErasedSince, 'known'> = {},
): Promise<void> {
  const [{ openContext }, lineage, { eraseAgain }] = await Promise.all([
    import('./open-context.ts'),
    import('../embedded/lineage.ts'),
    import('../embedded/moderation/erasures.ts'),
  ])
  const context = openContext(directory, { create: false, allowNetworkFileSystem: true })
  try {
    const lineageId = randomBytes(LINEAGE_ID_BYTES).toString('hex')
    const nowMicros = context.nowMicros()
    await context.store.write((writer) => {
      lineage.beginLineage(writer, { lineageId, nowMicros })
    })
    // Hashes are those of one store and its copies.
    const { erasures } = erased.storeId === context.storeId ? erased : NOBODY
    await eraseAgain(context, { known: erasures, later: inLog.later, givenUp: inLog.givenUp })
  } finally {
    await context.store.close()
  }
}

/** Whom a store has erased. */
interface Erased {
  storeId: string | undefined
  erasures: Erasures
}

const NOBODY: Erased = { storeId: undefined, erasures: new Map() }

// Whom the store that is replaced has erased. It may be damaged, so its pages are read without LMDB, which
// would end the process; what cannot be read tells of nobody.
async function erasuresOf(directory: string): Promise<Erased> {
  const [{ openDamagedFile }, { BACKUP_DATA_FILE }, { erasuresAmong }] = await Promise.all([
    import('../store/datafile/salvage-walk.ts'),
    import('../backup/manifest.ts'),
    import('../embedded/moderation/erasures.ts'),
  ])
  const path = join(directory, BACKUP_DATA_FILE)
  const file = existsSync(path) ? openDamagedFile(path) : undefined
  if (file === undefined || typeof file === 'string') return NOBODY
  try {
    return {
      storeId: storeIdAmong(file.pairs('meta')),
      erasures: erasuresAmong(file.pairs('people')),
    }
  } finally {
    file.close()
  }
}

function storeIdAmong(pairs: Iterable<{ key: Buffer; value: Buffer }>): string | undefined {
  for (const { key, value } of pairs)
    if (key.equals(HEADER_KEY)) return decodeHeader(value)?.storeId
  return undefined
}

function isStream(source: unknown): boolean {
  return typeof (source as Readable | undefined)?.pipe === 'function'
}
