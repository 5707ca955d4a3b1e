/**
 * What a store does by itself: it sweeps what a crash in the middle of a drop or an import left, and times of
 * submits that count no more, ends the bans whose time has come, closes and seals seasons, lets those leave that
 * a window keeps no longer, and trims the log.
 *
 * @module
 */

import {
  BAN_END_LOOK_MS,
  CHUNK_ENTRIES,
  IMPORT_SILENCE_MS,
  SEASON_DUES_ALONE,
  SEASON_LOOK_MS,
  TRIM_LOOK_MS,
} from '../ground/limits.ts'
import { listOrphans } from './catalog.ts'
import { dueToTrim, trimLog } from './log/trim.ts'
import { endDueBans } from './moderation/ban-ends.ts'
import { firstEnd } from './moderation/ban-places.ts'
import { hasPastSubmitTimes, sweepSubmitTimes } from './moderation/submit-times.ts'
import type { OpenStore } from './open-store.ts'
import { firstDueMicros } from './seasons/due.ts'
import { hasLeaving, retireSeasons } from './seasons/retire.ts'
import { presentOf } from './seasons/season-boards.ts'
import { turnDue } from './seasons/turn.ts'
import { sweepBoard } from './sweep.ts'

/** The work of one open store in the background. */
export class Housekeeping {
  readonly #context: OpenStore
  #work: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isAtWork = false
  #trimTimer: NodeJS.Timeout | undefined
  #isTrimming = false
  #seasonTimer: NodeJS.Timeout | undefined
  #isTurning = false
  #isEnding = false

  constructor(context: OpenStore) {
    this.#context = context
  }

  /** Whether the store is being closed: long work stops, and the next opening goes on with it. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Begins to sweep the boards that no name leads to, and with `sweepFiles` what lies beside the store. */
  start(sweepFiles: () => Promise<unknown>): void {
    const { store } = this.#context
    if (store.readOnly) return
    this.#timer = setInterval(() => this.#endBans(), BAN_END_LOOK_MS)
    // It keeps no process alive.
    this.#timer.unref()
    this.#trimTimer = setInterval(() => this.#trim(), TRIM_LOOK_MS)
    this.#trimTimer.unref()
    this.#seasonTimer = setInterval(() => this.#turnSeasons(), SEASON_LOOK_MS)
    this.#seasonTimer.unref()
    this.#work = sweepFiles().then(() => undefined, ignoreUntilNextOpening)
    this.#work = this.#work.then(() => this.#sweepSubmitTimes()).catch(ignoreUntilNextOpening)
    this.#trim()
    this.#turnSeasons()
    const aliveMicros = this.#context.nowMicros() - IMPORT_SILENCE_MS * 1000
    for (const { boardId, orphan } of listOrphans(store.current())) {
      if (orphan.state === 'filling' && orphan.lastMicros > aliveMicros) continue
      this.#work = this.#work
        .then(() =>
          sweepBoard(this.#context, boardId, {
            isEnded: () => this.#isEnding,
            onSwept: () => undefined,
          }),
        )
        .catch(ignoreUntilNextOpening)
    }
  }

  // What submits left that were counted for a minute, on boards to which nobody submits any more.
  async #sweepSubmitTimes(): Promise<void> {
    const { store } = this.#context
    const nowMicros = this.#context.nowMicros()
    while (!this.#isEnding && hasPastSubmitTimes(store.current(), nowMicros))
      await store.write((writer) => sweepSubmitTimes(writer, nowMicros, CHUNK_ENTRIES))
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#isEnding = true
    clearInterval(this.#timer)
    clearInterval(this.#trimTimer)
    clearInterval(this.#seasonTimer)
    await this.#work
  }

  // The first process to come by turns a season; the others find that nothing is left to be done.
  #turnSeasons(): void {
    try {
      if (this.#isTurning || !isSeasonDue(this.#context)) return
    } catch (error) {
      ignoreUntilNextOpening(error)
      return
    }
    this.#isTurning = true
    const turned = this.#turnAll()
      .catch(ignoreUntilNextOpening)
      .finally(() => {
        this.#isTurning = false
      })
    this.#work = Promise.all([this.#work, turned]).then(() => undefined)
  }

  async #turnAll(): Promise<void> {
    const context = this.#context
    // Bans that ended before a season was sealed end first: the player is in it.
    const turn = (): Promise<number> =>
      context.store.write((writer) => {
        const place = { context, writer }
        return endDueBans(place) > 0 ? SEASON_DUES_ALONE : turnDue(place, SEASON_DUES_ALONE)
      })
    while (!this.#isEnding && (await turn()) === SEASON_DUES_ALONE);
    await retireSeasons({ context, isEnded: () => this.#isEnding })
  }

  // A process that is open for a moment only trims a little, too.
  #trim(): void {
    try {
      if (this.#isTrimming || dueToTrim(this.#context) === undefined) return
    } catch (error) {
      ignoreUntilNextOpening(error)
      return
    }
    this.#isTrimming = true
    const trimmed = trimLog(this.#context, () => this.#isEnding)
      .catch(ignoreUntilNextOpening)
      .finally(() => {
        this.#isTrimming = false
      })
    this.#work = Promise.all([this.#work, trimmed]).then(() => undefined)
  }

  // The first process to come by ends a ban; the others find that nothing is left to be done.
  #endBans(): void {
    try {
      if (this.#isAtWork || !isBanOver(this.#context)) return
    } catch (error) {
      ignoreUntilNextOpening(error)
      return
    }
    this.#isAtWork = true
    const { store } = this.#context
    this.#work = Promise.all([
      this.#work,
      store.write((writer) => endDueBans({ context: this.#context, writer })),
    ])
      .then(() => undefined, ignoreUntilNextOpening)
      .finally(() => {
        this.#isAtWork = false
      })
  }
}

// Cost: a look at one key; the clock is read only if a ban is to end.
function isBanOver(context: OpenStore): boolean {
  const endMicros = firstEnd(context.store.current())
  return endMicros !== Number.POSITIVE_INFINITY && endMicros <= context.nowMicros()
}

// Cost: a look at one key in a store without windows.
function isSeasonDue(context: OpenStore): boolean {
  const reader = context.store.current()
  const firstMicros = firstDueMicros(reader)
  if (firstMicros !== Number.POSITIVE_INFINITY) {
    if (firstMicros <= presentOf(reader, context.nowMicros())) return true
  }
  return hasLeaving(context)
}

// What fails here fails for the caller's own writes too, and is told there.
function ignoreUntilNextOpening(_error: unknown): void {}
