/**
 * The columns of a CSV file, which its header names in any order, and the row that a line holds in them.
 *
 * A name is taken without the spaces around it. A column without a name must be empty: spreadsheets add
 * such. A row whose fields are all empty does not count: spreadsheets add these too.
 *
 * @module
 */

import { optionInWords } from '../calls/remedies.ts'
import { nearestName } from '../calls/suggest.ts'
import type { Score } from '../words/index.ts'
import { unguard } from './formula-escape.ts'
import { type Row, RowProblem, type RowRules, rowColumns, scoreColumns } from './rows.ts'
import { separatorInWords } from './rows-dialect.ts'
import { checkText, excerpt, IGNORED_COLUMNS, parseAtField, parseMetadata } from './rows-fields.ts'
import { type ScoreReader, scoreReadersOf } from './rows-scores.ts'

/** Index of each column of a file; `count` for one that it lacks, as fields[-1] is slow. */
export type Columns = Record<'count' | 'playerId' | 'name' | 'at' | 'metadata', number> & {
  /** As the header names them. */
  header: readonly string[]
  /** Indexes of columns that have no name. */
  nameless: readonly number[]
  scores: readonly number[]
  readers: readonly ScoreReader[]
  separator: string
  rules: RowRules
}

const LEAVE_OUT = optionInWords('ignoreExtra', true)

// A name of one or two letters is near to anything.
const GUESS_CHARACTERS_MIN = 3

// An id that a spreadsheet took for a number and showed in few digits: what it was is lost.
const SHORTENED_ID = /^\d(?:[.,]\d+)?E\+?\d+$/i

/** Returns where the fields of a header say that the columns are. */
export function columnsOf(
  fields: readonly string[],
  options: { rules: RowRules; separator: string },
): Columns {
  const { rules, separator } = options
  const { shape } = rules
  const header = fields.map((field) => field.trim())
  const known = rowColumns(shape).map((column) => nameInFile(column, rules))
  checkHeader(header, { rules, known })
  const indexOf = (column: string): number => {
    const index = header.indexOf(nameInFile(column, rules))
    return index === -1 ? header.length : index
  }
  return {
    header,
    nameless: rules.ignoreExtra
      ? []
      : header.flatMap((name, index) => (name === '' ? [index] : [])),
    count: header.length,
    playerId: indexOf('playerId'),
    scores: scoreColumns(shape).map(indexOf),
    readers: scoreReadersOf(rules),
    separator,
    rules,
    name: indexOf('name'),
    at: indexOf('at'),
    metadata: indexOf('metadata'),
  }
}

/** Returns the row that the fields of a line hold, an empty one meaning "not given"; undefined for none. */
export function rowOf(
  fields: readonly string[],
  { columns, line }: { columns: Columns; line: number },
): Row | undefined {
  const playerId = fields[columns.playerId] ?? ''
  if (playerId.trim() === '' && fields.every((field) => field.trim() === '')) return undefined
  if (fields.length !== columns.count) throw wrongCount(fields, columns)
  if (columns.nameless.length > 0) checkNameless(fields, columns)
  const name = fields[columns.name] ?? ''
  const at = fields[columns.at] ?? ''
  const metadata = fields[columns.metadata] ?? ''
  return {
    line,
    playerId: playerIdIn(playerId, columns),
    score: scoreIn(fields, columns),
    name: name === '' ? undefined : checkText('name', unguard(name)),
    at: at === '' ? undefined : parseAtField(at, columns.rules.atUnit),
    metadata: metadata === '' ? undefined : parseMetadata(metadata),
  }
}

/** Returns how a file names a column. */
export function nameInFile(column: string, { columns }: Pick<RowRules, 'columns'>): string {
  return Object.hasOwn(columns, column) ? (columns[column] as string) : column
}

function mapped(column: string, name: string): string {
  return optionInWords('columns', { [column]: name })
}

/** Returns why a column of a file cannot be used, with what may be meant. */
export function unknownColumn(
  name: string,
  rules: Pick<RowRules, 'columns' | 'shape'>,
): RowProblem {
  const columns = rowColumns(rules.shape)
  const known = columns.map((column) => nameInFile(column, rules))
  const nearest = name.length < GUESS_CHARACTERS_MIN ? undefined : nearestName(name, known)
  const meant = nearest === undefined ? '' : ` did you mean ${excerpt(nearest)}?`
  const words = `known are ${known.join(', ')}; ${IGNORED_COLUMNS.join(' and ')} are ignored`
  const column = columns[known.indexOf(nearest ?? '')] ?? 'name'
  const remedy = `rename or remove it, map it (${mapped(column, name)}), or leave out unknown columns (${LEAVE_OUT})`
  return new RowProblem(`unknown column ${excerpt(name)}:${meant} ${remedy} (${words})`, {
    column: name,
  })
}

function checkHeader(
  header: readonly string[],
  { rules, known }: { rules: RowRules; known: readonly string[] },
): void {
  if (!header.some((name) => known.includes(name))) throw noHeader(header, rules)
  for (const name of header) {
    const isFine = name === '' || known.includes(name) || IGNORED_COLUMNS.includes(name)
    if (!isFine && !rules.ignoreExtra) throw unknownColumn(name, rules)
  }
  const twice = header.find((name, index) => known.includes(name) && header.indexOf(name) < index)
  if (twice !== undefined)
    throw new RowProblem(`the header names ${twice} twice: keep one of the columns`, {
      column: twice,
    })
  const needed = ['playerId', ...scoreColumns(rules.shape)]
  const lacking = needed.find((column) => !header.includes(nameInFile(column, rules)))
  if (lacking !== undefined) throw lackingColumn(lacking, { header, rules })
}

function noHeader(header: readonly string[], rules: RowRules): RowProblem {
  const other = header.length === 1 ? separatorWithin(header[0] as string, rules) : undefined
  if (other !== undefined)
    return new RowProblem(
      `the header ${excerpt(header[0] as string)} is separated by ${separatorInWords(other)}: say so (${optionInWords('delimiter', other)})`,
    )
  const found = header.map((name) => excerpt(name)).join(', ')
  const columns = rowColumns(rules.shape)
  const near = header.find(
    (name) => name.length >= GUESS_CHARACTERS_MIN && nearestName(name, columns) !== undefined,
  )
  const nearest = near === undefined ? undefined : nearestName(near, columns)
  const meant =
    near === undefined ? '' : ` did you mean ${excerpt(nearest ?? '')} by ${excerpt(near)}?`
  return new RowProblem(
    `the header names no known column, only ${found}:${meant} begin with a line like ` +
      `${columns.join(',')}, or say which is which (${mapped(nearest ?? 'playerId', near ?? (header[0] || 'Player'))})`,
    { column: header[0] },
  )
}

// What the file is separated by if it is not what the caller said, or nothing that is tried unasked.
function separatorWithin(header: string, rules: RowRules): string | undefined {
  const names = rowColumns(rules.shape).map((column) => nameInFile(column, rules))
  return [',', ';', '\t', '|', ':', ' '].find((separator) => {
    const fields = header.split(separator).map((field) => field.trim())
    return fields.length > 1 && fields.some((field) => names.includes(field))
  })
}

function lackingColumn(
  column: string,
  { header, rules }: { header: readonly string[]; rules: RowRules },
): RowProblem {
  const name = nameInFile(column, rules)
  const wanted = name === column ? column : `${excerpt(name)} for ${column}`
  const nearest = nearestName(name, header)
  const meant = nearest === undefined ? '' : ` did you mean ${excerpt(nearest)}?`
  return new RowProblem(
    `the header has no column ${wanted}:${meant} begin with a line like ${rowColumns(rules.shape).join(',')}, ` +
      `or say which one it is (${mapped(column, nearest ?? 'NAME')})`,
    { column: name },
  )
}

function wrongCount(fields: readonly string[], columns: Columns): RowProblem {
  const { count, header, separator } = columns
  const has = `has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, the header names ${count}`
  const inWords = separatorInWords(separator)
  if (fields.length > count) {
    const extra = excerpt(fields[count] ?? '')
    return new RowProblem(
      `${has}: ${extra} has no column; put a field that holds ${inWords} in quotes, ` +
        'and write numbers without separators of thousands',
    )
  }
  const [only = ''] = fields
  const other = [',', ';', '\t', '|'].find(
    (character) => character !== separator && only.includes(character),
  )
  if (fields.length === 1 && other !== undefined)
    return new RowProblem(
      `${has}: it is separated by ${separatorInWords(other)}, the header by ${inWords}; use one of them`,
    )
  const missing = header.slice(fields.length)
  return new RowProblem(
    `${has}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; ` +
      `a field may be empty, but write its ${inWords}`,
    { column: missing[0] },
  )
}

function checkNameless(fields: readonly string[], columns: Columns): void {
  for (const index of columns.nameless) {
    const field = fields[index] ?? ''
    if (field.trim() === '') continue
    throw new RowProblem(
      `field ${index + 1}, ${excerpt(field)}, has no name in the header: name its column, or leave out unknown columns (${LEAVE_OUT})`,
    )
  }
}

function playerIdIn(cell: string, columns: Columns): string {
  if (SHORTENED_ID.test(cell))
    throw new RowProblem(
      `playerId ${excerpt(cell)} is a number that a spreadsheet has shortened, its digits are lost: ` +
        `export it again with the column as text; if it is the id, write '${cell}`,
      { column: columns.header[columns.playerId] },
    )
  return checkText('playerId', unguard(cell))
}

function scoreIn(fields: readonly string[], { scores, readers, rules }: Columns): Score {
  const { shape } = rules
  if (scores.length === 1) return (readers[0] as ScoreReader)(fields[scores[0] as number] ?? '')
  return shape.scoreOf(scores.map((index, i) => (readers[i] as ScoreReader)(fields[index] ?? '')))
}
