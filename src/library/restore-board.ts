/**
 * One board out of a backup into a store, which others may have open meanwhile.
 *
 *     verify ──► rows ──► a board of another name ──► one transaction gives it the name
 *            └─► seasons (../transfer/carry-seasons.ts) ──┘  and its windows
 *
 * What fails before leaves the store as it was, but for a board `NAME (restoring)` if the process is
 * killed: the next restore of the board drops it.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { proveBackup } from '../backup/backup.ts'
import { assertNoBackup, BACKUP_DATA_FILE } from '../backup/manifest.ts'
import { noBoard } from '../calls/no-board.ts'
import { checkBoardName } from '../calls/values.ts'
import { findBoard } from '../embedded/catalog.ts'
import {
  type HiddenPlayer,
  hiddenPlayersOf,
  takeHidden,
} from '../embedded/moderation/carry-hidden.ts'
import { type Erasures, erasedSince, erasuresIn } from '../embedded/moderation/erasures.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { type Replaced, replaceBoard } from '../embedded/replace-board.ts'
import { carriedWindows } from '../embedded/seasons/carry-windows.ts'
import { sweepBoard } from '../embedded/sweep.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { hasBoard } from '../format/meta/season.ts'
import { erasureHash } from '../format/people/erasure.ts'
import type { Table } from '../format/tables.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { SETTINGS_START } from '../rows/rows-objects.ts'
import type { Reader } from '../store/store.ts'
import { CarriedSeasons } from '../transfer/carry-seasons.ts'
import type {
  BoardInfo,
  BoardSettings,
  RestoreBoardOptions,
  RestoreBoardReport,
} from '../words/index.ts'
import { Leaderboards } from './leaderboards.ts'
import { openContext } from './open-context.ts'

/** Restores a board; see `restoreBoard` in backups.ts. */
export async function restoreBoardOf(
  source: string,
  target: string,
  options: RestoreBoardOptions,
): Promise<RestoreBoardReport> {
  const start = performance.now()
  const { board, as = board, dryRun = false, signal } = options
  for (const name of [board, as]) checkBoardName(name)
  const [path, backup] = [resolve(target), resolve(source)]
  assertNoBackup(path)
  const manifest = await proveBackup(backup, { signal })
  const backedUp = openContext(backup, { readOnly: true, allowNetworkFileSystem: true })
  const from = new Leaderboards(backedUp)
  try {
    const info = from.boards().find(({ name }) => name === board)
    if (info === undefined) throw missing(from, board)
    const seasons = countSeasons(backedUp, board)
    const report = {
      ...{ path, source: backup, manifest, board, as, entries: info.size },
      ...(seasons > 0 && { seasons }),
      dryRun,
    }
    const replaced = await into(path, { from, backedUp, info, as, options })
    return { ...report, replaced, ms: performance.now() - start }
  } finally {
    await from.close()
  }
}

function countSeasons({ store }: OpenStore, name: string): number {
  const reader = store.current()
  const board = findBoard(reader, name)
  const windows = board === undefined ? [] : carriedWindows(reader, board.id)
  return windows.flatMap(({ seasons }) => seasons.filter(hasBoard)).length
}

/** A board on its way. */
interface Work {
  from: Leaderboards
  backedUp: OpenStore
  info: BoardInfo
  as: string
  options: RestoreBoardOptions
}

// Returns how many entries the board had that was replaced; undefined if there was none.
async function into(path: string, work: Work): Promise<number | undefined> {
  const { as, options } = work
  const { force = false, dryRun = false, allowNetworkFileSystem = false } = options
  const mayGo = (size: number): void => {
    if (force || size === 0) return
    throw new LadderError(
      'EXISTS',
      `Cannot restore board "${as}" to ${path}: there is one with ${size} entries; say force (--force) to replace it, or as (--as) to give it another name`,
    )
  }
  if (dryRun && isFree(path)) return undefined
  const context = openContext(path, { readOnly: dryRun, create: !dryRun, allowNetworkFileSystem })
  const store = new Leaderboards(context)
  try {
    const there = store.boards().find(({ name }) => name === as)
    if (there !== undefined) mayGo(there.size)
    if (dryRun) return there?.size
    const name = `${as} (restoring)`
    const isErased = erasedLater(context, work.backedUp)
    const replaced = await work.backedUp.store.hold((source) =>
      replace(store, context, { ...work, isErased, source, name, mayGo }),
    )
    await sweepReplaced(context, replaced)
    return replaced?.size
  } finally {
    await store.close()
  }
}

type Replacing = Filtered & {
  source: Reader<Table>
  /** Of the board that gets the rows. */
  name: string
  mayGo: (size: number) => void
}

async function replace(
  store: Leaderboards,
  context: OpenStore,
  work: Replacing,
): Promise<Replaced | undefined> {
  const { name } = work
  const seasons = seasonsOf(context, work)
  await fill(store, name, work)
  try {
    await seasons.copy()
    return await publish(context, { ...work, seasons })
  } catch (error) {
    await store.dropBoard(name)
    throw error
  } finally {
    await seasons.discard()
  }
}

// One transaction gives the board its name, those whom bans hide, and its windows.
function publish(
  context: OpenStore,
  work: Replacing & { seasons: CarriedSeasons },
): Promise<Replaced | undefined> {
  const { name, as, mayGo, seasons } = work
  const hidden = hiddenOf(work)
  return context.store.writeAlone(async (writer) => {
    const replaced = replaceBoard(context, writer, { from: name, to: as, mayGo })
    takeHidden({ context, writer }, { board: as, ...hidden })
    await seasons.place(writer, findBoard(writer, as) as CatalogEntry)
    return replaced
  })
}

async function sweepReplaced(context: OpenStore, replaced: Replaced | undefined): Promise<void> {
  for (const boardId of replaced?.boardIds ?? []) {
    context.forget(boardId)
    await sweepBoard(context, boardId, { isEnded: () => false, onSwept: () => undefined })
  }
}

function seasonsOf(
  context: OpenStore,
  { source, info, isErased, options }: Replacing,
): CarriedSeasons {
  const board = findBoard(source, info.name)
  if (board === undefined) throw noBoard(info.name)
  return new CarriedSeasons({ source, context, board, isErased, signal: options.signal })
}

/** Work that leaves players out; undefined if none are to be. */
type Filtered = Work & { isErased: ((playerId: string) => boolean) | undefined }

// A backup holds whom the store has erased since.
function erasedLater(to: OpenStore, backedUp: OpenStore): Filtered['isErased'] {
  const [now, before] = [to, backedUp].map(({ store }) => erasuresIn(store.current()))
  const hashes = erasedSince(now as Erasures, before as Erasures)
  if (hashes.length === 0) return undefined
  const erased = new Set(hashes)
  return (playerId) => erased.has(erasureHash(to.storeId, playerId))
}

// The board has its settings already, and gets its windows at the end.
async function* withoutSettings(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of rows) {
    if (head === undefined) yield chunk
    else {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\n')
      if (end === -1) continue
      yield head.subarray(isSettings(head.subarray(0, end)) ? end + 1 : 0)
      head = undefined
    }
  }
  if (head !== undefined && !isSettings(head)) yield head
}

function isSettings(line: Buffer): boolean {
  return SETTINGS_START.test(line.toString())
}

async function* withoutErased(
  rows: AsyncIterable<Buffer>,
  isErased: (playerId: string) => boolean,
): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of rows) {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf('\n') + 1
    rest = bytes.subarray(end)
    const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
    yield lines
      .filter((line) => !isErased(playerOf(line)))
      .map((line) => `${line}\n`)
      .join('')
  }
  if (rest.length > 0 && !isErased(playerOf(rest.toString()))) yield rest.toString()
}

function playerOf(line: string): string {
  const { playerId } = JSON.parse(line) as { playerId?: unknown }
  return typeof playerId === 'string' ? playerId : ''
}

// An export shows nothing of the hidden.
function hiddenOf({ backedUp, info, isErased }: Filtered): {
  storeId: string
  players: HiddenPlayer[]
} {
  const reader = backedUp.store.current()
  const board = findBoard(reader, info.name)
  const players = board === undefined ? [] : hiddenPlayersOf(reader, board)
  return {
    storeId: backedUp.storeId,
    players: players.filter(({ playerId }) => !isErased?.(playerId)),
  }
}

function isFree(path: string): boolean {
  return !existsSync(join(path, BACKUP_DATA_FILE))
}

async function fill(store: Leaderboards, name: string, work: Filtered): Promise<void> {
  const { from, info, options, isErased } = work
  if (store.hasBoard(name)) await store.dropBoard(name)
  const board = await store.createBoard(name, settingsOf(info))
  try {
    const rows = new PassThrough()
    const exporting = from.openBoard(info.name).exportTo(rows, { format: 'ndjson' })
    const all = withoutSettings(rows)
    const source = isErased === undefined ? all : withoutErased(all, isErased)
    const importing = board.importFrom(source, {
      format: 'ndjson',
      mode: 'set',
      // One note of the restore stands for them: they are not runs.
      log: false,
      // As they are in the backup, whatever they look like and wherever the clock is now.
      atUnit: 'ms',
      futureAllowanceMs: Number.MAX_SAFE_INTEGER,
      signal: options.signal,
    })
    await Promise.all([importing, exporting])
    throwIfAborted(options)
    // Behind the rows: the board may be closed for writes.
    const rules = from.openBoard(info.name).rules()
    if (Object.keys(rules).length > 0) await store.alter(name, rules)
  } catch (error) {
    await store.dropBoard(name)
    throw error
  }
}

function settingsOf({ order, mode, scoreType, columns, keep, log }: BoardInfo): BoardSettings {
  return {
    mode,
    ...(columns === undefined ? { order } : { columns }),
    ...(scoreType !== undefined && { scoreType }),
    ...(keep !== undefined && { keep }),
    ...(log !== undefined && { log }),
  }
}

function missing(backup: Leaderboards, board: string): LadderError {
  const names = backup.boards().map(({ name }) => `"${name}"`)
  const { code, message } = noBoard(board)
  const action = message.slice(0, message.lastIndexOf('": ') + 1)
  const told = names.length === 0 ? 'it has no boards' : `its boards are ${names.join(', ')}`
  return new LadderError(code, `${action} in the backup: ${told}`)
}
