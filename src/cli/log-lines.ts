/**
 * Records of the log as they are shown: rows and lines for people, NDJSON for programs.
 *
 *     {"ladderdb":"log","format":1,"storeId":"…","lineageId":"…"|null}      in front of the records
 *     {"seq":1,"at":…,"kind":"create",…}
 *
 * The first line says whose records follow, so a file that is appended to may have more than one of them.
 * Integers of 64 bits are text.
 *
 * @module
 */

import type { Leaderboards, LogRecord, Score } from '../index.ts'
import type { Io } from './io.ts'
import { formatScore, formatTime, jsonLine, printTable } from './output.ts'
import { type ColorOptions, printable } from './text.ts'

const LOG_FORMAT = 1

const COLUMNS = [
  { title: 'seq', align: 'right' },
  { title: 'when' },
  { title: 'kind' },
  { title: 'board' },
  { title: 'player' },
  { title: 'submitted', align: 'right' },
  { title: 'score', align: 'right' },
  { title: 'rank', align: 'right' },
  { title: 'more' },
] as const

/** Prints records as a table. */
export async function printRecords(
  io: Io,
  records: readonly LogRecord[],
  options: ColorOptions,
): Promise<void> {
  await printTable(io, { columns: COLUMNS, rows: records.map(cellsOf) }, options)
}

/** Returns a record as one line for people. */
export function recordLine(record: LogRecord): string {
  return cellsOf(record)
    .filter((cell) => cell !== '')
    .join('  ')
}

/** Returns the line that says whose records follow. */
export function headLine(store: Leaderboards): string {
  const { storeId, lineageId } = store.stats()
  return jsonLine({ ladderdb: 'log', format: LOG_FORMAT, storeId, lineageId })
}

function cellsOf(record: LogRecord): string[] {
  const { seq, at, kind, board = '', playerId = '', submitted, score, rank } = record
  const shown = (of: Score | undefined): string => (of === undefined ? '' : formatScore(of))
  return [
    String(seq),
    formatTime(record.committedAt ?? at),
    kind,
    printable(board),
    printable(playerId),
    shown(submitted),
    shown(score),
    rank === undefined ? '' : `#${rank}`,
    moreOf(record),
  ]
}

function moreOf(record: LogRecord): string {
  const { undone, changed, flags = [], reason, hidden, seqs = [], revived = [] } = record
  return [
    ...(undone === undefined ? [] : [`undone by ${undone}`]),
    ...(changed === false ? ['changed nothing'] : []),
    ...(hidden === true ? ['hidden'] : []),
    ...flags,
    ...(seqs.length === 0 ? [] : [`took back ${seqs.length}`]),
    ...(revived.length === 0 ? [] : [`brought back ${revived.length}`]),
    ...(typeof reason === 'string' ? [printable(reason)] : []),
  ].join(', ')
}
