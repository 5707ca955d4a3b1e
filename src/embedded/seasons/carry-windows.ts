/**
 * Windows with their seasons that come out of a backup or a damaged store, for a board that has another number
 * now. What is due of them follows from what they are.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { putDue } from './due.ts'
import { sealMicrosOf, seasonAt } from './season-at.ts'
import { listSeasons, putSeason, type StoredSeason } from './season-records.ts'
import {
  dueOf,
  forgetTurn,
  noteHole,
  openSeason,
  openSeasonOf,
  presentIn,
  type TurnPlace,
} from './turn.ts'
import { type BoardWindow, putWindow, windowsOf } from './windows.ts'

/** A window with its seasons, which come in the order of time. */
export interface CarriedWindow {
  window: BoardWindow
  seasons: readonly StoredSeason[]
}

/** Returns the windows of a board with their seasons, without those that are taken away. */
export function carriedWindows(reader: Reader<Table>, boardId: number): CarriedWindow[] {
  return windowsOf(reader, boardId).map((window) => ({
    window,
    seasons: listSeasons(reader, window),
  }))
}

/** Stores a window under a board. Its seasons have the numbers already under which their entries lie here. */
export function putCarried(
  place: TurnPlace,
  boardId: number,
  { window: carried, seasons: from }: CarriedWindow,
): void {
  const { writer } = place
  const commit = commitOf(writer)
  // Runs of the log here know nothing of it.
  const window = { ...carried, boardId, sinceSeq: commit.lastSeq }
  putWindow(writer, window, window)
  const seasons = from.map((season) => putSeason(writer, { ...season, boardId }))
  const passed = Math.max(0, ...seasons.map(lastPassed))
  // A clock that is behind the one there opens nothing again.
  if (passed > commit.lastMicros) commit.give(passed)
  forgetTurn(writer, boardId)
  // Of a damaged store it may be lost.
  if (!window.isGone && openSeasonOf(writer, window) === undefined) {
    const now = seasonAt(writer, window, presentIn(place))
    if (now !== undefined) openSeason(place, window, now)
  }
  putDues(writer, window, listSeasons(writer, window))
}

// The last border that was passed.
function lastPassed({ state, startMicros, endMicros = startMicros }: StoredSeason): number {
  if (state === 'coming') return 0
  return state === 'open' ? startMicros : endMicros
}

function putDues(
  writer: Writer<Table>,
  window: BoardWindow,
  seasons: readonly StoredSeason[],
): void {
  const { isGone, retiredBeforeMicros = Number.NEGATIVE_INFINITY, sinceMicros } = window
  const [first] = seasons
  if (isGone) {
    const { boardId, windowId } = window
    const place = { boardId, windowId, startMicros: sinceMicros }
    putDue(writer, { ...place, kind: 'retire', dueMicros: sinceMicros })
    return
  }
  if (first !== undefined && first.startMicros < retiredBeforeMicros)
    putDue(writer, dueOf(first, 'retire', first.startMicros))
  for (const [i, season] of seasons.entries()) {
    const { state, endMicros } = season
    if (endMicros === undefined || state === 'coming') continue
    if (state === 'open') putDue(writer, dueOf(season, 'close', endMicros))
    if (state === 'closed') putDue(writer, dueOf(season, 'seal', sealMicrosOf(window, endMicros)))
    // In front of the first season lie those alone that imports made.
    const from = Math.max(endMicros, retiredBeforeMicros)
    const next = seasons[i + 1]
    if (
      state !== 'open' &&
      endMicros > sinceMicros &&
      next !== undefined &&
      from < next.startMicros
    )
      noteHole(writer, window, from)
  }
}
