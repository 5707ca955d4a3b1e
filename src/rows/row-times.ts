/**
 * Times of rows that cannot be used, in words.
 *
 * @module
 */

import { optionInWords } from '../calls/remedies.ts'
import { microsOfAt } from '../calls/times.ts'
import { toMicros } from '../format/time.ts'

const DAY_MS = 86_400_000

/** Returns what is wrong with the time of a row; `latest` is in microseconds. */
export function problemOfTime(at: number, latest: number): string | undefined {
  if (toMicros(at) > latest)
    return `at ${at} is in the future: check that it is milliseconds since 1970, or allow it (${optionInWords('futureAllowanceMs', allowanceFor(at, latest))})`
  try {
    microsOfAt(at)
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

// In whole days: it is milliseconds beyond what is allowed, and the clock goes on.
function allowanceFor(at: number, latestMicros: number): number {
  return (Math.ceil((at - latestMicros / 1000) / DAY_MS) + 1) * DAY_MS
}
