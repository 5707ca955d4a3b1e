/**
 * Days, weeks, months and years as whole numbers in their order, each with the wall time at which it
 * begins and with its id.
 *
 * @module
 */

import type { Calendar, Weekday } from '../words/index.ts'
import {
  DAY_MS,
  dateText,
  dayOf,
  isoWeekText,
  mondayOfIsoWeek,
  weekdayOf,
  yearOf,
  yearText,
} from './dates.ts'

/** The names of the days of the week, in the order of ISO 8601. */
export const WEEKDAYS: readonly Weekday[] = [
  ...(['monday', 'tuesday', 'wednesday', 'thursday'] as const),
  ...(['friday', 'saturday', 'sunday'] as const),
]

/** Periods of one length. The number of a period is `n`. */
export interface Periods {
  /** Returns the last period whose date of beginning is no later than a day. */
  lastBy(day: number): number
  /** Returns the day on which period `n` begins. */
  firstDay(n: number): number
  idOf(n: number): string
  /** Returns the period with an id, undefined if it is not one. */
  withId(id: string): number | undefined
}

/** Returns the periods of a calendar; undefined if its seasons are not dates. */
export function periodsOf(calendar: Calendar): Periods | undefined {
  const { every, weekday = 'monday', day = 1 } = calendar
  if (every === 'day') return DAYS
  if (every === 'week') return weeksFrom(WEEKDAYS.indexOf(weekday))
  if (every === 'month') return monthsFrom(day)
  return every === 'year' ? YEARS : undefined
}

const DAYS: Periods = {
  lastBy: (day) => day,
  firstDay: (n) => n,
  idOf: dateText,
  withId: (id) => {
    const [year, month, day] = numbersIn(id, /^(\d{4})-(\d\d)-(\d\d)$/)
    return year === undefined ? undefined : dayOf(year, month as number, day as number)
  },
}

// A week has the id of its fourth day: most of its days are in that week of ISO 8601.
function weeksFrom(weekday: number): Periods {
  // The first such day in the week of 1970-01-01, a Thursday.
  const first = weekday - weekdayOf(0)
  return {
    lastBy: (day) => Math.floor((day - first) / 7),
    firstDay: (n) => n * 7 + first,
    idOf: (n) => isoWeekText(n * 7 + first + 3),
    withId: (id) => {
      const [year, week] = numbersIn(id, /^(\d{4})-W(\d\d)$/)
      if (year === undefined) return undefined
      const fourthDay = mondayOfIsoWeek(year, week as number) + ((weekday + 3) % 7)
      return (fourthDay - 3 - first) / 7
    },
  }
}

function monthsFrom(day: number): Periods {
  const firstDay = (n: number): number => dayOf(1970, 1 + n, day)
  return {
    lastBy: (at) => {
      const date = new Date(at * DAY_MS)
      const n = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
      return firstDay(n) <= at ? n : n - 1
    },
    firstDay,
    idOf: (n) => dateText(firstDay(n)).slice(0, 7),
    withId: (id) => {
      const [year, month] = numbersIn(id, /^(\d{4})-(\d\d)$/)
      return year === undefined ? undefined : (year - 1970) * 12 + (month as number) - 1
    },
  }
}

const YEARS: Periods = {
  lastBy: yearOf,
  firstDay: (n) => dayOf(n, 1, 1),
  idOf: yearText,
  withId: (id) => numbersIn(id, /^(\d{4})$/)[0],
}

function numbersIn(id: string, pattern: RegExp): number[] {
  return pattern.exec(id)?.slice(1).map(Number) ?? []
}
