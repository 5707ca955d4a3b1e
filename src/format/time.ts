/**
 * Times: milliseconds with a fraction outside, whole microseconds inside.
 *
 * Up to AT_MICROS_MAX every microsecond is a double of its own in milliseconds, and turns back into
 * itself: the whole milliseconds are taken apart first, since the product of all would be rounded.
 *
 * @module
 */

const MICROS_PER_MS = 1000

export function toMs(micros: number): number {
  return micros / MICROS_PER_MS
}

export function toMicros(ms: number): number {
  const whole = Math.trunc(ms)
  return whole * MICROS_PER_MS + Math.round((ms - whole) * MICROS_PER_MS)
}

/** Returns a time as ISO 8601 in UTC, with microseconds if it has any. */
export function isoOf(micros: number): string {
  const ms = Math.floor(micros / MICROS_PER_MS)
  const rest = Math.round(micros - ms * MICROS_PER_MS)
  const text = new Date(ms).toISOString()
  return rest === 0 ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}
