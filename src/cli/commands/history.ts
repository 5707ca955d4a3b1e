/**
 * `history`: the runs of a player on a board, newest first.
 *
 *     { records: [ … ], next }   records of the log
 *
 * @module
 */

import type { LogRecord } from '../../index.ts'
import { parseCount, parseWhole } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { ReadOptions } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { printRecords } from '../log-lines.ts'
import { printJson, printLine } from '../output.ts'
import { placeFields } from '../read-place.ts'
import { printable } from '../text.ts'
import { inSeason, inWindow, viewIn } from '../window.ts'
import { existingBoard, withStore } from '../with-store.ts'

export interface HistoryCommandOptions extends ReadOptions {
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
    .option('--limit <n>', 'at most this many; default: 100', parseCount)
    .option('--before <seq>', 'those in front of this one', parseWhole)
    .addOption(inWindow())
    .addOption(inSeason())
    .addHelpText('after', '\nundo takes their seqs.')
    .action(runner(cli, runHistory, ['player']))
}

// A run keeps the id that it was made with.
function movedTo(player: string): (record: LogRecord) => LogRecord {
  return (record) =>
    record.playerId === player ? record : { ...record, reason: `moved to ${player}` }
}

export async function runHistory(io: Io, options: HistoryCommandOptions): Promise<number> {
  const { board, player, limit, before } = options
  const { records, next, place } = await withStore({ ...options, access: 'read' }, (store) => {
    const { view, place } = viewIn(existingBoard(store, board), options)
    const page = view.history(player, {
      ...(limit !== undefined && { limit }),
      ...(before !== undefined && { before }),
    })
    return { ...page, place }
  })
  if (options.json) await printJson(io, { records, next, ...placeFields(place) })
  else if (records.length > 0) await printRecords(io, records.map(movedTo(player)), options)
  else await printLine(io, `no runs of ${printable(player)}; a move takes them to the new id`)
  return 0
}
