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
import { seasonBy } from './season-records.ts'
import type { BoardWindow } from './windows.ts'

/** A window at one instant. */
export interface WindowNow {
  reader: Reader<Table>
  window: BoardWindow
  presentMicros: number
}

/** Yields the seasons of a window, newest first, from the one that is on. Cost: some reads each. */
export function* seasonsBack(now: WindowNow): Generator<WindowSeason> {
  const { reader, window, presentMicros } = now
  const on = seasonAt(reader, window, presentMicros)
  const floorMicros = retiredBefore(reader, window, on) ?? Number.NEGATIVE_INFINITY
  for (const season of seasonsEver(now)) {
    if (season.fromMicros < floorMicros) return
    yield season
  }
}

/** Like {@link seasonsBack}, with those that are not kept any more while their records are there. */
export function* seasonsEver(now: WindowNow): Generator<WindowSeason> {
  const { reader, window, presentMicros } = now
  let season = seasonAt(reader, window, presentMicros)
  while (season !== undefined) {
    yield season
    season = seasonBefore(now, season)
  }
}

function seasonBefore(
  { reader, window }: WindowNow,
  { fromMicros }: WindowSeason,
): WindowSeason | undefined {
  if (fromMicros <= 0) return undefined
  const season = seasonAt(reader, window, fromMicros - 1)
  if (season !== undefined && !isBeforeFirst(window, season)) return season
  const stored = seasonBy(reader, window, fromMicros - 1)
  return stored && asSeason(stored)
}
