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
  BoardAlteration,
  BoardEntry,
  BoardInfo,
  BoardRules,
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
  GainAction,
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
  MaxGain,
  Metadata,
  Mode,
  Neighbour,
  NextTier,
  OpenOptions,
  Order,
  Page,
  PageOptions,
  Passed,
  Profile,
  ProfileOptions,
  Progress,
  PushedOut,
  RankMode,
  RankOptions,
  RebuildOptions,
  RebuildReport,
  RequestRetention,
  ResolveOptions,
  RestoreBoardOptions,
  RestoreBoardReport,
  RestoreOptions,
  RestoreReport,
  Retention,
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
  StoreAlteration,
  StoreSettings,
  StoreStats,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  Tier,
  TreeStats,
  UnbanOptions,
  Verdict,
  WatchChange,
  WatchOptions,
  WatchUpdate,
  WorkOptions,
  Writes,
} from './words/index.ts'
