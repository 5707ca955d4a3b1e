/**
 * `top`: the first entries.
 *
 * @module
 */

import { type ListOptions, printList, readList } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'

export interface TopOptions extends ListOptions {
  n: number
}

export async function runTop(io: Io, options: TopOptions): Promise<number> {
  const { n, rankMode } = options
  const list = await readList(options, (board) => ({ entries: board.top(n, { rankMode }) }))
  const title = `top ${formatNumber(list.entries.length)} of ${formatNumber(list.total)}`
  await printList(io, options, { list, title })
  return 0
}
