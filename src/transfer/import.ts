/**
 * Feeding the rows of a file to a board: all of them, or none.
 *
 *     source ──read, check──► rows in order ──┬── empty board ──► fill/, under a number of its own
 *     (bad row: nothing)      (runs on disk)  └── other boards ─► merge-rows, one transaction
 *
 * DESIGN.md has the sequence of commits, what a crash after each leaves, and the memory that it takes.
 *
 * @module
 */

import { readCounters } from '../board/commit.ts'
import { noBoard } from '../calls/no-board.ts'
import { checkMode } from '../calls/values.ts'
import { settingsError } from '../domain/settings.ts'
import { makeChange } from '../embedded/apply.ts'
import { findBoard } from '../embedded/catalog.ts'
import { checkOpenNow } from '../embedded/moderation/judging.ts'
import { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { hasWindows } from '../embedded/seasons/windowed-board.ts'
import { NO_BOARD_ID } from '../format/keys.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { IMPORT_RUN_BYTES } from '../ground/limits.ts'
import { problemOfTime } from '../rows/row-times.ts'
import type { Row, RowFormat } from '../rows/rows.ts'
import { readRows } from '../rows/rows-read.ts'
import { openRows, specOfFile } from '../rows/settings-line.ts'
import { type RowSource, sourceBytes } from '../rows/source.ts'
import type { BadRow, ImportOptions, ImportReport } from '../words/index.ts'
import { fillBoard, isUntouched } from './fill/fill-board.ts'
import { PairSpool } from './fill/pair-spool.ts'
import { writeRow } from './fill/row-pairs.ts'
import { Scratch } from './fill/scratch.ts'
import { mergeRows } from './merge-rows.ts'
import { Work } from './work.ts'

/** Imports rows; see `Leaderboard.importFrom`. */
export async function importRows(
  context: OpenStore,
  asked: {
    board: NamedBoard
    source: RowSource
    options: ImportOptions & { format: RowFormat }
    /** Path of a directory, to be made where rows do not fit into memory. */
    scratchPath: string
    /** Memory for a run. */
    runBytes?: number
  },
): Promise<ImportReport> {
  const { options, runBytes = IMPORT_RUN_BYTES } = asked
  if (options.resume === true)
    throw new TypeError(
      'Cannot go on with an import: all of its rows are in the store, or none; leave out resume',
    )
  const { store } = context
  if (store.readOnly) throw store.readOnlyError()
  // What is wrong with the file is not told of a store that is closed.
  store.current()
  const { board, source, isWhole } = await openFor(context, asked)
  const mode = options.mode === undefined ? board.spec.mode : checkMode(options.mode)
  checkSettings(context, board)
  const scratch = new Scratch(asked.scratchPath)
  // Players who are pushed out start again, and seasons take each row by its time.
  const isInOrder =
    board.spec.keep !== undefined || options.rules === true || hasWindows(store.current(), board)
  const order = isInOrder ? 'added' : 'keys'
  const rows = new PairSpool({ scratch, order, bytesMax: runBytes })
  const work = new Work({ board, mode, rows, scratch, runBytes, options, isInOrder })
  try {
    await readAll(context, { source, format: options.format, work })
    if (isWhole && rows.count + work.skipped === 0) await makeBoard(context, board)
    return await storeAll(context, work)
  } finally {
    await scratch.remove()
  }
}

// The board as the file wants it. A file that has the settings of its board says all of it, even without a row.
async function openFor(
  context: OpenStore,
  file: { board: NamedBoard; source: RowSource; options: ImportOptions },
): Promise<{ board: NamedBoard; source: RowSource; isWhole: boolean }> {
  const { name, asked, wasThere } = file.board
  const { board, source } = await openRows(file, (settings) => {
    const found = findBoard(context.store.current(), name)
    const spec = specOfFile(settings, { name, found, asked, mode: file.options.mode })
    return found === undefined ? new NamedBoard(spec, { wasThere }) : file.board
  })
  return { board: board ?? file.board, source, isWhole: board !== undefined }
}

// The export of an empty board makes the board, but brings none back that was dropped.
async function makeBoard(context: OpenStore, board: NamedBoard): Promise<void> {
  if (findBoard(context.store.current(), board.name) !== undefined) return
  if (board.wasThere) throw noBoard(board.name)
  await makeChange(context, { kind: 'create', board })
}

// No row, no change: a board that does not exist is not made by it.
async function storeAll(context: OpenStore, work: Work): Promise<ImportReport> {
  const { rows, board } = work
  if (rows.count === 0) return { imported: 0, changed: 0, skipped: work.skipped }
  const isFirst = !work.isInOrder && isNew(context, board)
  const taken =
    (isFirst ? await fillBoard(context, work) : undefined) ?? (await mergeRows(context, work))
  work.progress(rows.count)
  return { ...taken, skipped: work.skipped }
}

// Reads all rows and checks all that can be checked without their player's entry.
async function readAll(
  context: OpenStore,
  { source, format, work }: { source: RowSource; format: RowFormat; work: Work },
): Promise<void> {
  const { options, rows, board } = work
  const { shape } = board.spec
  const latest = context.latestMicros(options.futureAllowanceMs)
  const onBadRow = options.skipBad === true ? (bad: BadRow): void => work.skip(bad) : undefined
  const onBytes = (done: number): void => options.onProgress?.({ done, total: undefined })
  const reading = {
    shape,
    format,
    gzip: options.gzip,
    rules: options,
    onBadRow,
    onBytes,
  }
  for await (const read of readRows(sourceBytes(source, options), reading)) {
    throwIfAborted(options)
    for (const row of read) {
      work.lines = row.line
      const problem = row.at === undefined ? undefined : problemOfTime(row.at, latest)
      if (problem === undefined)
        rows.add((slab, at) => writeRow(slab, at, { row, shape, index: rows.count }))
      else skipOrThrow(work, { row, problem })
    }
    if (rows.isFull) await rows.spill()
  }
}

function skipOrThrow(work: Work, { row, problem }: { row: Row; problem: string }): void {
  const bad = { line: row.line, column: 'at', problem }
  if (work.options.skipBad === true) {
    work.skip(bad)
    return
  }
  work.refuse(bad)
  work.throwIfRefused()
}

function checkSettings(context: OpenStore, board: NamedBoard): void {
  const reader = context.store.current()
  const found = findBoard(reader, board.name)
  const error = found && settingsError(found, board.spec)
  if (error !== undefined) throw error
  checkOpenNow(reader, found)
  // A store without its counters takes no rows: better said now than after reading them all.
  readCounters(reader)
}

// Whether it may get another number: it has no entries, requests or runs that must be found.
function isNew(context: OpenStore, board: NamedBoard): boolean {
  const reader = context.store.current()
  return isUntouched(reader, findBoard(reader, board.name)?.id ?? NO_BOARD_ID)
}
