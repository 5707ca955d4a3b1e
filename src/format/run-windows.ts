/**
 * What a run did in the seasons of its board's windows: tag 5 in the tail of a run.
 *
 *     | flags 1 | size 1, window | size 1, season | before 8 c + 7 | rank | previous rank |   …
 *
 *     flag 1  before, as in a run           flag 4   the entry changed
 *          2  ranks, in the form of              8   the season was sealed or gone: it took nothing
 *             varint.ts, 0 for none              16  a full season had no place for the newcomer
 *                                                32  an undo alone had left nothing of the player there
 *
 * Names stand there in full, so a record can be read wherever it is, and after the window is gone. c is the
 * number of columns of the board; before is the head of the season's entry without the first byte of its
 * time, which is 0.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { copyBytes } from './bytes.ts'
import { Cursor, MICROS_BYTES } from './run-record.ts'
import { VARINT_BYTES_MAX, writeVarint } from './varint.ts'

const FLAG = { BEFORE: 1, RANKS: 2, CHANGED: 4, SEALED: 8, NO_PLACE: 16, GOES_ON: 32 } as const
const FLAGS_ALL = 63
const TEXT_BYTES_MAX = 0xff

/** What a run did in one season. */
export interface RunWindow {
  /** The name of the window. */
  window: string
  /** The id of the season. */
  season: string
  /** Score and time of the entry before, as in its key; undefined for a newcomer. */
  before: Uint8Array | undefined
  /** Ordinal ranks after and before, 0 for none; undefined if no ranks were asked for. */
  ranks: { rank: number; previousRank: number } | undefined
  /** Whether the entry changed its score or its time. */
  isChanged: boolean
  /** Whether the season was sealed or gone, and took nothing. */
  isSealed: boolean
  /** Whether a full season had no place for the newcomer. */
  hasNoPlace: boolean
  /** Whether the newcomer had no entry because runs were undone, and for no other reason. */
  goesOn: boolean
}

/** Returns the bytes of some, on a board whose scores take `scoreBytes`. */
export function encodeRunWindows(windows: readonly RunWindow[], scoreBytes: number): Buffer {
  // A buffer for each part would cost more than all else that a season takes.
  let bytesMax = 0
  for (const { window, season } of windows)
    bytesMax += FIXED_BYTES_MAX + scoreBytes + UTF8_BYTES_MAX * (window.length + season.length)
  const bytes = Buffer.allocUnsafe(bytesMax)
  let at = 0
  for (const item of windows) at = writeOne(item, bytes, { at, scoreBytes })
  return bytes.subarray(0, at)
}

// Flags, two sizes, a time and two ranks.
const FIXED_BYTES_MAX = 1 + 2 + MICROS_BYTES + 2 * VARINT_BYTES_MAX
// Of a unit of UTF-16.
const UTF8_BYTES_MAX = 3
const ASCII_MAX = 0x7f

function writeOne(
  item: RunWindow,
  bytes: Buffer,
  { at: start, scoreBytes }: { at: number; scoreBytes: number },
): number {
  const { window, season, before, ranks } = item
  bytes[start] =
    (before === undefined ? 0 : FLAG.BEFORE) |
    (ranks === undefined ? 0 : FLAG.RANKS) |
    (item.isChanged ? FLAG.CHANGED : 0) |
    (item.isSealed ? FLAG.SEALED : 0) |
    (item.hasNoPlace ? FLAG.NO_PLACE : 0) |
    (item.goesOn ? FLAG.GOES_ON : 0)
  let at = writeSized(window, bytes, start + 1)
  at = writeSized(season, bytes, at)
  if (before !== undefined) {
    at = copyBytes({ bytes: before, start: 0, count: scoreBytes }, bytes, at)
    at = copyBytes({ bytes: before, start: scoreBytes + 1, count: MICROS_BYTES }, bytes, at)
  }
  if (ranks === undefined) return at
  return writeVarint(bytes, ranks.previousRank, writeVarint(bytes, ranks.rank, at))
}

function writeSized(text: string, bytes: Buffer, at: number): number {
  const size = writeText(text, bytes, at + 1)
  assert(size > 0 && size <= TEXT_BYTES_MAX, '(10) a name has one byte of size')
  bytes[at] = size
  return at + 1 + size
}

// Most names are short and have ASCII alone.
function writeText(text: string, bytes: Buffer, start: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > ASCII_MAX) return bytes.write(text, start, 'utf8')
    bytes[start + i] = unit
  }
  return text.length
}

/** Reads them; undefined if the bytes are not some. */
export function decodeRunWindows(bytes: Buffer, scoreBytes: number): RunWindow[] | undefined {
  const cursor = new Cursor(bytes, 0)
  const windows: RunWindow[] = []
  while (!cursor.isAtEnd) {
    const one = decodeOne(cursor, scoreBytes)
    if (one === undefined) return undefined
    windows.push(one)
  }
  return windows.length > 0 ? windows : undefined
}

function decodeOne(cursor: Cursor, scoreBytes: number): RunWindow | undefined {
  const flags = cursor.byte()
  const has = (flag: number): boolean => (flags & flag) !== 0
  const window = cursor.text(cursor.byte())
  const season = cursor.text(cursor.byte())
  const before = has(FLAG.BEFORE)
    ? Buffer.concat([cursor.bytes(scoreBytes), Buffer.of(0), cursor.bytes(MICROS_BYTES)])
    : undefined
  const ranks = has(FLAG.RANKS)
    ? { rank: cursor.varint(), previousRank: cursor.varint() }
    : undefined
  if (!cursor.isWhole || flags > FLAGS_ALL || window === '' || season === '') return undefined
  return {
    ...{ window, season, before, ranks, isChanged: has(FLAG.CHANGED), isSealed: has(FLAG.SEALED) },
    hasNoPlace: has(FLAG.NO_PLACE),
    goesOn: has(FLAG.GOES_ON),
  }
}
