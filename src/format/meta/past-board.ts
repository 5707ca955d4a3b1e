/**
 * A board that was dropped and that the log still speaks of: its name and its settings.
 *
 *     | 0a | boardId 4 |   →   | crc 4 | dropped 8 | size 1 | name … | value of the board in the catalog … |
 *
 * All integers are big-endian; `dropped` is the seq of the drop. It goes when the log has no record of
 * the board any more.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { boardKey, type CatalogEntry, decodeBoard, encodeBoard } from './board.ts'

/** Keys of these records lie in [PAST_BOARDS_START, PAST_BOARDS_END). */
export const PAST_BOARDS_START: Buffer = Buffer.from([META_KIND.PAST_BOARD])
export const PAST_BOARDS_END: Buffer = Buffer.from([META_KIND.PAST_BOARD + 1])

const KEY_BYTES = 5
const NAME_AT = 13

/** A dropped board. */
export interface PastBoard {
  board: CatalogEntry
  /** The seq of the drop. */
  droppedSeq: number
}

/** Returns the key of a dropped board. */
export function pastBoardKey(boardId: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  PAST_BOARDS_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  return key
}

export function encodePastBoard(key: Buffer, { board, droppedSeq }: PastBoard): Buffer {
  const name = Buffer.from(board.name)
  const head = Buffer.alloc(NAME_AT)
  head.writeBigUInt64BE(BigInt(droppedSeq), 4)
  head[NAME_AT - 1] = name.length
  return seal(key, Buffer.concat([head, name, encodeBoard(boardKey(board.name), board)]))
}

/** Reads a dropped board; undefined if the record is damaged. */
export function decodePastBoard(key: Buffer, value: Buffer): PastBoard | undefined {
  if (key.length !== KEY_BYTES || value.length < NAME_AT || !isSealed(key, value)) return undefined
  const boardAt = NAME_AT + (value[NAME_AT - 1] as number)
  const name = value.toString('utf8', NAME_AT, boardAt)
  const record = decodeBoard(boardKey(name), value.subarray(boardAt))
  if (record?.id !== key.readUInt32BE(1)) return undefined
  return { board: { name, ...record }, droppedSeq: Number(value.readBigUInt64BE(4)) }
}
