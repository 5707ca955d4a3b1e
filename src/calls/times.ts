/**
 * Times as people and programs give them: the one place that reads and judges them.
 *
 *     a number, or text of digits     milliseconds since 1970 UTC, or what `atUnit` says
 *     any other text                  ISO 8601: 2026-11-21, 2026-11-21T18:30:00.5Z, …+02:00; without an
 *                                     offset it is UTC
 *
 * Without a unit, a number that looks like another one is refused: a time in seconds would be one of
 * January 1970, before all others, and win every tie. Windows, of numbers that tell themselves:
 *
 *     1,000,000,000 to 4,503,599,627           seconds of 2001 to 2112; as milliseconds, 12 January to
 *                                              22 February 1970
 *     1,000,000,000,000,000 and more           microseconds or nanoseconds; no time that can be stored
 *     text like 20231105 or 20231105183000     a date without its hyphens
 *     text like 2023                           a year
 *
 * With the unit s or us, a number that is one of our days in milliseconds is refused likewise.
 *
 * @module
 */

import { toMicros, toMs } from '../format/time.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import { shorten } from '../ground/shorten.ts'
import type { AtUnit } from '../words/index.ts'
import { optionInWords } from './remedies.ts'
import { checkWord, show } from './values.ts'

const SECONDS_MIN = 1e9
const SECONDS_MAX = AT_MICROS_MAX / 1e6
const MILLIS_MIN = 1e12
const MILLIS_MAX = AT_MICROS_MAX / 1000
const MICROS_MIN = 1e15
const NANOS_MIN = 1e18

const MS_PER_MINUTE = 60_000

// In minutes: Baker Island and Kiritimati.
const OFFSET_MIN = -12 * 60
const OFFSET_MAX = 14 * 60

/** The units, with the milliseconds that each has. */
const UNIT_MS: Readonly<Record<AtUnit, number>> = { s: 1000, ms: 1, us: 0.001 }

/** The names of the units. */
const AT_UNITS: readonly AtUnit[] = ['s', 'ms', 'us']

const DIGITS = /^[+-]?\d{1,25}(?:\.\d{0,25})?$/
// The exponents of doubles, which exports of other tools write.
const EXPONENTIAL = /^[+-]?\d(?:\.\d{1,25})?[eE][+-]?\d{1,3}$/
const BARE_DATE = /^((?:19|20|21)\d\d)(\d\d)(\d\d)(?:\d{6})?$/
// As spreadsheets write numbers that they round.
const ROUNDED = /E\+/
const BARE_YEAR = /^(?:19|20|21)\d\d$/
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * Returns the milliseconds since 1970 UTC that a number stands for.
 *
 * @throws {TypeError | RangeError} that says what it looks like and how to give it.
 */
export function atOf(value: unknown, unit?: AtUnit): number {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use ${show(value)} as at: it must be a number of milliseconds since 1970${remedyOf(value)}`,
    )
  if (Number.isFinite(value)) refuseOtherUnit(value, `${value}`, unit)
  return inRange(unit === undefined ? value : value * UNIT_MS[unit], `${value}`)
}

/**
 * Returns the milliseconds since 1970 UTC that a text stands for: a number, which `unit` may
 * explain, or ISO 8601.
 *
 * A text without an offset is UTC. What no calendar has, like 2023-02-29, is refused, and so is a
 * number that looks like seconds or microseconds, unless `unit` says so. Cost: O(length).
 *
 * @throws {RangeError} that says what is wrong and how to write it.
 * @example
 * parseAt('2026-11-21T18:30:00Z') // 1795285800000
 */
export function parseAt(text: string, unit?: AtUnit): number {
  const trimmed = text.trim()
  if (DIGITS.test(trimmed) || EXPONENTIAL.test(trimmed)) {
    if (ROUNDED.test(trimmed))
      throw problem(
        trimmed,
        'a spreadsheet has rounded it, so ties may be lost; format the column as text or as a whole number, and export again',
      )
    const value = Number(trimmed)
    if (unit === undefined) refuseBareDate(trimmed)
    refuseOtherUnit(value, trimmed, unit)
    return inRange(unit === undefined ? value : value * UNIT_MS[unit], trimmed)
  }
  const parts = DATE_TIME.exec(trimmed)
  if (parts === null)
    throw problem(text, 'write milliseconds since 1970, or ISO 8601 like 2026-11-21T18:30:00Z')
  return inRange(msOf(parts, text), trimmed)
}

/** Returns the milliseconds of a time that is given under another name than `at`; see {@link atOf}. */
export function timeOf(value: unknown, what: string): number {
  return named(what, () => atOf(value))
}

/**
 * Returns the milliseconds of a text that is given under another name than `at`; see {@link parseAt}. Cost: O(length).
 *
 * @throws {RangeError} that names it by `what`.
 * @example
 * parseTime('2026-11-21T18:30:00Z', 'until') // 1795285800000
 */
export function parseTime(text: string, what: string): number {
  return named(what, () => parseAt(text))
}

// There is no unit to say beside these.
function named(what: string, read: () => number): number {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      error.message = error.message
        .replace(' as at: ', ` as ${what}: `)
        .replace(/, or say (?:its unit|that it is|atUnit) .*$/, '')
    throw error
  }
}

/** Returns a unit of time, undefined if none is given. */
export function checkAtUnit(value: unknown): AtUnit | undefined {
  return value === undefined ? undefined : checkWord(value, 'atUnit', AT_UNITS)
}

/** Returns whole microseconds from milliseconds that were judged before. */
export function microsOfAt(at: number): number {
  const micros = toMicros(at)
  if (micros >= 0 && micros <= AT_MICROS_MAX) return micros === 0 ? 0 : micros
  throw new RangeError(
    `Cannot use ${at} as at: it must be milliseconds since 1970, 0 to ${Math.floor(AT_MICROS_MAX / 1000)}`,
  )
}

/**
 * Returns a time as exports write it: milliseconds, and as ISO 8601 where those would look like
 * another unit.
 */
export function writtenAt(at: number): number | string {
  const isClear = !looksLikeSeconds(at) && !isBareDate(`${at}`)
  if (isClear) return at
  const whole = new Date(Math.floor(at)).toISOString()
  const micros = String(toMicros(at) % 1000).padStart(3, '0')
  return micros === '000' ? whole : whole.replace('Z', `${micros}Z`)
}

/** Whether a number, as milliseconds one of January or February 1970, is one of our days in seconds. */
export function looksLikeSeconds(value: number): boolean {
  return value >= SECONDS_MIN && value <= SECONDS_MAX
}

function refuseOtherUnit(value: number, text: string, unit: AtUnit | undefined): void {
  if (unit === 'ms') return
  if (unit !== undefined) {
    if (value < MILLIS_MIN || value > MILLIS_MAX) return
    throw problem(
      text,
      `it looks like milliseconds, not ${unit}; leave atUnit (--at-unit) out, or say ms`,
    )
  }
  if (looksLikeSeconds(value))
    throw problem(
      text,
      `it looks like seconds; give milliseconds (${text} * 1000), ${sayUnit('s')}`,
    )
  if (value >= NANOS_MIN)
    throw problem(text, 'it looks like nanoseconds; give milliseconds: divide by 1,000,000')
  if (value >= MICROS_MIN)
    throw problem(
      text,
      `it looks like microseconds; give milliseconds (${text} / 1000), ${sayUnit('us')}`,
    )
}

function sayUnit(unit: AtUnit): string {
  const asGiven =
    unit === 's' ? `, or that it is milliseconds (${optionInWords('atUnit', 'ms')})` : ''
  return `or say its unit (${optionInWords('atUnit', unit)})${asGiven}`
}

function refuseBareDate(text: string): void {
  if (BARE_YEAR.test(text))
    throw problem(text, `it looks like a year; write ${text}-01-01, or say atUnit 'ms'`)
  const parts = BARE_DATE.exec(text)
  if (parts === null || !isBareDate(text)) return
  const [, year, month, day] = parts
  throw problem(
    text,
    `it looks like a date; write ${year}-${month}-${day}, or say that it is milliseconds (${optionInWords('atUnit', 'ms')})`,
  )
}

function isBareDate(text: string): boolean {
  if (BARE_YEAR.test(text)) return true
  const [, year, month, day] = BARE_DATE.exec(text) ?? []
  return year !== undefined && isDate(Number(year), Number(month), Number(day))
}

function inRange(ms: number, text: string): number {
  if (ms < 0)
    throw problem(text, 'it lies before 1970; it must be milliseconds since 1970, 0 or more')
  const micros = toMicros(ms)
  if (micros <= AT_MICROS_MAX) return toMs(micros === 0 ? 0 : micros)
  if (Number.isNaN(ms)) throw problem(text, 'it must be milliseconds since 1970')
  throw problem(
    text,
    `it lies after 2112; it must be milliseconds since 1970, 0 to ${Math.floor(AT_MICROS_MAX / 1000)}`,
  )
}

function msOf(parts: RegExpExecArray, text: string): number {
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0)) as [
    ...[number, number, number, number, number, number],
  ]
  if (!isDate(year, month, day)) throw problem(text, 'the calendar has no such day')
  if (hour > 23 || minute > 59 || second > 59)
    throw problem(text, 'the clock has no such time; hours go to 23, minutes and seconds to 59')
  const offset = offsetOf(parts[8] ?? 'Z', text)
  // Whole microseconds, since a product of doubles would be a little off.
  const micros = Math.round(Number((parts[7] ?? '').padEnd(9, '0')) / 1000)
  return Date.UTC(year, month - 1, day, hour, minute, second) - offset + micros / 1000
}

function offsetOf(zone: string, text: string): number {
  if (/^z$/i.test(zone)) return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || 0)
  const offset = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
  if (minutes > 59 || offset < OFFSET_MIN || offset > OFFSET_MAX)
    throw problem(text, `there is no offset ${zone}; they go from -12:00 to +14:00`)
  return offset * MS_PER_MINUTE
}

// Date rolls days over into the next month.
function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function remedyOf(value: unknown): string {
  if (value instanceof Date) return '; give date.getTime()'
  return typeof value === 'string' ? '; Date.parse() makes one of a text' : ''
}

function problem(text: string, words: string): RangeError {
  return new RangeError(`Cannot use ${isNumber(text) ? shorten(text) : show(text)} as at: ${words}`)
}

function isNumber(text: string): boolean {
  return text === 'NaN' || (text.trim() !== '' && !Number.isNaN(Number(text)))
}
