/**
 * The columns of a CSV file, which its header names in any order, and the row that a line holds in them.
 *
 * @module
 */

import { ROW_COLUMNS, type Row, RowProblem } from './rows.ts'
import { checkColumn, checkText, parseAt, parseObject, parseScore } from './rows-fields.ts'
import { unguard } from './rows-guard.ts'

/** Index of each column of a file; `count` for one that it lacks, as fields[-1] is slow. */
export type Columns = Record<'count' | 'playerId' | 'score' | 'name' | 'at' | 'metadata', number>

/** Returns where the fields of a header say that the columns are. */
export function columnsOf(header: readonly string[]): Columns {
  for (const column of header) checkColumn(column)
  const twice = header.find((column, index) => header.indexOf(column) < index)
  if (twice !== undefined)
    throw new RowProblem(`the header names ${twice} twice: keep one of the columns`)
  const lacking = ['playerId', 'score'].find((column) => !header.includes(column))
  if (lacking !== undefined) {
    const example = ROW_COLUMNS.join(',')
    throw new RowProblem(`the header has no column ${lacking}: begin with a line like ${example}`)
  }
  return {
    count: header.length,
    playerId: header.indexOf('playerId'),
    score: header.indexOf('score'),
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
  if (metadata !== '') parseObject('metadata', metadata)
  return {
    line,
    playerId: checkText('playerId', unguard(fields[columns.playerId] ?? '')),
    score: parseScore(fields[columns.score] ?? ''),
    name: name === '' ? undefined : checkText('name', unguard(name)),
    at: at === '' ? undefined : parseAt(at),
    metadata: metadata === '' ? undefined : metadata,
  }
}

function indexIn(header: readonly string[], column: string): number {
  const index = header.indexOf(column)
  return index === -1 ? header.length : index
}
