/**
 * The words of the public surface: settings, options and answers.
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

/** Settings of a board, fixed when it is created. */
export interface BoardSettings {
  /** Default `descending`. */
  order?: Order
  /** The mode of a submit that names none. Default `set`. */
  mode?: Mode
}

/** A board as `Leaderboards.boards()` lists it. */
export interface BoardInfo {
  name: string
  order: Order
  mode: Mode
  /** Number of entries. */
  size: number
}

/** A player's one row on a board. */
export interface Entry {
  /** 1 is best; which kind of number the query's `rankMode` says. */
  rank: number
  playerId: string
  /** The `playerId` where no name was given. */
  name: string
  score: number
  /** When the player reached this score: milliseconds since 1970 UTC, to the microsecond. */
  at: number
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
  rankMode?: RankMode
}

/** Options of `around`. */
export interface AroundOptions extends RankOptions {
  /** Rows above the player, default 5. */
  above?: number
  /** Rows below the player, default 5. */
  below?: number
  /** Slide the window at the ends of the board so that it keeps its size. Default false: clip. */
  fill?: boolean
}

/** Options of `countBetween`: which ends of the score range are left out. */
export interface BoundOptions {
  minExclusive?: boolean
  maxExclusive?: boolean
}

/** Options of `between`. */
export interface BetweenOptions extends BoundOptions, RankOptions {
  /** Rows to leave out first, default 0. Cost does not depend on it. */
  offset?: number
  /** Most rows to answer, default 100. */
  limit?: number
}

/** Options of one `submit`. */
export interface SubmitOptions extends RankOptions {
  /** Shown instead of the `playerId`; kept until another is given. */
  name?: string
  /** Default: the board's. */
  mode?: Mode
  /** When the score was reached, milliseconds since 1970 UTC. Default: now, strictly increasing. */
  at?: number
  /** Answer `rank` and `previousRank`, default true. Bulk feeding is cheaper without. */
  ranks?: boolean
}

/** One submit of `submitMany`. */
export interface Submission extends Omit<SubmitOptions, 'rankMode' | 'ranks'> {
  playerId: string
  score: number
}

/** The answer of a submit. Previous values are undefined for a newcomer. */
export interface SubmitAnswer {
  playerId: string
  /** The stored score after the submit. */
  score: number
  previousScore: number | undefined
  /** The rank inside the transaction; undefined where the submit asked for no ranks. */
  rank: number | undefined
  previousRank: number | undefined
  /** Whether the stored score changed (true for a newcomer). */
  changed: boolean
  /** Whether the player had no entry before. */
  created: boolean
}

/** Options of `openLeaderboards`. */
export interface OpenOptions {
  /** Creates and changes nothing; a store must exist. Default false. */
  readOnly?: boolean
  /** Create the store where there is none. Default true. */
  create?: boolean
  /**
   * `strong` (default): resolved means on disk. `relaxed`: the commit record is not flushed, so a
   * power loss may take back the last commits, those of the last half minute at most where nothing
   * follows them; it damages nothing, and `kill -9` loses nothing.
   */
  durability?: 'strong' | 'relaxed'
  /** How far in the future a given `at` may lie, milliseconds, default 300,000. */
  futureAllowanceMs?: number
  /** The wall clock, milliseconds since 1970 UTC. Default `Date.now`. */
  clock?: () => number
}

/** What `check` found wrong, with its place. */
export interface Finding {
  /** The board, or undefined for the store itself. */
  board: string | undefined
  /** Where: a key, a node, a player. */
  place: string
  /** What is wrong, actual and expected. */
  problem: string
}

/** The answer of `check`. */
export interface CheckReport {
  /** True when there is no finding. */
  ok: boolean
  findings: Finding[]
  /** What was walked. */
  checked: { boards: number; entries: number; players: number; nodes: number }
}

/** Progress of long work: `total` is undefined where it is not known beforehand. */
export interface Progress {
  done: number
  total: number | undefined
}

/** Options of long work that can be watched and ended early. */
export interface WorkOptions {
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

/** Sizes and shape of a store, as `Leaderboards.stats()` answers. */
export interface StoreStats {
  path: string
  formatVersion: number
  /** Random identity of the store, given when it was created. */
  storeId: string
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Commits of boards and entries since creation. */
  sequence: number
  boards: number
  /** Entries on all boards. */
  entries: number
  /** Bytes of the data file on disk. */
  fileBytes: number
  /** Bytes of it that hold data; the rest is free and will be used again. */
  usedBytes: number
  /** Boards dropped whose bytes are still being freed. */
  dropping: number
  /**
   * Who reads: the process, and how many commits came since its snapshot was taken. 0 where it holds
   * none; one that stays high makes the file grow.
   */
  readers: { pid: number; lag: number }[]
  trees: TreeStats[]
}

/** Shape of one board's rank tree. */
export interface TreeStats {
  board: string
  entries: number
  /** Distinct scores. */
  scores: number
  height: number
  nodes: number
  spans: number
}

/** Options of `importFrom`. */
export interface ImportOptions extends WorkOptions {
  format: 'csv' | 'ndjson'
  /** Default: seen from the first bytes. */
  gzip?: boolean
  /** Default: the board's mode. */
  mode?: Mode
  /** Report bad rows and go on, instead of stopping with nothing imported. */
  skipBad?: boolean
  /** Called for each bad row where `skipBad` is set. */
  onBadRow?: (row: { line: number; problem: string }) => void
}

/** The answer of `importFrom`, in rows. */
export interface ImportReport {
  /** Rows that were taken. */
  imported: number
  /** Rows of them that changed a score or brought a new player. */
  changed: number
  /** Bad rows that were left out. */
  skipped: number
}

/** Options of `exportTo`. */
export interface ExportOptions extends WorkOptions {
  format: 'csv' | 'ndjson'
  /** Default false. */
  gzip?: boolean
}

/** The answer of `exportTo`. */
export interface ExportReport {
  /** Entries written. */
  exported: number
}

/** The answer of `rebuild`. */
export interface RebuildReport {
  board: string
  /** Entries that the new rank tree counts. */
  entries: number
  /** Nodes written. */
  nodes: number
}

/** What a backup says about itself, in its MANIFEST.json. */
export interface BackupManifest {
  product: 'ladderdb'
  formatVersion: number
  /** Identity of the store that was backed up. */
  storeId: string
  /** Number of its last commit at that instant. */
  sequence: number
  boards: { name: string; size: number }[]
  /** ISO 8601, UTC. */
  createdAt: string
  /** Size of data.mdb. */
  bytes: number
  /** SHA-256 of data.mdb, hexadecimal. */
  sha256: string
  /** SHA-256 of the manifest without this field. */
  checksum: string
}

/** The answer of `backup`. */
export interface BackupReport extends BackupManifest {
  path: string
  /** How long it took, checking included. */
  ms: number
}

/** A backup on disk. */
export interface BackupInfo {
  path: string
  manifest: BackupManifest
}

/** Which backups a rotation keeps; one kept by any rule stays, and so does the newest. */
export interface KeepRules {
  /** The newest so many. */
  keep?: number
  /** The newest of each of the last so many days (UTC) that have one. */
  daily?: number
  /** The same for weeks, from Monday on. */
  weekly?: number
  /** The same for months. */
  monthly?: number
}

/** Options of `restoreBackup`. */
export interface RestoreOptions {
  /** Replace a store that is there; its data file stays aside. */
  force?: boolean
  /** Verify everything, change nothing. */
  dryRun?: boolean
  signal?: AbortSignal
}

/** The answer of `restoreBackup`. */
export interface RestoreReport {
  /** Directory of the restored store. */
  path: string
  source: string
  manifest: BackupManifest
  dryRun: boolean
  /** Where the old data file stays; undefined where there was none. */
  previous: string | undefined
  ms: number
}
