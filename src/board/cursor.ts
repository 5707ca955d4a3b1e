/**
 * Cursors of pages: the key of an entry, or a place beside one, sealed for one board.
 *
 *     base64url of   | checksum 4 | head | playerId, utf-8 ... |
 *
 * The checksum covers the id of the store and number and name of the board as well. Numbers are never
 * given twice, so the cursor of another board or store, of a board that was dropped, or of bytes that
 * somebody made up is told apart. A place is kept, not a rank: ranks are those of the time of reading.
 *
 * @module
 */

import { badCursor } from '../domain/cursors.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { CHECKSUM_BYTES, isSealed, seal } from '../format/checksum.ts'
import { encodeVarint } from '../format/varint.ts'
import { assert } from '../ground/assert.ts'
import { PLAYER_ID_BYTES_MAX } from '../ground/limits.ts'

/** Where cursors are good. */
export interface CursorPlace {
  storeId: string
  boardId: number
  /** The season that it is, if it is one, in words. */
  season?: string | undefined
}

/** Returns the cursor of a place: the key of an entry in the rank tree, or a head with other bytes. */
export function encodeCursor(board: BoardSpec, place: CursorPlace & { key: Buffer }): string {
  assert(place.key.length >= board.shape.headBytes, 'a place of a cursor has a whole head')
  const bytes = Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), place.key])
  return seal(labelOf(board, place), bytes).toString('base64url')
}

/**
 * Returns the key of a cursor.
 *
 * @throws {LadderError} `BAD_CURSOR` if it belongs to no page of this board.
 */
export function decodeCursor(board: BoardSpec, place: CursorPlace & { cursor: string }): Buffer {
  const bytes = Buffer.from(place.cursor, 'base64url')
  // Node passes over characters that are not of the alphabet: only the same text is the same cursor.
  const isWhole = bytes.toString('base64url') === place.cursor
  const key = bytes.subarray(CHECKSUM_BYTES)
  const idBytes = key.length - board.shape.headBytes
  // One more than an id: the place just behind the longest.
  const isKey = idBytes >= 0 && idBytes <= PLAYER_ID_BYTES_MAX + 1
  if (isWhole && isKey && isSealed(labelOf(board, place), bytes)) return key
  throw badCursor(board.name, place.season)
}

function labelOf({ name }: BoardSpec, { storeId, boardId }: CursorPlace): Buffer {
  return Buffer.concat([Buffer.from(storeId, 'hex'), encodeVarint(boardId), Buffer.from(name)])
}
