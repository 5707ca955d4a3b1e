/**
 * The words for entries and where they stand.
 *
 * @module
 */

import type { NextTier } from './rules.ts'
import type { Score } from './scores.ts'

/**
 * Which number a row carries when scores are equal:
 * `ordinal` 1,2,3,4 · `competition` 1,2,2,4 · `dense` 1,2,2,3. Places always count rows.
 */
export type RankMode = 'ordinal' | 'competition' | 'dense'

/** A JSON object that belongs to an entry. */
export type Metadata = { [name: string]: unknown }

/** A player's one row on a board. */
export interface Entry<S extends Score = number> {
  /** 1 is best; which kind of number the query's `rankMode` says. */
  rank: number
  playerId: string
  /** The `playerId` where no name was given. */
  name: string
  score: S
  /** When the player reached this score: milliseconds since 1970 UTC, to the microsecond. */
  at: number
  /** Only if there is any. */
  metadata?: Metadata
}

/** Where a score stands among all entries of a board. */
export interface Standing<S extends Score = number> {
  ordinal: number
  competition: number
  dense: number
  /** Entries with a strictly better score. */
  better: number
  /** Entries with the same score, the player included. */
  equal: number
  /** Entries with a strictly worse score. */
  worse: number
  /** `better + equal + worse`. */
  total: number
  /** Share of the others with a strictly worse score, 0 to 100; 100 when alone. */
  percentile: number
  /**
   * The narrowest share of the best that holds the `competition` rank: `top 1 %`, 5, 10, 25, 50 or 100. Who is first
   * is always in the top 1 %.
   */
  bucket: string
  /** Only on a board with tiers: the name of the one that the score is in. */
  tier?: string
  /** Only on a board with tiers: what the next better one takes; undefined in the best. */
  next?: NextTier<S> | undefined
}

/** A player's place on one of several boards. */
export interface BoardEntry {
  board: string
  entry: Entry<Score>
}
