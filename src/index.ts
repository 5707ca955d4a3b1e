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

export {
  checkStore,
  listBackups,
  packBackup,
  restoreBackup,
  rotateBackups,
  unpackBackup,
  verifyBackup,
} from './backups.ts'
export type {
  AroundOptions,
  BetweenOptions,
  BoardEntry,
  BoardInfo,
  BoardSettings,
  BoundOptions,
  Change,
  Entry,
  Gap,
  Goal,
  GoalOptions,
  Group,
  Metadata,
  Mode,
  Neighbour,
  Order,
  Page,
  PageOptions,
  Passed,
  RankMode,
  RankOptions,
  Score,
  ScoreBound,
  ScoreCell,
  ScoreColumn,
  ScoreColumns,
  ScoreInput,
  ScoreOf,
  ScoreType,
  Standing,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  WatchOptions,
  WatchUpdate,
} from './board-types.ts'
export { BoardView } from './board-view.ts'
export { ERROR_CODES, type ErrorCode, LadderError } from './errors.ts'
export { Leaderboard } from './leaderboard.ts'
export { Leaderboards } from './leaderboards.ts'
export { openLeaderboards } from './open.ts'
export type { Snapshot } from './snapshot.ts'
export { formatOf } from './transfer/rows.ts'
export type {
  BackupInfo,
  BackupManifest,
  BackupReport,
  CheckOptions,
  CheckReport,
  ExportOptions,
  ExportReport,
  Finding,
  ImportOptions,
  ImportReport,
  KeepRules,
  OpenOptions,
  Progress,
  RebuildOptions,
  RebuildReport,
  RestoreOptions,
  RestoreReport,
  StoreStats,
  TreeStats,
  WorkOptions,
} from './types.ts'
