/**
 * The settings of the store that are not the usual ones.
 *
 *     | 09 |   →   | crc 4 | tail … |      all integers big-endian
 *
 *     tag 1  days of the log, a double, 8      tag 4  ids of requests 8
 *     tag 2  bytes of the log 8                tag 5  names 1: 1 unique
 *     tag 3  days of requests, a double, 8     tag 6  writes 1: 1 closed
 *
 * A store whose settings are all the usual ones has no such record.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

export const SETTINGS_KEY: Buffer = Buffer.from([META_KIND.SETTINGS])

// ON DISK. Only append.
const TAG = {
  LOG_DAYS: 1,
  LOG_BYTES: 2,
  REQUEST_DAYS: 3,
  REQUEST_COUNT: 4,
  NAMES: 5,
  WRITES: 6,
} as const
const KNOWN_TAGS: readonly number[] = Object.values(TAG)
const YES: Buffer = Buffer.from([1])

/** Settings that differ from the usual ones; undefined where they do not. */
export interface SettingsRecord {
  logDays: number | undefined
  logBytes: number | undefined
  requestDays: number | undefined
  requestCount: number | undefined
  isUnique: boolean
  isClosed: boolean
  /** Fields of later releases. */
  others: Fields
}

/** Returns the record; undefined if it would say nothing. */
export function encodeSettings(record: SettingsRecord): Buffer | undefined {
  const { logDays, logBytes, requestDays, requestCount, isUnique, isClosed, others } = record
  const known: [number, Buffer | undefined][] = [
    [TAG.LOG_DAYS, encodeDouble(logDays)],
    [TAG.LOG_BYTES, encodeWhole(logBytes)],
    [TAG.REQUEST_DAYS, encodeDouble(requestDays)],
    [TAG.REQUEST_COUNT, encodeWhole(requestCount)],
    [TAG.NAMES, isUnique ? YES : undefined],
    [TAG.WRITES, isClosed ? YES : undefined],
  ]
  const fields = new Map(others)
  for (const [tag, bytes] of known) if (bytes !== undefined) fields.set(tag, bytes)
  if (fields.size === 0) return undefined
  return seal(SETTINGS_KEY, Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), encodeTail(fields)]))
}

/** Reads the settings; undefined if they are damaged. */
export function decodeSettings(value: Buffer): SettingsRecord | undefined {
  if (value.length <= CHECKSUM_BYTES || !isSealed(SETTINGS_KEY, value)) return undefined
  const fields = decodeTail(value, CHECKSUM_BYTES)
  if (fields === undefined || !areSound(fields)) return undefined
  return {
    logDays: fields.get(TAG.LOG_DAYS)?.readDoubleBE(),
    logBytes: wholeOf(fields.get(TAG.LOG_BYTES)),
    requestDays: fields.get(TAG.REQUEST_DAYS)?.readDoubleBE(),
    requestCount: wholeOf(fields.get(TAG.REQUEST_COUNT)),
    isUnique: fields.has(TAG.NAMES),
    isClosed: fields.has(TAG.WRITES),
    others: new Map([...fields].filter(([tag]) => !KNOWN_TAGS.includes(tag))),
  }
}

function areSound(fields: Fields): boolean {
  const { LOG_DAYS, LOG_BYTES, REQUEST_DAYS, REQUEST_COUNT, NAMES, WRITES } = TAG
  return (
    [LOG_DAYS, LOG_BYTES, REQUEST_DAYS, REQUEST_COUNT].every(
      (tag) => (fields.get(tag)?.length ?? 8) === 8,
    ) && [NAMES, WRITES].every((tag) => fields.get(tag)?.equals(YES) !== false)
  )
}

function encodeDouble(value: number | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function encodeWhole(value: number | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function wholeOf(bytes: Buffer | undefined): number | undefined {
  return bytes && Number(bytes.readBigUInt64BE())
}
