/**
 * Names of players who are moved, in a store where names are unique: see move.lua and owners.lua.
 *
 *     noted ──► names held ──► boards moved, with these names only ──► names owned, note struck out
 *
 * @module
 */

import { foldName } from '../../domain/find.ts'
import { LadderError } from '../../ground/errors.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import {
  boardsNow,
  giveName,
  namedAgain,
  namesShown,
  type ProfileReply,
  TELLINGS_MAX,
  tellUnasked,
} from '../slot/told-names.ts'

/** A move that is noted. */
interface MoveOfNames {
  id: string
  from: string
  to: string
  boards: readonly string[]
  /** 0 if names were not owned when it began. */
  version?: number
}

/** Any names may be moved. */
export const ANY_NAMES = ''

/**
 * Holds all names that the one who is moved shows, until no other one comes: what gave one under way is not made any more.
 * Returns them as the functions take them.
 */
export async function holdNames(
  context: RemoteContext,
  move: Pick<MoveOfNames, 'id' | 'from' | 'to'>,
): Promise<string> {
  const { id, from } = move
  const held = new Set<string>()
  let version = 0
  for (let i = 1; i <= TELLINGS_MAX; i++) {
    const shown = [
      ...(await nameOfProfile(context, from)),
      ...(await named(context, from, { version })),
    ]
    const others = shown.filter((name) => !held.has(name))
    if (version > 0 && others.length === 0) return JSON.stringify([...held])
    for (const name of others) held.add(name)
    version = (await context.ofAll('hold_names', [id, from, ...foldedOf(others)])) as number
    if (version === 0) throw madeByOthers(move)
  }
  throw namedAgain(from)
}

/**
 * Strikes a move out that has reached its boards; the names that these show of the receiver are the receiver's. If some
 * were left, `areAllMoved` is false, the other one does not show them there any more.
 */
export async function endMove(
  context: RemoteContext,
  { id, from, to, boards, version = 0 }: MoveOfNames,
  { areAllMoved }: { areAllMoved: boolean },
): Promise<void> {
  // Names may be owned by now.
  if (version === 0 && (await context.ofAll('end_move', [id, 'free'])) !== 0) return
  const shown = [...(await nameOfProfile(context, to)), ...(await named(context, to, { boards }))]
  const folded = foldedOf(shown)
  if (!areAllMoved) {
    const left = foldedOf(await named(context, from))
    if (left.some((name) => folded.includes(name))) await takeNames(context, from)
  }
  const owners = (await context.ofAll('end_move', [id, '', ...folded])) as Buffer[]
  for (const owner of new Set(owners.map(String))) await tellUnasked(context, owner)
}

/** Returns the error of a move that others have gone on with. */
export function madeByOthers({ from, to }: { from: string; to: string }): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot move player "${from}" to "${to}": this process stood still for too long, and others made the move, or one of the two was erased; look at both`,
  )
}

async function takeNames(context: RemoteContext, playerId: string): Promise<void> {
  for (let i = 1; i <= TELLINGS_MAX; i++) {
    const version = (await context.ofAll('ban_version', [])) as number
    const boards = await boardsNow(context)
    const asked = { playerId, name: 'r', version, hasProfile: false, sealed: false }
    const { isStale } = await giveName(context, boards, asked)
    if (!isStale) return
  }
  throw namedAgain(playerId)
}

async function nameOfProfile(context: RemoteContext, playerId: string): Promise<string[]> {
  const found = (await context.ofAll('show_profile', [playerId])) as ProfileReply | null
  return found?.[1] == null ? [] : [found[1].toString()]
}

async function named(
  context: RemoteContext,
  playerId: string,
  options?: Parameters<typeof namesShown>[2],
): Promise<string[]> {
  return (await namesShown(context, playerId, options)).map(String)
}

function foldedOf(names: readonly string[]): string[] {
  return [...new Set(names.map(foldName))]
}
