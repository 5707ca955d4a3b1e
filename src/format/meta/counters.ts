/**
 * The counters: what every commit moves on.
 *
 *     | 01 |   →   | crc 4 | sequence 8 | lastMicros 8 | nextBoardId 4 | tail … |
 *
 * All integers are big-endian. Versions 1 and 2 have no tail.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

export const COUNTERS_KEY: Buffer = Buffer.from([META_KIND.COUNTERS])

const COUNTERS_BYTES = 24

/** What every commit moves on. */
export interface Counters {
  /** Number of the last commit. */
  sequence: number
  /** The last time that the store gave. */
  lastMicros: number
  nextBoardId: number
  /** Fields of later releases. */
  tail: Fields
}

export function encodeCounters(counters: Counters): Buffer {
  assert(counters.sequence >= 0 && counters.lastMicros >= 0, '(7) counters count from zero on')
  assert(counters.nextBoardId > 0, '(6) 0 is no number of a board')
  const value = Buffer.alloc(COUNTERS_BYTES)
  value.writeBigUInt64BE(BigInt(counters.sequence), 4)
  value.writeBigUInt64BE(BigInt(counters.lastMicros), 12)
  value.writeUInt32BE(counters.nextBoardId, 20)
  const { tail } = counters
  return seal(COUNTERS_KEY, tail.size === 0 ? value : Buffer.concat([value, encodeTail(tail)]))
}

/** Reads the counters; undefined if they are damaged. */
export function decodeCounters(value: Buffer): Counters | undefined {
  if (value.length < COUNTERS_BYTES || !isSealed(COUNTERS_KEY, value)) return undefined
  const tail = decodeTail(value, COUNTERS_BYTES)
  if (tail === undefined) return undefined
  return {
    sequence: Number(value.readBigUInt64BE(4)),
    lastMicros: Number(value.readBigUInt64BE(12)),
    nextBoardId: value.readUInt32BE(20),
    tail,
  }
}
