/**
 * Giving one player's entries and history to another id: one change, on all boards at once.
 *
 * What the two come to on each board is found out before anything is changed. The runs keep the id that they
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
import { mergeHeld } from '../../domain/merge.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { encodeMovedChains } from '../../format/moved-chains.ts'
import type { RunChain } from '../../format/run-chain.ts'
import { PLAYS_MAX, RUN_TAG } from '../../format/run-record.ts'
import { toMs } from '../../format/time.ts'
import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedMove, MoveAnswer } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import type { OpenStore } from '../open-store.ts'
import { placedBans } from './bans.ts'
import { ownName } from './names.ts'
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

/** What a move is to make of a board. */
interface Plan {
  board: CatalogEntry
  from: Side
  to: Side
  /** Undefined if neither has an entry. */
  after: After | undefined
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
  const { plans, known } = plansOf(writer, asked)
  const hasProfile = commitOf(writer).uses('profiles') && readProfile(writer, from) !== undefined
  if (plans.length === 0 && !hasProfile) return { from, to, boards: [] }
  const commit = commitOf(writer)
  commit.willChange()
  const seq = commit.lastSeq + 1
  for (const plan of plans) make(place, { ...asked, plan, seq })
  if (hasProfile) giveProfile(place, asked, known)
  if (isUnique(writer))
    for (const { after } of plans) ownName(writer, after?.details.name ?? to, to)
  const boards = plans.map(({ board }) => board.name)
  const chains = plans
    .filter(({ from: one, to: other }) => one.chain !== undefined || other.chain !== undefined)
    .map(({ board, ...sides }) => {
      const [fromLast, toLast] = [sides.from, sides.to].map((side) => lastOf(writer, board, side))
      return { boardId: board.id, fromLast: fromLast as number, toLast: toLast as number }
    })
  const entries = plans.map(({ board, ...sides }) => {
    const [one, other] = [sides.from, sides.to].map(({ player }) => inShort(board, player))
    return { board: board.name, from: one, to: other }
  })
  const logged = logNote(writer, nowMicros, {
    kind: 'move',
    fields: { from, to, reason, actor, boards, entries },
    tail: new Map(chains.length === 0 ? [] : [[RUN_TAG.CHAINS, encodeMovedChains(chains)]]),
  })
  assert(logged === seq, 'the note of a move has the seq that chains lead to')
  return { from, to, seq, boards }
}

function refuseBanned(writer: Writer<Table>, { from, to }: AskedMove, playerId: string): void {
  if (!commitOf(writer).uses('bans') || placedBans(writer, playerId).length === 0) return
  throw new LadderError(
    'BANNED',
    `Cannot move player "${from}" to "${to}": player "${playerId}" is banned; unban first`,
  )
}

// Boards on which there is something to move.
function plansOf(
  writer: Writer<Table>,
  { from, to }: AskedMove,
): { plans: Plan[]; known: Known | undefined } {
  const boards = listBoards(writer)
  const sides = boards.map((board) => {
    return { board, from: sideOf(writer, board, from), to: sideOf(writer, board, to) }
  })
  const profile = commitOf(writer).uses('profiles') ? readProfile(writer, to) : undefined
  const known = profile ?? sides.find((side) => side.to.player !== undefined)?.to.player?.record
  const plans = sides
    .filter((side) => side.from.player !== undefined || side.from.chain !== undefined)
    .map((side) => ({ ...side, after: afterOf(side, known) }))
  return { plans, known }
}

function sideOf(reader: Reader<Table>, board: CatalogEntry, playerId: string): Side {
  const keys = new BoardKeys(board.id)
  const player = readStoredPlayer(reader, { keys, playerId, shape: board.shape })
  const chain = player ? player.record.chain : readHistory(reader, keys.player(playerId))?.chain
  return { player, chain }
}

// The receiver keeps the name, where there is one; a receiver whom no board knows takes that of the other.
function afterOf(
  { board, from, to }: Omit<Plan, 'after'>,
  known: Known | undefined,
): After | undefined {
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
  const { score, atMicros, source } = mergeHeld(board, held(one), held(other))
  const [first, second] = source === 'from' ? [one, other] : [other, one]
  // A sum has the metadata of the later part, or of the other one if that has none.
  const spare = board.mode === 'increment' ? second.record.metadata : undefined
  const metadata = first.record.metadata ?? spare
  return { score, atMicros, details: { name: other.record.name, metadata } }
}

function make({ context, writer }: Place, work: AskedMove & { plan: Plan; seq: number }): void {
  const { from, to, plan, seq } = work
  const target = context.writerOfName(writer, plan.board.name) as BoardWriter
  if (plan.from.player !== undefined) target.remove(from)
  target.runs.forget(from)
  if (plan.from.chain !== undefined) target.runs.noteMove(from, seq)
  const chain = chainOf(plan, seq)
  const { player } = plan.to
  if (player === undefined && plan.after !== undefined) target.runs.takeChain(to)
  if (plan.after !== undefined)
    putMoved(writer, target, { playerId: to, before: player, after: plan.after, chain })
  else if (chain !== undefined) target.runs.leaveChain(to, chain)
  if (chain !== undefined) target.runs.noteMove(to, seq)
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
function giveProfile(
  { context, writer }: Place,
  { from, to }: AskedMove,
  known: Known | undefined,
): void {
  const given = moveProfile(writer, { from, to }, known)
  if (given === undefined) return
  for (const { name } of listBoards(writer))
    context.writerOfName(writer, name)?.rename(to, given.name ?? to)
}

// What an undo has to know of what the two had.
function inShort({ shape }: CatalogEntry, player: StoredPlayer | undefined): object | undefined {
  return player && { score: player.score, at: toMs(atMicrosOf(player, shape)) }
}

function lastOf(reader: Reader<Table>, board: CatalogEntry, { chain }: Side): number {
  return chain === undefined ? 0 : lastSeqOf(reader, new BoardKeys(board.id), chain)
}
