/**
 * Dates without a zone, as numbers of days since 1970-01-01.
 *
 * @module
 */

/** Milliseconds of a day whose clock is not changed. */
export const DAY_MS = 86_400_000

/** Returns the day with a date; of months and days that the calendar does not have, the one they roll over to. */
export function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / DAY_MS
}

/** Returns a day as `2026-11-28`. */
export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Returns the year of a day. */
export function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear()
}

/** Returns the day of the week, Monday being 0. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7
}

/** Returns the week of a day as ISO 8601 counts them, `2026-W48`: weeks belong to the year of their Thursday. */
export function isoWeekText(day: number): string {
  const thursday = day - weekdayOf(day) + 3
  const year = yearOf(thursday)
  const week = Math.floor((thursday - dayOf(year, 1, 1)) / 7) + 1
  return `${yearText(year)}-W${String(week).padStart(2, '0')}`
}

/** Returns the Monday of a week of ISO 8601: week 1 is the one with 4 January. */
export function mondayOfIsoWeek(year: number, week: number): number {
  const fourth = dayOf(year, 1, 4)
  return fourth - weekdayOf(fourth) + (week - 1) * 7
}

/** Returns a year as `2026`. */
export function yearText(year: number): string {
  return String(year).padStart(4, '0')
}
