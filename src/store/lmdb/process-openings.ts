/**
 * What this process has open.
 *
 * LMDB opens a file once in a process, however often it is asked to. A file that was opened for reading
 * cannot be written to by a second opening. And a second opening for writing opens its tables in a
 * transaction, which waits for one that is under way: if that one waits for the event loop, the process
 * stands still for ever. So a second opening for writing gets what is open. Wall 3 of ../DESIGN.md.
 *
 * @module
 */

import { statSync } from 'node:fs'
import { LadderError } from '../../ground/errors.ts'
import type { FileOpenings } from './file-openings.ts'

interface Openings {
  readers: number
  writers: number
  /** What the writers share. */
  shared: FileOpenings<string> | undefined
}

const openings = new Map<string, Openings>()

/** One opening of a file. */
export interface Opening {
  /** What is open for writing; undefined where this is the first such opening. */
  found: FileOpenings<string> | undefined
  /** Tells what this opening, the first one for writing, has made. */
  made(shared: FileOpenings<string>): void
  /** To be called when it was closed. */
  forget(): void
}

/**
 * Notes that this process opens a data file.
 *
 * @throws {LadderError} `BUSY` for writing where the process has it open for reading alone, or with
 *   the other durability.
 */
export function noteOpening(
  file: string,
  { readOnly, relaxed }: { readOnly: boolean; relaxed: boolean },
): Opening {
  const { dev, ino } = statSync(file)
  const identity = `${dev}:${ino}`
  const own = openings.get(identity) ?? { readers: 0, writers: 0, shared: undefined }
  if (!readOnly && own.writers === 0 && own.readers > 0)
    throw new LadderError(
      'BUSY',
      `Cannot open ${file} for writing: this process has it open read-only; close that first, or open it for writing to begin with`,
    )
  const found = !readOnly && own.shared?.isInUse === true ? own.shared : undefined
  if (found !== undefined && found.relaxed !== relaxed)
    throw new LadderError(
      'BUSY',
      `Cannot open ${file}: this process has it open with another durability; close that first, or ask for the same`,
    )
  const kind = readOnly ? 'readers' : 'writers'
  own[kind]++
  openings.set(identity, own)
  return {
    found,
    made: (shared) => {
      own.shared = shared
    },
    forget: () => {
      own[kind]--
      if (own.writers === 0) own.shared = undefined
      if (own.readers + own.writers === 0) openings.delete(identity)
    },
  }
}
