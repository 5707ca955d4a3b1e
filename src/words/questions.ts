/**
 * The words for questions to a board: their options and answers.
 *
 * @module
 */

import type { Entry, RankMode } from './entries.ts'
import type { Score } from './scores.ts'

/** Options of a query that answers ranks. */
export interface RankOptions {
  /** Default `ordinal`. */
  rankMode?: RankMode | undefined
}

/** Options of `around`. */
export interface AroundOptions extends RankOptions {
  /** Rows above the player, default 5. */
  above?: number | undefined
  /** Rows below the player, default 5. */
  below?: number | undefined
  /** Slide the window at the ends of the board so that it keeps its size. Default false: clip. */
  fill?: boolean | undefined
}

/** Options of `countBetween`: which ends of the score range are left out. */
export interface BoundOptions {
  minExclusive?: boolean | undefined
  maxExclusive?: boolean | undefined
}

/** Options of `between`. */
export interface BetweenOptions extends BoundOptions, RankOptions {
  /** Rows to leave out first, default 0. Cost does not depend on it. */
  offset?: number | undefined
  /** Most rows to answer, default 100. */
  limit?: number | undefined
}

/** Options of `find`. */
export interface FindOptions {
  /** Most entries, 1 to 10,000, default 10. */
  limit?: number | undefined
  signal?: AbortSignal | undefined
}

/** Options of `page`. At most one of `after` and `before`. */
export interface PageOptions extends RankOptions {
  /** Most entries, 1 or more, default 50. */
  limit?: number | undefined
  /** The `next` of another page: what comes behind it. */
  after?: string | undefined
  /** The `previous` of another page: what comes in front of it. */
  before?: string | undefined
}

/** The answer of `page`. */
export interface Page<S extends Score = number> {
  /** In board order, with the ranks of now. */
  entries: Entry<S>[]
  /** Number of entries on the board. */
  total: number
  /** Cursor for `after`; undefined if nothing comes behind. Safe in URLs. */
  next: string | undefined
  /** Cursor for `before`; undefined if nothing comes in front. */
  previous: string | undefined
}

/** The answer of `among`. */
export interface Group<S extends Score = number> {
  /** In board order. `rank` is the one on the board, `groupRank` the one among these. */
  entries: (Entry<S> & { groupRank: number })[]
  /** Ids that have no entry, in the order asked. */
  missing: string[]
}

/** A neighbour of an entry and how far away it is. */
export interface Neighbour<S extends Score = number> {
  entry: Entry<S>
  /**
   * How much the better of the two is ahead, in each column by its own order; 0 in a tie. Reckoned in
   * decimals; infinite (in JSON null) if no double holds it.
   */
  difference: S
}

/** The answer of `gap`. */
export interface Gap<S extends Score = number> {
  entry: Entry<S>
  /** The entry next above; undefined for the first one. */
  above: Neighbour<S> | undefined
  /** The entry next below; undefined for the last one. */
  below: Neighbour<S> | undefined
}

/** What `scoreFor` asks: one of `rank` and `topPercent`. */
export interface GoalOptions extends RankOptions {
  /** A rank, from 1 on. */
  rank?: number | undefined
  /** To be among the best N percent, N more than 0 and at most 100. */
  topPercent?: number | undefined
  /** For a player who has an entry: it does not stand in its own way. */
  playerId?: string | undefined
}

/** The answer of `scoreFor`. */
export interface Goal<S extends Score = number> {
  /** The rank that was asked for, or that the percentage means now. */
  rank: number
  /**
   * The least good score that gets there now. Undefined if any score does or the player is there already
   * (`mark` is undefined too), and if none can (nothing is better than `mark`).
   */
  score: S | undefined
  /** The score that stands there now; for a newcomer to a full board that of the last entry at least. */
  mark: S | undefined
  /** Whether `mark` must be beaten; otherwise it is enough to equal it. */
  mustBeat: boolean
  /** Only for a player who has the rank, or a better one: nothing is needed. */
  held?: true
}

/** Options of `watch`: one of `top` and `playerId`. */
export interface WatchOptions extends RankOptions {
  /** Watch the first N entries, N from 1 to 1,000. Default 10. */
  top?: number | undefined
  /** Watch one player instead. */
  playerId?: string | undefined
  /** Ends the watching. */
  signal?: AbortSignal | undefined
  /** How often to look for commits, milliseconds, 10 or more, default 100. */
  intervalMs?: number | undefined
}

/** What `watch` tells after commits that changed what is watched. */
export interface WatchUpdate<S extends Score = number> {
  /** Number of the last commit that is in it. */
  sequence: number
  /** Only of a window: the season that it tells of; undefined before the first one of a manual window. */
  season?: string | undefined
  /** Only in the first update of a season that began while it was watched. */
  began?: true
  /** Entries on the whole board, or of the season. */
  total: number
  /** What is watched, as it is now. */
  entries: Entry<S>[]
  /** What is different from the last update; empty in the first one, and if a new season began. */
  changes: WatchChange<S>[]
}

/**
 * What happened to a player: `entered` or `left` what is watched; `score`, the score changed and
 * perhaps the rank; `moved`, only the rank; `updated`, only name, time or metadata.
 */
export interface WatchChange<S extends Score = number> {
  playerId: string
  kind: 'entered' | 'left' | 'score' | 'moved' | 'updated'
  /** Now; undefined for who left. */
  entry: Entry<S> | undefined
  /** In the last update; undefined for who entered. */
  previous: Entry<S> | undefined
}
