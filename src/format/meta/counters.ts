/**
 * The counters: what every commit moves on.
 *
 *     | 01 |   →   | crc 4 | sequence 8 | lastMicros 8 | nextBoardId 4 |      all integers big-endian
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { isSealed, seal } from '../checksum.ts'

export const COUNTERS_KEY: Buffer = Buffer.from([1])

const COUNTERS_BYTES = 24

/** What every commit moves on. */
export interface Counters {
  /** Number of the last commit. */
  sequence: number
  /** The last time that the store gave. */
  lastMicros: number
  nextBoardId: number
}

export function encodeCounters(clock: Counters): Buffer {
  const value = Buffer.alloc(COUNTERS_BYTES)
  value.writeBigUInt64BE(BigInt(clock.sequence), 4)
  value.writeBigUInt64BE(BigInt(clock.lastMicros), 12)
  value.writeUInt32BE(clock.nextBoardId, 20)
  return seal(COUNTERS_KEY, value)
}

/** Reads the clock; undefined where it is damaged. */
export function decodeCounters(value: Buffer): Counters | undefined {
  if (value.length !== COUNTERS_BYTES || !isSealed(COUNTERS_KEY, value)) return undefined
  return {
    sequence: Number(value.readBigUInt64BE(4)),
    lastMicros: Number(value.readBigUInt64BE(12)),
    nextBoardId: value.readUInt32BE(20),
  }
}
