/**
 * Banning a player: one change, on all boards at once.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  ALL_BOARDS,
  BAN_TAG,
  type BanPlace,
  type BanRecord,
  encodeBan,
  sealedByOf,
  withSealedBy,
} from '../../format/people/ban.ts'
import type { Fields } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import type { Writer } from '../../store/store.ts'
import type { AskedBan, BanAnswer, NamedSeason } from '../../words/index.ts'
import { logNote } from '../log/notes.ts'
import { nameOfSeason, type Reach, reachedWriters } from '../seasons/reached-seasons.ts'
import { presentIn } from '../seasons/turn.ts'
import {
  atOnce,
  type BoardSteps,
  boardsOfBan,
  type ChangePlace,
  idOf,
  putBan,
  removeBan,
  writersWith,
} from './ban-places.ts'
import { banOf, placedBans, readBan } from './bans.ts'

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
  const isSealedMore = isSealedToo && hasSealedSince(place, asked, { boardId, takenBefore })
  if (isAgain && !isSealedMore && boards.length + seasons.length === 0)
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

// Whether seasons with the player were sealed behind the ban that took sealed ones: the ban of now takes them too.
function hasSealedSince(
  place: ChangePlace,
  { playerId, sealedByMicros }: AskedBan,
  { boardId, takenBefore }: { boardId: number; takenBefore: number | undefined },
): boolean {
  // Made again, its record tells.
  if (sealedByMicros !== undefined) return sealedByMicros !== takenBefore
  const countOf = (board: CatalogEntry, reach: Reach): number =>
    reachedWriters(place, board, { playerId, ...reach }).length
  return boardsOfBan(place.writer, boardId).some(
    (board) =>
      countOf(board, { isSealedToo: true }) > countOf(board, { sealedByMicros: takenBefore ?? 0 }),
  )
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
