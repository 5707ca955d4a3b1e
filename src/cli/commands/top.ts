/**
 * `top`: the first entries.
 *
 * @module
 */

import { parseWhole } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, printList, readList } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'
import { inSeason, inWindow } from '../window.ts'

export interface TopOptions extends ListOptions {
  n: number
}

const COUNT_DEFAULT = 10

/** Declares `top`. */
export function topCommand(cli: Cli): void {
  addCommand(cli, 'top', { summary: 'the first entries', example: 'top 20 --rank-mode dense' })
    .argument('[n]', 'how many', parseWhole, COUNT_DEFAULT)
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runTop, ['n']))
}

export async function runTop(io: Io, options: TopOptions): Promise<number> {
  const { n, rankMode } = options
  const list = await readList(options, (board) => ({ entries: board.top(n, { rankMode }) }))
  const title = `top ${formatNumber(list.entries.length)} of ${formatNumber(list.total)}`
  await printList(io, options, { list, title })
  return 0
}
