/**
 * `finals`: what a player came to in each sealed season of a window, newest first.
 *
 *     { board, window, playerId, finals: [{ season, from, to, score, at, rank, size }] }
 *
 * @module
 */

import type { RankMode } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import type { Io } from '../io.ts'
import {
  formatNumber,
  formatScore,
  formatTime,
  printJson,
  printLine,
  printTable,
} from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface FinalsCommandOptions extends CommonOptions {
  playerId: string
  window: string
  limit?: number
  after?: string
  before?: string
  rankMode: RankMode
}

const COLUMNS = [
  { title: 'season' },
  { title: 'rank', align: 'right' },
  { title: 'of', align: 'right' },
  { title: 'score', align: 'right' },
  { title: 'when' },
] as const

/** Declares `finals`. */
export function finalsCommand(cli: Cli): void {
  addCommand(cli, 'finals', {
    summary: 'how a player ended in each season that is over',
    example: '--board default finals alice month',
  })
    .argument('<player>', 'id of the player')
    .argument('<window>', 'name of the window')
    .option('--limit <n>', 'at most this many; default: 50', parseCount)
    .option('--after <season>', 'those after this one, which are earlier')
    .option('--before <season>', 'those before this one, which are later')
    .addOption(rankMode())
    .action(runner(cli, runFinals, ['playerId', 'window']))
}

export async function runFinals(io: Io, options: FinalsCommandOptions): Promise<number> {
  const { board, playerId, window, rankMode, limit, after, before } = options
  const finals = await withAnyStore({ ...options, access: 'read' }, async (store) =>
    (await store.openBoard(board)).finals(playerId, window, {
      rankMode,
      ...(limit !== undefined && { limit }),
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    }),
  )
  if (options.json) await printJson(io, { board, window, playerId, finals })
  else if (finals.length === 0)
    await printLine(io, `${printable(playerId)} has no final standing in ${printable(window)}`)
  else {
    const rows = finals.map(({ season, rank, size, score, at }) => {
      const place = [formatNumber(rank), formatNumber(size)]
      return [printable(season), ...place, formatScore(score), formatTime(at)]
    })
    await printTable(io, { columns: COLUMNS, rows }, options)
  }
  return 0
}
