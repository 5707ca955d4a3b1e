/**
 * A board of the catalog.
 *
 *     | 02 | name ...   →   | crc 4 | boardId 4 | order 1 | mode 1 | score type 1 | columns 1 |
 *                           | keep 4 |   and each of several columns: | order 1 | size 1 | name ... |
 *
 * All integers are big-endian. A board that keeps all entries of one column of scores ends behind its
 * first line, as all did in version 1. The byte of the columns holds what the log keeps too.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { COLUMNS_MAX, KEEP_MAX } from '../../ground/limits.ts'
import type { LogMode, Mode, Order, ScoreColumn, ScoreType } from '../../words/index.ts'
import { isSealed, seal } from '../checksum.ts'
import { COLUMN_NAME, ScoreShape } from '../score-shape.ts'
import { META_KIND } from '../tables.ts'

/** Keys of the catalog lie in [BOARDS_START, BOARDS_END). */
export const BOARDS_START: Buffer = Buffer.from([META_KIND.BOARD])
export const BOARDS_END: Buffer = Buffer.from([META_KIND.BOARD + 1])

const BOARD_BYTES = 12

const KEEP_BYTES = 4

// ON DISK: the place in these lists is the byte that is stored. Only append.
const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']
const SCORE_TYPES: readonly ScoreType[] = ['number', 'int64']
const LOG_MODES: readonly LogMode[] = ['all', 'changes', 'none']

// Byte 11: the columns behind the first, then what the log keeps.
const COLUMNS_BITS = 0b11
const LOG_SHIFT = 2

/** A board of the catalog. */
export interface BoardRecord {
  id: number
  shape: ScoreShape
  mode: Mode
  /** How many entries it keeps, the best ones; undefined: all. */
  keep: number | undefined
  /** What the log keeps of its submits. */
  log: LogMode
}

/** A board of the catalog with its name. */
export interface CatalogEntry extends BoardRecord {
  name: string
  /** Only of a season, which is a board without a name of its own: that is its board's. */
  season?: { window: string; id: string }
}

/** Returns the key of a board in the catalog. */
export function boardKey(name: string): Buffer {
  return Buffer.concat([BOARDS_START, Buffer.from(name)])
}

/** Returns the board's name from its key in the catalog. */
export function boardNameOf(key: Buffer): string {
  return key.toString('utf8', 1)
}

export function encodeBoard(key: Buffer, board: BoardRecord): Buffer {
  const { shape, keep } = board
  const names = shape.isPlain ? [] : shape.columns
  // What stands for all entries is 0, so no board can keep none.
  assert(
    keep === undefined || (keep > 0 && keep <= KEEP_MAX),
    '(12) a board keeps one entry or more',
  )
  assert(MODES.includes(board.mode), '(10) the mode is one of those that have a byte')
  const settings = Buffer.alloc(BOARD_BYTES)
  settings.writeUInt32BE(board.id, 4)
  settings[8] = ORDERS.indexOf(shape.order)
  settings[9] = MODES.indexOf(board.mode)
  settings[10] = SCORE_TYPES.indexOf(shape.type)
  settings[11] = (shape.columns.length - 1) | (LOG_MODES.indexOf(board.log) << LOG_SHIFT)
  if (keep === undefined && names.length === 0) return seal(key, settings)
  const kept = Buffer.alloc(KEEP_BYTES)
  kept.writeUInt32BE(keep ?? 0)
  return seal(key, Buffer.concat([settings, kept, ...names.map(encodeColumn)]))
}

/** Reads a board of the catalog; undefined if it is damaged. */
export function decodeBoard(key: Buffer, value: Buffer): BoardRecord | undefined {
  if (value.length < BOARD_BYTES || !isSealed(key, value)) return undefined
  const order = ORDERS[value[8] as number]
  const mode = MODES[value[9] as number]
  const type = SCORE_TYPES[value[10] as number]
  const behind = (value[11] as number) & COLUMNS_BITS
  const log = LOG_MODES[(value[11] as number) >> LOG_SHIFT]
  const columns = order && decodeColumns(value, { order, behind })
  if (columns === undefined || mode === undefined || type === undefined) return undefined
  if (log === undefined) return undefined
  const keep = value.length === BOARD_BYTES ? 0 : value.readUInt32BE(BOARD_BYTES)
  return {
    id: value.readUInt32BE(4),
    shape: new ScoreShape(type, columns),
    mode,
    keep: keep === 0 ? undefined : keep,
    log,
  }
}

function encodeColumn({ name, order }: ScoreColumn): Buffer {
  assert(COLUMN_NAME.test(name), '(10) a column has a name that a reader takes')
  return Buffer.concat([
    Buffer.from([ORDERS.indexOf(order), Buffer.byteLength(name)]),
    Buffer.from(name),
  ])
}

function decodeColumns(
  value: Buffer,
  board: { order: Order; behind: number },
): [ScoreColumn, ...ScoreColumn[]] | undefined {
  const { order, behind } = board
  const isShort = value.length === BOARD_BYTES
  if (!isShort && value.length < BOARD_BYTES + KEEP_BYTES) return undefined
  // A board that keeps all entries of one column is stored in the short form only.
  if (!isShort && behind === 0 && value.readUInt32BE(BOARD_BYTES) === 0) return undefined
  const columns: ScoreColumn[] = []
  let at = BOARD_BYTES + KEEP_BYTES
  while (at < value.length) {
    const columnOrder = ORDERS[value[at] as number]
    const end = at + 2 + (value[at + 1] ?? 0)
    if (columnOrder === undefined || end > value.length) return undefined
    const name = value.toString('utf8', at + 2, end)
    if (!COLUMN_NAME.test(name) || columns.some((column) => column.name === name)) return undefined
    columns.push({ name, order: columnOrder })
    at = end
  }
  if (columns.length > COLUMNS_MAX) return undefined
  const [first = { name: '', order }, ...others] = columns
  if (first.order !== order || others.length !== behind || columns.length === 1) return undefined
  return [first, ...others]
}
