/**
 * Writing the entries of a board to a stream.
 *
 * @module
 */

import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { checkOptionsOf, checkRequired } from '../calls/options.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { streamError } from '../ground/system-errors.ts'
import type { Entry, ExportOptions, ExportReport, FileFormat, Score } from '../words/index.ts'
import { writeRows } from './rows-write.ts'
import { settingsLine } from './settings-line.ts'
import { formatOfFile } from './source.ts'
import { writeFileWhole } from './target-file.ts'

const REPORT_EVERY = 10_000

/** The entries that an export reads. */
export interface ExportView {
  /** Read when the target takes bytes: what is wrong with the target is told first. */
  size: number | (() => Promise<number>)
  entries(): Iterable<Entry<Score>> | AsyncIterable<Entry<Score>>
}

/** The options of an export whose format is known. */
export type KnownExport = ExportOptions & { format: FileFormat }

/**
 * Returns the options of an export to a target, checked: the name of a file says the format unless they do.
 *
 * @throws {TypeError | RangeError} for options that are wrong, or if nothing says the format.
 */
export function exportOptionsFor(
  target: Writable | string,
  options: ExportOptions | undefined,
): KnownExport {
  const given = checkOptionsOf('exportTo', options)
  const format = given.format ?? formatOfFile(target)
  return checkRequired('exportTo', { ...given, format }) as KnownExport
}

/** Exports a board to a file by its path, or to a stream; see `Leaderboard.exportTo`. */
export async function exportBoard(
  board: BoardSpec,
  work: { view: ExportView; target: Writable | string; options: KnownExport },
): Promise<ExportReport> {
  const { view, target, options } = work
  checkExport(options)
  if (typeof target !== 'string')
    return exportToStream(board, { view, target, options }).catch((error: unknown) => {
      throw streamError('Cannot write to the stream', error)
    })
  const { gzip = /\.gz$/i.test(target), force = false } = options
  return writeFileWhole(target, { force }, (stream) =>
    exportToStream(board, { view, target: stream, options: { ...options, gzip } }),
  )
}

async function exportToStream(
  board: BoardSpec,
  work: { view: ExportView; target: Writable; options: KnownExport },
): Promise<ExportReport> {
  const { view, target, options } = work
  checkTarget(target)
  const report = { exported: 0 }
  const size = typeof view.size === 'number' ? view.size : await view.size()
  const rows = writeRows(counted(view, size, { options, report }), {
    format: options.format,
    shape: board.shape,
    gzip: options.gzip,
    bom: options.bom,
    firstLine: settingsLine(board),
  })
  throwIfAborted(options)
  // A target that takes nothing more would keep the work for ever; the signal ends it.
  const { signal } = options
  await pipeline(chunksOf(rows), target, signal === undefined ? {} : { signal }).catch(
    (error: unknown) => {
      throwIfAborted(options)
      throw error
    },
  )
  return report
}

// Of a stream, pipeline() would not catch what a write of the target throws, and wait for ever.
async function* chunksOf(rows: Readable): AsyncGenerator<Uint8Array> {
  yield* rows
}

function counted(
  view: ExportView,
  size: number,
  work: { options: ExportOptions; report: ExportReport },
): Iterable<Entry<Score>> | AsyncIterable<Entry<Score>> {
  const entries = view.entries()
  const count = new Count(size, work)
  return Symbol.asyncIterator in entries ? countedLater(entries, count) : countedNow(entries, count)
}

function* countedNow(entries: Iterable<Entry<Score>>, count: Count): Generator<Entry<Score>> {
  for (const entry of entries) {
    if (count.isFull) return
    yield entry
    count.take()
  }
}

async function* countedLater(
  entries: AsyncIterable<Entry<Score>>,
  count: Count,
): AsyncGenerator<Entry<Score>> {
  for await (const entry of entries) {
    if (count.isFull) return
    yield entry
    count.take()
  }
}

/** How many entries were taken. */
class Count {
  readonly #options: ExportOptions
  readonly #report: ExportReport
  readonly #total: number

  constructor(size: number, { options, report }: { options: ExportOptions; report: ExportReport }) {
    this.#options = options
    this.#report = report
    this.#total = Math.min(size, options.top ?? Infinity)
  }

  get isFull(): boolean {
    return this.#report.exported === this.#options.top
  }

  take(): void {
    const done = ++this.#report.exported
    if (done % REPORT_EVERY !== 0) return
    throwIfAborted(this.#options)
    this.#options.onProgress?.({ done, total: this.#total })
  }
}

function checkExport({ format, bom }: KnownExport): void {
  if (bom === true && format !== 'csv')
    throw new TypeError(`Cannot write ${format} with bom: only CSV has a byte order mark`)
}

// pipeline() waits for ever for a stream that was ended before.
function checkTarget(target: Writable): void {
  if (target.writableEnded)
    throw new TypeError('Cannot export: the stream was ended before; give a new one')
  if (target.destroyed && target.errored === null)
    throw new TypeError('Cannot export: the stream was destroyed before; give a new one')
}
