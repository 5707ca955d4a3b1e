/**
 * Watching commits: what a failed one means, and when to stop.
 *
 * A commit that the disk refuses for want of room was not applied, and the next one may work. After
 * any other failure, or one that does not return, nobody knows what the file holds: LMDB then keeps
 * its write lock and later commits would wait for ever. So writes stop until the store is opened
 * again; reads go on. Walls 13 to 15 of ../DESIGN.md.
 *
 * @module
 */

import { statSync } from 'node:fs'
import { readFile, stat, statfs } from 'node:fs/promises'
import { LadderError } from '../../ground/errors.ts'
import {
  CLOSE_WAIT_MS,
  COMMIT_WAIT_MS,
  FULL_DISK_BYTES,
  LARGE_COMMIT_ROOM_BYTES,
  LOCK_WAIT_MS,
} from '../../ground/limits.ts'
import { isFullError } from '../../ground/system-errors.ts'
import { isDamage } from './faults.ts'
import { assertRoomForCommit } from './free-space.ts'

const EIO = 5
const TICK_MS = 500
const LIMITS = '/proc/self/limits'

/** Watches the commits of one store. */
export class CommitWatchdog {
  readonly #path: string
  readonly #options: { dataFile: string; isPanicked: () => boolean }
  #failure: LadderError | undefined
  readonly #identity: string | undefined
  #freeBytes = 0

  /** `isPanicked` tells whether LMDB has given up, which it does where its header was not written. */
  constructor(path: string, options: { dataFile: string; isPanicked: () => boolean }) {
    this.#path = path
    this.#options = options
    this.#identity = identityOf(options.dataFile)
  }

  /** Whether writes have stopped for good. */
  get isStopped(): boolean {
    return this.#failure !== undefined
  }

  /** Whether the disk had room for a large commit when this one began. */
  get hasAmpleRoom(): boolean {
    return this.#freeBytes >= LARGE_COMMIT_ROOM_BYTES
  }

  /**
   * Starts a transaction and waits for its commit. `begin` calls back when the transaction has the
   * write lock, and must then do its work only if the answer is true. Work may take its time: if
   * `worked` is given, only what comes behind it counts as the commit.
   *
   * @throws {LadderError} `BUSY` where the lock was not to be had and nothing was done, `DISK_FULL`
   *   where nothing was stored, `IO` where writes stop; what the work itself threw, as it is.
   */
  async watch(
    begin: (mayWork: () => boolean) => Promise<void>,
    worked: Promise<void> = Promise.resolve(),
  ): Promise<void> {
    this.#assertRunning()
    this.#assertInPlace()
    this.#freeBytes = assertRoomForCommit(this.#path)
    let isLate = false
    let onBegun = (): void => undefined
    const begun = new Promise<void>((resolve) => {
      onBegun = resolve
    })
    const commit = begin(() => {
      onBegun()
      return !isLate
    })
    try {
      await within(Promise.race([begun, commit]), LOCK_WAIT_MS)
    } catch (error) {
      isLate = true
      throw error instanceof Overdue ? this.#busy(error) : await this.#judge(error)
    }
    // What the work throws is told below.
    await Promise.race([worked, commit.catch(() => undefined)])
    await within(commit, COMMIT_WAIT_MS).catch(async (error: unknown) => {
      throw await this.#judge(error)
    })
  }

  /** Waits for the closing, but not for ever once writes have stopped: LMDB may never let go. */
  async close(closing: () => Promise<void>): Promise<void> {
    if (!this.isStopped) return closing()
    await within(closing(), CLOSE_WAIT_MS).catch(() => undefined)
  }

  #assertRunning(): void {
    if (this.#failure === undefined) return
    const { code, message } = this.#failure
    throw new LadderError(
      code,
      `Cannot write: an earlier commit failed; close the store, open it again and check it (${message})`,
      { cause: this.#failure },
    )
  }

  // A commit to a file that no name leads to any more would be told as durable, and be lost.
  #assertInPlace(): void {
    if (identityOf(this.#options.dataFile) === this.#identity) return
    throw new LadderError(
      'IO',
      `Cannot commit to ${this.#path}: its data file was deleted, moved or replaced while it was open; nothing was stored, close the store and open it again`,
    )
  }

  #busy(cause: unknown): LadderError {
    return new LadderError(
      'BUSY',
      `Cannot commit to ${this.#path}: another process has held the write lock for ${LOCK_WAIT_MS / 1000} s; nothing was stored, try again`,
      { cause },
    )
  }

  async #judge(error: unknown): Promise<unknown> {
    if (error instanceof Overdue)
      return this.#stop(`it did not return within ${COMMIT_WAIT_MS / 1000} s`, error)
    const cause = await causeOf(error)
    if (cause === undefined) return error
    const { dataFile, isPanicked } = this.#options
    if (isPanicked() || !(await isFull(cause, { path: this.#path, dataFile })))
      return this.#stop(cause.message, cause)
    return new LadderError(
      'DISK_FULL',
      `Cannot commit to ${this.#path}: ${cause.message}; nothing was stored, free space and submit again`,
      { cause },
    )
  }

  #stop(problem: string, cause: unknown): LadderError {
    this.#failure = new LadderError(
      isDamage(cause) ? 'CORRUPT' : 'IO',
      `Cannot commit to ${this.#path}: ${problem}; the commit may or may not be stored; open the store again and check it before writing`,
      { cause },
    )
    return this.#failure
  }
}

// LMDB reports a write that was cut short as EIO: on a disk without room, or at the largest size that
// this process may give a file, that is what it was.
async function isFull(
  cause: NodeJS.ErrnoException,
  { path, dataFile }: { path: string; dataFile: string },
): Promise<boolean> {
  if (isFullError(cause)) return true
  if (cause.code !== 'EIO' && Number(cause.code) !== EIO) return false
  const { bavail, bsize } = await statfs(path)
  if (bavail * bsize < FULL_DISK_BYTES) return true
  return (await stat(dataFile)).size + FULL_DISK_BYTES > (await fileBytesMax())
}

// Of Linux: elsewhere there is no telling.
async function fileBytesMax(): Promise<number> {
  const limits = await readFile(LIMITS, 'utf8').catch(() => '')
  const soft = /^Max file size\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
}

// Undefined if nothing that can be looked at is there.
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

class Overdue extends Error {}

// Settles as `work` does, or rejects when the time is over. What counts is the time in which the event
// loop ran: a process that was stopped, or busy for long, must first hear what was done meanwhile.
async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    let ticks = Math.ceil(limitMs / TICK_MS)
    timer = setInterval(() => {
      if (--ticks === 0) reject(new Overdue('Not done in time'))
    }, TICK_MS)
  })
  // Whichever comes second must not be an unhandled rejection.
  work.catch(() => undefined)
  try {
    await Promise.race([work, overdue])
  } finally {
    clearInterval(timer)
  }
}

// A failed commit rejects with an error that carries its cause as a promise, which must be handled;
// an error without one came from the work.
async function causeOf(error: unknown): Promise<NodeJS.ErrnoException | undefined> {
  const { commitError } = error as { commitError?: Promise<unknown> }
  if (commitError === undefined) return undefined
  return (await commitError.catch((reason: unknown) => reason)) as NodeJS.ErrnoException
}
