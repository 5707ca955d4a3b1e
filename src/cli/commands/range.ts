/**
 * `range`: the entries at places FIRST to LAST.
 *
 * @module
 */

import { type ListOptions, printList, readList } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'

export interface RangeOptions extends ListOptions {
  first: number
  last: number
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
