/**
 * CRC-32 (ISO 3309, as in gzip) over a key and the part of its value that it protects.
 *
 * LMDB has no checksums. The key is covered too, so a record that a damaged page shows under
 * another key is refused like one whose own bytes changed.
 *
 * @module
 */

import { crc32 } from 'node:zlib'

/** Bytes that a checksum takes at the start of a value. */
export const CHECKSUM_BYTES = 4

/** Returns the checksum of `key` followed by `value` from byte 4 on, as an unsigned 32-bit number. */
export function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value.subarray(CHECKSUM_BYTES), crc32(key))
}

/** Writes the checksum of `key` and `value` into the first four bytes of `value`, big-endian. */
export function seal(key: Uint8Array, value: Buffer): Buffer {
  value.writeUInt32BE(checksum(key, value), 0)
  return value
}

/** Whether the first four bytes of `value` are the checksum of `key` and the rest. */
export function isSealed(key: Uint8Array, value: Buffer): boolean {
  return value.length > CHECKSUM_BYTES && value.readUInt32BE(0) === checksum(key, value)
}
