/**
 * What a submit makes of a score: pure, so that submits, imports and tests follow one rule.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import { EXACT_MAX } from '../limits.ts'
import type { Mode, Order } from '../types.ts'

/** Whether `a` is strictly better than `b`. */
export function isBetter(a: number, b: number, order: Order): boolean {
  return order === 'descending' ? a > b : a < b
}

/**
 * Returns the score that a player has after a submit. `previous` is undefined for a newcomer.
 *
 * @throws {LadderError} `INEXACT` where an increment leaves the range in which doubles are exact.
 */
export function decideScore(submit: {
  mode: Mode
  order: Order
  score: number
  previous: number | undefined
}): number {
  const { mode, order, score, previous } = submit
  if (mode === 'increment') return sumOf(previous ?? 0, score)
  if (mode === 'best' && previous !== undefined && !isBetter(score, previous, order))
    return previous
  return score === 0 ? 0 : score
}

// Beyond 2^53 every double is a whole number and some are skipped, so no sum there can be trusted;
// nor one that was rounded back to it.
function sumOf(previous: number, score: number): number {
  const sum = previous + score
  const isRoundedBack = roundingError(previous, score, sum) * sum > 0
  if (Math.abs(sum) < EXACT_MAX || (Math.abs(sum) === EXACT_MAX && !isRoundedBack))
    return sum === 0 ? 0 : sum
  throw new LadderError(
    'INEXACT',
    `Cannot add ${score} to ${previous}: the sum is beyond ±2^53 and would not be exact; the entry is unchanged`,
  )
}

// What is missing from a sum of doubles, exactly (the two-sum of Knuth, TAOCP 4.2.2).
function roundingError(a: number, b: number, sum: number): number {
  const bRounded = sum - a
  return a - (sum - bRounded) + (b - bRounded)
}
