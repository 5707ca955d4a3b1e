/**
 * `export`: writes all entries of a board, in board order, to a file or to standard output.
 *
 *     { board, exported, file }      on standard error where the data go to standard output
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { type ExportReport, type FileFormat, formatOf, type Leaderboard } from '../../index.ts'
import { CliError } from '../failures.ts'
import { replaceFile, STANDARD, standardTarget } from '../files.ts'
import type { Io } from '../io.ts'
import { formatCount, jsonLine, printable } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface ExportCommandOptions extends CommonOptions {
  file: string
  format?: FileFormat
  gzip?: boolean
  force?: boolean
  top?: number
  bom?: boolean
}

export async function runExport(io: Io, options: ExportCommandOptions): Promise<number> {
  const { file, force = false } = options
  const form = outputForm(options)
  const { exported } = await withStore({ ...options, access: 'read' }, (store) => {
    const board = store.board(options.board)
    const write = (target: Writable): Promise<ExportReport> =>
      exportTo(io, board, { target, form, options })
    if (file === STANDARD) return untilClosed(io, write(standardTarget(io)))
    return replaceFile(file, { force }, write)
  })
  if (io.closed.aborted) return 0
  const report = options.json
    ? jsonLine({ board: options.board, exported, file })
    : `exported ${formatCount(exported, 'entry', 'entries')} of '${printable(options.board)}' to ${printable(file)}\n`
  if (file === STANDARD) io.report(report.trimEnd())
  else await io.print(report)
  return 0
}

function exportTo(
  io: Io,
  board: Leaderboard,
  work: {
    target: Writable
    form: { format: FileFormat; gzip: boolean }
    options: ExportCommandOptions
  },
): Promise<ExportReport> {
  return withProgress(io, (bar) =>
    board.exportTo(work.target, {
      ...work.form,
      top: work.options.top,
      bom: work.options.bom,
      signal: io.signal,
      onProgress: (progress) => bar.update({ label: 'exporting', ...progress }),
    }),
  )
}

// A reader that has seen enough is no failure.
async function untilClosed(io: Io, work: Promise<ExportReport>): Promise<ExportReport> {
  try {
    return await work
  } catch (error) {
    if (io.closed.aborted) return { exported: 0 }
    throw error
  }
}

function outputForm(options: ExportCommandOptions): { format: FileFormat; gzip: boolean } {
  const { file } = options
  const named = formatOf(file)
  const format = options.format ?? named?.format
  if (format !== undefined)
    return { format, gzip: options.gzip ?? named?.gzip ?? /\.gz$/i.test(file) }
  throw new CliError(
    'USAGE',
    `Cannot tell the format of ${file === STANDARD ? 'standard output' : file}: say --format csv, ndjson or json`,
  )
}
