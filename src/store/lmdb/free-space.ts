/**
 * The room on the disk that LMDB must find: without it a signal ends the process.
 * Wall 12 of ../DESIGN.md.
 *
 * @module
 */

import { statfsSync } from 'node:fs'
import { LadderError } from '../../ground/errors.ts'
import { COMMIT_ROOM_BYTES, NEW_STORE_BYTES } from '../../ground/limits.ts'
import { inWordsNow } from '../../ground/system-errors.ts'

/**
 * LMDB maps the file of a new store, and ends by a signal where that gets no room.
 *
 * @throws {LadderError} `DISK_FULL` if there is no room for a new store.
 */
export function assertRoomForStore(path: string): void {
  const bytes = freeBytes(`Cannot create a store in ${path}`, path)
  if (bytes >= NEW_STORE_BYTES) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot create a store in ${path}: ${bytes} bytes are free, ${NEW_STORE_BYTES} are needed; free space`,
  )
}

/**
 * LMDB's message about a write that a full disk refused is longer than the memory that it takes for
 * it, which can end the process. So it is not brought there. Returns the bytes that are free.
 *
 * @throws {LadderError} `DISK_FULL` if there is no room for a commit.
 */
export function assertRoomForCommit(path: string): number {
  const bytes = freeBytes(`Cannot commit to ${path}`, path)
  if (bytes >= COMMIT_ROOM_BYTES) return bytes
  throw new LadderError(
    'DISK_FULL',
    `Cannot commit to ${path}: ${bytes} bytes are free, ${COMMIT_ROOM_BYTES} are needed; nothing was stored, free space and submit again`,
  )
}

function freeBytes(action: string, path: string): number {
  const { bavail, bsize } = inWordsNow(action, () => statfsSync(path))
  return bavail * bsize
}
