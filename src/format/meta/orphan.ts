/**
 * An orphan: the keys of a board that no name leads to.
 *
 *     | 03 | boardId 4   →   | crc 4 | state 1 | micros 8 |      all integers big-endian
 *
 * State 1: the board was dropped, and its keys are being removed; 2: an import fills it and was last
 * seen at that time.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'

/** Keys of orphans lie in [ORPHANS_START, ORPHANS_END). */
export const ORPHANS_START: Buffer = Buffer.from([META_KIND.ORPHAN])
export const ORPHANS_END: Buffer = Buffer.from([META_KIND.ORPHAN + 1])

// ON DISK.
const ORPHAN_DROPPED = 1
const ORPHAN_FILLING = 2
const ORPHAN_KEY_BYTES = 5
const ORPHAN_BYTES = 13

/** A board that no name leads to. */
export type Orphan = { state: 'dropped' } | { state: 'filling'; lastMicros: number }

/** Returns the key of an orphan. */
export function orphanKey(boardId: number): Buffer {
  const key = Buffer.alloc(ORPHAN_KEY_BYTES)
  ORPHANS_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  return key
}

/** Returns the board number of a key of {@link orphanKey}; undefined if it is another key. */
export function orphanIdOf(key: Buffer): number | undefined {
  return key.length === ORPHAN_KEY_BYTES ? key.readUInt32BE(1) : undefined
}

export function encodeOrphan(key: Buffer, orphan: Orphan): Buffer {
  assert(key.length === ORPHAN_KEY_BYTES, '(6) an orphan is one board')
  const value = Buffer.alloc(ORPHAN_BYTES)
  value[4] = orphan.state === 'dropped' ? ORPHAN_DROPPED : ORPHAN_FILLING
  if (orphan.state === 'filling') value.writeBigUInt64BE(BigInt(orphan.lastMicros), 5)
  return seal(key, value)
}

/** Reads an orphan; undefined if it is damaged. */
export function decodeOrphan(key: Buffer, value: Buffer): Orphan | undefined {
  if (value.length !== ORPHAN_BYTES || !isSealed(key, value)) return undefined
  const lastMicros = Number(value.readBigUInt64BE(5))
  if (value[4] === ORPHAN_DROPPED && lastMicros === 0) return { state: 'dropped' }
  return value[4] === ORPHAN_FILLING ? { state: 'filling', lastMicros } : undefined
}
