/**
 * Reading a store without its lock file.
 *
 * LMDB makes a lock file wherever it opens, and writes to the one that it finds. A reader must not
 * change a store that lies there, be it a backup or a disk that it may only read. Two kinds of store
 * can be read without:
 * - One that has no lock file. Nobody has it open, and a writer makes a lock file before it writes.
 * - One on a file system that nobody can write to.
 *
 * The data file is opened through a link in a directory of our own, where LMDB puts a lock file that
 * nobody else sees. What it reads is right as long as nobody writes. So that nobody has begun to is
 * proved before and after reading: the lock file is still not there, or the data file is as it was.
 * Wall 4 of ../DESIGN.md.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LadderError } from '../../ground/errors.ts'
import { writablePlace } from '../../ground/places.ts'
import { inWordsNow } from '../../ground/system-errors.ts'
import { isOnReadOnlyMedium } from './read-only-medium.ts'

const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'

// For a few kilobytes, if the directory for temporary files cannot be written to.
const OTHER_PLACES = ['/dev/shm', '/tmp', '/var/tmp']

// LMDB opens a file once in a process: an opening without locks must not be shared with others.
const opened = new Map<string, number>()

/** One store that is read without its lock file. */
export class UnlockedReading {
  readonly #path: string
  readonly #identity: string
  /** What the data file must stay like; undefined if the lock file must stay away. */
  readonly #state: string | undefined

  private constructor(path: string) {
    this.#path = path
    this.#identity = identityOf(path)
    this.#state = hasLockFile(path) ? stateOf(path) : undefined
    opened.set(this.#identity, (opened.get(this.#identity) ?? 0) + 1)
  }

  /** Whether the store in a directory is to be read like that. */
  static isFor(path: string): boolean {
    return !hasLockFile(path) || isOnReadOnlyMedium(path)
  }

  /**
   * Opens by `open`, which is given the directory to open instead.
   *
   * @throws {LadderError} `PERMISSION`, `IO` if there is no place for that directory.
   */
  static open<T>(
    path: string,
    open: (directory: string) => T,
  ): { opened: T; unlocked: UnlockedReading } {
    const action = `Cannot open ${path} for reading`
    const place = writablePlace(action, [...OTHER_PLACES, dirname(path), path])
    return inWordsNow(action, () => {
      const directory = mkdtempSync(join(place, 'ladderdb-reading-'))
      try {
        symlinkSync(join(path, DATA_FILE), join(directory, DATA_FILE))
        return { opened: open(directory), unlocked: new UnlockedReading(path) }
      } finally {
        // LMDB has them open: their names are needed no more.
        rmSync(directory, { recursive: true, force: true })
      }
    })
  }

  /**
   * @throws {LadderError} `BUSY` if this process reads the store without its lock file and now wants
   *   it otherwise.
   */
  static assertNone(path: string, { readOnly }: { readOnly: boolean }): void {
    if (!opened.has(identityOf(path)) || (readOnly && UnlockedReading.isFor(path))) return
    throw new LadderError(
      'BUSY',
      `Cannot open ${path}: this process reads it already, from a time when it had no lock file; close that first`,
    )
  }

  /** @throws {LadderError} `BUSY` if somebody may have written to the store. */
  assertAlone(): void {
    const isAlone =
      this.#state === undefined ? !hasLockFile(this.#path) : stateOf(this.#path) === this.#state
    if (isAlone) return
    throw new LadderError(
      'BUSY',
      `Cannot read ${this.#path}: it was opened for reading when nobody had it open, and a writer has opened it since; open it again`,
    )
  }

  close(): void {
    const count = (opened.get(this.#identity) ?? 1) - 1
    if (count === 0) opened.delete(this.#identity)
    else opened.set(this.#identity, count)
  }
}

function hasLockFile(path: string): boolean {
  return existsSync(join(path, LOCK_FILE))
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(join(path, DATA_FILE))
  return `${dev}:${ino}`
}

// Undefined if it is gone.
function stateOf(path: string): string | undefined {
  const status = statSync(join(path, DATA_FILE), { throwIfNoEntry: false })
  return status && `${status.size} ${status.mtimeMs} ${status.ctimeMs}`
}
