/**
 * Pages of the seasons of a window: those that are stored on a server, and between them those of the calendar of which
 * nothing is stored.
 *
 *     imported    no season     since         of the calendar         now
 *     ├────────┤                  ├──────────┤               ├──────────
 *     stored                      stored                     stored, or of the calendar
 *
 * (1) In front of the season in which the window began, only those that are stored are seasons: imports made them.
 * (2) Those that begin before the floor have left.
 *
 * @module
 */

import { seasonBeside } from '../../calendar/seasons.ts'
import type { Calendar, Season } from '../../words/index.ts'

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
  /** When the board was made, or the window added. */
  sinceMicros: number
  floorMicros: number
  presentMicros: number
}

/** Yields seasons that begin before an instant, newest first. Cost: a look at the calendar each. */
export function* pageBack(span: SeasonSpan, beforeMicros: number): Generator<PagedSeason> {
  const { floorMicros, presentMicros } = span
  let atMicros = Math.min(beforeMicros - 1, presentMicros)
  while (atMicros >= 0) {
    const season = seasonAt(span, atMicros)
    if (season === undefined || season.fromMicros < floorMicros) return
    const isOne = !isBeforeFirst(span, season)
    if (isOne) yield season
    const nextMicros = isOne ? season.fromMicros - 1 : storedBefore(span, atMicros)
    if (nextMicros === undefined) return
    atMicros = nextMicros
  }
}

/** Yields seasons that begin behind an instant and have begun, oldest first. Cost: as {@link pageBack}. */
export function* pageOnward(span: SeasonSpan, afterMicros: number): Generator<PagedSeason> {
  const { presentMicros, floorMicros, sinceMicros } = span
  let atMicros = afterMicros
  while (atMicros <= presentMicros) {
    const season = seasonAt(span, atMicros)
    const isOne = season !== undefined && !isBeforeFirst(span, season)
    if (isOne && season.fromMicros > afterMicros && season.fromMicros >= floorMicros) yield season
    const stored = nextStored(span, atMicros)
    const none = season === undefined ? stored : Math.min(stored ?? sinceMicros, sinceMicros)
    const next = isOne ? season.toMicros : none
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

// The last instant of the last stored season that has ended by then.
function storedBefore({ stored }: SeasonSpan, micros: number): number | undefined {
  const before = stored.findLast(({ toMicros }) => toMicros <= micros)
  return before && before.toMicros - 1
}

function isBeforeFirst({ stored, sinceMicros }: SeasonSpan, season: PagedSeason): boolean {
  return season.toMicros <= sinceMicros && !stored.includes(season)
}
