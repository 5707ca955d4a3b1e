/**
 * What the rules of a board make of a submit: pure, so that submits, imports and tests follow one rule.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import { LadderError } from '../ground/errors.ts'
import type {
  BoardAlteration,
  BoardRules,
  Mode,
  Score,
  ScoreCell,
  ScoreColumn,
  SubmitRequest,
} from '../words/index.ts'
import { decideScore } from './decide.ts'
import { decimalDifference } from './decimals.ts'

/** What of a run is to be reviewed, as the log says it. */
export type RunFlag = 'maxGain'

/** Time in which `perMinute` counts, in microseconds. */
export const WINDOW_MICROS = 60_000_000

/** A submit, and what its player has before and after it. */
export interface Judged {
  playerId: string
  mode: Mode
  submitted: Score
  /** What the score of an increment comes to; else what was submitted. */
  score: Score
  /** Undefined for a newcomer. */
  previous: Score | undefined
}

/**
 * Returns a submit with what its player has before it, and the score that it leaves the player with. The whole sum
 * of an increment is judged, of others what is submitted, whether `best` takes it or not.
 *
 * @throws {LadderError} `INEXACT`.
 */
export function judgedOf(
  shape: ScoreShape,
  { mode, score: submitted, playerId }: Pick<SubmitRequest, 'mode' | 'score' | 'playerId'>,
  previous: Score | undefined,
): { judged: Judged; after: Score } {
  const held = previous === undefined ? undefined : { score: previous, atMicros: 0 }
  const asked = { mode, score: submitted, atMicros: undefined, previous: held }
  const { score: after } = decideScore(shape, asked)
  const score = mode === 'increment' ? after : submitted
  return { judged: { playerId, mode, submitted, score, previous }, after }
}

/**
 * Returns what of a submit is to be reviewed.
 *
 * @throws {LadderError} `SUSPICIOUS`.
 */
export function judgeGain(rules: BoardRules, shape: ScoreShape, judged: Judged): RunFlag[] {
  const { maxGain } = rules
  const gain = maxGain && gainOf(shape, judged)
  if (maxGain === undefined || gain === undefined || gain <= maxGain.by) return []
  if (maxGain.action === 'flag') return ['maxGain']
  throw new LadderError(
    'SUSPICIOUS',
    `Cannot submit: player "${judged.playerId}" would gain ${gain}, the board accepts at most ${maxGain.by} at once; nothing is changed, check the score`,
  )
}

/**
 * Checks that a player may submit once more now. `times` are those of the submits that were taken, in
 * microseconds and in ascending order. Of `total` submits of one change, `perMinute` at most, `before` are
 * in front of this one.
 *
 * @throws {LadderError} `RATE_LIMITED` with the time to wait until all of them are taken.
 */
export function checkRate(
  perMinute: number,
  times: readonly number[],
  now: { playerId: string; micros: number; before: number; total: number },
): void {
  const { playerId, micros, before, total } = now
  const recent = times.filter((time) => time > micros - WINDOW_MICROS)
  if (recent.length + before < perMinute) return
  const lastMicros = recent[recent.length + total - 1 - perMinute] ?? micros
  throw tooOften(perMinute, { playerId, micros, lastMicros, count: recent.length + before })
}

/**
 * Returns the error of a submit that comes too soon after `count` others. The submit of `lastMicros` is the last
 * one that must be past.
 */
export function tooOften(
  perMinute: number,
  now: { playerId: string; micros: number; lastMicros: number; count: number },
): LadderError {
  const { playerId, micros, lastMicros, count } = now
  const retryAfterMs = Math.ceil((lastMicros + WINDOW_MICROS - micros) / 1000)
  return new LadderError(
    'RATE_LIMITED',
    `Cannot submit: player "${playerId}" has submitted ${count === 1 ? 'once' : `${count} times`} within a minute, the board accepts ${perMinute}; try again in ${retryAfterMs} ms`,
    { retryAfterMs },
  )
}

/** Returns the error of a list that has more submits of a player than a minute takes. */
export function tooManyOf(
  playerId: string,
  { perMinute, total }: { perMinute: number; total: number },
): LadderError {
  return new LadderError(
    'RATE_LIMITED',
    `Cannot submit: the list has ${total} submits of player "${playerId}", the board accepts ${perMinute} in a minute; nothing is changed, split them`,
    { retryAfterMs: 60_000 },
  )
}

/** Returns the rules of a board after an alteration. */
export function alteredRules(rules: BoardRules, alteration: BoardAlteration): BoardRules {
  const altered: Record<string, unknown> = { ...rules }
  for (const [name, value] of Object.entries(alteration)) {
    if (value === undefined) continue
    if (value === null || value === 'open') delete altered[name]
    else altered[name] = value
  }
  return altered as BoardRules
}

/** @throws {LadderError} `OUT_OF_RANGE`. */
export function checkRange(
  { min, max }: BoardRules,
  shape: ScoreShape,
  { score, mode }: Judged,
): void {
  const cell = shape.cellsOf(score)[0] as ScoreCell
  const isLow = min !== undefined && cell < min
  if (!isLow && (max === undefined || cell <= max)) return
  const what = mode === 'increment' ? 'the sum would be' : 'the score is'
  const bound = isLow ? `at least ${min}` : `at most ${max}`
  throw new LadderError(
    'OUT_OF_RANGE',
    `Cannot submit: ${what} ${cell}, the board accepts ${bound}; nothing is changed, check the score`,
  )
}

// How much better the first column gets, in the order of the board; undefined if nothing was gained.
function gainOf(shape: ScoreShape, judged: Judged): ScoreCell | undefined {
  const { mode, submitted, score, previous } = judged
  const isUp = (shape.columns[0] as ScoreColumn).order === 'descending'
  const added = shape.cellsOf(submitted)[0] as ScoreCell
  // What an increment adds is what was sent, whatever the sum is rounded to.
  if (mode === 'increment') return isUp ? added : minus(zeroLike(added), added)
  if (previous === undefined) return undefined
  const now = shape.cellsOf(score)[0] as ScoreCell
  const before = shape.cellsOf(previous)[0] as ScoreCell
  return isUp ? minus(now, before) : minus(before, now)
}

function zeroLike(cell: ScoreCell): ScoreCell {
  return typeof cell === 'bigint' ? 0n : 0
}

function minus(a: ScoreCell, b: ScoreCell): ScoreCell {
  if (typeof b === 'bigint') return BigInt(a) - b
  return decimalDifference(a as number, b)
}

/** Returns the error of a change to a store that is closed. */
export function closedStore(): LadderError {
  return new LadderError(
    'CLOSED_FOR_WRITES',
    'Cannot change a board: the whole store is closed for writes; alter writes to open',
  )
}

/** The same of a board. */
export function closedBoard(name: string): LadderError {
  return new LadderError(
    'CLOSED_FOR_WRITES',
    `Cannot change board "${name}": it is closed for writes; alter writes to open`,
  )
}

/** Returns the error of a submit of a player without a profile. */
export function unknownPlayer(playerId: string): LadderError {
  return new LadderError(
    'UNKNOWN_PLAYER',
    `Cannot submit: the board accepts only players with a profile, and player "${playerId}" has none; set one first`,
  )
}
