/**
 * `seasons`: the seasons of a window, newest first, those without an entry too.
 *
 *     { board, window, seasons: [{ season, from, to, sealed, size }] }
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatTime, printJson, printLine, printTable } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface SeasonsCommandOptions extends CommonOptions {
  window: string
  limit?: number
  after?: string
  before?: string
}

const COLUMNS = [
  { title: 'season' },
  { title: 'from' },
  { title: 'to' },
  { title: 'standing' },
  { title: 'entries', align: 'right' },
] as const

/** Declares `seasons`. */
export function seasonsCommand(cli: Cli): void {
  addCommand(cli, 'seasons', {
    summary: 'the seasons of a window, newest first',
    example: '--board default seasons month --limit 12',
  })
    .argument('<window>', 'name of the window')
    .option('--limit <n>', 'at most this many; default: 50', parseCount)
    .option('--after <season>', 'those after this one, which are earlier')
    .option('--before <season>', 'those before this one, which are later')
    .action(runner(cli, runSeasons, ['window']))
}

export async function runSeasons(io: Io, options: SeasonsCommandOptions): Promise<number> {
  const { board, window, limit, after, before } = options
  const seasons = await withAnyStore({ ...options, access: 'read' }, async (store) =>
    (await store.openBoard(board)).seasons(window, {
      ...(limit !== undefined && { limit }),
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    }),
  )
  if (options.json) await printJson(io, { board, window, seasons })
  else if (seasons.length === 0) await printLine(io, `no seasons of ${printable(window)}`)
  else {
    const rows = seasons.map(({ season, from, to, sealed, size }) => {
      const times = [formatTime(from), to === undefined ? '' : formatTime(to)]
      return [printable(season), ...times, sealed ? 'final' : 'open', formatNumber(size)]
    })
    await printTable(io, { columns: COLUMNS, rows }, options)
  }
  return 0
}
