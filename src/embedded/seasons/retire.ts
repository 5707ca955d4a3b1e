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
import { joinBytes } from '../../format/bytes.ts'
import { BoardKeys, NO_BOARD_ID, type Table } from '../../format/keys.ts'
import type { SeasonDue } from '../../format/meta/season-due.ts'
import { encodeFinal, finalKey, finalsOfWindow } from '../../format/people/final.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { CHUNK_ENTRIES, FINALS_CHUNK } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { listBoards, retireBoard } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { sweepBoard } from '../sweep.ts'
import { removeDue, removeDuesOf, retirementsDue } from './due.ts'
import { asSeason, sealMicrosOf } from './season-at.ts'
import { readerOfSeason } from './season-boards.ts'
import {
  putSeason,
  readSeason,
  removeSeason,
  type StoredSeason,
  seasonsOnwards,
} from './season-records.ts'
import { dueOf, sealSeason, type TurnPlace, tellHoleBefore } from './turn.ts'
import { type BoardWindow, readWindow, removeWindow } from './windows.ts'

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
  while (!isEnded()) {
    const found = leavingIn(context.store.current(), due)
    if (found === undefined) {
      if (await endRetirement(context, due)) return
      continue
    }
    const { window, season } = found
    if (window.spec.finals && !window.isGone && season.seasonBoardId !== NO_BOARD_ID)
      if (!(await keepFinals(work, window, season))) return
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

// Notes the final place of each player of a season; false if it was stopped before the end.
async function keepFinals(
  { context, isEnded }: Retiring,
  window: BoardWindow,
  season: StoredSeason,
): Promise<boolean> {
  const reader = context.store.current()
  const board = listBoards(reader).find(({ id }) => id === window.boardId)
  if (board === undefined) return false
  const found = { board, window, season: asSeason(season) }
  const { size } = readerOfSeason(context, reader, found)
  const cursor = new FinalsCursor({ window, season, shape: board.shape, size })
  for (;;) {
    if (isEnded()) return false
    const isDone = await context.store.write((writer) => cursor.write(writer))
    if (isDone) return true
  }
}

/** Walks the entries of a season in their order, some in each commit. */
class FinalsCursor {
  readonly #window: BoardWindow
  readonly #season: StoredSeason
  readonly #shape: ScoreShape
  readonly #size: number
  #state = { start: undefined as Buffer | undefined, ordinal: 0, competition: 0, dense: 0 }
  #score: Buffer = Buffer.alloc(0)

  constructor(asked: {
    window: BoardWindow
    season: StoredSeason
    shape: ScoreShape
    size: number
  }) {
    this.#window = asked.window
    this.#season = asked.season
    this.#shape = asked.shape
    this.#size = asked.size
  }

  /** Writes the finals of the next entries; whether those were the last ones. It may run again. */
  write(writer: Writer<Table>): boolean {
    const { seasonBoardId } = this.#season
    // The board was dropped, or the season is gone already.
    if (readSeason(writer, this.#season) === undefined) return true
    commitOf(writer).willChange()
    const keys = new BoardKeys(seasonBoardId)
    const { bytes, headBytes } = this.#shape
    const { end } = keys.all()
    const start = this.#state.start ?? keys.prefix
    const found = [...writer.keys('entries', { start, end, limit: FINALS_CHUNK })]
    const next = { ...this.#state }
    let score = this.#score
    for (const key of found) {
      const head = key.subarray(keys.prefix.length, keys.prefix.length + headBytes)
      next.ordinal++
      if (!head.subarray(0, bytes).equals(score)) {
        score = Buffer.from(head.subarray(0, bytes))
        next.competition = next.ordinal
        next.dense++
      }
      const playerId = key.toString('utf8', keys.prefix.length + headBytes)
      this.#put(writer, { playerId, head, ...next })
    }
    const last = found.at(-1)
    if (last !== undefined) next.start = joinBytes(last, ZERO)
    writer.afterCommit(() => {
      this.#state = next
      this.#score = score
    })
    return found.length < FINALS_CHUNK
  }

  #put(
    writer: Writer<Table>,
    place: { playerId: string; head: Buffer; ordinal: number; competition: number; dense: number },
  ): void {
    const { playerId, head, ordinal, competition, dense } = place
    const { id, startMicros, endMicros = startMicros } = this.#season
    const { boardId, windowId } = this.#window
    const key = finalKey({ boardId, windowId, playerId, startMicros })
    const ranks = { ordinal, competition, dense, size: Math.max(this.#size, ordinal) }
    const final = { endMicros, head, ...ranks, season: id, others: NO_FIELDS }
    writer.put('people', key, encodeFinal(key, final))
  }
}

const ZERO = Buffer.of(0)

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
function endRetirement(context: OpenStore, due: SeasonDue): Promise<boolean> {
  return context.store.write((writer) => {
    if (leavingIn(writer, due) !== undefined) return false
    const window = readWindow(writer, due)
    if (window?.isGone === true) {
      commitOf(writer).willChange()
      const range = { ...finalsOfWindow(window), limit: CHUNK_ENTRIES }
      const finals = [...writer.keys('people', range)]
      for (const key of finals) writer.remove('people', key)
      if (finals.length === CHUNK_ENTRIES) return false
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
