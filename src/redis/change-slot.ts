/**
 * Changes to what lies under the keys of a board, whatever its settings are, and whether it exists or not.
 *
 * @module
 */

import { keysOfBoard, readSpec, writeSpec } from './board-keys.ts'
import type { ServerArgument } from './connection.ts'
import { GivenSeasons, missingIn, noBorders, SEASON_ATTEMPTS } from './given-seasons.ts'
import { keysOfPartitions } from './partitions.ts'
import type { RemoteContext, ToldFirst } from './remote-context.ts'
import type { RemoteSpec } from './remote-settings.ts'

/** Keys of a board, or of one of its partitions. */
export interface SlotOfBoard {
  board: string
  keys: readonly string[]
}

/**
 * Makes a change, and resolves with what the function replies. Cost: one round trip; some more if seasons begin with it,
 * as the settings of the board are read then.
 */
export async function changeSlot(
  context: RemoteContext,
  slot: SlotOfBoard,
  [change, ...args]: readonly ServerArgument[],
): Promise<unknown> {
  const { board, keys } = slot
  let seasons: GivenSeasons | undefined
  let settings = ''
  for (let i = 1; ; i++) {
    const given = seasons?.textFor({ micros: [context.presentMicros] }) ?? ''
    const clock = [context.givenMicros() ?? '', context.seenMicros]
    const known = ['', '', '', change as ServerArgument, ...clock, 'nd', 0, given]
    const call = { name: 'write', keys, isRead: false, args: [...known, ...args] }
    const reply = await context.call(call)
    const missing = missingIn(reply)
    if (missing === undefined) return reply
    const spec = await storedSpec(context, slot)
    if (i === SEASON_ATTEMPTS) throw noBorders(spec ?? { name: board }, missing)
    // A board that was dropped meanwhile has no seasons any more.
    if (spec === undefined) continue
    // Its windows may have been altered meanwhile.
    if (seasons === undefined || settings !== writeSpec(spec)) seasons = new GivenSeasons(spec)
    settings = writeSpec(spec)
    seasons.resolve(missing)
  }
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

async function storedSpec(
  context: RemoteContext,
  { board, keys }: SlotOfBoard,
): Promise<RemoteSpec | undefined> {
  // No replica may answer: the primary told of seasons of a board that it could not know yet.
  const info = { name: 'read', keys, args: ['', '', 8, 'info'], isRead: false, isRepeatable: true }
  const [, , [[settings]]] = (await context.call(info)) as [Buffer, Buffer, [[Buffer | null]]]
  return settings === null ? undefined : readSpec(board, settings.toString())
}
