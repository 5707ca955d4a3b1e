/**
 * `drop`: removes a board with all its entries, after a clear yes.
 *
 *     { board, dropped, entries }
 *
 * @module
 */

import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printable, printJson, printLine } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface DropOptions extends CommonOptions {
  name: string
  yes?: boolean
}

export async function runDrop(io: Io, options: DropOptions): Promise<number> {
  const { name } = options
  if (options.yes !== true)
    throw new CliError(
      'USAGE',
      `Cannot drop board "${name}" just so: all its entries would be lost; say --yes`,
    )
  const entries = await withStore({ ...options, access: 'write' }, async (store) => {
    const size = store.hasBoard(name) ? store.board(name).size : 0
    await withProgress(io, (bar) =>
      store.dropBoard(name, {
        signal: io.signal,
        onProgress: (progress) => bar.update({ label: 'freeing', ...progress }),
      }),
    )
    return size
  })
  // The first commit has dropped it; what an interruption leaves are bytes to be freed.
  if (io.signal.aborted)
    throw new CliError(
      'ABORTED',
      `Interrupted: board "${name}" is dropped; the next command that writes goes on freeing its bytes`,
    )
  if (options.json) await printJson(io, { board: name, dropped: true, entries })
  else
    await printLine(
      io,
      `dropped board '${printable(name)}' with ${formatCount(entries, 'entry', 'entries')}`,
    )
  return 0
}
