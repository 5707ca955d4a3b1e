/**
 * What this process has open: LMDB keeps one environment of a file in a process, and one that was opened
 * for reading cannot be written to by a second opening.
 *
 * @module
 */

import { statSync } from 'node:fs'
import { LadderError } from '../errors.ts'

const openings = new Map<string, { readers: number; writers: number }>()

/**
 * Notes that this process opens a data file; returns what is to be called when it was closed.
 *
 * @throws {LadderError} `BUSY` for writing where the process has it open for reading alone.
 */
export function noteOpening(file: string, { readOnly }: { readOnly: boolean }): () => void {
  const { dev, ino } = statSync(file)
  const identity = `${dev}:${ino}`
  const counts = openings.get(identity) ?? { readers: 0, writers: 0 }
  if (!readOnly && counts.writers === 0 && counts.readers > 0)
    throw new LadderError(
      'BUSY',
      `Cannot open ${file} for writing: this process has it open read-only; close that first, or open it for writing to begin with`,
    )
  const kind = readOnly ? 'readers' : 'writers'
  counts[kind]++
  openings.set(identity, counts)
  return () => {
    counts[kind]--
    if (counts.readers + counts.writers === 0) openings.delete(identity)
  }
}
