/**
 * The rows of an import or export, and their columns.
 *
 *     playerId   required   1 to 512 bytes of UTF-8
 *     score      required   a decimal number, finite and exact; on a board of several columns, in CSV,
 *                           each of these by its name instead
 *     name       optional   1 to 512 bytes of UTF-8
 *     at         optional   milliseconds since 1970 UTC; the store keeps whole microseconds
 *     metadata   optional   a JSON object of at most 1,024 bytes
 *     rank       ignored    exports and other tools add it
 *     board      ignored    likewise
 *
 * Any other column is refused unless the caller says otherwise: a misspelt `nmae` must not lose every
 * name.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import type { AtUnit, Score, ScoreFormat } from '../words/index.ts'

/** The text formats of an import or export. */
export type RowFormat = 'csv' | 'ndjson' | 'json'

/** A row that was read and checked. */
export interface Row {
  /** The physical line on which the row starts, 1-based. A line ends in LF, also inside quotes. */
  line: number
  playerId: string
  score: Score
  name: string | undefined
  /** Milliseconds since 1970 UTC, as written. */
  at: number | undefined
  /** JSON text of an object; null for an empty one. */
  metadata: string | null | undefined
}

/** What is known of the rows of a file before it is read. */
export interface RowRules {
  shape: ScoreShape
  /** The unit of times that are numbers; undefined: milliseconds, if they look like it. */
  atUnit: AtUnit | undefined
  /** What the file calls a column, by its name here. */
  columns: Readonly<Record<string, string>>
  /** Leave out columns that are not known, instead of refusing the file. */
  ignoreExtra: boolean
  /** What separates the fields of CSV; undefined: what the header looks like. */
  delimiter: string | undefined
  /** How scores are written, all of them or by column. */
  scoreFormat: ScoreFormat | Readonly<Record<string, ScoreFormat>>
  /** Whether scores in CSV have a decimal comma. */
  decimalComma: boolean
}

/** Makes rows of blocks of whole lines. */
export interface RowParser {
  /** The line on which the row that is being read starts. */
  readonly line: number
  /**
   * Yields a function for each row, which reads it or throws what is wrong with it; undefined stands for
   * a row that is empty. May keep the last
   * lines for the next block.
   *
   * @throws {RowProblem} where the rows that follow cannot be trusted either.
   */
  parse(block: Buffer): Iterable<() => Row | undefined>
  /** @throws {RowProblem} where the source must not end. */
  end(): void
}

/** Returns the columns that an import understands, in the order in which an export writes them. */
export function rowColumns(shape: ScoreShape): string[] {
  return ['playerId', ...scoreColumns(shape), 'name', 'at', 'metadata']
}

/** Returns the columns of a CSV file that hold the score. */
export function scoreColumns(shape: ScoreShape): string[] {
  return shape.isPlain ? ['score'] : shape.columns.map(({ name }) => name)
}

/** Why a row cannot be used and what to do, without its line: the caller knows the line. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem'

  /** The column that it is about, as the file names it; undefined for the row as a whole. */
  readonly column: string | undefined

  constructor(problem: string, options: ErrorOptions & { column?: string | undefined } = {}) {
    // It quotes the file, whose text must not drive the terminal of a person who reads the message.
    super(problem.replace(/[\p{Control}\p{Format}]/gu, escapeCharacter), options)
    this.column = options.column
  }
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
