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
import { BoardStorageWriter } from '../../board/board-storage.ts'
import { commitOf } from '../../board/commit.ts'
import { settingsError } from '../../domain/settings.ts'
import { stateChange } from '../../embedded/apply.ts'
import { findBoard, noBoard, noteOrphan, putBoard, retireBoard } from '../../embedded/catalog.ts'
import type { NamedBoard } from '../../embedded/named-board.ts'
import type { OpenStore } from '../../embedded/open-store.ts'
import { sweepBoard } from '../../embedded/sweep.ts'
import { copyBytes } from '../../format/bytes.ts'
import { writeEntryKey } from '../../format/entry-key.ts'
import { BoardKeys, keyShapeOf, NO_BOARD_ID, type Table } from '../../format/keys.ts'
import { decodeOrphan, orphanKey } from '../../format/meta/orphan.ts'
import { type Details, writeEntryValue, writePlayerRecordOf } from '../../format/player-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { toMicros } from '../../format/time.ts'
import { LadderError, throwIfAborted } from '../../ground/errors.ts'
import { FILL_CHUNK_KEYS, TURN_KEYS } from '../../ground/limits.ts'
import { BulkLoader } from '../../rank/bulk-load.ts'
import type { Writer } from '../../store/store.ts'
import type { ImportOptions } from '../../words/index.ts'
import type { Row } from '../rows/rows.ts'
import { PackedPairs, type Place } from './packed-pairs.ts'

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
  total: number
}

/**
 * Makes `players` the content of an empty board; returns false, with nothing changed, where the
 * board got entries meanwhile.
 */
export async function fillBoard(
  context: OpenStore,
  work: {
    board: NamedBoard
    players: Map<string, Row>
    /** How many lines the rows stand on: each may need a time of its own. */
    lines: number
    options: ImportOptions
  },
): Promise<boolean> {
  const { board, lines, options } = work
  const { shape } = board.spec
  const { store } = context
  const { boardId, firstMicros } = await store.write((writer) =>
    reserve(writer, lines, context.nowMicros()),
  )
  const timeOf: TimeOf = ({ at, line }) => (at === undefined ? firstMicros + line : toMicros(at))
  const { size } = work.players
  const keys = new BoardKeys(boardId)
  const target = { boardId, keys, shape, timeOf, options, done: 0, total: 2 * size }
  let leftover = boardId
  try {
    const entries = new PackedPairs(size)
    for (const player of work.players.values()) {
      packEntry(entries, player, target)
      if (entries.count % TURN_KEYS === 0) await nextTurn()
    }
    const loader = new BulkLoader({ shape: keyShapeOf(shape), count: size })
    const players = new PackedPairs(size)
    await writePairs(context, {
      target,
      table: 'entries',
      pairs: entries,
      meanwhile: (chunk) => {
        for (const i of chunk) {
          const { slab, start, keyEnd } = entries.placeOf(i)
          loader.add(slab, start + keys.prefix.length, keyEnd)
          packPlayer(players, entries.placeOf(players.count), target)
        }
      },
    })
    await writePairs(context, { target, table: 'players', pairs: players })
    const published = await store.write((writer) =>
      publish(context, writer, { board, boardId, loader, size }),
    )
    if (published !== undefined) leftover = published.replacedId
    return published !== undefined
  } finally {
    if (leftover !== NO_BOARD_ID) {
      await sweepBoard(context, leftover, { isEnded: () => false, onSwept: () => undefined })
      context.forget(leftover)
    }
  }
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

function packEntry(entries: PackedPairs, player: Row, target: Target): void {
  const { keys, shape, timeOf } = target
  const { playerId, score } = player
  const entry = { playerId, score, atMicros: timeOf(player) }
  entries.add((slab, keyStart) => {
    const headAt = copyBytes(
      { bytes: keys.prefix, start: 0, count: keys.prefix.length },
      slab,
      keyStart,
    )
    const keyEnd = writeEntryKey(slab, headAt, { entry, shape })
    const end = writeEntryValue(slab, { keyStart, at: keyEnd }, detailsOf(player))
    return { keyEnd, end }
  })
}

function packPlayer(players: PackedPairs, entry: Place, target: Target): void {
  const { prefix } = target.keys
  const { headBytes } = target.shape
  const { slab: bytes, start, keyEnd: valueAt, end } = entry
  const headAt = start + prefix.length
  const idAt = headAt + headBytes
  players.add((slab, keyStart) => {
    const newIdAt = copyBytes({ bytes: prefix, start: 0, count: prefix.length }, slab, keyStart)
    const keyEnd = copyBytes({ bytes, start: idAt, count: valueAt - idAt }, slab, newIdAt)
    const source = { bytes, headAt, headBytes, valueAt, end }
    return { keyEnd, end: writePlayerRecordOf(source, slab, { keyStart, at: keyEnd }) }
  })
}

function detailsOf({ playerId, name, metadata }: Row): Details {
  return { name: name === playerId ? undefined : name, metadata: metadata ?? undefined }
}

type Put = (key: Buffer, value: Buffer) => void

/** Pairs of one table on their way into the store. */
interface Writing {
  target: Target
  table: Table
  pairs: PackedPairs
  /** Done while a chunk is on its way to the disk. */
  meanwhile?: (chunk: Uint32Array) => void
}

async function writePairs(context: OpenStore, work: Writing): Promise<void> {
  const order = work.pairs.inOrder()
  for (let start = 0; start < order.length; start += FILL_CHUNK_KEYS) {
    throwIfAborted(work.target.options)
    const chunk = order.subarray(start, start + FILL_CHUNK_KEYS)
    let onFilled = (): void => undefined
    const filled = new Promise<void>((resolve) => {
      onFilled = resolve
    })
    const writing = writeChunk(context, { ...work, chunk, onFilled })
    await Promise.race([filled, writing])
    // LMDB's thread goes on when the turn in which it was given the pairs is over.
    await nextTurn()
    work.meanwhile?.(chunk)
    work.pairs.touch(order.subarray(start + FILL_CHUNK_KEYS, start + 2 * FILL_CHUNK_KEYS))
    await writing
  }
}

async function writeChunk(
  context: OpenStore,
  work: Writing & { chunk: Uint32Array; onFilled: () => void },
): Promise<void> {
  const { target, table, pairs, chunk } = work
  await context.store.write((writer) => {
    commitOf(writer).willChange()
    keepPlace(writer, target.boardId, context.nowMicros())
    const put = putterOf(writer, { table, keys: target.keys })
    for (const i of chunk) {
      const place = pairs.placeOf(i)
      put(pairs.keyAt(place), pairs.valueAt(place))
    }
    work.onFilled()
  })
  target.done += chunk.length
  target.options.onProgress?.({ done: target.done, total: target.total })
}

// Says that the import is alive. Another process takes one that was silent for long for dead.
function keepPlace(writer: Writer<Table>, boardId: number, nowMicros: number): void {
  const key = orphanKey(boardId)
  const note = writer.get('meta', key)
  if (note === undefined || decodeOrphan(key, note)?.state !== 'filling')
    throw new LadderError(
      'BUSY',
      'Cannot go on with the import: another process took it for dead and removed its rows; import again',
    )
  noteOrphan(writer, boardId, { state: 'filling', lastMicros: nowMicros })
}

// Sorted keys behind all others of the table are appended, which costs half as much. A board that
// was created meanwhile may have a higher number and stand behind them.
function putterOf(writer: Writer<Table>, options: { table: Table; keys: BoardKeys }): Put {
  const { table, keys } = options
  for (const _key of writer.keys(table, { start: keys.end, limit: 1 }))
    return (key, value) => writer.put(table, key, value)
  return (key, value) => writer.append(table, key, value)
}

// Lets the name lead to the new number; returns the old one, 0 if there was none, or undefined if the
// board is no longer empty.
function publish(
  context: OpenStore,
  writer: Writer<Table>,
  work: { board: NamedBoard; boardId: number; loader: BulkLoader; size: number },
): { replacedId: number } | undefined {
  const { board, boardId, loader, size } = work
  const found = findBoard(writer, board.name)
  if (found === undefined && board.wasThereIn(writer)) throw noBoard(board.name)
  // The keys have the shape of the board that the import began with.
  const error = found && settingsError(found, board.spec)
  if (error !== undefined) throw error
  const replacedId = found?.id ?? NO_BOARD_ID
  for (const _key of writer.keys('players', { ...new BoardKeys(replacedId).all(), limit: 1 }))
    return undefined
  const clock = commitOf(writer)
  clock.willChange()
  keepPlace(writer, boardId, context.nowMicros())
  context.settle(writer, board.name)
  loader.finish(new BoardStorageWriter(writer, new BoardKeys(boardId)), clock.sequence)
  putBoard(writer, { ...board.spec, id: boardId })
  writer.remove('meta', orphanKey(boardId))
  if (found !== undefined) retireBoard(writer, found.id)
  board.noteThereIn(writer)
  stateChange(context, writer, {
    change: { kind: 'import', board: board.name },
    effects: [{ board: board.name, what: 'filled', count: size }],
  })
  return { replacedId }
}
