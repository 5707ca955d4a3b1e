/**
 * Order-preserving key of a board entry.
 *
 *     board     head                        tail
 *     | varint  | ~score 8 | timestamp 8 |  playerId, utf-8 ... |        all integers big-endian
 *
 * Bytes compare as entries rank: better score, then earlier timestamp, then id. The rank tree sees
 * head and tail only, as an opaque key, and counts groups of keys that share their score bytes, which
 * are eight for each column of the board's scores.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { Score, ScoreCell } from '../words/index.ts'
import type { ScoreShape } from './score-shape.ts'
import { readText, writeText } from './text.ts'

const TWO_32 = 0x1_0000_0000

/** What orders an entry on its board. */
export interface RankedEntry {
  score: Score
  /** Whole microseconds since 1970. */
  atMicros: number
  playerId: string
}

/** Writes the head of an entry at `offset`. */
export function writeHead(
  target: Buffer,
  offset: number,
  entry: { score: Score; atMicros: number; shape: ScoreShape },
): void {
  const { shape } = entry
  shape.write(target, offset, entry.score)
  writeMicros(target, offset + shape.bytes, entry.atMicros)
}

/** Returns head and tail of an entry: its key in the rank tree. */
export function encodeEntryKey(entry: RankedEntry, shape: ScoreShape): Buffer {
  const key = Buffer.allocUnsafe(shape.headBytes + Buffer.byteLength(entry.playerId))
  const end = writeEntryKey(key, 0, { entry, shape })
  assert(end === key.length, '(10) head and id fill the key of an entry')
  return key
}

/** Writes such a key at `at` and returns where it ends; the target has room for it. */
export function writeEntryKey(
  target: Buffer,
  at: number,
  { entry, shape }: { entry: RankedEntry; shape: ScoreShape },
): number {
  const { score, atMicros, playerId } = entry
  const tailAt = at + shape.headBytes
  writeHead(target, at, { score, atMicros, shape })
  return tailAt + writeText(target, playerId, tailAt)
}

/** Reads what {@link encodeEntryKey} wrote, beginning at `offset`; undefined if it is not the key of an entry. */
export function decodeEntryKey(
  bytes: Buffer,
  shape: ScoreShape,
  offset = 0,
): RankedEntry | undefined {
  const idAt = offset + shape.headBytes
  if (bytes.length <= idAt) return undefined
  const score = shape.read(bytes, offset)
  if (score === undefined) return undefined
  const atMicros = readMicros(bytes, offset + shape.bytes)
  return { score, atMicros, playerId: readText(bytes, idAt, bytes.length) }
}

/** Returns the least key that an entry of `score` can have: its head at time 0, no tail. */
export function firstKeyOf(score: Score, shape: ScoreShape): Buffer {
  const key = boundOf(shape, 0)
  shape.write(key, 0, score)
  return key
}

/** Returns a key above every entry of `score` and below every worse score. */
export function lastKeyOf(score: Score, shape: ScoreShape): Buffer {
  const key = boundOf(shape, 0xff)
  shape.write(key, 0, score)
  return key
}

/** Like {@link firstKeyOf} for all scores that begin with these columns. */
export function firstKeyOfCells(cells: readonly ScoreCell[], shape: ScoreShape): Buffer {
  const key = boundOf(shape, 0)
  shape.writeCells(key, 0, cells)
  return key
}

/** Like {@link lastKeyOf} for all scores that begin with these columns. */
export function lastKeyOfCells(cells: readonly ScoreCell[], shape: ScoreShape): Buffer {
  const key = boundOf(shape, 0xff)
  shape.writeCells(key, 0, cells)
  return key
}

// `Buffer.alloc` and `fill` are made for more bytes than a head has.
function boundOf(shape: ScoreShape, byte: number): Buffer {
  const key = Buffer.allocUnsafe(shape.headBytes)
  for (let i = 0; i < key.length; i++) key[i] = byte
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
