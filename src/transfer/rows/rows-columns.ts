/**
 * The columns of a CSV file, which its header names in any order, and the row that a line holds in them.
 *
 * @module
 */

import type { Score } from '../../words/index.ts'
import { unguard } from './formula-escape.ts'
import { type Row, RowProblem, type RowRules, rowColumns, scoreColumns } from './rows.ts'
import { checkColumn, checkText, parseAtField, parseMetadata, parseScore } from './rows-fields.ts'

/** Index of each column of a file; `count` for one that it lacks, as fields[-1] is slow. */
export type Columns = Record<'count' | 'playerId' | 'name' | 'at' | 'metadata', number> & {
  scores: readonly number[]
  rules: RowRules
}

/** Returns where the fields of a header say that the columns are. */
export function columnsOf(header: readonly string[], rules: RowRules): Columns {
  const { shape } = rules
  const known = rowColumns(shape)
  for (const column of header) checkColumn(column, known)
  const twice = header.find((column, index) => header.indexOf(column) < index)
  if (twice !== undefined)
    throw new RowProblem(`the header names ${twice} twice: keep one of the columns`)
  const scores = scoreColumns(shape)
  const lacking = ['playerId', ...scores].find((column) => !header.includes(column))
  if (lacking !== undefined) {
    throw new RowProblem(
      `the header has no column ${lacking}: begin with a line like ${known.join(',')}`,
    )
  }
  return {
    count: header.length,
    playerId: header.indexOf('playerId'),
    scores: scores.map((column) => header.indexOf(column)),
    rules,
    name: indexIn(header, 'name'),
    at: indexIn(header, 'at'),
    metadata: indexIn(header, 'metadata'),
  }
}

/** Returns the row that the fields of a line hold, an empty one meaning "not given". */
export function rowOf(
  fields: readonly string[],
  { columns, line }: { columns: Columns; line: number },
): Row {
  if (fields.length !== columns.count) {
    const counts = `has ${fields.length} fields, the header names ${columns.count}`
    throw new RowProblem(`${counts}: put fields with commas in quotes`)
  }
  const name = fields[columns.name] ?? ''
  const at = fields[columns.at] ?? ''
  const metadata = fields[columns.metadata] ?? ''
  return {
    line,
    playerId: checkText('playerId', unguard(fields[columns.playerId] ?? '')),
    score: scoreIn(fields, columns),
    name: name === '' ? undefined : checkText('name', unguard(name)),
    at: at === '' ? undefined : parseAtField(at, columns.rules.atUnit),
    metadata: metadata === '' ? undefined : parseMetadata(metadata),
  }
}

function scoreIn(fields: readonly string[], { scores, rules }: Columns): Score {
  const { shape } = rules
  if (shape.isPlain) return parseScore(fields[scores[0] as number] ?? '', shape)
  return shape.scoreOf(scores.map((i) => parseScore(fields[i] ?? '', shape)))
}

function indexIn(header: readonly string[], column: string): number {
  const index = header.indexOf(column)
  return index === -1 ? header.length : index
}
