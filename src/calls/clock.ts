/**
 * What a clock says, judged before it is used: a spoilt one would give times that nobody can take back.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import { looksLikeSeconds } from './times.ts'

/**
 * Returns what a clock says, milliseconds.
 *
 * @throws {TypeError | RangeError} for what is not a clock.
 * @throws {LadderError} `CLOCK` for a time that cannot be stored, or that looks like seconds.
 */
export function readClock(clock: () => number): number {
  if (typeof clock !== 'function')
    throw new TypeError('Cannot use this clock: it must be a function that returns milliseconds')
  const now = clock()
  if (!Number.isFinite(now))
    throw new RangeError(`Cannot use ${now} as the time: the clock must return milliseconds`)
  const isStorable = now >= 0 && now <= AT_MICROS_MAX / 1000
  if (isStorable && !looksLikeSeconds(now)) return now
  const unit = isStorable
    ? 'it looks like seconds'
    : now < 0
      ? 'it lies before 1970'
      : `times go up to ${AT_MICROS_MAX / 1000}`
  throw new LadderError(
    'CLOCK',
    `Cannot use ${now} as the time: ${unit}; set the clock right, it must tell milliseconds since 1970`,
  )
}
