/**
 * Windows that are added, altered and taken away, and seasons that are started.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { commitOf } from '../../board/commit.ts'
import { unloggedSeqOf } from '../../board/run-log.ts'
import { seasonOf } from '../../calendar/seasons.ts'
import { noBoard } from '../../calls/no-board.ts'
import { checkWindowChanges } from '../../calls/windows.ts'
import type { BoardSpec } from '../../domain/settings.ts'
import {
  addedWindow,
  alterWindow,
  checkWindowCount,
  noWindow,
  seasonExists,
  windowSettings,
} from '../../domain/windows.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { hasBoard } from '../../format/meta/season.ts'
import { FIRST_WINDOW_ID, type PastGrace } from '../../format/meta/window.ts'
import { committedMicrosOf } from '../../format/run-record.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { USUAL_WINDOW } from '../../format/window-settings.ts'
import { LadderError } from '../../ground/errors.ts'
import { PAST_GRACES_MAX } from '../../ground/limits.ts'
import type { Writer } from '../../store/store.ts'
import type {
  NamedWindow,
  StartedSeason,
  WindowAlterations,
  WindowChange,
  WindowSpec,
} from '../../words/index.ts'
import { putDue, removeDue, removeDuesOf } from './due.ts'
import { retiredBefore, sealMicrosOf, seasonAt } from './season-at.ts'
import { seasonEntry } from './season-boards.ts'
import { listSeasons, type StoredSeason, seasonsBackwards } from './season-records.ts'
import {
  closeSeason,
  dueOf,
  forgetTurn,
  openSeason,
  openSeasonOf,
  presentIn,
  retire,
  sealSeason,
  type TurnPlace,
  tellHoleBefore,
  turnBoard,
} from './turn.ts'
import {
  allWindowsOf,
  type BoardWindow,
  putWindow,
  readWindow,
  windowNamed,
  windowsIn,
} from './windows.ts'

/** What an alteration did to the windows of a board, as a note tells it: null for what is gone. */
export type ChangedWindows = Record<string, (NamedWindow & { fill?: 'log' }) | null>

/** Gives a board its windows, whose first seasons begin with them. */
export function addWindows(
  place: TurnPlace,
  board: CatalogEntry,
  specs: readonly WindowSpec[],
): BoardWindow[] {
  return specs.map((spec) => addWindow(place, board, { spec }))
}

function addWindow(
  place: TurnPlace,
  { id: boardId }: CatalogEntry,
  { spec, filledFromSeq }: { spec: WindowSpec; filledFromSeq?: number | undefined },
): BoardWindow {
  const { writer } = place
  const presentMicros = presentIn(place)
  const windowId = 1 + lastWindowId(writer, boardId)
  const window = putWindow(
    writer,
    { boardId, windowId },
    {
      ...{ spec, sinceMicros: presentMicros, sinceSeq: commitOf(writer).lastSeq },
      ...{ retiredBeforeMicros: undefined, isGone: false, filledFromSeq, others: NO_FIELDS },
    },
  )
  const season = seasonAt(writer, window, presentMicros)
  if (season !== undefined && !place.context.isReplay) openSeason(place, window, season)
  forgetTurn(writer, boardId)
  return window
}

// Numbers of windows whose seasons are still going stay theirs.
function lastWindowId(writer: Writer<Table>, boardId: number): number {
  return allWindowsOf(writer, boardId).at(-1)?.windowId ?? FIRST_WINDOW_ID - 1
}

/** What an alteration of windows comes to: all that refuses comes before the first change. */
export interface PlannedWindows {
  /** Undefined if nothing is altered. */
  changed: ChangedWindows | undefined
  /** The first record of the log with whose runs a window is filled; undefined if none is. */
  filledFrom: number | undefined
  /** Does what was due before, which the log tells first. */
  prepare(): void
  /** Makes it, and returns the windows that are to be filled with the runs of the log. */
  make(): BoardWindow[]
}

/**
 * Decides what becomes of the windows of a board.
 *
 * @throws {LadderError} `NO_WINDOW`, `SETTINGS_DIFFER` for what is fixed, `LOG_OFF` if the log does not tell what
 *   is to be filled in; nothing is changed then.
 * @throws {TypeError | RangeError} for windows that the board cannot have.
 */
export function planWindows(
  place: TurnPlace,
  board: CatalogEntry,
  { windows: alterations, filledFrom }: { windows: WindowAlterations; filledFrom?: number },
): PlannedWindows {
  const windows = windowsIn(place.writer, board.id)
  const { columns, order } = board.shape
  const steps = checkWindowChanges(alterations, { columns, order, keep: board.keep }).flatMap(
    (change) => {
      return stepOf(place, { board, windows, filledFrom }, change) ?? []
    },
  )
  const change = steps.reduce((sum, { count }) => sum + count, 0)
  checkWindowCount(board.name, windows.length + change)
  const changed = Object.fromEntries(steps.map(({ name, after }) => [name, after]))
  return {
    changed: steps.length === 0 ? undefined : changed,
    filledFrom: steps.find((step) => step.filledFromSeq !== undefined)?.filledFromSeq,
    prepare: () => {
      const longer = windows.filter(({ spec }) => isLonger(spec, changed[spec.name]))
      if (steps.length > 0) catchUp(place, { boardId: board.id, windows, longer })
    },
    make: () => steps.flatMap(({ make }) => make() ?? []),
  }
}

/** One window that is altered. */
interface Step {
  name: string
  after: ChangedWindows[string]
  /** How many windows more there are by it. */
  count: number
  filledFromSeq?: number | undefined
  /** Returns a window that is to be filled. */
  make(): BoardWindow | undefined
}

function stepOf(
  place: TurnPlace,
  asked: { board: CatalogEntry; windows: readonly BoardWindow[]; filledFrom: number | undefined },
  { name, window: altered, isFilled }: WindowChange,
): Step | undefined {
  const { board, windows, filledFrom } = asked
  const found = windows.find(({ spec }) => spec.name === name)
  if (altered === undefined) {
    const gone = found ?? windowNamed(windows, name, board.name)
    return { name, after: null, count: -1, make: () => void takeAway(place, gone) }
  }
  if (found === undefined) {
    const spec = addedWindow(board.name, altered)
    if (isFilled && board.log === 'none') throw noLog(board.name, name)
    if (isFilled && filledFrom === undefined) checkTold(place, board, spec)
    // Before the first season of a manual window there is nothing to fill.
    const filledFromSeq =
      isFilled && spec.calendar.every !== 'manual'
        ? (filledFrom ?? firstSeqOf(place.writer))
        : undefined
    const make = (): BoardWindow | undefined => {
      const window = addWindow(place, board, { spec, filledFromSeq })
      return filledFromSeq === undefined ? undefined : window
    }
    const after = { ...windowSettings(spec), ...(isFilled && { fill: 'log' as const }) }
    return { name, after, count: 1, filledFromSeq, make }
  }
  const spec = alterWindow(board.name, found.spec, altered)
  if (isFilled)
    throw new TypeError(
      `Cannot fill window "${name}" of board "${board.name}": it is there already; only one that is added can be filled`,
    )
  if (isDeepStrictEqual(spec, found.spec)) return undefined
  return {
    ...{ name, after: windowSettings(spec), count: 0 },
    make: () => void change(place, { board, found, spec }),
  }
}

// Of an empty log, the first record that comes.
function firstSeqOf(writer: Writer<Table>): number {
  for (const key of writer.keys('log', { limit: 1 })) return seqOf(key) ?? 1
  return 1 + commitOf(writer).lastSeq
}

// What an import made of runs before it, only its rows could say: of the season that is on, the log tells a part.
function checkTold(place: TurnPlace, board: CatalogEntry, spec: WindowSpec): void {
  const { writer } = place
  const unlogged = unloggedSeqOf(writer, board.id)
  const season = seasonOf(spec.calendar, presentIn(place))
  const value = unlogged === 0 ? undefined : writer.get('log', logKey(unlogged))
  if (season === undefined || value === undefined) return
  if (committedMicrosOf(value) < season.fromMicros) return
  throw new LadderError(
    'LOG_OFF',
    `Cannot fill window "${spec.name}" of board "${board.name}": an import in its season, record ${unlogged}, left no record of its rows; leave fill out, nothing is changed`,
  )
}

function noLog(board: string, window: string): RangeError {
  return new RangeError(
    `Cannot fill window "${window}": board "${board}" has no log; leave fill out`,
  )
}

// Its seasons go in the background, and nobody sees them any more.
function takeAway({ writer }: TurnPlace, window: BoardWindow): void {
  removeDuesOf(
    writer,
    ({ boardId, windowId }) => boardId === window.boardId && windowId === window.windowId,
  )
  const { boardId, windowId, sinceMicros } = window
  const place = { boardId, windowId, startMicros: sinceMicros }
  putDue(writer, { ...place, kind: 'retire', dueMicros: sinceMicros })
  putWindow(writer, window, { ...window, isGone: true })
  forgetTurn(writer, boardId)
}

// Whether seasons take submits for a longer time after their end from now on.
function isLonger({ graceMs }: WindowSpec, after: ChangedWindows[string] | undefined): boolean {
  return after != null && (after.graceMs ?? USUAL_WINDOW.graceMs) > graceMs
}

// What is over is closed, and what was sealed before by its time stays sealed: also what nobody has taken note of.
function catchUp(
  place: TurnPlace,
  asked: { boardId: number; windows: readonly BoardWindow[]; longer: readonly BoardWindow[] },
): void {
  const { boardId, windows, longer } = asked
  const { context, writer } = place
  if (context.isReplay) return
  const presentMicros = presentIn(place)
  turnBoard(place, boardId, presentMicros)
  for (const window of longer) while (tellHoleBefore(place, window, presentMicros));
  for (const window of windows)
    for (const season of closedSeasons(writer, window)) {
      const { endMicros = season.startMicros } = season
      if (presentMicros >= sealMicrosOf(window, endMicros)) sealSeason(place, window, season)
    }
}

function closedSeasons(writer: Writer<Table>, window: BoardWindow): StoredSeason[] {
  return listSeasons(writer, window).filter(({ state }) => state === 'closed')
}

// What left stays away, if the window is to keep more now.
function change(
  place: TurnPlace,
  { board, found, spec }: { board: CatalogEntry; found: BoardWindow; spec: WindowSpec },
): void {
  const { writer } = place
  const now = readWindow(writer, found) ?? found
  const presentMicros = presentIn(place)
  const pastGraces = pastGracesOf(now, spec, presentMicros)
  const altered = putWindow(writer, found, { ...now, spec, pastGraces })
  // No clock that steps back opens again what a shorter time seals.
  if (spec.graceMs < now.spec.graceMs && presentMicros > commitOf(writer).lastMicros)
    commitOf(writer).give(presentMicros)
  for (const season of closedSeasons(writer, found)) {
    const { endMicros = season.startMicros } = season
    removeDue(writer, dueOf(season, 'seal', sealMicrosOf(now, endMicros)))
    putDue(writer, dueOf(season, 'seal', sealMicrosOf(altered, endMicros)))
  }
  trim(place, board, altered)
  const current = seasonAt(writer, altered, presentMicros)
  const beforeMicros = retiredBefore(writer, altered, current)
  if (beforeMicros === undefined || beforeMicros === altered.retiredBeforeMicros) return
  retire(writer, altered, { beforeMicros, nowMicros: presentMicros })
}

// When seasons were sealed that are over goes by what held then.
function pastGracesOf(
  { spec: before, pastGraces = [] }: BoardWindow,
  { graceMs }: WindowSpec,
  untilMicros: number,
): readonly PastGrace[] {
  if (graceMs === before.graceMs) return pastGraces
  return [...pastGraces, { graceMs: before.graceMs, untilMicros }].slice(-PAST_GRACES_MAX)
}

// Final standings stay as they are. Whom a smaller `keep` takes away does not come back with a larger one.
function trim({ context, writer }: TurnPlace, board: CatalogEntry, window: BoardWindow): void {
  for (const season of seasonsBackwards(writer, window)) {
    if (season.state === 'sealed') return
    if (!hasBoard(season)) continue
    // A job of this transaction may have begun work that goes by the setting of before.
    context.settleSeason(writer, season.seasonBoardId)
    context.writerOfSeason(writer, seasonEntry(board, window, season)).removeSurplus()
  }
}

/**
 * Starts a season of a window whose seasons begin when they are told to; the one before ends.
 *
 * @throws {LadderError} `NO_WINDOW`, `SEASON_EXISTS`, `CLOCK`; nothing is changed then.
 * @throws {TypeError} if the seasons of the window begin by a calendar.
 */
export function startSeason(
  place: TurnPlace,
  board: CatalogEntry,
  asked: { window: string; season: string },
): StartedSeason {
  const { context, writer } = place
  const { season: id } = asked
  const window = windowNamed(windowsIn(writer, board.id), asked.window, board.name)
  if (window.spec.calendar.every !== 'manual') throw notStarted(board.name, asked.window)
  const isUsed = listSeasons(writer, window).some((season) => season.id === id)
  if (isUsed) throw seasonExists({ board: board.name, window: asked.window, season: id })
  const commit = commitOf(writer)
  const fromMicros = commit.nextMicros(context.nowMicros())
  commit.willChange()
  commit.give(fromMicros)
  const open = openSeasonOf(writer, window)
  if (open !== undefined) closeSeason(place, window, { season: open, endMicros: fromMicros })
  openSeason(place, window, { id, fromMicros, toMicros: undefined, stored: undefined })
  forgetTurn(writer, board.id)
  return { season: id, from: toMs(fromMicros) }
}

/**
 * Judges the first season of a board that is to be made for it.
 *
 * @throws {LadderError} `NO_BOARD` if it would have no windows, `NO_WINDOW` if not this one.
 * @throws {TypeError} if the seasons of the window begin by a calendar.
 */
export function checkFirstSeason({ name, windows = [] }: BoardSpec, window: string): void {
  if (windows.length === 0) throw noBoard(name)
  const spec = windows.find((one) => one.name === window)
  const names = windows.map((one) => one.name)
  if (spec === undefined) throw noWindow(name, window, names)
  if (spec.calendar.every !== 'manual') throw notStarted(name, window)
}

function notStarted(board: string, window: string): TypeError {
  return new TypeError(
    `Cannot start a season of window "${window}" of board "${board}": its seasons begin by its calendar; only those of a manual window are started`,
  )
}

/** Returns the windows of a board as they are listed. */
export function windowsInfo(windows: readonly BoardWindow[]): NamedWindow[] {
  return windows.map(({ spec }) => windowSettings(spec))
}
