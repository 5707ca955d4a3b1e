/**
 * Seasons of a calendar: which one an instant lies in, which has an id, which comes next.
 *
 * (1) A season begins when the wall clock in the zone first reaches or passes its starting time. A time
 *     that is shown twice counts once, the first. A border belongs to the season that begins.
 * (2) Ids follow the borders, never the date that the clock shows at an instant.
 * (3) A date that a zone left out (Apia, 2011-12-30) has no day season, and the day before goes on until
 *     the next one begins. A week, month or year that would begin on it begins at the next instant.
 * (4) Seasons have no gaps: each ends where the next one begins.
 *
 * Instants are whole microseconds since 1970, 0 to AT_MICROS_MAX. The seasons at both ends are whole: the
 * first may begin before 1970, so that `fromMicros` is negative, and the last may end after the limit.
 *
 * Calendars are those that `checkCalendar` returned. What is worked out for one is kept with the object:
 * a season that was asked for lately costs some 12 ns, another one some 15 µs, or 45 beside a change of
 * the clock; the first question about a zone other than UTC takes some 20 ms, in which ICU gets ready. No clock is asked, and every answer depends on the arguments and on the zone data alone.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Calendar, Season } from '../words/index.ts'
import { type Cron, lastFiring, nextFiring, parseCron } from './cron.ts'
import { DAY_MS } from './dates.ts'
import { type Periods, periodsOf } from './periods.ts'
import { type Zone, zoneOf } from './zone.ts'

const MICROS_PER_MS = 1_000
const HOUR_MS = 3_600_000

// Submits alternate between two seasons while one is in grace; an import may bring a few more.
const KEPT_SEASONS = 4

/** A calendar, laid out for quick answers. Times are milliseconds: every border is a whole one. */
interface Cut {
  at(ms: number): Season
  withId(id: string): Season | undefined
  /** Whether ids are the instants of the borders. */
  readonly isNamedByStart: boolean
  /** The seasons that were asked for lately, and which is replaced next. */
  readonly kept: Season[]
  oldest: number
}

// undefined stands for a calendar whose seasons begin when they are told to.
const cuts = new WeakMap<Calendar, Cut | undefined>()

/** Returns the season that an instant lies in; undefined if seasons begin when they are told to. */
export function seasonOf(calendar: Calendar, atMicros: number): Season | undefined {
  const cut = cutOf(calendar)
  if (cut === undefined) return undefined
  assert(
    Number.isSafeInteger(atMicros) && atMicros >= 0 && atMicros <= AT_MICROS_MAX,
    'a time lies within the limits',
  )
  for (const season of cut.kept)
    if (season.fromMicros <= atMicros && atMicros < season.toMicros) return season
  const season = cut.at(Math.floor(atMicros / MICROS_PER_MS))
  cut.kept[cut.oldest] = season
  cut.oldest = (cut.oldest + 1) % KEPT_SEASONS
  return season
}

/** Returns the season with an id as the calendar cuts time now; undefined if there is no such season. */
export function seasonOfId(calendar: Calendar, id: string): Season | undefined {
  const season = cutOf(calendar)?.withId(id)
  const isReal = season?.id === id && season.fromMicros < season.toMicros
  if (!isReal || season.toMicros <= 0 || season.fromMicros > AT_MICROS_MAX) return undefined
  return season
}

/**
 * Returns the season after one, undefined if none begins within the limits of times.
 *
 * It begins where that one ends, even if zone data have changed since its borders were fixed.
 */
export function seasonAfter(calendar: Calendar, season: Season): Season | undefined {
  const cut = cutOf(calendar)
  const fromMicros = season.toMicros
  if (cut === undefined || fromMicros > AT_MICROS_MAX) return undefined
  const ms = Math.floor(fromMicros / MICROS_PER_MS)
  let next = cut.at(ms)
  if (cut.isNamedByStart) return { id: instantText(ms), fromMicros, toMicros: next.toMicros }
  while (next.id <= season.id) next = cut.at(next.toMicros / MICROS_PER_MS)
  return next.fromMicros === fromMicros ? next : { ...next, fromMicros }
}

/** Returns the season before one, undefined if there is none within the limits of times. */
export function seasonBefore(calendar: Calendar, season: Season): Season | undefined {
  const cut = cutOf(calendar)
  const toMicros = season.fromMicros
  if (cut === undefined || toMicros <= 0) return undefined
  let previous = cut.at(Math.floor((toMicros - 1) / MICROS_PER_MS))
  while (previous.id >= season.id) previous = cut.at(previous.fromMicros / MICROS_PER_MS - 1)
  return previous.toMicros === toMicros ? previous : { ...previous, toMicros }
}

/**
 * Returns the season that an instant lies in, cut to seasons that are known beside it: the last one that ended by then,
 * and the first one that begins later. Undefined if seasons begin when they are told to.
 *
 * The borders of what is known hold against zone data that have changed since, and none of its ids is given again.
 */
export function seasonBeside(
  calendar: Calendar,
  { before, behind }: { before: Season | undefined; behind: Season | undefined },
  atMicros: number,
): Season | undefined {
  // A first season may begin before 1970, and a last one end behind all times.
  let found = seasonOf(calendar, Math.min(Math.max(atMicros, 0), AT_MICROS_MAX))
  if (found === undefined) return undefined
  if (before !== undefined && found.id === before.id) found = seasonAfter(calendar, before) ?? found
  if (behind !== undefined && found.id === behind.id)
    found = seasonBefore(calendar, behind) ?? found
  const { id, fromMicros, toMicros } = found
  return {
    id,
    fromMicros: Math.max(fromMicros, before?.toMicros ?? fromMicros),
    toMicros: Math.min(toMicros, behind?.fromMicros ?? toMicros),
  }
}

/** Returns the seasons after one that have begun by an instant, in their order. */
export function* seasonsAfter(
  calendar: Calendar,
  season: Season,
  untilMicros: number,
): Generator<Season, void> {
  let next = seasonAfter(calendar, season)
  while (next !== undefined && next.fromMicros <= untilMicros) {
    yield next
    next = seasonAfter(calendar, next)
  }
}

/** Returns the seasons that share a time with the span from one instant up to another, in their order. */
export function* seasonsBetween(
  calendar: Calendar,
  fromMicros: number,
  toMicros: number,
): Generator<Season, void> {
  const first = fromMicros < toMicros ? seasonOf(calendar, fromMicros) : undefined
  if (first === undefined) return
  yield first
  yield* seasonsAfter(calendar, first, toMicros - 1)
}

function cutOf(calendar: Calendar): Cut | undefined {
  const known = cuts.get(calendar)
  if (known !== undefined || calendar.every === 'manual') return known
  const cut = layOut(calendar)
  cuts.set(calendar, cut)
  return cut
}

function layOut(calendar: Calendar): Cut {
  const { every, timeZone = 'UTC', startAt = '00:00' } = calendar
  const kept = { kept: [], oldest: 0 }
  const periods = periodsOf(calendar)
  if (periods !== undefined) {
    const cut = new PeriodCut(periods, { zone: zoneOf(timeZone), startMs: timeOfDay(startAt) })
    return Object.assign(cut, kept, { isNamedByStart: false })
  }
  assert(typeof every === 'object', 'a calendar was checked')
  const cut =
    'cron' in every ? new CronCut(parseCron(every.cron), zoneOf(timeZone)) : new HourCut(every)
  return Object.assign(cut, kept, { isNamedByStart: true })
}

/** Days, weeks, months and years. */
class PeriodCut {
  readonly #periods: Periods
  readonly #zone: Zone
  readonly #startMs: number

  constructor(periods: Periods, clock: { zone: Zone; startMs: number }) {
    this.#periods = periods
    this.#zone = clock.zone
    this.#startMs = clock.startMs
  }

  at(ms: number): Season {
    const day = Math.floor((this.#zone.reachedBy(ms) - this.#startMs) / DAY_MS)
    let n = this.#periods.lastBy(day)
    let [from, to] = [this.#borderOf(n), this.#borderOf(n + 1)]
    // A day that is not there has its border with the next one.
    while (from > ms) [n, from, to] = [n - 1, this.#borderOf(n - 1), from]
    while (to <= ms) [n, from, to] = [n + 1, to, this.#borderOf(n + 2)]
    return season(this.#periods.idOf(n), from, to)
  }

  withId(id: string): Season | undefined {
    const n = this.#periods.withId(id)
    if (n === undefined || !isNear(this.#periods.firstDay(n) * DAY_MS)) return undefined
    return season(this.#periods.idOf(n), this.#borderOf(n), this.#borderOf(n + 1))
  }

  #borderOf(n: number): number {
    const day = this.#periods.firstDay(n)
    const border = this.#zone.firstReach(day * DAY_MS + this.#startMs)
    const isShown = border + this.#zone.offsetAt(border) < (day + 1) * DAY_MS
    if (isShown || this.#periods.firstDay(n + 1) !== day + 1) return border
    const reach = (date: number): number => this.#zone.firstReach(date * DAY_MS)
    return reach(day) === reach(day + 1) ? this.#borderOf(n + 1) : border
  }
}

/** Hours of elapsed time. */
class HourCut {
  readonly #lengthMs: number
  readonly #fromMs: number

  constructor(every: { hours: number; from: number }) {
    this.#lengthMs = every.hours * HOUR_MS
    this.#fromMs = every.from
  }

  at(ms: number): Season {
    const past = (ms - this.#fromMs) % this.#lengthMs
    const from = ms - (past < 0 ? past + this.#lengthMs : past)
    return season(instantText(from), from, from + this.#lengthMs)
  }

  withId(id: string): Season | undefined {
    return withStart(id, this)
  }
}

class CronCut {
  readonly #cron: Cron
  readonly #zone: Zone

  constructor(cron: Cron, zone: Zone) {
    this.#cron = cron
    this.#zone = zone
  }

  at(ms: number): Season {
    const wall = this.#zone.reachedBy(ms)
    // Times that the clock skips are passed at one instant, and are one border.
    const from = this.#zone.firstReach(lastFiring(this.#cron, wall))
    const to = this.#zone.firstReach(nextFiring(this.#cron, wall))
    return season(instantText(from), from, to)
  }

  withId(id: string): Season | undefined {
    return withStart(id, this)
  }
}

function withStart(id: string, cut: { at(ms: number): Season }): Season | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(id) ? Date.parse(id) : NaN
  return isNear(ms) ? cut.at(ms) : undefined
}

// Seasons of an hour or of twelve years: more than these lie far outside.
function isNear(ms: number): boolean {
  return ms > -NEAR_MS && ms < AT_MICROS_MAX / MICROS_PER_MS + NEAR_MS
}

const NEAR_MS = 366 * 13 * DAY_MS

function season(id: string, from: number, to: number): Season {
  return { id, fromMicros: from * MICROS_PER_MS, toMicros: to * MICROS_PER_MS }
}

function instantText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':').map(Number) as [number, number]
  return hours * HOUR_MS + minutes * 60_000
}
