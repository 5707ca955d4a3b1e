/**
 * What is refused under more load than the server can take: writes first, then reads, never health.
 *
 *     delay of the event loop   0 ──── 100 ms ──── 250 ms ────►
 *     writes                    taken   503         503
 *     reads                     taken   taken       503
 *
 * The delay is how late a timer fires: what every request waits for before anything is done for it. It is looked
 * at four times a second, and what was refused is taken again below half of its limit.
 *
 * @module
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DELAY_LOOK_MS, READ_DELAY_MS_MAX, WRITE_DELAY_MS_MAX } from './limits.ts'
import { HttpError } from './problem.ts'

const NS_PER_MS = 1e6
const RESOLUTION_MS = 10
const RETRY_MS = 1_000

/** Decides what is refused. */
export class Overload {
  readonly #delayOf: (() => number) | undefined
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #timer: NodeJS.Timeout
  readonly #refused = { writes: false, reads: false }
  #delayMs = 0

  /** `delayOf` tells the delay in milliseconds; by default it is measured. */
  constructor(delayOf?: () => number) {
    this.#delayOf = delayOf
    if (delayOf === undefined) this.#histogram.enable()
    this.#timer = setInterval(() => this.look(), DELAY_LOOK_MS)
    this.#timer.unref()
  }

  /** How late the event loop was at the last look, milliseconds. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** Looks how late the event loop is. */
  look(): void {
    this.#delayMs = this.#delayOf?.() ?? this.#measured()
    this.#refused.writes = isOver(this.#delayMs, WRITE_DELAY_MS_MAX, this.#refused.writes)
    this.#refused.reads = isOver(this.#delayMs, READ_DELAY_MS_MAX, this.#refused.reads)
  }

  /** @throws {HttpError} `OVERLOADED` if what is asked is refused now. */
  check(isWrite: boolean): void {
    if (!(isWrite ? this.#refused.writes : this.#refused.reads)) return
    throw new HttpError(
      'OVERLOADED',
      `Cannot answer now: the server is overloaded; ask again in a second`,
      { retryAfterMs: RETRY_MS },
    )
  }

  end(): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }

  // Of the time since the last look. The timer that measures is late by its own pace at least.
  #measured(): number {
    const late = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(90) / NS_PER_MS
    this.#histogram.reset()
    return Math.max(0, late - RESOLUTION_MS)
  }
}

function isOver(delayMs: number, limitMs: number, isRefused: boolean): boolean {
  return delayMs > (isRefused ? limitMs / 2 : limitMs)
}
