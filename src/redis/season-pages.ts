/**
 * Pages of the seasons of a window: those that are stored on a server, and between them those of the calendar of which
 * nothing is stored.
 *
 *     no season     since         of the calendar         now
 *                     ├──────────┤               ├──────────
 *                     stored                     stored, or of the calendar
 *
 * (1) No season lies before the one in which the board was made. (2) Seasons that begin before the floor have left.
 *
 * @module
 */

import { seasonBeside } from '../calendar/seasons.ts'
import type { Calendar, Season } from '../words/index.ts'

/** A season of a page; `size` is 0 if nothing of it is stored. */
export interface PagedSeason {
  id: string
  fromMicros: number
  /** Infinite: it goes on until the next one is started. */
  toMicros: number
  size: number
}

/** What pages are cut from. `stored` is in the order of time, and has all stored seasons that the page may show. */
export interface SeasonSpan {
  calendar: Calendar
  stored: readonly PagedSeason[]
  /** When the board was made. */
  sinceMicros: number
  floorMicros: number
  presentMicros: number
}

/** Yields seasons that begin before an instant, newest first. Cost: a look at the calendar each. */
export function* pageBack(span: SeasonSpan, beforeMicros: number): Generator<PagedSeason> {
  const { floorMicros, presentMicros } = span
  let atMicros = Math.min(beforeMicros - 1, presentMicros)
  while (atMicros >= 0 && !isBeforeFirst(span, atMicros)) {
    const season = seasonAt(span, atMicros)
    if (season === undefined || season.fromMicros < floorMicros) return
    yield season
    atMicros = season.fromMicros - 1
  }
}

/** Yields seasons that begin behind an instant and have begun, oldest first. Cost: as {@link pageBack}. */
export function* pageOnward(span: SeasonSpan, afterMicros: number): Generator<PagedSeason> {
  const { presentMicros, floorMicros } = span
  let atMicros = afterMicros
  while (atMicros <= presentMicros) {
    const season = seasonAt(span, atMicros)
    const next = season?.toMicros ?? nextStored(span, atMicros)
    if (season !== undefined && season.fromMicros > afterMicros && season.fromMicros >= floorMicros)
      yield season
    if (next === undefined) return
    atMicros = next
  }
}

function seasonAt({ calendar, stored }: SeasonSpan, micros: number): PagedSeason | undefined {
  const before = stored.findLast(({ fromMicros }) => fromMicros <= micros)
  if (before !== undefined && micros < before.toMicros) return before
  const behind = stored.find(({ fromMicros }) => fromMicros > micros)
  const found: Season | undefined = seasonBeside(calendar, { before, behind }, micros)
  return found && { ...found, size: 0 }
}

function nextStored({ stored }: SeasonSpan, micros: number): number | undefined {
  return stored.find(({ fromMicros }) => fromMicros > micros)?.fromMicros
}

// The season in which the board was made is stored, and may begin before the board was made.
function isBeforeFirst({ stored, sinceMicros }: SeasonSpan, micros: number): boolean {
  return micros < sinceMicros && !stored.some(({ fromMicros }) => fromMicros <= micros)
}
