/**
 * Filling an empty board with many players at once.
 *
 * The sequence of commits, and what a crash after each leaves:
 *   1. a new board number, noted as dropped, and times for all rows      → nothing to be seen
 *   2. chunks of sorted records and entries under that number            → bytes to be swept
 *   3. the rank tree; the name leads to the new number, the old one is    → all is there
 *      noted as dropped instead
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { BoardStorageWriter } from '../board/board-storage.ts'
import { findBoard, noBoard, noteLeftover, putBoard, retireBoard } from '../board/catalog.ts'
import { clockOf } from '../board/commit-clock.ts'
import type { StoreContext } from '../board/context.ts'
import { type BoardSpec, settingsError } from '../board/settings.ts'
import { sweepBoard } from '../board/sweep.ts'
import { BoardKeys, keyShapeOf, type Table } from '../board/tables.ts'
import { LadderError, throwIfAborted } from '../errors.ts'
import { encodeEntryKey, writeHead } from '../format/entry-key.ts'
import { decodeLeftover, leftoverKey } from '../format/header.ts'
import { type Details, encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMicros } from '../format/time.ts'
import { FILL_CHUNK_KEYS } from '../limits.ts'
import { BulkLoader } from '../rank/bulk-load.ts'
import type { Pair, Writer } from '../store/store.ts'
import type { ImportOptions } from '../types.ts'
import type { Row } from './rows.ts'

/** When a player reached the score, in microseconds. */
type TimeOf = (player: Row) => number

/** Where a chunk goes and how far the work is. */
interface Target {
  boardId: number
  keys: BoardKeys
  shape: ScoreShape
  timeOf: TimeOf
  options: ImportOptions
  done: number
}

/**
 * Makes `players` the content of an empty board; returns false, with nothing changed, where the
 * board got entries meanwhile.
 */
export async function fillBoard(
  context: StoreContext,
  work: {
    board: BoardSpec
    players: Map<string, Row>
    /** How many lines the rows stand on: each may need a time of its own. */
    lines: number
    options: ImportOptions
  },
): Promise<boolean> {
  const { board, lines, options } = work
  const { shape } = board
  const { store } = context
  const { boardId, firstMicros } = await store.write((writer) =>
    reserve(writer, lines, context.nowMicros()),
  )
  const timeOf: TimeOf = ({ at, line }) => (at === undefined ? firstMicros + line : toMicros(at))
  const target = { boardId, keys: new BoardKeys(boardId), shape, timeOf, options, done: 0 }
  let leftover = boardId
  try {
    // Both are sorted from the order of the file: whoever has ids or scores in order saves a sort.
    const players = [...work.players.values()]
    const loader = new BulkLoader({ shape: keyShapeOf(shape), count: players.length })
    await writeEntries(context, {
      players: players.toSorted(byRank(shape, timeOf)),
      target,
      loader,
    })
    await writePlayers(context, { players: players.sort(byId(players)), target })
    const replaced = await store.write((writer) =>
      publish(context, writer, { board, boardId, loader }),
    )
    leftover = replaced ?? boardId
    return replaced !== undefined
  } finally {
    await sweepBoard(store, leftover, { isEnded: () => false, onSwept: () => undefined })
    context.forget(leftover)
  }
}

// A board number and a time for each line, so that no submit meanwhile is given one.
function reserve(
  writer: Writer<Table>,
  lines: number,
  nowMicros: number,
): { boardId: number; firstMicros: number } {
  const clock = clockOf(writer)
  clock.willChange()
  const boardId = clock.newBoardId()
  noteLeftover(writer, boardId, { state: 'filling', lastMicros: nowMicros })
  const firstMicros = clock.nextMicros(nowMicros)
  clock.give(firstMicros + lines)
  return { boardId, firstMicros }
}

async function writeEntries(
  context: StoreContext,
  work: { players: Row[]; target: Target; loader: BulkLoader },
): Promise<void> {
  const { loader } = work
  const { keys, shape, timeOf } = work.target
  await inChunks(context, { ...work, table: 'entries' }, (player) => {
    const { playerId, score } = player
    const entry = { playerId, score, atMicros: timeOf(player) }
    const key = encodeEntryKey(entry, shape, keys.prefix)
    loader.add(key, keys.prefix.length)
    return { key, value: encodeEntryValue(key, detailsOf(player)) }
  })
}

async function writePlayers(
  context: StoreContext,
  work: { players: Row[]; target: Target },
): Promise<void> {
  const { keys, shape, timeOf } = work.target
  const { headBytes } = shape
  const head = Buffer.alloc(headBytes)
  await inChunks(context, { ...work, table: 'players' }, (player) => {
    writeHead(head, 0, { score: player.score, atMicros: timeOf(player), shape })
    const key = Buffer.from(keys.player(player.playerId))
    return { key, value: encodePlayerRecord(key, { head, ...detailsOf(player) }, headBytes) }
  })
}

function detailsOf({ playerId, name, metadata }: Row): Details {
  return { name: name === playerId ? undefined : name, metadata: metadata ?? undefined }
}

type Put = (key: Buffer, value: Buffer) => void

// A chunk is encoded while the one before is on its way to the disk.
async function inChunks(
  context: StoreContext,
  work: { players: Row[]; target: Target; table: Table },
  encode: (player: Row) => Pair,
): Promise<void> {
  const { players, target } = work
  let writing: Promise<void> = Promise.resolve()
  for (let start = 0; start < players.length; start += FILL_CHUNK_KEYS) {
    const pairs = players.slice(start, start + FILL_CHUNK_KEYS).map(encode)
    await writing
    throwIfAborted(target.options)
    writing = writeChunk(context, { ...work, pairs })
    // A failure is told by the next await; the transaction runs in the turn that is given up here.
    writing.catch(() => undefined)
    await nextTurn()
  }
  await writing
}

async function writeChunk(
  context: StoreContext,
  work: { players: Row[]; target: Target; table: Table; pairs: Pair[] },
): Promise<void> {
  const { players, target, table, pairs } = work
  await context.store.write((writer) => {
    clockOf(writer).willChange()
    keepPlace(writer, target.boardId, context.nowMicros())
    const put = putterOf(writer, { table, keys: target.keys })
    for (const { key, value } of pairs) put(key, value)
  })
  target.done += pairs.length
  target.options.onProgress?.({ done: target.done, total: 2 * players.length })
}

// Says that the import is alive. Another process takes one that was silent for long for dead.
function keepPlace(writer: Writer<Table>, boardId: number, nowMicros: number): void {
  const key = leftoverKey(boardId)
  const note = writer.get('meta', key)
  if (note === undefined || decodeLeftover(key, note)?.state !== 'filling')
    throw new LadderError(
      'BUSY',
      'Cannot go on with the import: another process took it for dead and removed its rows; import again',
    )
  noteLeftover(writer, boardId, { state: 'filling', lastMicros: nowMicros })
}

// Sorted keys behind all others of the table are appended, which costs half as much. A board that
// was created meanwhile may have a higher number and stand behind them.
function putterOf(writer: Writer<Table>, options: { table: Table; keys: BoardKeys }): Put {
  const { table, keys } = options
  for (const _key of writer.keys(table, { start: keys.end, limit: 1 }))
    return (key, value) => writer.put(table, key, value)
  return (key, value) => writer.append(table, key, value)
}

// Lets the name lead to the new number; returns the old one, or undefined where the board is no
// longer empty.
function publish(
  context: StoreContext,
  writer: Writer<Table>,
  work: { board: BoardSpec; boardId: number; loader: BulkLoader },
): number | undefined {
  const { board, boardId, loader } = work
  const found = findBoard(writer, board.name)
  if (found === undefined) throw noBoard(board.name)
  // The keys have the shape of the board that the import began with.
  const error = settingsError(found, board)
  if (error !== undefined) throw error
  for (const _key of writer.keys('players', { ...new BoardKeys(found.id).all(), limit: 1 }))
    return undefined
  const clock = clockOf(writer)
  clock.willChange()
  keepPlace(writer, boardId, context.nowMicros())
  context.settle(writer, board.name)
  loader.finish(new BoardStorageWriter(writer, new BoardKeys(boardId)), clock.sequence)
  putBoard(writer, { ...found, id: boardId })
  writer.remove('meta', leftoverKey(boardId))
  retireBoard(writer, found.id)
  return found.id
}

function byRank(shape: ScoreShape, timeOf: TimeOf): (a: Row, b: Row) => number {
  return (a, b) =>
    shape.compare(a.score, b.score) || timeOf(a) - timeOf(b) || compareIds(a.playerId, b.playerId)
}

// In the order of the keys. UTF-16 units, which strings compare by, stand in the order of UTF-8 bytes
// but for surrogates: those are below U+E000 and must come last.
function byId(players: Row[]): (a: Row, b: Row) => number {
  const isPlain = players.every(({ playerId }) => !SURROGATE.test(playerId))
  if (!isPlain) return (a, b) => compareIds(a.playerId, b.playerId)
  return (a, b) => (a.playerId < b.playerId ? -1 : 1)
}

const SURROGATE = /[\ud800-\udfff]/

function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
