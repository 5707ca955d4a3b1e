/**
 * The words for undo: which runs are taken back, and what that changes.
 *
 * @module
 */

import type { Metadata } from './entries.ts'
import type { Score } from './scores.ts'
import type { SealedOptions, SeasonReach } from './seasons.ts'

/** Which runs to take back. `seqs`, `playerId`, `board` or `from` must be given; all that are given hold. */
export interface UndoOptions extends SealedOptions {
  /** Only runs on this board. Default: all boards. */
  board?: string | undefined
  /** Only runs of this player. */
  playerId?: string | undefined
  /** Only runs committed at this time or later; milliseconds since 1970 UTC. */
  from?: number | undefined
  /** Only runs committed before this time. */
  to?: number | undefined
  /** Only these runs, by their `seq`; that of an undo means the runs that still are as it left them. */
  seqs?: readonly number[] | undefined
  reason?: string | undefined
  /** Who takes them back. */
  actor?: string | undefined
  /** Answer what would be done, and change nothing. */
  dryRun?: boolean | undefined
  /** The `seq` that a dry run answered: refuse the undo if the log has moved on since. */
  expectedSeq?: number | undefined
}

/** An entry before or after an undo. */
export interface UndoneEntry<S extends Score = Score> {
  score: S
  /** Milliseconds since 1970 UTC. */
  at: number
  name: string
  metadata?: Metadata
  /** Whether a ban hides it. */
  hidden?: true
}

/** What an undo did to one player on one board. */
export interface UndoChange<S extends Score = Score> {
  board: string
  /** Only of an entry of a season: the name of its window, and its id. */
  window?: string
  season?: string
  playerId: string
  /** The entry before; null if there was none. */
  from: UndoneEntry<S> | null
  /** The entry after; null if nothing is left. */
  to: UndoneEntry<S> | null
}

/** The answer of an undo. */
export interface UndoAnswer<S extends Score = Score> {
  /** Its record in the log; of a dry run the one that it would have. Null if there was nothing to do. */
  seq: number | null
  /** How many runs it turned over. */
  count: number
  /** Whose entries changed, by board and by player. Those that stayed the same are left out. */
  changes: UndoChange<S>[]
  /** Who would be on a full board of the best again, if the log knew what they had. */
  lost: { board: string; window?: string; season?: string; playerId: string }[]
  /** Whether a board concerned keeps no record of runs that changed nothing: such a run cannot come back. */
  partial?: true
  /** The boards without a log, on which nothing can be taken back, if no board was named. */
  skipped?: string[]
}

/** An undo to be made; its arguments are checked. */
export interface AskedUndo extends SeasonReach {
  board: string | undefined
  playerId: string | undefined
  fromMicros: number | undefined
  toMicros: number | undefined
  seqs: readonly number[] | undefined
  reason: string | undefined
  actor: string | undefined
  isDry: boolean
  expectedSeq: number | undefined
  nowMicros: number
}
