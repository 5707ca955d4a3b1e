/**
 * `drop`: removes a board with all its entries, after a clear yes.
 *
 *     { board, order, mode, dropped, entries }   and scoreType, columns, keep if they are not the usual
 *                                                ones: with these settings it can be made again
 *
 * @module
 */

import type { BoardInfo } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { describeOrder } from '../board-settings.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printJson, printLine } from '../output.ts'
import { withProgress } from '../progress.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface DropOptions extends CommonOptions {
  name: string
  yes?: boolean
}

/** Declares `drop`. */
export function dropCommand(cli: Cli): void {
  addCommand(cli, 'drop', {
    summary: 'remove a board with all its entries',
    example: 'drop golf --yes',
  })
    .argument('<board>', 'name of the board')
    .option('--yes', 'confirm that all its entries go')
    .action(runner(cli, runDrop, ['name']))
}

export async function runDrop(io: Io, options: DropOptions): Promise<number> {
  const { name } = options
  if (options.yes !== true)
    throw new CliError(
      'USAGE',
      `Cannot drop board "${name}" without --yes: all its entries would be lost; say --yes`,
    )
  const info = await withAnyStore({ ...options, access: 'write' }, async (store) => {
    const found = (await store.boards()).find((board) => board.name === name)
    await withProgress(io, async (bar) =>
      store.dropBoard(name, {
        signal: io.signal,
        onProgress: (progress) => bar.update({ label: 'freeing', ...progress }),
      }),
    )
    // The library would have refused to drop a board that is not there.
    return found as BoardInfo
  })
  // The first commit has dropped it; what an interruption leaves are bytes to be freed.
  if (io.signal.aborted)
    throw new CliError(
      'ABORTED',
      `Interrupted: board "${name}" is dropped; the next command that writes continues to free its space`,
    )
  const { name: board, size: entries, ...settings } = info
  if (options.json) await printJson(io, { board, ...settings, dropped: true, entries })
  else {
    const what = `'${printable(name)}' (${describeOrder(settings)}, ${settings.mode})`
    const count = formatCount(entries, 'entry', 'entries')
    await printLine(io, `dropped board ${what} with ${count}`)
  }
  return 0
}
