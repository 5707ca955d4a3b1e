/**
 * What concerns all boards is told to each of them, one after another. What somebody who was stopped half way has not told
 * is noted beside it, and told by others: by the next check, or by who bans, lifts a ban or alters settings some seconds
 * later.
 *
 * @module
 */

import { finishBan, type UntoldBan } from './remote-bans.ts'
import type { RemoteContext } from './remote-context.ts'
import { finishMove } from './remote-move.ts'
import { tellSettings } from './remote-store-settings.ts'

/** For how long a caller is given to tell all boards, before others do it too, microseconds. */
export const TELLING_MICROS = 10_000_000

/** Tells all boards of what not all of them are told for so long: somebody was stopped at it. */
export async function finishTelling(context: RemoteContext, micros: number): Promise<void> {
  const args = [context.givenMicros() ?? '', micros]
  const found = await context.ofAll('untold', args, { isRead: true })
  const [bans, names, settings, moves] = found as [UntoldBan[], Buffer[], Buffer, Buffer[]]
  const boards = names.map(String)
  for (const ban of bans) await finishBan(context, boards, ban)
  if (settings.length > 0) await tellSettings(context, boards, settings.toString())
  for (let i = 0; i < moves.length; i += 2)
    await finishMove(context, String(moves[i]), String(moves[i + 1]))
}
