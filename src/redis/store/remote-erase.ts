/**
 * Taking a person out of a store on a server, board by board: see erase.lua.
 *
 * Bans of all boards go first, together with a note of what is to be done. Each board is then cleared at one instant with all
 * of its seasons, and after it, in bites, the answers that it keeps under ids of requests. Who finds the note of a caller that
 * was stopped does all of it again, which does no harm.
 *
 * @module
 */

import type { EraseAnswer } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { keysOfBoard } from '../slot/board-keys.ts'
import { changeSlot, type SlotOfBoard } from '../slot/change-slot.ts'
import { keysOfPartitions } from '../slot/partitions.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { forgetProfile } from './remote-profiles.ts'

/** An erasure that is under way, as it is noted. */
export interface NotedErasure {
  erased: string
  /** That of a ban: an older one is overridden. */
  version: number
  /** Ids that were moved to the person, and when, by turns; an empty object if there are none. */
  past: readonly string[] | object
}

type ErasedReply = [isAny: number, partitions: number, hadBan: number, hasRequests: number]
type BiteReply = [count: number, partitions: number, next: Buffer]

/** What was there of a person on a board, or beside it. */
interface Erased {
  board: string
  isOnBoard: boolean
  isFound: boolean
}

/** Erases a player; see `RemoteModeration.erase`. */
export async function eraseOnServer(
  context: RemoteContext,
  playerId: string,
): Promise<EraseAnswer> {
  const id = context.newId()
  const args = [context.givenMicros() ?? '', playerId, id]
  const [wasBanned, text, names] = await beginErase(context, args)
  const noted = JSON.parse(text.toString()) as NotedErasure
  const hadProfile = await forgetProfile(context, playerId)
  const all = await eraseEverywhere(context, names.toSorted(Buffer.compare).map(String), noted)
  const isOwner = await disown(context, noted)
  await context.ofAll('end_move', [id, ''])
  return {
    found: wasBanned === 1 || hadProfile || isOwner || all.some(({ isFound }) => isFound),
    boards: all.filter(({ isOnBoard }) => isOnBoard).map(({ board }) => board),
    records: 0,
  }
}

// A move that is under way would bring the player back.
async function beginErase(
  context: RemoteContext,
  args: readonly ServerArgument[],
): Promise<[wasBanned: number, text: Buffer, names: Buffer[]]> {
  for (;;) {
    const reply = await context.ofAll('begin_erase', args)
    const [move] = reply as [[id: Buffer, micros: Buffer, asked: Buffer]]
    if (!Array.isArray(move)) return reply as [number, Buffer, Buffer[]]
    await context.finishMove(move[0].toString(), move[2].toString())
  }
}

/** Takes a person out for a caller who was stopped. */
export async function finishErasure(context: RemoteContext, noted: NotedErasure): Promise<void> {
  await forgetProfile(context, noted.erased)
  await eraseEverywhere(context, await context.names(), noted)
  await disown(context, noted)
}

// The names that belong to nobody else: when no board shows them any more, lest others take them before.
async function disown(context: RemoteContext, { erased, version }: NotedErasure): Promise<boolean> {
  let isOwner = false
  for (let cursor = '0'; ; ) {
    const reply = await context.ofAll('disown', [erased, cursor, version])
    const [next, count] = reply as [Buffer, number]
    isOwner ||= count > 0
    cursor = next.toString()
    if (cursor === '0') return isOwner
  }
}

function eraseEverywhere(
  context: RemoteContext,
  boards: readonly string[],
  noted: NotedErasure,
): Promise<Erased[]> {
  return Promise.all(boards.map((board) => eraseOn(context, board, noted)))
}

// Bans of all boards reach the home of a board in partitions, too.
async function eraseOn(
  context: RemoteContext,
  board: string,
  { erased: playerId, version, past }: NotedErasure,
): Promise<Erased> {
  const { prefix } = context
  const pastIds = Array.isArray(past) ? (past as string[]) : []
  const home: SlotOfBoard = { board, keys: keysOfBoard(prefix, board) }
  const erase = async (slot: SlotOfBoard, id: string): Promise<[id: string, ErasedReply]> => {
    const reply = await changeSlot(context, slot, ['erase', id, playerId, version, ...pastIds])
    const [found, , told] = reply as [Buffer, Buffer, ErasedReply]
    return [found.toString(), told]
  }
  const [id, told] = await erase(home, '')
  const [, partitions] = told
  const slots =
    partitions === 1
      ? []
      : keysOfPartitions(prefix, board, partitions).map((keys): SlotOfBoard => ({ board, keys }))
  const all = [
    { slot: home, id: '', told },
    ...(await Promise.all(
      slots.map(async (slot) => ({ slot, id, told: (await erase(slot, id))[1] })),
    )),
  ]
  const requests = await Promise.all(
    all.map(({ slot, id, told: [, , , has] }) =>
      has === 1 ? eraseRequests(context, slot, { id, playerId }) : 0,
    ),
  )
  const isOnBoard = all.some(({ told: [isAny] }) => isAny === 1)
  const hadBan = all.some(({ told: [, , ban] }) => ban === 1)
  return { board, isOnBoard, isFound: isOnBoard || hadBan || requests.some((count) => count > 0) }
}

async function eraseRequests(
  context: RemoteContext,
  slot: SlotOfBoard,
  { id, playerId }: { id: string; playerId: string },
): Promise<number> {
  let sum = 0
  for (let cursor = '0'; ; ) {
    const reply = await changeSlot(context, slot, ['erase_requests', id, playerId, cursor])
    const [, , [count, , next]] = reply as [Buffer, Buffer, BiteReply]
    sum += count
    cursor = next.toString()
    if (cursor === '0') return sum
  }
}
