/**
 * Seasons as boards that have runs: those of the board that they took, as if each had been made on the season.
 *
 *     run on the board ──► what it did in the season (RUN_TAG.WINDOWS) ──► run on the season
 *
 * A window that was filled when it was added has runs from before, which say nothing of it: those of that time
 * count. Runs from before a window of the same name was added are another window's.
 *
 * @module
 */

import type { CatalogEntry } from '../../format/meta/board.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { decodeRunWindows, type RunWindow } from '../../format/run-windows.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import type { Score, SeasonReach } from '../../words/index.ts'
import { asSeason, isSeasonSealed, retiredBefore, seasonAt } from '../seasons/season-at.ts'
import { seasonEntry } from '../seasons/season-boards.ts'
import { type StoredSeason, seasonsBackwards } from '../seasons/season-records.ts'
import { type BoardWindow, windowsOf } from '../seasons/windows.ts'

/** A season as a board, with the board whose runs it takes. */
export interface SeasonWithRuns extends CatalogEntry {
  parent: CatalogEntry
  season: { window: string; id: string }
  ofWindow: BoardWindow
  stored: StoredSeason
  isSealed: boolean
  /** Runs that are turned over, by their seqs: whether each is undone then. What scores rise by depends on them. */
  turned: ReadonlyMap<number, boolean>
}

/** Whether a board is a season with its runs. */
export function isSeasonWithRuns(board: object): board is SeasonWithRuns {
  return 'parent' in board
}

/** Whether what counts in a season is what the score of the board rises by. */
export function isGain({ ofWindow }: SeasonWithRuns): boolean {
  return ofWindow.spec.value === 'gain'
}

/** Returns the seasons of a board that have entries, or had some, and that a change reaches. */
export function seasonBoardsOf(
  reader: Reader<Table>,
  board: CatalogEntry,
  reach: SeasonReach & { presentMicros: number; turned?: SeasonWithRuns['turned'] },
): SeasonWithRuns[] {
  return windowsOf(reader, board.id).flatMap((window) =>
    seasonsIn(reader, { board, window }, reach),
  )
}

function seasonsIn(
  reader: Reader<Table>,
  { board, window }: { board: CatalogEntry; window: BoardWindow },
  reach: SeasonReach & { presentMicros: number; turned?: SeasonWithRuns['turned'] },
): SeasonWithRuns[] {
  const { presentMicros, isSealedToo = false, seasons, turned = NONE } = reach
  const first = retiredBefore(reader, window, seasonAt(reader, window, presentMicros))
  const found: SeasonWithRuns[] = []
  for (const stored of seasonsBackwards(reader, window)) {
    const isSealed = isSeasonSealed(window, asSeason(stored), presentMicros)
    if (seasons === undefined) {
      if (stored.startMicros < (first ?? Number.NEGATIVE_INFINITY)) break
      if (isSealed && !isSealedToo) break
    }
    const season = { window: window.spec.name, id: stored.id }
    const isMeant = seasons?.some(
      (one) => one.board === board.name && one.window === season.window && one.season === season.id,
    )
    if (stored.seasonBoardId === 0 || isMeant === false) continue
    const entry = seasonEntry(board, window, stored)
    const mode = window.spec.value === 'gain' ? 'increment' : entry.mode
    found.push({
      ...entry,
      mode,
      season,
      parent: board,
      ofWindow: window,
      stored,
      isSealed,
      turned,
    })
  }
  return found.reverse()
}

const NONE: SeasonWithRuns['turned'] = new Map()

/** Whether a run of the board was counted by a window that was filled when it was added. */
function isFilledIn({ ofWindow, stored }: SeasonWithRuns, seq: number, run: RunRecord): boolean {
  const { filledFromSeq, sinceSeq, sinceMicros } = ofWindow
  const { startMicros, endMicros = Number.POSITIVE_INFINITY } = stored
  const isOfFill = filledFromSeq !== undefined && seq >= filledFromSeq && seq <= sinceSeq
  const isFirst = startMicros <= sinceMicros && sinceMicros < endMicros
  return isOfFill && isFirst && run.atMicros >= startMicros && run.atMicros < endMicros
}

/**
 * Returns a run of the board as one of the season; undefined if the season did not take it. `riseOf` says what
 * the score of the board rose by.
 */
export function seasonRun(
  season: SeasonWithRuns,
  { seq, run }: { seq: number; run: RunRecord },
  riseOf: () => Score,
): RunRecord | undefined {
  const { ofWindow, parent } = season
  const filled = isFilledIn(season, seq, run)
  const item = filled || seq <= ofWindow.sinceSeq ? undefined : itemOf(season, run)
  if (!filled && (item === undefined || item.isSealed)) return undefined
  const tail = new Map(run.tail)
  for (const tag of [RUN_TAG.WINDOWS, RUN_TAG.PUSHED_OUT, RUN_TAG.GOES_ON]) tail.delete(tag)
  const goesOn = filled ? !isFirstOf(run) : item?.goesOn === true
  if (goesOn) tail.set(RUN_TAG.GOES_ON, Buffer.alloc(0))
  const submitted = isGain(season) ? bytesOf(parent, riseOf()) : run.submitted
  return {
    ...run,
    ...{ boardId: season.id, submitted, before: item?.before, tail },
    mode: isGain(season) ? 'increment' : (ofWindow.spec.mode ?? run.mode),
    isAtGiven: filled ? true : run.isAtGiven,
    hasNoPlace: item?.hasNoPlace === true,
    ranks: item?.ranks,
  }
}

function itemOf({ season, shape }: SeasonWithRuns, { tail }: RunRecord): RunWindow | undefined {
  const bytes = tail.get(RUN_TAG.WINDOWS)
  const items = bytes && decodeRunWindows(bytes, shape.bytes)
  return items?.find((item) => item.window === season.window && item.season === season.id)
}

/** Whether a run began from nothing, and not because an undo had left nothing. */
function isFirstOf({ before, tail }: RunRecord): boolean {
  return before === undefined && !tail.has(RUN_TAG.GOES_ON)
}

function bytesOf({ shape }: CatalogEntry, score: Score): Buffer {
  const bytes = Buffer.alloc(shape.bytes)
  shape.write(bytes, 0, score)
  return bytes
}
