/**
 * Rows of a file into a board on a server.
 *
 *     file ──read, check──► digest, number of rows ──read again──► calls of some hundred rows, one after the other
 *         (a bad row: nothing is stored)                               (each slot has its own)
 *
 * Each call says how many rows of the file its slot has, and the slot keeps that number beside its entries. So a call
 * that is made again stores nothing twice, and an import that stopped half way goes on behind its last row.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { optionInWords } from '../../calls/remedies.ts'
import { checkMode } from '../../calls/values.ts'
import { closedBoard, closedStore } from '../../domain/rules.ts'
import { LadderError, throwIfAborted } from '../../ground/errors.ts'
import { badRowError } from '../../rows/bad-rows.ts'
import { problemOfTime } from '../../rows/row-times.ts'
import type { Row, RowFormat } from '../../rows/rows.ts'
import { readRows } from '../../rows/rows-read.ts'
import { openRows, specOfFile } from '../../rows/settings-line.ts'
import { type RowSource, sourceBytes } from '../../rows/source.ts'
import { withFileOf } from '../../rows/spooled.ts'
import type { AskedSettings, BadRow, ImportOptions, ImportReport } from '../../words/index.ts'
import { numberOf } from '../client/replies.ts'
import type { RulesReply } from '../partitions/partition-rules.ts'
import type { BoardCalls, SlotCalls } from '../slot/board-calls.ts'
import { rulesOfText } from '../slot/board-rules.ts'
import { partitionOf } from '../slot/partitions.ts'
import { besidePartitions, withoutLog } from '../slot/remote-settings.ts'
import { countsOf, ImportFeed, type StoredRows } from './import-feed.ts'

/** How what a board was told of the store ends if it is closed: see shared.lua. */
const CLOSED = ' 1'

const NOTHING_STORED: StoredRows = {
  ...{ rows: undefined, changed: 0, refused: 0, isEnded: false },
  sealed: new Map(),
}

/** The options of an import whose format is known. */
export type KnownImport = ImportOptions & { format: RowFormat }

/** A file that can be read again, and how. */
interface ImportFile {
  path: string
  options: KnownImport
  /** The latest time that a row may have, microseconds. */
  latestMicros: number
}

/** What the first reading of a file found. */
interface Checked {
  rows: number
  skipped: number
  /** Of the bytes, and of the options by which they are read. */
  digest: string
}

/** Imports rows; see `RemoteBoard.importFrom`. */
export function importOnServer(
  caller: BoardCalls,
  { source, options }: { source: RowSource; options: KnownImport },
): Promise<ImportReport> {
  const { context } = caller
  context.assertOpen()
  return withFileOf(source, options, async (path) => {
    const found = await lookAt(caller)
    const hasSettings = await takeSettings(caller, { path, options, found })
    found.checkOpen()
    const { futureAllowanceMs = context.futureAllowanceMs } = options
    const nowMicros = Math.max(context.wallMicros(), context.seenMicros)
    const file = { path, options, latestMicros: nowMicros + futureAllowanceMs * 1000 }
    const checked = await checkRows(caller, file)
    const { rows, skipped } = checked
    const isMade = hasSettings && rows + skipped === 0
    if (found.gone !== undefined && (isMade || rows > 0)) throw found.gone
    if (isMade) await caller.write('create', [])
    if (rows === 0) return { imported: 0, changed: 0, skipped }
    return storeRows(caller, file, checked)
  })
}

/** The board before the file is read. */
interface FoundBoard {
  isThere: boolean
  /** That it was dropped: told where its first row would be stored, so that what is wrong with the file comes first. */
  gone: LadderError | undefined
  /** Refuses a board that is closed for writes; each call looks again. */
  checkOpen(): void
}

async function lookAt(caller: BoardCalls): Promise<FoundBoard> {
  try {
    const { id, value } = await caller.read('rules', [])
    const checkOpen = (): void => checkOpenYet(caller, value as RulesReply)
    return { isThere: id !== '', gone: undefined, checkOpen }
  } catch (error) {
    if (!(error instanceof LadderError) || error.code !== 'NO_BOARD') throw error
    return { isThere: false, gone: error, checkOpen: () => undefined }
  }
}

// Returns whether the first line of the file has settings: then the file makes its board even without a row.
async function takeSettings(
  caller: BoardCalls,
  { path, options, found }: { path: string; options: KnownImport; found: FoundBoard },
): Promise<boolean> {
  const { board, source } = await openRows({ source: path, options }, (settings) => {
    takeSpec(caller, { settings, found, mode: options.mode })
    return true
  })
  // The file was opened for its first line; this closes it.
  if (typeof source !== 'string') for await (const _ of source) break
  return board === true
}

function checkOpenYet({ spec }: BoardCalls, [rules, , , store]: RulesReply): void {
  if (`${store ?? ''}`.endsWith(CLOSED)) throw closedStore()
  if (rulesOfText(`${rules ?? ''}`, spec.shape).writes === 'closed') throw closedBoard(spec.name)
}

// The setting `log` of a file is passed over: boards on a server keep no log.
function takeSpec(
  caller: BoardCalls,
  file: { settings: AskedSettings; found: FoundBoard; mode: ImportOptions['mode'] },
): void {
  const { spec, asked } = caller
  const { isThere, gone } = file.found
  const settings = { ...file.settings, log: undefined }
  const found = isThere ? withoutLog(spec) : undefined
  const meant = specOfFile(settings, { name: spec.name, found, asked, mode: file.mode })
  if (!isThere && gone === undefined)
    caller.adopt(besidePartitions({ ...meant, log: 'none', partitions: spec.partitions }))
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
  const judged = options.rules === true ? ['by the rules'] : []
  hash.update(JSON.stringify([...ways, decimalComma, ...judged]))
  return { rows, skipped, digest: hash.digest('base64url') }
}

/** Yields the rows of a file that are sound by themselves; the board may still refuse one. */
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
  // A board in partitions has no slots before it exists.
  if (caller.slots.length === 0) await caller.write('create', ['for rows'])
  const states = await Promise.all(caller.slots.map((slot) => stateOf(slot, digest)))
  const { run, latestMicros, stored } = lastImport(caller, { states, options })
  const firstMicros = Math.max(...states.map(({ nextMicros }) => nextMicros))
  const mode = options.mode === undefined ? caller.spec.mode : checkMode(options.mode)
  const who = caller.context.newId()
  const onStored = (): void => options.onProgress?.({ done: storedIn(feeds), total: rows })
  const fills = (caller.spec.windows ?? []).length > 0 ? caller.fillsOf?.(run) : undefined
  const parts = { digest, who, run, mode, options, onStored, fills }
  const latest = latestMicros ?? file.latestMicros
  const feeds: readonly ImportFeed[] = caller.slots.map((slot, i) => {
    const found = stored[i] as StoredRows
    return new ImportFeed(slot, { ...parts, latestMicros: latest, stored: found })
  })
  const timeOf = timesOfRows(caller.spec, { firstMicros, isJudged: options.rules === true })
  const [first, ...others] = feeds
  try {
    const held = (await first?.begin()) ?? ''
    if (fills !== undefined) for (const feed of feeds) feed.hold(held)
    for await (const read of rowsOfFile(caller, { ...file, latestMicros: latest }, {})) {
      for (const row of read) {
        const feed = feeds[feeds.length === 1 ? 0 : partitionOf(row.playerId, feeds.length)]
        await feed?.add(row, timeOf(row))
      }
    }
    await Promise.all(feeds.map((feed) => feed.finish()))
    const lastMicros = Math.max(...feeds.map((feed) => feed.lastMicros))
    await Promise.all(others.map((feed) => feed.end(lastMicros)))
    await fills?.end()
    await first?.end(lastMicros)
  } catch (error) {
    // Wait for calls under way, so that the error tells how many rows are stored.
    await Promise.all(feeds.map((feed) => feed.settle()))
    throw stopped(error, { stored: storedIn(feeds), rows })
  }
  const refused = feeds.reduce((sum, feed) => sum + feed.refused, 0)
  const changed = feeds.reduce((sum, feed) => sum + feed.changed, 0)
  const report = { imported: rows - refused, changed, skipped: skipped + refused }
  const sealed = sealedIn(feeds)
  return Object.keys(sealed).length === 0 ? report : { ...report, sealed }
}

/**
 * Returns what tells the time of each row, in the order of the file; undefined: the next one of its slot, as any submit
 * has, since the board pushes players out, judges rows or has seasons. Partitions know no next time of all of them:
 * there each row without a time counts, also one that is refused later on.
 */
function timesOfRows(
  { keep, windows = [], partitions }: BoardCalls['spec'],
  { firstMicros, isJudged }: { firstMicros: number; isJudged: boolean },
): (row: Row) => number | undefined {
  const isInOrder = keep !== undefined || isJudged || windows.length > 0
  if (!isInOrder) return ({ line }) => firstMicros + line
  if (partitions === 1) return () => undefined
  let nextMicros = firstMicros
  return ({ at }) => (at === undefined ? nextMicros++ : undefined)
}

/**
 * Returns which import of the file this is, and what is stored of it in each slot: a new one, or the last one that goes
 * on, which may have ended everywhere. What ended elsewhere counts if it is of the import that the first slot knows: that
 * slot is begun first, and ended last.
 */
function lastImport(
  { spec, context }: BoardCalls,
  { states, options }: { states: readonly ImportState[]; options: KnownImport },
): { run: string; latestMicros: number | undefined; stored: StoredRows[] } {
  const [first] = states as [ImportState]
  if (options.resume !== true) {
    const isHalf = states.some(({ stored }) => !stored.isEnded && (stored.rows ?? 0) > 0)
    if (isHalf) throw halfWay(spec.name, begunRows(states))
    const stored = states.map(() => NOTHING_STORED)
    // One that stopped before its first row may have the home keep seasons for it.
    const isBegun = first.stored.rows !== undefined && !first.stored.isEnded
    return { run: isBegun ? first.run : context.newId(), latestMicros: undefined, stored }
  }
  const isKnown = first.stored.rows !== undefined
  return {
    run: isKnown ? first.run : context.newId(),
    latestMicros: isKnown ? first.latestMicros : undefined,
    stored: states.map(({ stored, run }) =>
      stored.isEnded && run !== first.run ? NOTHING_STORED : stored,
    ),
  }
}

function begunRows(states: readonly ImportState[]): number {
  return states.reduce((sum, { stored }) => sum + (stored.isEnded ? 0 : (stored.rows ?? 0)), 0)
}

// By the name of each window, how many rows found their season sealed.
function sealedIn(feeds: readonly ImportFeed[]): Record<string, number> {
  const sealed: Record<string, number> = {}
  for (const feed of feeds)
    for (const [window, count] of feed.sealed) sealed[window] = (sealed[window] ?? 0) + count
  return sealed
}

function storedIn(feeds: readonly ImportFeed[]): number {
  return feeds.reduce((sum, { rows }) => sum + rows, 0)
}

interface ImportState {
  stored: StoredRows
  nextMicros: number
  /** Which import it is. */
  run: string
  latestMicros: number | undefined
}

async function stateOf(slot: SlotCalls, digest: string): Promise<ImportState> {
  const { context } = slot
  const clock = [context.givenMicros() ?? '', context.seenMicros]
  const { value } = await slot.readNow('import', [digest, ...clock])
  const [rows, changed, refused, nextTime, run, latest, isEnded, sealed] = value as ImportReply
  return {
    stored: {
      ...{ rows: rows ?? undefined, changed, refused, isEnded: isEnded === 1 },
      sealed: countsOf(sealed),
    },
    nextMicros: numberOf(nextTime),
    run: `${run}`,
    latestMicros: `${latest}` === '' ? undefined : Number(`${latest}`),
  }
}

type ImportReply = [
  ...[rows: number | null, changed: number, refused: number, nextTime: Buffer],
  ...[run: Buffer, latestMicros: Buffer, isEnded: number, sealed: (Buffer | number)[]],
]

function halfWay(board: string, rows: number): LadderError {
  return new LadderError(
    'EXISTS',
    `Cannot import into board "${board}": an import of this file stored ${rows} rows and has not ended; if no process still runs it, go on behind these rows (${optionInWords('resume', true)}), or drop the board`,
  )
}

// A failure tells how many rows are stored.
function stopped(error: unknown, { stored, rows }: { stored: number; rows: number }): unknown {
  // BUSY: the import of another process goes on, and may have stored more meanwhile.
  if (!(error instanceof LadderError) || error.code === 'BUSY') return error
  const isNone = stored === 0 && error.code !== 'UNKNOWN'
  const far = isNone
    ? 'no row is stored; import again'
    : `at least ${stored} of ${rows} rows are stored; import the same file again to go on behind them (${optionInWords('resume', true)})`
  return new LadderError(error.code, `${error.message}; ${far}`, { cause: error })
}
