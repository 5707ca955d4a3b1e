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
