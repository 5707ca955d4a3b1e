/**
 * What the store keeps about itself, in the table `meta`.
 *
 *     header    | 00 |            →  | crc 4 | "LADDERDB" | version 2 | storeId 16 | created 8 |
 *     clock     | 01 |            →  | crc 4 | sequence 8 | lastMicros 8 | nextBoardId 4 |
 *     board     | 02 | name ...   →  | crc 4 | boardId 4 | order 1 | mode 1 | score type 1 | columns 1 |
 *     leftover  | 03 | boardId 4  →  | crc 4 | state 1 | micros 8 |     all integers big-endian
 *
 * The header is written once. The clock changes with every commit: the number of the commit, the
 * last time given, the number of the next board. A leftover is a board that no name leads to: state 1,
 * it was dropped, and its keys are being removed; 2, an import fills it and was last seen at that time.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { Mode, Order } from '../types.ts'
import { isSealed, seal } from './checksum.ts'

/** The version that this release writes, and the newest that it reads. */
export const FORMAT_VERSION = 1

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

// ON DISK.
const LEFTOVER_DROPPED = 1
const LEFTOVER_FILLING = 2
const LEFTOVER_KEY_BYTES = 5
const LEFTOVER_BYTES = 13

// ON DISK: the place in these lists is the byte that is stored. Only append.
const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']

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
  order: Order
  mode: Mode
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
  const value = Buffer.alloc(BOARD_BYTES)
  value.writeUInt32BE(board.id, 4)
  value[8] = ORDERS.indexOf(board.order)
  value[9] = MODES.indexOf(board.mode)
  // Byte 10, the score type, and byte 11, further score columns, are 0 in version 1: one double.
  return seal(key, value)
}

/** Reads a board of the catalog; undefined where it is damaged. */
export function decodeBoard(key: Buffer, value: Buffer): BoardRecord | undefined {
  if (value.length !== BOARD_BYTES || !isSealed(key, value)) return undefined
  const order = ORDERS[value[8] as number]
  const mode = MODES[value[9] as number]
  if (order === undefined || mode === undefined || value[10] !== 0 || value[11] !== 0)
    return undefined
  return { id: value.readUInt32BE(4), order, mode }
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
