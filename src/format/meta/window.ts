/**
 * A window of a board, which divides its time into seasons.
 *
 *     | 06 | boardId 4 | window 2 |   →   | crc 4 | since 8 | since seq 8 | retired before 8 | tail … |
 *
 *     tag 1  settings, JSON, without what is usual (window-settings.ts)
 *     tag 2  empty: the window was taken away, and its seasons are going
 *     tag 3  seq 8: its first season was filled with the runs of the log from this record on, up to `since seq`
 *     tag 4  until 8, graceMs 8, as often as that was altered: how long it was before, oldest first
 *
 * All integers are big-endian. `since` is when the window was added, `since seq` the last record of the
 * log then; `retired before` and `until` are instants (instant.ts): seasons that begin before the former are
 * gone or going; eight zero bytes: none is. Numbers of windows begin at 1; one that was taken away keeps its number until
 * nothing is left of its seasons.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import type { WindowSpec } from '../../words/index.ts'
import { isSealed, seal } from '../checksum.ts'
import { INSTANT_BYTES, readInstant, writeInstant } from '../instant.ts'
import { logKey, seqOf } from '../log-key.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'
import { type StoredWindow, shortWindow, windowOf } from '../window-settings.ts'

/** Keys of windows lie in [WINDOWS_START, WINDOWS_END). */
export const WINDOWS_START: Buffer = Buffer.from([META_KIND.WINDOW])
export const WINDOWS_END: Buffer = Buffer.from([META_KIND.WINDOW + 1])

/** Numbers of windows start here. */
export const FIRST_WINDOW_ID = 1
export const WINDOW_ID_MAX = 0xffff

const KEY_BYTES = 7
const RETIRED_AT = 20
const TAIL_AT = 28
const TAG = { SETTINGS: 1, GONE: 2, FILLED_FROM: 3, PAST_GRACES: 4 } as const
const KNOWN_TAGS: readonly number[] = Object.values(TAG)
const GRACE_BYTES = INSTANT_BYTES + 8
const EVERY_WORDS: readonly unknown[] = ['day', 'week', 'month', 'year', 'manual']

/** Which window of which board. */
export interface WindowPlace {
  boardId: number
  windowId: number
}

/** How long seasons took submits after their end, until that was altered. */
export interface PastGrace {
  graceMs: number
  untilMicros: number
}

/** A window as it is stored. */
export interface WindowRecord {
  spec: WindowSpec
  /** When it was added. */
  sinceMicros: number
  /** The last record of the log then; 0: there was none. */
  sinceSeq: number
  /** Seasons that begin before it are gone or going; undefined: none is. */
  retiredBeforeMicros: number | undefined
  /** Whether it was taken away, and is there for the seasons that are still to go. */
  isGone: boolean
  /** The first record of the log with whose runs its first season was filled; absent: it began empty. */
  filledFromSeq?: number | undefined
  /** What `graceMs` was before, oldest first; absent: it was never altered. */
  pastGraces?: readonly PastGrace[] | undefined
  /** Fields of later releases. */
  others: Fields
}

export function windowKey({ boardId, windowId }: WindowPlace): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  WINDOWS_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  key.writeUInt16BE(windowId, 5)
  return key
}

/** Returns which window a key of {@link windowKey} is of; undefined if it is another key. */
export function windowPlaceOf(key: Buffer): WindowPlace | undefined {
  if (key.length !== KEY_BYTES || key[0] !== META_KIND.WINDOW) return undefined
  return { boardId: key.readUInt32BE(1), windowId: key.readUInt16BE(5) }
}

/** The range of the windows of a board. */
export function windowsOfBoard(boardId: number): { start: Buffer; end: Buffer } {
  const start = windowKey({ boardId, windowId: 0 })
  const end = Buffer.concat([windowKey({ boardId, windowId: WINDOW_ID_MAX }), Buffer.of(0)])
  return { start, end }
}

export function encodeWindow(key: Buffer, window: WindowRecord): Buffer {
  const { spec, sinceMicros, sinceSeq, retiredBeforeMicros, isGone, filledFromSeq } = window
  const { pastGraces = [], others } = window
  assert(key.length === KEY_BYTES, '(22) a window is one of one board')
  const value = Buffer.alloc(TAIL_AT)
  value.writeBigUInt64BE(BigInt(sinceMicros), 4)
  value.writeBigUInt64BE(BigInt(sinceSeq), 12)
  if (retiredBeforeMicros !== undefined) writeInstant(value, retiredBeforeMicros, RETIRED_AT)
  const settings = Buffer.from(JSON.stringify(shortWindow(spec)))
  const fields = new Map([...others, [TAG.SETTINGS, settings]])
  if (isGone) fields.set(TAG.GONE, Buffer.alloc(0))
  if (filledFromSeq !== undefined) fields.set(TAG.FILLED_FROM, logKey(filledFromSeq))
  if (pastGraces.length > 0) fields.set(TAG.PAST_GRACES, encodeGraces(pastGraces))
  return seal(key, Buffer.concat([value, encodeTail(fields)]))
}

function encodeGraces(graces: readonly PastGrace[]): Buffer {
  const bytes = Buffer.alloc(graces.length * GRACE_BYTES)
  for (const [i, { untilMicros, graceMs }] of graces.entries()) {
    const graceAt = writeInstant(bytes, untilMicros, i * GRACE_BYTES)
    bytes.writeBigUInt64BE(BigInt(graceMs), graceAt)
  }
  return bytes
}

function decodeGraces(bytes: Buffer): PastGrace[] | undefined {
  if (bytes.length % GRACE_BYTES > 0) return undefined
  return Array.from({ length: bytes.length / GRACE_BYTES }, (_, i) => ({
    untilMicros: readInstant(bytes, i * GRACE_BYTES),
    graceMs: Number(bytes.readBigUInt64BE(i * GRACE_BYTES + INSTANT_BYTES)),
  }))
}

/** Reads a window; undefined if it is damaged. */
export function decodeWindow(key: Buffer, value: Buffer): WindowRecord | undefined {
  if (value.length <= TAIL_AT || !isSealed(key, value)) return undefined
  const tail = decodeTail(value, TAIL_AT)
  const spec = tail && settingsOf(tail.get(TAG.SETTINGS))
  const gone = tail?.get(TAG.GONE)
  const filled = tail?.get(TAG.FILLED_FROM)
  const filledFromSeq = filled && seqOf(filled)
  if (tail === undefined || spec === undefined || (gone?.length ?? 0) > 0) return undefined
  if (filled !== undefined && filledFromSeq === undefined) return undefined
  const graces = tail.get(TAG.PAST_GRACES)
  const pastGraces = graces && decodeGraces(graces)
  if (graces !== undefined && pastGraces === undefined) return undefined
  return {
    spec,
    sinceMicros: Number(value.readBigUInt64BE(4)),
    sinceSeq: Number(value.readBigUInt64BE(12)),
    retiredBeforeMicros:
      value.readBigUInt64BE(RETIRED_AT) === 0n ? undefined : readInstant(value, RETIRED_AT),
    isGone: gone !== undefined,
    ...(filledFromSeq !== undefined && { filledFromSeq }),
    ...(pastGraces !== undefined && { pastGraces }),
    others: new Map([...tail].filter(([tag]) => !KNOWN_TAGS.includes(tag))),
  }
}

function settingsOf(json: Buffer | undefined): WindowSpec | undefined {
  if (json === undefined) return undefined
  try {
    const settings = JSON.parse(json.toString()) as StoredWindow | null
    const isForm = typeof settings?.name === 'string' && isEvery(settings.every)
    return isForm ? windowOf(settings) : undefined
  } catch {
    return undefined
  }
}

function isEvery(every: unknown): boolean {
  if (typeof every !== 'object' || every === null) return EVERY_WORDS.includes(every)
  const { hours, from, cron } = every as { hours?: unknown; from?: unknown; cron?: unknown }
  const isHours = typeof hours === 'number' && typeof from === 'number'
  return isHours !== (typeof cron === 'string')
}
