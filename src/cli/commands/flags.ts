/**
 * `flags`: runs that a rule took for review and that nobody has resolved yet.
 *
 *     { records: [ … ], next }   records of the log
 *
 * @module
 */

import type { LogRecord, Score } from '../../index.ts'
import { parseCount, parseWhole } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatScore, formatTime, printJson, printTable } from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, existingBoard, withStore } from '../with-store.ts'

export interface FlagsOptions extends CommonOptions {
  limit?: number
  after?: number
}

/** Declares `flags`. */
export function flagsCommand(cli: Cli): void {
  addCommand(cli, 'flags', {
    summary: 'list the runs that a rule took for review',
    example: ['flags', '--board default flags --limit 10'],
  })
    .option('--limit <n>', 'at most this many; default: 100', parseCount)
    .option('--after <seq>', 'those behind this one', parseWhole)
    .addHelpText(
      'after',
      '\nWith --board, those of that board alone. resolve takes one off the list.',
    )
    .action(runner(cli, runFlags))
}

export async function runFlags(io: Io, options: FlagsOptions): Promise<number> {
  const { board, isBoardNamed, limit, after } = options
  const asked = {
    flagged: true,
    ...(isBoardNamed && { board }),
    ...(limit !== undefined && { limit }),
    ...(after !== undefined && { after }),
  }
  const page = await withStore({ ...options, access: 'read' }, (store) => {
    if (isBoardNamed) existingBoard(store, board)
    return store.log(asked)
  })
  const { records, next } = page
  if (options.json) {
    await printJson(io, { records, next })
    return 0
  }
  const columns = [
    { title: 'seq', align: 'right' } as const,
    ...['when', 'board', 'player'].map((title) => ({ title })),
    ...['submitted', 'before', 'now'].map((title) => ({ title, align: 'right' }) as const),
    ...['mode', 'flags'].map((title) => ({ title })),
  ]
  await printTable(io, { columns, rows: records.map(rowOf) }, options)
  return 0
}

function rowOf(record: LogRecord): string[] {
  const { seq, at, board = '', playerId = '', submitted, previousScore, score, mode = '' } = record
  const shown = (of: Score | undefined): string => (of === undefined ? '' : formatScore(of))
  return [
    String(seq),
    formatTime(at),
    printable(board),
    printable(playerId),
    ...[submitted, previousScore, score].map(shown),
    mode,
    (record.flags ?? []).join(', '),
  ]
}
