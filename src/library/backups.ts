/**
 * What can be done with stores and their backups without opening one. The work is loaded when it is asked for: a
 * game that only submits does not pay for it at its start.
 *
 * @module
 */

import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { checkOptions } from '../calls/values.ts'
import type {
  BackupInfo,
  BackupManifest,
  CheckReport,
  KeepRules,
  RestoreOptions,
  RestoreReport,
  WorkOptions,
} from '../words/index.ts'

/**
 * Checks the store in a directory as `Leaderboards.check` does, in a child process: pages on which LMDB
 * ends a process end the child, and are a finding at the place where it was.
 *
 * @throws {LadderError} `ABORTED`, `IO` where there could be no child, and those of opening a store.
 */
export async function checkStore(
  directory: string,
  options?: WorkOptions & { allowNetworkFileSystem?: boolean },
): Promise<CheckReport> {
  const { checkApart } = await import('../check/check-in-child.ts')
  const { report } = await checkApart(resolve(directory), checkOptions(options))
  return report
}

/**
 * Verifies a backup: manifest, sizes, SHA-256, and a full check in a child process.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `CORRUPT`.
 */
export async function verifyBackup(
  directory: string,
  options: { signal?: AbortSignal } = {},
): Promise<BackupManifest> {
  const backup = await import('../backup/backup.ts')
  return backup.proveBackup(directory, options)
}

/**
 * Makes a backup the content of a store's directory. Nobody may have that store open. The backup is a
 * directory, or a stream that `packBackup` or `Leaderboards.backup` wrote.
 *
 * A store that is there is replaced only with `force`; its data file stays beside the new one under
 * the name that the report gives, so `mv` undoes the restore. With `dryRun` everything is verified
 * and nothing changed. Cost: reads the backup three times and writes it once.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `CORRUPT` where the backup cannot be trusted; `EXISTS` where a
 *   store is there; `BUSY` where somebody has it open; `DISK_FULL`, `PERMISSION`, `IO`, `ABORTED`.
 */
export async function restoreBackup(
  source: string | Readable,
  target: string,
  options?: RestoreOptions,
): Promise<RestoreReport> {
  const restore = await import('../backup/restore.ts')
  return restore.restoreStore(source, target, options)
}

/** Returns the backups in a directory, the newest first. Directories that are none are passed over. */
export async function listBackups(directory: string): Promise<BackupInfo[]> {
  const rotate = await import('../backup/rotate.ts')
  return rotate.findBackups(directory)
}

/**
 * Removes the backups of one store that no rule keeps; returns their paths. The newest one always
 * stays, and so does the newest whose data are what its manifest says, and any directory that holds
 * more than a backup. `made` is the path of the backup just made: after a restore, which takes the
 * commit numbers back, nothing else tells that it is the newest.
 *
 * Cost: reads the newest backup once where something is to be removed.
 *
 * @throws {LadderError} `CORRUPT`, with nothing removed, where none of those to keep is sound;
 *   `PERMISSION`, `IO`, `ABORTED`.
 */
export async function rotateBackups(
  directory: string,
  options: { storeId: string; rules: KeepRules; made?: string; signal?: AbortSignal },
): Promise<string[]> {
  const rotate = await import('../backup/rotate.ts')
  return rotate.removeOldBackups(directory, options)
}

/**
 * Writes a backup to a stream, which is ended: one file for pipes and object stores. It is not
 * verified again.
 *
 * @throws {LadderError} `NOT_A_BACKUP`, `IO` where the stream takes no more, `ABORTED`.
 */
export async function packBackup(
  directory: string,
  target: Writable,
  options: { signal?: AbortSignal } = {},
): Promise<BackupManifest> {
  const stream = await import('../backup/stream.ts')
  return stream.writeStream(directory, target, options)
}

/**
 * Makes a new directory the backup that comes in a stream. Its length is held against the manifest;
 * all else is left to `verifyBackup`, which `restoreBackup` calls. Where it fails there is no
 * directory.
 *
 * @throws {LadderError} `NOT_A_BACKUP` where the stream is none or was cut; `EXISTS`, `DISK_FULL`,
 *   `IO`, `ABORTED`.
 */
export async function unpackBackup(
  source: Readable,
  directory: string,
  options: { signal?: AbortSignal } = {},
): Promise<BackupManifest> {
  const stream = await import('../backup/stream.ts')
  return stream.readStream(source, directory, options)
}
