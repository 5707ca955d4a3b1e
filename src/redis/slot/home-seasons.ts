/**
 * The seasons of a board in partitions, as its home has fixed them: all partitions are given these, whatever the zone
 * data of this process say. See home.lua.
 *
 * @module
 */

import { seasonOf } from '../../calendar/seasons.ts'
import { AT_MICROS_MAX } from '../../ground/limits.ts'
import type { WindowSpec } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import type { Replied, SlotCalls } from './board-calls.ts'
import type { AboutSeasons, FencedSeason, MissingSeason, SeasonSupply } from './given-seasons.ts'
import { numbersOf } from './remote-settings.ts'

/** What of a slot is asked about seasons. */
export interface SeasonSlot extends Pick<SlotCalls, 'context' | 'spec' | 'write'> {
  readNow(question: string, args: readonly ServerArgument[]): Promise<Replied>
}

/** A season as the home fixed it, and the start of the earliest one that stays while it is on. */
interface FixedSeason {
  id: string
  from: number
  to: number
  floor: number | undefined
  /** Not of one in front of the first, unless an import filled it: such a season is asked for each time. */
  counts: boolean
}

interface KnownWindow {
  window: WindowSpec
  /** In the order in which they were asked for. */
  seasons: FixedSeason[]
  /** The last ones that a partition lacked. */
  lacked: FixedSeason[]
}

type FixedReply = [id: Buffer, from: Buffer, to: Buffer, floor: Buffer, counts: number] | null

interface NumberedSeason {
  number: number
  season: FixedSeason | undefined
}

/** How many are remembered of each window, and how many of those that were lacked are always given. */
const SEASONS_MAX = 4_000
const LACKED_MAX = 4

/** How many instants are asked about at once. */
const ASKED_MAX = 500

/** Seasons of the windows of a board, from its home. */
export class HomeSeasons implements SeasonSupply {
  readonly #home: SeasonSlot
  readonly #known: ReadonlyMap<number, KnownWindow>
  readonly #pass: (fenced: FencedSeason) => Promise<void>

  /** `pass` sees to it that a partition which waits for the start of a season is told. */
  constructor(home: SeasonSlot, pass: (fenced: FencedSeason) => Promise<void>) {
    const { windows = [] } = home.spec
    const { numbers } = numbersOf(home.spec)
    this.#home = home
    this.#pass = pass
    this.#known = new Map(
      windows.map((window, i) => [numbers[i] as number, { window, seasons: [], lacked: [] }]),
    )
  }

  /** Cost: a round trip to the home if it was not asked yet about some instants but the present. */
  textFor(about: AboutSeasons): string | Promise<string> {
    if (this.#known.size === 0) return ''
    const unknown = this.#unknown(about.micros.slice(1))
    if (unknown.length === 0) return this.#text(about.micros)
    return this.#fix(unknown).then((found) => this.#text(about.micros, found))
  }

  /** Cost: a round trip to the home. */
  async resolve([number, micros]: MissingSeason): Promise<void> {
    const [found] = await this.#fix([[number, Number(String(micros))]])
    const [known, season] = [this.#known.get(number), found?.season]
    if (season === undefined || known === undefined) return
    known.lacked.unshift(season)
    known.lacked.splice(LACKED_MAX)
  }

  pass(fenced: FencedSeason): Promise<void> {
    return this.#pass(fenced)
  }

  // One instant of each season that is not known: the first one is the present, which a partition knows better.
  #unknown(micros: readonly number[]): [number: number, micros: number][] {
    const found: [number, number][] = []
    for (const [number, { window, seasons }] of this.#known) {
      if (window.calendar.every === 'manual') continue
      const ids = new Set<string>()
      for (const at of micros) {
        if (seasons.some(({ from, to }) => from <= at && at < to)) continue
        const season = seasonOf(window.calendar, Math.min(Math.max(at, 0), AT_MICROS_MAX))
        if (season === undefined || ids.has(season.id)) continue
        ids.add(season.id)
        found.push([number, at])
      }
    }
    return found
  }

  async #fix(
    wanted: readonly (readonly [number: number, micros: number])[],
  ): Promise<NumberedSeason[]> {
    const found: NumberedSeason[] = []
    for (let at = 0; at < wanted.length; at += ASKED_MAX) {
      const some = wanted.slice(at, at + ASKED_MAX)
      const args: ServerArgument[] = some.flat()
      const micros = some.map(([, one]) => one)
      const options = { isRepeatable: true, micros }
      const { value } = await this.#home.write('fix_seasons', args, options)
      for (const [i, reply] of (value as FixedReply[]).entries()) {
        const [number] = some[i] as [number, number]
        found.push({ number, season: this.#note(number, reply) })
      }
    }
    return found
  }

  #note(number: number, reply: FixedReply): FixedSeason | undefined {
    const seasons = this.#known.get(number)?.seasons
    if (reply === null || seasons === undefined) return undefined
    const [id, from, to, floor, counts] = reply.map(String) as [
      string,
      string,
      string,
      string,
      string,
    ]
    const fixed = {
      ...{ id, from: Number(from), to: to === '' ? Number.POSITIVE_INFINITY : Number(to) },
      ...{ floor: floor === '' ? undefined : Number(floor), counts: counts === '1' },
    }
    if (!fixed.counts) return fixed
    const at = seasons.findIndex((one) => one.from === fixed.from)
    if (at < 0) seasons.push(fixed)
    else seasons[at] = fixed
    if (seasons.length > SEASONS_MAX) seasons.shift()
    return fixed
  }

  // With those that were just found.
  #text(micros: readonly number[], found: readonly NumberedSeason[] = []): string {
    const all = [...this.#known].map(([number, { seasons, lacked }]) => {
      const given = new Set<FixedSeason>()
      for (const one of found)
        if (one.number === number && one.season !== undefined) given.add(one.season)
      for (const season of lacked) given.add(season)
      for (const at of micros) {
        const season = seasons.find(({ from, to }) => from <= at && at < to)
        if (season !== undefined) given.add(season)
      }
      return [number, [...given].map(textOf)]
    })
    return JSON.stringify({ fixed: true, ...(Object.fromEntries(all) as object) })
  }
}

function textOf({ id, from, to, floor = 0, counts }: FixedSeason): (string | number)[] {
  return [id, from, to, '', floor, counts ? 1 : 0]
}
