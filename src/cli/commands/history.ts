/**
 * `history`: the runs of a player on a board, newest first.
 *
 *     { records: [ … ], next }   records of the log
 *
 * @module
 */

import { parseCount, parseWhole } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { printRecords } from '../log-lines.ts'
import { printJson } from '../output.ts'
import { type CommonOptions, existingBoard, withStore } from '../with-store.ts'

export interface HistoryCommandOptions extends CommonOptions {
  player: string
  limit?: number
  before?: number
}

/** Declares `history`. */
export function historyCommand(cli: Cli): void {
  addCommand(cli, 'history', {
    summary: 'the runs of a player on the board, newest first',
    example: ['history ann', '--board default history ann --limit 5'],
  })
    .argument('<player>', 'id of the player')
    .option('--limit <n>', 'at most so many; default: 100', parseCount)
    .option('--before <seq>', 'those in front of this one', parseWhole)
    .addHelpText('after', '\nundo takes their seqs.')
    .action(runner(cli, runHistory, ['player']))
}

export async function runHistory(io: Io, options: HistoryCommandOptions): Promise<number> {
  const { board, player, limit, before } = options
  const page = await withStore({ ...options, access: 'read' }, (store) =>
    existingBoard(store, board).history(player, {
      ...(limit !== undefined && { limit }),
      ...(before !== undefined && { before }),
    }),
  )
  const { records, next } = page
  if (options.json) await printJson(io, { records, next })
  else await printRecords(io, records, options)
  return 0
}
