/**
 * What a submit makes of a score: pure, so that submits, imports and tests follow one rule.
 *
 * @module
 */

import { INTEGER_MAX, INTEGER_MIN, type ScoreShape } from '../format/score-shape.ts'
import { LadderError } from '../ground/errors.ts'
import { EXACT_MAX } from '../ground/limits.ts'
import type { Mode, Score, ScoreCell, SubmitRequest } from '../words/index.ts'

/** What a player has: the score, and when it was reached, in microseconds. */
export interface Held {
  score: Score
  atMicros: number
}

/** What a mode makes of a submitted score. */
export interface Decision {
  score: Score
  /** Whether the mode took the score, if only to find it equal: metadata go with it. */
  accepted: boolean
  /** Whether the entry takes another place: another score, an earlier time, or none before. */
  moves: boolean
}

/**
 * Returns what a submit makes of what its player has, undefined for a newcomer.
 *
 * @throws {LadderError} `CONDITION_FAILED`, `INEXACT`; the caller has changed nothing yet.
 */
export function decideSubmit(
  shape: ScoreShape,
  submit: SubmitRequest,
  previous: Held | undefined,
): Decision {
  checkConditions(shape, submit, previous?.score)
  const { mode, score, atMicros } = submit
  return decideScore(shape, { mode, score, atMicros, previous })
}

/**
 * Returns the score that a player has after a submit. `previous` is undefined for a newcomer. The
 * whole score is compared, column by column: two runs are never mixed.
 *
 * @throws {LadderError} `INEXACT` where an increment leaves the range in which sums are exact.
 */
export function decideScore(
  shape: ScoreShape,
  submit: {
    mode: Mode
    score: Score
    /** When the score was reached, if that was given. */
    atMicros: number | undefined
    previous: Held | undefined
  },
): Decision {
  const { mode, previous } = submit
  const score = mode === 'increment' ? sumOf(shape, previous?.score, submit.score) : submit.score
  if (previous === undefined) return { score, accepted: true, moves: true }
  const side = shape.compare(score, previous.score)
  if (mode !== 'best') return { score, accepted: true, moves: side !== 0 }
  if (side < 0) return { score, accepted: true, moves: true }
  // Who reached it earlier, reached it first: two lists make one board in either order.
  const isEarlier =
    side === 0 && submit.atMicros !== undefined && submit.atMicros < previous.atMicros
  return { score: previous.score, accepted: isEarlier, moves: isEarlier }
}

function checkConditions(
  shape: ScoreShape,
  { only, expected, playerId }: SubmitRequest,
  score: Score | undefined,
): void {
  if (only === 'new' && score !== undefined)
    throw conditionFailed(
      `player "${playerId}" has an entry, and the submit is for new players only`,
    )
  if (only === 'existing' && score === undefined)
    throw conditionFailed(
      `player "${playerId}" has no entry, and the submit is for existing players only`,
    )
  if (expected === undefined) return
  const isExpected =
    expected === null || score === undefined
      ? expected === null && score === undefined
      : shape.compare(expected, score) === 0
  if (isExpected) return
  throw conditionFailed(
    `the score of player "${playerId}" is ${show(score)}, expected ${show(expected ?? undefined)}`,
  )
}

function conditionFailed(problem: string): LadderError {
  return new LadderError(
    'CONDITION_FAILED',
    `Cannot submit: ${problem}; nothing is changed, read the entry and decide again`,
  )
}

function show(score: Score | undefined): string {
  if (score === undefined) return 'none'
  if (typeof score !== 'object') return String(score)
  return Object.entries(score)
    .map(([name, cell]) => `${name} ${cell}`)
    .join(', ')
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
