/**
 * `start-season`: begins a season of a manual window, and ends the one that is on.
 *
 *     { board, window, season, from }
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatTime, printJson, printLine } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface StartSeasonOptions extends CommonOptions {
  window: string
  id: string
}

/** Declares `start-season`. */
export function startSeasonCommand(cli: Cli): void {
  addCommand(cli, 'start-season', {
    summary: 'begin a season by hand; the one that is on ends',
    example: '--board default start-season cup spring-2026',
  })
    .argument('<window>', 'name of the window')
    .argument('<id>', 'id of the season, not used before in this window')
    .action(runner(cli, runStartSeason, ['window', 'id']))
}

export async function runStartSeason(io: Io, options: StartSeasonOptions): Promise<number> {
  const { board, window, id } = options
  const { season, from } = await withAnyStore({ ...options, access: 'write' }, async (store) =>
    (await store.openBoard(board)).startSeason(window, id),
  )
  if (options.json) await printJson(io, { board, window, season, from })
  else
    await printLine(
      io,
      `${printable(board)}: season ${printable(season)} of ${printable(window)} began ${formatTime(from)}`,
    )
  return 0
}
