/**
 * Seasons as boards: each is one of its own without a name, from its first entry on.
 *
 * @module
 */

import { BoardReader } from '../../board/board-reader.ts'
import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf, readCounters } from '../../board/commit.ts'
import { seasonOfId } from '../../calendar/seasons.ts'
import { noSeason } from '../../domain/windows.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { hasBoard } from '../../format/meta/season.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import { makeTree } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { readerOf } from '../readers.ts'
import {
  asSeason,
  boardIdOf,
  isBeforeFirst,
  isSeasonSealed,
  retiredBefore,
  seasonAt,
  type WindowSeason,
} from './season-at.ts'
import { listSeasons, putSeason, type StoredSeason, seasonsBackwards } from './season-records.ts'
import { presentIn, type TurnPlace } from './turn.ts'
import { allWindowsOf, type BoardWindow, windowNamed, windowsIn, windowsOf } from './windows.ts'

/** Returns a season as a board; its name is that of the board whose season it is. */
export function seasonEntry(
  board: CatalogEntry,
  { spec }: Pick<BoardWindow, 'spec'>,
  { id, seasonBoardId }: Pick<StoredSeason, 'id' | 'seasonBoardId'>,
): CatalogEntry {
  return {
    name: board.name,
    id: seasonBoardId,
    shape: board.shape,
    mode: spec.mode ?? board.mode,
    keep: spec.keep ?? board.keep,
    log: 'none',
    season: { window: spec.name, id },
  }
}

/** Names a board, or a season of one, as messages do. */
export function boardInWords({ name, season }: CatalogEntry): string {
  const board = `board "${name}"`
  return season === undefined
    ? board
    : `season "${season.id}" of window "${season.window}" of ${board}`
}

/** Returns all seasons of a board that have entries, or had some, as boards; those too that are going. */
export function seasonEntriesOf(reader: Reader<Table>, board: CatalogEntry): CatalogEntry[] {
  return allWindowsOf(reader, board.id).flatMap((window) =>
    listSeasons(reader, window)
      .filter(hasBoard)
      .map((season) => seasonEntry(board, window, season)),
  )
}

/** Returns those of the windows that are there which are not written down as sealed. Cost: O(answer). */
export function unsealedEntriesOf(reader: Reader<Table>, board: CatalogEntry): CatalogEntry[] {
  return windowsOf(reader, board.id).flatMap((window) => {
    const found: CatalogEntry[] = []
    for (const season of seasonsBackwards(reader, window)) {
      if (season.state === 'sealed') break
      if (hasBoard(season)) found.push(seasonEntry(board, window, season))
    }
    return found
  })
}

/** Returns write access to a season, which gets its number with its first entry. */
export function seasonWriter(
  { context, writer }: TurnPlace,
  board: CatalogEntry,
  { window, season }: { window: BoardWindow; season: StoredSeason },
): BoardWriter {
  if (season.seasonBoardId !== NO_BOARD_ID)
    return context.writerOfSeason(writer, seasonEntry(board, window, season))
  const commit = commitOf(writer)
  commit.willChange()
  const seasonBoardId = commit.newBoardId()
  makeTree(writer, { id: seasonBoardId, shape: board.shape })
  const numbered = putSeason(writer, { ...season, seasonBoardId })
  return context.writerOfSeason(writer, seasonEntry(board, window, numbered))
}

/**
 * Returns write access to those seasons of a board that have entries, or had some, and are not sealed; with
 * `sealed` to the sealed ones too. What is retired is left out. Cost: O(answer), and a look at the windows.
 */
export function seasonWritersOf(
  place: TurnPlace,
  board: CatalogEntry,
  { sealed = false }: { sealed?: boolean | undefined } = {},
): BoardWriter[] {
  const { context, writer } = place
  return seasonsToChange(place, board, sealed).map(({ window, season }) =>
    context.writerOfSeason(writer, seasonEntry(board, window, season)),
  )
}

function seasonsToChange(
  place: TurnPlace,
  board: CatalogEntry,
  isSealedToo: boolean,
): { window: BoardWindow; season: StoredSeason }[] {
  const { writer } = place
  const windows = windowsIn(writer, board.id)
  if (windows.length === 0) return []
  const presentMicros = presentIn(place)
  const found: { window: BoardWindow; season: StoredSeason }[] = []
  for (const window of windows) {
    const first = retiredBefore(writer, window, seasonAt(writer, window, presentMicros))
    for (const season of seasonsBackwards(writer, window)) {
      if (season.startMicros < (first ?? Number.NEGATIVE_INFINITY)) break
      if (!isSealedToo && isSeasonSealed(window, asSeason(season), presentMicros)) break
      if (season.seasonBoardId !== NO_BOARD_ID) found.push({ window, season })
    }
  }
  return found
}

/** Returns the time of the store on a snapshot: that of the wall clock, or the last one that was given. */
export function presentOf(reader: Reader<Table>, nowMicros: number): number {
  return Math.max(nowMicros, readCounters(reader).lastMicros)
}

/**
 * Returns the season of a window that is on, stored or not; undefined before the first one of a window whose
 * seasons are started.
 */
export function seasonNow(
  reader: Reader<Table>,
  window: BoardWindow,
  presentMicros: number,
): WindowSeason | undefined {
  return seasonAt(reader, window, presentMicros)
}

/** Returns the season of an id, if it has begun and was not taken away; undefined if not. */
export function seasonOfWindow(
  reader: Reader<Table>,
  window: BoardWindow,
  asked: { id: string; presentMicros: number },
): WindowSeason | undefined {
  const { id, presentMicros } = asked
  const found = seasonWithId(reader, window, id)
  if (found === undefined || found.fromMicros > presentMicros || isBeforeFirst(window, found))
    return undefined
  const first = retiredBefore(reader, window, seasonNow(reader, window, presentMicros))
  return first !== undefined && found.fromMicros < first ? undefined : found
}

// What is stored may have other borders than the calendar has now.
function seasonWithId(
  reader: Reader<Table>,
  window: BoardWindow,
  id: string,
): WindowSeason | undefined {
  const asked = seasonOfId(window.spec.calendar, id)
  const near =
    asked && seasonAt(reader, window, Math.floor((asked.fromMicros + asked.toMicros) / 2))
  if (near?.id === id) return near
  for (const season of seasonsBackwards(reader, window))
    if (season.id === id) return asSeason(season)
  return undefined
}

/** A season of a board on a snapshot. */
export interface ReadSeason {
  window: BoardWindow
  /** Undefined before the first one of a window whose seasons are started. */
  season: WindowSeason | undefined
  isSealed: boolean
  /** Its entries; an empty board before the first one. */
  reader: BoardReader
}

/**
 * Returns a season of a board, by default the one that is on.
 *
 * @throws {LadderError} `NO_WINDOW`, `NO_SEASON`, `CORRUPT`.
 */
export function seasonReaderOf(
  context: OpenStore,
  reader: Reader<Table>,
  asked: { board: CatalogEntry; window: string; season?: string | undefined; nowMicros: number },
): ReadSeason {
  const { board, nowMicros } = asked
  const window = windowNamed(windowsOf(reader, board.id), asked.window, board.name)
  const presentMicros = presentOf(reader, nowMicros)
  const season = seasonAsked(reader, window, { board, id: asked.season, presentMicros })
  return {
    window,
    season,
    isSealed: season !== undefined && isSeasonSealed(window, season, presentMicros),
    reader: readerOfSeason(context, reader, { board, window, season }),
  }
}

function seasonAsked(
  reader: Reader<Table>,
  window: BoardWindow,
  asked: { board: CatalogEntry; id: string | undefined; presentMicros: number },
): WindowSeason | undefined {
  const { board, id, presentMicros } = asked
  if (id === undefined) return seasonNow(reader, window, presentMicros)
  const found = seasonOfWindow(reader, window, { id, presentMicros })
  if (found !== undefined) return found
  throw noSeason({ board: board.name, window: window.spec.name, season: id })
}

/** Returns a reader of a season; one without entries reads as an empty board. */
export function readerOfSeason(
  context: OpenStore,
  reader: Reader<Table>,
  asked: { board: CatalogEntry; window: BoardWindow; season: WindowSeason | undefined },
): BoardReader {
  const { board, window, season } = asked
  const boardId = season === undefined ? NO_BOARD_ID : boardIdOf(season)
  if (boardId !== NO_BOARD_ID) {
    const named = { id: season?.id ?? '', seasonBoardId: boardId }
    return readerOf(context, reader, seasonEntry(board, window, named))
  }
  const empty = new BoardReader(reader, {
    boardId: NO_BOARD_ID,
    shape: board.shape,
    cache: context.cacheOf(NO_BOARD_ID),
  })
  empty.refresh()
  return empty
}
