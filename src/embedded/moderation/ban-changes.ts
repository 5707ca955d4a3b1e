/**
 * Banning a player, lifting bans, and bans that end by themselves: each one change, on all boards at once.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { joinBytes } from '../../format/bytes.ts'
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
} from '../../format/people/ban.ts'
import type { Fields } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { encodeVarint } from '../../format/varint.ts'
import { BAN_ENDS_BOARDS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedBan, AskedUnban, BanAnswer, PushedOut } from '../../words/index.ts'
import { findBoard, listBoards, noBoard } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import type { OpenStore } from '../open-store.ts'
import { banOf, placedBans, readBan } from './bans.ts'

/** Where a change is made. */
export interface ChangePlace {
  context: OpenStore
  writer: Writer<Table>
}

/** A change to many boards, step by step: each step names the board that it has changed. */
export type BoardSteps<T> = Generator<string, T>

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

/** The same in steps: yields the name of each board that is changed. */
export function* banSteps(place: ChangePlace, asked: AskedBan): BoardSteps<BanAnswer> {
  const { context, writer } = place
  const { playerId, board, submits, nowMicros } = asked
  const boardId = idOf(writer, board)
  const previous = readBan(writer, { playerId, boardId })
  const ban: BanRecord = {
    sinceMicros: previous?.sinceMicros ?? commitOf(writer).presentMicros(nowMicros),
    untilMicros: asked.untilMicros ?? 0,
    submits,
    tail: tailOf(asked),
  }
  const answer = banOf({ playerId, boardId, ban }, board)
  if (previous !== undefined && isSame(previous, ban)) return { ...answer, boards: [] }
  commitOf(writer).willChange()
  commitOf(writer).use('bans')
  removeBan(writer, { playerId, boardId }, previous)
  putBan(writer, { playerId, boardId }, ban)
  const boards: string[] = []
  for (const found of boardsOfBan(writer, boardId)) {
    if (!hasRecord(writer, found, playerId)) continue
    if (context.writerOfName(writer, found.name)?.hidden.hide(playerId) !== true) continue
    boards.push(found.name)
    yield found.name
  }
  const seq = noteBan(place, { playerId, boardId, ban, board, boards })
  return { ...answer, seq, boards }
}

/** Notes a ban in the log; `boards` are those that the player left by it. Returns the seq. */
export function noteBan(
  { context, writer }: ChangePlace,
  noted: BanPlace & { ban: BanRecord; board: string | undefined; boards: string[] },
): number {
  const { board, boards } = noted
  const fields = { ...banOf(noted, board), boards }
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

/** The same in steps: yields the name of each board that is changed. */
export function* unbanSteps(place: ChangePlace, asked: AskedUnban): BoardSteps<boolean> {
  const { writer } = place
  const { playerId, board, reason, actor, nowMicros } = asked
  const boardId = board === undefined ? undefined : idOf(writer, board)
  const lifted = placedBans(writer, playerId).filter(
    (ban) => boardId === undefined || ban.boardId === boardId,
  )
  if (lifted.length === 0) return false
  const moved = yield* lift(place, { playerId, lifted })
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
  const target = context.writerOfName(writer, board.name)
  for (const { playerId, boardId } of placedBans(writer))
    if (boardId === ALL_BOARDS || boardId === board.id) target?.hidden.hide(playerId)
}

/** Ends a ban whose time has come. */
export function endBan(place: ChangePlace, end: BanEnd, nowMicros: number): void {
  const { writer } = place
  const { playerId, boardId, untilMicros } = end
  // It is a change of its own, whatever else is in the transaction.
  commitOf(writer).beginChange()
  commitOf(writer).willChange()
  writer.remove('people', banEndKey(end))
  const ban = readBan(writer, end)
  if (ban?.untilMicros !== untilMicros) return
  const moved = atOnce(lift(place, { playerId, lifted: [{ playerId, boardId, ban }] }))
  const board = listBoards(writer).find(({ id }) => id === boardId)?.name
  const fields = { playerId, board, until: toMs(untilMicros), ...moved }
  logNote(writer, nowMicros, { kind: 'unban', fields })
}

// Returns the boards that the player came back to, those that had no place any more, those on which another ban
// holds, and who left for it.
function* lift(
  { context, writer }: ChangePlace,
  work: { playerId: string; lifted: readonly (BanPlace & { ban: BanRecord })[] },
): BoardSteps<{
  boards: string[]
  noPlace?: string[]
  banned?: string[]
  pushedOut?: (PushedOut & { board: string })[]
}> {
  const { playerId, lifted } = work
  commitOf(writer).willChange()
  for (const place of lifted) removeBan(writer, place, place.ban)
  const isEverywhere = lifted.some(({ boardId }) => boardId === ALL_BOARDS)
  const ids = new Set(lifted.map(({ boardId }) => boardId))
  const boards: string[] = []
  const noPlace: string[] = []
  const pushedOut: (PushedOut & { board: string })[] = []
  const banned: string[] = []
  const others = new Set(placedBans(writer, playerId).map(({ boardId }) => boardId))
  for (const board of listBoards(writer)) {
    if (!isEverywhere && !ids.has(board.id)) continue
    if (others.has(ALL_BOARDS) || others.has(board.id)) {
      banned.push(board.name)
      continue
    }
    if (!hasRecord(writer, board, playerId)) continue
    const state = context.writerOfName(writer, board.name)?.hidden.show(playerId)
    if (state === undefined) continue
    const { hasPlace } = state
    ;(hasPlace ? boards : noPlace).push(board.name)
    for (const gone of state.pushedOut) pushedOut.push({ board: board.name, ...gone })
    yield board.name
  }
  return {
    boards,
    ...(noPlace.length > 0 && { noPlace }),
    ...(banned.length > 0 && { banned }),
    ...(pushedOut.length > 0 && { pushedOut }),
  }
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

// Most boards of a store know nothing of a player: they are not opened.
function hasRecord(writer: Writer<Table>, { id }: CatalogEntry, playerId: string): boolean {
  return writer.get('players', joinBytes(encodeVarint(id), Buffer.from(playerId))) !== undefined
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
