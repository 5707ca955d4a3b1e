/**
 * Giving one player's entries to another id, board by board: see move.lua.
 *
 * All boards are asked first, so that a ban or a sum that is not exact refuses the whole. Then the move is noted beside the
 * list of names, made on each board at one instant, and struck out. Who finds the note of a caller that was stopped makes
 * the rest.
 *
 * @module
 */

import { bannedMoveError } from '../../calls/bans.ts'
import { noBoard } from '../../calls/no-board.ts'
import { mergeHeld } from '../../domain/merge.ts'
import type { MoveAnswer, NamedSeason } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { headOf } from '../client/replies.ts'
import { boardOnServer } from '../partitions/found-boards.ts'
import { keysOfBoard } from '../slot/board-keys.ts'
import { changeSlot, type SlotOfBoard, tellSlots } from '../slot/change-slot.ts'
import { ownMovedNames } from '../slot/name-contests.ts'
import { keysOfPartitions, partitionOf } from '../slot/partitions.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { textOfName } from '../slot/told-names.ts'
import { type MadeReply, moveAcross, type WhyNot } from './move-across.ts'
import { finishErasure, type NotedErasure } from './remote-erase.ts'
import { moveProfileOnServer } from './remote-profiles.ts'

/** Who becomes whom. */
export interface MoveOfPlayers {
  from: string
  to: string
  /** Whether sealed seasons are reached too. */
  sealed: boolean
}

/** A move that is under way, as it is noted. */
interface NotedMove extends MoveOfPlayers {
  /** The name of the receiver, see move.lua. */
  known: string
  boards: readonly string[]
}

type PlanReply = [
  ...[count: number, partitions: number, WhyNot, known?: Buffer, knownInSeasons?: Buffer],
  ...[mode?: Buffer, head?: Buffer, otherHead?: Buffer],
]

/** What a board says before anything is changed. */
interface Survey {
  board: string
  count: number
  known: string
  knownInSeasons: string
  why: WhyNot
}

const UNKNOWN = 'u'

/** Moves a player on all boards; see `RemoteModeration.movePlayer`. */
export async function moveOnServer(
  context: RemoteContext,
  move: MoveOfPlayers,
): Promise<MoveAnswer> {
  const { from, to } = move
  const args = [context.givenMicros() ?? '', from, to]
  const reply = await context.ofAll('movable', args, { isRead: true })
  const [banned, names, hasProfile, name, areOwned] = reply as MovableReply
  refuseBanned(move, banned.length > 0 ? [banned.toString()] : [])
  const surveys = await Promise.all(
    names
      .toSorted(Buffer.compare)
      .map((name): Promise<Survey> => surveyOf(context, String(name), move)),
  )
  const isBanned = ({ why: [code] }: Survey): boolean => String(code) === 'BANNED'
  refuseBanned(
    move,
    surveys.filter(isBanned).map(({ why: [, id] }) => String(id)),
  )
  for (const { board, why } of surveys) await refuseInexact(context, board, why)
  const boards = surveys.filter(({ count }) => count > 0).map(({ board }) => board)
  if (boards.length === 0 && hasProfile === 0) return { from, to, boards: [] }
  const known = name.toString() === UNKNOWN ? nameOf(surveys) : name.toString()
  const ended =
    areOwned === 1 ? await ownMovedNames(context, { ...move, known: textOfName(known) }) : undefined
  const answer = await makeNoted(context, { ...move, known, boards }, args)
  await ended?.()
  return answer
}

type MovableReply = [
  ...[banned: Buffer, names: Buffer[], hasProfile: number, name: Buffer],
  areOwned: number,
]

/** Makes what is left of a move, or of an erasure, whose caller was stopped. Where it is refused by now, it is left. */
export async function finishMove(context: RemoteContext, id: string, asked: string): Promise<void> {
  const noted = JSON.parse(asked) as NotedMove | NotedErasure
  if ('erased' in noted) await finishErasure(context, noted)
  else {
    await Promise.all(noted.boards.map((board) => makeOn(context, board, { ...noted, id })))
    await moveProfileOnServer(context, noted)
  }
  await context.ofAll('end_move', [id])
}

async function makeNoted(
  context: RemoteContext,
  move: NotedMove,
  args: readonly ServerArgument[],
): Promise<MoveAnswer> {
  const { from, to, boards } = move
  const id = context.newId()
  const banned = await context.ofAll('begin_move', [...args, id, JSON.stringify(move)])
  refuseBanned(move, [String(banned)].filter(Boolean))
  const made = await Promise.all(
    boards.map(async (board) => ({ board, made: await makeOn(context, board, { ...move, id }) })),
  )
  await moveProfileOnServer(context, move)
  await context.ofAll('end_move', [id])
  for (const { board, made: one } of made) {
    const [, , why] = one
    refuseBanned(move, String(why[0]) === 'BANNED' ? [String(why[1])] : [])
    await refuseInexact(context, board, why)
  }
  const seasons = made.flatMap(({ board, made: [, , , told] }) => seasonsIn(board, told))
  return {
    ...{ from, to },
    boards: made.filter(({ made: [isOnBoard] }) => isOnBoard === 1).map(({ board }) => board),
    ...(seasons.length > 0 && { seasons }),
  }
}

async function surveyOf(
  context: RemoteContext,
  board: string,
  { from, to, sealed }: MoveOfPlayers,
): Promise<Survey> {
  const replies = (await tellSlots(context, board, {
    change: (id) => ['plan_move', id, from, to, sealed ? 1 : 0],
    among: (i, partitions) => [from, to].some((one) => partitionOf(one, partitions) === i),
  })) as [Buffer, Buffer, PlanReply][]
  const plans = replies.map(([, , plan]) => plan)
  const count = plans.reduce((sum, [one]) => sum + one, 0)
  const knownBy = (i: 3 | 4): string => {
    return plans.map((plan) => String(plan[i] ?? UNKNOWN)).find((one) => one !== UNKNOWN) ?? UNKNOWN
  }
  const why = plans.map((plan) => plan[2]).find(({ length }) => length > 0) ?? sumOf(plans)
  return { board, count, known: knownBy(3), knownInSeasons: knownBy(4), why }
}

// Neither of two partitions has both parts of a sum.
function sumOf(plans: readonly PlanReply[]): WhyNot {
  if (plans.length < 2 || String(plans[0]?.[5]) !== 'increment') return []
  const headIn = (i: 6 | 7): Buffer | undefined =>
    plans.map((plan) => plan[i]).find((head) => head !== undefined && head.length > 0)
  const [one, other] = [headIn(6), headIn(7)]
  return one === undefined || other === undefined ? [] : [Buffer.from('INEXACT'), one, other]
}

// That of the first board that knows the receiver, or else of the first season.
function nameOf(surveys: readonly Survey[]): string {
  const names = [
    ...surveys.map(({ known }) => known),
    ...surveys.map(({ knownInSeasons }) => knownInSeasons),
  ]
  return names.find((name) => name !== UNKNOWN) ?? UNKNOWN
}

async function makeOn(
  context: RemoteContext,
  board: string,
  { id: moveId, ...move }: NotedMove & { id: string },
): Promise<MadeReply> {
  const { from, to, sealed, known } = move
  const slotOf = (keys: readonly string[]): SlotOfBoard => ({ board, keys })
  const make = async (slot: SlotOfBoard, id: string): Promise<[Buffer, Buffer, MadeReply]> => {
    const args = ['move', id, from, to, sealed ? 1 : 0, known]
    return (await changeSlot(context, slot, args)) as [Buffer, Buffer, MadeReply]
  }
  const { prefix } = context
  const [boardIdBytes, , made] = await make(slotOf(keysOfBoard(prefix, board)), '')
  const [, partitions] = made
  if (partitions === 1) return made
  const boardId = boardIdBytes.toString()
  const keys = keysOfPartitions(prefix, board, partitions)
  const [source, target] = [from, to].map((one) => partitionOf(one, partitions)) as [number, number]
  const slots = {
    source: slotOf(keys[source] as string[]),
    target: slotOf(keys[target] as string[]),
  }
  if (source === target) return (await make(slots.source, boardId))[2]
  return moveAcross(context, { ...move, ...slots, boardId, moveId })
}

function refuseBanned({ from, to }: MoveOfPlayers, banned: readonly string[]): void {
  const [id = from] = banned.includes(from) ? [from] : banned
  if (banned.length > 0) throw bannedMoveError(from, to, id)
}

/** @throws {LadderError} `INEXACT`, as the embedded engine says it. */
async function refuseInexact(context: RemoteContext, board: string, why: WhyNot): Promise<void> {
  const [code, one, other] = why
  if (String(code) !== 'INEXACT') return
  const found = await boardOnServer(context, board)
  if (found === undefined) throw noBoard(board)
  const { shape } = found.spec
  const held = (head: Buffer | undefined) => headOf(head as Buffer, shape)
  mergeHeld({ shape, mode: 'increment' }, held(one), held(other))
}

function seasonsIn(board: string, told: readonly Buffer[]): NamedSeason[] {
  return Array.from({ length: told.length / 2 }, (_, i) => ({
    board,
    window: String(told[2 * i]),
    season: String(told[2 * i + 1]),
  }))
}
