/**
 * File systems that nobody writes to.
 *
 * A directory may be mounted read-only while the same file system can be written to by another mount
 * of it, like that of the host of a container. Only where the file system itself is read-only can
 * nobody write; Linux tells that in the last field of its list of mounts:
 *
 *     63 43 0:39 / /mnt ro,relatime - tmpfs tmpfs ro
 *           device         of the mount    of the file system
 *
 * @module
 */

import { readFileSync, statSync } from 'node:fs'

const MOUNTS = '/proc/self/mountinfo'

/** Whether the file system of a file or directory is read-only for all; false if nobody can tell. */
export function isOnReadOnlyMedium(path: string): boolean {
  const device = deviceOf(path)
  for (const line of mounts()) {
    const fields = line.split(' ')
    if (fields[2] !== device) continue
    return (fields.at(-1) as string).split(',').includes('ro')
  }
  return false
}

// As Linux packs a device into a number of 64 bits.
function deviceOf(path: string): string {
  const { dev } = statSync(path, { bigint: true })
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xffff_f000n)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffff_ff00n)
  return `${major}:${minor}`
}

function mounts(): string[] {
  try {
    return readFileSync(MOUNTS, 'utf8').trimEnd().split('\n')
  } catch {
    return []
  }
}
