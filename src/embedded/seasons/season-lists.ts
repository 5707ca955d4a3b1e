/**
 * Lists about the windows of a board: what is on, which seasons there are, how a player ended in them.
 *
 * @module
 */

import { noSeason, windowSettings } from '../../domain/windows.ts'
import { readMicros } from '../../format/entry-key.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import { decodeFinal, finalPlaceOf, finalsOfPlayer } from '../../format/people/final.ts'
import { toMs } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import type {
  FinalsOptions,
  RankMode,
  Score,
  SeasonFinal,
  SeasonInfo,
  SeasonsOptions,
  WindowInfo,
} from '../../words/index.ts'
import type { OpenStore } from '../open-store.ts'
import { asSeason, boardIdOf, isSeasonSealed, seasonAt, type WindowSeason } from './season-at.ts'
import { readerOfSeason, seasonOfWindow } from './season-boards.ts'
import { floorOf, seasonsBack, seasonsEver, seasonsOnward, type WindowNow } from './season-reads.ts'
import { readSeason, seasonsBackwards } from './season-records.ts'
import type { WindowedBoard } from './windowed-board.ts'
import { windowNamed } from './windows.ts'

const LIMIT_DEFAULT = 50

/** Returns the windows of a board, with the season of each that is on. */
export function tellWindows({ reader, windows, presentMicros }: WindowedBoard): WindowInfo[] {
  return windows.map((window) => {
    const { name, ...settings } = windowSettings(window.spec)
    const on = seasonAt(reader, window, presentMicros)
    return {
      window: name,
      season: on?.id,
      from: on && toMs(on.fromMicros),
      to: toMsOf(on?.toMicros),
      remainingMs: on?.toMicros && Math.ceil(toMs(on.toMicros - presentMicros)),
      ...settings,
    }
  })
}

/** Returns a page of the seasons of a window, newest first. */
export function tellSeasons(
  context: OpenStore,
  from: WindowedBoard,
  asked: SeasonsOptions & { window: string },
): SeasonInfo[] {
  const now = windowNow(from, asked.window)
  const { reader, window, presentMicros } = now
  const placeOf = (id: string) => seasonOfWindow(reader, window, { id, presentMicros })?.fromMicros
  const page = seasonsIn(now, spanOf(from, asked, placeOf))
  return page.map((season) => {
    const { id, fromMicros, toMicros } = season
    // A season without entries has no board: its size is known without reading.
    const isEmpty = boardIdOf(season) === NO_BOARD_ID
    const size = isEmpty
      ? 0
      : readerOfSeason(context, reader, { board: from.board, window, season }).size
    const span = { season: id, from: toMs(fromMicros), to: toMsOf(toMicros) }
    return { ...span, sealed: isSeasonSealed(window, season, presentMicros), size }
  })
}

// A page that ends `before` a season is walked from there, oldest first, and turned round: a walk from the newest
// one would pass all seasons between.
function seasonsIn(now: WindowNow, span: Span): WindowSeason[] {
  const { startMicros, endMicros, isBackwards, limit } = span
  if (!isBackwards) return pageOf(seasonsBack(now, endMicros), span)
  const page: WindowSeason[] = []
  for (const season of seasonsOnward(now, startMicros)) {
    if (page.push(season) === limit) break
  }
  return page.reverse()
}

/** Returns how a player ended in the seasons of a window that are sealed, newest first. */
export function tellFinals(
  context: OpenStore,
  from: WindowedBoard,
  asked: FinalsOptions & { window: string; playerId: string },
): SeasonFinal<Score>[] {
  const now = windowNow(from, asked.window)
  const { reader, window, presentMicros } = now
  const whose = { playerId: asked.playerId, rankMode: asked.rankMode ?? 'ordinal' }
  const gone = [...goneFinals(now, from, whose)]
  const placeOf = (id: string): number | undefined =>
    seasonOfWindow(reader, window, { id, presentMicros })?.fromMicros ??
    gone.find(({ final }) => final.season === id)?.fromMicros ??
    placeAmongGoing(now, id)
  const span = spanOf(from, asked, placeOf)
  const all = newestFirst(finalsThere(context, now, { ...whose, from, span }), gone)
  return pageOf(all, span).map(({ final }) => final)
}

// Those that have left and whose finals are not written yet.
function placeAmongGoing(now: WindowNow, id: string): number | undefined {
  if (!now.window.spec.finals) return undefined
  for (const season of seasonsEver(now)) if (season.id === id) return season.fromMicros
  return undefined
}

function windowNow(
  { reader, board, windows, presentMicros }: WindowedBoard,
  name: string,
): WindowNow {
  return { reader, window: windowNamed(windows, name, board.name), presentMicros }
}

interface PlacedFinal {
  fromMicros: number
  final: SeasonFinal<Score>
}

interface Whose {
  playerId: string
  rankMode: RankMode
}

// Those of seasons whose entries are there; also of those that are going, until they are gone.
function* finalsThere(
  context: OpenStore,
  now: WindowNow,
  { from, playerId, rankMode, span: asked }: Whose & { from: WindowedBoard; span: Span },
): Generator<PlacedFinal> {
  const { window, presentMicros } = now
  const floorMicros = floorOf(now)
  const before = Math.min(presentMicros + 1, asked.endMicros)
  for (const stored of seasonsBackwards(now.reader, window, before)) {
    const season = asSeason(stored)
    const { id, fromMicros, toMicros } = season
    if (fromMicros < floorMicros && !window.spec.finals) return
    if (toMicros === undefined || boardIdOf(season) === NO_BOARD_ID) continue
    // One that left takes nothing more, however long the time after its end would have been.
    if (fromMicros >= floorMicros && !isSeasonSealed(window, season, presentMicros)) continue
    const reader = readerOfSeason(context, now.reader, { board: from.board, window, season })
    const entry = reader.get(playerId, rankMode)
    if (entry === undefined) continue
    const { score, at, rank } = entry
    const span = { season: id, from: toMs(fromMicros), to: toMs(toMicros) }
    yield { fromMicros, final: { ...span, score, at, rank, size: reader.size } }
  }
}

// Those of seasons that were taken away.
function* goneFinals(
  { reader, window }: WindowNow,
  { board }: WindowedBoard,
  { playerId, rankMode }: Whose,
): Generator<PlacedFinal> {
  const { shape } = board
  const place = { boardId: board.id, windowId: window.windowId, playerId }
  for (const { key, value } of reader.pairs('people', finalsOfPlayer(place))) {
    const at = finalPlaceOf(key)
    const final = decodeFinal(key, value, shape.headBytes)
    const head = final && Buffer.from(final.head)
    const score = head && shape.read(head, 0)
    if (at === undefined || final === undefined || head === undefined || score === undefined)
      throw damagedFinal(playerId)
    const { startMicros: fromMicros } = at
    // Until its record goes, a season's own entries say how it ended.
    const stored = readSeason(reader, { ...place, startMicros: fromMicros })
    if (stored !== undefined && stored.seasonBoardId !== NO_BOARD_ID) continue
    const { season, endMicros, size } = final
    const span = { season, from: toMs(fromMicros), to: toMs(endMicros) }
    const reached = { score, at: toMs(readMicros(head, shape.bytes)) }
    yield { fromMicros, final: { ...span, ...reached, rank: final[rankMode], size } }
  }
}

// Merges both lists, each of which is newest first. No season is in both.
function* newestFirst(
  there: Iterable<PlacedFinal>,
  gone: readonly PlacedFinal[],
): Generator<PlacedFinal> {
  let i = 0
  for (const final of there) {
    for (; isFrom(gone[i], final.fromMicros); i++) yield gone[i] as PlacedFinal
    yield final
  }
  yield* gone.slice(i)
}

function isFrom(final: PlacedFinal | undefined, fromMicros: number): boolean {
  return final !== undefined && final.fromMicros >= fromMicros
}

/** Where a page lies: seasons that began between the two, those next to the first if it is the end that is given. */
interface Span {
  endMicros: number
  startMicros: number
  isBackwards: boolean
  limit: number
}

function spanOf(
  { board }: WindowedBoard,
  asked: SeasonsOptions & { window: string },
  placeOf: (id: string) => number | undefined,
): Span {
  const { after, before, limit = LIMIT_DEFAULT, window } = asked
  const microsOf = (season: string): number => {
    const micros = placeOf(season)
    if (micros === undefined) throw noSeason({ board: board.name, window, season })
    return micros
  }
  return {
    endMicros: after === undefined ? Number.POSITIVE_INFINITY : microsOf(after),
    startMicros: before === undefined ? Number.NEGATIVE_INFINITY : microsOf(before),
    isBackwards: before !== undefined,
    limit,
  }
}

// If the page ends `before` a season, all that began behind that are walked, and the last ones are the page.
function pageOf<T extends { fromMicros: number }>(newestFirst: Iterable<T>, span: Span): T[] {
  const page: T[] = []
  for (const one of newestFirst) {
    if (one.fromMicros >= span.endMicros) continue
    if (one.fromMicros <= span.startMicros) break
    page.push(one)
    if (!span.isBackwards && page.length === span.limit) break
  }
  return page.slice(-span.limit)
}

function toMsOf(micros: number | undefined): number | undefined {
  return micros === undefined ? undefined : toMs(micros)
}

function damagedFinal(playerId: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read the finals of player "${playerId}": a record is damaged; run check, then restore a backup`,
  )
}
