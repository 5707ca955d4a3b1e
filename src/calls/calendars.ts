/**
 * The check of a calendar: how a window cuts time into seasons.
 *
 * @module
 */

import { checkCron, parseCron } from '../calendar/cron.ts'
import { WEEKDAYS } from '../calendar/periods.ts'
import { isZone } from '../calendar/zone.ts'
import { SEASON_HOURS_MAX } from '../ground/limits.ts'
import type { Calendar, Every } from '../words/index.ts'
import { isPlainObject, type Kind, whole, word } from './kinds.ts'
import { checkFields } from './options.ts'
import { nearestName } from './suggest.ts'
import { parseTime, timeOf } from './times.ts'
import { show } from './values.ts'

const WORDS = ['day', 'week', 'month', 'year', 'manual'] as const

/** When a season begins. */
export const EVERY: Kind = {
  type: 'object',
  words: `${WORDS.join(', ')}, { hours, from } or { cron }`,
  check: (value) => void everyOf(value),
}

const TIME_ZONE: Kind = {
  type: 'text',
  words: 'a time zone like Europe/Berlin',
  check: (value) => void timeZoneOf(value),
}

const START_AT: Kind = {
  type: 'text',
  words: 'a time of day like 04:00',
  check: checkStartAt,
}

/** The fields of a calendar. */
export const CALENDAR_FIELDS: Readonly<Record<keyof Calendar, Kind>> = {
  every: EVERY,
  timeZone: TIME_ZONE,
  startAt: START_AT,
  weekday: word(...WEEKDAYS),
  day: whole({ least: 1, most: 28 }),
}

const ALL_PERIODS = ['day', 'week', 'month', 'year']

// What each field goes with.
const GOES_WITH: Readonly<Record<Exclude<keyof Calendar, 'every'>, readonly string[]>> = {
  timeZone: [...ALL_PERIODS, 'cron'],
  startAt: ALL_PERIODS,
  weekday: ['week'],
  day: ['month'],
}

/**
 * Returns a calendar with all fields that go with its `every`, the default if one is not given: a new
 * object that can be written as JSON. What it returns, it returns again.
 *
 * `from` may be a text of ISO 8601, as JSON has no times.
 *
 * @throws {TypeError | RangeError} that names the field and what is allowed.
 */
export function checkCalendar(given: object): Calendar {
  const fields = checkFields(given as Partial<Calendar>, {
    fields: CALENDAR_FIELDS,
    what: 'a calendar',
  })
  const every = everyOf(fields.every)
  const kind = kindOf(every)
  for (const name of Object.keys(GOES_WITH) as (keyof typeof GOES_WITH)[])
    if (fields[name] !== undefined && !GOES_WITH[name].includes(kind)) throw doesNotGo(name, kind)
  const { timeZone = 'UTC', startAt = '00:00', weekday = 'monday', day = 1 } = fields
  const filled = { timeZone: timeZoneOf(timeZone), startAt, weekday, day }
  const names = (Object.keys(filled) as (keyof typeof filled)[]).filter((name) =>
    GOES_WITH[name].includes(kind),
  )
  return { every, ...Object.fromEntries(names.map((name) => [name, filled[name]])) }
}

function kindOf(every: Every): string {
  if (typeof every === 'string') return every
  return 'cron' in every ? 'cron' : 'hours'
}

function doesNotGo(name: keyof typeof GOES_WITH, kind: string): TypeError {
  const kinds = GOES_WITH[name]
  const list = kinds.length === 1 ? kinds[0] : `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
  return new TypeError(
    `Cannot use ${name} with every ${kind}: it goes with ${list}; leave it out, or change every`,
  )
}

function everyOf(value: unknown): Every {
  if (isPlainObject(value)) return spanOf(value as Record<string, unknown>)
  const known = WORDS.find((one) => one === value)
  if (known !== undefined) return known
  const nearest = typeof value === 'string' ? nearestWord(value) : undefined
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  const message = `Cannot use ${show(value)} as every: ${hint}it must be ${EVERY.words}`
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message)
}

// People say how often in many words; the numbers of a cron are not a slip of the pen.
function nearestWord(text: string): string | undefined {
  const often = /^@?(daily|weekly|monthly|yearly|annually)$/i.exec(text.trim())?.[1]?.toLowerCase()
  const words = { daily: 'day', weekly: 'week', monthly: 'month', yearly: 'year', annually: 'year' }
  return often === undefined ? nearestName(text, WORDS) : words[often as keyof typeof words]
}

function spanOf(value: Record<string, unknown>): Every {
  const isCron = value['cron'] !== undefined
  const fields = isCron ? { cron: CRON } : { hours: HOURS, from: FROM, cron: CRON }
  const { cron, hours, from } = checkFields(value, { fields, what: 'every' })
  if (isCron) return { cron: parseCron(cron as string).text }
  if (hours === undefined)
    throw new TypeError('Cannot use every without hours or cron: give { hours, from } or { cron }')
  if (from === undefined)
    throw new TypeError(
      'Cannot use every without from: give the instant that its hours count from, milliseconds since 1970',
    )
  return { hours: hours as number, from: instantOf(from) }
}

const CRON: Kind = {
  type: 'text',
  words: 'five fields like 0 4 * * 1',
  check: (value) => {
    if (typeof value !== 'string')
      throw new TypeError(`Cannot use ${show(value)} as cron: it must be a string like "0 4 * * 1"`)
    checkCron(value)
  },
}

const HOURS: Kind = whole({ least: 1, most: SEASON_HOURS_MAX })

const FROM: Kind = {
  type: 'number',
  words: 'milliseconds since 1970 UTC',
  isTime: true,
  check: (value) => void instantOf(value),
}

function instantOf(value: unknown): number {
  const ms = typeof value === 'string' ? parseTime(value, 'from') : timeOf(value, 'from')
  if (Number.isInteger(ms)) return ms
  throw new RangeError(`Cannot use ${show(value)} as from: it must be a whole millisecond`)
}

const UTC = /^(?:etc\/)?(?:utc|uct|gmt|gmt[+-]?0|zulu|universal|greenwich)$/i

function timeZoneOf(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(
      `Cannot use ${show(value)} as timeZone: it must be a string like "Europe/Berlin"`,
    )
  if (UTC.test(value)) return 'UTC'
  const known = Intl.supportedValuesOf('timeZone')
  // An offset has no summer time, and older releases of Node do not take it.
  if (/^[a-z]/i.test(value) && isZone(value)) return inCapitals(value, known)
  throw new RangeError(`Cannot use ${show(value)} as timeZone: ${zoneRemedy(value, known)}`)
}

// Capitals do not count, but one zone must have one spelling in a store. Node does not list every name that
// it knows: Asia/Kathmandu or Asia/Katmandu, by its release.
function inCapitals(value: string, known: readonly string[]): string {
  const lower = value.toLowerCase()
  const listed = known.find((name) => name.toLowerCase() === lower)
  if (
    listed !== undefined ||
    !/^(?:africa|america|asia|atlantic|australia|europe|indian|pacific)\/[a-z_/]+$/.test(value)
  )
    return listed ?? value
  return lower.replace(/(?<=^|[/_])[a-z]/g, (letter) => letter.toUpperCase())
}

function zoneRemedy(value: string, known: readonly string[]): string {
  if (/^[+-]/.test(value))
    return 'an offset is not a time zone; give a name like "Europe/Berlin", or "Etc/GMT-2" for UTC+02:00'
  const city = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
  const byCity = known.find(
    (name) => city(name).toLowerCase() === value.toLowerCase().replace(/\s/g, '_'),
  )
  const nearest = byCity ?? nearestName(value, known)
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  return `${hint}it must be an IANA time zone like "Europe/Berlin" or "UTC"`
}

function checkStartAt(value: unknown): void {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as startAt: it must be a string like "04:00"`)
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(value))
    throw new RangeError(
      `Cannot use ${show(value)} as startAt: it must be a time of day from 00:00 to 23:59, like "04:00"`,
    )
}
