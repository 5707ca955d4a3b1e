/**
 * What is to be done about a season, and when.
 *
 *     | 0b | due 8 | boardId 4 | window 2 | start 8 | kind 1 |   →   | crc 4 |
 *
 *     kind 1  close the season            kind 3  open and close those from `start` on that have no record
 *          2  seal it                          4  take it away, in the background
 *
 * All integers are big-endian; due and start are instants (instant.ts). The first keys are due first, so
 * a look at one key tells that nothing is.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, checksum, seal } from '../checksum.ts'
import { readInstant, writeInstant } from '../instant.ts'
import { META_KIND } from '../tables.ts'
import type { SeasonPlace } from './season.ts'

/** Keys of what is due lie in [SEASON_DUES_START, SEASON_DUES_END). */
export const SEASON_DUES_START: Buffer = Buffer.from([META_KIND.SEASON_DUE])
export const SEASON_DUES_END: Buffer = Buffer.from([META_KIND.SEASON_DUE + 1])

const KEY_BYTES = 24

/** What is due: `hole` stands for all seasons from its start on that have no record yet. */
export type SeasonDueKind = 'close' | 'seal' | 'hole' | 'retire'

// ON DISK: the place in this list is the byte. Only append.
const KINDS: readonly (SeasonDueKind | undefined)[] = [undefined, 'close', 'seal', 'hole', 'retire']

/** What is to be done about a season, and when. */
export interface SeasonDue extends SeasonPlace {
  dueMicros: number
  kind: SeasonDueKind
}

export function seasonDueKey({
  dueMicros,
  boardId,
  windowId,
  startMicros,
  kind,
}: SeasonDue): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  SEASON_DUES_START.copy(key)
  writeInstant(key, dueMicros, 1)
  key.writeUInt32BE(boardId, 9)
  key.writeUInt16BE(windowId, 13)
  writeInstant(key, startMicros, 15)
  key[KEY_BYTES - 1] = KINDS.indexOf(kind)
  return key
}

/** Reads a key of {@link seasonDueKey}; undefined if it is another. */
export function seasonDueOf(key: Buffer): SeasonDue | undefined {
  if (key.length !== KEY_BYTES || key[0] !== META_KIND.SEASON_DUE) return undefined
  const kind = KINDS[key[KEY_BYTES - 1] as number]
  if (kind === undefined) return undefined
  return {
    dueMicros: readInstant(key, 1),
    boardId: key.readUInt32BE(9),
    windowId: key.readUInt16BE(13),
    startMicros: readInstant(key, 15),
    kind,
  }
}

/** The range of what is due at a time or before. */
export function seasonDuesUntil(micros: number): { start: Buffer; end: Buffer } {
  const end = Buffer.alloc(9)
  SEASON_DUES_START.copy(end)
  writeInstant(end, micros + 1, 1)
  return { start: SEASON_DUES_START, end }
}

/** Returns the value of what is due: its key says all. */
export function encodeSeasonDue(key: Buffer): Buffer {
  return seal(key, Buffer.alloc(CHECKSUM_BYTES))
}

export function isSeasonDue(key: Buffer, value: Buffer): boolean {
  return value.length === CHECKSUM_BYTES && value.readUInt32BE(0) === checksum(key, value)
}
