/**
 * A name that somebody wants of which another player is the owner: does the owner still show it? See owners.lua.
 *
 * @module
 */

import { foldName } from '../../domain/find.ts'
import type { RemoteContext } from './remote-context.ts'
import { finishNaming, namesShown, type ProfileReply } from './told-names.ts'

/** Whose a name is: the owner, the version, the profile of the owner, and submits that are noted: number, board, micros. */
export type Contest = [
  ...[owner: Buffer, version: number, profile: ProfileReply | null],
  pending: Buffer[],
]

/** For how long a submit that is noted counts as under way, microseconds. */
const PENDING_MICROS = 10_000_000

/**
 * Takes a name over from an owner who shows it no more; returns the owner who does, or undefined if it is to be asked for
 * again.
 */
export async function settleContest(
  context: RemoteContext,
  { playerId, folded, contest }: { playerId: string; folded: string; contest: Contest },
): Promise<string | undefined> {
  const [ownerBytes, version, profile, pending] = contest
  const owner = ownerBytes.toString()
  const isIt = (name: Buffer | null | undefined): boolean =>
    name != null && foldName(name.toString()) === folded
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

/**
 * Makes the names that a player shows those of the one who becomes the player, and holds the one by which that is known:
 * boards are to show it that do not yet. Returns what is to be done when boards show them so.
 */
export async function ownMovedNames(
  context: RemoteContext,
  { from, to, known }: { from: string; to: string; known: string | null },
): Promise<() => Promise<void>> {
  const found = (await context.ofAll('show_profile', [from])) as ProfileReply | null
  const names = [known, found?.[1], ...(await namesShown(context, from))]
  const folded = new Set(names.flatMap((name) => (name == null ? [] : [foldName(name.toString())])))
  const args = [context.givenMicros() ?? '', from, to, ...folded]
  const numbers = (await context.ofAll('own_moved', args)) as number[]
  return async () => {
    for (const number of numbers)
      await finishNaming(context, { number, playerId: to, board: '' }, { isOthers: false })
  }
}
