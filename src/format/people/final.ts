/**
 * What a player came to in a season that was taken away.
 *
 *     people   | 08 | board 4 | window 2 | size, playerId | ~start 8 |
 *          →   | crc 4 | end 8 | score, 8 a column | time 8 | ordinal | competition | dense | of | tail … |
 *
 *     tag 1  the id of the season, UTF-8
 *
 * All integers are big-endian; start and end are instants (instant.ts), the start with all bits inverted, so
 * that the newest comes first. Score and time are as in the key of the entry; sizes, ranks and `of`, the
 * number of entries of the season, are in the form of varint.ts.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { INSTANT_BYTES, readInstant, writeInstant } from '../instant.ts'
import { WINDOW_ID_MAX, type WindowPlace } from '../meta/window.ts'
import { PEOPLE_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'
import { decodeVarint, encodeVarint } from '../varint.ts'

/** Keys of finals lie in [FINALS_START, FINALS_END). */
export const FINALS_START: Buffer = Buffer.from([PEOPLE_KIND.FINAL])
export const FINALS_END: Buffer = Buffer.from([PEOPLE_KIND.FINAL + 1])

const ID_AT = 7
const HEAD_AT = 12
const TAG_SEASON = 1

// Behind every id, as no size begins with this byte.
const LAST_SIZE = 0xff

/** Whose final it is, and of which season. */
export interface FinalPlace extends WindowPlace {
  playerId: string
  /** When the season began. */
  startMicros: number
}

/** A final as it is stored. */
export interface FinalRecord {
  endMicros: number
  /** Score and time, as in the key of the entry. */
  head: Uint8Array
  ordinal: number
  competition: number
  dense: number
  /** Number of entries of the season. */
  size: number
  /** The id of the season. */
  season: string
  /** Fields of later releases. */
  others: Fields
}

export function finalKey(place: FinalPlace): Buffer {
  return Buffer.concat([playerKey(place), invertedStart(place.startMicros)])
}

/** Reads a key of {@link finalKey}; undefined if it is another. */
export function finalPlaceOf(key: Buffer): FinalPlace | undefined {
  if (key[0] !== PEOPLE_KIND.FINAL || key.length <= ID_AT) return undefined
  const size = decodeVarint(key.subarray(ID_AT))
  if (size === undefined || size.value === 0) return undefined
  const idAt = ID_AT + size.size
  const startAt = idAt + size.value
  if (key.length !== startAt + INSTANT_BYTES) return undefined
  return {
    boardId: key.readUInt32BE(1),
    windowId: key.readUInt16BE(5),
    playerId: key.toString('utf8', idAt, startAt),
    startMicros: startIn(key.subarray(startAt)),
  }
}

/** The range of the finals of a player in a window, newest first. */
export function finalsOfPlayer(place: Omit<FinalPlace, 'startMicros'>): {
  start: Buffer
  end: Buffer
} {
  const start = playerKey(place)
  return { start, end: Buffer.concat([start, Buffer.alloc(INSTANT_BYTES + 1, 0xff)]) }
}

/** The range of all finals of a window. */
export function finalsOfWindow(place: WindowPlace): { start: Buffer; end: Buffer } {
  const start = windowHead(place)
  return { start, end: Buffer.concat([start, Buffer.of(LAST_SIZE)]) }
}

/** The range of all finals of a board. */
export function finalsOfBoard(boardId: number): { start: Buffer; end: Buffer } {
  const { start } = finalsOfWindow({ boardId, windowId: 0 })
  return { start, end: finalsOfWindow({ boardId, windowId: WINDOW_ID_MAX }).end }
}

function windowHead({ boardId, windowId }: WindowPlace): Buffer {
  const head = Buffer.alloc(ID_AT)
  FINALS_START.copy(head)
  head.writeUInt32BE(boardId, 1)
  head.writeUInt16BE(windowId, 5)
  return head
}

function playerKey(place: Omit<FinalPlace, 'startMicros'>): Buffer {
  const id = Buffer.from(place.playerId)
  return Buffer.concat([windowHead(place), encodeVarint(id.length), id])
}

function invertedStart(micros: number): Buffer {
  const bytes = Buffer.alloc(INSTANT_BYTES)
  writeInstant(bytes, micros, 0)
  return bytes.map((byte) => ~byte) as Buffer
}

function startIn(bytes: Buffer): number {
  return readInstant(Buffer.from(bytes.map((byte) => ~byte)), 0)
}

export function encodeFinal(key: Buffer, final: FinalRecord): Buffer {
  const { endMicros, head, ordinal, competition, dense, size, season, others } = final
  assert(
    [ordinal, competition, dense].every((rank) => rank > 0 && rank <= size),
    '(25) a final rank is one of the entries of its season',
  )
  const value = Buffer.alloc(HEAD_AT)
  writeInstant(value, endMicros, 4)
  const counts = [ordinal, competition, dense, size].map(encodeVarint)
  const tail = encodeTail(new Map([...others, [TAG_SEASON, Buffer.from(season)]]))
  return seal(key, Buffer.concat([value, head, ...counts, tail]))
}

/** Reads a final of a board with heads of this size; undefined if it is damaged. */
export function decodeFinal(
  key: Buffer,
  value: Buffer,
  headBytes: number,
): FinalRecord | undefined {
  const countsAt = HEAD_AT + headBytes
  if (value.length <= countsAt || !isSealed(key, value)) return undefined
  const counts: number[] = []
  let at = countsAt
  while (counts.length < 4) {
    const count = decodeVarint(value.subarray(at))
    if (count === undefined) return undefined
    counts.push(count.value)
    at += count.size
  }
  const [ordinal, competition, dense, size] = counts as [number, number, number, number]
  const tail = decodeTail(value, at)
  const season = tail?.get(TAG_SEASON)?.toString()
  if (tail === undefined || season === undefined || season === '') return undefined
  return {
    endMicros: readInstant(value, 4),
    head: Buffer.from(value.subarray(HEAD_AT, countsAt)),
    ...{ ordinal, competition, dense, size, season },
    others: new Map([...tail].filter(([tag]) => tag !== TAG_SEASON)),
  }
}
