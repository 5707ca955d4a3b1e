/**
 * The words for changes: their options and answers, and what passes the door.
 *
 * Everything that alters a store is a {@link Change}, which is data. What it did stands in the records of the
 * log ({@link ./log.ts}): followers are told them, and an undo turns them round.
 *
 * @module
 */

import type { BoardEntry, Entry, Metadata, RankMode } from './entries.ts'
import type { AskedBan, AskedMove, AskedUnban, BanAnswer, MoveAnswer } from './moderation.ts'
import type { RankOptions } from './questions.ts'
import type {
  AlteredBoard,
  BoardAlteration,
  Profile,
  ProfileChange,
  StoreAlteration,
  StoreSettings,
  Verdict,
} from './rules.ts'
import type { Score, ScoreInput } from './scores.ts'
import type { LogWindow, SeasonReach, StartedSeason, WindowAnswer } from './seasons.ts'
import type { Mode } from './settings.ts'
import type { AskedUndo, UndoAnswer } from './undo.ts'

/** A unit of time: seconds, milliseconds, microseconds; all count from 1970 UTC. */
export type AtUnit = 's' | 'ms' | 'us'

/** Options of one `submit`. */
export interface SubmitOptions<S extends Score = number> extends RankOptions {
  /** Shown instead of the `playerId`; kept until another is given. */
  name?: string | undefined
  /** Default: the board's. */
  mode?: Mode | undefined
  /**
   * When the score was reached, milliseconds since 1970 UTC. Default: now, strictly increasing. A
   * number that looks like seconds or microseconds is refused, unless `atUnit` says what it is.
   */
  at?: number | undefined
  /** The unit of `at`. Default: milliseconds, which `ms` says also of a number that looks otherwise. */
  atUnit?: AtUnit | undefined
  /**
   * A JSON object of at most 1,024 bytes as text; takes the place of the old one if the mode accepts
   * the score. An empty one removes it.
   */
  metadata?: Metadata | undefined
  /** Refuse the submit unless the player is new to the board, or has an entry. */
  only?: 'new' | 'existing' | undefined
  /** Refuse the submit unless this is the player's score, or with null, unless there is no entry. */
  expected?: ScoreInput<S> | null | undefined
  /**
   * An id of this submit, 1 to 128 bytes of UTF-8: the same submit under the same id, on the same board,
   * counts once. A retry gets the first answer again. Kept for a day or the last million ids.
   */
  requestId?: string | undefined
  /** Whether the run was won: it counts in `wins` of the player's history. Default false. */
  won?: boolean | undefined
  /**
   * For which seasons it is meant, by the names of windows: `{ month: '2026-11' }`. It is refused whole if
   * its `at` lies in another one, or if the season is sealed.
   */
  season?: Readonly<Record<string, string>> | undefined
  /** Answer `rank` and `previousRank`, default true. Bulk feeding is cheaper without. */
  ranks?: boolean | undefined
  /** Answer who was passed, at most N of them, N up to 1,000. Default 0: do not. */
  passed?: number | undefined
  /** Answer all that is known of each window. Default: season and rank. */
  windows?: 'all' | undefined
}

/** Options of one `submitMany`. */
export interface SubmitManyOptions
  extends Pick<SubmitOptions, 'rankMode' | 'ranks' | 'passed' | 'windows'> {
  /**
   * An id of the whole list, 1 to 128 bytes of UTF-8: the same list under the same id, on the same board, counts
   * once. A list of other submits, of fewer or of more, is refused. The submits then have no ids of their own.
   */
  requestId?: string | undefined
}

/** One submit of `submitMany`. */
export interface Submission<S extends Score = number>
  extends Omit<SubmitOptions<S>, 'rankMode' | 'ranks' | 'passed' | 'windows'> {
  playerId: string
  score: ScoreInput<S>
}

/** The answer of a submit. Previous values are undefined for a newcomer. */
export interface SubmitAnswer<S extends Score = number> {
  playerId: string
  /** The score after the submit; undefined for a newcomer who is not good enough for a full board. */
  score: S | undefined
  previousScore: S | undefined
  /**
   * The rank inside the transaction; undefined where the submit asked for no ranks, and for a newcomer
   * who is not good enough for a board that keeps only the best: no entry is made then.
   */
  rank: number | undefined
  previousRank: number | undefined
  /** Whether score or time of the entry changed (true for a newcomer who has one now). */
  changed: boolean
  /** Whether the player had no entry before and has one now. */
  created: boolean
  /** What came in, only in the answer to a newcomer for whom a full board has no place. */
  submitted?: S
  /** Where it was asked for: those who were in front of the player and no longer are. */
  passed?: Passed<S>
  /** Only on a board with windows: what it did in the season of each, by the names of the windows. */
  windows?: Record<string, WindowAnswer<S>>
  /** Only in the answer to a retry: the submit was made before, and this was answered then. */
  repeated?: true
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

/** A submit whose arguments are checked and complete. */
export interface SubmitRequest {
  playerId: string
  score: Score
  /** Undefined keeps the name. */
  name: string | undefined
  /** Whether the name is that of the profile, which the submit did not give: the log does not tell it. */
  isProfileName?: boolean
  /** The name in the row of a file, in place of which the player has that of the profile. */
  rowName?: string | undefined
  /** JSON text of an object; undefined keeps what there is, null removes it. */
  metadata: string | null | undefined
  mode: Mode
  /** What of it is to be reviewed: the record in the log says so. */
  flags?: readonly string[]
  /** Whether it is a row of a file that the rules of the board do not judge. */
  isUnjudged?: boolean
  only: 'new' | 'existing' | undefined
  /** The score that the player must have; null: no entry; undefined: any. */
  expected: Score | null | undefined
  won: boolean
  /** Undefined: the next time of the store. */
  atMicros: number | undefined
  /** The time that the store gave it already, to find its season; undefined: none yet. */
  givenMicros?: number
  /** What a log tells of the seasons that it goes to, by the names of windows; undefined: none tells. */
  toldWindows?: Readonly<Record<string, LogWindow>> | undefined
  /** What tells a retry from a second run; undefined: nothing does. */
  requestId: string | undefined
  /** The wall clock. */
  nowMicros: number
  /** Undefined: answer without ranks. */
  rankMode: RankMode | undefined
  /** How many of those who were passed to answer; 0: do not say. */
  passedMax: number
  /** The mode of their ranks. */
  passedMode: RankMode
  /** The seasons that it is meant for, by the names of windows. */
  season?: Readonly<Record<string, string>> | undefined
  /** Whether to answer all that is known of each window. */
  isAllOfWindows?: boolean | undefined
}

/**
 * What alters a store. `Board` is what names the board: its name alone, or on the way in all that the
 * caller takes it for. A new kind needs a line in {@link ChangeAnswers} and one at the door.
 */
export type Change<Board = string> =
  | { kind: 'submit'; board: Board; submit: SubmitRequest }
  | {
      kind: 'submitMany'
      board: Board
      submits: readonly SubmitRequest[]
      /** The id that the list came under; each submit has its own, which follows from it. */
      requestId?: string | undefined
    }
  | ({ kind: 'remove'; board: Board; playerId: string } & SeasonReach)
  | ({ kind: 'rename'; playerId: string; name: string } & SeasonReach)
  | ({ kind: 'removePlayer'; playerId: string } & SeasonReach)
  | { kind: 'create'; board: Board }
  | { kind: 'drop'; board: string }
  | { kind: 'ban'; ban: AskedBan }
  | { kind: 'unban'; unban: AskedUnban }
  | { kind: 'move'; move: AskedMove }
  | { kind: 'undo'; undo: AskedUndo }
  | { kind: 'alter'; board: string; alteration: BoardAlteration; filledFrom?: number }
  | { kind: 'alterStore'; alteration: StoreAlteration }
  | { kind: 'profile'; playerId: string; change: ProfileChange }
  | { kind: 'resolve'; seq: number; verdict: Verdict; reason?: string; actor?: string }
  | { kind: 'startSeason'; board: Board; window: string; season: string }

/** What a removal took off a board. */
export interface Removed {
  /** The entry that there was on the board. */
  entry: Entry<Score> | undefined
  /** Whether there was an entry, on the board or in one of its seasons. */
  isFound: boolean
}

/** What a removal took off all boards. */
export interface RemovedEverywhere {
  /** The entries that there were on boards. */
  entries: BoardEntry[]
  /** On how many boards there was one, or in seasons of them. */
  boards: number
}

/** What each kind of change is answered with. */
export interface ChangeAnswers {
  submit: SubmitAnswer<Score>
  submitMany: SubmitAnswer<Score>[]
  remove: Removed
  /** On how many boards, or in seasons of them. */
  rename: number
  removePlayer: RemovedEverywhere
  /** Whether there was no such board before. */
  create: boolean
  /** `seasonIds` are the numbers of its seasons: what is stored under each is to be swept. */
  drop: { boardId: number; size: number; seasonIds: readonly number[] }
  ban: BanAnswer
  /** Whether there was a ban. */
  unban: boolean
  move: MoveAnswer
  undo: UndoAnswer
  alter: AlteredBoard
  alterStore: StoreSettings
  profile: Profile
  /** Whether the run was to be reviewed. */
  resolve: boolean
  startSeason: StartedSeason
}
