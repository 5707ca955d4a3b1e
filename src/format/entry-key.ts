/**
 * Order-preserving key of a board entry.
 *
 *     board     head                        tail
 *     | varint  | ~score 8 | timestamp 8 |  playerId, utf-8 ... |        all integers big-endian
 *
 * Bytes compare as entries rank: better score, then earlier timestamp, then id. The rank tree sees
 * head and tail only, as an opaque key, and counts groups of keys that share their score bytes.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { Order } from '../types.ts'
import { readScore, SCORE_BYTES, writeScore } from './score.ts'
import { readText } from './text.ts'

/** Bytes of score and timestamp in front of the id. */
export const HEAD_BYTES: number = SCORE_BYTES + 8

const TWO_32 = 0x1_0000_0000

/** What orders an entry on its board. */
export interface RankedEntry {
  score: number
  /** Whole microseconds since 1970. */
  atMicros: number
  playerId: string
}

/** Writes the head of an entry at `offset`. */
export function writeHead(
  target: Buffer,
  offset: number,
  entry: { score: number; atMicros: number; order: Order },
): void {
  writeScore(target, offset, entry.score, entry.order)
  writeMicros(target, offset + SCORE_BYTES, entry.atMicros)
}

/** Returns head and tail of an entry: its key in the rank tree. */
export function encodeEntryKey(entry: RankedEntry, order: Order): Buffer {
  const idBytes = Buffer.byteLength(entry.playerId)
  const key = Buffer.allocUnsafe(HEAD_BYTES + idBytes)
  writeHead(key, 0, { score: entry.score, atMicros: entry.atMicros, order })
  key.write(entry.playerId, HEAD_BYTES)
  return key
}

/** Reads what {@link encodeEntryKey} wrote, beginning at `offset`; undefined where it is no entry key. */
export function decodeEntryKey(bytes: Buffer, order: Order, offset = 0): RankedEntry | undefined {
  if (bytes.length <= offset + HEAD_BYTES) return undefined
  const score = readScore(bytes, offset, order)
  if (!Number.isFinite(score)) return undefined
  const atMicros = readMicros(bytes, offset + SCORE_BYTES)
  return { score, atMicros, playerId: readText(bytes, offset + HEAD_BYTES, bytes.length) }
}

/** Returns the least key that an entry of `score` can have: its head at time 0, no tail. */
export function firstKeyOf(score: number, order: Order): Buffer {
  const key = Buffer.alloc(HEAD_BYTES)
  writeScore(key, 0, score, order)
  return key
}

/** Returns a key above every entry of `score` and below every worse score. */
export function lastKeyOf(score: number, order: Order): Buffer {
  const key = Buffer.alloc(HEAD_BYTES, 0xff)
  writeScore(key, 0, score, order)
  return key
}

/** Reads the timestamp that starts at `offset`, whole microseconds since 1970. */
export function readMicros(source: Buffer, offset: number): number {
  return source.readUInt32BE(offset) * TWO_32 + source.readUInt32BE(offset + 4)
}

function writeMicros(target: Buffer, offset: number, micros: number): void {
  target.writeUInt32BE(Math.floor(micros / TWO_32), offset)
  target.writeUInt32BE(micros % TWO_32, offset + 4)
}
