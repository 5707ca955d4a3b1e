/**
 * `salvage`: saves what can be read of a damaged store into a new one, and tells what is lost.
 *
 *     { source, path, boards: [{ board, entries, fromEntries, seasons? }], problems: [text], lost, ms }
 *
 * @module
 */

import type { Progress, SalvageReport } from '../../index.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { STATUS_DAMAGED } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, printJson } from '../output.ts'
import { withProgress } from '../progress.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

/** Declares `salvage`. */
export function salvageCommand(cli: Cli): void {
  addCommand(cli, 'salvage', {
    summary: 'save what can be read of a damaged store into a new one',
    example: 'salvage ./saved',
  })
    .argument('<target>', 'directory of the new store')
    .action(runner(cli, runSalvage, ['target']))
}

export async function runSalvage(
  io: Io,
  options: CommonOptions & { target: string },
): Promise<number> {
  const { salvageStore } = await import('../../index.ts')
  const start = performance.now()
  const report = await withProgress(io, (bar) => {
    const onProgress = (progress: Progress): void => bar.update({ label: 'saving', ...progress })
    return salvageStore(options.db, options.target, { signal: io.signal, onProgress })
  })
  const ms = performance.now() - start
  if (options.json) await printJson(io, { ...report, ms: Math.round(ms) })
  else await io.print(`${[...linesOf(report), `in ${formatDuration(ms)}`].join('\n')}\n`)
  return report.lost === 0 ? 0 : STATUS_DAMAGED
}

function linesOf({ path, boards, problems, lost }: SalvageReport): string[] {
  const entriesOf = (count: number): string => formatCount(count, 'entry', 'entries')
  return [
    ...problems.map((problem) => `damaged: ${printable(problem)}`),
    ...boards.map(({ board, entries, fromEntries, seasons }) => {
      const second = (count: number): string =>
        count === 0 ? '' : `, ${count} of them from the entries alone`
      const more =
        seasons === undefined
          ? ''
          : `; ${formatCount(seasons.count, 'season')} with ${entriesOf(seasons.entries)}${second(seasons.fromEntries)}`
      return `board '${printable(board)}': ${entriesOf(entries)} saved${second(fromEntries)}${more}`
    }),
    `saved to ${printable(path)}, ${lost === 0 ? 'nothing is lost' : `${entriesOf(lost)} lost`}`,
  ]
}
