/**
 * The files and directories of a new store.
 *
 * @module
 */

import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, statfsSync } from 'node:fs'
import { LadderError } from '../../ground/errors.ts'
import { NEW_STORE_BYTES } from '../../ground/limits.ts'
import { failedToOpen } from './faults.ts'

/** @throws {LadderError} `DISK_FULL` where there is no room for a new store. */
export function checkRoom(path: string): void {
  const { bavail, bsize } = statfsSync(path)
  if (bavail * bsize >= NEW_STORE_BYTES) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot create a store in ${path}: ${bavail * bsize} bytes are free, ${NEW_STORE_BYTES} are needed; free space`,
  )
}

/** Makes a directory for its owner alone; returns the first one that was made, if any was. */
export function makeDirectory(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw failedToOpen(path, cause)
  }
}

/** Gives a file its name, where nobody was faster. */
export function linkUnlessThere(source: string, target: string): void {
  try {
    linkSync(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
