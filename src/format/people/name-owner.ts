/**
 * Whose a name is, in a store where names are unique.
 *
 *     people   | 02 | hash of the folded name 16 |   →   | crc 4 | playerId … |
 *
 * The hash is the first half of the SHA-256 of the folded name: names may be long, keys should not.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'

/** Keys of owners lie in [NAME_OWNERS_START, NAME_OWNERS_END). */
export const NAME_OWNERS_START: Buffer = Buffer.from([PEOPLE_KIND.NAME_OWNER])
export const NAME_OWNERS_END: Buffer = Buffer.from([PEOPLE_KIND.NAME_OWNER + 1])

const HASH_BYTES = 16
export const NAME_OWNER_KEY_BYTES: number = 1 + HASH_BYTES

export function nameOwnerKey(foldedName: string): Buffer {
  const hash = createHash('sha256').update(foldedName).digest()
  return Buffer.concat([NAME_OWNERS_START, hash.subarray(0, HASH_BYTES)])
}

export function isNameOwnerKey(key: Buffer): boolean {
  return key[0] === PEOPLE_KIND.NAME_OWNER && key.length === NAME_OWNER_KEY_BYTES
}

export function encodeNameOwner(key: Buffer, playerId: string): Buffer {
  return seal(key, Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), Buffer.from(playerId)]))
}

/** Reads the owner of a name; undefined if the record is damaged. */
export function decodeNameOwner(key: Buffer, value: Buffer): string | undefined {
  if (value.length <= CHECKSUM_BYTES || !isSealed(key, value)) return undefined
  return value.toString('utf8', CHECKSUM_BYTES)
}
