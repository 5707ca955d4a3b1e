/**
 * The options of calls, and the fields of what calls take, each with its kind. Those of long work and of files
 * are in work-fields.ts, of what can be altered in rule-fields.ts, of windows in window-fields.ts.
 *
 * To add an option: add it to its type in `words`, then here or there; the compiler names the table that
 * lacks it. Checks, "did you mean", `exec` and the tests follow by themselves.
 *
 * @module
 */

import { FIND_MAX, LOG_LIMIT_MAX, PASSED_MAX, WATCH_MAX } from '../ground/limits.ts'
import type {
  AroundOptions,
  BanOptions,
  BetweenOptions,
  BoardSettings,
  BoundOptions,
  EraseOptions,
  FindOptions,
  FollowOptions,
  GoalOptions,
  HistoryOptions,
  LogOptions,
  MoveOptions,
  OpenOptions,
  PageOptions,
  RankOptions,
  ScoreColumn,
  Submission,
  SubmitManyOptions,
  SubmitOptions,
  UnbanOptions,
  UndoOptions,
  WatchOptions,
} from '../words/index.ts'
import {
  ACTOR,
  AT,
  BOARD_NAME,
  BOOLEAN,
  CALLBACK,
  COLUMN,
  CURSOR,
  EXPECTED,
  type FieldsOf,
  KEEP,
  type Kind,
  LIST,
  listOfWholes,
  listOfWords,
  METADATA,
  NAME,
  PERCENT,
  PLACE,
  PLAYER_ID,
  REASON,
  REQUEST_ID,
  SCORE,
  SEASON_IDS,
  SIGNAL,
  TIME,
  whole,
  word,
} from './kinds.ts'
import { SEALED_FIELDS } from './window-fields.ts'

// Timers of Node hold 31 bits.
const TIMER_MS_MAX = 2 ** 31 - 1

const ORDER = word('descending', 'ascending')
export const MODE: Kind = word('set', 'best', 'increment')
export const AT_UNIT: Kind = word('s', 'ms', 'us')

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
