/**
 * Names of players, told to each board. How that and a submit under way find one another is told in people.lua.
 *
 *     profile ──version──► told to each board ──► all told? struck out : told again by the next check, or setProfile
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import type { ServerArgument } from '../client/connection.ts'
import { tellSlots } from './change-slot.ts'
import { partitionOf } from './partitions.ts'
import type { RemoteContext } from './remote-context.ts'
import { ownedName } from './submit-arguments.ts'

/** A profile as the functions answer it. */
export type ProfileReply = [
  ...[version: number, name: Buffer | null, avatar: Buffer | null, metadata: Buffer | null],
  isForming: number,
]

/** A profile, and the boards that are to be told of its name. */
type ToTell = [profile: ProfileReply | null, boards: Buffer[]]

/** How often boards are told again because a newer name was told meanwhile. */
export const TELLINGS_MAX = 100

/**
 * Finds the first name of a profile that was made without one, that of the newest entry, and tells it; returns the profile,
 * or undefined if it is gone.
 */
export async function formProfile(
  context: RemoteContext,
  playerId: string,
): Promise<ProfileReply | undefined> {
  for (let i = 1; ; i++) {
    const read = await context.ofAll('read_profile', [playerId])
    const [found, , boards] = read as [ProfileReply | null, Buffer, Buffer[]]
    if (found === null) return undefined
    const [version, , , , isForming] = found
    if (isForming !== 1) {
      // The process that found the name may not have told it.
      await tellName(context, playerId, { profile: found, boards })
      return found
    }
    const name = await newestName(context, playerId, {
      version,
      boards: boards.map(String).sort(compare),
    })
    const folded = ownedName(playerId, textOfName(name))
    const args = [context.givenMicros() ?? '', playerId, version, name, folded]
    const reply = await context.ofAll('form_profile', args)
    const [formed, told, ownerBefore] = reply as [...ToTell, Buffer]
    if (formed === null) return undefined
    if (formed[4] === 1 && i < TELLINGS_MAX) continue
    if (ownerBefore.length > 0) await tellUnasked(context, ownerBefore.toString())
    if (told.length > 0) await tellName(context, playerId, { profile: formed, boards: told })
    return formed
  }
}

// As the function takes it: that of the newest entry, of equally new ones the one of the last board.
async function newestName(
  context: RemoteContext,
  playerId: string,
  { version, boards }: { version: number; boards: readonly string[] },
): Promise<Buffer | string> {
  const change = (id: string): ServerArgument[] => ['newest_name', id, playerId, version]
  const replies = await onBoards(context, boards, { playerId, change })
  let newest: { micros: number; name: Buffer | string } = { micros: 0, name: 'r' }
  for (const [, , micros, name] of replies as [number, number, Buffer, Buffer][])
    if (micros.length > 0 && Number(micros) >= newest.micros)
      newest = { micros: Number(micros), name }
  return newest.name
}

/** Tells boards of the name of a profile until each has it or a newer one, and notes that they were told. */
export async function tellName(
  context: RemoteContext,
  playerId: string,
  told: { profile: ProfileReply; boards: readonly Buffer[]; sealed?: boolean },
): Promise<number> {
  const { sealed = false } = told
  let [version, name] = told.profile
  let boards = told.boards.map(String)
  for (let i = 1; ; i++) {
    const parts = { playerId, name: name === null ? 'r' : `s${name}`, version, hasProfile: true }
    const { known, isStale } = await giveName(context, boards, { ...parts, sealed })
    if (!isStale) {
      await context.ofAll('told_name', [playerId, version])
      return known
    }
    if (i === TELLINGS_MAX) throw namedAgain(playerId)
    const now = await context.ofAll('read_profile', [playerId])
    const [profile, last, names] = now as [ProfileReply | null, Buffer, Buffer[]]
    // The process that took the profile away tells that.
    if (profile === null) return known
    ;[version, name, boards] = [Number(last), profile[1], names.map(String)]
  }
}

/** Gives a player a name on boards; returns on how many the player is known, and whether a newer one was told. */
export async function giveName(
  context: RemoteContext,
  boards: readonly string[],
  asked: { playerId: string; name: string; version: number; hasProfile: boolean; sealed: boolean },
): Promise<{ known: number; isStale: boolean }> {
  const { playerId, name, version, hasProfile, sealed } = asked
  const flags = [hasProfile ? 1 : 0, sealed ? 1 : 0]
  const change = (id: string): ServerArgument[] => {
    return ['learn_name', id, playerId, name, version, ...flags]
  }
  const replies = await onBoards(context, boards, { playerId, change })
  const told = replies as [known: number, partitions: number, isStale: number][]
  return {
    known: told.reduce((sum, [known]) => sum + known, 0),
    isStale: told.some(([, , isStale]) => isStale === 1),
  }
}

/** A submit that may give its player another name. */
export interface NamingSubmit {
  number: number
  playerId: string
  board: string
}

/**
 * Gives the profile of a player the name that a submit gave, if it was made; strikes the submit out. `isOthers`: its caller
 * was stopped, and is not to make it any more.
 */
export async function finishNaming(
  context: RemoteContext,
  { number, playerId, board }: NamingSubmit,
  { isOthers }: { isOthers: boolean },
): Promise<void> {
  if (board === '') {
    if (isOthers) await endRename(context, playerId)
    await context.ofAll('take_name', [context.givenMicros() ?? '', number, ''])
    return
  }
  const fence = isOthers ? ((await context.ofAll('ban_version', [])) as number) : 0
  const change = (id: string): ServerArgument[] => ['named', id, playerId, fence]
  const [reply] = await onBoards(context, [board], { playerId, change })
  const [, , given, what] = reply as [number, number, Buffer, Buffer]
  const name = Number(given) === number ? what : ''
  const args = [context.givenMicros() ?? '', number, name]
  const [profile, boards] = (await context.ofAll('take_name', args)) as ToTell
  if (profile !== null) await tellName(context, playerId, { profile, boards })
}

/** Tells boards that a profile is gone, so that nothing that was read of it counts. */
export async function tellGone(
  context: RemoteContext,
  playerId: string,
  { version, boards }: { version: number; boards: readonly string[] },
): Promise<void> {
  const change = (id: string): ServerArgument[] => ['learn_gone', id, playerId, version]
  await onBoards(context, boards, { playerId, change })
  await context.ofAll('told_gone', [playerId, version])
}

/** Has boards ask whose the next name is that a player gives, as one that is shown became somebody else's. */
export async function tellUnasked(context: RemoteContext, playerId: string): Promise<void> {
  const change = (id: string): ServerArgument[] => ['learn_unasked', id, playerId]
  await onBoards(context, await boardsNow(context), { playerId, change })
}

/** Tells boards of the name of a player of which not all were told. */
export async function finishName(context: RemoteContext, playerId: string): Promise<void> {
  await formProfile(context, playerId)
}

// A rename whose caller was stopped reaches no more boards: one that goes on begins again.
async function endRename(context: RemoteContext, playerId: string): Promise<void> {
  const version = (await context.ofAll('ban_version', [])) as number
  const reply = await context.ofAll('read_profile', [playerId])
  const [profile, , boards] = reply as [ProfileReply | null, Buffer, Buffer[]]
  await tellGone(context, playerId, { version, boards: boards.map(String) })
  // Boards have forgotten which names submits gave meanwhile: they show them, and the profile would not take them.
  if (profile !== null) await finishName(context, playerId)
}

/**
 * Returns the names that boards and their seasons show of a player; if none are given, all boards. `version`: what was read of
 * the player before is worth nothing any more.
 */
export async function namesShown(
  context: RemoteContext,
  playerId: string,
  { boards, version = 0 }: { boards?: readonly string[]; version?: number } = {},
): Promise<Buffer[]> {
  const change = (id: string): ServerArgument[] => ['shown_names', id, playerId, version]
  const asked = boards ?? (await boardsNow(context))
  const replies = await onBoards(context, asked, { playerId, change })
  return (replies as [number, number, ...Buffer[]][]).flatMap(([, , ...names]) => names)
}

/** Returns the name that a function answers, null for none or if it is not known. */
export function textOfName(what: Buffer | string): string | null {
  const text = what.toString()
  return text.startsWith('s') ? text.slice(1) : null
}

/** Returns the names of all boards by their bytes, as the primary knows them: a replica may lack the latest. */
export async function boardsNow(context: RemoteContext): Promise<string[]> {
  return ((await context.ofAll('names', [])) as Buffer[]).map(String).sort(compare)
}

// Answers of each board, in partitions of that of the player.
async function onBoards(
  context: RemoteContext,
  boards: readonly string[],
  { playerId, change }: { playerId: string; change: (id: string) => ServerArgument[] },
): Promise<unknown[]> {
  const among = (i: number, partitions: number): boolean => i === partitionOf(playerId, partitions)
  const replies = await Promise.all(
    boards.map((board) => tellSlots(context, board, { change, among })),
  )
  return replies.map(([reply]) => (reply as [Buffer, Buffer, unknown])[2])
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Returns the error of a name that cannot be told. */
export function namedAgain(playerId: string): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot tell all boards the name of player "${playerId}": others give names all the time; the next check tells it`,
  )
}
