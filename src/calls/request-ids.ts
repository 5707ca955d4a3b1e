/**
 * Ids of submits, and of lists under one id: each submit of these has its number under that of the list.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { LadderError } from '../ground/errors.ts'
import { REQUEST_ID_BYTES_MAX } from '../ground/limits.ts'
import type { Score, Submission } from '../words/index.ts'

// A colon, and the number of the last submit and of the one behind it.
const NUMBER_BYTES_MAX = 6

/** Returns the id of submit `i` of a list. That of a list is shortened, to its hash, if the number would not fit. */
export function requestIdOf(listId: string, i: number): string {
  return `${shortened(listId)}:${i}`
}

/** Returns submission `i` of a list, under the id of that if it has one. @throws {TypeError} if it has its own too. */
export function withRequestOfList<S extends Score>(
  submission: Partial<Submission<S>>,
  { listId, i }: { listId: string | undefined; i: number },
): Partial<Submission<S>> {
  if (listId === undefined) return submission
  if (submission.requestId !== undefined)
    throw new TypeError(
      'Cannot use requestId beside that of the list, which covers all submissions; give one',
    )
  return { ...submission, requestId: requestIdOf(listId, i) }
}

/** Returns the error of a submit whose id was used for another one. */
export function reusedError(requestId: string): LadderError {
  return new LadderError(
    'REQUEST_REUSED',
    `Cannot submit under request id ${JSON.stringify(requestId)}: it was used for a submit with other arguments; nothing is changed, give each submit an id of its own`,
  )
}

/** Returns the error of a list whose id was used for another one. */
export function listReusedError(requestId: string): LadderError {
  return new LadderError(
    'REQUEST_REUSED',
    `Cannot submit a list under request id ${JSON.stringify(requestId)}: it was used for a list of other submits; nothing is changed, give each list an id of its own`,
  )
}

function shortened(listId: string): string {
  if (Buffer.byteLength(listId) <= REQUEST_ID_BYTES_MAX - NUMBER_BYTES_MAX) return listId
  return createHash('sha256').update(listId).digest('base64url')
}
