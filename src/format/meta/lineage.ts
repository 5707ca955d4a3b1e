/**
 * The lineage: which of the histories that began with one store this copy of it goes on with.
 *
 *     | 04 |   →   | crc 4 | lineage 16 | restores 4 | tail … |      all integers big-endian
 *
 * A restored backup has the store id of the store that it was made of, and goes another way from there
 * on: it gets a lineage of its own. A store that was never restored has no such record.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

export const LINEAGE_KEY: Buffer = Buffer.from([META_KIND.LINEAGE])

const LINEAGE_BYTES = 24
const LINEAGE_ID_DIGITS = 32

/** Which history a store goes on with. */
export interface Lineage {
  /** 32 hexadecimal digits, random for each restore. */
  lineageId: string
  /** How many restores led to it, 1 or more. */
  restores: number
  /** Fields of later releases. */
  tail: Fields
}

export function encodeLineage({ lineageId, restores, tail }: Lineage): Buffer {
  assert(lineageId.length === LINEAGE_ID_DIGITS, '(10) a lineage fills its bytes')
  assert(restores > 0, '(10) a store without restores has no lineage')
  const value = Buffer.alloc(LINEAGE_BYTES)
  value.write(lineageId, 4, 'hex')
  value.writeUInt32BE(restores, 20)
  return seal(LINEAGE_KEY, Buffer.concat([value, encodeTail(tail)]))
}

/** Reads the lineage; undefined if it is damaged. */
export function decodeLineage(value: Buffer): Lineage | undefined {
  if (value.length < LINEAGE_BYTES || !isSealed(LINEAGE_KEY, value)) return undefined
  const restores = value.readUInt32BE(20)
  const tail = decodeTail(value, LINEAGE_BYTES)
  if (restores === 0 || tail === undefined) return undefined
  return { lineageId: value.toString('hex', 4, 20), restores, tail }
}
