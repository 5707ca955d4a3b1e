/**
 * Changes to what lies under the keys of a board, whatever its settings are, and whether it exists or not.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import type { ServerArgument } from '../client/connection.ts'
import { keysOfBoard, readSpec, writeSpec } from './board-keys.ts'
import type { MissingSeason, SeasonSupply } from './given-seasons.ts'
import { fencedIn, GivenSeasons, missingIn, noBorders, SEASON_ATTEMPTS } from './given-seasons.ts'
import { HomeSeasons, type SeasonSlot } from './home-seasons.ts'
import { keysOfPartitions } from './partitions.ts'
import type { RemoteContext, ToldFirst } from './remote-context.ts'
import type { RemoteSpec } from './remote-settings.ts'
import { SeasonStarts } from './season-starts.ts'

/** Keys of a board, or of one of its partitions. */
export interface SlotOfBoard {
  board: string
  keys: readonly string[]
}

interface StoredBoard {
  id: string
  spec: RemoteSpec
}

/**
 * Makes a change, and resolves with what the function replies. Cost: one round trip; some more if seasons begin with it,
 * as the settings of the board are read then, and a partition has its seasons from the home of the board.
 */
export async function changeSlot(
  context: RemoteContext,
  slot: SlotOfBoard,
  [change, ...args]: readonly ServerArgument[],
): Promise<unknown> {
  const { board, keys } = slot
  let seasons: SeasonSupply | undefined
  let settings = ''
  for (let i = 1; ; i++) {
    const text = seasons?.textFor({ micros: [context.presentMicros] }) ?? ''
    const given = typeof text === 'string' ? text : await text
    const clock = [context.givenMicros() ?? '', context.seenMicros]
    const known = ['', '', '', change as ServerArgument, ...clock, 'nd', 0, given]
    const call = { name: 'write', keys, isRead: false, args: [...known, ...args] }
    const reply = await context.call(call)
    const [missing, fenced] = [missingIn(reply), fencedIn(reply)]
    if (missing === undefined && fenced === undefined) return reply
    const stored = await storedBoard(context, slot)
    if (i === SEASON_ATTEMPTS) throw noBorders(stored?.spec ?? { name: board }, missing ?? NONE)
    // A board that was dropped meanwhile has no seasons any more.
    if (stored === undefined) continue
    // Its windows may have been altered meanwhile.
    if (seasons === undefined || settings !== writeSpec(stored.spec))
      seasons = seasonsFor(context, slot, stored)
    settings = writeSpec(stored.spec)
    if (missing !== undefined) await seasons.resolve(missing)
    if (fenced !== undefined) await seasons.pass?.(fenced)
  }
}

const NONE = [0, ...Array.from({ length: 7 }, () => Buffer.alloc(0))] as unknown as MissingSeason

function seasonsFor(
  context: RemoteContext,
  { board, keys }: SlotOfBoard,
  { id, spec }: StoredBoard,
): SeasonSupply {
  const homeKeys = keysOfBoard(context.prefix, board)
  if (keys[0] === homeKeys[0]) return new GivenSeasons(spec)
  const slotOf = (some: readonly string[]): SeasonSlot => seasonSlot(context, spec, some)
  const home = slotOf(homeKeys)
  const all = keysOfPartitions(context.prefix, board, spec.partitions).map(slotOf)
  const starts = new SeasonStarts(id, home, () => all)
  return new HomeSeasons(home, (fenced) => starts.pass(fenced))
}

function seasonSlot(context: RemoteContext, spec: RemoteSpec, keys: readonly string[]): SeasonSlot {
  const slot = { board: spec.name, keys }
  return {
    context,
    spec,
    write: async (change, args) => answered(await changeSlot(context, slot, [change, ...args])),
    readNow: async (question, args) => {
      const known = ['', '', 8, question]
      const call = { name: 'read', keys, args: [...known, ...args], isRead: false }
      return answered(await context.call({ ...call, isRepeatable: true }))
    },
  }
}

function answered(reply: unknown): { id: string; value: unknown } {
  const [id, code, value] = reply as [Buffer, unknown, unknown]
  if (id.toString() !== '!') return { id: id.toString(), value }
  throw new LadderError(
    'UNAVAILABLE',
    `Cannot place the change in a season: the server refuses it with ${String(code)}; try again`,
  )
}

/** Tells a board what it has to know of the store before it is made, or a partition of the board of this id. */
export async function learnFirst(
  context: RemoteContext,
  slot: SlotOfBoard,
  { id = '', bans, settings, people }: ToldFirst & { id?: string },
): Promise<void> {
  if (bans.length > 0) await changeSlot(context, slot, ['learn', id, ...bans])
  if (settings !== '') await changeSlot(context, slot, ['learn_store', id, settings])
  if (people !== '') await changeSlot(context, slot, ['learn_people', id, people])
}

/**
 * Tells the slots of a board: one that does not lie in partitions, or the home, and of its partitions those that `among`
 * picks by their numbers. Resolves with the replies of the slots that have entries.
 */
export async function tellSlots(
  context: RemoteContext,
  board: string,
  {
    change,
    among = () => true,
  }: {
    /** `id` is that of a board in partitions, for a partition. */
    change: (id: string) => readonly ServerArgument[]
    among?: (i: number, partitions: number) => boolean
  },
): Promise<unknown[]> {
  const { prefix } = context
  const home = await changeSlot(context, { board, keys: keysOfBoard(prefix, board) }, change(''))
  const [id, , [, partitions]] = home as [Buffer, Buffer, [unknown, number]]
  if (partitions === 1) return [home]
  const all = keysOfPartitions(prefix, board, partitions).filter((_, i) => among(i, partitions))
  return Promise.all(all.map((keys) => changeSlot(context, { board, keys }, change(id.toString()))))
}

async function storedBoard(
  context: RemoteContext,
  { board, keys }: SlotOfBoard,
): Promise<StoredBoard | undefined> {
  // No replica may answer: the primary told of seasons of a board that it could not know yet.
  const info = { name: 'read', keys, args: ['', '', 8, 'info'], isRead: false, isRepeatable: true }
  const [id, , [[settings]]] = (await context.call(info)) as [Buffer, Buffer, [[Buffer | null]]]
  if (settings === null) return undefined
  return { id: id.toString(), spec: readSpec(board, settings.toString()) }
}
