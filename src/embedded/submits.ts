/**
 * Submits as they go through the door: the one place that makes them.
 *
 * @module
 */

import { type AskedAnswer, requestOf } from '../calls/submit-request.ts'
import { microsOfAt } from '../calls/times.ts'
import type { BoardSpec } from '../domain/settings.ts'
import type { Score, Submission, SubmitRequest } from '../words/index.ts'
import type { OpenStore } from './open-store.ts'

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
  { board, asked }: { board: BoardSpec; asked: AskedAnswer },
): SubmitRequest {
  const { futureAllowanceMs } = context
  const nowMicros = context.nowMicros()
  return requestOf(submission, { board, asked, futureAllowanceMs, nowMicros })
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
