/**
 * The options of long work and of work on files: checks, imports, exports, backups and what comes of them.
 *
 * @module
 */

import { TABLES } from '../format/tables.ts'
import type {
  CheckOptions,
  DumpOptions,
  ExportOptions,
  ImportOptions,
  KeepRules,
  RebuildOptions,
  RestoreBoardOptions,
  RestoreOptions,
  RotateOptions,
  WorkOptions,
} from '../words/index.ts'
import { AT_UNIT, MODE } from './fields.ts'
import {
  BOARD_NAME,
  BOOLEAN,
  CALLBACK,
  type FieldsOf,
  OBJECT,
  PATH,
  SCORE_FORMAT,
  SIGNAL,
  TEXT,
  TIME,
  whole,
  word,
} from './kinds.ts'

const FORMAT = word('csv', 'ndjson', 'json')

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
  resume: BOOLEAN,
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
