/**
 * What a submit makes of a score: pure, so that submits, imports and tests follow one rule.
 *
 * @module
 */

import { INTEGER_MAX, INTEGER_MIN, type ScoreShape } from '../format/score-shape.ts'
import { LadderError } from '../ground/errors.ts'
import { EXACT_MAX } from '../ground/limits.ts'
import type { Mode, Score, ScoreCell } from '../words/index.ts'

/** What a mode makes of a submitted score. */
export interface Decision {
  score: Score
  /** Whether the mode took the score, if only to find it equal. */
  accepted: boolean
}

/**
 * Returns the score that a player has after a submit. `previous` is undefined for a newcomer. The
 * whole score is compared, column by column: two runs are never mixed.
 *
 * @throws {LadderError} `INEXACT` where an increment leaves the range in which sums are exact.
 */
export function decideScore(
  shape: ScoreShape,
  submit: { mode: Mode; score: Score; previous: Score | undefined },
): Decision {
  const { mode, score, previous } = submit
  if (mode === 'increment') return { score: sumOf(shape, previous, score), accepted: true }
  if (mode === 'best' && previous !== undefined && shape.compare(score, previous) >= 0)
    return { score: previous, accepted: false }
  return { score, accepted: true }
}

function sumOf(shape: ScoreShape, previous: Score | undefined, added: Score): Score {
  if (typeof added === 'number') return sumOfDoubles((previous as number | undefined) ?? 0, added)
  const sums = previous === undefined ? undefined : shape.cellsOf(previous)
  return shape.scoreOf(shape.cellsOf(added).map((cell, i) => sumOfCells(sums?.[i], cell)))
}

function sumOfCells(previous: ScoreCell | undefined, added: ScoreCell): ScoreCell {
  if (typeof added === 'number') return sumOfDoubles((previous as number | undefined) ?? 0, added)
  const sum = ((previous as bigint | undefined) ?? 0n) + added
  if (sum >= INTEGER_MIN && sum <= INTEGER_MAX) return sum
  throw new LadderError(
    'INEXACT',
    `Cannot add ${added} to ${previous ?? 0}: the sum is beyond 64 bits; the entry is unchanged`,
  )
}

// Beyond 2^53 every double is a whole number and some are skipped, so no sum there can be trusted;
// nor one that was rounded back to it.
function sumOfDoubles(previous: number, added: number): number {
  const sum = previous + added
  const isRoundedBack = roundingError(previous, added, sum) * sum > 0
  if (Math.abs(sum) < EXACT_MAX || (Math.abs(sum) === EXACT_MAX && !isRoundedBack))
    return sum === 0 ? 0 : sum
  throw new LadderError(
    'INEXACT',
    `Cannot add ${added} to ${previous}: the sum is beyond ±2^53 and would not be exact; the entry is unchanged`,
  )
}

// What is missing from a sum of doubles, exactly (the two-sum of Knuth, TAOCP 4.2.2).
function roundingError(a: number, b: number, sum: number): number {
  const bRounded = sum - a
  return a - (sum - bRounded) + (b - bRounded)
}
