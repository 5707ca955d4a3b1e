/**
 * Seasons that the rows of an import fill: those that had no entry when it began, however long ago they were.
 *
 *     gone │ in front of the first one │ sealed │ in grace │ on
 *          └─ made by the import ──────┘        └── as submits do
 *               only those that are empty ┘
 *
 * Which ones these are is asked once, before the first row. What the import needs of them is made then: so
 * their records in the log stand in front of the rows, and nothing turns between two rows.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { BoardKeys, NO_BOARD_ID } from '../../format/keys.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { WindowSeason } from './season-at.ts'
import { boardIdOf, isBeforeFirst, isSeasonSealed, seasonAt, staysFrom } from './season-at.ts'
import { fillHolesUntil, passSeason, type TurnPlace, turnBoard } from './turn.ts'
import { type BoardWindow, readWindow, windowsIn } from './windows.ts'

/** Times of rows, in any order. */
export type RowTimes = (visit: (atMicros: number) => void) => Promise<void>

/** Makes a board ready for an import, alone in its transaction: from then on its time stands still. */
export async function prepareImport(
  place: TurnPlace,
  boardId: number,
  { lines, times }: { lines: number; times: RowTimes },
): Promise<void> {
  const { context, writer } = place
  const commit = commitOf(writer)
  // Rows without a time take one each, and a border may lie between.
  const presentMicros = commit.presentMicros(context.nowMicros())
  turnBoard(place, boardId, presentMicros + lines)
  commit.heldMicros = presentMicros
  const spans = windowsIn(writer, boardId).map((window) => new Spans(writer, window))
  await times((atMicros) => {
    for (const of of spans) of.add(atMicros)
  })
  for (const { window, seasons } of spans) fillSeasons(place, window, { seasons, presentMicros })
}

function fillSeasons(
  place: TurnPlace,
  found: BoardWindow,
  { seasons, presentMicros }: { seasons: readonly WindowSeason[]; presentMicros: number },
): void {
  const { writer } = place
  // Another season may be on since it was found.
  const window = readWindow(writer, found) ?? found
  const current = seasonAt(writer, window, presentMicros)
  const fromMicros = staysFrom(writer, window, current)
  const filled = filledIn(writer)
  for (const season of seasons) {
    if (!isToBeFilled(place, window, { season, presentMicros, fromMicros })) continue
    makeSeason(place, window, season)
    filled.add(nameOf(window, season))
  }
}

/** Whether an import in this transaction fills a season that takes nothing else. */
export function isBeingFilled(
  writer: Writer<Table>,
  window: BoardWindow,
  season: WindowSeason,
): boolean {
  const filled = filledIn(writer)
  return filled.size > 0 && filled.has(nameOf(window, season))
}

const OWNER = {}

function filledIn(writer: Writer<Table>): Set<string> {
  return writer.local(OWNER, () => new Set<string>())
}

function nameOf({ boardId, windowId }: BoardWindow, { fromMicros }: WindowSeason): string {
  return `${boardId} ${windowId} ${fromMicros}`
}

/** The seasons of a window that instants lie in, in the order of time. */
class Spans {
  readonly window: BoardWindow
  readonly seasons: WindowSeason[] = []
  readonly #reader: Reader<Table>
  #last: WindowSeason | undefined

  constructor(reader: Reader<Table>, window: BoardWindow) {
    this.#reader = reader
    this.window = window
  }

  add(micros: number): void {
    if (isIn(this.#last, micros)) return
    const i = this.#firstBehind(micros)
    this.#last = this.seasons[i - 1]
    if (isIn(this.#last, micros)) return
    const season = seasonAt(this.#reader, this.window, micros)
    if (season === undefined) return
    this.seasons.splice(i, 0, season)
    this.#last = season
  }

  #firstBehind(micros: number): number {
    let [low, high] = [0, this.seasons.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.seasons[middle] as WindowSeason).fromMicros <= micros) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isIn(season: WindowSeason | undefined, micros: number): boolean {
  if (season === undefined || micros < season.fromMicros) return false
  return season.toMicros === undefined || micros < season.toMicros
}

// What takes submits anyway is left to them.
function isToBeFilled(
  { writer }: TurnPlace,
  window: BoardWindow,
  {
    season,
    presentMicros,
    fromMicros,
  }: { season: WindowSeason; presentMicros: number; fromMicros: number },
): boolean {
  if (!isSeasonSealed(window, season, presentMicros) && !isBeforeFirst(window, season)) return false
  if (season.fromMicros < fromMicros) return false
  const boardId = boardIdOf(season)
  return boardId === NO_BOARD_ID || isEmpty(writer, boardId)
}

function isEmpty(reader: Reader<Table>, boardId: number): boolean {
  for (const _key of reader.keys('players', { ...new BoardKeys(boardId).all(), limit: 1 }))
    return false
  return true
}

function makeSeason(place: TurnPlace, window: BoardWindow, season: WindowSeason): void {
  const { stored, fromMicros, toMicros } = season
  if (stored !== undefined || toMicros === undefined) return
  if (isBeforeFirst(window, season)) passSeason(place, window, { ...season, toMicros })
  else fillHolesUntil(place, window, fromMicros)
}
