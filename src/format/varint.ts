/**
 * Order-preserving, prefix-free integers of one to five bytes, for board numbers in keys.
 *
 *     0 … 240            | n |
 *     241 … 2287         | 241 + (n - 240) / 256 | (n - 240) % 256 |
 *     2288 … 67823       | 249 | n - 2288, 2 bytes |
 *     67824 … 2^24 - 1   | 250 | n, 3 bytes |
 *     2^24 … 2^32 - 1    | 251 | n, 4 bytes |                        all big-endian
 *
 * Bytes compare as numbers do, and no encoding is the beginning of another, so the keys of one
 * board lie together. A host with up to 240 boards pays one byte a key. The first five forms of
 * SQLite4's variable-length integers (sqlite.org/src4/doc/trunk/www/varint.wiki).
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'

const ONE_BYTE_MAX = 240
const TWO_BYTES_MAX = 2287
const THREE_BYTES_MAX = 67823
const FOUR_BYTES_MAX = 0xff_ffff

/** The most bytes that a number takes. */
export const VARINT_BYTES_MAX = 5

/** Returns the bytes of an integer from 0 to 2^32 - 1. */
export function encodeVarint(n: number): Buffer {
  assert(
    Number.isInteger(n) && n >= 0 && n <= 0xffff_ffff,
    '(6) a varint is an unsigned 32-bit integer',
  )
  if (n <= ONE_BYTE_MAX) return Buffer.from([n])
  if (n <= TWO_BYTES_MAX) return Buffer.from([241 + ((n - 240) >> 8), (n - 240) & 0xff])
  if (n <= THREE_BYTES_MAX) return Buffer.from([249, (n - 2288) >> 8, (n - 2288) & 0xff])
  if (n <= FOUR_BYTES_MAX) return Buffer.from([250, n >> 16, (n >> 8) & 0xff, n & 0xff])
  return Buffer.from([251, n >>> 24, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff])
}

/** Writes such an integer at `at` and returns where it ends. */
export function writeVarint(target: Buffer, n: number, at: number): number {
  if (n <= ONE_BYTE_MAX) {
    target[at] = n
    return at + 1
  }
  if (n <= TWO_BYTES_MAX) {
    target[at] = 241 + ((n - 240) >> 8)
    target[at + 1] = (n - 240) & 0xff
    return at + 2
  }
  if (n <= THREE_BYTES_MAX) {
    target[at] = 249
    target.writeUInt16BE(n - 2288, at + 1)
    return at + 3
  }
  const isShort = n <= FOUR_BYTES_MAX
  target[at] = isShort ? 250 : 251
  if (isShort) target.writeUIntBE(n, at + 1, 3)
  else target.writeUInt32BE(n, at + 1)
  return at + (isShort ? 4 : 5)
}

/** Returns how many bytes an integer takes whose first byte is `first`; 0 if none begins with it. */
export function varintSize(first: number | undefined): number {
  if (first === undefined || first > 251) return 0
  if (first <= ONE_BYTE_MAX) return 1
  return first <= 248 ? 2 : first - 246
}

/**
 * Returns the integer at the start of `bytes` and how many bytes it takes, or undefined where the
 * bytes are cut, not the shortest form, or start with a byte that no integer starts with.
 */
export function decodeVarint(bytes: Buffer): { value: number; size: number } | undefined {
  const value = readVarint(bytes)
  if (value === undefined) return undefined
  const canonical = encodeVarint(value)
  if (canonical.compare(bytes, 0, canonical.length) !== 0) return undefined
  return { value, size: canonical.length }
}

function readVarint(bytes: Buffer): number | undefined {
  const first = bytes[0]
  if (first === undefined || first > 251) return undefined
  if (first <= ONE_BYTE_MAX) return first
  const size = first <= 248 ? 1 : first - 247
  if (bytes.length < 1 + size) return undefined
  const rest = bytes.readUIntBE(1, size)
  if (first <= 248) return 240 + (first - 241) * 256 + rest
  return first === 249 ? 2288 + rest : rest
}
