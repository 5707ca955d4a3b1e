/**
 * Group commit: jobs that wait share one transaction and one disk sync.
 *
 * While one commit is on its way to the disk, submits pile up; the next transaction takes them in
 * order, those that come while it does so included. It gives the event loop a turn after every
 * COMMIT_TURN_MS and takes no more after COMMIT_WORK_MS: the more jobs share a commit, the fewer
 * pages each of them writes. A job that throws before it changed anything is refused alone. One that
 * throws later cannot be undone by itself: the transaction is dropped, the job refused, and the
 * others run again in a new one. Wall 6 of DESIGN.md.
 *
 * A job that takes long has a transaction of its own, in which it may wait. The others come behind it.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { COMMIT_CHANNEL, type CommitMessage } from '../ground/channels.ts'
import { COMMIT_TURN_MS, COMMIT_WORK_MS } from '../ground/limits.ts'
import type { Writer } from './store.ts'

/** A transaction in the making: a writer, and its parts that jobs do not see. */
export interface Transaction<Table extends string> extends Writer<Table> {
  /** Number of changes that the jobs announced. */
  readonly changes: number
  /** Runs what was registered for the end of the jobs. */
  finish(): void
  /** Runs what was registered for after the commit. Throws nothing: all is stored, and callers hear that. */
  published(): void
}

/** Runs `work` in a transaction and commits it durably; rejects with nothing stored. */
export type Transact<Table extends string> = (
  work: (transaction: Transaction<Table>) => void | Promise<void>,
) => Promise<void>

interface Job<Table extends string> {
  run: (writer: Writer<Table>) => unknown
  /** Whether it shares its transaction with nobody, and may answer later. */
  isAlone: boolean
  resolve: (answer: never) => void
  reject: (error: unknown) => void
  /** What the last run of it came to: an answer or, if it `threw`, an error. */
  outcome: unknown
  threw: boolean
}

/** Thrown through the transaction so that it is dropped; the cause is the job's own error. */
class Spoiled extends Error {}

/** The queue of one store. */
export class CommitQueue<Table extends string> {
  readonly #path: string
  readonly #transact: Transact<Table>
  readonly #mayGoOn: () => boolean
  #waiting: Job<Table>[] = []
  #running: Promise<void> | undefined

  /** `path` is that of the store; `mayGoOn` tells whether a transaction may take more than the jobs of one turn. */
  constructor(options: { path: string; transact: Transact<Table>; mayGoOn: () => boolean }) {
    this.#path = options.path
    this.#transact = options.transact
    this.#mayGoOn = options.mayGoOn
  }

  /** Queues a job; resolves with its answer when its commit is durable. */
  add<T>(run: (writer: Writer<Table>) => T): Promise<T> {
    return this.#add(run, false)
  }

  /** Queues a job that has a transaction of its own, in which it may wait. */
  addAlone<T>(run: (writer: Writer<Table>) => Promise<T>): Promise<T> {
    return this.#add<T>(run, true)
  }

  /** Whether nothing is waiting or under way. */
  get isIdle(): boolean {
    return this.#running === undefined
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    while (!this.isIdle) await this.#running
  }

  #add<T>(run: Job<Table>['run'], isAlone: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, isAlone, resolve, reject, outcome: undefined, threw: false })
      this.#running ??= this.#drain()
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#mayShare) await this.#commit()
      else await this.#commitAlone(this.#waiting.shift() as Job<Table>)
    }
    // In the same turn as the last look at the queue: a job added later finds nothing running.
    this.#running = undefined
  }

  async #commit(): Promise<void> {
    const taken: Job<Table>[] = []
    const start = performance.now()
    let publish = (): void => undefined
    try {
      await this.#transact((transaction) => {
        publish = () => transaction.published()
        return this.#fill(transaction, taken)
      })
    } catch (error) {
      if (!(error instanceof Spoiled)) {
        this.#refuse(taken, error)
        return
      }
      this.#retryOthers(taken)
      return
    }
    publish()
    if (COMMIT_CHANNEL.hasSubscribers) this.#tell(taken.filter(isDone).length, start)
    for (const job of taken) settle(job)
  }

  // Whether the first job that waits shares its transaction.
  get #mayShare(): boolean {
    return this.#waiting[0]?.isAlone === false
  }

  async #commitAlone(job: Job<Table>): Promise<void> {
    const start = performance.now()
    let publish = (): void => undefined
    let answer: unknown
    try {
      await this.#transact(async (transaction) => {
        publish = () => transaction.published()
        answer = await job.run(transaction)
        transaction.finish()
      })
    } catch (error) {
      job.reject(error)
      return
    }
    publish()
    if (COMMIT_CHANNEL.hasSubscribers) this.#tell(1, start)
    job.resolve(answer as never)
  }

  #tell(changes: number, start: number): void {
    const ms = performance.now() - start
    COMMIT_CHANNEL.publish({ store: this.#path, changes, ms } satisfies CommitMessage)
  }

  // Where no transaction began, the jobs that waited for it are refused.
  #refuse(taken: Job<Table>[], error: unknown): void {
    const jobs = taken.length > 0 ? taken : this.#waiting.splice(0)
    for (const job of jobs) job.reject(error)
  }

  // What one turn can do is done at once: most commits need no other.
  #fill(transaction: Transaction<Table>, taken: Job<Table>[]): void | Promise<void> {
    const deadline = performance.now() + COMMIT_WORK_MS
    this.#runJobs(transaction, taken)
    if (this.#mayShare && this.#mayGoOn()) return this.#fillOn(transaction, { taken, deadline })
    transaction.finish()
  }

  async #fillOn(
    transaction: Transaction<Table>,
    work: { taken: Job<Table>[]; deadline: number },
  ): Promise<void> {
    // The first jobs ran in answer to LMDB's thread. Immediates come right after that, timers only then.
    await nextTurn()
    while (this.#mayShare && performance.now() < work.deadline) {
      await nextTurn()
      this.#runJobs(transaction, work.taken)
    }
    transaction.finish()
  }

  #runJobs(transaction: Transaction<Table>, taken: Job<Table>[]): void {
    const deadline = performance.now() + COMMIT_TURN_MS
    let count = 0
    for (const job of this.#waiting) {
      if (job.isAlone) break
      count++
      taken.push(job)
      const changes = transaction.changes
      job.threw = false
      try {
        job.outcome = job.run(transaction)
      } catch (error) {
        job.threw = true
        job.outcome = error
        if (transaction.changes !== changes) {
          this.#waiting.splice(0, count)
          throw new Spoiled()
        }
      }
      if (performance.now() > deadline) break
    }
    this.#waiting.splice(0, count)
  }

  // The last job taken spoiled the transaction; those before it run again, in front of the others.
  #retryOthers(taken: Job<Table>[]): void {
    const spoiler = taken.pop() as Job<Table>
    this.#waiting.unshift(...taken)
    settle(spoiler)
  }
}

function isDone({ threw }: { threw: boolean }): boolean {
  return !threw
}

function settle<Table extends string>({ threw, outcome, resolve, reject }: Job<Table>): void {
  if (threw) reject(outcome)
  else resolve(outcome as never)
}
