/**
 * The seasons of a board's windows that a call gives to the functions: those around the instants of the call, by the
 * calendar. If none of them fits, the function answers with an instant and the stored seasons beside it; the season of
 * that instant is worked out here, and the call is made again.
 *
 *     { "1": [[id, from, to, id and from of the earliest season that stays], …], … }     by the numbers of windows
 *
 * Times are microseconds since 1970.
 *
 * @module
 */

import { seasonBefore, seasonBeside, seasonOf, seasonOfId } from '../../calendar/seasons.ts'
import { isoOf } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import { AT_MICROS_MAX } from '../../ground/limits.ts'
import type { Season, WindowSpec } from '../../words/index.ts'
import { numbersOf, type RemoteSpec } from './remote-settings.ts'

/** The answer of a function that lacks a season: the number of the window, an instant, and the stored seasons beside it. */
export type MissingSeason = [
  ...[window: number, micros: Buffer],
  ...[beforeId: Buffer, beforeFrom: Buffer, beforeTo: Buffer],
  ...[behindId: Buffer, behindFrom: Buffer, behindTo: Buffer],
]

/** Instants and ids whose seasons a call is about. */
export interface AboutSeasons {
  micros: readonly number[]
  /** The name of a window, and the id of a season. */
  named?: { window: string; id: string } | undefined
}

/** The answer of a partition in which a season is being started: the number of the window, and who began it. */
export type FencedSeason = [window: number, token: Buffer]

/** Where the seasons come from that a call gives. */
export interface SeasonSupply {
  /** Returns what a call gives; empty if the board has no windows. */
  textFor(about: AboutSeasons): string | Promise<string>
  /** Finds out about a season that a function lacks, and gives it from then on. */
  resolve(missing: MissingSeason): void | Promise<void>
  /** Sees to it that a partition knows the season which is being started. */
  pass?(fenced: FencedSeason): Promise<void>
}

/** How often a call is made: a border may pass between two calls, and each window may lack a season. */
export const SEASON_ATTEMPTS = 40

/** Returns the season that a function lacks; undefined for any other reply. */
export function missingIn(reply: unknown): MissingSeason | undefined {
  const [sign, code, ...found] = reply as [unknown, unknown, ...unknown[]]
  return String(sign) === '!' && String(code) === 'SEASON' ? (found as MissingSeason) : undefined
}

/** Returns the season whose start a partition waits for; undefined for any other reply. */
export function fencedIn(reply: unknown): FencedSeason | undefined {
  const [sign, code, ...found] = reply as [unknown, unknown, ...unknown[]]
  return String(sign) === '!' && String(code) === 'FENCED' ? (found as FencedSeason) : undefined
}

/** Returns the error of a season that cannot be placed between those that are stored. */
export function noBorders(spec: WindowedSpec, [number, micros]: MissingSeason): LadderError {
  const { name, windows = [] } = spec
  const window = windows[numbersOf(spec).numbers.indexOf(number)]?.name
  return new LadderError(
    'UNAVAILABLE',
    `Cannot place ${isoOf(Number(String(micros)))} in a season of window "${window}" of board "${name}": the zone data of this process and those by which seasons were stored differ too much; give all processes the same release of Node.js`,
  )
}

type WindowedSpec = Pick<RemoteSpec, 'name' | 'windows' | 'numbered'>

type GivenSeason = [id: string, from: number, to: number, floorId?: string, floorFrom?: number]

/** How many lacking seasons of each window are remembered: zone data of two processes differ in few borders. */
const ASKED_MAX = 4

/** Seasons of the windows of one board. */
export class GivenSeasons implements SeasonSupply {
  readonly #windows: readonly WindowSpec[]
  readonly #numbers: readonly number[]
  readonly #asked: Season[][]
  readonly #floors = new WeakMap<Season, [id: string, from: number] | []>()

  constructor(spec: Pick<WindowedSpec, 'windows' | 'numbered'>) {
    const { windows = [] } = spec
    this.#windows = windows
    this.#numbers = numbersOf(spec).numbers
    this.#asked = windows.map(() => [])
  }

  /** Returns what a call gives; empty if the board has no windows. Cost: some microseconds a window. */
  textFor(about: AboutSeasons): string {
    if (this.#windows.length === 0) return ''
    return JSON.stringify(
      Object.fromEntries(this.#numbers.map((number, i) => [number, this.#seasonsOf(i, about)])),
    )
  }

  /** Works out a season that a function lacks, and gives it from then on; a season of another window is left out. */
  resolve(missing: MissingSeason): void {
    const [number, micros, ...ends] = missing
    const [beforeId, beforeFrom, beforeTo, behindId, behindFrom, behindTo] = ends.map(String) as [
      ...[string, string, string, string, string, string],
    ]
    const i = this.#numbers.indexOf(number)
    const { calendar } = this.#windows[i] ?? {}
    if (calendar === undefined) return
    const before = spanOf(beforeId, beforeFrom, beforeTo)
    const behind = spanOf(behindId, behindFrom, behindTo)
    const at = Number(String(micros))
    const isInside = before !== undefined && at < before.toMicros
    const found = isInside ? before : seasonBeside(calendar, { before, behind }, at)
    const asked = this.#asked[i] as Season[]
    if (found !== undefined) asked.unshift(found)
    asked.splice(ASKED_MAX)
  }

  #seasonsOf(i: number, { micros, named }: AboutSeasons): GivenSeason[] {
    const { calendar, name } = this.#windows[i] as WindowSpec
    const found = new Set<Season>(this.#asked[i])
    for (const at of micros) {
      const season = seasonOf(calendar, Math.min(Math.max(at, 0), AT_MICROS_MAX))
      if (season !== undefined) found.add(season)
    }
    const season = named?.window === name ? seasonOfId(calendar, named.id) : undefined
    if (season !== undefined) found.add(season)
    return [...found].map((one) => [
      ...([one.id, one.fromMicros, one.toMicros] as const),
      ...this.#floorOf(i, one),
    ])
  }

  // The earliest season that stays while one is on, as the calendar counts.
  #floorOf(i: number, season: Season): [id: string, from: number] | [] {
    const { calendar, retain } = this.#windows[i] as WindowSpec
    const known = this.#floors.get(season)
    if (known !== undefined) return known
    let floor: Season | undefined = retain === undefined ? undefined : season
    for (let n = 0; n < (retain ?? 0) && floor !== undefined; n++)
      floor = seasonBefore(calendar, floor) ?? floor
    const found: [string, number] | [] = floor === undefined ? [] : [floor.id, floor.fromMicros]
    this.#floors.set(season, found)
    return found
  }
}

function spanOf(id: string, from: string, to: string): Season | undefined {
  if (id === '') return undefined
  return {
    id,
    fromMicros: Number(from),
    toMicros: to === '' ? Number.POSITIVE_INFINITY : Number(to),
  }
}
