/**
 * A backup every night at a time of the clock, and the rotation of older ones.
 *
 *     night        04:15 ─────────────────────── 04:15 ───────►
 *     looks        │ │ │ │ │ …                            every ten seconds
 *     due          once in each night: at once if the store has no backup since it began
 *     failed       told, counted, tried again after a quarter of an hour
 *
 * So a night that the server was not there for is made up for when it is there again. The wall clock decides, whose
 * steps and sleeps a long timer would not see.
 *
 * @module
 */

import { checkDaily, checkKeepRules, dayAround } from '../../calls/index.ts'
import {
  type BackupReport,
  type Calendar,
  type KeepRules,
  type Leaderboards,
  listBackups,
  rotateBackups,
} from '../../index.ts'
import { BACKUP_RETRY_MS, NIGHT_LOOK_MS } from '../limits.ts'
import type { BackupMaker } from './maker.ts'

/** What is told of a backup that was made by itself. */
export interface NightlyReport extends BackupReport {
  /** Paths of older backups that no rule keeps any more. */
  removed: string[]
}

/** What nightly backups need. */
export interface NightlyParts {
  readonly store: Leaderboards
  readonly maker: BackupMaker
  /** The days that begin at the time of the backup. */
  readonly nights: Calendar
  /** What to keep; undefined: everything. */
  readonly keep: KeepRules | undefined
  readonly clock: () => number
  readonly onBackup: (report: NightlyReport) => void
  readonly onError: (error: unknown) => void
}

/** Makes a backup every night. */
export class NightlyBackups {
  readonly #parts: NightlyParts
  readonly #timer: NodeJS.Timeout
  readonly #stop = new AbortController()
  #look: Promise<void> | undefined
  #dueMs: number | undefined

  constructor(parts: NightlyParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.look(), NIGHT_LOOK_MS)
    this.#timer.unref()
  }

  /** Makes a backup if one is due; resolves when that is done, and never rejects. */
  look(): Promise<void> {
    this.#look ??= this.#lookOnce().finally(() => {
      this.#look = undefined
    })
    return this.#look
  }

  /** Gives up the backup that is being made. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#look
  }

  async #lookOnce(): Promise<void> {
    const { clock, maker, onError } = this.#parts
    try {
      const now = clock()
      const next = this.#nightAt(now).toMs
      // A clock that was set back has an earlier night before it.
      this.#dueMs = Math.min(this.#dueMs ?? (await this.#firstDue(now)), next)
      if (now < this.#dueMs || maker.isBusy || this.#stop.signal.aborted) return
      this.#dueMs = Math.min(now + BACKUP_RETRY_MS, next)
      await this.#make(now)
    } catch (error) {
      if (!this.#stop.signal.aborted) onError(error)
    }
  }

  async #make(now: number): Promise<void> {
    const { maker, clock, keep, onBackup } = this.#parts
    const { signal } = this.#stop
    const report = await maker.make(now, signal)
    this.#dueMs = this.#nightAt(clock()).toMs
    try {
      const removed = keep === undefined ? [] : await this.#rotate(report, keep)
      onBackup({ ...report, removed })
    } catch (error) {
      if (!signal.aborted) maker.countFailure()
      throw error
    }
  }

  #rotate({ path, storeId }: BackupReport, rules: KeepRules): Promise<string[]> {
    const { signal } = this.#stop
    return rotateBackups(this.#parts.maker.directory, { storeId, rules, made: path, signal })
  }

  // Now, if the store has no backup of the night that is on.
  async #firstDue(now: number): Promise<number> {
    const { store, maker } = this.#parts
    const { fromMs, toMs } = this.#nightAt(now)
    const { storeId, lineageId } = store.stats()
    // What is wrong with the directory, the backup will tell.
    const found = await listBackups(maker.directory).catch(() => [])
    const isMade = found.some(
      ({ manifest }) =>
        manifest.storeId === storeId &&
        manifest.lineageId === lineageId &&
        Date.parse(manifest.createdAt) >= fromMs,
    )
    return isMade ? toMs : now
  }

  #nightAt(ms: number): { fromMs: number; toMs: number } {
    return dayAround(this.#parts.nights, ms)
  }
}

/** What of the options of a server says when to make a backup, and what to keep. */
interface NightlyOptions extends Pick<NightlyParts, 'clock' | 'onError'> {
  readonly maker: BackupMaker | undefined
  readonly backupAt?: string | undefined
  readonly backupTimeZone?: string | undefined
  readonly keepBackups?: KeepRules | undefined
  readonly onBackup?: NightlyParts['onBackup'] | undefined
}

/**
 * Returns what makes a backup every night, if a server is asked for it.
 *
 * @throws {TypeError | RangeError} if an option is wrong, or needs another one.
 */
export function nightlyBackups(
  store: Leaderboards,
  options: NightlyOptions,
): NightlyBackups | undefined {
  const { backupAt, backupTimeZone, keepBackups, maker, clock, onError } = options
  if (backupAt === undefined) {
    for (const name of ['backupTimeZone', 'keepBackups', 'onBackup'] as const)
      if (options[name] !== undefined)
        throw new TypeError(
          `Cannot use ${name} without backupAt: say at which time of day, like "04:15"`,
        )
    return undefined
  }
  if (maker === undefined)
    throw new TypeError('Cannot use backupAt without backups: name the directory for them')
  return new NightlyBackups({
    nights: checkDaily(backupAt, backupTimeZone),
    keep: keepBackups === undefined ? undefined : checkKeepRules(keepBackups),
    onBackup: options.onBackup ?? (() => undefined),
    ...{ store, maker, clock, onError },
  })
}
