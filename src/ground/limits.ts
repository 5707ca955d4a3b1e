/**
 * Every bound of the product, each with its reason.
 *
 * @module
 */

/** Longest `playerId` in bytes of UTF-8: with the rest of a key it stays far below LMDB's 1,978. */
export const PLAYER_ID_BYTES_MAX = 512

/** Longest `name` in bytes of UTF-8: an entry stays well below a page, so lists stay cheap. */
export const NAME_BYTES_MAX = 512

/** Longest board name in bytes of UTF-8: it is a key of the catalog. */
export const BOARD_NAME_BYTES_MAX = 255

/** Longest metadata of an entry in bytes of JSON: it is stored twice, and lists read it. */
export const METADATA_BYTES_MAX = 1024

/** Longest id of a request in bytes of UTF-8: a UUID has 36, a path of a web address fits too. */
export const REQUEST_ID_BYTES_MAX = 128

/** How long the id of a request is kept, milliseconds: a retry comes within seconds, a queue within hours. */
export const REQUEST_MS = 86_400_000

/** How many ids of requests a store keeps, the last ones: some 150 MB. */
export const REQUESTS_KEPT = 1_000_000

/**
 * Records of old requests that are looked at with each new one. With two, half as many again as are kept
 * could lie there in the end; with three a fifth more does.
 */
export const REQUEST_LOOKS = 3

/** Most columns of a score: 8 bytes each in every key and in memory. */
export const COLUMNS_MAX = 4

/** Most entries that `keep` can ask for: it is stored in four bytes. */
export const KEEP_MAX = 1_000_000_000

/** Most entries that a submit tells to have been passed: they are read inside the transaction. */
export const PASSED_MAX = 1_000

/** The same for all submits of one `submitMany`: a second of reading, some ten megabytes of answers. */
export const PASSED_TOGETHER_MAX = 100_000

/** Most entries that `watch` looks at after each commit. */
export const WATCH_MAX = 1_000

/** Time after which a snapshot answers no more, milliseconds: it makes the file grow. */
export const SNAPSHOT_MS_MAX = 10_000

/** Highest board number. Numbers are never used again, so a dropped board leaves no ghosts. */
export const BOARD_ID_MAX = 0xffff_ffff

/** Largest magnitude an increment may reach: beyond it doubles skip integers. */
export const EXACT_MAX: number = 2 ** 53

/**
 * Latest time in microseconds since 1970 (the year 2112): below it, milliseconds as a double turn
 * back into the same microsecond.
 */
export const AT_MICROS_MAX: number = 2 ** 52 - 1

/** Most records that a page of the log answers: they are held in memory. */
export const LOG_LIMIT_MAX = 10_000

/** Most records that a page of the log looks at: some tens of milliseconds of reading. */
export const LOG_SCAN_MAX = 20_000

/** Most records that a consumer of the log reads at once; other work gets a turn after each time. */
export const FOLLOW_CHUNK = 1_000

/** How often a consumer of the log looks for new records, milliseconds, unless it says otherwise. */
export const FOLLOW_INTERVAL_MS = 100

/**
 * After a restore seqs go on from the ticks of 16 microseconds since 2020: above all that were given before
 * as long as less than 62,500 changes a second were made from one restore to the next.
 */
export const SEQ_TICK_MICROS = 16
export const SEQ_START_MICROS = 1_577_836_800_000_000

/** The highest seq that an epoch begins with, in the year 2090; chains hold seqs below 2^47. */
export const SEQ_EPOCH_MAX: number = 2 ** 47 - 2 ** 40

/** Most submits in one `submitMany`: larger transactions dirty more pages than LMDB likes. */
export const SUBMIT_MANY_MAX = 10_000

/** Most partitions of a board on a cluster: each rank asks them all. */
export const PARTITIONS_MAX = 64

/** Most entries that one `find` answers: they are held in memory. */
export const FIND_MAX = 10_000

/** Default of `futureAllowanceMs`: clocks of game hosts differ by seconds, not by hours. */
export const FUTURE_ALLOWANCE_MS = 300_000

/**
 * Time that a commit works before it gives the event loop a turn, milliseconds: a game must not feel
 * it.
 */
export const COMMIT_TURN_MS = 5

/**
 * Time after which a commit takes no more submits, milliseconds: with 1,000 at once outstanding it
 * takes them all.
 */
export const COMMIT_WORK_MS = 40

/** Time that a commit waits for the write lock, milliseconds: a rebuild may hold it for seconds. */
export const LOCK_WAIT_MS = 60_000

/** Time after which a commit that does not return is taken for failed, milliseconds. */
export const COMMIT_WAIT_MS = 30_000

/** Time that closing waits where writes have stopped, milliseconds. */
export const CLOSE_WAIT_MS = 2_000

/** Most entries of one chunk of long work (drop, import): a commit others wait for at most 10 ms. */
export const CHUNK_ENTRIES = 1_000

/** Time that long work takes in one commit, milliseconds; with what the disk takes, others wait for 10 at most. */
export const BITE_MS = 3

/** Rows that an import stores between turns of the event loop: some milliseconds of work. */
export const IMPORT_CHUNK_ROWS = 250

/**
 * Memory for rows of an import, and as much for the entries that they come to, before a sorted run goes
 * to disk: with what Node and LMDB take it stays below 400 MB.
 */
export const IMPORT_RUN_BYTES: number = 64 * 1024 * 1024

/** Sorted keys that one commit of a bulk import appends: some milliseconds of work. */
export const FILL_CHUNK_KEYS = 5_000

/** With less room than this a disk counts as full: a failed write has used up the rest. */
export const FULL_DISK_BYTES: number = 256 * 1024

/** Room that a commit must find: enough for all that it may write in a turn, see `COMMIT_TURN_MS`. */
export const COMMIT_ROOM_BYTES: number = 1024 * 1024

/** Room that a commit of several turns must find: far more than it writes. */
export const LARGE_COMMIT_ROOM_BYTES: number = 64 * 1024 * 1024

/** Room that a new store must find: where LMDB maps a file without any, a signal ends the process. */
export const NEW_STORE_BYTES: number = 1024 * 1024

/**
 * Pages of a data file that is walked to its end when it is opened (4 MB): that takes a few
 * milliseconds, and whatever is wrong with its pages is found before LMDB sees them.
 */
export const SMALL_FILE_PAGES = 1_024

/** Upper pages of a larger file that are looked at when it is opened: a few milliseconds too. */
export const PREFLIGHT_PAGES = 16

/** How often a look at the pages starts again where commits of others came in between. */
export const PREFLIGHT_TRIES = 5

/** Pages of a long walk between turns of the event loop. */
export const TURN_PAGES = 256

/** Most bytes at the end of a file that a commit may have left unwritten, or as many as it has. */
export const UNWRITTEN_BYTES_MAX: number = 1024 * 1024 * 1024

/** Largest memory map that a header may ask for: LMDB ends the process where it gets none. */
export const MAP_BYTES_MAX: number = 2 ** 43

/** Time between looks for readers that were killed, milliseconds: they keep the file growing. */
export const READER_CHECK_MS = 5_000

/** Commits between such looks if they come faster: the pages of no more than these wait to be used again. */
export const READER_CHECK_COMMITS = 500

/** Silence after which an import of another process is taken for dead, milliseconds. */
export const IMPORT_SILENCE_MS = 3_600_000

/**
 * Age of what a killed backup or restore of another boot or container left, milliseconds: nobody here
 * can see whether its maker lives, and no copy stands still for a day.
 */
export const FOREIGN_LEFTOVER_MS = 86_400_000

/**
 * Boards that were asked for and do not exist, whose settings a store remembers. Names may come from
 * outside: more are forgotten.
 */
export const UNBORN_BOARDS_MAX = 10_000

/** Bytes of a reason: a few sentences. It stands in records that are read as a whole. */
export const REASON_BYTES_MAX = 1024

/** Boards that bans which end look at in one commit, about 3 µs each: others wait meanwhile. */
export const BAN_ENDS_BOARDS = 10_000

/** Boards from which on a change to all of them gives turns to the event loop: some 35 µs each. */
export const TURN_BOARDS_MIN = 500

/** Boards that such a change passes before a turn. */
export const TURN_BOARDS = 100

/** Milliseconds between two looks for bans that end while nothing else is changed. */
export const BAN_END_LOOK_MS = 500

/** Keys that a long read passes before the event loop gets a turn. */
export const TURN_KEYS = 10_000

/** Changes of a log that are made again in one transaction: more of them gain nothing. */
export const REPLAY_CHUNK = 1000

/** Records that a rebuild from the log leaves to its transaction, for which others wait: some hundredths of a second. */
export const LOG_REST_RECORDS = 1000

/** How often it makes what came meanwhile before it leaves all the rest to it: each time is much shorter. */
export const LOG_ROUNDS_MAX = 5

/** Keys of a full span of the rank tree; measured, see rank/DESIGN.md. */
export const SPAN_KEYS_MAX = 256

/** Children of a full node of the rank tree; measured, see rank/DESIGN.md. */
export const NODE_CHILDREN_MAX = 64

/** Memory for decoded spans over all boards of a store, unless opening says otherwise: about 3 bytes a player. */
export const CACHE_BYTES = 40_000_000

/** Most submits in a minute that `perMinute` can allow: their times stand in one record of 4 KB. */
export const PER_MINUTE_MAX = 1_000

/** Most tiers of a board: they are read with each standing. */
export const TIERS_MAX = 100

/** Longest name of a tier in bytes of UTF-8. */
export const TIER_NAME_BYTES_MAX = 64

/** Longest address of an avatar in characters, as browsers take them. */
export const AVATAR_CHARACTERS_MAX = 2_048

/** Longest metadata of a profile in bytes of JSON: it is stored once and no list reads it. */
export const PROFILE_METADATA_BYTES_MAX = 4_096

/** Most records of the log that one commit trims: some milliseconds, so that others write in between. */
export const TRIM_RECORDS = 1_000

/** Milliseconds between two looks for records to trim. */
export const TRIM_LOOK_MS = 1_000

/** Days and bytes that the store keeps of its log, unless its settings say otherwise. */
export const RETENTION_DAYS = 30
export const RETENTION_BYTES: number = 2 ** 30

/** Most days that a retention can ask for: longer than times can be stored. */
export const RETENTION_DAYS_MAX = 100_000

/** Longest season in hours: ten years. */
export const SEASON_HOURS_MAX = 87_600
/** Most windows of a board: each submit goes to a season of every one, in one commit. */
export const WINDOWS_MAX = 16

/** Alterations of its grace that a window remembers: it is read with each transaction, and hardly one has any. */
export const PAST_GRACES_MAX = 64

/** Longest id of a season in bytes of UTF-8: it stands in each record of the log. */
export const SEASON_ID_BYTES_MAX = 64

/** Longest time after its end in which a season takes submits, milliseconds: a year and a day. */
export const GRACE_MS_MAX = 31_622_400_000

/** Most past seasons that a window can ask to keep: days of more than a hundred years, hours of eleven. */
export const RETAIN_MAX = 100_000

/** Most seasons, or finals of a player, that one call answers: they are held in memory. */
export const SEASONS_LIMIT_MAX = 1_000

/** Windows that are kept decoded, over all stores of a process. */
export const KNOWN_WINDOWS_MAX = 1_000

/** What is due of seasons that one change takes along: others wait for it. */
export const SEASON_DUES_BESIDE = 4

/** What is due of seasons in one commit of its own: about 100 µs each, as others wait. */
export const SEASON_DUES_ALONE = 64

/** Milliseconds between two looks for what is due of seasons while nothing else is changed. */
export const SEASON_LOOK_MS = 1_000

/** Most finals of players that one commit writes when a season leaves. */
export const FINALS_CHUNK = 1_000
