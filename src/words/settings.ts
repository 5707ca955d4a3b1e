/**
 * The words for boards: their settings and how they are listed.
 *
 * @module
 */

import type { Order, ScoreColumn, ScoreType } from './scores.ts'
import type { AskedWindow, NamedWindow, WindowInput } from './seasons.ts'

/** What a submit does: replace, keep the better by the board's order, or add. */
export type Mode = 'set' | 'best' | 'increment'

/**
 * Which submits to a board the log keeps: every accepted one, those that changed something, or none. Removals
 * and other changes are in the log whatever this says. `plays` and `wins` count the submits that it keeps.
 */
export type LogMode = 'all' | 'changes' | 'none'

/** Settings of a board, fixed when it is created. */
export interface BoardSettings {
  /** Default `descending`. A board with columns has it from the first one. */
  order?: Order | undefined
  /** The mode of a submit that names none. Default `set`. */
  mode?: Mode | undefined
  /** Default `number`. */
  scoreType?: ScoreType | undefined
  /**
   * Up to four columns that scores are compared by in turn, each with an order of its own. Scores are
   * objects then, like `{ points: 12, time: 71.5 }`. A single column leaves them plain.
   */
  columns?: readonly { name: string; order?: Order | undefined }[] | undefined
  /** Keep only the best N entries, N from 1 to 1,000,000,000. Default: all. */
  keep?: number | undefined
  /**
   * What the log keeps of its submits: `all` (default), `changes` leaves out those that changed nothing,
   * `none` all. A board without a log has no history, and nothing on it can be undone.
   */
  log?: LogMode | undefined
  /**
   * Up to 16 windows, by which each submit goes to a season too: `['day', 'month', { name: 'sprint', … }]`.
   * Default: none, or those that the board has.
   */
  windows?: readonly WindowInput[] | undefined
}

/** The type of the scores of a board with these settings. */
export type ScoreOf<T extends BoardSettings> = T extends {
  columns: readonly [{ name: string }, { name: string }, ...{ name: string }[]]
}
  ? { readonly [Name in T['columns'][number]['name']]: CellOf<T> }
  : CellOf<T>

type CellOf<T extends BoardSettings> = T extends { scoreType: 'int64' } ? bigint : number

/** A board as `Leaderboards.boards()` lists it. */
export interface BoardInfo {
  name: string
  order: Order
  mode: Mode
  /** Number of entries. */
  size: number
  /** Only if it is `int64`. */
  scoreType?: ScoreType
  /** Only if there are several. */
  columns?: readonly ScoreColumn[]
  /** Only if the board does not keep all. */
  keep?: number
  /** Only if the log does not keep all. */
  log?: LogMode
  /** Only if there are some. */
  windows?: readonly NamedWindow[]
}

/** Settings as a caller gave them, checked; undefined if not given. */
export interface AskedSettings {
  order: Order | undefined
  mode: Mode | undefined
  scoreType: ScoreType | undefined
  columns: readonly [ScoreColumn, ...ScoreColumn[]] | undefined
  keep: number | undefined
  log: LogMode | undefined
  windows?: readonly AskedWindow[] | undefined
}
