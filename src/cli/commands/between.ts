/**
 * `between`: entries by score.
 *
 * @module
 */

import { parseBound } from '../../calls/index.ts'
import { parseWhole } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, printList, readList } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'
import { inSeason, inWindow } from '../window.ts'

export interface BetweenCommandOptions extends ListOptions {
  min: string
  max: string
  minExclusive?: boolean
  maxExclusive?: boolean
  offset: number
  limit: number
}

const LIMIT_DEFAULT = 100

/** Declares `between`. */
export function betweenCommand(cli: Cli): void {
  addCommand(cli, 'between', {
    summary: 'the entries with scores MIN to MAX',
    example: 'between 1000 Infinity',
  })
    // It lets -Infinity through, which commander takes for an option; the board refuses others.
    .allowUnknownOption()
    .argument('<min>', 'lowest score, or -Infinity')
    .argument('<max>', 'highest score, or Infinity')
    .option('--min-exclusive', 'leave out MIN itself')
    .option('--max-exclusive', 'leave out MAX itself')
    .option('--offset <n>', 'entries to leave out first', parseWhole, 0)
    .option('--limit <n>', 'most entries', parseWhole, LIMIT_DEFAULT)
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runBetween, ['min', 'max']))
}

export async function runBetween(io: Io, options: BetweenCommandOptions): Promise<number> {
  const { min, max, offset, limit, rankMode } = options
  const { minExclusive = false, maxExclusive = false } = options
  const bounds = { minExclusive, maxExclusive }
  const { count, ends, ...list } = await readList(options, (board) => {
    const ends = [parseBound(min, board, 'min'), parseBound(max, board, 'max')] as const
    const entries = board.between(...ends, { ...bounds, offset, limit, rankMode })
    return { entries, ends, count: board.countBetween(...ends, bounds) }
  })
  const found = `${formatNumber(count)} of ${formatNumber(list.total)}`
  const shown = list.entries.length < count ? `, ${formatNumber(list.entries.length)} shown` : ''
  const scores = ends.map(formatNumber).join(' to ')
  await printList(io, options, { list, title: `${found} score ${scores}${shown}` })
  return 0
}
