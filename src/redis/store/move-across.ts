/**
 * The steps of a move of a player to another partition of a board: see move-across.lua.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import { changeSlot, type SlotOfBoard } from '../slot/change-slot.ts'
import type { RemoteContext } from '../slot/remote-context.ts'

/** Why nothing was moved: `BANNED` and who, `INEXACT` and the heads of both, `NAMES` that are not held, or nothing. */
export type WhyNot = [code?: Buffer, ...found: Buffer[]]

/** What became of a move on a board; of the seasons windows and ids by turns. */
export type MadeReply = [isOnBoard: number, partitions: number, WhyNot, seasons: Buffer[]]

type OffReply = [isAny: number, partitions: number, WhyNot, note: Buffer, micros: Buffer]

/** A move between two slots of a board. */
export interface MoveAcross {
  from: string
  to: string
  sealed: boolean
  /** The name of the receiver, see move.lua. */
  known: string
  /** Names that may be moved, see move.lua. */
  held: string
  /** The id of the move. */
  moveId: string
  /** That of the board. */
  boardId: string
  source: SlotOfBoard
  target: SlotOfBoard
}

/** How often a note is read again that was read too long ago, or that was somebody else's. */
const READINGS_MAX = 3

/** Moves a player, or makes what is left of that. */
export async function moveAcross(context: RemoteContext, move: MoveAcross): Promise<MadeReply> {
  const { from, to, source } = move
  for (let i = 0; i < READINGS_MAX; i++) {
    const { made, isOurs } = await takeAndGive(context, move)
    const code = String(made[2][0] ?? '')
    // What the player got since somebody else took the rest off goes along.
    if (code === 'STALE' || (code === '' && !isOurs)) continue
    return made
  }
  throw new LadderError(
    'BUSY',
    `Cannot move player "${from}" to "${to}" on board "${source.board}": others make the same move again and again, or this process stood still for too long; the next check makes the rest`,
  )
}

async function takeAndGive(
  context: RemoteContext,
  { from, to, sealed, known, held, moveId, boardId, source, target }: MoveAcross,
): Promise<{ made: MadeReply; isOurs: boolean }> {
  const id = context.newId()
  const asked = [from, to, sealed ? 1 : 0, moveId, id, held]
  const off = await changeSlot(context, source, ['move_off', boardId, ...asked])
  const [isAny, partitions, why, note, micros] = (off as [Buffer, Buffer, OffReply])[2]
  if (isAny === 0) return { made: [0, partitions, why, []], isOurs: true }
  const given = ['move_on', boardId, to, note, micros, known]
  const [, , made] = (await changeSlot(context, target, given)) as [Buffer, Buffer, MadeReply]
  const code = String(made[2][0] ?? '')
  const last = code === '' ? 'move_done' : 'move_back'
  if (code !== 'STALE') await changeSlot(context, source, [last, boardId, from, moveId, note])
  return { made, isOurs: note.includes(id) }
}
