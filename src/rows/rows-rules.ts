/**
 * The rules of how a file is written, as a caller gives them and with what they are by default.
 *
 * @module
 */

import { nearestName } from '../calls/suggest.ts'
import { checkAtUnit } from '../calls/times.ts'
import { checkWord, show } from '../calls/values.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import type { ImportOptions, ScoreFormat } from '../words/index.ts'
import { type RowRules, scoreColumns } from './rows.ts'

const SCORE_FORMATS: readonly ScoreFormat[] = ['number', 'time', 'time-ms']

// Nothing that stands in numbers, names of columns or quotes.
const SEPARATOR = /^[^\w"'.+\-\r\n\u{80}-\u{10FFFF}]$/u

/** The rules that a caller can give. */
export type RowRuleOptions = Pick<
  ImportOptions,
  'atUnit' | 'columns' | 'ignoreExtra' | 'delimiter' | 'scoreFormat' | 'decimalComma'
>

/** Returns the rules of a file whose rows are for a board of such scores. */
export function rulesOf(options: RowRuleOptions, shape: ScoreShape): RowRules {
  const { atUnit, columns = {}, delimiter, scoreFormat = 'number' } = options
  const { ignoreExtra = false, decimalComma = false } = options
  return {
    shape,
    atUnit: checkAtUnit(atUnit),
    columns: checkNames(columns, shape),
    ignoreExtra,
    delimiter: delimiter === undefined ? undefined : checkSeparator(delimiter),
    scoreFormat: checkScoreFormat(scoreFormat, shape),
    decimalComma,
  }
}

function checkNames(value: unknown, shape: ScoreShape): Record<string, string> {
  const columns = checkByColumn(value, {
    what: 'columns',
    known: ['playerId', ...scoreColumns(shape), 'name', 'at', 'metadata'],
  })
  const seen = new Set<unknown>()
  for (const [column, name] of Object.entries(columns)) {
    if (typeof name !== 'string' || name.trim() === '')
      throw new TypeError(
        `Cannot use ${show(name)} as the name of column ${column}: it must be the text in the header`,
      )
    if (seen.has(name))
      throw new RangeError(`Cannot use column ${show(name)} twice: name a column once`)
    seen.add(name)
  }
  const names = Object.entries(columns).map(([column, name]) => [column, String(name).trim()])
  return Object.fromEntries(names)
}

function checkScoreFormat(
  value: unknown,
  shape: ScoreShape,
): ScoreFormat | Record<string, ScoreFormat> {
  if (typeof value !== 'object' || value === null)
    return checkWord(value, 'scoreFormat', SCORE_FORMATS)
  const formats = checkByColumn(value, { what: 'scoreFormat', known: scoreColumns(shape) })
  const checked = Object.entries(formats).map(([column, format]) => [
    column,
    checkWord(format, `scoreFormat of ${column}`, SCORE_FORMATS),
  ])
  return Object.fromEntries(checked)
}

function checkByColumn(
  value: unknown,
  { what, known }: { what: string; known: readonly string[] },
): Record<string, unknown> {
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new TypeError(
      `Cannot use ${show(value)} as ${what}: it must be an object like { ${known[0]}: … }`,
    )
  for (const column of Object.keys(value as object)) {
    if (known.includes(column)) continue
    const nearest = nearestName(column, known)
    const meant = nearest === undefined ? '' : `did you mean "${nearest}"? `
    throw new TypeError(
      `Cannot use ${show(column)} in ${what}: ${meant}the columns are ${known.join(', ')}`,
    )
  }
  return value as Record<string, unknown>
}

function checkSeparator(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(
      `Cannot use ${show(value)} as delimiter: it must be one character, like ";"`,
    )
  if (SEPARATOR.test(value)) return value
  throw new RangeError(
    `Cannot use ${show(value)} as delimiter: it must be one character like ";" or a tab, no letter, digit, quote or sign`,
  )
}
