/**
 * Filling an empty board with any number of players.
 *
 * The sequence of commits, and what a crash after each leaves:
 *   1. a new board number, noted as being filled, and times for all rows → nothing to be seen
 *   2. chunks of sorted records and entries under that number            → bytes to be swept
 *   3. the rows in the log; the rank tree; the name leads to the new      → all is there
 *      number, the old one is noted as dropped instead
 *
 * The last one has a transaction of its own if rows go into the log: others wait for it, and read meanwhile.
 *
 * @module
 */

import { BoardStorageWriter } from '../../board/board-storage.ts'
import { commitOf } from '../../board/commit.ts'
import { noBoard } from '../../calls/no-board.ts'
import { settingsError } from '../../domain/settings.ts'
import { noteCreated } from '../../embedded/apply.ts'
import { findBoard, noteOrphan, putBoard, retireBoard } from '../../embedded/catalog.ts'
import { keepPastBoard } from '../../embedded/log/board-names.ts'
import { hideBanned, releaseBoard } from '../../embedded/moderation/ban-changes.ts'
import { placedBans } from '../../embedded/moderation/bans.ts'
import { checkOpenForWrites } from '../../embedded/moderation/judging.ts'
import { hasProfiles, nameOfRow } from '../../embedded/moderation/profiles.ts'
import { moveRules } from '../../embedded/moderation/rules.ts'
import type { OpenStore } from '../../embedded/open-store.ts'
import { allWindowsOf } from '../../embedded/seasons/windows.ts'
import { sweepBoard } from '../../embedded/sweep.ts'
import { copyBytes } from '../../format/bytes.ts'
import { writeHead } from '../../format/entry-key.ts'
import { BoardKeys, keyShapeOf, NO_BOARD_ID, type Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { orphanKey } from '../../format/meta/orphan.ts'
import { ALL_BOARDS } from '../../format/people/ban.ts'
import { writeEntryValue, writePlayerRecordOf } from '../../format/player-record.ts'
import { encodeHistory, HISTORY_TAG, type RunChain } from '../../format/run-chain.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { readText } from '../../format/text.ts'
import { BulkLoader } from '../../rank/bulk-load.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { type FoldedPlayer, RowFold } from '../fold-rows.ts'
import { noteImport, surveyRows } from '../import-log.ts'
import { LeftOut } from '../left-out.ts'
import { assertRoom } from '../room.ts'
import { isLogged, mustSurvey, RowLog } from '../row-log.ts'
import type { Taken, Work } from '../work.ts'
import { ChunkWriter, keepPlace, type Target } from './chunk-writer.ts'
import type { PairVisitor, Place } from './packed-pairs.ts'
import { PairSpool } from './pair-spool.ts'

/**
 * Makes what the rows come to the content of an empty board; returns undefined, with nothing changed,
 * if the board got entries meanwhile, or keeps requests.
 */
export async function fillBoard(context: OpenStore, work: Work): Promise<Taken | undefined> {
  const { lines, options } = work
  const { boardId, firstMicros } = await context.store.write((writer) =>
    reserve(writer, lines, context.nowMicros()),
  )
  const keys = new BoardKeys(boardId)
  const filling = { target: { boardId, keys, signal: options.signal }, firstMicros }
  let leftover = boardId
  try {
    const filled = await fill(context, work, filling)
    if (filled.size === 0) return filled.taken
    const published = await publishAll(context, { work, boardId, ...filled })
    if (published === undefined) return undefined
    leftover = published.replacedId
    return filled.taken
  } finally {
    if (leftover !== NO_BOARD_ID) {
      await sweepBoard(context, leftover, { isEnded: () => false, onSwept: () => undefined })
      context.forget(leftover)
    }
  }
}

/** What is to be published. */
interface Filled {
  taken: Taken
  loader: BulkLoader
  size: number
  /** Undefined if rows leave no records. */
  log: RowLog | undefined
}

async function fill(
  context: OpenStore,
  work: Work,
  filling: { target: Target; firstMicros: number },
): Promise<Filled> {
  const { target, firstMicros } = filling
  const { shape } = work.board.spec
  const log = await logFor(work, { boardId: target.boardId, firstMicros })
  const isHidden = hiddenOn(context, work.board.name)
  const entries = new PairSpool({
    scratch: work.scratch,
    order: 'keys',
    bytesMax: work.runBytes,
  })
  const players = new ChunkWriter(context, { target, table: 'players' })
  try {
    const fold = new RowFold(
      { shape, mode: work.mode, firstMicros },
      {
        before: (playerId) => {
          log?.begin({ chain: undefined, lastSeq: 0, isHidden: isHidden(playerId) })
          return undefined
        },
        take: (player) => {
          nameByProfile(context, player)
          const chain = log?.chain
          return takePlayer(player, { entries, players, keys: target.keys, shape, chain })
        },
        refuse: (bad) => work.refuse(bad),
        onRow: log && ((step) => log.add(step)),
      },
    )
    await visitRows(work, fold.visit)
    await fold.end()
    await players.end()
    work.throwIfRefused()
    const { imported, changed } = fold
    const size = entries.count
    const loader = new BulkLoader({ shape: keyShapeOf(shape), count: size })
    await writeEntries(context, { work, target, entries, loader })
    return { taken: { imported, changed }, loader, size, log }
  } finally {
    await players.settle()
  }
}

// Rows of the first half of the work; the second one is to write what they come to.
async function visitRows(work: Work, visit: PairVisitor, share = 0.5): Promise<void> {
  let visited = 0
  await work.rows.visit((place) => {
    if (++visited % PROGRESS_EVERY === 0) work.progress(share * visited)
    return visit(place)
  })
}

async function logFor(
  work: Work,
  { boardId, firstMicros }: { boardId: number; firstMicros: number },
): Promise<RowLog | undefined> {
  if (!isLogged(work)) return undefined
  const visit = (visitor: PairVisitor): Promise<void> => visitRows(work, visitor, 0)
  const leftOut = mustSurvey(work)
    ? await surveyRows(work, { firstMicros, before: () => undefined, visit })
    : new LeftOut()
  return new RowLog(work, { boardId, leftOut })
}

// Who is hidden by a ban already; those banned meanwhile are hidden at the end.
function hiddenOn(context: OpenStore, name: string): (playerId: string) => boolean {
  const reader = context.store.current()
  const boardId = findBoard(reader, name)?.id
  const bans = placedBans(reader).filter((ban) => [ALL_BOARDS, boardId].includes(ban.boardId))
  if (bans.length === 0) return () => false
  const banned = new Set(bans.map(({ playerId }) => playerId))
  return (playerId) => banned.has(playerId)
}

async function writeEntries(
  context: OpenStore,
  todo: { work: Work; target: Target; entries: PairSpool; loader: BulkLoader },
): Promise<void> {
  const { work, target, entries, loader } = todo
  const { length } = target.keys.prefix
  const rows = work.rows.count
  const writer = new ChunkWriter(context, { target, table: 'entries' })
  let written = 0
  try {
    await entries.visit((place) => {
      loader.add(place.slab, place.start + length, place.keyEnd)
      if (++written % PROGRESS_EVERY === 0)
        work.progress(rows / 2 + ((rows / 2) * written) / entries.count)
      return writer.add((slab, at) => copyPair(place, slab, at))
    })
    await writer.end()
  } finally {
    await writer.settle()
  }
}

const PROGRESS_EVERY = 5_000

function copyPair(
  { slab, start, keyEnd, end }: Place,
  target: Buffer,
  at: number,
): { keyEnd: number; end: number } {
  const copied = copyBytes({ bytes: slab, start, count: end - start }, target, at)
  return { keyEnd: at + keyEnd - start, end: copied }
}

// A player with a profile has its name on every board.
function nameByProfile(context: OpenStore, { id, idBytes, entry }: FoldedPlayer): void {
  const reader = context.store.current()
  if (!hasProfiles(reader)) return
  entry.name = nameOfRow(reader, readText(id, 0, idBytes), entry.name)
}

interface Packing {
  entries: PairSpool
  players: ChunkWriter
  keys: BoardKeys
  shape: ScoreShape
  chain: RunChain | undefined
}

function takePlayer(player: FoldedPlayer, packing: Packing): Promise<void> | undefined {
  const { entries, players } = packing
  let entry: Place | undefined
  entries.add((slab, start) => {
    const { keyEnd, end } = packEntry(player, packing, { slab, start })
    entry = { slab, start, keyEnd, end }
    return entry
  })
  const packed = entry as unknown as Place
  const sent = players.add((slab, at) => packPlayer(packed, packing, { slab, at }))
  if (!entries.isFull) return sent
  return (sent ?? Promise.resolve()).then(() => entries.spill())
}

function packEntry(
  { id, idBytes, entry }: FoldedPlayer,
  { keys: { prefix }, shape }: Packing,
  { slab, start }: { slab: Buffer; start: number },
): { keyEnd: number; end: number } {
  const { score, atMicros, name, metadata } = entry
  const headAt = copyBytes({ bytes: prefix, start: 0, count: prefix.length }, slab, start)
  writeHead(slab, headAt, { score, atMicros, shape })
  const idAt = headAt + shape.headBytes
  const keyEnd = copyBytes({ bytes: id, start: 0, count: idBytes }, slab, idAt)
  // A name equal to the id is what a player without a name has: it is not stored.
  const isId = name !== undefined && name === readText(id, 0, idBytes)
  const details = { name: isId ? undefined : name, metadata }
  return { keyEnd, end: writeEntryValue(slab, { keyStart: start, at: keyEnd }, details) }
}

function packPlayer(
  { slab: bytes, start, keyEnd: valueAt, end }: Place,
  { keys: { prefix }, shape: { headBytes }, chain }: Packing,
  { slab, at: keyStart }: { slab: Buffer; at: number },
): { keyEnd: number; end: number } {
  const headAt = start + prefix.length
  const idAt = headAt + headBytes
  const newIdAt = copyBytes({ bytes: prefix, start: 0, count: prefix.length }, slab, keyStart)
  const keyEnd = copyBytes({ bytes, start: idAt, count: valueAt - idAt }, slab, newIdAt)
  const source = { bytes, headAt, headBytes, valueAt, end, chain }
  return { keyEnd, end: writePlayerRecordOf(source, slab, { keyStart, at: keyEnd }) }
}

// A board number and a time for each line, so that no submit meanwhile is given one.
function reserve(
  writer: Writer<Table>,
  lines: number,
  nowMicros: number,
): { boardId: number; firstMicros: number } {
  const clock = commitOf(writer)
  clock.willChange()
  const boardId = clock.newBoardId()
  noteOrphan(writer, boardId, { state: 'filling', lastMicros: nowMicros })
  const firstMicros = clock.nextMicros(nowMicros, lines + 1)
  clock.give(firstMicros + lines)
  return { boardId, firstMicros }
}

/** What is to become the content of the board. */
interface Publishing extends Filled {
  work: Work
  boardId: number
}

// The old number, 0 if there was none.
interface Published {
  replacedId: number
}

// Returns undefined if the board is no longer empty, or keeps requests or runs under its number.
async function publishAll(context: OpenStore, todo: Publishing): Promise<Published | undefined> {
  const { log, work } = todo
  const { store } = context
  if (log === undefined)
    return store.write((writer) => {
      const found = replaceable(context, writer, todo)
      return found && publish(context, writer, { ...todo, ...found, firstSeq: undefined })
    })
  const neededBytes = log.bytes + LOG_PAGES_BYTES
  await assertRoom(store.path, { board: work.board.name, neededBytes })
  return store.writeAlone(async (writer) => {
    const found = replaceable(context, writer, todo)
    if (found === undefined) return undefined
    const firstSeq = await log.append(context, writer, work)
    return publish(context, writer, { ...todo, ...found, firstSeq })
  })
}

const LOG_PAGES_BYTES = 1024 * 1024

// Whether the board that has the name, if any, can get another number.
function replaceable(
  context: OpenStore,
  writer: Writer<Table>,
  { work, boardId }: Publishing,
): { found: CatalogEntry | undefined } | undefined {
  const { board } = work
  const found = findBoard(writer, board.name)
  if (found === undefined && board.wasThereIn(writer)) throw noBoard(board.name)
  // The keys have the shape of the board that the import began with.
  const error = found && settingsError(found, board.spec)
  if (error !== undefined) throw error
  if (!isUntouched(writer, found?.id ?? NO_BOARD_ID)) return undefined
  checkOpenForWrites(writer, found)
  const commit = commitOf(writer)
  commit.willChange()
  keepPlace(writer, boardId, context.nowMicros())
  commit.beginChange()
  if (found === undefined) {
    noteCreated(writer, context.nowMicros(), board.spec)
    commit.beginChange()
  }
  return { found }
}

/** Whether a board may get another number: it has no entries, and nothing that must be found under its own. */
export function isUntouched(reader: Reader<Table>, boardId: number): boolean {
  if (boardId === NO_BOARD_ID) return true
  for (const table of ['players', 'history', 'requests'] as const)
    for (const _key of reader.keys(table, { ...new BoardKeys(boardId).all(), limit: 1 }))
      return false
  // Rows go to the seasons too, and those of a window that was taken away are still going.
  return allWindowsOf(reader, boardId).length === 0
}

// Lets the name lead to the new number.
function publish(
  context: OpenStore,
  writer: Writer<Table>,
  todo: Publishing & { found: CatalogEntry | undefined; firstSeq: number | undefined },
): Published {
  const { work, boardId, loader, found, firstSeq, taken } = todo
  const { board } = work
  const commit = commitOf(writer)
  const keys = new BoardKeys(boardId)
  context.settle(writer, board.name)
  loader.finish(new BoardStorageWriter(writer, keys), commit.sequence)
  putBoard(writer, { ...board.spec, id: boardId })
  writer.remove('meta', orphanKey(boardId))
  if (firstSeq !== undefined) noteFilled(writer, keys, firstSeq)
  noteImport(context, writer, { work, taken, isAltered: true })
  if (found !== undefined) {
    moveRules(writer, found, boardId)
    retireBoard(writer, found.id)
    releaseBoard(writer, found.id, boardId)
    if (commit.uses('log')) keepPastBoard(writer, { board: found, droppedSeq: commit.lastSeq })
  }
  // Bans may have been made while the rows were stored.
  hideBanned({ context, writer }, { ...board.spec, id: boardId })
  board.noteThereIn(writer)
  return { replacedId: found?.id ?? NO_BOARD_ID }
}

// Chains of the players count from there.
function noteFilled(writer: Writer<Table>, keys: BoardKeys, firstSeq: number): void {
  const tail = new Map([[HISTORY_TAG.FILLED, logKey(firstSeq)]])
  writer.put('history', keys.prefix, encodeHistory(keys.prefix, { chain: undefined, tail }))
}
