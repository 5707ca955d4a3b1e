/**
 * The counters: what every commit moves on.
 *
 *     | 01 |   →   | crc 4 | sequence 8 | lastMicros 8 | nextBoardId 4 | tail … |
 *
 * All integers are big-endian. Versions 1 and 2 have no tail. Its tag 1 is where the log ends:
 *
 *     | seq 8 | committed 8 |
 *
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
  assert(counters.nextBoardId > 0, '(6) 0 is not a number of a board')
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

/** Reads the number of the last commit alone, which is asked for before every cached read; undefined if it is damaged. */
export function decodeSequence(value: Buffer): number | undefined {
  if (value.length < COUNTERS_BYTES || !isSealed(COUNTERS_KEY, value)) return undefined
  return value.readUInt32BE(4) * 2 ** 32 + value.readUInt32BE(8)
}

/** Where the log ends. */
export interface LogEnd {
  /** The seq of the last record; 0 if there never was one. */
  seq: number
  /** When it was committed. */
  committedMicros: number
}

/** The tag of where the log ends. */
export const LOG_END_TAG = 1
const LOG_END_BYTES = 16

/** Returns where the log ends. A field of another size, which no release writes, reads as none. */
export function logEndOf({ tail }: Counters): LogEnd {
  const value = tail.get(LOG_END_TAG)
  if (value?.length !== LOG_END_BYTES) return { seq: 0, committedMicros: 0 }
  return {
    seq: Number(value.readBigUInt64BE(0)),
    committedMicros: Number(value.readBigUInt64BE(8)),
  }
}

/** Returns a tail that says where the log ends now. */
export function withLogEnd(tail: Fields, { seq, committedMicros }: LogEnd): Fields {
  const value = Buffer.alloc(LOG_END_BYTES)
  value.writeBigUInt64BE(BigInt(seq), 0)
  value.writeBigUInt64BE(BigInt(committedMicros), 8)
  return new Map([...tail, [LOG_END_TAG, value]])
}
