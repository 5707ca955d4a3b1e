/**
 * Says which of many submissions an error is about.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'

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
