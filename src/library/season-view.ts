/**
 * The views on seasons of a window: each read of a board, on the entries of the season.
 *
 * @module
 */

import type { OpenStore } from '../embedded/open-store.ts'
import type { SeasonSource } from '../embedded/seasons/season-source.ts'
import { toMs } from '../format/time.ts'
import type { BoardInfo, Score } from '../words/index.ts'
import { LiveView } from './live-view.ts'

/** Which season it is, of which window. */
export interface SeasonOfWindow {
  /** The name of the window. */
  readonly window: string
  /** The id of the season; undefined before the first one of a manual window, which reads as empty. */
  readonly season: string | undefined
  /** When it began, milliseconds since 1970 UTC. */
  readonly from: number | undefined
  /** When it ends, the first instant of the next one; undefined until that is started. */
  readonly to: number | undefined
  /** Whether it takes no more submits: its standing is final. */
  readonly sealed: boolean
}

/** The settings of a season as a board, and which one it is. */
export interface SeasonSettings extends Omit<BoardInfo, 'size'> {
  window: string
  season: string | undefined
}

/**
 * A season of a window, whose scores are of type `S`. Get it from `Leaderboard.window`. If no season was
 * named, it is the one that is on at each read: at a border it goes on with the next one.
 */
export class SeasonView<S extends Score = number> extends LiveView<S> implements SeasonOfWindow {
  readonly #season: SeasonSource

  /** @internal */
  constructor(season: SeasonSource, context: OpenStore) {
    super(() => season.known().spec, { source: () => season.look().reader, context, season })
    this.#season = season
  }

  get window(): string {
    return this.#season.window
  }

  get season(): string | undefined {
    return this.#season.look().season?.id
  }

  get from(): number | undefined {
    return seasonTimes(this.#season).from
  }

  get to(): number | undefined {
    return seasonTimes(this.#season).to
  }

  get sealed(): boolean {
    return this.#season.isSealed()
  }

  /** The settings of the season, for JSON and `console.log`. */
  override toJSON(): SeasonSettings {
    return { ...super.toJSON(), window: this.window, season: this.#season.known().season?.id }
  }
}

/**
 * Returns the borders of a season in milliseconds.
 *
 * @internal
 */
export function seasonTimes(source: SeasonSource): {
  from: number | undefined
  to: number | undefined
} {
  const { fromMicros, toMicros } = source.look().season ?? {}
  return {
    from: fromMicros === undefined ? undefined : toMs(fromMicros),
    to: toMicros === undefined ? undefined : toMs(toMicros),
  }
}
