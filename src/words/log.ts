/**
 * The words for the log: the changes of a store in their order, and a player's runs.
 *
 * @module
 */

import type { Metadata } from './entries.ts'
import type { Score } from './scores.ts'
import type { LogWindow } from './seasons.ts'
import type { Mode } from './settings.ts'

/** What a record of the log is about. */
export type LogKind =
  | 'submit'
  | 'remove'
  | 'rename'
  | 'create'
  | 'drop'
  | 'import'
  | 'ban'
  | 'unban'
  | 'undo'
  | 'move'
  | 'erase'
  | 'profile'
  | 'resolve'
  | 'rebuild'
  | 'restore'
  | 'season-open'
  | 'season-close'
  | 'season-seal'
  | 'alter'

/** An entry that left a full board because of a run. */
export interface PushedOut<S extends Score = Score> {
  playerId: string
  score: S
  /** Milliseconds since 1970 UTC. */
  at: number
}

/** One change of a store. A field that does not concern its kind is absent. */
export interface LogRecord<S extends Score = Score> {
  /** Rises by one from record to record, over the whole store and across restarts. */
  seq: number
  /** When the score of a run was reached, or else when the change was made; milliseconds since 1970 UTC. */
  at: number
  /** When it was committed; absent if that is `at`. It never falls from record to record. */
  committedAt?: number
  /** Whether the submit named its `at`. */
  atGiven?: true
  kind: LogKind
  /** The `seq` of the first record of its change: those of one `submitMany` share it. */
  commit: number
  board?: string
  playerId?: string
  /** The score that came in. */
  submitted?: S
  mode?: Mode
  /** The score after it; absent if there is none. */
  score?: S
  previousScore?: S
  /** Ordinal; absent if the submit asked for no ranks. */
  rank?: number
  previousRank?: number
  /** Whether the entry changed its score or its time. */
  changed?: boolean
  /**
   * Accepted submits of the player on the board up to this one, without those that were undone; with `log:
   * 'changes'` without those that changed nothing.
   */
  plays?: number
  /** Those of them that were submitted with `won: true`. */
  wins?: number
  won?: boolean
  /** The name that was given; with an imported row that of the profile, if the player has one. */
  name?: string
  /** The metadata that were given; null if they were taken away. */
  metadata?: Metadata | null
  pushedOut?: PushedOut<S>[]
  /** What a run did in the seasons of the board's windows, by the names of the windows. */
  windows?: Record<string, LogWindow<S>>
  requestId?: string
  reason?: string
  actor?: string
  flags?: string[]
  /** The `seq` of the undo that holds now. */
  undone?: number
  /** The runs that an undo took back, and those that it made count again, by their `seq`. */
  seqs?: number[]
  revived?: number[]
  /** Whether the player was hidden by a ban. */
  hidden?: boolean
  /** What a kind has of its own, like `settings` of `create`. */
  [field: string]: unknown
}

/** Which records to answer. */
export interface LogOptions {
  /** Only those behind this `seq`. */
  after?: number | undefined
  /** Only those in front of this `seq`. Without `after` the newest come first. */
  before?: number | undefined
  /** At most this many, default 100, up to 10,000. */
  limit?: number | undefined
  /** Only those about this board, by its name; those of earlier boards of the name too. */
  board?: string | undefined
  /** Only those about this player. */
  playerId?: string | undefined
  kinds?: readonly LogKind[] | undefined
  /** Only runs that a rule flagged and that nobody has resolved yet. Cost: that of the answer. */
  flagged?: boolean | undefined
  /** Only those committed at this time or later; milliseconds since 1970 UTC. */
  from?: number | undefined
  /** Only those committed before this time. */
  to?: number | undefined
}

/** Which records to follow. */
export interface FollowOptions {
  /**
   * Those behind this `seq`, the last one that the consumer took; 0 for all from the first one on. Without
   * it, those of changes that are yet to come.
   */
  after?: number | undefined
  /** Only those about this board, by its name. */
  board?: string | undefined
  /** Only those about this player. */
  playerId?: string | undefined
  kinds?: readonly LogKind[] | undefined
  /** Ends the following. */
  signal?: AbortSignal | undefined
  /** How often to look for commits, milliseconds, 10 or more, default 100. */
  intervalMs?: number | undefined
}

/** Which runs of a player to answer. */
export interface HistoryOptions {
  /** At most this many, default 100, up to 10,000. */
  limit?: number | undefined
  /** Only those in front of this `seq`. */
  before?: number | undefined
}

/** A part of the log. */
export interface LogPage<S extends Score = Score> {
  records: LogRecord<S>[]
  /**
   * The `seq` that leads on in the direction of the records: as `after`, or as `before` if the newest come
   * first; undefined at the end. A page that looked at many records that were not asked for is shorter
   * than its limit, or empty, and leads on: only undefined is the end.
   */
  next: number | undefined
  /** The `seq` that leads the other way; undefined for a page without records. */
  previous: number | undefined
}
