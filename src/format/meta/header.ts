/**
 * The header: the identity of a store, written once.
 *
 *     | 00 |   →   | crc 4 | "LADDERDB" | version 2 | storeId 16 | created 8 |      all integers big-endian
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { isSealed, seal } from '../checksum.ts'

/** The version that this release writes, and the newest that it reads. */
export const FORMAT_VERSION = 2

export const HEADER_KEY: Buffer = Buffer.from([0])

const MAGIC = Buffer.from('LADDERDB')

const HEADER_BYTES = 38

/** The store's identity. */
export interface Header {
  version: number
  /** 32 hexadecimal digits. */
  storeId: string
  createdMicros: number
}

export function encodeHeader(header: Header): Buffer {
  const value = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(value, 4)
  value.writeUInt16BE(header.version, 12)
  value.write(header.storeId, 14, 'hex')
  value.writeBigUInt64BE(BigInt(header.createdMicros), 30)
  return seal(HEADER_KEY, value)
}

/**
 * Reads the header; undefined where it is none or damaged. Of a version that this release does not
 * know only the number is read.
 */
export function decodeHeader(value: Buffer): Header | undefined {
  if (value.length < 14 || !value.subarray(4, 12).equals(MAGIC)) return undefined
  const version = value.readUInt16BE(12)
  if (version > FORMAT_VERSION) return { version, storeId: '', createdMicros: 0 }
  if (value.length !== HEADER_BYTES || !isSealed(HEADER_KEY, value)) return undefined
  const createdMicros = Number(value.readBigUInt64BE(30))
  return { version, storeId: value.toString('hex', 14, 30), createdMicros }
}
