/**
 * The model of calendars: it looks at the wall clock at every step, and notes when it first shows or
 * has passed a time. Slow, and trivially right.
 *
 * @module
 */

const DAY = 86_400_000

export interface Border {
  id: string
  at: number
}

/** What the clock of a zone showed from one instant to another, in steps that all its changes are whole ones of. */
export class WallScan {
  readonly #instants: number[] = []
  /** The latest wall time that was shown so far, for each instant. */
  readonly #reached: number[] = []
  readonly #step: number
  readonly #datesShown = new Set<number>()

  constructor(timeZone: string, span: { from: number; to: number; step: number }) {
    const format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit' },
    })
    this.#step = span.step
    let reached = -Infinity
    for (let at = span.from; at <= span.to; at += span.step) {
      const wall = wallOf(format, at)
      this.#datesShown.add(Math.floor(wall / DAY))
      reached = Math.max(reached, wall)
      this.#instants.push(at)
      this.#reached.push(reached)
    }
  }

  /** Returns the borders of periods, of those that begin at a time of day on certain dates. */
  periods(rule: {
    startMs: number
    startsOn: (day: number) => boolean
    idOf: (day: number) => string
    /** Whether a date that was never shown has no border. */
    mustBeShown: boolean
  }): Border[] {
    return this.#borders((since, wall) => {
      const found: Border['id'][] = []
      const first = Math.floor((since - rule.startMs) / DAY) + 1
      for (let day = first; day * DAY + rule.startMs <= wall; day++)
        if (rule.startsOn(day) && !(rule.mustBeShown && !this.#datesShown.has(day)))
          found.push(rule.idOf(day))
      return found.at(-1)
    })
  }

  /** Returns the borders at wall times that a rule accepts; it is asked for each step. */
  times(accepts: (wall: Date) => boolean): Border[] {
    const borders = this.#borders((since, wall) => {
      for (let at = since + this.#step; at <= wall; at += this.#step)
        if (accepts(new Date(at))) return 'yes'
      return undefined
    })
    return borders.map(({ at }) => ({ at, id: new Date(at).toISOString().replace('.000', '') }))
  }

  #borders(idOf: (since: number, wall: number) => string | undefined): Border[] {
    const found: Border[] = []
    for (let i = 1; i < this.#instants.length; i++) {
      const [since, wall] = [this.#reached[i - 1] as number, this.#reached[i] as number]
      const id = since < wall ? idOf(since, wall) : undefined
      if (id !== undefined) found.push({ id, at: this.#instants[i] as number })
    }
    return found
  }
}

function wallOf(format: Intl.DateTimeFormat, at: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
  const { year, month, day, hour, minute } = parts as Record<string, number>
  return Date.UTC(year as number, (month as number) - 1, day, hour, minute)
}

/** Returns the ISO week of a day: its Thursday is found by looking, and the Thursdays of the year are counted. */
export function weekText(day: number): string {
  const yearAt = (date: number): number => new Date(date * DAY).getUTCFullYear()
  let monday = day
  while (new Date(monday * DAY).getUTCDay() !== 1) monday--
  const thursday = monday + 3
  let week = 0
  for (let date = thursday; yearAt(date) === yearAt(thursday); date -= 7) week++
  return `${yearAt(thursday)}-W${week < 10 ? '0' : ''}${week}`
}
