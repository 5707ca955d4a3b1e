/**
 * Wall clocks: what a clock in a time zone shows, and when it first shows a time.
 *
 * A wall time is the number of milliseconds that UTC would have if its clock showed it. The rules of
 * zones come from Node's own ICU (`Intl.DateTimeFormat`), which can only be asked for the wall time of
 * an instant. That is enough: a zone changes its offset at most once in 32 hours, so two offsets that
 * far apart tell whether there is a change between them, and bisection finds it.
 *
 * A library (`temporal-polyfill`, `@js-temporal/polyfill`) would ask the same ICU, and answers what a
 * skipped time is moved to, not when the clock passes it. To load one takes as long as ICU takes to get
 * ready for its first question, 12 ms and more, and 2 to 9 MB beyond the 8 MB of ICU.
 *
 * @module
 */

const SECOND = 1_000
const HOUR = 3_600_000

// No offset is larger: clocks since 1969 were at most 14 hours away from UTC.
const OFFSET_MAX = 16 * HOUR

// How far back a clock has ever been set: a day, at the date line.
const FOLD_MAX = 26 * HOUR

// Changes that are remembered for each zone: two a year, until 2112.
const CHANGES_MAX = 300

const zones = new Map<string, Zone>()

/** Returns the wall clock of a zone. Throws a RangeError if Node does not know it. */
export function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone)
  if (known !== undefined) return known
  const zone = new Zone(timeZone)
  zones.set(timeZone, zone)
  return zone
}

/** A wall clock. Times are whole milliseconds. */
export class Zone {
  // UTC needs no rules, and the first question to ICU takes some 20 ms.
  readonly #format: Intl.DateTimeFormat | undefined
  readonly #changes: number[] = []

  constructor(timeZone: string) {
    this.#format = timeZone === 'UTC' ? undefined : formatOf(timeZone)
  }

  /** Returns the first instant at which the clock shows a wall time or has passed it. */
  firstReach(wall: number): number {
    if (this.#format === undefined) return wall
    const [since, until] = [wall - OFFSET_MAX, wall + OFFSET_MAX]
    const [before, after] = [this.offsetAt(since), this.offsetAt(until)]
    if (before === after) return wall - before
    const change = this.#changeIn(since, { until, before })
    return wall - before < change ? wall - before : Math.max(change, wall - after)
  }

  /**
   * Returns the latest wall time that the clock had shown or passed by an instant: what it shows then, or
   * what it showed before it was set back.
   */
  reachedBy(ms: number): number {
    if (this.#format === undefined) return ms
    const since = ms - FOLD_MAX
    const [before, now] = [this.offsetAt(since), this.offsetAt(ms)]
    if (before <= now) return ms + now
    const change = this.#changeIn(since, { until: ms, before })
    // At the change itself the old time is not shown any more.
    return Math.max(ms + now, change + before - 1)
  }

  /** Returns what the clock is ahead of UTC. */
  offsetAt(ms: number): number {
    if (this.#format === undefined) return 0
    const second = Math.floor(ms / SECOND) * SECOND
    const fields = this.#format.format(second).match(/\d+/g) as string[]
    const [month, day, year, hour, minute, rest] = fields.map(Number) as SixNumbers
    return Date.UTC(year, month - 1, day, hour, minute, rest) - second
  }

  /** Returns the first instant after `since` with another offset than `before`, which `until` has. */
  #changeIn(since: number, to: { until: number; before: number }): number {
    const { until, before } = to
    const known = this.#changes.find((change) => since < change && change <= until)
    if (known !== undefined) return known
    // Offsets change at whole seconds.
    let low = Math.floor(since / SECOND)
    let high = Math.floor(until / SECOND)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetAt(middle * SECOND) === before) low = middle
      else high = middle
    }
    if (this.#changes.length >= CHANGES_MAX) this.#changes.shift()
    this.#changes.push(high * SECOND)
    return high * SECOND
  }
}

type SixNumbers = [number, number, number, number, number, number]

/** Whether Node knows a zone. Nothing is remembered, since names in any capitals are known. */
export function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  // It was known when the board was made: another release of Node has opened the store.
  if (!isZone(timeZone))
    throw new RangeError(
      `Cannot use "${timeZone}" as timeZone: this release of Node does not know it; use a newer one`,
    )
  const date = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
  return new Intl.DateTimeFormat('en-US', { timeZone, ...date, ...time })
}
