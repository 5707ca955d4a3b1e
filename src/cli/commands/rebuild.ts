/**
 * `rebuild`: makes the rank tree of a board again from its entries, or the entries from the player
 * records too, or all of it from the log.
 *
 *     { board, entries, nodes, ms }
 *     --from players            { board, entries, nodes, added, removed, retimed, ms }
 *     --from log --board B      { board, entries, nodes, added, removed, ms }
 *     --from log                { boards: [{ board, entries, nodes, added, removed }], ms }
 *
 * @module
 */

import type { Leaderboards, Progress, RebuildReport, WorkOptions } from '../../index.ts'
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
        'what to rebuild from; default: entries; log without --board: all boards',
        wordsFor('rebuild', 'from'),
      ),
    )
    .action(runner(cli, runRebuild))
}

type RebuildArguments = CommonOptions & { from?: 'entries' | 'players' | 'log' }

export async function runRebuild(io: Io, options: RebuildArguments): Promise<number> {
  const start = performance.now()
  const reports = await withStore({ ...options, access: 'write' }, (store) =>
    withProgress(io, (bar) => {
      const label = options.from === 'log' ? 'making changes again' : 'comparing'
      const onProgress = (progress: Progress): void => bar.update({ label, ...progress })
      return rebuild(store, options, { signal: io.signal, onProgress })
    }),
  )
  const ms = Math.round(performance.now() - start)
  if (options.json)
    await printJson(io, Array.isArray(reports) ? { boards: reports, ms } : { ...reports, ms })
  else await printReports(io, [reports].flat(), performance.now() - start)
  return 0
}

// The log tells of all boards: of which one is asked, must be said.
function rebuild(
  store: Leaderboards,
  { board, isBoardNamed, from = 'entries' }: RebuildArguments,
  work: WorkOptions,
): Promise<RebuildReport | RebuildReport[]> {
  if (from === 'log' && !isBoardNamed) return store.rebuild(undefined, { from, ...work })
  return store.rebuild(board, { from, ...work })
}

async function printReports(io: Io, reports: readonly RebuildReport[], ms: number): Promise<void> {
  const [only] = reports
  if (only !== undefined && reports.length === 1) {
    const joint = only.added === undefined ? ' in' : ', in'
    await printLine(io, `${lineOf(only)}${joint} ${formatDuration(ms)}`)
    return
  }
  for (const report of reports) await printLine(io, lineOf(report))
  await printLine(io, `rebuilt ${formatCount(reports.length, 'board')} in ${formatDuration(ms)}`)
}

function lineOf({ board, entries, nodes, added, removed, retimed = 0 }: RebuildReport): string {
  const size = `${formatCount(entries, 'entry', 'entries')}, ${formatCount(nodes, 'tree node')}`
  const times = retimed === 0 ? '' : `, ${retimed} given the present time`
  const changes = added === undefined ? '' : `, ${added} added, ${removed} removed${times}`
  return `rebuilt '${printable(board)}': ${size}${changes}`
}
