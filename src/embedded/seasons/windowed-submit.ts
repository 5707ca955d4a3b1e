/**
 * A submit on a board with windows: it goes to the board and to a season of each window, or to none of them.
 *
 *     at ──► season of each window ──► guard ──► plans: board, seasons ──► seasons, board, one record
 *                                        └───────── all that refuses ─┘
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import type { HiddenPlan } from '../../board/hidden-players.ts'
import { planSubmit, type SubmitPlan, type WindowsDone } from '../../board/submit-plan.ts'
import { riseOf, zeroOf } from '../../domain/gain.ts'
import { noWindow, seasonOver } from '../../domain/windows.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import { encodeRunWindows, type RunWindow } from '../../format/run-windows.ts'
import type { Score, SubmitAnswer, SubmitRequest, WindowAnswer } from '../../words/index.ts'
import { isBeingFilled } from './import-seasons.ts'
import { reachedWriters } from './reached-seasons.ts'
import {
  asSeason,
  isBeforeFirst,
  isSeasonSealed,
  retiredBefore,
  seasonIn,
  type WindowSeason,
} from './season-at.ts'
import { seasonEntry, seasonWriter } from './season-boards.ts'
import { seasonsBackwards } from './season-records.ts'
import { awaitSeason, fillHolesUntil, presentIn, type TurnPlace, turnBoard } from './turn.ts'
import { type BoardWindow, windowsIn } from './windows.ts'

/** Whether a submit is more than one to the board itself. */
export function isWindowed(
  { writer }: TurnPlace,
  target: BoardWriter,
  { season }: SubmitRequest,
): boolean {
  return season !== undefined || windowsIn(writer, target.board.id).length > 0
}

/** Where a submit goes in one window. */
interface Goal {
  window: BoardWindow
  /** Undefined: the window has had none yet. */
  season: WindowSeason | undefined
  /** Undefined: it takes nothing. */
  plan: SeasonPlan | undefined
}

type SeasonPlan = { visible: SubmitPlan; hidden?: never } | { visible?: never; hidden: HiddenPlan }

/**
 * Makes a submit on a board with windows.
 *
 * @throws {LadderError} `NO_WINDOW`, `SEASON_OVER`, and what the board or a season refuses.
 */
export function submitToWindows(
  place: TurnPlace,
  asked: { target: BoardWriter; request: SubmitRequest; isHidden: boolean },
): SubmitAnswer<Score> {
  const { writer } = place
  const { target, isHidden } = asked
  const commit = commitOf(writer)
  // The time is settled first: the seasons follow from it, and board and seasons must store the same one.
  const atMicros = commit.timeOf(asked.request)
  const isOwn = asked.request.atMicros === undefined
  const request = isOwn ? { ...asked.request, givenMicros: atMicros } : asked.request
  turnBoard(place, target.board.id, presentFor(place, request))
  const windows = windowsIn(writer, target.board.id)
  const { toldWindows: told } = request
  const seasons = windows.map((window) =>
    told === undefined ? seasonFor(place, window, request) : seasonTold(place, window, request),
  )
  checkSeasons(place, { board: target.board.name, windows, seasons }, request)
  // (14) Every plan is made before the first one is carried out, so that a season can still refuse all of it.
  const main: SeasonPlan = isHidden
    ? { hidden: target.hidden.plan(request) }
    : { visible: target.plan(request) }
  const goals = windows.map((window, i): Goal => {
    const season = seasons[i]
    const isOpen = season !== undefined && takes(place, { window, season }, request)
    const plan = isOpen ? planFor(place, { target, main, window, season }, request) : undefined
    return { window, season, plan }
  })
  // A season that began at this very time has taken it already.
  if (isOwn && atMicros > commit.lastMicros) commit.give(atMicros)
  return makeAll(place, { target, main, goals }, request)
}

/** Throws what {@link submitToWindows} would for the seasons that a submit is meant for, before anything is changed. */
export function checkMeantSeasons(
  place: TurnPlace,
  board: { id: number; name: string } | undefined,
  request: SubmitRequest,
): void {
  const { season: meant } = request
  if (meant === undefined || board === undefined) return
  const atMicros = commitOf(place.writer).timeOf(request)
  const own = request.atMicros === undefined ? { ...request, givenMicros: atMicros } : request
  const windows = windowsIn(place.writer, board.id)
  const seasons = windows.map((window) => seasonIn(place.writer, window, atMicros))
  checkSeasons(place, { board: board.name, windows, seasons }, own)
}

// A time that the store gives is the present: its season is on.
function presentFor(place: TurnPlace, { givenMicros }: SubmitRequest): number {
  return Math.max(presentIn(place), givenMicros ?? 0)
}

function timeIn({ atMicros, givenMicros, nowMicros }: SubmitRequest): number {
  return atMicros ?? givenMicros ?? nowMicros
}

// A season between two that are stored, of which nobody took note yet, is stored before it takes a submit.
function seasonFor(
  place: TurnPlace,
  window: BoardWindow,
  request: SubmitRequest,
): WindowSeason | undefined {
  const atMicros = timeIn(request)
  const season = seasonIn(place.writer, window, atMicros)
  if (season === undefined || season.stored !== undefined) return season
  const presentMicros = presentFor(place, request)
  const isPast = season.toMicros !== undefined && season.toMicros <= presentMicros
  if (!isPast || !takesSubmits(place, { window, season }, request)) return season
  fillHolesUntil(place, window, atMicros)
  return seasonIn(place.writer, window, atMicros)
}

// What a log tells holds, whatever the clock or the calendar say now.
function seasonTold(
  { writer }: TurnPlace,
  window: BoardWindow,
  request: SubmitRequest,
): WindowSeason | undefined {
  const { spec } = window
  const told = request.toldWindows?.[spec.name]
  if (told === undefined) return undefined
  const { season: id, sealed } = told
  const fromMicros = timeIn(request)
  const season = seasonIn(writer, window, fromMicros)
  if (season?.id === id) return season
  for (const stored of seasonsBackwards(writer, window))
    if (stored.id === id) return asSeason(stored)
  if (sealed === true) return { id, fromMicros, toMicros: undefined, stored: undefined }
  throw new TypeError(`there is no season "${id}" of window "${spec.name}"`)
}

function takes(
  place: TurnPlace,
  { window, season }: { window: BoardWindow; season: WindowSeason },
  request: SubmitRequest,
): boolean {
  const { toldWindows: told } = request
  if (told !== undefined) return told[window.spec.name]?.sealed !== true
  return takesSubmits(place, { window, season }, request)
}

function checkSeasons(
  place: TurnPlace,
  found: {
    board: string
    windows: readonly BoardWindow[]
    seasons: readonly (WindowSeason | undefined)[]
  },
  request: SubmitRequest,
): void {
  const { board, windows, seasons } = found
  for (const [name, id] of Object.entries(request.season ?? {})) {
    const i = windows.findIndex(({ spec }) => spec.name === name)
    const window = windows[i]
    if (window === undefined) {
      const names = windows.map(({ spec }) => spec.name)
      throw noWindow(board, name, names)
    }
    const problem = problemOf(place, { window, season: seasons[i], id }, request)
    if (problem !== undefined) throw seasonOver({ board, window: name, season: id }, problem)
  }
}

function problemOf(
  place: TurnPlace,
  { window, season, id }: { window: BoardWindow; season: WindowSeason | undefined; id: string },
  request: SubmitRequest,
): string | undefined {
  if (season === undefined) return 'none has been started'
  if (season.id !== id) {
    const its = request.atMicros === undefined ? 'is on' : 'is the one that its time lies in'
    return `"${season.id}" ${its}`
  }
  if (season.fromMicros > presentFor(place, request)) return 'it has not begun'
  if (!takesSubmits(place, { window, season }, request)) return 'it is sealed'
  return undefined
}

function takesSubmits(
  place: TurnPlace,
  { window, season }: { window: BoardWindow; season: WindowSeason },
  request: SubmitRequest,
): boolean {
  const presentMicros = presentFor(place, request)
  if (isSeasonSealed(window, season, presentMicros) || isBeforeFirst(window, season))
    return isBeingFilled(place.writer, window, season)
  if (window.spec.retain === undefined && window.retiredBeforeMicros === undefined) return true
  const current = seasonIn(place.writer, window, presentMicros)
  // Most go to the one that is on, which stays: the first one that is stored need not be looked at.
  if (current !== undefined && season.fromMicros >= current.fromMicros) return true
  const first = retiredBefore(place.writer, window, current)
  return first === undefined || season.fromMicros >= first
}

function planFor(
  place: TurnPlace,
  goal: { target: BoardWriter; main: SeasonPlan; window: BoardWindow; season: WindowSeason },
  request: SubmitRequest,
): SeasonPlan {
  const { context, writer } = place
  const { target, main, window, season } = goal
  const { board } = target
  const asked = requestFor(target, { main, window }, request)
  const { stored } = season
  const isHidden = main.hidden !== undefined
  // A season without entries has no board yet, and nobody in it: it is planned without reading anything.
  if (stored === undefined || stored.seasonBoardId === NO_BOARD_ID) {
    const plan = planSubmit(asked, undefined, { shape: board.shape, commit: commitOf(writer) })
    return isHidden ? { hidden: hiddenOf(plan) } : { visible: plan }
  }
  const seasonBoard = context.writerOfSeason(writer, seasonEntry(board, window, stored))
  const { hidden } = seasonBoard
  // A ban may have come between, which did not reach a season that was sealed then.
  const isUnseen = isHidden
    ? !hidden.isVisible(request.playerId)
    : commitOf(writer).uses('bans') && hidden.stored(request.playerId)?.record.isHidden === true
  return isUnseen ? { hidden: hidden.plan(asked) } : { visible: seasonBoard.plan(asked) }
}

function hiddenOf({ request, score, details, atMicros }: SubmitPlan): HiddenPlan {
  const entry = { score, atMicros, ...details, moves: true }
  return { request, player: undefined, entry, windows: undefined }
}

// What belongs to the run alone stays with the board.
function requestFor(
  target: BoardWriter,
  { main, window }: { main: SeasonPlan; window: BoardWindow },
  request: SubmitRequest,
): SubmitRequest {
  const { spec } = window
  const isGain = spec.value === 'gain'
  const { playerId, metadata, atMicros, givenMicros, nowMicros, rankMode } = request
  // A season that begins knows no names yet: a player has the one that the board shows.
  const name = request.name ?? (main.visible?.details ?? main.hidden?.entry)?.name
  // A literal: objects that are put together of others cost microseconds.
  return {
    playerId,
    name,
    metadata,
    atMicros,
    nowMicros,
    rankMode,
    score: isGain ? gainOf(target, main) : request.score,
    mode: isGain ? 'increment' : (spec.mode ?? request.mode),
    only: undefined,
    expected: undefined,
    requestId: undefined,
    won: false,
    passedMax: 0,
    passedMode: 'ordinal',
    ...(givenMicros !== undefined && { givenMicros }),
  }
}

/** What the score of a player rises by: the first one counts whole, a fall does not count. */
function gainOf(target: BoardWriter, { visible, hidden }: SeasonPlan): Score {
  const { shape } = target.board
  // A full board of the best has no place for the score, so the player gained nothing.
  if (visible !== undefined && !target.takes(visible)) return zeroOf(shape)
  const after = visible?.score ?? hidden?.entry.score ?? zeroOf(shape)
  return riseOf(shape, (visible ?? hidden)?.player?.score, after)
}

function makeAll(
  place: TurnPlace,
  { target, main, goals }: { target: BoardWriter; main: SeasonPlan; goals: readonly Goal[] },
  request: SubmitRequest,
): SubmitAnswer<Score> {
  const answers: Record<string, WindowAnswer<Score>> = {}
  const items: RunWindow[] = []
  let changed = false
  for (const goal of goals) {
    const { made, goesOn } = makeGoal(place, target, goal)
    answers[goal.window.spec.name] = answerOf(goal, made, request)
    changed ||= made?.changed === true
    if (goal.season !== undefined) items.push(itemOf(goal, { made, goesOn }))
  }
  const { board } = target
  const isTold = items.length > 0 && board.log !== 'none' && !commitOf(place.writer).isUnlogged
  const done: WindowsDone | undefined = isTold
    ? { tail: encodeRunWindows(items, board.shape.bytes), changed }
    : undefined
  // The board comes last: its run in the log tells what the seasons did.
  const answer = makeMain(target, main, done)
  if (isNewName(target, main, request)) renameInSeasons(place, target, request)
  if (goals.length > 0) answer.windows = answers
  return answer
}

// A full board of the best may not know a player whom its seasons know.
function isNewName(
  { board }: BoardWriter,
  { visible, hidden }: SeasonPlan,
  { playerId, name }: SubmitRequest,
): boolean {
  if (name === undefined) return false
  const player = (visible ?? hidden)?.player
  if (player === undefined) return board.keep !== undefined
  return (player.record.name ?? playerId) !== name
}

// Those too that the submit does not go to.
function renameInSeasons(
  place: TurnPlace,
  { board }: BoardWriter,
  { playerId, name }: SubmitRequest,
): void {
  for (const season of reachedWriters(place, board, { playerId }))
    season.rename(playerId, name ?? playerId)
}

function makeMain(
  target: BoardWriter,
  { visible, hidden }: SeasonPlan,
  done: WindowsDone | undefined,
): SubmitAnswer<Score> {
  if (visible !== undefined) {
    visible.windows = done
    return target.make(visible)
  }
  hidden.windows = done
  return target.hidden.make(hidden)
}

function makeGoal(
  place: TurnPlace,
  target: BoardWriter,
  { window, season, plan }: Goal,
): { made: SubmitAnswer<Score> | undefined; goesOn: boolean } {
  if (plan === undefined || season === undefined) return { made: undefined, goesOn: false }
  const stored = season.stored ?? awaitSeason(place.writer, window, season)
  const writer = seasonWriter(place, target.board, { window, season: stored })
  const { request, player } = plan.visible ?? plan.hidden
  const made =
    plan.visible === undefined ? writer.hidden.make(plan.hidden) : writer.make(plan.visible)
  const comes = player === undefined && made.score !== undefined
  return { made, goesOn: comes && writer.runs.forgetLeaving(request.playerId) }
}

function answerOf(
  { season, plan }: Goal,
  made: SubmitAnswer<Score> | undefined,
  { isAllOfWindows }: SubmitRequest,
): WindowAnswer<Score> {
  const id = season?.id
  if (made === undefined)
    return { season: id, rank: undefined, ...(season && !plan && { sealed: true as const }) }
  const { rank, score, previousScore, previousRank, changed, created } = made
  if (isAllOfWindows !== true)
    return score === undefined ? { season: id, rank, changed: false } : { season: id, rank }
  return { season: id, rank, score, previousScore, previousRank, changed, created }
}

function itemOf(
  { window, season, plan }: Goal,
  { made, goesOn }: { made: SubmitAnswer<Score> | undefined; goesOn: boolean },
): RunWindow {
  const visible = plan?.visible
  const places = visible?.places
  const ranks =
    places?.rank === undefined
      ? undefined
      : { rank: places.rank, previousRank: places.previousRank ?? 0 }
  return {
    window: window.spec.name,
    season: season?.id ?? '',
    before: (visible ?? plan?.hidden)?.player?.record.head,
    ranks,
    isChanged: made?.changed === true,
    isSealed: plan === undefined,
    hasNoPlace: made !== undefined && made.score === undefined,
    goesOn,
  }
}
