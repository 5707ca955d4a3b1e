/**
 * The words of a board that is not there.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'

/** Returns the error for a name that no board has. */
export function noBoard(name: string): LadderError {
  return new LadderError(
    'NO_BOARD',
    `Cannot find board "${name}": it does not exist or was dropped; create it first`,
  )
}
