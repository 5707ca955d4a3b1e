/**
 * The seasons of a window as reads list them: those that are stored, and those that the calendar knows of
 * while no record of them is written yet.
 *
 *     imported    no season     since         hole: the calendar's         now
 *     ├────────┤             ├──────────┤                            ├───────────
 *     stored                 stored, the first of its own            on
 *
 * (1) What lies before the window was added is a season only if it is stored.
 * (2) Seasons that `retain` does not keep are no seasons, even if their records are still there.
 *
 * @module
 */

import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import { asSeason, isBeforeFirst, retiredBefore, seasonAt, type WindowSeason } from './season-at.ts'
import { seasonsBackwards } from './season-records.ts'
import type { BoardWindow } from './windows.ts'

/** A window at one instant. */
export interface WindowNow {
  reader: Reader<Table>
  window: BoardWindow
  presentMicros: number
}

/** Yields the seasons of a window, newest first, from the one that is on. Cost: some reads each. */
export function* seasonsBack(now: WindowNow): Generator<WindowSeason> {
  const floorMicros = floorOf(now)
  for (const season of seasonsEver(now)) {
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
export function* seasonsEver(now: WindowNow): Generator<WindowSeason> {
  const { reader, window, presentMicros } = now
  let later = seasonAt(reader, window, presentMicros)
  if (later === undefined) return
  yield later
  for (const stored of seasonsBackwards(reader, window, later.fromMicros)) {
    const earlier = asSeason(stored)
    yield* seasonsInHole(now, earlier, later)
    yield earlier
    later = earlier
  }
  // The record in front of a hole may have left before the hole was told of.
  for (const season of seasonsInHole(now, undefined, later)) {
    if (season.fromMicros < (window.retiredBeforeMicros ?? Number.NEGATIVE_INFINITY)) return
    yield season
  }
}

// Those between two that are stored, or in front of the first one: nobody wrote of them yet.
function* seasonsInHole(
  { reader, window }: WindowNow,
  earlier: WindowSeason | undefined,
  later: WindowSeason,
): Generator<WindowSeason> {
  const { fromMicros: floorMicros, toMicros: endMicros = Number.POSITIVE_INFINITY } =
    earlier ?? NOTHING_EARLIER
  let { fromMicros } = later
  while (endMicros < fromMicros && fromMicros > 0) {
    const season = seasonAt(reader, window, fromMicros - 1)
    if (season === undefined || isBeforeFirst(window, season)) return
    if (season.fromMicros <= floorMicros) return
    yield season
    fromMicros = season.fromMicros
  }
}

const NOTHING_EARLIER = {
  fromMicros: Number.NEGATIVE_INFINITY,
  toMicros: Number.NEGATIVE_INFINITY,
}
