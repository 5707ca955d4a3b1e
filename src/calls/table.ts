/**
 * Every public call, once: whose it is, what it takes, whether it asks or changes, and what it does.
 *
 * Checks of options, `exec` and the tests of documentation and of arguments come from this table. To
 * add a call, write its method, then its line here. The order is that in which lists show calls.
 *
 * @module
 */

import * as fields from './fields.ts'
import {
  BOARD_NAME,
  BOARD_OR_SETTINGS,
  BOUND,
  CALLBACK,
  type CallFields,
  COUNT,
  LIST,
  NAME,
  PATH,
  PATH_OR_SOURCE,
  PATH_OR_TARGET,
  PLAYER_ID,
  PLAYER_IDS,
  ROW_SOURCE,
  SCORE,
  SEASON_ID,
  SOURCE,
  TARGET,
  WINDOW_NAME,
  whole,
} from './kinds.ts'
import * as ruleFields from './rule-fields.ts'
import { FINALS_FIELDS, SEALED_FIELDS, SEASONS_FIELDS } from './window-fields.ts'
import * as workFields from './work-fields.ts'

/** One public call. */
export interface Call {
  /** Whose it is: a method of a board or of a store, or a function of the module. */
  readonly owner: 'board' | 'store' | 'module'
  /** `question` reads at once, `change` alters a store, `work` takes long or concerns files. */
  readonly kind: 'question' | 'change' | 'work'
  /** Arguments in front of the options, in their order. */
  readonly arguments: CallFields
  /** Undefined: the call takes no options. */
  readonly options: CallFields | undefined
  /** Options of the same call without its board: of the whole store. */
  readonly whole?: CallFields
  /** Arguments that may be left out, and options that may not. */
  readonly optional?: readonly string[]
  readonly required?: readonly string[]
  /** A property that is read, not a method that is called. */
  readonly isProperty?: true
  /** Whether JSON can ask it: `exec` does. */
  readonly isRemote: boolean
  /** What it does, in one sentence. */
  readonly does: string
}

/** The names of all calls. The compiler holds them against the table. */
export type CallName =
  | 'get'
  | 'rank'
  | 'ranks'
  | 'standing'
  | 'standingOf'
  | 'top'
  | 'range'
  | 'entryAt'
  | 'around'
  | 'between'
  | 'countBetween'
  | 'page'
  | 'among'
  | 'gap'
  | 'scoreAt'
  | 'scoreFor'
  | 'find'
  | 'size'
  | 'info'
  | 'history'
  | 'rules'
  | 'windows'
  | 'window'
  | 'seasons'
  | 'finals'
  | 'entries'
  | 'watch'
  | 'submit'
  | 'submitMany'
  | 'remove'
  | 'take'
  | 'startSeason'
  | 'importFrom'
  | 'exportTo'
  | 'boards'
  | 'hasBoard'
  | 'boardsOf'
  | 'bans'
  | 'sequence'
  | 'metrics'
  | 'log'
  | 'follow'
  | 'settings'
  | 'profile'
  | 'stats'
  | 'dump'
  | 'snapshot'
  | 'board'
  | 'openBoard'
  | 'createBoard'
  | 'dropBoard'
  | 'rename'
  | 'removePlayer'
  | 'takePlayer'
  | 'ban'
  | 'unban'
  | 'movePlayer'
  | 'undo'
  | 'erase'
  | 'alter'
  | 'setProfile'
  | 'resolve'
  | 'check'
  | 'rebuild'
  | 'backup'
  | 'close'
  | 'openLeaderboards'
  | 'checkStore'
  | 'salvageStore'
  | 'compactStore'
  | 'verifyBackup'
  | 'restoreBackup'
  | 'restoreBoard'
  | 'listBackups'
  | 'rotateBackups'
  | 'packBackup'
  | 'unpackBackup'

const { RANK_FIELDS } = fields
const PLAYER = { playerId: PLAYER_ID }
const PLAYERS = { playerIds: PLAYER_IDS }
const WINDOW = { window: WINDOW_NAME }

/** All calls, by their names. */
export const CALLS: Readonly<Record<CallName, Call>> = {
  // Questions to a board.
  get: ask('the entry of a player with its rank', PLAYER, RANK_FIELDS),
  rank: ask('the rank of a player', PLAYER, RANK_FIELDS),
  ranks: ask('the ranks of many players, in the order asked', PLAYERS, RANK_FIELDS),
  standing: ask('the three ranks of a player and how many are better, equal and worse', PLAYER),
  standingOf: ask('the standing that a newcomer with a score would have', { score: SCORE }),
  top: { ...ask('the first n entries', { n: COUNT }, RANK_FIELDS), optional: ['n'] },
  range: ask('places first to last', { first: whole({ least: 1 }), last: whole() }, RANK_FIELDS),
  entryAt: ask('the entry at a place', { place: whole({ least: 1 }) }, RANK_FIELDS),
  around: ask('a player with the entries above and below', PLAYER, fields.AROUND_FIELDS),
  between: {
    ...ask('the entries with scores in a range', { min: BOUND, max: BOUND }, fields.BETWEEN_FIELDS),
    optional: ['min', 'max'],
  },
  countBetween: {
    ...ask('how many scores lie in a range', { min: BOUND, max: BOUND }, fields.BOUND_FIELDS),
    optional: ['min', 'max'],
  },
  page: ask('a page of entries, by cursors', {}, fields.PAGE_FIELDS),
  among: ask('the given players in board order, and who is missing', PLAYERS, RANK_FIELDS),
  gap: ask('how far the neighbours of a player are away', PLAYER, RANK_FIELDS),
  scoreAt: ask('the score that holds a rank', { rank: whole({ least: 1 }) }, RANK_FIELDS),
  scoreFor: ask('the score that a rank or a percentage takes', {}, fields.GOAL_FIELDS),
  find: ask('the players whose names begin with a text', { name: NAME }, fields.FIND_FIELDS),
  size: { ...ask('the number of entries', {}), isProperty: true },
  info: { ...ask('the settings and the size of the board', {}), isProperty: true, isRemote: false },
  history: ask('the runs of a player, newest first', PLAYER, fields.HISTORY_FIELDS),
  rules: ask('the rules of the board', {}),
  windows: ask('the windows of the board and what is on in each', {}),
  window: {
    ...ask('a season of a window, as a board to read', { ...WINDOW, season: SEASON_ID }),
    optional: ['season'],
    isRemote: false,
  },
  seasons: ask('the seasons of a window, newest first', WINDOW, SEASONS_FIELDS),
  finals: ask(
    'how a player ended in the seasons of a window, newest first',
    { ...PLAYER, ...WINDOW },
    FINALS_FIELDS,
  ),
  entries: { ...ask('all entries, one after the other', {}, RANK_FIELDS), isRemote: false },
  watch: { ...ask('what changes, as it changes', {}, fields.WATCH_FIELDS), isRemote: false },
  // Changes to a board.
  submit: change('submits a score', { ...PLAYER, score: SCORE }, fields.SUBMIT_FIELDS),
  submitMany: change(
    'submits many scores, all or nothing',
    { submissions: LIST },
    fields.SUBMIT_MANY_FIELDS,
  ),
  remove: change('takes a player off the board', PLAYER, SEALED_FIELDS),
  take: change('takes a player off the board and answers the entry', PLAYER, SEALED_FIELDS),
  startSeason: change('begins a season of a manual window', { ...WINDOW, season: SEASON_ID }),
  importFrom: {
    ...work(
      'board',
      'imports the rows of a file',
      { source: ROW_SOURCE },
      workFields.IMPORT_FIELDS,
    ),
    required: ['format'],
  },
  exportTo: {
    ...work('board', 'exports all entries', { target: PATH_OR_TARGET }, workFields.EXPORT_FIELDS),
    required: ['format'],
  },
  // Questions to a store.
  boards: { ...ask('all boards', {}), owner: 'store' },
  hasBoard: { ...ask('whether a board exists', { name: BOARD_NAME }), owner: 'store' },
  boardsOf: {
    ...ask('the entries of a player on all boards', PLAYER, RANK_FIELDS),
    owner: 'store',
  },
  bans: { ...ask('who is banned', {}), owner: 'store' },
  sequence: {
    ...ask('the number of the last commit', {}),
    owner: 'store',
    isProperty: true,
  },
  metrics: { ...ask('how often and how fast calls are made', {}), owner: 'store' },
  log: {
    ...ask('the changes of the store, in their order', {}, fields.LOG_FIELDS),
    owner: 'store',
  },
  follow: {
    ...ask('the changes of the store, as they come', {}, fields.FOLLOW_FIELDS),
    owner: 'store',
    isRemote: false,
  },
  settings: { ...ask('the settings of the store', {}), owner: 'store' },
  profile: { ...ask('the profile of a player', PLAYER), owner: 'store' },
  stats: { ...ask('sizes and shape of the store', {}), owner: 'store' },
  dump: {
    ...ask('every key and value that is stored', {}, workFields.DUMP_FIELDS),
    owner: 'store',
    isRemote: false,
  },
  snapshot: {
    ...ask('several reads at one instant', { read: CALLBACK }),
    owner: 'store',
    isRemote: false,
  },
  board: {
    ...ask('a board, which its first change makes', { name: BOARD_NAME }, fields.SETTINGS_FIELDS),
    owner: 'store',
    isRemote: false,
  },
  openBoard: {
    ...ask('a board that exists', { name: BOARD_NAME }, fields.SETTINGS_FIELDS),
    owner: 'store',
    isRemote: false,
  },
  // Changes to a store.
  createBoard: {
    ...change('makes a board', { name: BOARD_NAME }, fields.SETTINGS_FIELDS),
    owner: 'store',
  },
  dropBoard: {
    ...change('drops a board with all its entries', { name: BOARD_NAME }, workFields.WORK_FIELDS),
    owner: 'store',
  },
  rename: {
    ...change('gives a player a name on every board', { ...PLAYER, name: NAME }, SEALED_FIELDS),
    owner: 'store',
  },
  removePlayer: {
    ...change('takes a player off every board', PLAYER, SEALED_FIELDS),
    owner: 'store',
  },
  takePlayer: {
    ...change('takes a player off every board and answers the entries', PLAYER, SEALED_FIELDS),
    owner: 'store',
  },
  ban: { ...change('takes a player out of sight', PLAYER, fields.BAN_FIELDS), owner: 'store' },
  movePlayer: {
    ...change(
      "gives a player's entries and history to another id",
      { from: PLAYER_ID, to: PLAYER_ID },
      fields.MOVE_FIELDS,
    ),
    owner: 'store',
  },
  undo: { ...change('takes runs back', {}, fields.UNDO_FIELDS), owner: 'store' },
  erase: {
    ...change('takes a person out of the store for good', PLAYER, fields.ERASE_FIELDS),
    owner: 'store',
  },
  unban: { ...change('lifts the bans of a player', PLAYER, fields.UNBAN_FIELDS), owner: 'store' },
  alter: {
    ...change(
      'alters the rules and windows of a board, or the settings of the store',
      { board: BOARD_OR_SETTINGS },
      ruleFields.ALTER_FIELDS,
    ),
    owner: 'store',
    whole: ruleFields.STORE_FIELDS,
  },
  setProfile: {
    ...change('sets what is known of a player', PLAYER, ruleFields.PROFILE_FIELDS),
    owner: 'store',
  },
  resolve: {
    ...change(
      'resolves the flag of a run',
      { seq: whole({ least: 1 }) },
      ruleFields.RESOLVE_FIELDS,
    ),
    owner: 'store',
    required: ['verdict'],
  },
  // Work on a store.
  check: {
    ...work('store', 'walks everything, reports findings', {}, workFields.CHECK_FIELDS),
    isRemote: true,
  },
  rebuild: {
    ...work('store', 'rebuilds boards', { board: BOARD_NAME }, workFields.REBUILD_FIELDS),
    optional: ['board'],
    isRemote: true,
  },
  backup: work('store', 'backs up the store', { target: PATH_OR_TARGET }, workFields.SIGNAL_FIELDS),
  close: work('store', 'waits for writes and closes', {}),
  // Functions of the module.
  openLeaderboards: work('module', 'opens a store', { path: PATH }, fields.OPEN_FIELDS),
  checkStore: work(
    'module',
    'checks a store apart',
    { directory: PATH },
    workFields.CHECK_STORE_FIELDS,
  ),
  salvageStore: work(
    'module',
    'saves what a damaged store has left',
    { source: PATH, target: PATH },
    workFields.WORK_FIELDS,
  ),
  compactStore: work(
    'module',
    'makes the file of a store small',
    { directory: PATH },
    workFields.COMPACT_FIELDS,
  ),
  verifyBackup: work(
    'module',
    'verifies a backup',
    { source: PATH_OR_SOURCE },
    workFields.SIGNAL_FIELDS,
  ),
  restoreBackup: work(
    'module',
    'makes a backup a store',
    { source: PATH_OR_SOURCE, target: PATH },
    workFields.RESTORE_FIELDS,
  ),
  restoreBoard: {
    ...work(
      'module',
      'makes a board of a backup one of a store',
      { source: PATH_OR_SOURCE, target: PATH },
      workFields.RESTORE_BOARD_FIELDS,
    ),
    required: ['board'],
  },
  listBackups: work('module', 'lists backups', { directory: PATH }),
  rotateBackups: {
    ...work('module', 'removes old backups', { directory: PATH }, workFields.ROTATE_FIELDS),
    required: ['storeId', 'rules'],
  },
  packBackup: work(
    'module',
    'writes a backup to a stream',
    { directory: PATH, target: TARGET },
    workFields.SIGNAL_FIELDS,
  ),
  unpackBackup: work(
    'module',
    'makes a directory of a stream',
    { source: SOURCE, directory: PATH },
    workFields.SIGNAL_FIELDS,
  ),
}

function ask(does: string, args: CallFields, options?: CallFields): Call {
  return { owner: 'board', kind: 'question', arguments: args, options, isRemote: true, does }
}

function change(does: string, args: CallFields, options?: CallFields): Call {
  return { owner: 'board', kind: 'change', arguments: args, options, isRemote: true, does }
}

function work(owner: Call['owner'], does: string, args: CallFields, options?: CallFields): Call {
  return { owner, kind: 'work', arguments: args, options, isRemote: false, does }
}
