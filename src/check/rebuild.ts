/**
 * Rebuilding what can be derived: the rank tree from the entries, and the entries from the player
 * records. The records are the source of all, so one that is damaged ends the work.
 *
 * A walk on a snapshot finds what differs, with progress and a way out, before anything waits for it.
 * One transaction then changes that and makes the tree; if a commit came in between, it walks again.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { BoardStorageWriter } from '../board/board-storage.ts'
import { commitOf, readCounters } from '../board/commit.ts'
import { decodeRow } from '../board/rows.ts'
import { noBoard } from '../calls/no-board.ts'
import { findBoard } from '../embedded/catalog.ts'
import { logNote } from '../embedded/log/notes.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { boardInWords, seasonEntriesOf } from '../embedded/seasons/season-boards.ts'
import { listSeasons } from '../embedded/seasons/season-records.ts'
import { allWindowsOf } from '../embedded/seasons/windows.ts'
import { readMicros } from '../format/entry-key.ts'
import { BoardKeys, keyShapeOf, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
  type PlayerRecord,
} from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { AT_MICROS_MAX, TURN_KEYS } from '../ground/limits.ts'
import { BulkLoader } from '../rank/bulk-load.ts'
import type { Pair, Reader, Writer } from '../store/store.ts'
import type { RebuildReport, WorkOptions } from '../words/index.ts'

/** What of the table `entries` is to be changed. */
interface Plan {
  /** Number of the commit that was walked. */
  sequence: number
  /** Keys that no record leads to. */
  orphans: Buffer[]
  /** Entries that are missing or damaged. */
  missing: Pair[]
  /** Records whose time no store could have given: a clock was far off. */
  late: LateRecord[]
  /** The latest time of a record that is sound. */
  lastMicros: number
}

interface LateRecord {
  key: Buffer
  record: PlayerRecord
}

type RebuildWork = WorkOptions & { from?: 'entries' | 'players' | undefined }

/** What is rebuilt in one transaction: a board, or one of its seasons. */
interface Site {
  find(reader: Reader<Table>): CatalogEntry | undefined
  /** Ends the work on it that the transaction has begun. */
  settle(writer: Writer<Table>): void
}

/** Rebuilds a board and its seasons; see `Leaderboards.rebuild`. */
export async function rebuildBoard(
  context: OpenStore,
  name: string,
  options: RebuildWork,
): Promise<RebuildReport> {
  const { store } = context
  if (store.readOnly) throw store.readOnlyError()
  const site: Site = {
    find: (reader) => findBoard(reader, name),
    settle: (writer) => context.settle(writer, name),
  }
  const report = await rebuildSite(context, site, options)
  if (report === undefined) throw noBoard(name)
  for (const { id } of seasonsNow(store.current(), name)) {
    const season = await rebuildSite(context, seasonSite(context, { name, id }), options)
    if (season !== undefined) addTo(report, season)
  }
  return report
}

function seasonsNow(reader: Reader<Table>, name: string): CatalogEntry[] {
  const board = findBoard(reader, name)
  return board === undefined ? [] : seasonEntriesOf(reader, board)
}

// It may leave while others are rebuilt.
function seasonSite(context: OpenStore, season: { name: string; id: number }): Site {
  const { name, id } = season
  return {
    find: (reader) => seasonsNow(reader, name).find((one) => one.id === id),
    settle: (writer) => context.settleSeason(writer, id),
  }
}

function addTo(report: RebuildReport, season: RebuildReport): void {
  for (const field of ['entries', 'nodes', 'added', 'removed', 'retimed'] as const)
    if (season[field] !== undefined) report[field] = (report[field] ?? 0) + season[field]
}

async function rebuildSite(
  context: OpenStore,
  site: Site,
  options: RebuildWork,
): Promise<RebuildReport | undefined> {
  const { from = 'entries' } = options
  throwIfAborted(options)
  const nowMicros = context.nowMicros()
  const walk = from === 'players' ? compare : checkEntries
  const surveyed = await context.store.hold(async (reader) => {
    const board = site.find(reader)
    // It may be on its way: the transaction comes behind its creation.
    return board && inTurns(walk(reader, board), options)
  })
  throwIfAborted(options)
  return context.store.write((writer) => {
    const board = site.find(writer)
    if (board === undefined) return undefined
    site.settle(writer)
    const isOfNow = readCounters(writer).sequence === surveyed?.sequence
    const plan = isOfNow ? surveyed : atOnce(walk(writer, board))
    return applyPlan(context, writer, { board, plan, from, nowMicros })
  })
}

function applyPlan(
  context: OpenStore,
  writer: Writer<Table>,
  work: { board: CatalogEntry; plan: Plan; from: 'entries' | 'players'; nowMicros: number },
): RebuildReport {
  const { board, plan, from, nowMicros } = work
  commitOf(writer).willChange()
  commitOf(writer).mendTime(Math.max(nowMicros, plan.lastMicros))
  giveTimes(writer, { board, late: plan.late, nowMicros })
  for (const key of plan.orphans) writer.remove('entries', key)
  for (const { key, value } of plan.missing) writer.put('entries', key, value)
  const tree = rebuildTree(writer, board)
  const { name, season } = board
  const place = { board: name, ...(season && { window: season.window, season: season.id }) }
  // The new nodes have the number of this commit, as those settled above had: none may be mixed up.
  writer.afterCommit(() => context.cacheOf(board.id).nodes.clear())
  const [added, removed, retimed] = [plan.missing, plan.orphans, plan.late].map(
    ({ length }) => length,
  ) as [number, number, number]
  const mended = from === 'players' ? { added, removed, retimed } : {}
  commitOf(writer).beginChange()
  const fields = { ...place, from, entries: tree.entries, ...mended }
  logNote(writer, nowMicros, { kind: 'rebuild', fields })
  return { board: name, ...tree, ...mended }
}

// They get the time of now, one after another in the order in which they ranked; in a season that is over, its last.
function giveTimes(
  writer: Writer<Table>,
  work: { board: CatalogEntry; late: LateRecord[]; nowMicros: number },
): void {
  const { shape, id } = work.board
  const keys = new BoardKeys(id)
  const latest = work.late.length === 0 ? AT_MICROS_MAX : lastTimeOf(writer, work.board)
  const entryKey = (key: Buffer, head: Buffer): Buffer =>
    keys.entry(Buffer.concat([head, key.subarray(keys.prefix.length)]))
  const byRank = work.late
    .map((late) => ({ ...late, from: entryKey(late.key, late.record.head) }))
    .sort((a, b) => a.from.compare(b.from))
  for (const { key, record, from } of byRank) {
    const micros = commitOf(writer).nextMicros(work.nowMicros)
    commitOf(writer).give(micros)
    const head = Buffer.from(record.head)
    head.writeBigUInt64BE(BigInt(Math.min(micros, latest)), shape.bytes)
    const to = entryKey(key, head)
    writer.put('players', key, encodePlayerRecord(key, { ...record, head }, shape.headBytes))
    if (record.isHidden === true) continue
    writer.remove('entries', from)
    writer.put('entries', to, encodeEntryValue(to, record))
  }
}

// (26) Of a season, the last instant in it.
function lastTimeOf(reader: Reader<Table>, { id, name, season }: CatalogEntry): number {
  const parent = season && findBoard(reader, name)
  const windows = parent === undefined ? [] : allWindowsOf(reader, parent.id)
  const seasons = windows.flatMap((window) => listSeasons(reader, window))
  const { endMicros } = seasons.find(({ seasonBoardId }) => seasonBoardId === id) ?? {}
  return endMicros === undefined ? AT_MICROS_MAX : endMicros - 1
}

/** Makes the rank tree of a board again from its entries, in a transaction. */
export function rebuildTree(
  writer: Writer<Table>,
  board: CatalogEntry,
): { entries: number; nodes: number } {
  const keys = new BoardKeys(board.id)
  const storage = new BoardStorageWriter(writer, keys)
  const entries = writer.count('entries', keys.all())
  for (const key of [...writer.keys('ranks', keys.all())]) writer.remove('ranks', key)
  const loader = new BulkLoader({ shape: keyShapeOf(board.shape), count: entries })
  for (const key of storage.storedKeys({})) loader.add(key, storage.keyOffset)
  return { entries, nodes: loader.finish(storage, commitOf(writer).sequence) }
}

/** A walk yields once a key. */
type Walk = Generator<void, Plan>

// A tree over a damaged entry would give ranks that are wrong.
function* checkEntries(reader: Reader<Table>, board: CatalogEntry): Walk {
  const keys = new BoardKeys(board.id)
  const unsound = new Unsound()
  for (const pair of reader.pairs('entries', keys.all())) {
    if (!isSoundEntry(pair, { board, prefixBytes: keys.prefix.length }))
      unsound.add(printKey('entries', pair.key, board.shape))
    yield
  }
  unsound.refuse(`Cannot rebuild ${boardInWords(board)} from its entries`, 'rebuild from players')
  return {
    sequence: readCounters(reader).sequence,
    orphans: [],
    missing: [],
    late: [],
    lastMicros: 0,
  }
}

function isSoundEntry(pair: Pair, options: { board: CatalogEntry; prefixBytes: number }): boolean {
  const { board, prefixBytes } = options
  try {
    decodeRow(pair, { prefixBytes, shape: board.shape })
    return isSoundHead(pair.key.subarray(prefixBytes), board)
  } catch (error) {
    if (error instanceof LadderError) return false
    throw error
  }
}

function* compare(reader: Reader<Table>, board: CatalogEntry): Walk {
  const keys = new BoardKeys(board.id)
  const plan: Plan = {
    sequence: readCounters(reader).sequence,
    orphans: [],
    missing: [],
    late: [],
    lastMicros: 0,
  }
  yield* findMissing(reader, { board, keys, plan })
  for (const key of reader.keys('entries', keys.all())) {
    if (!leadsTo(reader, key, { board, prefix: keys.prefix })) plan.orphans.push(key)
    yield
  }
  return plan
}

function* findMissing(
  reader: Reader<Table>,
  work: { board: CatalogEntry; keys: BoardKeys; plan: Plan },
): Generator<void> {
  const { board, keys, plan } = work
  const unsound = new Unsound()
  for (const pair of reader.pairs('players', keys.all())) {
    const record = readableRecord(pair, board)
    if (record === undefined) unsound.add(printKey('players', pair.key))
    else if (readMicros(record.head, board.shape.bytes) > AT_MICROS_MAX)
      plan.late.push({ key: pair.key, record })
    else {
      plan.lastMicros = Math.max(plan.lastMicros, readMicros(record.head, board.shape.bytes))
      const id = pair.key.subarray(keys.prefix.length)
      const key = keys.entry(Buffer.concat([record.head, id]))
      const value = encodeEntryValue(key, record)
      // A hidden player has no entry: what looks like one is removed below.
      if (record.isHidden !== true && !isStored(reader, { key, value }))
        plan.missing.push({ key, value })
    }
    yield
  }
  unsound.refuse(
    `Cannot rebuild ${boardInWords(board)} from its player records`,
    'restore a backup; nothing was changed',
  )
}

// What a reader returns may lie in a larger buffer: its length alone says where it ends.
function isStored(reader: Reader<Table>, { key, value }: Pair): boolean {
  const stored = reader.get('entries', key)
  return stored !== undefined && value.equals(stored.subarray(0, stored.length))
}

function readableRecord(pair: Pair, { shape }: CatalogEntry): PlayerRecord | undefined {
  const record = decodePlayerRecord(pair.key, pair.value, shape.headBytes)
  return record !== undefined && shape.read(record.head, 0) !== undefined ? record : undefined
}

function isSoundHead(head: Buffer, { shape }: CatalogEntry): boolean {
  return shape.read(head, 0) !== undefined && readMicros(head, shape.bytes) <= AT_MICROS_MAX
}

// Whether the record of the player whom an entry's key names leads to that key.
function leadsTo(
  reader: Reader<Table>,
  key: Buffer,
  place: { board: CatalogEntry; prefix: Buffer },
): boolean {
  const { prefix } = place
  const { headBytes } = place.board.shape
  const idAt = prefix.length + headBytes
  if (key.length <= idAt) return false
  const playerKey = Buffer.concat([prefix, key.subarray(idAt)])
  const value = reader.get('players', playerKey)
  const record = value && decodePlayerRecord(playerKey, value, headBytes)
  if (record === undefined || record.isHidden === true) return false
  return record.head.equals(key.subarray(prefix.length, idAt))
}

/** Counts what cannot be used. */
class Unsound {
  #count = 0
  #first = ''

  add(place: string): void {
    if (this.#count++ === 0) this.#first = place
  }

  refuse(action: string, advice: string): void {
    if (this.#count === 0) return
    const which = this.#count === 1 ? 'one is' : `${this.#count} are`
    throw new LadderError(
      'CORRUPT',
      `${action}: ${which} damaged, the first ${this.#first}; ${advice}`,
    )
  }
}

function atOnce(walk: Walk): Plan {
  for (let next = walk.next(); ; next = walk.next()) if (next.done) return next.value
}

async function inTurns(walk: Walk, options: WorkOptions): Promise<Plan> {
  for (let done = 1, next = walk.next(); ; done++, next = walk.next()) {
    if (next.done) return next.value
    if (done % TURN_KEYS !== 0) continue
    throwIfAborted(options)
    options.onProgress?.({ done, total: undefined })
    await nextTurn()
  }
}
