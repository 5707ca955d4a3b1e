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
export { BoardView } from './board-view.ts'
export { ERROR_CODES, type ErrorCode, LadderError } from './errors.ts'
export { Leaderboard } from './leaderboard.ts'
export { Leaderboards, type Snapshot } from './leaderboards.ts'
export { openLeaderboards } from './open.ts'
export { formatOf } from './transfer/rows.ts'
export type {
  AroundOptions,
  BackupInfo,
  BackupManifest,
  BackupReport,
  BetweenOptions,
  BoardInfo,
  BoardSettings,
  BoundOptions,
  CheckOptions,
  CheckReport,
  Entry,
  ExportOptions,
  ExportReport,
  Finding,
  ImportOptions,
  ImportReport,
  KeepRules,
  Mode,
  OpenOptions,
  Order,
  Progress,
  RankMode,
  RankOptions,
  RebuildOptions,
  RebuildReport,
  RestoreOptions,
  RestoreReport,
  Standing,
  StoreStats,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  TreeStats,
  WorkOptions,
} from './types.ts'
