/**
 * The words for changes to a board: their options and answers.
 *
 * @module
 */

import type { Entry, Metadata } from './entries.ts'
import type { RankOptions } from './questions.ts'
import type { Score, ScoreInput } from './scores.ts'
import type { Mode } from './settings.ts'

/** Options of one `submit`. */
export interface SubmitOptions<S extends Score = number> extends RankOptions {
  /** Shown instead of the `playerId`; kept until another is given. */
  name?: string | undefined
  /** Default: the board's. */
  mode?: Mode | undefined
  /** When the score was reached, milliseconds since 1970 UTC. Default: now, strictly increasing. */
  at?: number | undefined
  /**
   * A JSON object of at most 1,024 bytes as text; takes the place of the old one if the mode accepts
   * the score. An empty one removes it.
   */
  metadata?: Metadata | undefined
  /** Refuse the submit unless the player is new to the board, or has an entry. */
  only?: 'new' | 'existing' | undefined
  /** Refuse the submit unless this is the player's score: compare and set. */
  expected?: ScoreInput<S> | undefined
  /** Answer `rank` and `previousRank`, default true. Bulk feeding is cheaper without. */
  ranks?: boolean | undefined
  /** Answer who was passed, at most so many of them, up to 1,000. Default 0: do not. */
  passed?: number | undefined
}

/** One submit of `submitMany`. */
export interface Submission<S extends Score = number>
  extends Omit<SubmitOptions<S>, 'rankMode' | 'ranks' | 'passed'> {
  playerId: string
  score: ScoreInput<S>
}

/** The answer of a submit. Previous values are undefined for a newcomer. */
export interface SubmitAnswer<S extends Score = number> {
  playerId: string
  /** The score after the submit. */
  score: S
  previousScore: S | undefined
  /**
   * The rank inside the transaction; undefined where the submit asked for no ranks, and for a newcomer
   * who is not good enough for a board that keeps only the best: no entry is made then.
   */
  rank: number | undefined
  previousRank: number | undefined
  /** Whether the stored score changed (true for a newcomer). */
  changed: boolean
  /** Whether the player had no entry before and has one now. */
  created: boolean
  /** Where it was asked for: those who were in front of the player and no longer are. */
  passed?: Passed<S>
}

/**
 * Who was passed by a submit. Everybody behind a newcomer counts, also the last one, who leaves a full
 * board of the best for it.
 */
export interface Passed<S extends Score = number> {
  count: number
  /** The first of them in board order, with the ranks that they have now. */
  entries: Entry<S>[]
}
