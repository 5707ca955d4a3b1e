/**
 * When a board last changed: written by every commit for each board that it changed.
 *
 *     | 05 | boardId 4 |   →   | crc 4 | sequence 8 | time 8 | tail … |      all integers big-endian
 *
 * A board that has not changed since the store got version 3 has no such record.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

/** Keys of these records lie in [BOARD_CHANGES_START, BOARD_CHANGES_END). */
export const BOARD_CHANGES_START: Buffer = Buffer.from([META_KIND.BOARD_CHANGE])
export const BOARD_CHANGES_END: Buffer = Buffer.from([META_KIND.BOARD_CHANGE + 1])

const KEY_BYTES = 5
const BOARD_CHANGE_BYTES = 20

/** The last change of a board. */
export interface BoardChange {
  /** Number of the commit. */
  sequence: number
  /** When it was made, by the store's clock. */
  micros: number
  /** Fields of later releases. */
  tail: Fields
}

/** Returns the key of a board's last change. */
export function boardChangeKey(boardId: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  BOARD_CHANGES_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  return key
}

/** Returns the board number of a key of {@link boardChangeKey}; undefined if it is another key. */
export function boardChangeIdOf(key: Buffer): number | undefined {
  const isKey = key.length === KEY_BYTES && key[0] === META_KIND.BOARD_CHANGE
  return isKey ? key.readUInt32BE(1) : undefined
}

export function encodeBoardChange(key: Buffer, { sequence, micros, tail }: BoardChange): Buffer {
  assert(key.length === KEY_BYTES, '(8) a last change is that of one board')
  assert(sequence > 0 && micros >= 0, '(8) a last change has a commit and a time')
  const value = Buffer.alloc(BOARD_CHANGE_BYTES)
  value.writeBigUInt64BE(BigInt(sequence), 4)
  value.writeBigUInt64BE(BigInt(micros), 12)
  return seal(key, tail.size === 0 ? value : Buffer.concat([value, encodeTail(tail)]))
}

/** Reads a board's last change; undefined if it is damaged. */
export function decodeBoardChange(key: Buffer, value: Buffer): BoardChange | undefined {
  if (value.length < BOARD_CHANGE_BYTES || !isSealed(key, value)) return undefined
  const tail = decodeTail(value, BOARD_CHANGE_BYTES)
  if (tail === undefined) return undefined
  const sequence = Number(value.readBigUInt64BE(4))
  return { sequence, micros: Number(value.readBigUInt64BE(12)), tail }
}
