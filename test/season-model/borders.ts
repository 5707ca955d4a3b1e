/**
 * The calendar of the model: where seasons begin, by looking at the clock on the wall. Written from the words of
 * the contract, with the zones of `Intl` and nothing of the library.
 *
 * @module
 */

import type { WindowSettings } from '../../src/index.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
// Clocks change less often.
const STEP_MS = 4 * DAY_MS
const YEAR_MS = 366 * DAY_MS
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** From its first instant to that of the next one, microseconds since 1970. */
export interface Span {
  id: string
  from: number
  to: number
}

/** A time at which a season begins in a zone, as the clock on the wall shows it. */
interface Start {
  local: number
  id: string | undefined
}

/** A cron whose times are told in words too. */
export interface Cron {
  cron: string
  hours: readonly number[]
  minutes: readonly number[]
  isDay: (local: Date) => boolean
}

/** Crons for windows. */
export const CRONS: readonly Cron[] = [
  { cron: '30 */6 * * *', hours: [0, 6, 12, 18], minutes: [30], isDay: () => true },
  { cron: '0 4 * * 1', hours: [4], minutes: [0], isDay: (day) => day.getUTCDay() === 1 },
  { cron: '15,45 2,3 * * *', hours: [2, 3], minutes: [15, 45], isDay: () => true },
  { cron: '30 1-3 * * 0,6', hours: [1, 2, 3], minutes: [30], isDay: isWeekend },
  { cron: '0 0 1,15 * *', hours: [0], minutes: [0], isDay: isFirstOrMiddle },
  // Either of the two, as in every cron that names both.
  {
    cron: '0 0 1,15 * 0,6',
    hours: [0],
    minutes: [0],
    isDay: (d) => isWeekend(d) || isFirstOrMiddle(d),
  },
]

function isWeekend(day: Date): boolean {
  return [0, 6].includes(day.getUTCDay())
}

function isFirstOrMiddle(day: Date): boolean {
  return [1, 15].includes(day.getUTCDate())
}

/** The seasons of a window, for some years around a time. */
export class ModelCalendar {
  readonly #spans: Span[] = []

  constructor(window: WindowSettings, aroundMs: number) {
    const { timeZone = 'UTC', every } = window
    const year = new Date(aroundMs).getUTCFullYear()
    const fromMs = Date.UTC(year - 8, 0, 1)
    const toMs = Date.UTC(year + 4, 0, 1)
    const zone = zoneOf(timeZone, { fromMs, toMs })
    const starts =
      typeof every === 'object' && 'hours' in every
        ? startsOfHours(every, aroundMs)
        : startsOf(window, { zone, aroundMs, fromMs, toMs })
    starts.forEach(({ from, id }, i) => {
      const to = starts[i + 1]?.from
      if (to !== undefined && to > from)
        this.#spans.push({ id: id ?? nameOf(from), from: from * 1000, to: to * 1000 })
    })
  }

  /** The season that is on at a time. */
  at(micros: number): Span {
    return this.#spans[this.indexAt(micros)] as Span
  }

  /** From the season at one time to the season at another. */
  between(fromMicros: number, toMicros: number): Span[] {
    return this.#spans.slice(this.indexAt(fromMicros), this.indexAt(toMicros) + 1)
  }

  /** The one that is so many behind that of a time. */
  behind(micros: number, count: number): Span {
    return this.#spans[this.indexAt(micros) - count] as Span
  }

  indexAt(micros: number): number {
    let index = 0
    for (let end = this.#spans.length; index < end; ) {
      const middle = Math.floor((index + end) / 2)
      if (micros < (this.#spans[middle] as Span).to) end = middle
      else index = middle + 1
    }
    if (micros < (this.#spans[index]?.from ?? Number.POSITIVE_INFINITY))
      throw new Error(`the model has no season at ${micros}`)
    return index
  }
}

function nameOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, 'Z')
}

function startsOfHours(
  { hours, from }: { hours: number; from: number | string },
  aroundMs: number,
): { from: number; id: undefined }[] {
  const base = Number(new Date(from))
  const step = hours * HOUR_MS
  const first = Math.floor((aroundMs - 3 * YEAR_MS - base) / step)
  const count = Math.ceil((5 * YEAR_MS) / step)
  return Array.from({ length: count }, (_, i) => ({
    from: base + (first + i) * step,
    id: undefined,
  }))
}

function startsOf(
  window: WindowSettings,
  { zone, aroundMs, fromMs, toMs }: { zone: Zone; aroundMs: number; fromMs: number; toMs: number },
): { from: number; id: string | undefined }[] {
  const isLong = window.every === 'year' || window.every === 'month'
  const first = isLong ? fromMs : aroundMs - 3 * YEAR_MS
  const last = isLong ? toMs : aroundMs + 2 * YEAR_MS
  const starts: { from: number; id: string | undefined }[] = []
  for (let day = Math.floor(first / DAY_MS) * DAY_MS; day < last; day += DAY_MS)
    for (const { local, id } of startsOfDay(window, { day, zone }))
      starts.push({ from: zone.reaches(local), id })
  return starts
}

function startsOfDay(
  { every, startAt = '00:00', weekday = 'monday', day: ofMonth = 1 }: WindowSettings,
  { day, zone }: { day: number; zone: Zone },
): Start[] {
  const date = new Date(day)
  const text = date.toISOString().slice(0, 10)
  const [hour, minute] = startAt.split(':').map(Number) as [number, number]
  const local = day + hour * HOUR_MS + minute * MINUTE_MS
  if (typeof every === 'object') return cronStarts((every as { cron: string }).cron, date)
  if (every === 'day') return zone.hasDate(day) ? [{ local, id: text }] : []
  if (every === 'week')
    return WEEKDAYS[date.getUTCDay()] === weekday ? [{ local, id: isoWeek(day + 3 * DAY_MS) }] : []
  if (every === 'month')
    return date.getUTCDate() === ofMonth ? [{ local, id: text.slice(0, 7) }] : []
  return text.endsWith('-01-01') ? [{ local, id: text.slice(0, 4) }] : []
}

function cronStarts(cron: string, date: Date): Start[] {
  const { hours, minutes, isDay } = CRONS.find((one) => one.cron === cron) as Cron
  if (!isDay(date)) return []
  return hours.flatMap((hour) =>
    minutes.map((minute) => ({
      local: date.getTime() + hour * HOUR_MS + minute * MINUTE_MS,
      id: undefined,
    })),
  )
}

// The week belongs to the year in which its Thursday lies.
function isoWeek(day: number): string {
  const ofWeek = (new Date(day).getUTCDay() + 6) % 7
  const thursday = new Date(day + (3 - ofWeek) * DAY_MS)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** Spans of time in which the clock on the wall is ahead of UTC by the same. */
class Zone {
  readonly #parts: { from: number; to: number; offset: number; next?: number }[] = []

  constructor(
    offsetAt: (ms: number) => number,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ) {
    let from = fromMs
    for (let ms = fromMs; ms < toMs; ms += STEP_MS) {
      const offset = this.#parts.at(-1)?.next ?? offsetAt(fromMs)
      if (offset === offsetAt(ms + STEP_MS)) continue
      let low = ms
      let high = ms + STEP_MS
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (offsetAt(middle) === offset) low = middle
        else high = middle
      }
      this.#parts.push({ from, to: high, offset, next: offsetAt(high) })
      from = high
    }
    this.#parts.push({ from, to: Number.POSITIVE_INFINITY, offset: offsetAt(toMs) })
  }

  /** The first instant at which the clock on the wall shows a time or a later one. */
  reaches(local: number): number {
    const part = this.#parts.find(({ to, offset }) => to + offset > local)
    if (part === undefined) throw new Error('a zone has no end')
    return Math.max(part.from, local - part.offset)
  }

  /** Whether the clock on the wall shows any time of a date. */
  hasDate(day: number): boolean {
    return this.#parts.some(
      ({ from, to, offset }) => from + offset < day + DAY_MS && to + offset > day,
    )
  }
}

const ZONES = new Map<string, Zone>()

function zoneOf(timeZone: string, range: { fromMs: number; toMs: number }): Zone {
  const key = `${timeZone} ${range.fromMs}`
  const known = ZONES.get(key)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const offsetAt = (ms: number): number => {
    const second = Math.floor(ms / 1000) * 1000
    const parts = Object.fromEntries(
      format.formatToParts(second).map(({ type, value }) => [type, Number(value)]),
    )
    const { year, month, day, hour, minute, second: s } = parts as Record<string, number>
    return Date.UTC(year as number, (month as number) - 1, day, hour, minute, s) - second
  }
  const zone = new Zone(offsetAt, range)
  ZONES.set(key, zone)
  return zone
}
