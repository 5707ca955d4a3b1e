/**
 * Seasons that leave, in the background: a little at a time, so that others write in between.
 *
 *     off all lists ──► finals of each player ──► record goes, number is an orphan ──► swept
 *                       (if the window keeps them)
 *
 * Until the record of a season goes, its own entries say what finals it has; from then on the finals that were
 * kept do. A crash begins the finals of a season again, which gives the same.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { NO_BOARD_ID, type Table } from '../../format/keys.ts'
import type { SeasonDue } from '../../format/meta/season-due.ts'
import { finalsOfWindow } from '../../format/people/final.ts'
import { CHUNK_ENTRIES } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { WorkPace } from '../../store/work-pace.ts'
import { retireBoard } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { sweepBoard } from '../sweep.ts'
import { removeDue, removeDuesOf, retirementsDue } from './due.ts'
import { sealMicrosOf } from './season-at.ts'
import {
  putSeason,
  readSeason,
  removeSeason,
  type StoredSeason,
  seasonsOnwards,
} from './season-records.ts'
import { dueOf, sealSeason, type TurnPlace, tellHoleBefore } from './turn.ts'
import { type BoardWindow, readWindow, removeWindow } from './windows.ts'
import { writeFinals } from './write-finals.ts'

/** Where seasons leave, and whether to stop: the next opening goes on. */
export interface Retiring {
  context: OpenStore
  isEnded: () => boolean
}

/** Whether any season is to leave. Cost: a look at what is to be done. */
export function hasLeaving({ store }: OpenStore): boolean {
  return retirementsDue(store.current()).length > 0
}

/** Takes all seasons away that are to leave. */
export async function retireSeasons(work: Retiring): Promise<void> {
  const { context, isEnded } = work
  for (const due of retirementsDue(context.store.current()))
    if (!isEnded()) await retireIn(work, due)
}

async function retireIn(work: Retiring, due: SeasonDue): Promise<void> {
  const { context, isEnded } = work
  const pace = new WorkPace(CHUNK_ENTRIES)
  while (!isEnded()) {
    const found = leavingIn(context.store.current(), due)
    if (found === undefined) {
      if (await endRetirement(context, due, pace)) return
      continue
    }
    const { window, season } = found
    if (window.spec.finals && !window.isGone && season.seasonBoardId !== NO_BOARD_ID)
      if (!(await writeFinals(context, { window, season }, isEnded))) return
    await takeSeason(work, due, season)
  }
}

function leavingIn(
  reader: Reader<Table>,
  due: SeasonDue,
): { window: BoardWindow; season: StoredSeason } | undefined {
  const window = readWindow(reader, due)
  if (window === undefined) return undefined
  const { isGone, retiredBeforeMicros = Number.NEGATIVE_INFINITY } = window
  for (const season of seasonsOnwards(reader, window)) {
    if (isLeaving(window, season)) return { window, season }
    if (!isGone && season.startMicros >= retiredBeforeMicros) break
  }
  return undefined
}

// Of a season that was started, the id stays: none is given twice.
function isLeaving(window: BoardWindow, { startMicros, seasonBoardId }: StoredSeason): boolean {
  if (window.isGone) return true
  const isPast = startMicros < (window.retiredBeforeMicros ?? Number.NEGATIVE_INFINITY)
  return isPast && (window.spec.calendar.every !== 'manual' || seasonBoardId !== NO_BOARD_ID)
}

// Takes away what says that there was a season, and then its entries.
async function takeSeason(
  { context, isEnded }: Retiring,
  due: SeasonDue,
  { startMicros }: StoredSeason,
): Promise<void> {
  const boardId = await context.store.write((writer) => {
    const window = readWindow(writer, due)
    const season = readSeason(writer, { ...due, startMicros })
    if (window === undefined || season === undefined || !isLeaving(window, season))
      return NO_BOARD_ID
    if (!window.isGone && tellHoleBefore({ context, writer }, window, startMicros))
      return NO_BOARD_ID
    return leave({ context, writer }, window, season)
  })
  if (boardId === NO_BOARD_ID) return
  context.forget(boardId)
  await sweepBoard(context, boardId, { isEnded, onSwept: () => undefined })
}

function leave(place: TurnPlace, window: BoardWindow, season: StoredSeason): number {
  const { context, writer } = place
  commitOf(writer).beginChange()
  if (!window.isGone && season.state === 'closed') sealSeason(place, window, season)
  const { seasonBoardId, endMicros } = season
  if (endMicros !== undefined) {
    removeDue(writer, dueOf(season, 'close', endMicros))
    removeDue(writer, dueOf(season, 'seal', sealMicrosOf(window, endMicros)))
  }
  if (!window.isGone && window.spec.calendar.every === 'manual')
    putSeason(writer, { ...season, seasonBoardId: NO_BOARD_ID, state: 'sealed' })
  else removeSeason(writer, season)
  if (seasonBoardId === NO_BOARD_ID) return NO_BOARD_ID
  context.settleSeason(writer, seasonBoardId)
  retireBoard(writer, seasonBoardId)
  return seasonBoardId
}

// Whether all is done: a window that was taken away goes with its last final.
function endRetirement(context: OpenStore, due: SeasonDue, pace: WorkPace): Promise<boolean> {
  return context.store.write((writer) => {
    if (leavingIn(writer, due) !== undefined) return false
    const window = readWindow(writer, due)
    if (window?.isGone === true) {
      commitOf(writer).willChange()
      if (!pace.bite((limit) => removeFinals(writer, window, limit))) return false
      removeWindow(writer, window)
    }
    removeDuesOf(
      writer,
      ({ boardId, windowId, kind }) =>
        kind === 'retire' && boardId === due.boardId && windowId === due.windowId,
    )
    return true
  })
}

// Whether these were all.
function removeFinals(writer: Writer<Table>, window: BoardWindow, limit: number): boolean {
  const finals = [...writer.keys('people', { ...finalsOfWindow(window), limit })]
  for (const key of finals) writer.remove('people', key)
  return finals.length < limit
}
