/**
 * The options of calls, and the fields of what calls take, each with its kind.
 *
 * To add an option: add it to its type in `words`, then here; the compiler names the table that
 * lacks it. Checks, "did you mean", `exec` and the tests follow by themselves.
 *
 * @module
 */

import { TABLES } from '../format/tables.ts'
import { FIND_MAX, LOG_LIMIT_MAX, PASSED_MAX, PER_MINUTE_MAX, WATCH_MAX } from '../ground/limits.ts'
import type {
  AroundOptions,
  BanOptions,
  BetweenOptions,
  BoardAlteration,
  BoardSettings,
  BoundOptions,
  CheckOptions,
  DumpOptions,
  EraseOptions,
  ExportOptions,
  FindOptions,
  FollowOptions,
  GoalOptions,
  HistoryOptions,
  ImportOptions,
  KeepRules,
  LogOptions,
  MaxGain,
  MoveOptions,
  OpenOptions,
  PageOptions,
  ProfileOptions,
  RankOptions,
  RebuildOptions,
  RequestRetention,
  ResolveOptions,
  RestoreBoardOptions,
  RestoreOptions,
  Retention,
  RotateOptions,
  ScoreColumn,
  StoreAlteration,
  Submission,
  SubmitManyOptions,
  SubmitOptions,
  Tier,
  UnbanOptions,
  UndoOptions,
  WatchOptions,
  WorkOptions,
} from '../words/index.ts'
import {
  ACTOR,
  AT,
  AVATAR,
  BOARD_NAME,
  BOOLEAN,
  CALLBACK,
  COLUMN,
  CURSOR,
  DAYS,
  EXPECTED,
  type FieldsOf,
  KEEP,
  type Kind,
  LIST,
  listOfWholes,
  listOfWords,
  METADATA,
  NAME,
  OBJECT,
  orNull,
  PATH,
  PERCENT,
  PLACE,
  PLAYER_ID,
  REASON,
  REQUEST_ID,
  SCORE,
  SCORE_FORMAT,
  SEASON_IDS,
  SIGNAL,
  TEXT,
  TIER_NAME,
  TIME,
  WINDOWS,
  whole,
  word,
} from './kinds.ts'
import { SEALED_FIELDS } from './window-fields.ts'

// Timers of Node hold 31 bits.
const TIMER_MS_MAX = 2 ** 31 - 1

const ORDER = word('descending', 'ascending')
const MODE = word('set', 'best', 'increment')
const AT_UNIT = word('s', 'ms', 'us')
const FORMAT = word('csv', 'ndjson', 'json')

export const RANK_FIELDS: FieldsOf<RankOptions> = {
  rankMode: word('ordinal', 'competition', 'dense'),
}

const DETAIL_FIELDS: FieldsOf<Omit<Submission, 'playerId' | 'score'>> = {
  name: NAME,
  mode: MODE,
  at: AT,
  atUnit: AT_UNIT,
  metadata: METADATA,
  only: word('new', 'existing'),
  won: BOOLEAN,
  expected: EXPECTED,
  requestId: REQUEST_ID,
  season: SEASON_IDS,
}

export const SUBMIT_MANY_FIELDS: FieldsOf<SubmitManyOptions> = {
  ...RANK_FIELDS,
  ranks: BOOLEAN,
  passed: whole({ most: PASSED_MAX }),
  windows: word('all'),
  requestId: REQUEST_ID,
}

export const SUBMIT_FIELDS: FieldsOf<SubmitOptions> = { ...DETAIL_FIELDS, ...SUBMIT_MANY_FIELDS }

export const SUBMISSION_FIELDS: FieldsOf<Submission> = {
  playerId: PLAYER_ID,
  score: SCORE,
  ...DETAIL_FIELDS,
}

export const AROUND_FIELDS: FieldsOf<AroundOptions> = {
  above: whole(),
  below: whole(),
  fill: BOOLEAN,
  ...RANK_FIELDS,
}

export const BOUND_FIELDS: FieldsOf<BoundOptions> = {
  minExclusive: BOOLEAN,
  maxExclusive: BOOLEAN,
}

export const BETWEEN_FIELDS: FieldsOf<BetweenOptions> = {
  ...BOUND_FIELDS,
  offset: whole(),
  limit: whole(),
  ...RANK_FIELDS,
}

export const PAGE_FIELDS: FieldsOf<PageOptions> = {
  limit: whole({ least: 1 }),
  after: CURSOR,
  before: CURSOR,
  ...RANK_FIELDS,
}

export const GOAL_FIELDS: FieldsOf<GoalOptions> = {
  rank: whole({ least: 1 }),
  topPercent: PERCENT,
  playerId: PLAYER_ID,
  ...RANK_FIELDS,
}

export const FIND_FIELDS: FieldsOf<FindOptions> = {
  limit: whole({ least: 1, most: FIND_MAX }),
  signal: SIGNAL,
}

export const WATCH_FIELDS: FieldsOf<WatchOptions> = {
  top: whole({ least: 1, most: WATCH_MAX }),
  playerId: PLAYER_ID,
  signal: SIGNAL,
  intervalMs: whole({ least: 10, most: TIMER_MS_MAX }),
  ...RANK_FIELDS,
}

const LOG_LIMIT = whole({ least: 1, most: LOG_LIMIT_MAX })

/** The kinds of records of the log. */
export const LOG_KIND: Kind = listOfWords(
  ...['submit', 'remove', 'rename', 'create', 'drop', 'import', 'ban', 'unban', 'undo', 'move'],
  ...['erase', 'profile', 'resolve', 'rebuild', 'restore', 'season-open', 'season-close'],
  ...['season-seal', 'alter'],
)

export const LOG_FIELDS: FieldsOf<LogOptions> = {
  after: whole(),
  before: whole(),
  limit: LOG_LIMIT,
  board: BOARD_NAME,
  playerId: PLAYER_ID,
  kinds: LOG_KIND,
  flagged: BOOLEAN,
  from: TIME,
  to: TIME,
}

export const FOLLOW_FIELDS: FieldsOf<FollowOptions> = {
  after: whole(),
  board: BOARD_NAME,
  playerId: PLAYER_ID,
  kinds: LOG_KIND,
  signal: SIGNAL,
  intervalMs: whole({ least: 10, most: TIMER_MS_MAX }),
}

export const HISTORY_FIELDS: FieldsOf<HistoryOptions> = { limit: LOG_LIMIT, before: whole() }

export const SETTINGS_FIELDS: FieldsOf<BoardSettings> = {
  order: ORDER,
  mode: MODE,
  scoreType: word('number', 'int64'),
  columns: LIST,
  keep: KEEP,
  log: word('all', 'changes', 'none'),
  windows: LIST,
}

export const COLUMN_FIELDS: FieldsOf<ScoreColumn> = { name: COLUMN, order: ORDER }

export const OPEN_FIELDS: FieldsOf<OpenOptions> = {
  readOnly: BOOLEAN,
  create: BOOLEAN,
  durability: word('strong', 'relaxed'),
  allowNetworkFileSystem: BOOLEAN,
  futureAllowanceMs: whole(),
  cacheBytes: whole(),
  clock: CALLBACK,
}

const NOTE_FIELDS = { reason: REASON, actor: ACTOR } as const

export const BAN_FIELDS: FieldsOf<BanOptions> = {
  board: BOARD_NAME,
  ...NOTE_FIELDS,
  until: TIME,
  submits: word('refuse', 'keep'),
  ...SEALED_FIELDS,
}

export const ERASE_FIELDS: FieldsOf<EraseOptions> = { backups: PLACE }
export const MOVE_FIELDS: FieldsOf<MoveOptions> = { ...NOTE_FIELDS, ...SEALED_FIELDS }
export const UNBAN_FIELDS: FieldsOf<UnbanOptions> = {
  board: BOARD_NAME,
  ...NOTE_FIELDS,
  ...SEALED_FIELDS,
}

export const UNDO_FIELDS: FieldsOf<UndoOptions> = {
  board: BOARD_NAME,
  playerId: PLAYER_ID,
  from: TIME,
  to: TIME,
  seqs: listOfWholes({ least: 1 }),
  ...NOTE_FIELDS,
  dryRun: BOOLEAN,
  expectedSeq: whole({ least: 1 }),
  ...SEALED_FIELDS,
}

export const SIGNAL_FIELDS: FieldsOf<Pick<WorkOptions, 'signal'>> = { signal: SIGNAL }
export const WORK_FIELDS: FieldsOf<WorkOptions> = { ...SIGNAL_FIELDS, onProgress: CALLBACK }
export const CHECK_FIELDS: FieldsOf<CheckOptions> = {
  ...WORK_FIELDS,
  history: BOOLEAN,
  onStage: CALLBACK,
}

export const DUMP_FIELDS: FieldsOf<DumpOptions> = {
  table: word(...TABLES),
  board: BOARD_NAME,
}

export const REBUILD_FIELDS: FieldsOf<RebuildOptions> = {
  ...WORK_FIELDS,
  from: word('entries', 'players', 'log'),
}

export const IMPORT_FIELDS: FieldsOf<ImportOptions> = {
  ...WORK_FIELDS,
  format: FORMAT,
  gzip: BOOLEAN,
  mode: MODE,
  skipBad: BOOLEAN,
  onBadRow: CALLBACK,
  atUnit: AT_UNIT,
  columns: OBJECT,
  ignoreExtra: BOOLEAN,
  delimiter: TEXT,
  scoreFormat: SCORE_FORMAT,
  decimalComma: BOOLEAN,
  futureAllowanceMs: whole(),
  rules: BOOLEAN,
  log: BOOLEAN,
}

export const EXPORT_FIELDS: FieldsOf<ExportOptions> = {
  ...WORK_FIELDS,
  format: FORMAT,
  gzip: BOOLEAN,
  top: whole({ least: 1 }),
  bom: BOOLEAN,
  force: BOOLEAN,
}

export const CHECK_STORE_FIELDS: FieldsOf<
  WorkOptions & { history?: boolean; allowNetworkFileSystem?: boolean }
> = {
  ...WORK_FIELDS,
  history: BOOLEAN,
  allowNetworkFileSystem: BOOLEAN,
}

/** Options of `compactStore`. */
export const COMPACT_FIELDS: FieldsOf<{ signal: unknown; allowNetworkFileSystem: unknown }> = {
  ...SIGNAL_FIELDS,
  allowNetworkFileSystem: BOOLEAN,
}

export const RESTORE_FIELDS: FieldsOf<RestoreOptions> = {
  ...SIGNAL_FIELDS,
  force: BOOLEAN,
  dryRun: BOOLEAN,
  until: TIME,
  seq: whole(),
  log: PATH,
}

export const RESTORE_BOARD_FIELDS: FieldsOf<RestoreBoardOptions> = {
  ...SIGNAL_FIELDS,
  force: BOOLEAN,
  dryRun: BOOLEAN,
  board: BOARD_NAME,
  as: BOARD_NAME,
  allowNetworkFileSystem: BOOLEAN,
}

export const ROTATE_FIELDS: FieldsOf<RotateOptions> = {
  ...SIGNAL_FIELDS,
  storeId: TEXT,
  rules: OBJECT,
  made: TEXT,
}

export const RULE_FIELDS: FieldsOf<KeepRules> = {
  keep: whole(),
  daily: whole(),
  weekly: whole(),
  monthly: whole(),
}

const WRITES = orNull(word('open', 'closed'))

/** What `alter` takes for a board. The board judges scores, and tiers as a whole. */
export const ALTER_FIELDS: FieldsOf<BoardAlteration> = {
  min: orNull(SCORE),
  max: orNull(SCORE),
  maxGain: orNull(OBJECT),
  perMinute: orNull(whole({ least: 1, most: PER_MINUTE_MAX })),
  players: orNull(word('known')),
  tiers: orNull(LIST),
  writes: WRITES,
  windows: WINDOWS,
}

export const GAIN_FIELDS: FieldsOf<MaxGain> = { by: SCORE, action: word('flag', 'refuse') }

export const TIER_FIELDS: FieldsOf<Tier> = {
  name: TIER_NAME,
  rank: whole({ least: 1 }),
  topPercent: PERCENT,
  score: SCORE,
}

/** What `alter` takes for the whole store. */
export const STORE_FIELDS: FieldsOf<StoreAlteration> = {
  retention: orNull(OBJECT),
  requests: orNull(OBJECT),
  names: orNull(word('unique', 'free')),
  writes: WRITES,
}

export const RETENTION_FIELDS: FieldsOf<Retention> = { days: DAYS, bytes: whole() }
export const REQUEST_FIELDS: FieldsOf<RequestRetention> = { days: DAYS, count: whole() }

export const PROFILE_FIELDS: FieldsOf<ProfileOptions> = {
  name: orNull(NAME),
  avatar: orNull(AVATAR),
  metadata: orNull(METADATA),
}

export const RESOLVE_FIELDS: FieldsOf<ResolveOptions> = {
  verdict: word('accepted', 'undone'),
  reason: REASON,
  actor: ACTOR,
}
