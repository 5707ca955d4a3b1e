/**
 * A season of a window.
 *
 *     | 07 | boardId 4 | window 2 | start 8 |   →   | crc 4 | season 4 | end 8 | state 1 | tail … |
 *
 *     tag 1  its id, UTF-8             state 0 coming, 1 open, 2 closed, 3 sealed
 *     tag 2  empty: made by an import
 *
 * All integers are big-endian; start and end are instants (instant.ts). `season` is the number of the
 * season as a board, 0 before its first entry. An end of eight bytes ff: it goes on until the next one is
 * started.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { INSTANT_BYTES, readInstant, writeInstant } from '../instant.ts'
import { NO_BOARD_ID } from '../keys.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'
import { WINDOW_ID_MAX, type WindowPlace } from './window.ts'

/** Keys of seasons lie in [SEASONS_START, SEASONS_END). */
export const SEASONS_START: Buffer = Buffer.from([META_KIND.SEASON])
export const SEASONS_END: Buffer = Buffer.from([META_KIND.SEASON + 1])

const KEY_BYTES = 15
const START_AT = 7
const END_AT = 8
const STATE_AT = 16
const TAIL_AT = 17

const TAG = { ID: 1, IMPORTED: 2 } as const
const KNOWN_TAGS: readonly number[] = Object.values(TAG)
const NO_END: Buffer = Buffer.alloc(INSTANT_BYTES, 0xff)

/** What a season is in. One that is closed still takes submits of its time. */
export type SeasonState = 'coming' | 'open' | 'closed' | 'sealed'

// ON DISK: the place in this list is the byte. Only append.
const STATES: readonly SeasonState[] = ['coming', 'open', 'closed', 'sealed']

/** Which season of which window. */
export interface SeasonPlace extends WindowPlace {
  startMicros: number
}

/** A season as it is stored. */
export interface SeasonRecord {
  /** Its number as a board; 0 before its first entry. */
  seasonBoardId: number
  /** The first instant behind it; undefined: it goes on until the next one is started. */
  endMicros: number | undefined
  state: SeasonState
  id: string
  /** Whether an import made it, to which its time was past. */
  isImported: boolean
  /** Fields of later releases. */
  others: Fields
}

export function seasonKey({ boardId, windowId, startMicros }: SeasonPlace): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  writeWindow(key, { boardId, windowId })
  writeInstant(key, startMicros, START_AT)
  return key
}

/** Returns which season a key of {@link seasonKey} is of; undefined if it is another key. */
export function seasonPlaceOf(key: Buffer): SeasonPlace | undefined {
  if (key.length !== KEY_BYTES || key[0] !== META_KIND.SEASON) return undefined
  return {
    boardId: key.readUInt32BE(1),
    windowId: key.readUInt16BE(5),
    startMicros: readInstant(key, START_AT),
  }
}

/** The range of the seasons of a window, in the order of time. */
export function seasonsOfWindow(place: WindowPlace): { start: Buffer; end: Buffer } {
  const start = Buffer.alloc(START_AT)
  writeWindow(start, place)
  return { start, end: Buffer.concat([start, NO_END]) }
}

/** The range of the seasons of all windows of a board. */
export function seasonsOfBoard(boardId: number): { start: Buffer; end: Buffer } {
  const { start } = seasonsOfWindow({ boardId, windowId: 0 })
  return { start, end: seasonsOfWindow({ boardId, windowId: WINDOW_ID_MAX }).end }
}

function writeWindow(key: Buffer, { boardId, windowId }: WindowPlace): void {
  SEASONS_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  key.writeUInt16BE(windowId, 5)
}

export function encodeSeason(key: Buffer, season: SeasonRecord): Buffer {
  const { seasonBoardId, endMicros, state, id, isImported, others } = season
  assert(key.length === KEY_BYTES, '(23) a season is one of one window')
  assert(id !== '', '(23) a season has an id')
  const value = Buffer.alloc(TAIL_AT)
  value.writeUInt32BE(seasonBoardId, 4)
  if (endMicros === undefined) NO_END.copy(value, END_AT)
  else writeInstant(value, endMicros, END_AT)
  value[STATE_AT] = STATES.indexOf(state)
  const fields = new Map([...others, [TAG.ID, Buffer.from(id)]])
  if (isImported) fields.set(TAG.IMPORTED, Buffer.alloc(0))
  return seal(key, Buffer.concat([value, encodeTail(fields)]))
}

/** Reads a season; undefined if it is damaged. */
export function decodeSeason(key: Buffer, value: Buffer): SeasonRecord | undefined {
  if (value.length <= TAIL_AT || !isSealed(key, value)) return undefined
  const state = STATES[value[STATE_AT] as number]
  const tail = decodeTail(value, TAIL_AT)
  const id = tail?.get(TAG.ID)?.toString()
  const imported = tail?.get(TAG.IMPORTED)
  if (state === undefined || tail === undefined || id === undefined || id === '') return undefined
  if (imported !== undefined && imported.length > 0) return undefined
  return {
    seasonBoardId: value.readUInt32BE(4),
    endMicros: NO_END.equals(value.subarray(END_AT, STATE_AT))
      ? undefined
      : readInstant(value, END_AT),
    state,
    id,
    isImported: imported !== undefined,
    others: new Map([...tail].filter(([tag]) => !KNOWN_TAGS.includes(tag))),
  }
}

/** Whether a season has a board: one without has no entry, and never had one. */
export function hasBoard({ seasonBoardId }: Pick<SeasonRecord, 'seasonBoardId'>): boolean {
  return seasonBoardId !== NO_BOARD_ID
}
