/**
 * Order-preserving forms of one column of a score, eight bytes each, which compare as numbers do.
 *
 *     double     positive: sign bit set, the rest as it is; negative: all bits inverted
 *     integer    64 bits in two's complement, the sign bit inverted
 *     if the higher score is better: all bits inverted once more, so that the best comes first
 *
 * The two 32-bit halves of a double are handed around as numbers: BigInt costs ten times as much.
 * Only finite doubles, and no -0, ever reach the disk.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { Order } from '../words/index.ts'

const double = new Float64Array(1)
// Little-endian hosts only, as LMDB's files are: word 1 holds sign and exponent.
const words = new Uint32Array(double.buffer)

/** Bytes of one column of a score in a key. */
export const SCORE_BYTES = 8

/** Writes the ordered form of a finite `score` at `offset`, most significant byte first. */
export function writeScore(target: Buffer, offset: number, score: number, order: Order): void {
  assert(Number.isFinite(score), '(3) a score is finite')
  double[0] = score === 0 ? 0 : score
  const high = words[1] as number
  const low = words[0] as number
  const flip = (high >>> 31 === 1) !== (order === 'descending') ? 0xffff_ffff : 0
  // A negative score on a descending board is inverted twice: only the sign bit of others is set.
  const sign = high >>> 31 === 1 ? 0 : 0x8000_0000
  writeWord(target, offset, high ^ sign ^ flip)
  writeWord(target, offset + 4, low ^ flip)
}

// Byte by byte: a method of Buffer takes as long as all the rest of a look-up's key.
function writeWord(target: Buffer, offset: number, word: number): void {
  target[offset] = word >>> 24
  target[offset + 1] = word >>> 16
  target[offset + 2] = word >>> 8
  target[offset + 3] = word
}

/** Reads a score written by {@link writeScore}. The result may be NaN or infinite if it was not. */
export function readScore(source: Buffer, offset: number, order: Order): number {
  const outer = order === 'descending' ? 0xffff_ffff : 0
  const high = (source.readUInt32BE(offset) ^ outer) >>> 0
  const low = (source.readUInt32BE(offset + 4) ^ outer) >>> 0
  const positive = high >>> 31 === 1
  words[1] = positive ? high ^ 0x8000_0000 : ~high
  words[0] = positive ? low : ~low
  return double[0] as number
}

/** Writes the ordered form of an integer from -2^63 to 2^63 - 1 at `offset`. */
export function writeInteger(target: Buffer, offset: number, value: bigint, order: Order): void {
  const ordered = value + SIGN_BIT
  target.writeBigUInt64BE(order === 'descending' ? ALL_BITS - ordered : ordered, offset)
}

/** Reads an integer written by {@link writeInteger}; any eight bytes are one. */
export function readInteger(source: Buffer, offset: number, order: Order): bigint {
  const ordered = source.readBigUInt64BE(offset)
  return (order === 'descending' ? ALL_BITS - ordered : ordered) - SIGN_BIT
}

const SIGN_BIT = 2n ** 63n
const ALL_BITS = 2n ** 64n - 1n
