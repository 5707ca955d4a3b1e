/**
 * Random times of submits: near a border, in a season that is over, or ahead.
 *
 * @module
 */

import type { Random } from '../support/random.ts'
import { HOUR_MS } from './scene.ts'

/** How far ahead of the clock a submit may lie. */
export const FUTURE_MS = 300_000

export function randomTime(
  random: Random,
  { nowMs, borders }: { nowMs: number; borders: readonly number[] },
): number {
  const latest = nowMs + FUTURE_MS
  const near = borders.filter((time) => time < latest && time > 0)
  const kind = random.below(10)
  let at = nowMs - random.below(30 * HOUR_MS)
  if (kind < 4 && near.length > 0)
    at = random.pick(near) + random.pick([-0.001, 0, 0.001, -500, 500])
  else if (kind < 6) at = nowMs + random.below(FUTURE_MS)
  else if (kind === 6) at = nowMs - random.below(40 * 24) * HOUR_MS
  else if (kind === 7) at = nowMs
  return Math.round(Math.min(at, latest) * 1000) / 1000
}
