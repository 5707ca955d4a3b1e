/**
 * Room on the disk for what one commit of an import brings.
 *
 * @module
 */

import { statfs } from 'node:fs/promises'
import { LadderError } from '../ground/errors.ts'
import { inWords } from '../ground/system-errors.ts'

/**
 * LMDB must not get to write to a full disk: printing its error message can crash the process.
 *
 * @throws {LadderError} `DISK_FULL`.
 */
export async function assertRoom(
  path: string,
  { board, neededBytes }: { board: string; neededBytes: number },
): Promise<void> {
  const { bavail, bsize } = await inWords(`Cannot import into board "${board}"`, statfs(path))
  if (bavail * bsize >= neededBytes) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot import into board "${board}": ${bavail * bsize} bytes are free, up to ${neededBytes} are needed; nothing was imported, free space and import again`,
  )
}
