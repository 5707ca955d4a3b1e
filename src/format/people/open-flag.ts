/**
 * A flagged run that nobody has looked at yet: how flags are found without a walk through the log.
 *
 *     people   | 05 | seq 8 |   →   | crc 4 | board 4 |      all integers big-endian
 *
 * What the run was flagged for stands in its record in the log.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'

const KEY_BYTES = 9
const VALUE_BYTES = CHECKSUM_BYTES + 4

export function openFlagKey(seq: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  key[0] = PEOPLE_KIND.OPEN_FLAG
  key.writeBigUInt64BE(BigInt(seq), 1)
  return key
}

/** Returns the seq of a key of {@link openFlagKey}; undefined if it is another key. */
export function openFlagSeqOf(key: Buffer): number | undefined {
  const isKey = key.length === KEY_BYTES && key[0] === PEOPLE_KIND.OPEN_FLAG
  return isKey ? Number(key.readBigUInt64BE(1)) : undefined
}

/** Flags lie in [openFlagKey(0), OPEN_FLAGS_END). */
export const OPEN_FLAGS_END: Buffer = Buffer.from([PEOPLE_KIND.OPEN_FLAG + 1])

export function encodeOpenFlag(key: Buffer, boardId: number): Buffer {
  const value = Buffer.alloc(VALUE_BYTES)
  value.writeUInt32BE(boardId, CHECKSUM_BYTES)
  return seal(key, value)
}

/** Reads the board of a flag; undefined if the record is damaged. */
export function decodeOpenFlag(key: Buffer, value: Buffer): number | undefined {
  if (value.length !== VALUE_BYTES || !isSealed(key, value)) return undefined
  return value.readUInt32BE(CHECKSUM_BYTES)
}
