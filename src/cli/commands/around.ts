/**
 * `around`: a player's neighbourhood.
 *
 * @module
 */

import { type ListOptions, printList, readList } from '../entry-list.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, printable } from '../output.ts'

export interface AroundCommandOptions extends ListOptions {
  playerId: string
  above: number
  below: number
  fill?: boolean
}

export async function runAround(io: Io, options: AroundCommandOptions): Promise<number> {
  const { playerId, above, below, fill = false, rankMode } = options
  const list = await readList(options, (board) => {
    return { entries: board.around(playerId, { above, below, fill, rankMode }) }
  })
  if (list.entries.length === 0) throw noPlayer(playerId, list.board)
  const title = `around ${printable(playerId)}, of ${formatNumber(list.total)}`
  await printList(io, options, { list, title, playerId })
  return 0
}
