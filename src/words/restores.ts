/**
 * The words for restores: of a whole store, up to a point in time, and of one board.
 *
 * @module
 */

import type { BackupManifest } from './reports.ts'

/** Options of `restoreBackup`. */
export interface RestoreOptions {
  /** Replace a store that is there; its data file stays aside. */
  force?: boolean | undefined
  /** Verify everything, change nothing. */
  dryRun?: boolean | undefined
  /**
   * Go on with the changes of a log that were committed before this time; milliseconds since 1970 UTC. With
   * `until` or `seq` the result is what the store was then, its log included.
   */
  until?: number | undefined
  /** Go on with the changes of a log up to this one. */
  seq?: number | undefined
  /**
   * Where the log is: the directory of a store, damaged or not, its data file, or a file that `ladderdb log --follow --json`
   * wrote. Default: the store that is replaced.
   */
  log?: string | URL | undefined
  signal?: AbortSignal | undefined
}

/** How far a restore went on with a log. */
export interface RestoredPoint {
  /** The last record of the log that the store has. */
  seq: number
  /** When it was committed, milliseconds since 1970 UTC; undefined if the store has no record. */
  at: number | undefined
  /** How many records the backup lacked and were made again. */
  records: number
  /** Whether the point asked for lay inside a change: the store is as it was before that change. */
  insideChange?: true
  /** Whether the last line of the file was cut off: the log ends in front of it. */
  torn?: true
  /** What could not be read of a damaged store: its log was followed as far as it goes. */
  damaged?: string[]
  /** Boards without a log, which stay as the backup has them, and the record from which on nothing is known. */
  partial?: { board: string; from: number }[]
}

/** Options of `restoreBoard`. */
export interface RestoreBoardOptions {
  /** Name of the board in the backup. */
  board: string
  /** Name that it gets. Default: the same. */
  as?: string | undefined
  /** Replace a board of that name that has entries. */
  force?: boolean | undefined
  /** Verify everything, change nothing. */
  dryRun?: boolean | undefined
  allowNetworkFileSystem?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** The answer of `restoreBoard`. */
export interface RestoreBoardReport {
  /** Directory of the store. */
  path: string
  /** Directory of the backup; `-` if it came in a stream. */
  source: string
  manifest: BackupManifest
  board: string
  as: string
  /** Entries of the restored board. */
  entries: number
  /** Its seasons that have entries; only of a board that has some. */
  seasons?: number
  /** Entries of the board that it replaced; undefined if there was none. */
  replaced: number | undefined
  dryRun: boolean
  ms: number
}

/** The answer of `restoreBackup`. */
export interface RestoreReport {
  /** Directory of the restored store. */
  path: string
  /** Directory of the backup; `-` if it came in a stream. */
  source: string
  manifest: BackupManifest
  dryRun: boolean
  /** Where the old data file stays; undefined if there was none. */
  previous: string | undefined
  /** Only with `until` or `seq`. */
  point?: RestoredPoint
  ms: number
}
