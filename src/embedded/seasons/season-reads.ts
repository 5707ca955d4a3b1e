/**
 * The seasons of a window as reads list them: those that are stored, and those that the calendar knows of
 * while no record of them is written yet.
 *
 *     imported    no season     since         hole: the calendar's         now
 *     ├────────┤             ├──────────┤                            ├───────────
 *     stored                 stored, the first of its own            on
 *
 * (1) What lies before the window was added is a season only if it is stored.
 * (2) Seasons that `retain` does not keep are not seasons, even if their records are still there.
 *
 * @module
 */

import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import {
  asSeason,
  isBeforeFirst,
  retiredBefore,
  type StoredBeside,
  seasonAmong,
  seasonAt,
  type WindowSeason,
} from './season-at.ts'
import { seasonBy, seasonFrom, seasonsBackwards, seasonsOnwards } from './season-records.ts'
import type { BoardWindow } from './windows.ts'

/** A window at one instant. */
export interface WindowNow {
  reader: Reader<Table>
  window: BoardWindow
  presentMicros: number
}

/**
 * Yields the seasons of a window, newest first, from the one that is on, or from the last that begins before an
 * instant. Cost: a step in the records each, or a look at the calendar in a hole.
 */
export function* seasonsBack(now: WindowNow, beforeMicros?: number): Generator<WindowSeason> {
  const floorMicros = floorOf(now)
  for (const season of seasonsEver(now, beforeMicros)) {
    if (season.fromMicros < floorMicros) return
    yield season
  }
}

/** Returns the instant before which seasons that begin have left. */
export function floorOf({ reader, window, presentMicros }: WindowNow): number {
  const on = seasonAt(reader, window, presentMicros)
  return retiredBefore(reader, window, on) ?? Number.NEGATIVE_INFINITY
}

/** Like {@link seasonsBack}, with those that are not kept any more while their records are there. */
export function* seasonsEver(
  { reader, window, presentMicros }: WindowNow,
  beforeMicros: number = Number.POSITIVE_INFINITY,
): Generator<WindowSeason> {
  const start = seasonAt(reader, window, Math.min(presentMicros, beforeMicros - 1))
  if (start === undefined && beforeMicros > presentMicros) return
  if (start !== undefined && !isBeforeFirst(window, start)) yield start
  let fromMicros = start?.fromMicros ?? beforeMicros
  let behind = start?.stored ?? seasonFrom(reader, window, fromMicros)
  for (const before of seasonsBackwards(reader, window, fromMicros)) {
    yield* seasonsInHole(window, { before, behind }, fromMicros)
    yield asSeason(before)
    behind = before
    fromMicros = before.startMicros
  }
  // The record in front of a hole may have left before the hole was told of.
  for (const season of seasonsInHole(window, { before: undefined, behind }, fromMicros)) {
    if (season.fromMicros < (window.retiredBeforeMicros ?? Number.NEGATIVE_INFINITY)) return
    yield season
  }
}

// Those between two that are stored, or in front of the first one: nobody wrote of them yet.
function* seasonsInHole(
  window: BoardWindow,
  beside: StoredBeside,
  untilMicros: number,
): Generator<WindowSeason> {
  const { startMicros, endMicros = Number.POSITIVE_INFINITY } = beside.before ?? NOTHING_EARLIER
  let fromMicros = untilMicros
  while (endMicros < fromMicros && fromMicros > 0) {
    const season = seasonAmong(window, beside, fromMicros - 1)
    if (season === undefined || isBeforeFirst(window, season)) return
    if (season.fromMicros <= startMicros) return
    yield season
    fromMicros = season.fromMicros
  }
}

const NOTHING_EARLIER = {
  startMicros: Number.NEGATIVE_INFINITY,
  endMicros: Number.NEGATIVE_INFINITY,
}

/** Yields the seasons behind the one that an instant lies in, oldest first, up to the one that is on. Cost: as {@link seasonsBack}. */
export function* seasonsOnward(now: WindowNow, micros: number): Generator<WindowSeason> {
  const { reader, window, presentMicros } = now
  const from = seasonAt(reader, window, micros)
  let before = from?.stored ?? seasonBy(reader, window, micros)
  let fromMicros = from?.toMicros
  for (const behind of seasonsOnwards(reader, window, micros + 1)) {
    yield* holeOnward(now, { before, behind }, fromMicros)
    if (behind.startMicros > presentMicros) return
    yield asSeason(behind)
    before = behind
    fromMicros = behind.endMicros
  }
  yield* holeOnward(now, { before, behind: undefined }, fromMicros)
}

function* holeOnward(
  { window, presentMicros }: WindowNow,
  beside: StoredBeside,
  sinceMicros: number = Number.POSITIVE_INFINITY,
): Generator<WindowSeason> {
  const end = Math.min(beside.behind?.startMicros ?? Number.POSITIVE_INFINITY, presentMicros + 1)
  // In front of the first season lie those alone that are stored.
  let fromMicros = Math.max(sinceMicros, window.sinceMicros)
  while (fromMicros < end) {
    const season = seasonAmong(window, beside, fromMicros)
    if (season === undefined) return
    yield season
    fromMicros = Math.max(season.toMicros ?? end, fromMicros + 1)
  }
}
