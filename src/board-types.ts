/**
 * The words of a board: its scores and settings, its entries, options and answers.
 *
 * @module
 */

/** Which score is better: the higher one (`descending`, the default) or the lower one. */
export type Order = 'descending' | 'ascending'

/** What a submit does: replace, keep the better by the board's order, or add. */
export type Mode = 'set' | 'best' | 'increment'

/**
 * Which number a row carries when scores are equal:
 * `ordinal` 1,2,3,4 · `competition` 1,2,2,4 · `dense` 1,2,2,3. Places always count rows.
 */
export type RankMode = 'ordinal' | 'competition' | 'dense'

/**
 * What scores are: `number`, every finite JavaScript number (the default), or `int64`, the integers
 * from -2^63 to 2^63 - 1 as bigint.
 */
export type ScoreType = 'number' | 'int64'

/** A score, or one column of it. */
export type ScoreCell = number | bigint

/** A score of several columns, by their names. */
export type ScoreColumns = Readonly<Record<string, ScoreCell>>

/** Any score. A board's own type is the one that its settings say. */
export type Score = ScoreCell | ScoreColumns

/** One column of a score. */
export interface ScoreColumn {
  /** A letter, then letters, digits, `_` and `-`, 32 at most. */
  name: string
  order: Order
}

/** Settings of a board, fixed when it is created. */
export interface BoardSettings {
  /** Default `descending`. A board with columns has it from the first one. */
  order?: Order
  /** The mode of a submit that names none. Default `set`. */
  mode?: Mode
  /** Default `number`. */
  scoreType?: ScoreType
  /**
   * Up to four columns that scores are compared by in turn, each with an order of its own. Scores are
   * objects then, like `{ points: 12, time: 71.5 }`. A single column leaves them plain.
   */
  columns?: readonly { name: string; order?: Order }[]
  /** Keep only the best so many entries, 1 to 1,000,000,000. Default: all. */
  keep?: number
}

/** The type of the scores of a board with these settings. */
export type ScoreOf<T extends BoardSettings> = T extends {
  columns: readonly [{ name: string }, { name: string }, ...{ name: string }[]]
}
  ? { readonly [Name in T['columns'][number]['name']]: CellOf<T> }
  : CellOf<T>

type CellOf<T extends BoardSettings> = T extends { scoreType: 'int64' } ? bigint : number

/** What a submit takes as a score: a board of `int64` takes safe integer numbers too. */
export type ScoreInput<S extends Score> = S extends bigint
  ? bigint | number
  : S extends number
    ? number
    : { readonly [Name in keyof S]: S[Name] extends bigint ? bigint | number : S[Name] }

/** One end of a range of scores: of several columns it is the first that counts. */
export type ScoreBound<S extends Score> = S extends number ? number : number | bigint

/** A JSON object that belongs to an entry. */
export type Metadata = { [name: string]: unknown }

/** A board as `Leaderboards.boards()` lists it. */
export interface BoardInfo {
  name: string
  order: Order
  mode: Mode
  /** Number of entries. */
  size: number
  /** Only where it is `int64`. */
  scoreType?: ScoreType
  /** Only where there are several. */
  columns?: readonly ScoreColumn[]
  /** Only where it is not all. */
  keep?: number
}

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
  /** Only where there is any. */
  metadata?: Metadata
}

/** Where a score stands among all entries of a board. */
export interface Standing {
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
}

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
  /** Cursor for `after`; undefined where nothing comes behind. Safe in URLs. */
  next: string | undefined
  /** Cursor for `before`; undefined where nothing comes in front. */
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
  /** How much the better of the two is ahead, in each column by its own order; 0 in a tie. */
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
  /** To be among the best so many percent, more than 0 and at most 100. */
  topPercent?: number | undefined
  /** For a player who has an entry: it does not stand in its own way. */
  playerId?: string | undefined
}

/** The answer of `scoreFor`. */
export interface Goal<S extends Score = number> {
  /** The rank that was asked for, or that the percentage means now. */
  rank: number
  /**
   * The least good score that gets there now. Undefined where any score does (`mark` is undefined
   * too) and where none can (nothing is better than `mark`).
   */
  score: S | undefined
  /** The score that stands there now. */
  mark: S | undefined
  /** Whether `mark` must be beaten; otherwise it is enough to equal it. */
  mustBeat: boolean
}

/** A player's place on one of several boards. */
export interface BoardEntry {
  board: string
  entry: Entry<Score>
}

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

/** Options of `watch`: one of `top` and `playerId`. */
export interface WatchOptions extends RankOptions {
  /** Watch the first so many entries, 1 to 1,000. Default 10. */
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
  /** Entries on the whole board. */
  total: number
  /** What is watched, as it is now. */
  entries: Entry<S>[]
  /** What is different from the last update; empty in the first one. */
  changes: Change<S>[]
}

/**
 * What happened to a player: `entered` or `left` what is watched; `score`, the score changed and
 * perhaps the rank; `moved`, only the rank; `updated`, only name, time or metadata.
 */
export interface Change<S extends Score = number> {
  playerId: string
  kind: 'entered' | 'left' | 'score' | 'moved' | 'updated'
  /** Now; undefined for who left. */
  entry: Entry<S> | undefined
  /** In the last update; undefined for who entered. */
  previous: Entry<S> | undefined
}
