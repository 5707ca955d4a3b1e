/**
 * What the store keeps about itself, in the table `meta`.
 *
 *     header    | 00 |            →  | crc 4 | "LADDERDB" | version 2 | storeId 16 | created 8 |
 *     clock     | 01 |            →  | crc 4 | sequence 8 | lastMicros 8 | nextBoardId 4 |
 *     board     | 02 | name ...   →  | crc 4 | boardId 4 | order 1 | mode 1 | score type 1 | columns 1 |
 *                                    | keep 4 |   and each of several columns: | order 1 | size 1 | name ... |
 *     leftover  | 03 | boardId 4  →  | crc 4 | state 1 | micros 8 |     all integers big-endian
 *
 * The header is written once. The clock changes with every commit: the number of the commit, the
 * last time given, the number of the next board. A leftover is a board that no name leads to: state 1,
 * it was dropped, and its keys are being removed; 2, an import fills it and was last seen at that time.
 * A board that keeps all entries of one column of scores ends behind its first line, as all did in
 * version 1.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { Mode, Order, ScoreColumn, ScoreType } from '../board-types.ts'
import { COLUMNS_MAX } from '../limits.ts'
import { isSealed, seal } from './checksum.ts'
import { COLUMN_NAME, ScoreShape } from './score-shape.ts'

/** The version that this release writes, and the newest that it reads. */
export const FORMAT_VERSION = 2

export const HEADER_KEY: Buffer = Buffer.from([0])
export const CLOCK_KEY: Buffer = Buffer.from([1])
/** Keys of the catalog lie in [BOARDS_START, BOARDS_END). */
export const BOARDS_START: Buffer = Buffer.from([2])
export const BOARDS_END: Buffer = Buffer.from([3])
/** Keys of leftovers lie in [LEFTOVERS_START, LEFTOVERS_END). */
export const LEFTOVERS_START: Buffer = BOARDS_END
export const LEFTOVERS_END: Buffer = Buffer.from([4])

const MAGIC = Buffer.from('LADDERDB')
const HEADER_BYTES = 38
const CLOCK_BYTES = 24
const BOARD_BYTES = 12
const KEEP_BYTES = 4

// ON DISK.
const LEFTOVER_DROPPED = 1
const LEFTOVER_FILLING = 2
const LEFTOVER_KEY_BYTES = 5
const LEFTOVER_BYTES = 13

// ON DISK: the place in these lists is the byte that is stored. Only append.
const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']
const SCORE_TYPES: readonly ScoreType[] = ['number', 'int64']

/** The store's identity. */
export interface Header {
  version: number
  /** 32 hexadecimal digits. */
  storeId: string
  createdMicros: number
}

/** What every commit moves on. */
export interface Clock {
  /** Number of the last commit. */
  sequence: number
  /** The last time that the store gave. */
  lastMicros: number
  nextBoardId: number
}

/** A board of the catalog. */
export interface BoardRecord {
  id: number
  shape: ScoreShape
  mode: Mode
  /** How many entries it keeps, the best ones; undefined: all. */
  keep: number | undefined
}

/** A board that no name leads to. */
export type Leftover = { state: 'dropped' } | { state: 'filling'; lastMicros: number }

export function encodeHeader(header: Header): Buffer {
  const value = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(value, 4)
  value.writeUInt16BE(header.version, 12)
  value.write(header.storeId, 14, 'hex')
  value.writeBigUInt64BE(BigInt(header.createdMicros), 30)
  return seal(HEADER_KEY, value)
}

/**
 * Reads the header; undefined where it is none or damaged. Of a version that this release does not
 * know only the number is read.
 */
export function decodeHeader(value: Buffer): Header | undefined {
  if (value.length < 14 || !value.subarray(4, 12).equals(MAGIC)) return undefined
  const version = value.readUInt16BE(12)
  if (version > FORMAT_VERSION) return { version, storeId: '', createdMicros: 0 }
  if (value.length !== HEADER_BYTES || !isSealed(HEADER_KEY, value)) return undefined
  const createdMicros = Number(value.readBigUInt64BE(30))
  return { version, storeId: value.toString('hex', 14, 30), createdMicros }
}

export function encodeClock(clock: Clock): Buffer {
  const value = Buffer.alloc(CLOCK_BYTES)
  value.writeBigUInt64BE(BigInt(clock.sequence), 4)
  value.writeBigUInt64BE(BigInt(clock.lastMicros), 12)
  value.writeUInt32BE(clock.nextBoardId, 20)
  return seal(CLOCK_KEY, value)
}

/** Reads the clock; undefined where it is damaged. */
export function decodeClock(value: Buffer): Clock | undefined {
  if (value.length !== CLOCK_BYTES || !isSealed(CLOCK_KEY, value)) return undefined
  return {
    sequence: Number(value.readBigUInt64BE(4)),
    lastMicros: Number(value.readBigUInt64BE(12)),
    nextBoardId: value.readUInt32BE(20),
  }
}

/** Returns the key of a board in the catalog. */
export function boardKey(name: string): Buffer {
  return Buffer.concat([BOARDS_START, Buffer.from(name)])
}

/** Returns the board's name from its key in the catalog. */
export function boardNameOf(key: Buffer): string {
  return key.toString('utf8', 1)
}

export function encodeBoard(key: Buffer, board: BoardRecord): Buffer {
  const { shape, keep } = board
  const names = shape.isPlain ? [] : shape.columns
  const settings = Buffer.alloc(BOARD_BYTES)
  settings.writeUInt32BE(board.id, 4)
  settings[8] = ORDERS.indexOf(shape.order)
  settings[9] = MODES.indexOf(board.mode)
  settings[10] = SCORE_TYPES.indexOf(shape.type)
  settings[11] = shape.columns.length - 1
  if (keep === undefined && names.length === 0) return seal(key, settings)
  const kept = Buffer.alloc(KEEP_BYTES)
  kept.writeUInt32BE(keep ?? 0)
  return seal(key, Buffer.concat([settings, kept, ...names.map(encodeColumn)]))
}

/** Reads a board of the catalog; undefined where it is damaged. */
export function decodeBoard(key: Buffer, value: Buffer): BoardRecord | undefined {
  if (value.length < BOARD_BYTES || !isSealed(key, value)) return undefined
  const order = ORDERS[value[8] as number]
  const mode = MODES[value[9] as number]
  const type = SCORE_TYPES[value[10] as number]
  const behind = value[11] as number
  const columns = order && decodeColumns(value, { order, behind })
  if (columns === undefined || mode === undefined || type === undefined) return undefined
  const keep = value.length === BOARD_BYTES ? 0 : value.readUInt32BE(BOARD_BYTES)
  return {
    id: value.readUInt32BE(4),
    shape: new ScoreShape(type, columns),
    mode,
    keep: keep === 0 ? undefined : keep,
  }
}

function encodeColumn({ name, order }: ScoreColumn): Buffer {
  return Buffer.concat([
    Buffer.from([ORDERS.indexOf(order), Buffer.byteLength(name)]),
    Buffer.from(name),
  ])
}

function decodeColumns(
  value: Buffer,
  board: { order: Order; behind: number },
): [ScoreColumn, ...ScoreColumn[]] | undefined {
  const { order, behind } = board
  const isShort = value.length === BOARD_BYTES
  if (!isShort && value.length < BOARD_BYTES + KEEP_BYTES) return undefined
  // A board that keeps all entries of one column is stored in the short form only.
  if (!isShort && behind === 0 && value.readUInt32BE(BOARD_BYTES) === 0) return undefined
  const columns: ScoreColumn[] = []
  let at = BOARD_BYTES + KEEP_BYTES
  while (at < value.length) {
    const columnOrder = ORDERS[value[at] as number]
    const end = at + 2 + (value[at + 1] ?? 0)
    if (columnOrder === undefined || end > value.length) return undefined
    const name = value.toString('utf8', at + 2, end)
    if (!COLUMN_NAME.test(name) || columns.some((column) => column.name === name)) return undefined
    columns.push({ name, order: columnOrder })
    at = end
  }
  if (columns.length > COLUMNS_MAX) return undefined
  const [first = { name: '', order }, ...others] = columns
  if (first.order !== order || others.length !== behind || columns.length === 1) return undefined
  return [first, ...others]
}

/** Returns the key of a leftover. */
export function leftoverKey(boardId: number): Buffer {
  const key = Buffer.alloc(LEFTOVER_KEY_BYTES)
  LEFTOVERS_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  return key
}

/** Returns the board number of a key of {@link leftoverKey}; undefined where it is none. */
export function leftoverIdOf(key: Buffer): number | undefined {
  return key.length === LEFTOVER_KEY_BYTES ? key.readUInt32BE(1) : undefined
}

export function encodeLeftover(key: Buffer, leftover: Leftover): Buffer {
  const value = Buffer.alloc(LEFTOVER_BYTES)
  value[4] = leftover.state === 'dropped' ? LEFTOVER_DROPPED : LEFTOVER_FILLING
  if (leftover.state === 'filling') value.writeBigUInt64BE(BigInt(leftover.lastMicros), 5)
  return seal(key, value)
}

/** Reads a leftover; undefined where it is damaged. */
export function decodeLeftover(key: Buffer, value: Buffer): Leftover | undefined {
  if (value.length !== LEFTOVER_BYTES || !isSealed(key, value)) return undefined
  const lastMicros = Number(value.readBigUInt64BE(5))
  if (value[4] === LEFTOVER_DROPPED && lastMicros === 0) return { state: 'dropped' }
  return value[4] === LEFTOVER_FILLING ? { state: 'filling', lastMicros } : undefined
}
