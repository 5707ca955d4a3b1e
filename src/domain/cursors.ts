/**
 * The words of a cursor that leads nowhere.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'

/** Returns the error of a cursor that belongs to no page of a board, or of a season, in words: `month 2026-11`. */
export function badCursor(board: string, season: string | undefined): LadderError {
  const place = season === undefined ? `board "${board}"` : `${season} of board "${board}"`
  return new LadderError(
    'BAD_CURSOR',
    `Cannot continue from this cursor: it does not belong to a page of ${place} as it is now; start with the first page`,
  )
}
