/**
 * The seasons that a change of a board reaches beside the board: who is banned, moved, renamed or taken off is so
 * there too.
 *
 *     gone │ sealed │ in grace │ on │ coming
 *          │        └──────── reached ─────┘
 *          └─ with `sealed: true`, and by the end of a ban that took them
 *
 * A record of such a change names the seasons in which it altered anything. Made again, it reaches these: what
 * is sealed is a matter of the clock, which has moved on.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { BoardKeys, NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { hasBoard } from '../../format/meta/season.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import type { NamedSeason, SeasonReach } from '../../words/index.ts'
import { asSeason, isSeasonSealed, retiredBefore, seasonAt, wasSealedBy } from './season-at.ts'
import { seasonEntry } from './season-boards.ts'
import { type StoredSeason, seasonsBackwards } from './season-records.ts'
import { presentIn, type TurnPlace, turnBoard } from './turn.ts'
import { type BoardWindow, windowPlacesOf, windowsIn } from './windows.ts'

/** A season as a board, with the window that it is one of. */
export interface ReachedSeason {
  entry: CatalogEntry
  window: BoardWindow
}

/** Which seasons are reached, and as of when. */
export interface Reach extends SeasonReach {
  /** At which instant those that are sealed by then are; by default now. */
  asOfMicros?: number
  /** Those too that were sealed by this instant. */
  sealedByMicros?: number | undefined
}

/**
 * Returns the seasons of a board that a change reaches, as far as they have entries or had some. Cost: a
 * look at the windows, and at each season of the answer.
 */
export function reachedSeasons(
  place: TurnPlace,
  board: CatalogEntry,
  reach: Reach,
): ReachedSeason[] {
  const windows = windowsIn(place.writer, board.id)
  if (windows.length === 0) return []
  const { seasons } = reach
  const found = windows.flatMap((window) =>
    (seasons === undefined
      ? seasonsInReach(place, window, reach)
      : seasonsTold(place, window, { board, seasons })
    ).map((season) => ({ entry: seasonEntry(board, window, season), window })),
  )
  return found.filter(({ entry }) => entry.id !== NO_BOARD_ID)
}

/**
 * Returns the seasons of a board that have entries, or had some, and are not sealed by now, whether a record tells
 * that yet or not. Made again, a change finds the same: the clock says then when it was made.
 */
export function unsealedSeasons(place: TurnPlace, board: CatalogEntry): CatalogEntry[] {
  const { writer } = place
  const presentMicros = presentIn(place)
  const found: CatalogEntry[] = []
  for (const window of windowsIn(writer, board.id))
    for (const season of seasonsBackwards(writer, window)) {
      if (isSeasonSealed(window, asSeason(season), presentMicros)) break
      if (hasBoard(season)) found.push(seasonEntry(board, window, season))
    }
  return found
}

/** The same as writers, of those seasons in which a player has a record, hidden or not. */
export function reachedWriters(
  place: TurnPlace,
  board: CatalogEntry,
  reach: Reach & { playerId: string },
): BoardWriter[] {
  const { context, writer } = place
  if (!isInSeasonsOf(writer, board, { ...reach, playerIds: [reach.playerId] })) return []
  return reachedSeasons(place, board, reach)
    .filter(({ entry }) => isOnBoard(writer, entry, reach.playerId))
    .map(({ entry }) => context.writerOfSeason(writer, entry))
}

/**
 * Whether any season that may be in reach has a record of some players. Cost: a look at the windows and at those
 * seasons, of which nothing is decoded but their form: for most boards of a store the answer is no.
 */
export function isInSeasonsOf(
  reader: Reader<Table>,
  { id }: Pick<CatalogEntry, 'id'>,
  of: Reach & { playerIds: readonly string[] },
): boolean {
  const isAny =
    of.isSealedToo === true || of.seasons !== undefined || of.sealedByMicros !== undefined
  for (const window of windowPlacesOf(reader, id))
    for (const season of seasonsBackwards(reader, window)) {
      if (season.state === 'sealed' && !isAny) break
      const board = { id: season.seasonBoardId }
      if (hasBoard(season) && of.playerIds.some((one) => isOnBoard(reader, board, one))) return true
    }
  return false
}

/** Whether a board has a record of a player, hidden or not: most know nothing of one, and need not be opened. */
export function isOnBoard(
  reader: Reader<Table>,
  { id }: Pick<CatalogEntry, 'id'>,
  playerId: string,
): boolean {
  return reader.get('players', new BoardKeys(id).player(playerId)) !== undefined
}

/** Returns how the log names a season. */
export function nameOfSeason({ name: board, season }: CatalogEntry): NamedSeason {
  return { board, window: season?.window ?? '', season: season?.id ?? '' }
}

/** Returns what the record of a change says of the seasons that it reached; nothing if there are none. */
export function noteOfSeasons<T>(
  { isSealedToo = false }: SeasonReach,
  seasons: readonly T[],
): { sealed?: true; seasons?: readonly T[] } {
  if (seasons.length === 0) return {}
  return { ...(isSealedToo && { sealed: true as const }), seasons }
}

function seasonsInReach(
  place: TurnPlace,
  window: BoardWindow,
  { isSealedToo = false, asOfMicros, sealedByMicros }: Reach,
): StoredSeason[] {
  const { writer } = place
  const presentMicros = presentIn(place)
  const first = retiredBefore(writer, window, seasonAt(writer, window, presentMicros))
  const found: StoredSeason[] = []
  for (const season of seasonsBackwards(writer, window)) {
    if (season.startMicros < (first ?? Number.NEGATIVE_INFINITY)) break
    const isSealed = isSeasonSealed(window, asSeason(season), asOfMicros ?? presentMicros)
    // That it is over is written before anything that happens without it.
    if (isSealed && season.state === 'open') turnBoard(place, window.boardId)
    const isTaken =
      sealedByMicros !== undefined && wasSealedBy(window, asSeason(season), sealedByMicros)
    if (isSealed && !isSealedToo && sealedByMicros === undefined) break
    if (hasBoard(season) && (!isSealed || isSealedToo || isTaken)) found.push(season)
  }
  return found
}

function seasonsTold(
  { writer }: TurnPlace,
  window: BoardWindow,
  { board, seasons }: { board: CatalogEntry; seasons: readonly NamedSeason[] },
): StoredSeason[] {
  const told = seasons.filter((one) => one.board === board.name && one.window === window.spec.name)
  if (told.length === 0) return []
  const ids = new Set(told.map(({ season }) => season))
  return [...seasonsBackwards(writer, window)].filter(
    (season) => ids.has(season.id) && hasBoard(season),
  )
}
