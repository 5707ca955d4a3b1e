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
import {
  formatCount,
  formatNumber,
  formatScore,
  formatTime,
  jsonLine,
  printTable,
} from './output.ts'
import { inSeasons } from './sealed.ts'
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
  return [...ownOf(record), ...commonOf(record)].join(', ')
}

// What a kind has of its own.
function ownOf(record: LogRecord): string[] {
  const text = (field: string): string => printable(String(record[field]))
  const has = (field: string): boolean => record[field] !== undefined
  switch (record.kind) {
    case 'rename':
    case 'profile':
      return has('name') ? [`now ${text('name')}`] : []
    case 'move':
      return [`${has('from') ? text('from') : 'an erased player'} to ${text('to')}`]
    case 'import':
      return countsOf(record['rows'])
    case 'drop':
      return [formatCount(Number(record['size']), 'entry', 'entries')]
    case 'ban':
      return has('until') ? [`until ${formatTime(record['until'] as number)}`] : []
    case 'resolve':
      return [`${text('resolved')} ${text('verdict')}`]
    case 'alter':
      return [
        ...Object.keys((record['rules'] ?? record['settings'] ?? {}) as object),
        ...alteredWindows(record['windows']),
      ]
    case 'season-open':
    case 'season-close':
    case 'season-seal':
      return [`${text('window')} ${text('season')}`]
    case 'erase':
      return has('of') ? [`${text('of')}, erased by ${text('by')}`] : []
    default:
      return []
  }
}

function alteredWindows(windows: unknown): string[] {
  return Object.entries((windows ?? {}) as object).map(
    ([name, now]) => `window ${printable(name)}${now === null ? ' taken away' : ''}`,
  )
}

function countsOf(rows: unknown): string[] {
  const { imported, changed, skipped } = (rows ?? {}) as Partial<Record<string, number>>
  return [
    ...(imported === undefined ? [] : [formatCount(imported, 'row')]),
    ...(changed === undefined ? [] : [`${formatNumber(changed)} changed`]),
    ...(skipped ? [`${formatNumber(skipped)} skipped`] : []),
  ]
}

function commonOf(record: LogRecord): string[] {
  const { undone, changed, flags = [], reason, hidden, seqs = [], revived = [] } = record
  const { seasons } = record
  return [
    ...(undone === undefined ? [] : [`undone by ${undone}`]),
    ...(changed === false ? ['changed nothing'] : []),
    ...(hidden === true ? ['hidden'] : []),
    ...(Array.isArray(seasons) && seasons.length > 0 ? [inSeasons(seasons)] : []),
    ...flags,
    ...(seqs.length === 0 ? [] : [`took back ${seqs.length}`]),
    ...(revived.length === 0 ? [] : [`brought back ${revived.length}`]),
    ...(typeof reason === 'string' ? [printable(reason)] : []),
  ]
}
