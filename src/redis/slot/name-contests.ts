/**
 * A name that somebody wants of which another player is the owner: does the owner still show it? See owners.lua.
 *
 * @module
 */

import { foldName } from '../../domain/find.ts'
import type { RemoteContext } from './remote-context.ts'
import { finishNaming, namesShown, type ProfileReply } from './told-names.ts'

/**
 * Whose a name is: the owner, the version, the profile of the owner, submits that are noted: number, board, micros; and a
 * move that holds the name, if there is one.
 */
export type Contest = [
  ...[owner: Buffer, version: number, profile: ProfileReply | null],
  ...[pending: Buffer[], move: MoveUnderWay | []],
]

/** A move of players that is noted. */
export type MoveUnderWay = [id: Buffer, micros: Buffer, asked: Buffer]

/** For how long a submit or a move that is noted counts as under way, microseconds. */
const PENDING_MICROS = 10_000_000

/**
 * Takes a name over from an owner who shows it no more; returns the owner who does, or undefined if it is to be asked for
 * again.
 */
export async function settleContest(
  context: RemoteContext,
  { playerId, folded, contest }: { playerId: string; folded: string; contest: Contest },
): Promise<string | undefined> {
  const [ownerBytes, version, profile, pending, move] = contest
  const owner = ownerBytes.toString()
  const isIt = (name: Buffer | null | undefined): boolean =>
    name != null && foldName(name.toString()) === folded
  if (move.length !== 0) return (await finishIfStopped(context, move)) ? undefined : owner
  if (isIt(profile?.[1])) return owner
  const nowMicros = context.wallMicros()
  for (let i = 0; i < pending.length; i += 3) {
    const [number, board, micros] = pending.slice(i, i + 3).map(String) as [string, string, string]
    if (nowMicros - Number(micros) < PENDING_MICROS) return owner
    const submit = { number: Number(number), playerId: owner, board }
    await finishNaming(context, submit, { isOthers: true })
  }
  if (pending.length > 0) return undefined
  if ((await namesShown(context, owner)).some(isIt)) return owner
  await context.ofAll('take_over', [folded, owner, version, playerId])
  return undefined
}

/** Makes the rest of a move whose caller was stopped; returns whether it was. */
export async function finishIfStopped(
  context: RemoteContext,
  [id, micros, asked]: MoveUnderWay,
): Promise<boolean> {
  if (context.wallMicros() - Number(micros) < PENDING_MICROS) return false
  await context.finishMove(id.toString(), asked.toString())
  return true
}
