/**
 * `check`: walks everything and says all that is wrong; changes nothing. The reading is done in a
 * child process, which damaged pages may end.
 *
 *     { ok, findings: [{ board, place, problem, invariant }], checked: { boards, entries, players, nodes } }
 *
 * @module
 */

import type { CheckReport, Finding, Progress } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { STATUS_DAMAGED } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, printJson } from '../output.ts'
import { withProgress } from '../progress.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface CheckCommandOptions extends CommonOptions {
  history?: boolean
}

const IN_DIRECTORY =
  'rank trees and entries are mended by rebuild, boards by rebuild --from log if the log is whole, all else by a backup'
const ON_SERVER =
  'something else has written to the keys of the board; restore them from the files of the server'

/** Declares `check`. */
export function checkCommand(cli: Cli): void {
  addCommand(cli, 'check', {
    summary: 'read everything, report every finding',
    example: ['check', 'check --history'],
  })
    .option('--history', 'make the runs of the log again, too, and hold them against the boards')
    .action(runner(cli, runCheck))
}

export async function runCheck(io: Io, options: CheckCommandOptions): Promise<number> {
  const start = performance.now()
  const isOnServer = options.redis !== undefined
  const report = isOnServer ? await checkOnServer(io, options) : await checkInDirectory(io, options)
  if (options.json) await printJson(io, report)
  else {
    const ms = performance.now() - start
    const remedy = isOnServer ? ON_SERVER : IN_DIRECTORY
    const lines = [...report.findings.map(lineOf), summaryOf(report, { ms, remedy })]
    await io.print(`${lines.join('\n')}\n`)
  }
  return report.ok ? 0 : STATUS_DAMAGED
}

async function checkInDirectory(io: Io, options: CheckCommandOptions): Promise<CheckReport> {
  const { checkStore } = await import('../../index.ts')
  return withProgress(io, (bar) => {
    const onProgress = (progress: Progress): void => bar.update({ label: 'checking', ...progress })
    const { db, history = false, allowNetworkFileSystem } = options
    return checkStore(db, { signal: io.signal, onProgress, history, allowNetworkFileSystem })
  })
}

function checkOnServer(io: Io, options: CheckCommandOptions): Promise<CheckReport> {
  const { history = false } = options
  return withAnyStore({ ...options, access: 'read' }, (store) =>
    store.check({ history, signal: io.signal }),
  )
}

function lineOf({ board, place, problem, invariant }: Finding): string {
  const where = board === undefined ? 'store' : `board '${printable(board)}'`
  return `${where}: ${printable(place)}: ${printable(problem)} (invariant ${invariant})`
}

function summaryOf(
  { ok, findings, checked }: CheckReport,
  { ms, remedy }: { ms: number; remedy: string },
): string {
  const counts = [
    formatCount(checked.boards, 'board'),
    formatCount(checked.entries, 'entry', 'entries'),
    formatCount(checked.players, 'player record'),
    formatCount(checked.nodes, 'tree node'),
  ]
  const verdict = ok ? 'all is well' : `${formatCount(findings.length, 'finding')}; ${remedy}`
  return `checked ${counts.join(', ')} in ${formatDuration(ms)}: ${verdict}`
}
