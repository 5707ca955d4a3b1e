/**
 * When a player submitted to a board that limits submits a minute: one record for each minute.
 *
 *     people   | 06 | minute 4 | board 4 | playerId …   →   | crc 4 | micros 4 | …      all big-endian
 *
 * Minutes since 1970; each time is in microseconds from the beginning of its minute, in ascending order.
 * Any 60 seconds lie in two minutes, and those that are past are the first keys, so they are found and
 * removed without an index.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'

export const MINUTE_MICROS = 60_000_000

const HEAD_BYTES = 9
const TIME_BYTES = 4

/** Submits lie from `submitTimesStart(0)` to {@link SUBMIT_TIMES_END}. */
export const SUBMIT_TIMES_END: Buffer = Buffer.from([PEOPLE_KIND.SUBMIT_TIMES + 1])

/** Returns the least key of a minute. */
export function submitTimesStart(minute: number): Buffer {
  const key = Buffer.alloc(5)
  key[0] = PEOPLE_KIND.SUBMIT_TIMES
  key.writeUInt32BE(minute, 1)
  return key
}

export function submitTimesKey(minute: number, boardId: number, playerId: string): Buffer {
  const key = Buffer.alloc(HEAD_BYTES + Buffer.byteLength(playerId))
  submitTimesStart(minute).copy(key)
  key.writeUInt32BE(boardId, 5)
  key.write(playerId, HEAD_BYTES)
  return key
}

/** Returns what a key says; undefined if it is another one. */
export function submitTimesOf(
  key: Buffer,
): { minute: number; boardId: number; playerId: string } | undefined {
  if (key[0] !== PEOPLE_KIND.SUBMIT_TIMES || key.length <= HEAD_BYTES) return undefined
  const [minute, boardId] = [key.readUInt32BE(1), key.readUInt32BE(5)]
  return { minute, boardId, playerId: key.toString('utf8', HEAD_BYTES) }
}

/** `times` are from the beginning of the minute of the key, ascending. */
export function encodeSubmitTimes(key: Buffer, times: readonly number[]): Buffer {
  const value = Buffer.alloc(CHECKSUM_BYTES + TIME_BYTES * times.length)
  for (const [i, time] of times.entries())
    value.writeUInt32BE(time, CHECKSUM_BYTES + TIME_BYTES * i)
  return seal(key, value)
}

/** Reads the times of a record; undefined if it is damaged. */
export function decodeSubmitTimes(key: Buffer, value: Buffer): number[] | undefined {
  const count = (value.length - CHECKSUM_BYTES) / TIME_BYTES
  if (count < 1 || !Number.isInteger(count) || !isSealed(key, value)) return undefined
  const times = Array.from({ length: count }, (_, i) =>
    value.readUInt32BE(CHECKSUM_BYTES + TIME_BYTES * i),
  )
  const isSound = times.every((time, i) => time < MINUTE_MICROS && time >= (times[i - 1] ?? 0))
  return isSound ? times : undefined
}
