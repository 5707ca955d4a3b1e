/**
 * How often a player submits to a board with `perMinute`: times of submits that were taken, for 60 seconds.
 *
 * The clock is that of the store: the wall clock, or the last time that the store gave if that is later by
 * less than a minute. So processes agree, and a clock that was far off blocks nobody. Times of minutes that
 * are past, or far ahead, are removed while new ones come.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { checkRate, WINDOW_MICROS } from '../../domain/rules.ts'
import {
  decodeSubmitTimes,
  encodeSubmitTimes,
  MINUTE_MICROS,
  SUBMIT_TIMES_END,
  submitTimesKey,
  submitTimesStart,
} from '../../format/people/submit-times.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'

/** Records that go for each that comes. */
const SWEPT_AT_ONCE = 4

/** Whose submits are counted, and where. */
export interface Submitter {
  boardId: number
  playerId: string
  /** The wall clock. */
  nowMicros: number
}

/**
 * Checks that a player may submit once more; of `total` submits of the player in one change, `before` are in
 * front of it.
 *
 * @throws {LadderError} `RATE_LIMITED`.
 */
export function checkSubmitTimes(
  writer: Writer<Table>,
  submitter: Submitter,
  { perMinute, before, total }: { perMinute: number; before: number; total: number },
): void {
  const micros = presentOf(writer, submitter)
  const minute = minuteOf(micros)
  const times = [minute - 1, minute, minute + 1].flatMap((of) => timesOf(writer, submitter, of))
  checkRate(perMinute, times, { playerId: submitter.playerId, micros, before, total })
}

/** Notes that a submit was taken. */
export function noteSubmitTime(writer: Writer<Table>, submitter: Submitter): void {
  const micros = presentOf(writer, submitter)
  const minute = minuteOf(micros)
  const times = timesOf(writer, submitter, minute).map((time) => time - minute * MINUTE_MICROS)
  const key = submitTimesKey(minute, submitter.boardId, submitter.playerId)
  commitOf(writer).willChange()
  if (times.length === 0) sweepSubmitTimes(writer, micros)
  times.push(micros - minute * MINUTE_MICROS)
  writer.put(
    'people',
    key,
    encodeSubmitTimes(
      key,
      times.sort((a, b) => a - b),
    ),
  )
}

/** Removes some records of minutes that count no more; returns how many. */
export function sweepSubmitTimes(
  writer: Writer<Table>,
  micros: number,
  limit: number = SWEPT_AT_ONCE,
): number {
  const minute = minuteOf(micros)
  const past = { start: submitTimesStart(0), end: submitTimesStart(minute - 1), limit }
  const ahead = { start: submitTimesStart(minute + 2), end: SUBMIT_TIMES_END, limit }
  const keys = [past, ahead].flatMap((range) => [...writer.keys('people', range)])
  if (keys.length > 0) commitOf(writer).willChange()
  for (const key of keys) writer.remove('people', key)
  return keys.length
}

/** Whether there are records of minutes that are past. Cost: a look at one key. */
export function hasPastSubmitTimes(reader: Reader<Table>, micros: number): boolean {
  const range = {
    start: submitTimesStart(0),
    end: submitTimesStart(minuteOf(micros) - 1),
    limit: 1,
  }
  for (const _key of reader.keys('people', range)) return true
  return false
}

function presentOf(writer: Writer<Table>, { nowMicros }: Submitter): number {
  const last = commitOf(writer).lastMicros
  return last > nowMicros && last - nowMicros < WINDOW_MICROS ? last : nowMicros
}

function minuteOf(micros: number): number {
  return Math.floor(micros / MINUTE_MICROS)
}

// What cannot be read counts as nothing: it must not keep anybody from playing.
function timesOf(
  writer: Writer<Table>,
  { boardId, playerId }: Submitter,
  minute: number,
): number[] {
  if (minute < 0) return []
  const key = submitTimesKey(minute, boardId, playerId)
  const value = writer.get('people', key)
  const times = (value && decodeSubmitTimes(key, value)) ?? []
  return times.map((time) => minute * MINUTE_MICROS + time)
}
