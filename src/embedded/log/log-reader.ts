/**
 * Questions to the log: the records of a store in their order, and a player's runs.
 *
 * Seqs are consecutive, so places are found by number; times never fall, so they are found by halving.
 * Other filters look at one record after the other: a page looks at a limited number and leads on.
 *
 * @module
 */

import { readCounters } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import { logEndOf } from '../../format/meta/counters.ts'
import { committedMicrosOf, decodeRun } from '../../format/run-record.ts'
import { toMicros } from '../../format/time.ts'
import { LOG_SCAN_MAX } from '../../ground/limits.ts'
import type { Pair, Reader } from '../../store/store.ts'
import type { HistoryOptions, LogOptions, LogPage, LogRecord } from '../../words/index.ts'
import { flaggedPairs } from '../moderation/flags.ts'
import { damagedLog, RecordReader } from './records.ts'
import { type PlayerOnBoard, runsOf } from './runs.ts'

const LIMIT_DEFAULT = 100

/** The seqs of the oldest and the newest record that there are; `first` is above `last` if there are none. */
export interface LogSpan {
  first: number
  last: number
}

/** Returns which records there are. */
export function logSpan(reader: Reader<Table>): LogSpan {
  const last = logEndOf(readCounters(reader)).seq
  for (const key of reader.keys('log', { limit: 1 })) return { first: seqOf(key) ?? 1, last }
  return { first: last + 1, last }
}

/** Returns a page of the log. Cost: O(log n + answer), with filters O(log n + records looked at). */
export function readLog(reader: Reader<Table>, options: LogOptions): LogPage {
  const { after, before, limit = LIMIT_DEFAULT } = options
  const isNewestFirst = before !== undefined && after === undefined
  const { first, end } = spanOf(reader, options)
  const takes = filterOf(reader, options)
  const records = new RecordReader(reader)
  const answer: LogRecord[] = []
  let looked = 0
  let last: number | undefined
  let isCut = false
  if (first < end)
    for (const { key, value } of pairsIn(reader, options, { first, end, reverse: isNewestFirst })) {
      isCut = answer.length === limit || looked === LOG_SCAN_MAX
      if (isCut) break
      const seq = seqOf(key)
      if (seq === undefined) continue
      looked++
      last = seq
      if (takes(seq, { key, value })) answer.push(records.read(seq, { key, value }))
    }
  return { records: answer, next: isCut ? last : undefined, previous: answer[0]?.seq }
}

// Runs to be reviewed are found by their own index.
function pairsIn(
  reader: Reader<Table>,
  { flagged = false }: LogOptions,
  range: { first: number; end: number; reverse: boolean },
): Iterable<Pair> {
  if (flagged) return flaggedPairs(reader, range)
  const { first, end, reverse } = range
  const limit = LOG_SCAN_MAX + 1
  return reader.pairs('log', { start: logKey(first), end: logKey(end), reverse, limit })
}

/** Returns a page of a player's runs on a board, newest first. Cost: O(log n + answer). */
export function readRuns(reader: Reader<Table>, options: HistoryOptions & PlayerOnBoard): LogPage {
  const { limit = LIMIT_DEFAULT, before } = options
  const records = new RecordReader(reader)
  const answer: LogRecord[] = []
  let isEnd = true
  for (const { seq, run } of runsOf(reader, options, before)) {
    isEnd = answer.length < limit
    if (!isEnd) break
    answer.push(records.runRecord(seq, run))
  }
  return { records: answer, next: isEnd ? undefined : answer.at(-1)?.seq, previous: answer[0]?.seq }
}

function spanOf(reader: Reader<Table>, options: LogOptions): { first: number; end: number } {
  const { after, before, from, to } = options
  const span = logSpan(reader)
  let first = Math.max(span.first, (after ?? 0) + 1)
  let end = Math.min(span.last + 1, before ?? Number.MAX_SAFE_INTEGER)
  if (from !== undefined) first = Math.max(first, firstSince(reader, span, toMicros(from)))
  if (to !== undefined) end = Math.min(end, firstSince(reader, span, toMicros(to)))
  return { first, end }
}

/** Returns the seq of the first record that was committed at a time or later; behind the last, one more. */
export function firstSince(reader: Reader<Table>, span: LogSpan, micros: number): number {
  let low = span.first
  let high = span.last + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const { seq, value } = recordFrom(reader, middle)
    if (committedMicrosOf(value) >= micros) high = middle
    else low = seq + 1
  }
  return low
}

// A restore leaves seqs out: what comes behind them stands for them too.
function recordFrom(reader: Reader<Table>, seq: number): { seq: number; value: Buffer } {
  const value = reader.get('log', logKey(seq))
  if (value !== undefined) return { seq, value }
  for (const pair of reader.pairs('log', { start: logKey(seq), limit: 1 }))
    return { seq: seqOf(pair.key) ?? seq, value: pair.value }
  throw damagedLog(seq)
}

/** Whether a record is asked for. */
export type Takes = (seq: number, pair: { key: Buffer; value: Buffer }) => boolean

/**
 * Returns what tells whether a record is asked for. Kinds are told by one byte, boards and players of runs by
 * a few more; notes name theirs in words.
 */
export function filterOf(
  reader: Reader<Table>,
  options: Pick<LogOptions, 'board' | 'playerId' | 'kinds'>,
): Takes {
  const { board, playerId, kinds } = options
  const isKind = kinds === undefined ? undefined : new Set(kinds)
  const ids = board === undefined ? undefined : new RecordReader(reader).boards.idsOf(board)
  const needsRecord = ids !== undefined || playerId !== undefined
  return (seq, { key, value }) => {
    const kind = logKindOf(value)
    if (kind === undefined) throw damagedLog(seq)
    if (isKind !== undefined && !isKind.has(kind)) return false
    if (!needsRecord) return true
    if (kind === 'submit') {
      const run = decodeRun(key, value)
      if (run === undefined) throw damagedLog(seq)
      const isBoard = ids === undefined || ids.has(run.boardId)
      return isBoard && (playerId === undefined || run.playerId === playerId)
    }
    const note = decodeNote(key, value)
    if (note === undefined) throw damagedLog(seq)
    return isAbout(note.fields, options)
  }
}

// A note about several boards or players lists them.
function isAbout(
  fields: Readonly<Record<string, unknown>>,
  options: Pick<LogOptions, 'board' | 'playerId'>,
): boolean {
  const { board, playerId } = options
  const isBoard =
    board === undefined || fields['board'] === board || lists(fields['boards'], 'board', board)
  const isPlayer =
    playerId === undefined ||
    fields['playerId'] === playerId ||
    fields['from'] === playerId ||
    fields['to'] === playerId ||
    lists(fields['changes'], 'playerId', playerId)
  return isBoard && isPlayer
}

function lists(value: unknown, field: string, name: string): boolean {
  if (!Array.isArray(value)) return false
  return value.some((item: unknown) => {
    return item === name || (item as Record<string, unknown> | null)?.[field] === name
  })
}
