/**
 * Giving one player's entries and history to another id: one change, on all boards and in their seasons at once.
 *
 * What the two come to on each board, and in each season, is found out before anything is changed. The runs keep the id that they
 * were made with; the note of the move stands in the chain of the player who receives, and leads on to
 * both (embedded/log/runs.ts).
 *
 * @module
 */

import { atMicrosOf, readStoredPlayer, type StoredPlayer } from '../../board/board-reader.ts'
import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import type { After } from '../../board/details.ts'
import { putMoved } from '../../board/moved-player.ts'
import { lastSeqOf, readHistory } from '../../board/run-log.ts'
import { bannedMoveError } from '../../calls/bans.ts'
import { mergeHeld } from '../../domain/merge.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { encodeMovedChains } from '../../format/moved-chains.ts'
import type { RunChain } from '../../format/run-chain.ts'
import { PLAYS_MAX, RUN_TAG } from '../../format/run-record.ts'
import type { Fields } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { assert } from '../../ground/assert.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedMove, Mode, MoveAnswer, NamedSeason } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import type { OpenStore } from '../open-store.ts'
import {
  isInSeasonsOf,
  nameOfSeason,
  noteOfSeasons,
  reachedSeasons,
  reachedWriters,
} from '../seasons/reached-seasons.ts'
import { placedBans } from './bans.ts'
import { ownName } from './names.ts'
import { everyPlaceOf } from './player-changes.ts'
import { isUnique, moveProfile, readProfile } from './profiles.ts'

/** Where a change is made. */
interface Place {
  context: OpenStore
  writer: Writer<Table>
}

/** What a player has on a board. */
interface Side {
  player: StoredPlayer | undefined
  chain: RunChain | undefined
}

/** What shows the name of a receiver: a profile, or an entry; no name is that of the id. */
interface Known {
  name: string | undefined
}

/** A board, or a season of one, and what of two entries there makes one. */
interface Meeting {
  board: CatalogEntry
  mode: Mode
  from: Side
  to: Side
}

/** What a move is to make of a board or a season. */
interface Plan extends Meeting {
  /** Undefined if neither has an entry. */
  after: After | undefined
  /** Whether it is unseen: neither had an entry that was seen. */
  isHidden: boolean
}

/**
 * Moves a player.
 *
 * @throws {LadderError} `BANNED`, `INEXACT`; nothing is changed then.
 */
export function movePlayer(place: Place, asked: AskedMove): MoveAnswer {
  const { writer } = place
  const { from, to, reason, actor, nowMicros } = asked
  for (const playerId of [from, to]) refuseBanned(writer, asked, playerId)
  const { plans, known } = plansOf(place, asked)
  const hasProfile = hasProfileOf(writer, from)
  const commit = commitOf(writer)
  const seq = commit.lastSeq + 1
  for (const plan of plans) make(place, { ...asked, plan, seq })
  if (plans.length === 0 && !hasProfile) return { from, to, boards: [] }
  commit.willChange()
  if (hasProfile) giveProfile(place, asked, known)
  // Under a profile boards show its name alone, which is the receiver's by now.
  if (isUnique(writer) && !hasProfileOf(writer, to))
    for (const { after } of plans) ownName(writer, after?.details.name ?? to, to)
  const ofBoards = plans.filter(({ board }) => board.season === undefined)
  const boards = ofBoards.map(({ board }) => board.name)
  const entries = ofBoards.map((plan) => ({ board: plan.board.name, ...bothInShort(plan) }))
  const seasons = plans.filter(({ board }) => board.season !== undefined).map(seasonInShort)
  const logged = logNote(writer, nowMicros, {
    kind: 'move',
    fields: { from, to, reason, actor, boards, entries, ...noteOfSeasons(asked, seasons) },
    tail: tailOf(writer, ofBoards),
  })
  assert(logged === seq, 'the note of a move has the seq that chains lead to')
  const named = seasons.map(({ board, window, season }) => ({ board, window, season }))
  return { from, to, seq, boards, ...(named.length > 0 && { seasons: named }) }
}

function hasProfileOf(writer: Writer<Table>, playerId: string): boolean {
  return commitOf(writer).uses('profiles') && readProfile(writer, playerId) !== undefined
}

// What leads on to the runs of both.
function tailOf(writer: Writer<Table>, plans: readonly Plan[]): Fields {
  const chains = plans
    .filter(({ from: one, to: other }) => one.chain !== undefined || other.chain !== undefined)
    .map(({ board, ...sides }) => {
      const [fromLast, toLast] = [sides.from, sides.to].map((side) => lastOf(writer, board, side))
      return { boardId: board.id, fromLast: fromLast as number, toLast: toLast as number }
    })
  return new Map(chains.length === 0 ? [] : [[RUN_TAG.CHAINS, encodeMovedChains(chains)]])
}

function bothInShort({ board, from, to }: Plan): { from?: object; to?: object } {
  const [one, other] = [from, to].map(({ player }) => inShort(board, player))
  return { ...(one && { from: one }), ...(other && { to: other }) }
}

function seasonInShort(plan: Plan): NamedSeason & { from?: object; to?: object } {
  return { ...nameOfSeason(plan.board), ...bothInShort(plan) }
}

function refuseBanned(writer: Writer<Table>, { from, to }: AskedMove, playerId: string): void {
  if (!commitOf(writer).uses('bans') || placedBans(writer, playerId).length === 0) return
  throw bannedMoveError(from, to, playerId)
}

// Where there is something to move.
function plansOf(place: Place, asked: AskedMove): { plans: Plan[]; known: Known | undefined } {
  const { writer } = place
  const { from, to } = asked
  const boards = listBoards(writer)
  const both = { ...asked, playerIds: [from, to] }
  const seasons = boards
    .filter((board) => isInSeasonsOf(writer, board, both))
    .flatMap((board) => reachedSeasons(place, board, asked))
  const meetings = [
    ...boards.map((board) => meetingOf(writer, asked, { board, mode: board.mode })),
    ...seasons.map(({ entry, window }) => {
      const mode = window.spec.value === 'gain' ? 'increment' : entry.mode
      return meetingOf(writer, asked, { board: entry, mode })
    }),
  ]
  const receiver = meetings.find(
    ({ board, to: { player } }) => board.season === undefined && player !== undefined,
  )?.to.player
  const profile = commitOf(writer).uses('profiles') ? readProfile(writer, to) : undefined
  const known = profile ?? receiver?.record ?? knownInSeasons(place, boards, to)
  const plans = meetings
    .filter((side) => side.from.player !== undefined || side.from.chain !== undefined)
    .map((side) => planOf(side, known))
  return { plans, known }
}

// Whatever seasons the move reaches: made again it is told these alone, and comes to the same name.
function knownInSeasons(
  place: Place,
  boards: readonly CatalogEntry[],
  playerId: string,
): Known | undefined {
  const all = { playerId, isSealedToo: true }
  for (const board of boards)
    for (const season of reachedWriters(place, board, all)) {
      const player = season.hidden.stored(playerId)
      if (player !== undefined) return player.record
    }
  return undefined
}

function meetingOf(
  reader: Reader<Table>,
  { from, to }: AskedMove,
  { board, mode }: Pick<Meeting, 'board' | 'mode'>,
): Meeting {
  return { board, mode, from: sideOf(reader, board, from), to: sideOf(reader, board, to) }
}

// In a season that was sealed during a ban one may be unseen: what is seen stands.
function planOf(meeting: Meeting, known: Known | undefined): Plan {
  const { from, to } = meeting
  const players = [from.player, to.player].flatMap((player) => player ?? [])
  const isHidden = players.length > 0 && players.every(({ record }) => record.isHidden === true)
  const counted = ({ player, chain }: Side): Side => {
    return { player: player?.record.isHidden === true ? undefined : player, chain }
  }
  const seen = isHidden ? meeting : { ...meeting, from: counted(from), to: counted(to) }
  return { ...meeting, after: afterOf(seen, known), isHidden }
}

function sideOf(reader: Reader<Table>, board: CatalogEntry, playerId: string): Side {
  const keys = new BoardKeys(board.id)
  const player = readStoredPlayer(reader, { keys, playerId, shape: board.shape })
  const chain = player ? player.record.chain : readHistory(reader, keys.player(playerId))?.chain
  return { player, chain }
}

// The receiver keeps the name, where there is one; a receiver whom no board knows takes that of the other.
function afterOf({ board, mode, from, to }: Meeting, known: Known | undefined): After | undefined {
  const { shape } = board
  const [one, other] = [from.player, to.player]
  if (one === undefined || other === undefined) {
    const only = one ?? other
    if (only === undefined) return undefined
    const { name, metadata } = only.record
    const details = {
      name: known === undefined ? name : (other ?? { record: known }).record.name,
      metadata,
    }
    return { score: only.score, atMicros: atMicrosOf(only, shape), details }
  }
  const held = (player: StoredPlayer): { score: After['score']; atMicros: number } => {
    return { score: player.score, atMicros: atMicrosOf(player, shape) }
  }
  const { score, atMicros, source } = mergeHeld({ shape, mode }, held(one), held(other))
  const [first, second] = source === 'from' ? [one, other] : [other, one]
  // A sum has the metadata of the later part, or of the other one if that has none.
  const spare = mode === 'increment' ? second.record.metadata : undefined
  const metadata = first.record.metadata ?? spare
  return { score, atMicros, details: { name: other.record.name, metadata } }
}

function make(place: Place, work: AskedMove & { plan: Plan; seq: number }): void {
  const { from, to, plan, seq } = work
  const target = targetOf(place, plan.board)
  commitOf(place.writer).willChange()
  if (plan.from.player !== undefined) target.remove(from)
  target.runs.forget(from)
  if (plan.from.chain !== undefined) target.runs.noteMove(from, seq)
  const chain = chainOf(plan, seq)
  if (plan.to.player === undefined && plan.after !== undefined) target.runs.takeChain(to)
  if (plan.after !== undefined) give(place, target, { ...work, after: plan.after, chain })
  else if (chain !== undefined) target.runs.leaveChain(to, chain)
  if (chain !== undefined) target.runs.noteMove(to, seq)
}

function targetOf({ context, writer }: Place, board: CatalogEntry): BoardWriter {
  if (board.season !== undefined) return context.writerOfSeason(writer, board)
  return context.writerOfName(writer, board.name) as BoardWriter
}

function give(
  { writer }: Place,
  target: BoardWriter,
  given: { to: string; plan: Plan; after: After; chain: RunChain | undefined },
): void {
  const { to: playerId, plan, after, chain } = given
  const { player } = plan.to
  if (plan.isHidden) {
    const { score, atMicros, details } = after
    target.hidden.put(playerId, { score, atMicros, ...details, moves: true }, chain)
    return
  }
  const isUnseen = player?.record.isHidden === true
  if (isUnseen) target.hidden.remove(playerId)
  putMoved(writer, target, { playerId, before: isUnseen ? undefined : player, after, chain })
}

function chainOf({ from, to }: Plan, seq: number): RunChain | undefined {
  if (from.chain === undefined) return to.chain
  const { plays = 0, wins = 0 } = to.chain ?? {}
  return {
    last: seq,
    isRelative: false,
    plays: Math.min(from.chain.plays + plays, PLAYS_MAX),
    wins: Math.min(from.chain.wins + wins, PLAYS_MAX),
  }
}

// The receiver keeps the name under the new profile too, and shows it on every board from now on.
function giveProfile(place: Place, asked: AskedMove, known: Known | undefined): void {
  const { from, to } = asked
  const given = moveProfile(place.writer, { from, to }, known)
  if (given === undefined) return
  for (const target of everyPlaceOf(place, { ...asked, playerId: to }))
    target.rename(to, given.name ?? to)
}

// What an undo has to know of what the two had.
function inShort({ shape }: CatalogEntry, player: StoredPlayer | undefined): object | undefined {
  return player && { score: player.score, at: toMs(atMicrosOf(player, shape)) }
}

function lastOf(reader: Reader<Table>, board: CatalogEntry, { chain }: Side): number {
  return chain === undefined ? 0 : lastSeqOf(reader, new BoardKeys(board.id), chain)
}
