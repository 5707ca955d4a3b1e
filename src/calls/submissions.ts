/**
 * Lists of submissions: how long they may be, and which of them an error is about.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'
import { PASSED_TOGETHER_MAX, SUBMIT_MANY_MAX } from '../ground/limits.ts'

/** Runs `work` for submission `i`; what it throws names that number. */
export function inSubmission<T>(i: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof LadderError)
      throw new LadderError(error.code, `Submission ${i}: ${error.message}`, {
        cause: error,
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      })
    if (error instanceof TypeError) throw new TypeError(`Submission ${i}: ${error.message}`)
    if (error instanceof RangeError) throw new RangeError(`Submission ${i}: ${error.message}`)
    throw error
  }
}

/** Checks how long a list is, and how much it asks for. @throws {RangeError} if that is too much for one call. */
export function checkListSize(count: number, passedMax: number): void {
  if (count > SUBMIT_MANY_MAX)
    throw new RangeError(
      `Cannot submit ${count} scores at once: at most ${SUBMIT_MANY_MAX}; split them, or import them`,
    )
  if (passedMax * count > PASSED_TOGETHER_MAX)
    throw new RangeError(
      `Cannot tell ${passedMax} passed players of each of ${count} submits: at most ${PASSED_TOGETHER_MAX} in all; ask for fewer, or split them`,
    )
}
