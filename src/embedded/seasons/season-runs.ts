/**
 * The runs of a player that a season took, newest first.
 *
 * A run tells which seasons it went to, and is in the chain of the player's runs on the board: there is no
 * chain for each season. So a page passes by the runs of other seasons; it looks at a bounded number of them
 * and leads on. Of a window that was filled from the log, the runs from before it are told by their times.
 *
 * @module
 */

import type { RunRecord } from '../../format/run-record.ts'
import { LOG_SCAN_MAX } from '../../ground/limits.ts'
import type { HistoryOptions, LogPage, LogRecord } from '../../words/index.ts'
import { RecordReader } from '../log/records.ts'
import { runsOf } from '../log/runs.ts'
import type { WindowSeason } from './season-at.ts'
import type { SeasonSource } from './season-source.ts'
import type { BoardWindow } from './windows.ts'

const LIMIT_DEFAULT = 100

/** Returns a page of them. Cost: O(log n) for each run of the player on the board that it passes. */
export function readSeasonRuns(
  source: SeasonSource,
  asked: HistoryOptions & { playerId: string },
): LogPage {
  const { before, playerId, limit = LIMIT_DEFAULT } = asked
  const { from, season, window } = source.look()
  const { reader, board } = from
  if (season === undefined) return { records: [], next: undefined, previous: undefined }
  const records = new RecordReader(reader)
  const answer: LogRecord[] = []
  let looked = 0
  let last: number | undefined
  let isCut = false
  for (const { seq, run } of runsOf(reader, { board, playerId }, before)) {
    isCut = answer.length === limit || looked === LOG_SCAN_MAX
    if (isCut) break
    looked++
    last = seq
    const record = records.runRecord(seq, run)
    if (isTaken(record, run, { window, season })) answer.push(record)
  }
  return { records: answer, next: isCut ? last : undefined, previous: answer[0]?.seq }
}

function isTaken(
  { seq, windows }: LogRecord,
  run: RunRecord,
  { window, season }: { window: BoardWindow; season: WindowSeason },
): boolean {
  const done = windows?.[window.spec.name]
  const { sinceSeq, filledFromSeq = Number.POSITIVE_INFINITY } = window
  // What was there before is about another window of the name.
  if (seq > sinceSeq) return done?.season === season.id && done.sealed !== true
  const { fromMicros, toMicros = Number.POSITIVE_INFINITY } = season
  if (seq < filledFromSeq) return false
  return run.atMicros >= fromMicros && run.atMicros < toMicros
}
