/**
 * Making names unique on a server: from the first moment on names are taken as they are afterwards, then a walk over all boards
 * finds out whose the others are. If several players have one, nothing is altered. See owners.lua.
 *
 * @module
 */

import { foldName } from '../../domain/find.ts'
import { Duplicates } from '../../domain/names.ts'
import { LadderError } from '../../ground/errors.ts'
import { boardsOnServer, callerOf } from '../partitions/found-boards.ts'
import type { SlotCalls } from '../slot/board-calls.ts'
import { tellSlots } from '../slot/change-slot.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { namesShown, type ProfileReply } from '../slot/told-names.ts'

/** How long who finds out whose names are may be silent, until somebody else does it, microseconds. */
const SILENT_MICROS = 10_000_000

/** How often a name is looked at again because it was taken meanwhile. */
const LOOKS_MAX = 100

/** A name that a player shows and somebody else has. */
interface Double {
  name: string
  playerId: string
}

type OwnReply = [i: number, owner: Buffer, version: number][] | 0

/** Frees all names. */
export async function freeNamesOnServer(context: RemoteContext): Promise<void> {
  await context.ofAll('end_owners', ['', 'free'])
}

/** Makes names unique. @throws {LadderError} `NAME_TAKEN` that lists names of several, `BUSY`. */
export async function ownNamesOnServer(context: RemoteContext): Promise<void> {
  const run = context.newId()
  const args = [context.givenMicros() ?? '', run, SILENT_MICROS]
  const reply = await context.ofAll('begin_owners', args)
  const [state, version, boards] = reply as [Buffer, Buffer, Buffer[]]
  if (state.toString() === 'unique') return
  if (state.toString() === 'busy') throw busy()
  try {
    const change = (id: string): string[] => ['learn_people', id, version.toString()]
    await Promise.all(boards.map((board) => tellSlots(context, board.toString(), { change })))
    const duplicates = new Duplicates()
    for (const double of await allNames(context, run))
      await judge(context, { ...double, run }, duplicates)
    duplicates.throwIfAny()
  } catch (error) {
    await context.ofAll('end_owners', [run, 'free'])
    throw error
  }
  if ((await context.ofAll('end_owners', [run, 'unique'])) !== 1) throw busy()
}

async function allNames(context: RemoteContext, run: string): Promise<Double[]> {
  const doubles: Double[] = []
  const take = async (found: readonly Buffer[]): Promise<void> => {
    doubles.push(...(await ownSome(context, { run, found })))
  }
  await inBites(take, (at) => context.ofAll('profile_names', [at === '' ? '0' : at]))
  for (const board of await boardsOnServer(context))
    for (const slot of callerOf(context, board).slots) await namesOfSlot(slot, take)
  return doubles
}

async function namesOfSlot(
  slot: SlotCalls,
  take: (found: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  await inBites(take, async (at) => (await slot.readNow('names', [at])).value)
  const { value } = await slot.write('named_seasons', [])
  const seasons = value as Buffer[]
  for (let i = 0; i < seasons.length; i += 2) {
    const [window, from] = seasons.slice(i, i + 2) as [Buffer, Buffer]
    await inBites(take, async (at) => {
      return (await slot.readNow('check_season', [window, from, 'names', at])).value
    })
  }
}

// An empty place is the first one, and behind the last.
async function inBites(
  take: (found: readonly Buffer[]) => Promise<void>,
  bite: (at: string) => Promise<unknown>,
): Promise<void> {
  for (let at = ''; ; ) {
    const [next, found] = (await bite(at)) as [Buffer, Buffer[]]
    await take(found)
    at = next.toString()
    if (at === '') return
  }
}

async function ownSome(
  context: RemoteContext,
  { run, found }: { run: string; found: readonly Buffer[] },
): Promise<Double[]> {
  const named: Double[] = []
  for (let i = 0; i < found.length; i += 2)
    named.push({ playerId: String(found[i]), name: String(found[i + 1]) })
  const others = await own(context, { run, named })
  return others.map(([i]) => named[i] as Double)
}

// Answers those that are somebody else's.
async function own(
  context: RemoteContext,
  { run, named }: { run: string; named: readonly Double[] },
): Promise<Exclude<OwnReply, 0>> {
  const pairs = named.flatMap(({ playerId, name }) => [foldName(name), playerId])
  const args = [context.givenMicros() ?? '', run, ...pairs]
  const reply = (await context.ofAll('own_names', args)) as OwnReply
  if (reply === 0) throw busy()
  return reply
}

// Names may have been given away since they were found.
async function judge(
  context: RemoteContext,
  { run, name, playerId }: Double & { run: string },
  duplicates: Duplicates,
): Promise<void> {
  const folded = foldName(name)
  for (let i = 0; i < LOOKS_MAX; i++) {
    const [other] = await own(context, { run, named: [{ name, playerId }] })
    if (other === undefined || !(await shows(context, playerId, folded))) return
    const [, ownerBytes, version] = other
    const owner = ownerBytes.toString()
    if (await shows(context, owner, folded)) return duplicates.add(name, owner, playerId)
    await context.ofAll('take_over', [folded, owner, version, playerId])
  }
  throw busy()
}

async function shows(context: RemoteContext, playerId: string, folded: string): Promise<boolean> {
  const found = await context.ofAll('show_profile', [playerId])
  const names = [(found as ProfileReply | null)?.[1], ...(await namesShown(context, playerId))]
  return names.some((name) => name != null && foldName(name.toString()) === folded)
}

function busy(): LadderError {
  return new LadderError(
    'BUSY',
    'Cannot make names unique: another process does it; nothing was altered by this one, look at the settings',
  )
}
