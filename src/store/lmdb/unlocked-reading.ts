/**
 * Reading a store that has no lock file, without making one.
 *
 * LMDB makes a lock file wherever it opens; a reader must not change a store that lies there, be it a
 * backup or a disk that it may only read. Where there is no lock file nobody has the store open, so
 * the data file is opened through a link in a directory of our own, where LMDB puts a lock file that
 * nobody else sees. What it then reads is right as long as nobody writes; who writes makes a lock file
 * first. So its absence is proved before and after reading.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LadderError } from '../../ground/errors.ts'

const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'

// LMDB keeps one environment of a file in a process: one without locks must not be shared with others.
const opened = new Map<string, number>()

/** One store that is read without its lock file. */
export class UnlockedReading {
  readonly #path: string
  readonly #identity: string

  private constructor(path: string) {
    this.#path = path
    this.#identity = identityOf(path)
    opened.set(this.#identity, (opened.get(this.#identity) ?? 0) + 1)
  }

  /** Whether the store in a directory is to be read like that. */
  static isFor(path: string): boolean {
    return !existsSync(join(path, LOCK_FILE))
  }

  /** Opens by `open`, which is given the directory to open instead. */
  static open<T>(
    path: string,
    open: (directory: string) => T,
  ): { opened: T; lockless: UnlockedReading } {
    const directory = mkdtempSync(join(tmpdir(), 'ladderdb-reading-'))
    try {
      symlinkSync(join(path, DATA_FILE), join(directory, DATA_FILE))
      return { opened: open(directory), lockless: new UnlockedReading(path) }
    } finally {
      // LMDB has them open: their names are needed no more.
      rmSync(directory, { recursive: true, force: true })
    }
  }

  /**
   * @throws {LadderError} `BUSY` where this process reads the store without its lock file and now
   *   wants it otherwise.
   */
  static assertNone(path: string, { readOnly }: { readOnly: boolean }): void {
    if (!opened.has(identityOf(path)) || (readOnly && UnlockedReading.isFor(path))) return
    throw new LadderError(
      'BUSY',
      `Cannot open ${path}: this process reads it already, since a time when it had no lock file; close that first`,
    )
  }

  /** @throws {LadderError} `BUSY` where somebody may have written to the store. */
  assertAlone(): void {
    if (UnlockedReading.isFor(this.#path)) return
    throw new LadderError(
      'BUSY',
      `Cannot read ${this.#path}: it was opened for reading when nobody had it open, and a writer has come since; open it again`,
    )
  }

  close(): void {
    const count = (opened.get(this.#identity) ?? 1) - 1
    if (count === 0) opened.delete(this.#identity)
    else opened.set(this.#identity, count)
  }
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(join(path, DATA_FILE))
  return `${dev}:${ino}`
}
