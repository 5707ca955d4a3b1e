/**
 * The words for calendars: how time is cut into seasons.
 *
 * @module
 */

/** When a season begins: at each day, week, month, year, after some hours, by cron, or at a call. */
export type Every =
  | 'day'
  | 'week'
  | 'month'
  | 'year'
  | 'manual'
  /** Whole hours of elapsed time, counted from an instant (milliseconds since 1970), also before it. */
  | { readonly hours: number; readonly from: number }
  /** Minute, hour, day, month and day of the week, in the zone. */
  | { readonly cron: string }

/** The day that a week begins with. */
export type Weekday =
  | 'monday'
  | 'tuesday'
  | 'wednesday'
  | 'thursday'
  | 'friday'
  | 'saturday'
  | 'sunday'

/** How time is cut into seasons. One that was checked has all fields that go with its `every`, and no other. */
export interface Calendar {
  readonly every: Every
  /** A zone of the IANA. Default `UTC`. */
  readonly timeZone?: string
  /** The time of day at which days, weeks, months and years begin. Default `00:00`. */
  readonly startAt?: string
  /** The day that a week begins with. Default `monday`. */
  readonly weekday?: Weekday
  /** The day that a month begins with, 1 to 28. Default 1. */
  readonly day?: number
}

/** A span of time with an id: from a border, which belongs to it, to the next, which does not. */
export interface Season {
  /** `2026-11-28`, `2026-W48`, `2026-11`, `2026`, or its start in UTC: `2026-11-28T04:00:00Z`. */
  readonly id: string
  /** Whole microseconds since 1970 UTC. The season that was on at its first instant began before. */
  readonly fromMicros: number
  readonly toMicros: number
}
