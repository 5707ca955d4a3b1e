/**
 * What concerns all boards is told to each of them, one after another. What somebody who was stopped half way has not told
 * is noted beside it, and told by others: by the next check, or by who bans or lifts a ban some seconds later.
 *
 * @module
 */

import type { RemoteContext } from '../slot/remote-context.ts'
import { finishName, finishNaming, tellGone } from '../slot/told-names.ts'
import { finishBan, type UntoldBan } from './remote-bans.ts'
import { finishMove } from './remote-move.ts'
import { tellSettings } from './remote-store-settings.ts'

/** For how long a caller is given to tell all boards, before others do it too, microseconds. */
export const TELLING_MICROS = 10_000_000

/** Tells all boards of what not all of them are told for so long: somebody was stopped at it. */
export async function finishTelling(context: RemoteContext, micros: number): Promise<void> {
  const args = [context.givenMicros() ?? '', micros]
  const found = await context.ofAll('untold', args, { isRead: true })
  const [bans, names, settings, moves, players, submits, gone, unformed] = found as UntoldReply
  const boards = names.map(String)
  for (const ban of bans) await finishBan(context, boards, ban)
  if (settings.length > 0) await tellSettings(context, boards, settings.toString())
  for (let i = 0; i < moves.length; i += 2)
    await finishMove(context, String(moves[i]), String(moves[i + 1]))
  // A submit may give another name than is told. Renames end what boards know of submits, and come behind them.
  const isRename = ([, , board]: UntoldSubmit): number => Number(board.length === 0)
  for (const [number, playerId, board] of submits.toSorted((a, b) => isRename(a) - isRename(b)))
    await finishNaming(
      context,
      { number: Number(number), playerId: playerId.toString(), board: board.toString() },
      { isOthers: true },
    )
  for (const [playerId, version] of gone)
    await tellGone(context, String(playerId), { version: Number(version), boards })
  if (unformed.length > 0) await context.ofAll('end_owners', [unformed, 'free'])
  for (const playerId of players) await finishName(context, playerId.toString())
}

type UntoldReply = [
  ...[bans: UntoldBan[], names: Buffer[], settings: Buffer, moves: Buffer[], players: Buffer[]],
  submits: UntoldSubmit[],
  gone: [playerId: Buffer, version: Buffer][],
  unformed: Buffer,
]

type UntoldSubmit = [number: Buffer, playerId: Buffer, board: Buffer]
