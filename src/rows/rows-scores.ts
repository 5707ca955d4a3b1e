/**
 * The scores that fields of text hold: numbers, or times like 1:02:03.5.
 *
 *     number     1500, 12.5, 1500.0; with decimalComma 12,5
 *     time       h:mm:ss.fff, m:ss.fff or ss.fff, as seconds: 1:02.5 is 62.5
 *     time-ms    the same as milliseconds: 1:02.5 is 62500
 *
 * Every reader throws a RowProblem that repeats the text and says how to write it.
 *
 * @module
 */

import { optionInWords } from '../calls/remedies.ts'
import { INTEGER_MAX, INTEGER_MIN, type ScoreShape } from '../format/score-shape.ts'
import type { ScoreCell, ScoreFormat } from '../words/index.ts'
import { RowProblem, type RowRules } from './rows.ts'
import { excerpt } from './rows-fields.ts'

/** Reads the score, or one column of it, from text. */
export type ScoreReader = (text: string) => ScoreCell

/** How one column of scores is written. */
interface ScoreColumnRules {
  column: string
  type: ScoreShape['type']
  format: ScoreFormat
  decimalComma: boolean
}

// The longest integer that a double holds has 309 digits; more text is not a score but an attack.
const NUMBER_CHARACTERS_MAX = 400

const DIGITS = /^[+-]?\d{1,20}(?:\.0*)?$/
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const POWER_OF_TEN = /^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$/
const PLAIN = /^-?\d{1,300}(?:\.\d{1,60})?$/
const CLOCK = /^([+-]?)(?:(?:(\d{1,9}):)?(\d{1,9}):)?(\d{1,12})(?:\.(\d{0,30}))?$/
// A comma, point, apostrophe or any space between groups of three digits.
const THOUSANDS = /^[+-]?\d{1,3}(?:[,.'’\s]\d{3})+(?:[.,]\d+)?$/
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/

/** Returns a reader for each column of the scores of a file. */
export function scoreReadersOf(
  rules: Pick<RowRules, 'shape' | 'scoreFormat' | 'decimalComma'>,
): ScoreReader[] {
  const { shape, decimalComma } = rules
  return shape.columns.map(({ name }) => {
    const column = shape.isPlain ? 'score' : name
    const format = formatOfColumn(rules, column)
    return readerOf({ column, type: shape.type, format, decimalComma })
  })
}

/** Returns how a column is written. */
export function formatOfColumn(
  { scoreFormat }: Pick<RowRules, 'scoreFormat'>,
  column: string,
): ScoreFormat {
  if (typeof scoreFormat === 'string') return scoreFormat
  return scoreFormat[column] ?? 'number'
}

function readerOf(rules: ScoreColumnRules): ScoreReader {
  const read = plainReaderOf(rules)
  return (text) => read(isBare(text) ? text : pointed(text, rules))
}

function plainReaderOf(rules: ScoreColumnRules): ScoreReader {
  if (rules.format !== 'number') return (text) => parseClock(text, rules)
  const { column } = rules
  return rules.type === 'int64'
    ? (text) => parseInteger(text, column)
    : (text) => parseDouble(text, column)
}

// Most scores are digits and a point; whatever else there is may need a change first.
function isBare(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return text.length > 0
}

// Spaces around a number mean nothing.
function pointed(text: string, { column, decimalComma }: ScoreColumnRules): string {
  const trimmed = text.trim()
  if (trimmed === '') throw new RowProblem(`${column} is empty: fill it in`, { column })
  if (!decimalComma) return trimmed
  if (trimmed.includes('.'))
    throw problemOf(
      trimmed,
      column,
      'has a point, but its commas are decimal: write it like 1500,5',
    )
  return trimmed.replace(',', '.')
}

function parseInteger(text: string, column: string): bigint {
  if (!DIGITS.test(text))
    throw problemOf(text, column, `is not an integer: ${remedyOf(text, 'write digits like 1500')}`)
  const integer = BigInt(text.replace(/\..*/, ''))
  if (integer >= INTEGER_MIN && integer <= INTEGER_MAX) return integer
  throw problemOf(text, column, 'is beyond 64 bits: stay within ±9.2e18')
}

// Digits after the point are rounded as in any double. From 2^53 on, where doubles skip integers, a text
// must be the value of its double or the shortest text for it, which exports write: two players with
// different scores would tie otherwise. So 2^60 is also read from 1152921504606847000.
function parseDouble(text: string, column: string): number {
  if (text.length > NUMBER_CHARACTERS_MAX || !DECIMAL.test(text))
    throw problemOf(
      text,
      column,
      `is not a decimal number: ${remedyOf(text, 'write it like 1500 or 12.5')}`,
    )
  const score = Number(text)
  if (!Number.isFinite(score))
    throw problemOf(text, column, 'is too large for a number: stay below 1.8e308')
  if (Math.abs(score) >= 2 ** 53 && !isExact(text, score))
    throw problemOf(
      text,
      column,
      `is not exact as a number: the nearest one is ${score}${integerHint(text)}`,
    )
  return score + 0
}

function parseClock(text: string, { column, type, format }: ScoreColumnRules): ScoreCell {
  const [match, sign, hours, minutes, seconds = '', fraction = ''] = CLOCK.exec(text) ?? []
  if (match === undefined)
    throw problemOf(text, column, `is not a time: ${remedyOf(text, 'write it like 1:02:03.5')}`)
  const isOver = minutes !== undefined && Number(seconds) > 59
  if (isOver || (hours !== undefined && Number(minutes) > 59))
    throw problemOf(text, column, 'is not a time: minutes and seconds go to 59')
  const whole = BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n + BigInt(seconds)
  // Digits are moved, not multiplied: 1:02.3 is the double nearest to 62.3.
  const places = format === 'time-ms' ? 3 : 0
  const moved = `${whole}${fraction.padEnd(places, '0').slice(0, places)}`
  const rest = fraction.slice(places)
  if (type === 'number') return parseDouble(`${sign}${moved}.${rest}`, column)
  if (/[1-9]/.test(rest)) throw problemOf(text, column, wholeTimes(format))
  return parseInteger(`${sign}${moved}`, column)
}

function wholeTimes(format: ScoreFormat): string {
  if (format === 'time-ms') return 'is not whole milliseconds, as the board wants: round it'
  return `is not whole seconds, as the board wants: take milliseconds (${optionInWords('scoreFormat', 'time-ms')})`
}

/** Returns that a new board can hold a number of all these digits, if it can. */
export function integerHint(text: string): string {
  if (!DIGITS.test(text)) return ''
  const integer = BigInt(text.replace(/\..*/, ''))
  if (integer < INTEGER_MIN || integer > INTEGER_MAX) return ''
  return `; a new board can hold it (${optionInWords('scoreType', 'int64')})`
}

// Signs, digits and marks of other hands: a minus as in print, full-width digits, $10, 10%, 1_000, (5), 5-.
function plainForm(text: string): string | undefined {
  const bare = text
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\p{Currency_Symbol}%\s]/gu, '')
    .replace(/(?<=\d)_(?=\d)/g, '')
    .replace(/^\((.+)\)$|^([^-]+)-$/, '-$1$2')
  return bare !== text && PLAIN.test(bare) ? bare : undefined
}

function remedyOf(text: string, usual: string): string {
  if (DECIMAL_COMMA.test(text)) return commaRemedy(text)
  if (THOUSANDS.test(text))
    return `write ${text.replace(/[,.'’\s](?=\d{3}(?!\d))/g, '')}, without separators of thousands`
  if (POWER_OF_TEN.test(text)) return 'write all its digits; a spreadsheet may have cut them'
  if (text.includes(':') && CLOCK.test(text))
    return `say so if it is a time like 1:02:03.5 (${optionInWords('scoreFormat', 'time')})`
  const plain = plainForm(text)
  return plain === undefined ? usual : `write ${plain}, with plain digits and signs alone`
}

function commaRemedy(text: string): string {
  const point = `write ${text.replace(',', '.')}, or say that commas are decimal (${optionInWords('decimalComma', true)})`
  if (!THOUSANDS.test(text)) return point
  return `if the comma separates thousands, write ${text.replace(',', '')}; else ${point}`
}

function problemOf(text: string, column: string, words: string): RowProblem {
  return new RowProblem(`${column} ${excerpt(text)} ${words}`, { column })
}

// Two texts that are read as the same double and have the same digits are the same number.
function isExact(text: string, value: number): boolean {
  const digits = significantDigits(text)
  return (
    digits === significantDigits(`${value}`) || digits === significantDigits(`${BigInt(value)}`)
  )
}

function significantDigits(text: string): string {
  return text
    .replace(/e.*/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '')
}
