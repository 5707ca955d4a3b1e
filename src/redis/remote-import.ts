/**
 * Rows of a file into a board on a server.
 *
 *     file ──read, check──► nothing was stored yet ──read again──► calls of some hundred rows, one after the other
 *     (bad row: nothing)      (digest, rows counted)                   (each slot has its own)
 *
 * Each call says how many rows of the file its slot has, and the slot keeps that beside its entries: a call that is
 * made again stores nothing twice, and an import that ended half way goes on behind its last row.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { optionInWords } from '../calls/remedies.ts'
import { checkMode } from '../calls/values.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { badRowError } from '../rows/bad-rows.ts'
import { problemOfTime } from '../rows/row-times.ts'
import type { Row, RowFormat } from '../rows/rows.ts'
import { readRows } from '../rows/rows-read.ts'
import { openRows, specOfFile } from '../rows/settings-line.ts'
import { type RowSource, sourceBytes } from '../rows/source.ts'
import { withFileOf } from '../rows/spooled.ts'
import type { AskedSettings, BadRow, ImportOptions, ImportReport } from '../words/index.ts'
import type { BoardCalls, SlotCalls } from './board-calls.ts'
import { ImportFeed, type StoredRows } from './import-feed.ts'
import { partitionOf } from './partitions.ts'
import { unsupported } from './refused-calls.ts'
import { numberOf } from './replies.ts'

const NO_FILLING = 'a server fills no seasons from a file; use submitMany'

/** The options of an import whose format is known. */
export type KnownImport = ImportOptions & { format: RowFormat }

/** A file that can be read again, and how. */
interface ImportFile {
  path: string
  options: KnownImport
  /** The latest time that a row may have, microseconds. */
  latestMicros: number
}

/** What reading a whole file came to. */
interface Checked {
  rows: number
  skipped: number
  /** Of the bytes and of what says how they are read. */
  digest: string
}

/** Imports rows; see `RemoteBoard.importFrom`. */
export function importOnServer(
  caller: BoardCalls,
  { source, options }: { source: RowSource; options: KnownImport },
): Promise<ImportReport> {
  refuseRules(options)
  if ((caller.spec.windows ?? []).length > 0)
    throw unsupported('import into a board with windows', NO_FILLING)
  return withFileOf(source, options, async (path) => {
    const isWhole = await takeSettings(caller, { path, options })
    const { context } = caller
    const { futureAllowanceMs = context.futureAllowanceMs } = options
    const nowMicros = Math.max(context.wallMicros(), context.seenMicros)
    const file = { path, options, latestMicros: nowMicros + futureAllowanceMs * 1000 }
    const checked = await checkRows(caller, file)
    const { rows, skipped } = checked
    if (isWhole && rows + skipped === 0) await caller.write('create', [])
    if (rows === 0) return { imported: 0, changed: 0, skipped }
    return storeRows(caller, file, checked)
  })
}

function refuseRules({ rules }: ImportOptions): void {
  if (rules === true) throw unsupported('use rules', 'boards on a server have no rules')
}

// Whether the file has the settings of its board: then it says all of it, even without a row.
async function takeSettings(
  caller: BoardCalls,
  { path, options }: { path: string; options: KnownImport },
): Promise<boolean> {
  const { id } = await caller.read('rows', [0, 0, 'ordinal'])
  const { board, source } = await openRows({ source: path, options }, (settings) => {
    if (settings.windows !== undefined) throw unsupported('import a board with windows', NO_FILLING)
    takeSpec(caller, { settings, isThere: id !== '', mode: options.mode })
    return true
  })
  // What was opened to look at its first line is closed.
  if (typeof source !== 'string') for await (const _ of source) break
  return board === true
}

// A log says nothing of how entries stand, and a server has none.
function takeSpec(
  caller: BoardCalls,
  file: { settings: AskedSettings; isThere: boolean; mode: ImportOptions['mode'] },
): void {
  const { spec, asked } = caller
  const settings = { ...file.settings, log: undefined }
  const found = file.isThere ? ({ ...spec, log: 'all' } as const) : undefined
  const meant = specOfFile(settings, { name: spec.name, found, asked, mode: file.mode })
  if (!file.isThere) caller.adopt({ ...meant, log: 'none', partitions: spec.partitions })
}

async function checkRows(caller: BoardCalls, file: ImportFile): Promise<Checked> {
  const { options } = file
  const hash = createHash('sha256')
  let [rows, skipped] = [0, 0]
  const told = {
    onBadRow: (bad: BadRow): void => {
      skipped++
      options.onBadRow?.(bad)
    },
    onBytes: (done: number): void => options.onProgress?.({ done, total: undefined }),
    onChunk: (bytes: Uint8Array): unknown => hash.update(bytes),
  }
  for await (const read of rowsOfFile(caller, file, told)) rows += read.length
  const { mode = caller.spec.mode, format, gzip, atUnit, columns, ignoreExtra } = options
  const { delimiter, scoreFormat, decimalComma } = options
  const ways = [mode, format, gzip, atUnit, columns, ignoreExtra, delimiter, scoreFormat]
  hash.update(JSON.stringify([...ways, decimalComma]))
  return { rows, skipped, digest: hash.digest('base64url') }
}

/** Yields the rows of a file that can be used as far as they themselves say. */
async function* rowsOfFile(
  caller: BoardCalls,
  { path, options, latestMicros }: ImportFile,
  told: {
    onBadRow?: (bad: BadRow) => void
    onBytes?: (done: number) => void
    onChunk?: (bytes: Uint8Array) => unknown
  },
): AsyncGenerator<Row[], void, undefined> {
  const { format, gzip, skipBad = false } = options
  const { onBadRow = (): void => undefined, onBytes, onChunk } = told
  const reading = {
    ...{ shape: caller.shape, format, gzip, rules: options, onBytes },
    onBadRow: skipBad ? onBadRow : undefined,
  }
  for await (const read of readRows(chunksOf(path, options, onChunk), reading)) {
    throwIfAborted(options)
    yield read.filter((row) => {
      const problem = row.at === undefined ? undefined : problemOfTime(row.at, latestMicros)
      if (problem === undefined) return true
      const bad = { line: row.line, column: 'at', problem }
      if (!skipBad) throw badRowError(bad)
      onBadRow(bad)
      return false
    })
  }
}

async function* chunksOf(
  path: string,
  options: KnownImport,
  onChunk: (bytes: Uint8Array) => unknown = () => undefined,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of sourceBytes(path, options)) {
    onChunk(bytes)
    yield bytes
  }
}

async function storeRows(
  caller: BoardCalls,
  file: ImportFile,
  { rows, skipped, digest }: Checked,
): Promise<ImportReport> {
  const { options } = file
  // Partitions are made with the board.
  if (caller.slots.length === 0) await caller.write('create', [])
  const states = await Promise.all(caller.slots.map((slot) => stateOf(slot, digest)))
  const begun = states.reduce((sum, { stored }) => sum + (stored.rows ?? 0), 0)
  if (options.resume !== true && states.some(({ stored }) => stored.rows !== undefined))
    throw halfWay(caller.spec.name, begun)
  const firstMicros = Math.max(...states.map(({ nextMicros }) => nextMicros))
  const mode = options.mode === undefined ? caller.spec.mode : checkMode(options.mode)
  const who = caller.context.newId()
  const onStored = (): void => options.onProgress?.({ done: storedIn(feeds), total: rows })
  const feeds: readonly ImportFeed[] = caller.slots.map((slot, i) => {
    const { stored } = states[i] as ImportState
    return new ImportFeed(slot, { digest, who, mode, firstMicros, options, stored, onStored })
  })
  try {
    for await (const read of rowsOfFile(caller, file, {})) {
      for (const row of read) {
        const feed = feeds[feeds.length === 1 ? 0 : partitionOf(row.playerId, feeds.length)]
        await feed?.add(row)
      }
    }
    await Promise.all(feeds.map((feed) => feed.finish()))
    const lastMicros = Math.max(...feeds.map((feed) => feed.lastMicros))
    await Promise.all(feeds.map((feed) => feed.end(lastMicros)))
  } catch (error) {
    // What is under way is waited for: the number that is told is that which is stored.
    await Promise.all(feeds.map((feed) => feed.settle()))
    throw stopped(error, { stored: storedIn(feeds), rows })
  }
  const refused = feeds.reduce((sum, feed) => sum + feed.refused, 0)
  const changed = feeds.reduce((sum, feed) => sum + feed.changed, 0)
  return { imported: rows - refused, changed, skipped: skipped + refused }
}

function storedIn(feeds: readonly ImportFeed[]): number {
  return feeds.reduce((sum, { rows }) => sum + rows, 0)
}

interface ImportState {
  stored: StoredRows
  nextMicros: number
}

async function stateOf(slot: SlotCalls, digest: string): Promise<ImportState> {
  const { context } = slot
  const clock = [context.givenMicros() ?? '', context.seenMicros]
  const { value } = await slot.readNow('import', [digest, ...clock])
  const [rows, changed, refused, nextTime] = value as [number | null, number, number, Buffer]
  return {
    stored: { rows: rows ?? undefined, changed, refused },
    nextMicros: numberOf(nextTime),
  }
}

function halfWay(board: string, rows: number): LadderError {
  return new LadderError(
    'EXISTS',
    `Cannot import into board "${board}": ${rows} rows of this file are there already, of an import that has not ended; if no process goes on with it, go on behind them (${optionInWords('resume', true)}), or drop the board`,
  )
}

// A failure says how far the import came.
function stopped(error: unknown, { stored, rows }: { stored: number; rows: number }): unknown {
  // That of another process goes on.
  if (!(error instanceof LadderError) || error.code === 'BUSY') return error
  const isNone = stored === 0 && error.code !== 'UNKNOWN'
  const far = isNone
    ? 'no row is stored; import again'
    : `at least ${stored} of ${rows} rows are stored; import the same file again to go on behind them (${optionInWords('resume', true)})`
  return new LadderError(error.code, `${error.message}; ${far}`, { cause: error })
}
