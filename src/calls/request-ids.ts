/**
 * Ids of submits that come as one list under one id: each has its number under that of the list.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { REQUEST_ID_BYTES_MAX } from '../ground/limits.ts'

// A colon, and the number of the last submit and of the one behind it.
const NUMBER_BYTES_MAX = 6

/** Returns the id of submit `i` of a list. That of a list is shortened, to its hash, if the number would not fit. */
export function requestIdOf(listId: string, i: number): string {
  return `${shortened(listId)}:${i}`
}

function shortened(listId: string): string {
  if (Buffer.byteLength(listId) <= REQUEST_ID_BYTES_MAX - NUMBER_BYTES_MAX) return listId
  return createHash('sha256').update(listId).digest('base64url')
}
