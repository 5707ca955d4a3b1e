/**
 * A person who was taken out of the store: a hash, by which a restored backup can be told to hold the person
 * again, and nothing else.
 *
 *     | 07 | hash 32 |   →   | crc 4 | micros 8 |      all integers big-endian
 *
 * The hash is the SHA-256 of the store id, 32 hexadecimal digits, and the playerId, as UTF-8.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'

/** Keys of erasures lie in [ERASURES_START, ERASURES_END). */
export const ERASURES_START: Buffer = Buffer.from([PEOPLE_KIND.ERASURE])
export const ERASURES_END: Buffer = Buffer.from([PEOPLE_KIND.ERASURE + 1])

const HASH_BYTES = 32
const VALUE_BYTES = CHECKSUM_BYTES + 8

/** Returns the hash of a player of a store, in hexadecimal. */
export function erasureHash(storeId: string, playerId: string): string {
  return createHash('sha256').update(storeId).update(playerId).digest('hex')
}

export function erasureKey(hash: string): Buffer {
  return Buffer.concat([ERASURES_START, Buffer.from(hash, 'hex')])
}

/** Returns the hash of a key of {@link erasureKey}; undefined if it is another key. */
export function erasureHashOf(key: Buffer): string | undefined {
  const isKey = key.length === 1 + HASH_BYTES && key[0] === PEOPLE_KIND.ERASURE
  return isKey ? key.toString('hex', 1) : undefined
}

export function encodeErasure(key: Buffer, micros: number): Buffer {
  const value = Buffer.alloc(VALUE_BYTES)
  value.writeBigUInt64BE(BigInt(micros), CHECKSUM_BYTES)
  return seal(key, value)
}

/** Reads when the person was erased, in microseconds; undefined if the record is damaged. */
export function decodeErasure(key: Buffer, value: Buffer): number | undefined {
  if (value.length !== VALUE_BYTES || !isSealed(key, value)) return undefined
  return Number(value.readBigUInt64BE(CHECKSUM_BYTES))
}
