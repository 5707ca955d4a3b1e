/**
 * A place in memory for files of tests, where the machine has one: syncs cost nothing there.
 *
 * @module
 */

import { statfsSync } from 'node:fs'

const MEMORY_ROOT = '/dev/shm'
const FREE_BYTES_MIN = 1024 * 1024 * 1024

/** Returns a directory in memory, undefined on machines that have none with room enough. */
export function memoryRoot(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_ROOT)
    return bavail * bsize > FREE_BYTES_MIN ? MEMORY_ROOT : undefined
  } catch {
    return undefined
  }
}
