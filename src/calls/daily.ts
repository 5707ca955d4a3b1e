/**
 * Once a day at a time of the wall clock: what happens every night, beside what is asked for.
 *
 * A time that is skipped where the clock is put forward comes when the clock has passed it, and one that is
 * shown twice counts once, the first: days are those of windows (calendar/seasons.ts).
 *
 * @module
 */

import { seasonOf } from '../calendar/seasons.ts'
import { assert } from '../ground/assert.ts'
import type { Calendar } from '../words/index.ts'
import { checkCalendar } from './calendars.ts'
import { show } from './values.ts'

const MICROS_PER_MS = 1_000
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/

/**
 * Returns the days that begin at a time of the clock, like `04:15`, in the zone of the machine unless another is named.
 * Cost: some microseconds; the first time in a zone up to a millisecond.
 *
 * @throws {TypeError | RangeError} for what is not a time of day, or a zone that Node does not know.
 * @example
 * checkDaily('04:15', 'UTC').startAt // '04:15'
 */
export function checkDaily(at: string, timeZone: string = machineZone()): Calendar {
  if (typeof at !== 'string' || !TIME.test(at))
    throw new RangeError(
      `Cannot use ${show(at)} as a time of day: it must be 00:00 to 23:59, like "04:15"`,
    )
  return checkCalendar({ every: 'day', startAt: at, timeZone })
}

/**
 * Returns when the day began that an instant lies in, and when the next one begins, milliseconds since 1970 UTC. Not
 * every day has 24 hours. Cost: some microseconds.
 *
 * @example
 * const { fromMs } = dayAround(checkDaily('04:15', 'UTC'), Date.UTC(2026, 0, 2))
 * new Date(fromMs).toISOString() // '2026-01-01T04:15:00.000Z'
 */
export function dayAround(days: Calendar, ms: number): { fromMs: number; toMs: number } {
  const day = seasonOf(days, Math.floor(ms) * MICROS_PER_MS)
  assert(day !== undefined, 'days begin by themselves')
  return { fromMs: day.fromMicros / MICROS_PER_MS, toMs: day.toMicros / MICROS_PER_MS }
}

// What TZ says, or the system.
function machineZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
