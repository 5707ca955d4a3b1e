/**
 * `rebuild`: makes the rank tree of a board anew from its entries.
 *
 *     { board, entries, nodes, ms }
 *
 * @module
 */

import type { Io } from '../io.ts'
import { formatCount, formatDuration, printable, printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export async function runRebuild(io: Io, options: CommonOptions): Promise<number> {
  const start = performance.now()
  const report = await withStore({ db: options.db, access: 'write' }, (store) =>
    store.rebuild(options.board),
  )
  const ms = performance.now() - start
  if (options.json) await printJson(io, { ...report, ms: Math.round(ms) })
  else {
    const { board, entries, nodes } = report
    const size = `${formatCount(entries, 'entry', 'entries')}, ${formatCount(nodes, 'tree node')}`
    await printLine(io, `rebuilt '${printable(board)}': ${size} in ${formatDuration(ms)}`)
  }
  return 0
}
