/**
 * Giving one player's entries to another id, board by board: see move.lua.
 *
 * All boards are asked first, so that a ban or a sum that is not exact refuses the whole. Then the move is noted beside the
 * list of names, made on each board at one instant, and struck out. Who finds the note of a caller that was stopped makes
 * the rest.
 *
 * @module
 */

import { setTimeout as later } from 'node:timers/promises'
import { bannedMoveError } from '../../calls/bans.ts'
import { noBoard } from '../../calls/no-board.ts'
import { mergeHeld } from '../../domain/merge.ts'
import { LadderError } from '../../ground/errors.ts'
import type { MoveAnswer, NamedSeason } from '../../words/index.ts'
import { headOf } from '../client/replies.ts'
import { boardOnServer } from '../partitions/found-boards.ts'
import { keysOfBoard } from '../slot/board-keys.ts'
import { changeSlot, type SlotOfBoard, tellSlots } from '../slot/change-slot.ts'
import { finishIfStopped, type MoveUnderWay } from '../slot/name-contests.ts'
import { keysOfPartitions, partitionOf } from '../slot/partitions.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { boardsNow, namedAgain, TELLINGS_MAX } from '../slot/told-names.ts'
import { type MadeReply, moveAcross, type WhyNot } from './move-across.ts'
import { ANY_NAMES, endMove, holdNames, madeByOthers } from './moved-names.ts'
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
  /** That of its beginning if names are owned, or 0: who took a name later keeps it. */
  version?: number
  /** Whether it is noted before boards are asked: none is moved. */
  isPlanned?: boolean
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
  const id = context.newId()
  const found = await movable(context, { ...move, id }, { isNoted: false })
  const made = await planAndMake(context, { ...move, id }, found)
  return answerOf(context, move, made)
}

/** Makes what is left of a move, or of an erasure, whose caller was stopped. Where it is refused by now, it is left. */
export async function finishMove(context: RemoteContext, id: string, asked: string): Promise<void> {
  const noted = JSON.parse(asked) as NotedMove | NotedErasure
  if ('erased' in noted) {
    await finishErasure(context, noted)
    await context.ofAll('end_move', [id, ''])
  } else if (noted.isPlanned === true) await finishPlanned(context, { ...noted, id })
  else await makeAll(context, { ...noted, id }, await heldBy(context, { ...noted, id }))
}

async function finishPlanned(
  context: RemoteContext,
  move: MoveOfPlayers & { id: string },
): Promise<void> {
  const found = await movable(context, move, { isNoted: true })
  if (found.version === 0) return
  try {
    await planAndMake(context, move, found)
  } catch (error) {
    // It is struck out, unless it is not known what became of it.
    if (!(error instanceof LadderError) || LOST.has(error.code)) throw error
  }
}

/** Codes of calls of which it is not known what became of them. */
const LOST: ReadonlySet<string> = new Set(['UNKNOWN', 'UNAVAILABLE', 'CLOSED'])

/** What is asked before a move. */
interface MovableReply {
  banned: string[]
  hasProfile: boolean
  /** The name of the receiver's profile, or that it is not known. */
  known: string
  /** Of the move; 0 if names are not owned, or if others have ended it. */
  version: number
}

// Where names are owned, the move is noted with it.
async function movable(
  context: RemoteContext,
  { id, ...move }: MoveOfPlayers & { id: string },
  { isNoted }: { isNoted: boolean },
): Promise<MovableReply> {
  const { from, to, sealed } = move
  const planned: NotedMove = { from, to, sealed, known: UNKNOWN, boards: [], isPlanned: true }
  const args = [context.givenMicros() ?? '', from, to, id, JSON.stringify(planned)]
  for (let i = 1; i <= WAITS_MAX; i++) {
    const reply = await context.ofAll('movable', [...args, isNoted ? 1 : 0])
    const [banned, hasProfile, known, version, other] = reply as [
      ...[Buffer, number, Buffer, number],
      MoveUnderWay | [],
    ]
    const found = {
      banned: [banned.toString()].filter(Boolean),
      hasProfile: hasProfile === 1,
      known: known.toString(),
      version,
    }
    if (other.length === 0) return found
    if (!(await finishIfStopped(context, other))) await later(WAIT_MS)
  }
  throw new LadderError(
    'BUSY',
    `Cannot move player "${from}" to "${to}": another move of one of them is under way; nothing was changed, call again`,
  )
}

/** For how long a move waits for another one of the same player. */
const WAIT_MS = 10
const WAITS_MAX = 50

async function planAndMake(
  context: RemoteContext,
  move: MoveOfPlayers & { id: string },
  found: MovableReply,
): Promise<Made[]> {
  const { from, to, sealed, id } = move
  const { version, hasProfile } = found
  let noted: NotedMove
  let held: string
  try {
    refuseBanned(move, found.banned)
    const plan = await planOf(context, move, found)
    const { boards, known } = plan
    held = plan.held
    noted = { from, to, sealed, known, boards, version }
    if (boards.length > 0 || hasProfile) await beginMove(context, noted, id)
  } catch (error) {
    if (version > 0 && !LOST.has((error as LadderError).code))
      await context.ofAll('end_move', [id, 'planned'])
    throw error
  }
  if (noted.boards.length > 0 || hasProfile) return makeAll(context, { ...noted, id }, held)
  if (version > 0) await context.ofAll('end_move', [id, 'planned'])
  return []
}

/** What is to be moved. */
interface Plan {
  boards: string[]
  known: string
  /** Names that go along, as the functions take them. */
  held: string
}

// If names are held, boards are asked once more: what came until then counts, and no more comes with these names.
async function planOf(
  context: RemoteContext,
  move: MoveOfPlayers & { id: string },
  { known, version }: MovableReply,
): Promise<Plan> {
  const first = await surveyAll(context, move)
  const isUnknown = known === UNKNOWN && nameOf(first) === UNKNOWN
  if (version === 0 || !isUnknown) return { ...planFrom(first, known), held: ANY_NAMES }
  const held = await holdNames(context, move)
  return { ...planFrom(await surveyAll(context, move), known), held }
}

function planFrom(surveys: readonly Survey[], known: string): Omit<Plan, 'held'> {
  return {
    boards: surveys.filter(({ count }) => count > 0).map(({ board }) => board),
    known: known === UNKNOWN ? nameOf(surveys) : known,
  }
}

/** @throws {LadderError} `BANNED`, `INEXACT`. */
async function surveyAll(context: RemoteContext, move: MoveOfPlayers): Promise<Survey[]> {
  const boards = await boardsNow(context)
  const surveys = await Promise.all(boards.map((board) => surveyOf(context, board, move)))
  const banned = surveys.filter(({ why: [code] }) => String(code) === 'BANNED')
  refuseBanned(
    move,
    banned.map(({ why: [, id] }) => String(id)),
  )
  for (const { board, why } of surveys) await refuseInexact(context, board, why)
  return surveys
}

async function beginMove(context: RemoteContext, move: NotedMove, id: string): Promise<void> {
  const { from, to, version = 0 } = move
  const isNoted = version > 0 ? 1 : 0
  const args = [context.givenMicros() ?? '', from, to, id, JSON.stringify(move), isNoted]
  const banned = await context.ofAll('begin_move', args)
  if (banned === 0) throw madeByOthers(move)
  refuseBanned(move, [String(banned)].filter(Boolean))
}

/** What became of a move on a board. */
interface Made {
  board: string
  made: MadeReply
}

async function makeAll(
  context: RemoteContext,
  move: NotedMove & { id: string },
  held: string,
): Promise<Made[]> {
  const { boards } = move
  const all = await Promise.all(
    boards.map((board) =>
      withHeld(context, { ...move, held }, async (names) => {
        const made = await makeOn(context, board, { ...move, held: names })
        return String(made[2][0]) === 'NAMES' ? undefined : { board, made }
      }),
    ),
  )
  await withHeld(context, { ...move, held }, (names) => moveProfileOnServer(context, move, names))
  const areAllMoved = all.every(({ made: [, , why] }) => why.length === 0)
  await endMove(context, move, { areAllMoved })
  return all
}

// Makes a part of a move; as long as there are names that are not held, again once they are.
async function withHeld<T>(
  context: RemoteContext,
  move: MoveOfPlayers & { id: string; held: string },
  make: (held: string) => Promise<T | undefined>,
): Promise<T> {
  let { held } = move
  for (let i = 1; i <= TELLINGS_MAX; i++) {
    const made = await make(held)
    if (made !== undefined) return made
    held = await holdNames(context, move)
  }
  throw namedAgain(move.from)
}

// Where names go along, those that are left to be moved.
async function heldBy(context: RemoteContext, move: NotedMove & { id: string }): Promise<string> {
  const { known, version = 0 } = move
  return version > 0 && known === UNKNOWN ? holdNames(context, move) : ANY_NAMES
}

async function answerOf(
  context: RemoteContext,
  move: MoveOfPlayers,
  all: readonly Made[],
): Promise<MoveAnswer> {
  const { from, to } = move
  for (const { board, made } of all) {
    const [, , why] = made
    refuseBanned(move, String(why[0]) === 'BANNED' ? [String(why[1])] : [])
    await refuseInexact(context, board, why)
  }
  const seasons = all.flatMap(({ board, made: [, , , told] }) => seasonsIn(board, told))
  return {
    ...{ from, to },
    boards: all.filter(({ made: [isOnBoard] }) => isOnBoard === 1).map(({ board }) => board),
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
  { id: moveId, ...move }: NotedMove & { id: string; held: string },
): Promise<MadeReply> {
  const { from, to, sealed, known, held } = move
  const slotOf = (keys: readonly string[]): SlotOfBoard => ({ board, keys })
  const make = async (slot: SlotOfBoard, id: string): Promise<[Buffer, Buffer, MadeReply]> => {
    const args = ['move', id, from, to, sealed ? 1 : 0, known, held]
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
