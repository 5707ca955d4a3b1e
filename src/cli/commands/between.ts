/**
 * `between`: entries by score.
 *
 * @module
 */

import { type ListOptions, printList, readList } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'

export interface BetweenCommandOptions extends ListOptions {
  min: number
  max: number
  minExclusive?: boolean
  maxExclusive?: boolean
  offset: number
  limit: number
}

export async function runBetween(io: Io, options: BetweenCommandOptions): Promise<number> {
  const { min, max, offset, limit, rankMode } = options
  const { minExclusive = false, maxExclusive = false } = options
  const bounds = { minExclusive, maxExclusive }
  const { count, ...list } = await readList(options, (board) => {
    const entries = board.between(min, max, { ...bounds, offset, limit, rankMode })
    return { entries, count: board.countBetween(min, max, bounds) }
  })
  const found = `${formatNumber(count)} of ${formatNumber(list.total)}`
  const shown = list.entries.length < count ? `, ${formatNumber(list.entries.length)} shown` : ''
  const scores = `${formatNumber(min)} to ${formatNumber(max)}`
  await printList(io, options, { list, title: `${found} score ${scores}${shown}` })
  return 0
}
