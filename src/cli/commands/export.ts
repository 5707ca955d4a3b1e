/**
 * `export`: writes all entries of a board, in board order, to a file or to standard output.
 *
 *     { board, exported, file }      on standard error where the data go to standard output
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { formatOf } from '../../calls/index.ts'
import type { ExportReport, FileFormat } from '../../index.ts'
import { type AnyView, withAnyStore } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import type { ReadOptions } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import { STANDARD, standardTarget } from '../files.ts'
import type { Io } from '../io.ts'
import { formatCount, jsonLine } from '../output.ts'
import { withProgress } from '../progress.ts'
import { placeText } from '../read-place.ts'
import { printable } from '../text.ts'
import { inSeason, inWindow, viewOf } from '../window.ts'

export interface ExportCommandOptions extends ReadOptions {
  file: string
  format?: FileFormat
  gzip?: boolean
  force?: boolean
  top?: number
  bom?: boolean
}

const HELP = `
CSV has the columns playerId,score,name,at,metadata. NDJSON has the settings of
the board in its first line, so that an import makes the same board; use it to
move boards. JSON is one array of the entries, without settings.

Of a store in a directory all entries are of one instant. On a server they are
read in pages: a player who moves meanwhile may come twice or not at all.`

/** Declares `export`. */
export function exportCommand(cli: Cli): void {
  addCommand(cli, 'export', {
    summary: 'write all entries to a file',
    example: 'export arena.csv.gz',
  })
    .argument('<file>', 'CSV, NDJSON or JSON, ending in .gz or not; - is standard output')
    .addOption(
      choice('--format <format>', 'default: what the name says', wordsFor('exportTo', 'format')),
    )
    .option('--gzip', 'pack with gzip; default: what the name says')
    .option('--force', 'replace a file that exists')
    .option('--top <n>', 'only this many entries, the first', parseCount)
    .option('--bom', 'begin CSV with a byte order mark, for Excel')
    .addOption(inWindow())
    .addOption(inSeason())
    .addHelpText('after', HELP)
    .action(runner(cli, runExport, ['file']))
}

export async function runExport(io: Io, options: ExportCommandOptions): Promise<number> {
  const { file } = options
  const format = outputFormat(options)
  const { exported, place } = await withAnyStore({ ...options, access: 'read' }, async (store) => {
    const { view, place } = await viewOf(await store.openBoard(options.board), options)
    const isStandard = file === STANDARD
    const target = isStandard ? standardTarget(io) : file
    const work = exportTo(io, view, { target, options: { ...options, format } })
    return { ...(await (isStandard ? untilClosed(io, work) : work)), place }
  })
  if (io.closed.aborted) return 0
  const report = options.json
    ? jsonLine({ ...place, exported, file })
    : `exported ${formatCount(exported, 'entry', 'entries')} of '${placeText(place)}' to ${printable(file)}\n`
  if (file === STANDARD) io.report(report.trimEnd())
  else await io.print(report)
  return 0
}

function exportTo(
  io: Io,
  board: AnyView,
  work: {
    target: Writable | string
    options: ExportCommandOptions & { format: FileFormat }
  },
): Promise<ExportReport> {
  const { format, gzip, top, bom, force } = work.options
  return withProgress(io, (bar) =>
    board.exportTo(work.target, {
      ...{ format, gzip, top, bom, force },
      signal: io.signal,
      onProgress: (progress) => bar.update({ label: 'exporting', ...progress }),
    }),
  )
}

// A reader that has seen enough is not a failure.
async function untilClosed(io: Io, work: Promise<ExportReport>): Promise<ExportReport> {
  try {
    return await work
  } catch (error) {
    if (io.closed.aborted) return { exported: 0 }
    throw error
  }
}

function outputFormat(options: ExportCommandOptions): FileFormat {
  const { file } = options
  const format = options.format ?? formatOf(file)?.format
  if (format !== undefined) return format
  throw new CliError(
    'USAGE',
    `Cannot tell the format of ${file === STANDARD ? 'standard output' : file}: say --format csv, ndjson or json`,
  )
}
