/**
 * Cron of five fields: minute, hour, day of the month, month, day of the week, as crontab(5) has them.
 *
 *     *   5   1-5   10-50/20   8-18/2   1,15   mon-fri   jan      (names in any case; 0 and 7 are Sunday)
 *
 * If the day of the month and the day of the week are both restricted, which is if neither begins with
 * `*`, either of them is enough; otherwise both must match.
 *
 * This works on wall times alone and knows no zone: when a clock reaches them is another question. It is
 * no package since seasons that a store keeps must not move with a release of one.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { DAY_MS, dayOf, weekdayOf, yearOf } from './dates.ts'

/** A cron whose text was read. */
export interface Cron {
  /** With single spaces and in lower case. */
  readonly text: string
  /** Times of day in their order, milliseconds. */
  readonly times: readonly number[]
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** Whether a day that is in one of `days` and `weekdays` is enough. */
  readonly isEither: boolean
}

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const MINUTE_MS = 60_000
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS_OF_WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of the week', least: 0, most: 7, names: DAYS_OF_WEEK },
]

// 29 February is missing for eight years around 2100.
const GAP_YEARS_MAX = 12

// Days of the week and dates meet again every 28 years but for 2100: these years have every gap.
const [YEAR_MIN, YEAR_MAX] = [2070, 2125]

/**
 * Returns a cron from its text, which must fire at least once in twelve years.
 *
 * @throws {RangeError} that says what is wrong with which field, or that it fires too rarely.
 */
export function checkCron(given: string): Cron {
  const cron = parseCron(given)
  if (!firesEachYear(cron)) refuseRare(cron, given)
  return cron
}

/** Like {@link checkCron}, of a text that was checked: it does not look how often it fires. */
export function parseCron(given: string): Cron {
  const text = given.trim().toLowerCase().replace(/\s+/g, ' ')
  const parts = text.split(' ')
  if (parts.length !== FIELDS.length || text === '')
    throw problem(
      given,
      `it must have five fields: ${FIELDS.map(({ name }) => name).join(', ')}; like "0 4 * * 1"`,
    )
  const sets = FIELDS.map((field, i) => setOf(parts[i] as string, { field, cron: given }))
  const [minutes, hours, days, months, weekdays] = sets as [
    ...[Numbers, Numbers, Numbers, Numbers, Numbers],
  ]
  const isEither = !(parts[2] as string).startsWith('*') && !(parts[4] as string).startsWith('*')
  const times = inOrder(hours).flatMap((hour) =>
    inOrder(minutes).map((minute) => (hour * 60 + minute) * MINUTE_MS),
  )
  const sundays = new Set([...weekdays].map((weekday) => weekday % 7))
  return { text, times, days, months, weekdays: sundays, isEither }
}

/** Returns the last wall time at or before another at which a cron fires. */
export function lastFiring(cron: Cron, wall: number): number {
  const day = Math.floor(wall / DAY_MS)
  const time = firesOn(cron, day)
    ? cron.times.findLast((at) => at <= wall - day * DAY_MS)
    : undefined
  if (time !== undefined) return day * DAY_MS + time
  return firingDay(cron, { day, step: -1 }) * DAY_MS + (cron.times.at(-1) as number)
}

/** Returns the first wall time after another at which a cron fires. */
export function nextFiring(cron: Cron, wall: number): number {
  const day = Math.floor(wall / DAY_MS)
  const time = firesOn(cron, day) ? cron.times.find((at) => at > wall - day * DAY_MS) : undefined
  if (time !== undefined) return day * DAY_MS + time
  return firingDay(cron, { day, step: 1 }) * DAY_MS + (cron.times[0] as number)
}

function firingDay(cron: Cron, from: { day: number; step: 1 | -1 }): number {
  const { day, step } = from
  const found = findDay(cron, { day: day + step, step, last: day + step * 366 * GAP_YEARS_MAX })
  assert(found !== undefined, 'a cron that was checked fires in twelve years')
  return found
}

function findDay(cron: Cron, way: { day: number; step: 1 | -1; last: number }): number | undefined {
  const { step, last } = way
  let { day } = way
  while ((last - day) * step >= 0) {
    const date = new Date(day * DAY_MS)
    const month = date.getUTCMonth() + 1
    if (cron.months.has(month)) {
      if (isDay(cron, day, date.getUTCDate())) return day
      day += step
    } else {
      const year = date.getUTCFullYear()
      day = step === 1 ? dayOf(year, month + 1, 1) : dayOf(year, month, 0)
    }
  }
  return undefined
}

function firesOn(cron: Cron, day: number): boolean {
  return findDay(cron, { day, step: 1, last: day }) === day
}

function isDay(cron: Cron, day: number, ofMonth: number): boolean {
  const isIn = cron.days.has(ofMonth)
  const isOn = cron.weekdays.has((weekdayOf(day) + 1) % 7)
  return cron.isEither ? isIn || isOn : isIn && isOn
}

// Every month has 28 days, and each day of the week.
function firesEachYear({ days, weekdays, isEither }: Cron): boolean {
  return isEither || (weekdays.size === 7 && Math.min(...days) <= 28)
}

function refuseRare(cron: Cron, given: string): void {
  let day = dayOf(YEAR_MIN, 1, 1)
  const end = dayOf(YEAR_MAX + 1, 1, 1)
  while (day < end) {
    const last = day + 366 * GAP_YEARS_MAX
    const next = findDay(cron, { day: day + 1, step: 1, last })
    if (next === undefined) throw tooRare(cron, { given, day, end })
    day = next
  }
}

function tooRare(cron: Cron, at: { given: string; day: number; end: number }): RangeError {
  const { given, day, end } = at
  const next = findDay(cron, { day: day + 1, step: 1, last: end })
  if (next === undefined && day === dayOf(YEAR_MIN, 1, 1))
    return problem(given, 'it never fires: no month has such a day')
  return problem(
    given,
    `it fires too rarely, not once after ${yearOf(day)} in ${GAP_YEARS_MAX} years; let it fire more often`,
  )
}

type Numbers = ReadonlySet<number>

function setOf(text: string, at: { field: Field; cron: string }): Numbers {
  const numbers = new Set<number>()
  for (const part of text.split(',')) for (const n of rangeOf(part, at)) numbers.add(n)
  return numbers
}

function rangeOf(part: string, at: { field: Field; cron: string }): number[] {
  const { field, cron } = at
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part)
  const [, star, first, last, step = '1'] = match ?? []
  if (match === null || (step !== '1' && star === undefined && last === undefined))
    throw wrongField(part, at)
  const from = star === undefined ? numberOf(first as string, field) : field.least
  // Sunday ends a week that begins with another day: fri-sun.
  const to =
    star !== undefined ? field.most : last === undefined ? from : numberOf(last, field, from)
  const stride = Number(step)
  if (!(from <= to) || stride < 1 || stride > field.most) throw wrongField(part, { field, cron })
  const numbers: number[] = []
  for (let n = from; n <= to; n += stride) numbers.push(n)
  return numbers
}

// NaN if it is not a number of the field.
function numberOf(text: string, field: Field, from = 0): number {
  const named = field.names?.indexOf(text.slice(0, 3)) ?? -1
  const isName = named >= 0 && text.length === 3
  const n = isName
    ? named + (field.least === 1 ? 1 : 0)
    : /^\d{1,2}$/.test(text)
      ? Number(text)
      : NaN
  const isIn = n >= field.least && n <= field.most
  if (field.most === 7 && n === 0 && from > 0) return 7
  return isIn ? n : NaN
}

function wrongField(part: string, at: { field: Field; cron: string }): RangeError {
  const { name, least, most, names } = at.field
  const words = names === undefined ? '' : ` or ${names[0]} to ${names.at(-1)}`
  return problem(
    at.cron,
    `"${part}" is not a valid ${name}; it must be ${least} to ${most}${words}, alone, as a range 1-5, in a list 1,3, or all as *, with steps */2 or 1-5/2`,
  )
}

function problem(cron: string, words: string): RangeError {
  const shown = cron.length > 40 ? `${cron.slice(0, 40)}…` : cron
  return new RangeError(`Cannot use "${shown}" as cron: ${words}`)
}

function inOrder(numbers: Numbers): number[] {
  return [...numbers].sort((a, b) => a - b)
}
