/**
 * `boards`: which boards there are.
 *
 *     { boards: [{ name, order, mode, size }] }   and scoreType, columns, keep where not the usual ones
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { describeOrder } from '../board-settings.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatNumber, printJson, printLine, printTable } from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, storeFlags, storeName } from '../with-store.ts'

/** Declares `boards`. */
export function boardsCommand(cli: Cli): void {
  addCommand(cli, 'boards', { summary: 'list the boards', example: 'boards --json' }).action(
    runner(cli, runBoards),
  )
}

export async function runBoards(io: Io, options: CommonOptions): Promise<number> {
  const boards = await withAnyStore({ ...options, access: 'read' }, (store) => store.boards())
  if (options.json) await printJson(io, { boards })
  else if (boards.length === 0)
    await printLine(
      io,
      `no boards in ${printable(storeName(options))} · next: ladderdb ${storeFlags(options)} create BOARD`,
    )
  else {
    const columns = [
      { title: 'board' },
      { title: 'order' },
      { title: 'mode' },
      { title: 'entries', align: 'right' } as const,
    ]
    const rows = boards.map((board) => {
      return [printable(board.name), describeOrder(board), board.mode, formatNumber(board.size)]
    })
    await printTable(io, { columns, rows }, options)
  }
  return 0
}
