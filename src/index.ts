/**
 * The whole public surface.
 *
 * @example
 * const store = openLeaderboards(path)
 * const arena = store.board('arena', { order: 'descending', mode: 'best' })
 * const { rank, previousRank } = await arena.submit('alice', 1500, { name: 'Alice' })
 * arena.top(10)
 * arena.around('alice', { above: 4, below: 4 })
 * await store.close()
 *
 * @module
 */

export { ERROR_CODES, type ErrorCode, LadderError } from './ground/errors.ts'
export {
  checkStore,
  compactStore,
  listBackups,
  packBackup,
  restoreBackup,
  restoreBoard,
  rotateBackups,
  unpackBackup,
  verifyBackup,
} from './library/backups.ts'
export { BoardView } from './library/board-view.ts'
export { Leaderboard } from './library/leaderboard.ts'
export { Leaderboards } from './library/leaderboards.ts'
export { openLeaderboards } from './library/open.ts'
export { salvageStore } from './library/salvage.ts'
export type { Snapshot } from './library/snapshot.ts'
export type {
  AroundOptions,
  AtUnit,
  BackupInfo,
  BackupManifest,
  BackupReport,
  BadRow,
  Ban,
  BanAnswer,
  BannedSubmits,
  BanOptions,
  BetweenOptions,
  BoardEntry,
  BoardInfo,
  BoardSettings,
  BoundOptions,
  CheckOptions,
  CheckReport,
  CompactReport,
  DumpedPair,
  DumpOptions,
  Entry,
  ExportOptions,
  ExportReport,
  FileFormat,
  Finding,
  FindOptions,
  Gap,
  Goal,
  GoalOptions,
  Group,
  HistoryOptions,
  ImportOptions,
  ImportReport,
  KeepRules,
  LogKind,
  LogMode,
  LogOptions,
  LogPage,
  LogRecord,
  Metadata,
  Mode,
  Neighbour,
  OpenOptions,
  Order,
  Page,
  PageOptions,
  Passed,
  Progress,
  PushedOut,
  RankMode,
  RankOptions,
  RebuildOptions,
  RebuildReport,
  RestoreBoardOptions,
  RestoreBoardReport,
  RestoreOptions,
  RestoreReport,
  RotateOptions,
  SalvagedBoard,
  SalvageReport,
  Score,
  ScoreBound,
  ScoreCell,
  ScoreColumn,
  ScoreColumns,
  ScoreFormat,
  ScoreInput,
  ScoreOf,
  ScoreType,
  Standing,
  StoreStats,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  TreeStats,
  UnbanOptions,
  WatchChange,
  WatchOptions,
  WatchUpdate,
  WorkOptions,
} from './words/index.ts'
