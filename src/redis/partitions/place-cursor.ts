/**
 * Cursors of pages: a place of one incarnation of a board.
 *
 *     base64url of   | checksum 4 | id of the board 8 | head | playerId, utf-8 ... |
 *
 * The checksum covers the name of the board and the prefix of the store; the id is given once.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from '../../format/checksum.ts'
import { PLAYER_ID_BYTES_MAX } from '../../ground/limits.ts'

const ID_BYTES = 8

/** Returns the cursor of a place. */
export function sealPlace(label: string, place: { id: string; key: Buffer }): string {
  const id = Buffer.alloc(ID_BYTES)
  id.write(place.id, 'hex')
  const bytes = Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), id, place.key])
  return seal(Buffer.from(label), bytes).toString('base64url')
}

/** Returns the place of a cursor, or undefined if it does not belong to a page of this board. */
export function openPlace(
  label: string,
  { cursor, headBytes }: { cursor: string; headBytes: number },
): { id: string; key: Buffer } | undefined {
  const bytes = Buffer.from(cursor, 'base64url')
  const key = bytes.subarray(CHECKSUM_BYTES + ID_BYTES)
  const idBytes = key.length - headBytes
  const isKey = idBytes >= 0 && idBytes <= PLAYER_ID_BYTES_MAX + 1
  const isWhole = bytes.toString('base64url') === cursor
  if (!isWhole || !isKey || !isSealed(Buffer.from(label), bytes)) return undefined
  return { id: bytes.toString('hex', CHECKSUM_BYTES, CHECKSUM_BYTES + ID_BYTES), key }
}
