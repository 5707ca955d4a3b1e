/**
 * The words of a store: opening, checking, moving and keeping it.
 *
 * @module
 */

/** Options of `openLeaderboards`. */
export interface OpenOptions {
  /** Creates and changes nothing; a store must exist. Default false. */
  readOnly?: boolean | undefined
  /** Create the store if it does not exist. Default true. */
  create?: boolean | undefined
  /**
   * `strong` (default): resolved means on disk. `relaxed`: the commit record is not flushed, so a
   * power loss may take back the last commits, those of the last half minute at most where nothing
   * follows them; it damages nothing, and `kill -9` loses nothing.
   */
  durability?: 'strong' | 'relaxed' | undefined
  /**
   * Open the store even if it lies on NFS, SMB, 9p, FUSE or their like, default false. LMDB's locks
   * and memory map need one kernel: over a network it loses data. For FUSE that is a local disk.
   */
  allowNetworkFileSystem?: boolean | undefined
  /** How far in the future a given `at` may lie, milliseconds, default 300,000. */
  futureAllowanceMs?: number | undefined
  /**
   * Memory for what look-ups of ranks need, bytes over all boards, default 40,000,000. A player takes 3 to
   * 4 bytes; whatever does not fit is counted in the store, so a rank takes 5 to 10 µs longer. Spans of 256
   * players that a commit just changed take their share too, a tenth at least. Not in it: decoded nodes,
   * half a byte a player. 0 keeps nothing.
   */
  cacheBytes?: number | undefined
  /** The wall clock, milliseconds since 1970 UTC. Default `Date.now`. */
  clock?: (() => number) | undefined
}

/** What `check` found wrong, with its place. */
export interface Finding {
  /** The board, or undefined for the store itself. */
  board: string | undefined
  /** Where: a key, a node, a player. */
  place: string
  /** What is wrong, actual and expected. */
  problem: string
  /** Number of the invariant in FORMAT.md that is broken, like `1`, or `4.3` of a rank tree. */
  invariant: string
}

/** The answer of `check`. */
export interface CheckReport {
  /** True when there is no finding. */
  ok: boolean
  findings: Finding[]
  /** What was walked. */
  checked: { boards: number; entries: number; players: number; nodes: number }
}

/** Progress of long work: `total` is undefined if it is not known beforehand. */
export interface Progress {
  done: number
  total: number | undefined
}

/** Options of long work that can be watched and ended early. */
export interface WorkOptions {
  onProgress?: ((progress: Progress) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Options of `check`. */
export interface CheckOptions extends WorkOptions {
  /** Make the runs of every player in the log again, and hold them against the entries. Default false. */
  history?: boolean | undefined
  /** Called before each part of the work with its name in words, and what was walked so far. */
  onStage?: ((stage: string, checked: CheckReport['checked']) => void) | undefined
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
  /** Random for each restore; undefined if the store was never restored. */
  lineageId: string | undefined
  /**
   * By how much the last time that the store gave is ahead of the clock now, milliseconds. Times that
   * it gives go on from there, each a microsecond after the one before, until the clock has caught up.
   */
  clockAheadMs: number
  boards: number
  /** Entries on all boards. */
  entries: number
  /** Seasons of windows that have entries, and these. */
  seasons: number
  seasonEntries: number
  /** Bytes of the data file on disk. */
  fileBytes: number
  /** Bytes of it that hold data; the rest is free and will be used again. */
  usedBytes: number
  /** Boards dropped, and seasons taken away, whose bytes are still being freed. */
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
  /** Only of a board with windows: its seasons that have entries, these, and the nodes of their own trees. */
  seasons?: { count: number; entries: number; nodes: number }
}

/** What was saved of a board. */
export interface SalvagedBoard {
  board: string
  /** Entries that the new store has. */
  entries: number
  /** Those of them whose player record was lost. */
  fromEntries: number
  /** Its seasons and their entries; only of a board that has some with entries. */
  seasons?: { count: number; entries: number; fromEntries: number }
}

/** The answer of `salvageStore`. */
export interface SalvageReport {
  /** Directory of the damaged store. */
  source: string
  /** Directory of the new one. */
  path: string
  boards: SalvagedBoard[]
  /** What could not be read, in words. */
  problems: string[]
  /** Entries that the tables are said to have and that are not saved, as far as that can be read. */
  lost: number
}

/** Options of `dump`. */
export interface DumpOptions {
  /** One table alone. */
  table?: DumpedPair['table'] | undefined
  /** What belongs to one board alone. */
  board?: string | undefined
}

/** One key and its value, as `Leaderboards.dump()` answers. */
export interface DumpedPair {
  table: 'meta' | 'entries' | 'players' | 'ranks' | 'log' | 'history' | 'requests' | 'people'
  /** Hexadecimal. */
  key: string
  /** Hexadecimal. */
  value: string
  /** Both in words. Ids and names are quoted, and control characters in them written as `\u{hex}`. */
  text: string
}

/** Options of `rebuild`. */
export interface RebuildOptions extends WorkOptions {
  /**
   * `entries` (default) rebuilds the rank tree. `players` rebuilds the entries too, if they are
   * not what the player records say. `log` rebuilds all of a board: its changes are made again.
   */
  from?: 'entries' | 'players' | 'log' | undefined
}

/** The answer of `rebuild`. */
export interface RebuildReport {
  /** It and its seasons: the numbers are those of all. */
  board: string
  /** Entries that the new rank trees count. */
  entries: number
  /** Nodes written. */
  nodes: number
  /** Entries that were missing or damaged, or other ones; with `from: 'players'` and `'log'`. */
  added?: number
  /** Entries that no player record led to, or no change of the log; with `from: 'players'` and `'log'`. */
  removed?: number
  /** Entries with a time that cannot be stored, which got the time of now; with `from: 'players'`. */
  retimed?: number
}

/** What a backup says about itself, in its MANIFEST.json. */
export interface BackupManifest {
  product: 'ladderdb'
  formatVersion: number
  /** Identity of the store that was backed up. */
  storeId: string
  /** Which of its histories it is of: random for each restore. None if it was never restored. */
  lineageId?: string
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
  /** Where it is; `-` if it went into a stream. */
  path: string
  /** How long it took, checking included. */
  ms: number
}

/** The answer of `compactStore`. */
export interface CompactReport {
  /** Directory of the store. */
  path: string
  /** Size of the data file before and after. */
  bytesBefore: number
  bytes: number
  /** Where the old data file stays, only if somebody may have opened it at the last instant. */
  previous: string | undefined
  ms: number
}

/** A backup on disk. */
export interface BackupInfo {
  path: string
  manifest: BackupManifest
}

/**
 * Which backups a rotation keeps: a backup stays if any rule keeps it, and the newest one always stays.
 * At least one rule must be 1 or more.
 */
export interface KeepRules {
  /** How many of the newest. */
  keep?: number | undefined
  /** The newest of each day (UTC), for this many of the last days that have a backup. */
  daily?: number | undefined
  /** The same for weeks, which begin on Monday. */
  weekly?: number | undefined
  /** The same for months. */
  monthly?: number | undefined
}

/** Options of `rotateBackups`. */
export interface RotateOptions {
  /** The store whose backups are rotated; those of others stay. */
  storeId: string
  rules: KeepRules
  /** Path of the backup that was just made. */
  made?: string | undefined
  signal?: AbortSignal | undefined
}
