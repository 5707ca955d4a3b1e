/**
 * `rebuild`: makes the rank tree of a board again from its entries, or the entries from the player
 * records too.
 *
 *     { board, entries, nodes, ms }
 *     --from players    { board, entries, nodes, added, removed, retimed, ms }
 *
 * @module
 */

import type { Progress, RebuildReport } from '../../index.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, printJson, printLine } from '../output.ts'
import { withProgress } from '../progress.ts'
import { printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

/** Declares `rebuild`. */
export function rebuildCommand(cli: Cli): void {
  addCommand(cli, 'rebuild', {
    summary: 'make the rank tree of the board again, or its entries too',
    example: 'rebuild --from players',
  })
    .addOption(
      choice(
        '--from <source>',
        'what to rebuild from; default: entries',
        wordsFor('rebuild', 'from'),
      ),
    )
    .action(runner(cli, runRebuild))
}

export async function runRebuild(
  io: Io,
  options: CommonOptions & { from?: 'entries' | 'players' },
): Promise<number> {
  const { board, from = 'entries' } = options
  const start = performance.now()
  const report = await withStore({ ...options, access: 'write' }, (store) =>
    withProgress(io, (bar) => {
      const onProgress = (progress: Progress): void =>
        bar.update({ label: 'comparing', ...progress })
      return store.rebuild(board, { from, signal: io.signal, onProgress })
    }),
  )
  const ms = performance.now() - start
  if (options.json) await printJson(io, { ...report, ms: Math.round(ms) })
  else await printLine(io, `${lineOf(report)} in ${formatDuration(ms)}`)
  return 0
}

function lineOf({ board, entries, nodes, added, removed, retimed = 0 }: RebuildReport): string {
  const size = `${formatCount(entries, 'entry', 'entries')}, ${formatCount(nodes, 'tree node')}`
  const times = retimed === 0 ? '' : ` ${retimed} given the time of now,`
  const changes = added === undefined ? '' : `, ${added} added, ${removed} removed,${times}`
  return `rebuilt '${printable(board)}': ${size}${changes}`
}
