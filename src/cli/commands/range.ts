/**
 * `range`: the entries at places FIRST to LAST.
 *
 * @module
 */

import { parsePlace } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, printList, readList } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'
import { inSeason, inWindow } from '../window.ts'

export interface RangeOptions extends ListOptions {
  first: number
  last: number
}

/** Declares `range`. */
export function rangeCommand(cli: Cli): void {
  addCommand(cli, 'range', {
    summary: 'the entries at places FIRST to LAST',
    example: 'range 101 200',
  })
    .argument('<first>', 'first place, from 1 on', parsePlace)
    .argument('<last>', 'last place, included', parsePlace)
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runRange, ['first', 'last']))
}

export async function runRange(io: Io, options: RangeOptions): Promise<number> {
  const { first, last, rankMode } = options
  if (last < first)
    throw new CliError(
      'USAGE',
      `Cannot list places ${first} to ${last}: the last comes before the first; say  range ${last} ${first}`,
    )
  const list = await readList(options, (board) => {
    return { entries: board.range(first, last, { rankMode }) }
  })
  const places = `places ${formatNumber(first)} to ${formatNumber(last)}`
  await printList(io, options, { list, title: `${places} of ${formatNumber(list.total)}` })
  return 0
}
