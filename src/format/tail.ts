/**
 * The tail of a record that may grow: fields with tags, behind what every reader knows.
 *
 *     | tag 1 | size 1 to 5, as a varint | size bytes |   …        tags ascending, each once
 *
 * A reader skips tags that it does not know, and a writer of the record keeps them. So a
 * later release adds what older ones may ignore; what they must not ignore gets a bit in the features
 * of the header.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { decodeVarint, encodeVarint } from './varint.ts'

/** Fields of a tail by their tags. */
export type Fields = ReadonlyMap<number, Buffer>

/** A tail without fields. */
export const NO_FIELDS: Fields = new Map()

/** Returns the bytes of a tail. */
export function encodeTail(fields: Fields): Buffer {
  const sorted = [...fields].sort(([a], [b]) => a - b)
  for (const [tag] of sorted)
    assert(Number.isInteger(tag) && tag >= 0 && tag <= 0xff, '(10) a tag has one byte')
  return Buffer.concat(
    sorted.flatMap(([tag, value]) => [Buffer.from([tag]), encodeVarint(value.length), value]),
  )
}

/** Reads the tail that begins at `start`; undefined if it is not one. The values are copies. */
export function decodeTail(bytes: Buffer, start: number): Fields | undefined {
  if (start === bytes.length) return NO_FIELDS
  const fields = new Map<number, Buffer>()
  let last = -1
  let at = start
  while (at < bytes.length) {
    const tag = bytes[at] as number
    const size = decodeVarint(bytes.subarray(at + 1, bytes.length))
    if (size === undefined || tag <= last) return undefined
    const valueAt = at + 1 + size.size
    at = valueAt + size.value
    if (at > bytes.length) return undefined
    fields.set(tag, Buffer.from(bytes.subarray(valueAt, at)))
    last = tag
  }
  return fields
}
