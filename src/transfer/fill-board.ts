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

import { BoardStorageWriter } from '../board/board-storage.ts'
import { findBoard, markDropped, noBoard, putBoard } from '../board/catalog.ts'
import { clockOf } from '../board/commit-clock.ts'
import type { StoreContext } from '../board/context.ts'
import { sweepBoard } from '../board/sweep.ts'
import { BoardKeys, ENTRY_SHAPE, type Table } from '../board/tables.ts'
import { encodeEntryKey, HEAD_BYTES } from '../format/entry-key.ts'
import { droppedKey } from '../format/header.ts'
import { encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import { FILL_CHUNK_KEYS } from '../limits.ts'
import { BulkLoader } from '../rank/bulk-load.ts'
import type { Writer } from '../store/store.ts'
import type { ImportOptions, Order } from '../types.ts'
import { type FoldedPlayer, type ImportTarget, throwIfAborted } from './import-rows.ts'

/** A player with its place: all that is stored. */
interface Placed {
  playerId: string
  treeKey: Buffer
  name: string | undefined
}

/** Where a chunk goes and how far the work is. */
interface Target {
  keys: BoardKeys
  options: ImportOptions
  done: number
}

/**
 * Makes `players` the content of an empty board; returns false, with nothing changed, where the
 * board got entries meanwhile.
 */
export async function fillBoard(
  context: StoreContext,
  work: { board: ImportTarget; players: Map<string, FoldedPlayer>; rowCount: number; options: ImportOptions },
): Promise<boolean> {
  const { board, options } = work
  const { store } = context
  const reserved = await store.write((writer) => reserve(writer, work.rowCount, context.nowMicros()))
  const target = { keys: new BoardKeys(reserved.boardId), options, done: 0 }
  let leftover = reserved.boardId
  try {
    const placed = place(work.players, { order: board.order, firstMicros: reserved.firstMicros })
    await writeEntries(context, { placed, target })
    const treeKeys = placed.map(({ treeKey }) => treeKey)
    placed.sort((a, b) => compareIds(a.playerId, b.playerId))
    await writePlayers(context, { placed, target })
    const replaced = await store.write((writer) => publish(writer, { board, boardId: reserved.boardId, treeKeys }))
    leftover = replaced ?? reserved.boardId
    return replaced !== undefined
  } finally {
    await sweepBoard(store, leftover, { isEnded: () => false, onSwept: () => undefined })
    context.forget(leftover)
  }
}

// A board number and as many times as there are rows, so that no submit meanwhile is given one.
function reserve(writer: Writer<Table>, rows: number, nowMicros: number): { boardId: number; firstMicros: number } {
  const clock = clockOf(writer)
  clock.willChange()
  const boardId = clock.newBoardId()
  markDropped(writer, boardId)
  const firstMicros = clock.nextMicros(nowMicros)
  clock.give(firstMicros + rows - 1)
  return { boardId, firstMicros }
}

// Players in board order.
function place(players: Map<string, FoldedPlayer>, options: { order: Order; firstMicros: number }): Placed[] {
  const placed: Placed[] = []
  for (const [playerId, player] of players) {
    const atMicros = player.atMicros ?? options.firstMicros + player.row
    const treeKey = encodeEntryKey({ score: player.score, atMicros, playerId }, options.order)
    placed.push({ playerId, treeKey, name: player.name === playerId ? undefined : player.name })
  }
  return placed.sort((a, b) => a.treeKey.compare(b.treeKey))
}

async function writeEntries(context: StoreContext, work: { placed: Placed[]; target: Target }): Promise<void> {
  await inChunks(context, { ...work, table: 'entries' }, (put, { treeKey, name }) => {
    const key = work.target.keys.entry(treeKey)
    put(key, encodeEntryValue(key, name))
  })
}

async function writePlayers(context: StoreContext, work: { placed: Placed[]; target: Target }): Promise<void> {
  await inChunks(context, { ...work, table: 'players' }, (put, { playerId, treeKey, name }) => {
    const key = work.target.keys.player(playerId)
    put(key, encodePlayerRecord(key, { head: treeKey.subarray(0, HEAD_BYTES), name }))
  })
}

type Put = (key: Buffer, value: Buffer) => void

async function inChunks(
  context: StoreContext, work: { placed: Placed[]; target: Target; table: Table }, putOne: (put: Put, player: Placed) => void,
): Promise<void> {
  const { placed, target, table } = work
  for (let start = 0; start < placed.length; start += FILL_CHUNK_KEYS) {
    throwIfAborted(target.options)
    const chunk = placed.slice(start, start + FILL_CHUNK_KEYS)
    await context.store.write((writer) => {
      clockOf(writer).willChange()
      const put = putterOf(writer, { table, keys: target.keys })
      for (const player of chunk) putOne(put, player)
    })
    target.done += chunk.length
    target.options.onProgress?.({ done: target.done, total: 2 * placed.length })
  }
}

// Sorted keys behind all others of the table are appended, which costs half as much. A board that
// was created meanwhile may have a higher number and stand behind them.
function putterOf(writer: Writer<Table>, options: { table: Table; keys: BoardKeys }): Put {
  const { table, keys } = options
  for (const _key of writer.keys(table, { start: keys.end, limit: 1 })) return (key, value) => writer.put(table, key, value)
  return (key, value) => writer.append(table, key, value)
}

// Lets the name lead to the new number; returns the old one, or undefined where the board is no
// longer empty.
function publish(writer: Writer<Table>, work: { board: ImportTarget; boardId: number; treeKeys: Buffer[] }): number | undefined {
  const { board, boardId, treeKeys } = work
  const found = findBoard(writer, board.name)
  if (found === undefined) throw noBoard(board.name)
  for (const _key of writer.keys('players', { ...new BoardKeys(found.id).all(), limit: 1 })) return undefined
  const clock = clockOf(writer)
  clock.willChange()
  const loader = new BulkLoader({ shape: ENTRY_SHAPE, count: treeKeys.length, version: clock.sequence })
  for (const treeKey of treeKeys) loader.add(treeKey)
  loader.finish(new BoardStorageWriter(writer, new BoardKeys(boardId)))
  putBoard(writer, { ...found, id: boardId })
  writer.remove('meta', droppedKey(boardId))
  markDropped(writer, found.id)
  return found.id
}

// As the UTF-8 bytes compare. UTF-16 units compare alike but for surrogates, which stand below
// U+E000 and must come last.
function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return inUtf8(x) - inUtf8(y)
  }
  return a.length - b.length
}

function inUtf8(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}
