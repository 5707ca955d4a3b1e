/**
 * Submits as they go through the door: the one place that makes them.
 *
 * @module
 */

import { checkScore } from '../calls/scores.ts'
import { atOf, checkAtUnit, microsOfAt } from '../calls/times.ts'
import {
  checkMetadata,
  checkMode,
  checkName,
  checkPlayerId,
  checkRequestId,
  checkWord,
} from '../calls/values.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { isoOf } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import type { Score, Submission, SubmitRequest } from '../words/index.ts'
import type { OpenStore } from './open-store.ts'

const CONDITIONS = ['new', 'existing'] as const

/** What a submit is to answer beside the score. */
export type AskedAnswer = Pick<
  SubmitRequest,
  'rankMode' | 'passedMax' | 'passedMode' | 'isAllOfWindows'
>

/** The answer of a submit that nobody reads. */
export const NO_ANSWER: AskedAnswer = {
  rankMode: undefined,
  passedMax: 0,
  passedMode: 'ordinal',
  isAllOfWindows: false,
}

/**
 * Returns a submission, checked and complete.
 *
 * @throws {TypeError | RangeError} for arguments of a wrong shape.
 * @throws {LadderError} `FUTURE_TIME`.
 */
export function submitOf(
  context: OpenStore,
  submission: Partial<Submission<Score>>,
  options: { board: BoardSpec; asked: AskedAnswer },
): SubmitRequest {
  const { name, mode, at, atUnit, metadata, only, expected, won, requestId, season } = submission
  const { shape, mode: usual } = options.board
  const { rankMode, passedMax, passedMode, isAllOfWindows } = options.asked
  const nowMicros = context.nowMicros()
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
  if (atMicros !== undefined) checkFuture(context, atMicros, nowMicros)
  return submit
}

/** Returns a row of a file, whose values were checked when it was read, as a submit without answer. */
export function submitOfRow(
  context: OpenStore,
  row: Pick<SubmitRequest, 'playerId' | 'score' | 'name' | 'metadata' | 'mode'> & {
    at: number | undefined
    isJudged: boolean
  },
): SubmitRequest {
  const { playerId, score, name, metadata, mode, at, isJudged } = row
  return {
    ...{ playerId, score, name, metadata, mode, isUnjudged: !isJudged },
    ...{ only: undefined, expected: undefined, requestId: undefined, won: false },
    atMicros: at === undefined ? undefined : microsOfAt(at),
    nowMicros: context.nowMicros(),
    ...NO_ANSWER,
  }
}

function checkFuture(context: OpenStore, atMicros: number, nowMicros: number): void {
  if (atMicros <= nowMicros + context.futureAllowanceMs * 1000) return
  throw new LadderError(
    'FUTURE_TIME',
    `Cannot submit at ${isoOf(atMicros)}: that is later than now, ${isoOf(nowMicros)}, by more than the allowed ${context.futureAllowanceMs} ms; check the clock and the unit`,
  )
}
