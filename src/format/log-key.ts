/**
 * The key of a record of the log: its seq in eight bytes, big-endian, so that records lie in their order.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'

const TWO_32 = 0x1_0000_0000

/** Bytes of a key of `log`. */
export const LOG_KEY_BYTES = 8

/** The seq of the first record of a store; 0 is that of no record. */
export const FIRST_SEQ = 1

/** Returns the key of a record. */
export function logKey(seq: number): Buffer {
  assert(Number.isSafeInteger(seq) && seq >= 0, 'a seq is a whole number')
  const key = Buffer.allocUnsafe(LOG_KEY_BYTES)
  key.writeUInt32BE(Math.floor(seq / TWO_32), 0)
  key.writeUInt32BE(seq % TWO_32, 4)
  return key
}

/** Returns the seq of a key of `log`; undefined if it is another key. */
export function seqOf(key: Uint8Array): number | undefined {
  if (key.length !== LOG_KEY_BYTES) return undefined
  const view = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const seq = view.readUInt32BE(0) * TWO_32 + view.readUInt32BE(4)
  return seq >= FIRST_SEQ && Number.isSafeInteger(seq) ? seq : undefined
}
