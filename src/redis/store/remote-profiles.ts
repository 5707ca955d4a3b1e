/**
 * Profiles on a server: they lie beside the list of names, and each board is told of their names.
 *
 * @module
 */

import { nameTaken } from '../../domain/names.ts'
import type { Metadata, Profile, ProfileChange } from '../../words/index.ts'
import { type Contest, settleContest } from '../slot/name-contests.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { nameChange, ownedName } from '../slot/submit-arguments.ts'
import {
  finishNaming,
  formProfile,
  giveName,
  namedAgain,
  type ProfileReply,
  TELLINGS_MAX,
  tellGone,
  tellName,
} from '../slot/told-names.ts'

/** Returns the profile of a player, or undefined. */
export async function profileOnServer(
  context: RemoteContext,
  playerId: string,
): Promise<Profile | undefined> {
  const reply = await context.ofAll('show_profile', [playerId], { isRead: true })
  if (reply === null) return undefined
  const isForming = (reply as ProfileReply)[4] === 1
  const found = isForming ? await formProfile(context, playerId) : (reply as ProfileReply)
  return found === undefined ? undefined : profileOf(playerId, found)
}

/** Sets what is known of a player, and tells all boards of another name. */
export async function setProfileOnServer(
  context: RemoteContext,
  playerId: string,
  { name, avatar, metadata }: ProfileChange,
): Promise<Profile> {
  const changes = [nameChange(playerId, name), change(avatar), change(metadata)]
  const folded = ownedName(playerId, name)
  const [profile, boards] = await settling(
    context,
    { playerId, name: name ?? '', folded },
    async () => {
      const args = [context.givenMicros() ?? '', playerId, ...changes, folded]
      const reply = await context.ofAll('set_profile', args)
      const [set, others] = reply as [ProfileReply, Buffer[]] | [null, Contest]
      return set === null
        ? { contest: others as Contest }
        : { made: [set, others as Buffer[]] as const }
    },
  )
  if (profile[4] === 1) {
    const formed = await formProfile(context, playerId)
    return profileOf(playerId, formed ?? profile)
  }
  if (boards.length > 0) await tellName(context, playerId, { profile, boards })
  return profileOf(playerId, profile)
}

/** Gives a player a name on every board, and in the profile; returns on how many boards the player is known. */
export async function renameOnServer(
  context: RemoteContext,
  playerId: string,
  { name, sealed }: { name: string; sealed: boolean },
): Promise<number> {
  const what = nameChange(playerId, name)
  const folded = ownedName(playerId, name)
  for (let i = 1; ; i++) {
    const named = await settling(context, { playerId, name, folded }, async () => {
      const args = [context.givenMicros() ?? '', playerId, what, folded]
      const made = (await context.ofAll('name_player', args)) as NamedReply
      return made[4] === null ? { made } : { contest: made[4] }
    })
    const [profile, last, boards, number] = named
    if (profile !== null) return tellName(context, playerId, { profile, boards, sealed })
    const parts = { playerId, name: what, version: Number(last), hasProfile: false, sealed }
    const { known, isStale } = await giveName(context, boards.map(String), parts)
    if (number > 0)
      await finishNaming(context, { number, playerId, board: '' }, { isOthers: false })
    if (!isStale) return known
    // The player has a profile meanwhile, or somebody of the same digest.
    if (i === TELLINGS_MAX) throw namedAgain(playerId)
  }
}

/**
 * Gives the profile of a player to another one, who keeps an own one, or else the name by which boards know the player, 'u'
 * if none does. Returns undefined, and changes nothing, if the name is not held: see move.lua.
 */
export async function moveProfileOnServer(
  context: RemoteContext,
  { from, to, known, sealed }: { from: string; to: string; known: string; sealed: boolean },
  held: string,
): Promise<true | undefined> {
  const args = [context.givenMicros() ?? '', from, to, known, held]
  const reply = await context.ofAll('move_profile', args)
  if (reply === 0) return undefined
  const [version, profile, names, isOwn] = reply as [number, ProfileReply | null, Buffer[], number]
  if (version > 0) await tellGone(context, from, { version, boards: names.map(String) })
  if (profile?.[4] === 1) await formProfile(context, to)
  else if (profile !== null)
    await tellName(context, to, { profile, boards: names, sealed: sealed && isOwn === 0 })
  return true
}

function profileOf(playerId: string, [, name, avatar, metadata]: ProfileReply): Profile {
  return {
    playerId,
    name: name === null ? playerId : name.toString(),
    ...(avatar !== null && { avatar: avatar.toString() }),
    ...(metadata !== null && { metadata: JSON.parse(metadata.toString()) as Metadata }),
  }
}

function change(text: string | null | undefined): string {
  return nameChange('', text)
}

type NamedReply = [
  ...[profile: ProfileReply | null, lastVersion: Buffer, boards: Buffer[], number: number],
  contest: Contest | null,
]

// Makes what gives a name; if that is somebody else's, again once it was taken over.
async function settling<T>(
  context: RemoteContext,
  asked: { playerId: string; name: string; folded: string },
  make: () => Promise<{ made: T } | { contest: Contest }>,
): Promise<T> {
  const { playerId, name, folded } = asked
  for (let i = 1; ; i++) {
    const found = await make()
    if ('made' in found) return found.made
    const owner = await settleContest(context, { playerId, folded, contest: found.contest })
    if (owner !== undefined) throw nameTaken(name, { playerId, owner })
    if (i === TELLINGS_MAX) throw namedAgain(playerId)
  }
}

/** Takes the profile of a player away; returns whether there was one. */
export async function forgetProfile(context: RemoteContext, playerId: string): Promise<boolean> {
  const reply = await context.ofAll('forget_profile', [context.givenMicros() ?? '', playerId])
  const [version, boards] = reply as [number, Buffer[]]
  if (version === 0) return false
  await tellGone(context, playerId, { version, boards: boards.map(String) })
  return true
}
