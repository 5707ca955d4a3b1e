/**
 * Rows that end an import, in words.
 *
 * @module
 */

import { optionInWords } from '../calls/remedies.ts'
import { LadderError } from '../ground/errors.ts'
import type { BadRow } from '../words/index.ts'

/** Returns the refusal of a file for one of its rows, of which nothing was imported. */
export function badRowError({ line, problem }: BadRow): LadderError {
  return new LadderError(
    'BAD_ROW',
    `Line ${line}: ${problem}; nothing was imported: fix the row, or skip bad rows (${optionInWords('skipBad', true)})`,
  )
}

/** The same where rows before it are stored. */
export function badRowProblem({ line, problem }: BadRow): LadderError {
  return new LadderError(
    'BAD_ROW',
    `Line ${line}: ${problem}; it is not stored: skip bad rows (${optionInWords('skipBad', true)})`,
  )
}
