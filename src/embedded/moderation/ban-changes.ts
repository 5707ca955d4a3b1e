/**
 * Banning a player, lifting bans, and bans that end by themselves: each one change, on all boards at once.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  ALL_BOARDS,
  BAN_ENDS_END,
  BAN_ENDS_START,
  BAN_TAG,
  type BanEnd,
  type BanPlace,
  type BanRecord,
  banEndKey,
  banEndOf,
  banKey,
  encodeBan,
  encodeBanEnd,
  sealedByOf,
  withSealedBy,
} from '../../format/people/ban.ts'
import type { Fields } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { BAN_ENDS_BOARDS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedBan, AskedUnban, BanAnswer, NamedSeason, PushedOut } from '../../words/index.ts'
import { findBoard, listBoards, noBoard } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import type { OpenStore } from '../open-store.ts'
import {
  isOnBoard,
  nameOfSeason,
  noteOfSeasons,
  type Reach,
  reachedWriters,
} from '../seasons/reached-seasons.ts'
import { presentIn } from '../seasons/turn.ts'
import { banOf, placedBans, readBan } from './bans.ts'

/** Where a change is made. */
export interface ChangePlace {
  context: OpenStore
  writer: Writer<Table>
}

/** A change to many boards and seasons, step by step: each step is one that was changed. */
export type BoardSteps<T> = Generator<BoardWriter, T>

function atOnce<T>(steps: BoardSteps<T>): T {
  for (;;) {
    const next = steps.next()
    if (next.done === true) return next.value
  }
}

/**
 * Bans a player.
 *
 * @throws {LadderError} `NO_BOARD`; nothing is changed then.
 */
export function banPlayer(place: ChangePlace, asked: AskedBan): BanAnswer {
  return atOnce(banSteps(place, asked))
}

/** The same in steps. */
export function* banSteps(place: ChangePlace, asked: AskedBan): BoardSteps<BanAnswer> {
  const { writer } = place
  const { playerId, board, submits, nowMicros, isSealedToo = false } = asked
  const boardId = idOf(writer, board)
  const previous = readBan(writer, { playerId, boardId })
  const ban: BanRecord = {
    sinceMicros: previous?.sinceMicros ?? commitOf(writer).presentMicros(nowMicros),
    untilMicros: asked.untilMicros ?? 0,
    submits,
    tail: tailOf(asked),
  }
  const takenBefore = previous && sealedByOf(previous)
  const isFirst = isSealedToo && takenBefore === undefined
  const kept = withSealedBy(ban, takenBefore)
  const isAgain = previous !== undefined && !isFirst && isSame(previous, kept)
  if (isAgain && !isSealedToo)
    return { ...banOf({ playerId, boardId, ban: kept }, board), boards: [] }
  commitOf(writer).willChange()
  commitOf(writer).use('bans')
  removeBan(writer, { playerId, boardId }, previous)
  putBan(writer, { playerId, boardId }, kept)
  const boards: string[] = []
  const seasons: NamedSeason[] = []
  for (const found of boardsOfBan(writer, boardId))
    for (const target of writersWith(place, found, asked)) {
      if (!target.hidden.hide(playerId)) continue
      if (target.board.season === undefined) boards.push(found.name)
      else seasons.push(nameOfSeason(target.board))
      yield target
    }
  if (isAgain && boards.length + seasons.length === 0)
    return { ...banOf({ playerId, boardId, ban: kept }, board), boards }
  const { sealedByMicros = presentIn(place) } = asked
  const made = isSealedToo ? withSealedBy(ban, sealedByMicros) : kept
  putBan(writer, { playerId, boardId }, made)
  const left = { boards, ...(seasons.length > 0 && { seasons }) }
  const seq = noteBan(place, { playerId, boardId, ban: made, board, left })
  return {
    ...banOf({ playerId, boardId, ban: made }, board),
    seq,
    boards,
    ...(seasons.length > 0 && { seasons }),
  }
}

// A board and its seasons in reach, as far as they know the player.
function* writersWith(
  place: ChangePlace,
  board: CatalogEntry,
  reach: Reach & { playerId: string },
): Generator<BoardWriter> {
  const { context, writer } = place
  const target = isOnBoard(writer, board, reach.playerId)
    ? context.writerOfName(writer, board.name)
    : undefined
  if (target !== undefined) yield target
  yield* reachedWriters(place, board, reach)
}

/** Notes a ban in the log; `left` is what the player left by it. Returns the seq. */
export function noteBan(
  { context, writer }: ChangePlace,
  noted: BanPlace & {
    ban: BanRecord
    board: string | undefined
    left: { boards: string[]; seasons?: readonly NamedSeason[] }
  },
): number {
  const { board, left } = noted
  const sealedBy = sealedByOf(noted.ban)
  const told = sealedBy === undefined ? {} : { sealedBy: toMs(sealedBy) }
  const fields = { ...banOf(noted, board), ...told, ...left }
  return logNote(writer, context.nowMicros(), { kind: 'ban', fields })
}

/**
 * Lifts the ban of a player on a board, or every ban; returns whether there was one.
 *
 * @throws {LadderError} `NO_BOARD`; nothing is changed then.
 */
export function unbanPlayer(place: ChangePlace, asked: AskedUnban): boolean {
  return atOnce(unbanSteps(place, asked))
}

/** The same in steps. */
export function* unbanSteps(place: ChangePlace, asked: AskedUnban): BoardSteps<boolean> {
  const { writer } = place
  const { playerId, board, reason, actor, nowMicros } = asked
  const boardId = board === undefined ? undefined : idOf(writer, board)
  const lifted = placedBans(writer, playerId).filter(
    (ban) => boardId === undefined || ban.boardId === boardId,
  )
  if (lifted.length === 0) return false
  const moved = yield* lift(place, { ...asked, lifted })
  const fields = { playerId, board, reason, actor, ...moved }
  logNote(writer, nowMicros, { kind: 'unban', fields })
  return true
}

/**
 * Ends the bans whose time has come, as many as one commit should; returns how many. They are looked for once
 * in a transaction. Cost: nothing in a store without bans.
 */
export function endDueBans(place: ChangePlace): number {
  const { context, writer } = place
  if (!commitOf(writer).uses('bans')) return 0
  const ends = nextEndOf(writer)
  if (ends.nextMicros === Number.POSITIVE_INFINITY) return 0
  const nowMicros = context.nowMicros()
  if (nowMicros < ends.nextMicros) return 0
  // Each may move entries of every board: what does not fit into this commit is ended by the next one.
  const limit = Math.ceil(BAN_ENDS_BOARDS / (1 + listBoards(writer).length))
  const due = dueEnds(writer, nowMicros, limit)
  for (const end of due) endBan(place, end, nowMicros)
  ends.nextMicros = firstEnd(writer)
  return due.length
}

/** Says when the next ban ends; infinite if none does. Cost: a look at one key. */
export function firstEnd(reader: Reader<Table>): number {
  const range = { start: BAN_ENDS_START, end: BAN_ENDS_END, limit: 1 }
  for (const key of reader.keys('people', range))
    return banEndOf(key)?.untilMicros ?? Number.POSITIVE_INFINITY
  return Number.POSITIVE_INFINITY
}

/** Takes the bans of a board away, which is dropped; `toId` is the number of the board in its place. */
export function releaseBoard(writer: Writer<Table>, boardId: number, toId?: number): void {
  if (!commitOf(writer).uses('bans')) return
  for (const { playerId, boardId: id, ban } of placedBans(writer)) {
    if (id !== boardId) continue
    removeBan(writer, { playerId, boardId }, ban)
    if (toId !== undefined) putBan(writer, { playerId, boardId: toId }, ban)
  }
}

/** Hides those players of a board, which was filled out of sight, whom a ban is about. Cost: O(bans). */
export function hideBanned({ context, writer }: ChangePlace, board: CatalogEntry): void {
  if (!commitOf(writer).uses('bans')) return
  const place = { context, writer }
  for (const { playerId, boardId } of placedBans(writer))
    if (boardId === ALL_BOARDS || boardId === board.id)
      for (const target of writersWith(place, board, { playerId })) target.hidden.hide(playerId)
}

/**
 * Ends a ban whose time has come. The player comes back to seasons that were not sealed then, whenever that is
 * seen.
 */
export function endBan(
  place: ChangePlace,
  end: BanEnd & { seasons?: readonly NamedSeason[] },
  nowMicros: number,
): void {
  const { writer } = place
  const { playerId, boardId, untilMicros, seasons } = end
  // It is a change of its own, whatever else is in the transaction.
  commitOf(writer).beginChange()
  commitOf(writer).willChange()
  writer.remove('people', banEndKey(end))
  const ban = readBan(writer, end)
  if (ban?.untilMicros !== untilMicros) return
  const lifted = [{ playerId, boardId, ban }]
  const moved = atOnce(lift(place, { playerId, lifted, seasons, asOfMicros: untilMicros }))
  const board = listBoards(writer).find(({ id }) => id === boardId)?.name
  const fields = { playerId, board, until: toMs(untilMicros), ...moved }
  logNote(writer, nowMicros, { kind: 'unban', fields })
}

/** What the end of a ban did, as its record tells it. */
interface Lifted {
  /** The boards that the player came back to. */
  boards: string[]
  /** Those that had no place any more. */
  noPlace?: string[]
  /** Those on which another ban holds. */
  banned?: string[]
  /** Who left for the player. */
  pushedOut?: (PushedOut & { board: string })[]
  sealed?: true
  seasons?: readonly LiftedSeason[]
}

/** What it did in one season. */
type LiftedSeason = NamedSeason & { noPlace?: true; pushedOut?: readonly PushedOut[] }

function* lift(
  place: ChangePlace,
  work: Reach & { playerId: string; lifted: readonly (BanPlace & { ban: BanRecord })[] },
): BoardSteps<Lifted> {
  const { writer } = place
  const { playerId, lifted } = work
  commitOf(writer).willChange()
  for (const placed of lifted) removeBan(writer, placed, placed.ban)
  const isEverywhere = lifted.some(({ boardId }) => boardId === ALL_BOARDS)
  const ids = new Set(lifted.map(({ boardId }) => boardId))
  const stay = placedBans(writer, playerId)
  const others = new Set(stay.map(({ boardId }) => boardId))
  const sealedByMicros = lastSealedBy(lifted)
  for (const placed of stay)
    if (isEverywhere || ids.has(placed.boardId) || placed.boardId === ALL_BOARDS)
      handOn(writer, placed, sealedByMicros)
  const reach = { ...work, sealedByMicros }
  const found = { boards: [], noPlace: [], banned: [], pushedOut: [], seasons: [] } as LiftedLists
  for (const board of listBoards(writer)) {
    if (!isEverywhere && !ids.has(board.id)) continue
    if (others.has(ALL_BOARDS) || others.has(board.id)) {
      found.banned.push(board.name)
      continue
    }
    for (const target of writersWith(place, board, reach)) {
      const state = target.hidden.show(playerId)
      if (state === undefined) continue
      tell(found, target.board, state)
      yield target
    }
  }
  const { boards, noPlace, banned, pushedOut, seasons } = found
  return {
    boards,
    ...(noPlace.length > 0 && { noPlace }),
    ...(banned.length > 0 && { banned }),
    ...(pushedOut.length > 0 && { pushedOut }),
    ...noteOfSeasons(work, seasons),
  }
}

function lastSealedBy(bans: readonly { ban: BanRecord }[]): number | undefined {
  const instants = bans.flatMap(({ ban }) => sealedByOf(ban) ?? [])
  return instants.length === 0 ? undefined : Math.max(...instants)
}

// What one ban took, the end of the last one that holds puts back.
function handOn(
  writer: Writer<Table>,
  { ban, ...place }: BanPlace & { ban: BanRecord },
  sealedByMicros: number | undefined,
): void {
  if (sealedByMicros === undefined) return
  putBan(writer, place, withSealedBy(ban, Math.max(sealedByMicros, sealedByOf(ban) ?? 0)))
}

interface LiftedLists {
  boards: string[]
  noPlace: string[]
  banned: string[]
  pushedOut: (PushedOut & { board: string })[]
  seasons: LiftedSeason[]
}

function tell(
  found: LiftedLists,
  board: CatalogEntry,
  { hasPlace, pushedOut }: { hasPlace: boolean; pushedOut: readonly PushedOut[] },
): void {
  if (board.season !== undefined) {
    found.seasons.push({
      ...nameOfSeason(board),
      ...(!hasPlace && { noPlace: true as const }),
      ...(pushedOut.length > 0 && { pushedOut }),
    })
    return
  }
  ;(hasPlace ? found.boards : found.noPlace).push(board.name)
  for (const gone of pushedOut) found.pushedOut.push({ board: board.name, ...gone })
}

/** Stores a ban. */
export function putBan(writer: Writer<Table>, place: BanPlace, ban: BanRecord): void {
  const key = banKey(place)
  writer.put('people', key, encodeBan(key, ban))
  const { untilMicros } = ban
  if (untilMicros === 0) return
  const endKey = banEndKey({ ...place, untilMicros })
  writer.put('people', endKey, encodeBanEnd(endKey))
  const ends = nextEndOf(writer)
  ends.nextMicros = Math.min(ends.nextMicros, untilMicros)
}

/** Takes a ban away, with its end. */
export function removeBan(
  writer: Writer<Table>,
  place: BanPlace,
  ban: BanRecord | undefined,
): void {
  if (ban === undefined) return
  writer.remove('people', banKey(place))
  const { untilMicros } = ban
  if (untilMicros > 0) writer.remove('people', banEndKey({ ...place, untilMicros }))
}

function boardsOfBan(writer: Writer<Table>, boardId: number): CatalogEntry[] {
  return listBoards(writer).filter(({ id }) => boardId === ALL_BOARDS || id === boardId)
}

function idOf(writer: Writer<Table>, board: string | undefined): number {
  if (board === undefined) return ALL_BOARDS
  const found = findBoard(writer, board)
  if (found === undefined) throw noBoard(board)
  return found.id
}

function tailOf({ reason, actor }: AskedBan): Fields {
  const fields = new Map<number, Buffer>()
  if (reason !== undefined) fields.set(BAN_TAG.REASON, Buffer.from(reason))
  if (actor !== undefined) fields.set(BAN_TAG.ACTOR, Buffer.from(actor))
  return fields
}

function isSame(a: BanRecord, b: BanRecord): boolean {
  return encodeBan(NO_KEY, a).equals(encodeBan(NO_KEY, b))
}

const NO_KEY = Buffer.alloc(0)

function dueEnds(writer: Writer<Table>, nowMicros: number, limit: number): BanEnd[] {
  const range = { start: BAN_ENDS_START, end: BAN_ENDS_END, limit }
  return [...writer.keys('people', range)]
    .flatMap((key) => banEndOf(key) ?? [])
    .filter(({ untilMicros }) => untilMicros <= nowMicros)
}

const OWNER = {}

function nextEndOf(writer: Writer<Table>): { nextMicros: number } {
  return writer.local(OWNER, () => ({ nextMicros: firstEnd(writer) }))
}
