/**
 * Which season an instant lies in, and what may become of it: pure, on what one snapshot has stored.
 *
 *     ── stored ──┐ ┌── of the calendar, cut to what is stored beside it ──┐ ┌── stored ──
 *                 end                                                    start
 *
 * What is stored holds against the calendar, whose zone data may have changed since.
 *
 * @module
 */

import { seasonBeside } from '../../calendar/seasons.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { Season } from '../../words/index.ts'
import {
  firstSeason,
  type StoredSeason,
  seasonBy,
  seasonFrom,
  seasonsBackwards,
  seenSeason,
} from './season-records.ts'
import type { BoardWindow } from './windows.ts'

/** A season, stored or not. */
export interface WindowSeason {
  id: string
  fromMicros: number
  /** The first instant behind it; undefined: it goes on until the next one is started. */
  toMicros: number | undefined
  /** What is stored of it; undefined: nothing yet, or nothing any more. */
  stored: StoredSeason | undefined
}

/**
 * Returns the season that an instant lies in, whether it is stored or not; undefined in front of the first one
 * of a window whose seasons are started.
 */
export function seasonAt(
  reader: Reader<Table>,
  window: BoardWindow,
  micros: number,
): WindowSeason | undefined {
  const before = seasonBy(reader, window, micros)
  if (before !== undefined && (before.endMicros === undefined || micros < before.endMicros))
    return asSeason(before)
  if (window.spec.calendar.every === 'manual') return undefined
  return seasonAmong(window, { before, behind: seasonFrom(reader, window, micros + 1) }, micros)
}

/** The stored seasons that lie next to an instant: the last that begins by then, and the first that begins later. */
export interface StoredBeside {
  before: StoredSeason | undefined
  behind: StoredSeason | undefined
}

/** The same, of which the stored neighbours are known. Cost: a look at the calendar, and no read. */
export function seasonAmong(
  window: BoardWindow,
  { before, behind }: StoredBeside,
  micros: number,
): WindowSeason | undefined {
  if (before !== undefined && (before.endMicros === undefined || micros < before.endMicros))
    return asSeason(before)
  const season = seasonBeside(
    window.spec.calendar,
    { before: before && spanOf(before), behind: behind && spanOf(behind) },
    micros,
  )
  return season && { ...season, stored: undefined }
}

/** The same in a transaction, which remembers what it found last. Cost: two comparisons then. */
export function seasonIn(
  writer: Writer<Table>,
  window: BoardWindow,
  micros: number,
): WindowSeason | undefined {
  return seenSeason(writer, window, { micros, find: () => seasonAt(writer, window, micros) })
}

/** Returns what is stored of a season as any season is told. */
export function asSeason(stored: StoredSeason): WindowSeason {
  const { id, startMicros: fromMicros, endMicros: toMicros } = stored
  return { id, fromMicros, toMicros, stored }
}

/** The number of a season as a board, 0 before its first entry. */
export function boardIdOf({ stored }: Pick<WindowSeason, 'stored'>): number {
  return stored?.seasonBoardId ?? NO_BOARD_ID
}

/** How long the seasons of a window take submits after their end, now and before. */
export type GracedWindow = Pick<BoardWindow, 'spec' | 'pastGraces'>

/** Whether a season takes no more submits, ever: it has ended, and the time after that is over too. */
export function isSeasonSealed(
  window: GracedWindow,
  { toMicros, stored }: WindowSeason,
  presentMicros: number,
): boolean {
  if (stored?.state === 'sealed') return true
  return wasSealedBy(window, { toMicros }, presentMicros)
}

/** Whether a season was sealed by an instant that has passed. */
export function wasSealedBy(
  window: GracedWindow,
  { toMicros }: Pick<WindowSeason, 'toMicros'>,
  micros: number,
): boolean {
  return toMicros !== undefined && micros >= sealMicrosOf(window, toMicros)
}

/**
 * Returns from when on a season that ends at an instant is sealed: once, by what held then. A longer time opens none
 * again, also none that is sealed at the very instant at which it is set, and a shorter one seals none before that.
 */
export function sealMicrosOf({ spec, pastGraces = [] }: GracedWindow, endMicros: number): number {
  let fromMicros = Number.NEGATIVE_INFINITY
  for (const { graceMs, untilMicros } of pastGraces) {
    const micros = Math.max(fromMicros, endMicros + graceMs * 1000)
    if (micros <= untilMicros) return micros
    fromMicros = untilMicros
  }
  return Math.max(fromMicros, endMicros + spec.graceMs * 1000)
}

/** Whether a season lies in front of the first one of its window: only imports make such. */
export function isBeforeFirst(
  { sinceMicros }: BoardWindow,
  { toMicros, stored }: WindowSeason,
): boolean {
  return stored === undefined && toMicros !== undefined && toMicros <= sinceMicros
}

/**
 * Returns from which instant on seasons stay if `current` is on; those that begin before are gone or going.
 * Undefined: all stay. Cost: that of as many seasons as are to stay.
 */
export function retiredBefore(
  reader: Reader<Table>,
  window: BoardWindow,
  current: WindowSeason | undefined,
): number | undefined {
  const { retiredBeforeMicros: fixed } = window
  const { retain } = window.spec
  if (retain === undefined || current === undefined) return fixed
  // Those that nobody has taken note of yet lie in front of the first one that is stored.
  const stored = firstSeason(reader, window)?.startMicros ?? current.fromMicros
  const first = Math.min(stored, window.sinceMicros)
  const known = retirements.get(window)
  if (known?.fromMicros === current.fromMicros && known.first === first) return known.beforeMicros
  const from = startBack(reader, window, { current, first, retain })
  const beforeMicros = from <= first ? fixed : Math.max(from, fixed ?? from)
  retirements.set(window, { first, fromMicros: current.fromMicros, beforeMicros })
  return beforeMicros
}

/**
 * The same for seasons that are to be stored in front of the first one. Cost: a look at the calendar for each season
 * that is to stay.
 */
export function staysFrom(
  reader: Reader<Table>,
  window: BoardWindow,
  current: WindowSeason | undefined,
): number {
  const { retiredBeforeMicros: fixed = Number.NEGATIVE_INFINITY } = window
  const { retain } = window.spec
  if (retain === undefined || current === undefined) return fixed
  const first = Number.NEGATIVE_INFINITY
  return Math.max(fixed, startBack(reader, window, { current, first, retain }))
}

// What is stored of a window is another object from each border on.
const retirements = new WeakMap<
  BoardWindow,
  { first: number; fromMicros: number; beforeMicros: number | undefined }
>()

// The start of the season with that many after it, or of the first one that is stored. What is stored is read in
// one go; only a gap asks the calendar.
function startBack(
  reader: Reader<Table>,
  window: BoardWindow,
  asked: { current: WindowSeason; first: number; retain: number },
): number {
  const { current, first, retain } = asked
  const stored = seasonsBackwards(reader, window, current.fromMicros)
  let next = stored.next().value as StoredSeason | undefined
  let from = current.fromMicros
  let behind = current.stored ?? seasonFrom(reader, window, from)
  for (let i = 0; i < retain && from > first; i++) {
    const isBeside =
      next !== undefined && (next.endMicros === from || window.spec.calendar.every === 'manual')
    const before = isBeside ? next?.startMicros : beforeOf(window, { before: next, behind }, from)
    if (before === undefined) break
    from = before
    while (next !== undefined && next.startMicros >= from) {
      behind = next
      next = stored.next().value as StoredSeason | undefined
    }
  }
  stored.return(undefined)
  return from
}

function beforeOf(window: BoardWindow, beside: StoredBeside, micros: number): number | undefined {
  return micros <= 0 ? undefined : seasonAmong(window, beside, micros - 1)?.fromMicros
}

function spanOf({ id, startMicros, endMicros }: StoredSeason): Season {
  return { id, fromMicros: startMicros, toMicros: endMicros ?? startMicros }
}
