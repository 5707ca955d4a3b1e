/**
 * A submit as a caller gives it, checked and complete: every engine makes the same of it.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import { isoOf } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import type { Mode, Score, Submission, SubmitOptions, SubmitRequest } from '../words/index.ts'
import { checkScore } from './scores.ts'
import { atOf, checkAtUnit, microsOfAt } from './times.ts'
import {
  checkMetadata,
  checkMode,
  checkName,
  checkPlayerId,
  checkRequestId,
  checkWord,
} from './values.ts'

const CONDITIONS = ['new', 'existing'] as const

/** What a submit is to answer beside the score. */
export type AskedAnswer = Pick<
  SubmitRequest,
  'rankMode' | 'passedMax' | 'passedMode' | 'isAllOfWindows'
>

/** Returns what the options of a submit ask it to answer. */
export function askedAnswer(
  options: Pick<SubmitOptions<Score>, 'rankMode' | 'ranks' | 'passed' | 'windows'>,
): AskedAnswer {
  const { rankMode = 'ordinal', ranks = true, passed = 0, windows } = options
  const isAllOfWindows = windows === 'all'
  return {
    rankMode: ranks ? rankMode : undefined,
    passedMax: passed,
    passedMode: rankMode,
    isAllOfWindows,
  }
}

/**
 * Returns a submission, checked and complete.
 *
 * @throws {TypeError | RangeError} for arguments of a wrong shape.
 * @throws {LadderError} `FUTURE_TIME`.
 */
export function requestOf(
  submission: Partial<Submission<Score>>,
  options: {
    board: { shape: ScoreShape; mode: Mode }
    asked: AskedAnswer
    /** The wall clock. */
    nowMicros: number
    futureAllowanceMs: number
  },
): SubmitRequest {
  const { name, mode, at, atUnit, metadata, only, expected, won, requestId, season } = submission
  const { shape, mode: usual } = options.board
  const { rankMode, passedMax, passedMode, isAllOfWindows } = options.asked
  const { nowMicros } = options
  const unit = checkAtUnit(atUnit)
  const atMicros = at === undefined ? undefined : microsOfAt(atOf(at, unit))
  const submit: SubmitRequest = {
    playerId: checkPlayerId(submission.playerId),
    score: checkScore(submission.score, shape),
    name: name === undefined ? undefined : checkName(name),
    metadata: metadata === undefined ? undefined : checkMetadata(metadata),
    mode: mode === undefined ? usual : checkMode(mode),
    only: only === undefined ? undefined : checkWord(only, 'only', CONDITIONS),
    expected: expected == null ? expected : checkScore(expected, shape, 'expected'),
    requestId: requestId === undefined ? undefined : checkRequestId(requestId),
    won: won === true,
    atMicros,
    nowMicros,
    rankMode,
    passedMax,
    passedMode,
    // A copy: the caller may change what it gave.
    season: season === undefined ? undefined : { ...season },
    isAllOfWindows,
  }
  // What is wrong in itself is told before what the clock says.
  if (atMicros !== undefined) checkFuture(atMicros, options)
  return submit
}

function checkFuture(
  atMicros: number,
  clock: { nowMicros: number; futureAllowanceMs: number },
): void {
  const { nowMicros, futureAllowanceMs } = clock
  if (atMicros <= nowMicros + futureAllowanceMs * 1000) return
  throw new LadderError(
    'FUTURE_TIME',
    `Cannot submit at ${isoOf(atMicros)}: that is later than now, ${isoOf(nowMicros)}, by more than the allowed ${futureAllowanceMs} ms; check the clock and the unit`,
  )
}
