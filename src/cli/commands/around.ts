/**
 * `around`: a player's neighbourhood.
 *
 * @module
 */

import { parseWhole } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, printList, readList } from '../entry-list.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'
import { printable } from '../text.ts'
import { inSeason, inWindow } from '../window.ts'

export interface AroundCommandOptions extends ListOptions {
  playerId: string
  above: number
  below: number
  fill?: boolean
}

const NEIGHBOURS_DEFAULT = 5

/** Declares `around`. */
export function aroundCommand(cli: Cli): void {
  addCommand(cli, 'around', {
    summary: "a player's neighbourhood",
    example: 'around alice --above 2 --below 2 --fill',
  })
    .argument('<player>', 'id of the player')
    .option('--above <n>', 'entries above', parseWhole, NEIGHBOURS_DEFAULT)
    .option('--below <n>', 'entries below', parseWhole, NEIGHBOURS_DEFAULT)
    .option('--fill', 'keep the number of rows at the ends of the board')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runAround, ['playerId']))
}

export async function runAround(io: Io, options: AroundCommandOptions): Promise<number> {
  const { playerId, above, below, fill = false, rankMode } = options
  const list = await readList(options, (board) => {
    return { entries: board.around(playerId, { above, below, fill, rankMode }) }
  })
  if (list.entries.length === 0) throw noPlayer(playerId, list)
  const title = `around ${printable(playerId)}, of ${formatNumber(list.total)}`
  await printList(io, options, { list, title, playerId })
  return 0
}
