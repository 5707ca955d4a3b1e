/**
 * Seasons that a log tells of: each begins, ends and is sealed as its record says, whatever the clock is.
 *
 * @module
 */

import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import type { Writer } from '../../store/store.ts'
import { removeDue } from './due.ts'
import { fillFromLog } from './fill-from-log.ts'
import {
  firstSeason,
  readSeason,
  type StoredSeason,
  seasonBy,
  seasonsBackwards,
} from './season-records.ts'
import {
  closeSeason,
  noteHole,
  noteSeason,
  openSeason,
  sealSeason,
  type TurnPlace,
} from './turn.ts'
import { type BoardWindow, windowNamed, windowsIn } from './windows.ts'

/** What becomes of a season. */
export type SeasonKind = 'season-open' | 'season-close' | 'season-seal'

/** A record about a season. */
export interface ToldSeason {
  kind: SeasonKind
  board: CatalogEntry
  window: string
  id: string
  fromMicros: number
  toMicros: number | undefined
  atMicros: number
}

/** Makes once more what a record tells of a season. */
export function repeatSeason(place: TurnPlace, told: ToldSeason): void {
  const { writer } = place
  const { kind, board, fromMicros, toMicros } = told
  const window = windowNamed(windowsIn(writer, board.id), told.window, board.name)
  const stored = readSeason(writer, { ...window, startMicros: fromMicros })
  if (kind === 'season-open' && toMicros !== undefined)
    removeDue(writer, {
      ...placeOf(window),
      kind: 'hole',
      startMicros: fromMicros,
      dueMicros: toMicros,
    })
  if (stored === undefined && (kind !== 'season-open' || isRetired(window, fromMicros))) {
    // Of a season that leaves at once nothing but its records is left.
    noteSeason(place, { kind, window, season: gone(window, told), atMicros: told.atMicros })
  } else if (kind === 'season-open') open(place, { board, window, stored }, told)
  else if (kind === 'season-seal') sealSeason(place, window, stored as StoredSeason)
  else {
    const endMicros = toMicros ?? told.atMicros
    closeSeason(place, window, { season: stored as StoredSeason, endMicros })
  }
  if (kind === 'season-close' && toMicros !== undefined && isBehindIt(writer, window, toMicros))
    noteHole(writer, window, toMicros)
}

function open(
  place: TurnPlace,
  of: { board: CatalogEntry; window: BoardWindow; stored: StoredSeason | undefined },
  { id, fromMicros, toMicros }: ToldSeason,
): void {
  const { writer } = place
  const { board, window, stored } = of
  const isFirst = isWaiting(place, window)
  openSeason(place, window, { id, fromMicros, toMicros, stored })
  if (isFirst) fillFromLog(place, board, window)
  // Those between the last one and this are told of later.
  const endMicros = seasonBy(writer, window, fromMicros - 1)?.endMicros
  if (endMicros !== undefined && endMicros < fromMicros) noteHole(writer, window, endMicros)
}

// Whether a season began behind one that is closed: those between are told of step by step.
function isBehindIt(writer: Writer<Table>, window: BoardWindow, endMicros: number): boolean {
  for (const season of seasonsBackwards(writer, window)) {
    if (season.startMicros < endMicros) return false
    if (season.state !== 'coming') return true
  }
  return false
}

function placeOf({ boardId, windowId }: BoardWindow): { boardId: number; windowId: number } {
  return { boardId, windowId }
}

function isRetired(
  { retiredBeforeMicros = Number.NEGATIVE_INFINITY }: BoardWindow,
  fromMicros: number,
): boolean {
  return fromMicros < retiredBeforeMicros
}

// A window that is filled waits for its first season.
function isWaiting({ writer }: TurnPlace, window: BoardWindow): boolean {
  return window.filledFromSeq !== undefined && firstSeason(writer, window) === undefined
}

function gone(
  { boardId, windowId }: BoardWindow,
  { id, fromMicros, toMicros }: ToldSeason,
): StoredSeason {
  return {
    ...{ boardId, windowId, startMicros: fromMicros, endMicros: toMicros, id },
    ...{ seasonBoardId: NO_BOARD_ID, state: 'sealed', isImported: false, others: NO_FIELDS },
  }
}
