/**
 * Lifting bans, and bans that end by themselves: each one change, on all boards at once.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  ALL_BOARDS,
  BAN_ENDS_END,
  BAN_ENDS_START,
  type BanEnd,
  type BanPlace,
  type BanRecord,
  banEndKey,
  banEndOf,
  sealedByOf,
  withSealedBy,
} from '../../format/people/ban.ts'
import { toMs } from '../../format/time.ts'
import { BAN_ENDS_BOARDS } from '../../ground/limits.ts'
import type { Writer } from '../../store/store.ts'
import type { AskedUnban, NamedSeason, PushedOut } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import { nameOfSeason, noteOfSeasons, type Reach } from '../seasons/reached-seasons.ts'
import {
  atOnce,
  type BoardSteps,
  type ChangePlace,
  firstEnd,
  idOf,
  nextEndOf,
  putBan,
  removeBan,
  writersWith,
} from './ban-places.ts'
import { placedBans, readBan } from './bans.ts'

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
  const found = { boards: [], noPlace: [], banned: [], pushedOut: [], seasons: [] } as LiftedLists
  for (const board of listBoards(writer)) {
    if (!isEverywhere && !ids.has(board.id)) continue
    if (others.has(ALL_BOARDS) || others.has(board.id)) {
      found.banned.push(board.name)
      continue
    }
    // A ban of another board took nothing from the seasons of this one.
    const here = lifted.filter(({ boardId }) => boardId === ALL_BOARDS || boardId === board.id)
    const reach = { ...work, sealedByMicros: lastSealedBy(here) }
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

function dueEnds(writer: Writer<Table>, nowMicros: number, limit: number): BanEnd[] {
  const range = { start: BAN_ENDS_START, end: BAN_ENDS_END, limit }
  return [...writer.keys('people', range)]
    .flatMap((key) => banEndOf(key) ?? [])
    .filter(({ untilMicros }) => untilMicros <= nowMicros)
}
