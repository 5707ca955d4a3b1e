/**
 * Seasons that begin, end and are sealed: each once, in the transaction of the first that comes by.
 *
 *     coming ──► open ──► closed ──► sealed          what was missed meanwhile: hole, step by step
 *           begins    ends     end + graceMs
 *
 * Nothing waits for these steps: what is on and what is sealed follows from the time alone. They are what the
 * log tells, and what keeps borders where they were, if zone data change.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { SeasonDue } from '../../format/meta/season-due.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import type { Writer } from '../../store/store.ts'
import { findBoard, listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import type { OpenStore } from '../open-store.ts'
import { holeBy, nextDue, putDue, removeDue } from './due.ts'
import { asSeason, retiredBefore, sealMicrosOf, seasonAt, type WindowSeason } from './season-at.ts'
import {
  firstSeason,
  putSeason,
  readSeason,
  type StoredSeason,
  seasonsBackwards,
} from './season-records.ts'
import { type BoardWindow, putWindow, readWindow, windowsIn } from './windows.ts'

/** Where seasons turn. */
export interface TurnPlace {
  context: OpenStore
  writer: Writer<Table>
}

const NEVER = Number.POSITIVE_INFINITY

/** Returns the time of the store in a transaction: that of the wall clock, or the last one that was given. */
export function presentIn({ context, writer }: TurnPlace): number {
  return commitOf(writer).presentMicros(context.nowMicros())
}

/**
 * Closes the seasons of a board that are over, and opens those that are on. Cost: a comparison, once a
 * transaction has looked.
 */
export function turnBoard(
  place: TurnPlace,
  boardId: number,
  presentMicros: number = presentIn(place),
): void {
  const { context, writer } = place
  const windows = windowsIn(writer, boardId)
  if (windows.length === 0 || context.isReplay) return
  const turns = writer.local(OWNER, () => new Map<number, number>())
  if (presentMicros < (turns.get(boardId) ?? 0)) return
  const ends = windows.map((window) => turnWindow(place, window, presentMicros))
  turns.set(boardId, Math.min(...ends))
}

const OWNER = {}

/** Forgets when the seasons of a board end, as its windows were changed in this transaction. */
export function forgetTurn(writer: Writer<Table>, boardId: number): void {
  writer.local(OWNER, () => new Map<number, number>()).delete(boardId)
}

/**
 * Does what is due of the seasons of all boards, in the order of time, up to a limit; returns how
 * much. Cost: nothing in a store without windows.
 */
export function turnDue(place: TurnPlace, limit: number): number {
  const { context, writer } = place
  const { heldMicros } = commitOf(writer)
  if (!commitOf(writer).uses('windows') || context.isReplay || heldMicros !== undefined) return 0
  const presentMicros = presentIn(place)
  let done = 0
  while (done < limit) {
    const due = nextDue(writer, presentMicros)
    if (due === undefined) break
    doDue(place, due, presentMicros)
    done++
  }
  return done
}

function doDue(place: TurnPlace, due: SeasonDue, presentMicros: number): void {
  const { writer } = place
  removeDue(writer, due)
  const window = readWindow(writer, due)
  if (window === undefined || window.isGone) return
  if (due.kind === 'close') turnWindow(place, window, presentMicros)
  if (due.kind === 'hole') fillHole(place, window, due.startMicros)
  if (due.kind !== 'seal') return
  const season = readSeason(writer, due)
  if (season?.state === 'closed') sealSeason(place, window, season)
}

/** Turns one window, and returns when its season that is on ends. */
function turnWindow(place: TurnPlace, window: BoardWindow, presentMicros: number): number {
  const { writer } = place
  const open = openSeasonOf(writer, window)
  if (open?.endMicros === undefined) return NEVER
  if (presentMicros < open.endMicros) return open.endMicros
  closeSeason(place, window, { season: open, endMicros: open.endMicros })
  const next = seasonAt(writer, window, presentMicros)
  if (next === undefined) return NEVER
  openSeason(place, window, next)
  noteHole(writer, window, open.endMicros)
  return next.toMicros ?? NEVER
}

/** Returns the season that is open, whether it is over or not. */
export function openSeasonOf(writer: Writer<Table>, window: BoardWindow): StoredSeason | undefined {
  for (const season of seasonsBackwards(writer, window))
    if (season.state !== 'coming') return season.state === 'open' ? season : undefined
  return undefined
}

/** Opens a season: it begins, and the log says so. */
export function openSeason(
  place: TurnPlace,
  window: BoardWindow,
  { id, fromMicros, toMicros, stored }: WindowSeason,
): StoredSeason {
  const { writer } = place
  const { boardId, windowId } = window
  keepTime(place, fromMicros)
  const season = putSeason(writer, {
    ...(stored ?? newSeasonOf(window, toMicros)),
    ...{ boardId, windowId, startMicros: fromMicros },
    ...{ id, endMicros: toMicros, state: 'open' },
  })
  if (toMicros !== undefined) putDue(writer, dueOf(season, 'close', toMicros))
  noteSeason(place, { kind: 'season-open', window, season, atMicros: fromMicros })
  retirePast(place, window, season)
  return season
}

const newSeason = { seasonBoardId: NO_BOARD_ID, isImported: false, others: NO_FIELDS }

function newSeasonOf({ sinceMicros }: BoardWindow, toMicros = NEVER): typeof newSeason {
  return { ...newSeason, isImported: toMicros <= sinceMicros }
}

/** Closes a season at its end: from then on it takes submits of its time alone. */
export function closeSeason(
  place: TurnPlace,
  window: BoardWindow,
  { season, endMicros }: { season: StoredSeason; endMicros: number },
): void {
  const { writer } = place
  keepTime(place, endMicros)
  const closed = putSeason(writer, { ...season, endMicros, state: 'closed' })
  removeDue(writer, dueOf(season, 'close', endMicros))
  putDue(writer, dueOf(season, 'seal', sealMicrosOf(window, endMicros)))
  noteSeason(place, { kind: 'season-close', window, season: closed, atMicros: endMicros })
}

/** Seals a season: its standing is final. */
export function sealSeason(place: TurnPlace, window: BoardWindow, season: StoredSeason): void {
  const { writer } = place
  const atMicros = sealMicrosOf(window, season.endMicros ?? season.startMicros)
  keepTime(place, Math.min(atMicros, presentIn(place)))
  putSeason(writer, { ...season, state: 'sealed' })
  removeDue(writer, dueOf(season, 'seal', atMicros))
  noteSeason(place, { kind: 'season-seal', window, season, atMicros })
}

/** Makes the record of a season that has not begun: a submit is ahead of the clock. */
export function awaitSeason(
  writer: Writer<Table>,
  { boardId, windowId }: BoardWindow,
  { id, fromMicros, toMicros }: WindowSeason,
): StoredSeason {
  const place = { boardId, windowId, startMicros: fromMicros }
  return putSeason(writer, { ...newSeason, ...place, id, endMicros: toMicros, state: 'coming' })
}

/** Returns what is to be done about a season at a time. */
export function dueOf(
  { boardId, windowId, startMicros }: StoredSeason,
  kind: SeasonDue['kind'],
  dueMicros: number,
): SeasonDue {
  return { boardId, windowId, startMicros, kind, dueMicros }
}

/** Notes that seasons from an instant on, which nobody has seen, are to be told. */
export function noteHole(writer: Writer<Table>, window: BoardWindow, startMicros: number): void {
  const { boardId, windowId, sinceMicros } = window
  // In front of the first season lie those alone that imports made.
  if (startMicros <= sinceMicros) return
  const missing = missingFrom(writer, window, startMicros)
  if (missing === undefined) return
  putDue(writer, { boardId, windowId, startMicros, kind: 'hole', dueMicros: missing.toMicros })
}

function missingFrom(
  writer: Writer<Table>,
  window: BoardWindow,
  micros: number,
): (WindowSeason & { toMicros: number }) | undefined {
  const season = seasonAt(writer, window, micros)
  if (season?.toMicros === undefined) return undefined
  if (season.stored !== undefined && season.stored.state !== 'coming') return undefined
  return { ...season, toMicros: season.toMicros }
}

// Opens and closes one season of which nobody took note, and says what is the next.
function fillHole(place: TurnPlace, window: BoardWindow, startMicros: number): void {
  const { writer } = place
  const missing = missingFrom(writer, window, startMicros)
  if (missing === undefined) return
  passSeason(place, window, missing)
  noteHole(writer, window, missing.toMicros)
}

/** Opens and closes a season that is over already. */
export function passSeason(
  place: TurnPlace,
  window: BoardWindow,
  { id, fromMicros, toMicros, stored }: WindowSeason & { toMicros: number },
): void {
  const { boardId, windowId } = window
  const season: StoredSeason = {
    ...(stored ?? newSeasonOf(window, toMicros)),
    ...{ boardId, windowId, startMicros: fromMicros },
    ...{ id, endMicros: toMicros, state: 'open' },
  }
  noteSeason(place, { kind: 'season-open', window, season, atMicros: fromMicros })
  const isRetired = fromMicros < (window.retiredBeforeMicros ?? Number.NEGATIVE_INFINITY)
  if (!isRetired || stored !== undefined) {
    closeSeason(place, window, { season, endMicros: toMicros })
    return
  }
  // It is past what stays: the log tells of it, and nothing else is left.
  noteSeason(place, { kind: 'season-close', window, season, atMicros: toMicros })
  const sealMicros = sealMicrosOf(window, toMicros)
  noteSeason(place, { kind: 'season-seal', window, season, atMicros: sealMicros })
}

/**
 * Tells of some seasons that nobody took note of and that passed before an instant; whether there were any. Once
 * the record of a season behind them is gone, it would be told of again.
 */
export function tellHoleBefore(place: TurnPlace, window: BoardWindow, micros: number): boolean {
  const { writer } = place
  for (let told = 0; told < HOLE_CHUNK; told++) {
    const hole = holeBy(writer, window, micros)
    if (hole === undefined) return told > 0
    removeDue(writer, hole)
    fillHole(place, window, hole.startMicros)
  }
  return true
}

const HOLE_CHUNK = 32

/** Makes the records of all seasons that nobody took note of, up to the one that an instant lies in. */
export function fillHolesUntil(place: TurnPlace, window: BoardWindow, micros: number): void {
  const { writer } = place
  const hole = holeBy(writer, window, micros)
  if (hole === undefined) return
  removeDue(writer, hole)
  let { startMicros } = hole
  while (startMicros <= micros) {
    const missing = missingFrom(writer, window, startMicros)
    if (missing === undefined) return
    passSeason(place, window, missing)
    startMicros = missing.toMicros
  }
  noteHole(writer, window, startMicros)
}

// Seasons that are past what the window keeps leave all lists with the one that begins now.
function retirePast(place: TurnPlace, window: BoardWindow, current: StoredSeason): void {
  const { writer } = place
  // Another window of the transaction may have been put since.
  const now = readWindow(writer, window) ?? window
  const beforeMicros = retiredBefore(writer, now, asSeason(current))
  if (beforeMicros === now.retiredBeforeMicros || beforeMicros === undefined) return
  retire(writer, now, { beforeMicros, nowMicros: current.startMicros })
}

/** Takes the seasons of a window that begin before an instant off all lists: they go in the background. */
export function retire(
  writer: Writer<Table>,
  window: BoardWindow,
  { beforeMicros, nowMicros }: { beforeMicros: number; nowMicros: number },
): BoardWindow {
  const first = firstSeason(writer, window)
  if (first !== undefined && first.startMicros < beforeMicros)
    putDue(writer, dueOf(first, 'retire', nowMicros))
  return putWindow(writer, window, { ...window, retiredBeforeMicros: beforeMicros })
}

// No clock that steps back opens again what was closed. The present itself stays free for a submit.
function keepTime(place: TurnPlace, borderMicros: number): void {
  const commit = commitOf(place.writer)
  const micros = Math.max(borderMicros, presentIn(place) - 1)
  commit.willChange()
  if (micros > commit.lastMicros) commit.give(micros)
}

/** Notes what became of a season, in a record that is a change of its own. */
export function noteSeason(
  { context, writer }: TurnPlace,
  noted: {
    kind: 'season-open' | 'season-close' | 'season-seal'
    window: BoardWindow
    season: StoredSeason
    atMicros: number
  },
): void {
  const { kind, window, season, atMicros } = noted
  const { id, startMicros, endMicros } = season
  // It is a change of its own, whatever else is in the transaction.
  commitOf(writer).beginChange()
  const to = endMicros === undefined ? undefined : toMs(endMicros)
  logNote(writer, context.nowMicros(), {
    kind,
    fields: {
      ...{ at: toMs(atMicros), board: boardNamed(writer, window.boardId)?.name },
      ...{ window: window.spec.name, season: id, from: toMs(startMicros), to },
    },
  })
  commitOf(writer).beginChange()
}

/** Returns the board of a number. Cost: a look at all boards, once in a transaction for each. */
export function boardNamed(writer: Writer<Table>, boardId: number): CatalogEntry | undefined {
  const names = writer.local(NAMES, () => new Map<number, string>())
  const name = names.get(boardId)
  const found = name === undefined ? undefined : findBoard(writer, name)
  if (found?.id === boardId) return found
  for (const board of listBoards(writer)) names.set(board.id, board.name)
  return listBoards(writer).find(({ id }) => id === boardId)
}

const NAMES = {}
