/**
 * How a board in partitions begins and ends, step by step: no instant covers its slots. What a
 * process that stops half way leaves, the next one finishes; see partitions.lua.
 *
 * @module
 */

import { closedStore } from '../../domain/rules.ts'
import { LadderError } from '../../ground/errors.ts'
import type { ServerArgument } from '../client/connection.ts'
import { keysOfBoard, keysOfHome, readSpec, writeSpec } from '../slot/board-keys.ts'
import { learnFirst } from '../slot/change-slot.ts'
import { keysOfPartitions, partitionOf } from '../slot/partitions.ts'
import type { RemoteContext, ToldFirst } from '../slot/remote-context.ts'
import { type RemoteSpec, specError } from '../slot/remote-settings.ts'

const ATTEMPTS = 10

/** How a board is made. */
export interface AskedMaking {
  isForWrites: boolean
  /** What the board is to be told first, if the caller has put its name on the list. */
  told?: ToldFirst
}

// How settings of a store end that is closed for writes: see shared.lua.
const CLOSED = ' 1'

/**
 * Returns the id of a board, which is made if it does not exist; `isForWrites`: only if the store takes changes.
 *
 * @throws {LadderError} `SETTINGS_DIFFER`, `CLOSED_FOR_WRITES`.
 */
export async function makePartitions(
  context: RemoteContext,
  spec: RemoteSpec,
  { isForWrites, told }: AskedMaking,
): Promise<string> {
  const { name } = spec
  const settings = writeSpec(spec)
  const home = keysOfBoard(context.prefix, name)
  const first = told ?? (await context.claim(name))
  if (isForWrites && first.settings.endsWith(CLOSED)) throw closedStore()
  await learnFirst(context, { board: name, keys: home }, first)
  for (let i = 0; i < ATTEMPTS; i++) {
    const [state, id, there, since] = await homeOf(context, spec)
    if (state === 'ready') return sameSettings(id, { stored: readSpec(name, there), asked: spec })
    if (state === 'old') {
      await endPartitions(context, { name, id, settings: there })
      continue
    }
    const begun = await onPartitions(context, spec, {
      ...{ call: 'begin_partition', args: [settings, id, since ?? ''] },
    })
    if (begun.some((answer) => answer !== 1)) continue
    const told = await tellPartitions(context, spec, id)
    // Not if it was told of a ban meanwhile.
    if ((await atHome(context, name, 'ready_board', [id, told])) === 1) return id
  }
  throw new LadderError(
    'UNAVAILABLE',
    `Cannot create board "${name}": others make and drop it all the time; try again`,
  )
}

/** Returns the id of a board; undefined if it does not exist. @throws {LadderError} `SETTINGS_DIFFER`. */
export async function homeId(
  context: RemoteContext,
  spec: RemoteSpec,
): Promise<string | undefined> {
  const { name } = spec
  const keys = keysOfBoard(context.prefix, name)
  const reply = await context.call({ name: 'read', keys, args: ['', '', 8, 'info'], isRead: true })
  const [id, , [[settings]]] = reply as [Buffer, Buffer, [[Buffer | null]]]
  if (settings === null) return undefined
  return sameSettings(id.toString(), { stored: readSpec(name, settings.toString()), asked: spec })
}

/** Drops a board, or finishes that; returns whether there was one. */
export async function dropPartitions(context: RemoteContext, name: string): Promise<boolean> {
  const found = (await atHome(context, name, 'end_board', [])) as [Buffer, Buffer] | null
  if (found === null) return false
  const [id, settings] = found.map(String) as [string, string]
  await endPartitions(context, { name, id, settings })
  return true
}

// Each partition what the home knows of the store, of bans those of its players; returns how often it was told.
async function tellPartitions(
  context: RemoteContext,
  { name, partitions }: RemoteSpec,
  id: string,
): Promise<string> {
  const keys = keysOfBoard(context.prefix, name)
  // No replica may answer: it could have heard less.
  const reply = await context.call({ name: 'read', keys, args: ['', '', 8, 'told'], isRead: false })
  const [, , [count, bans, settings, people]] = reply as ToldReply
  const others = { settings: settings.toString(), people: people.toString() }
  const all = keysOfPartitions(context.prefix, name, partitions)
  const ofPartitions = all.map((): Buffer[] => [])
  for (let i = 0; i < bans.length; i += 2) {
    const [playerId, ban] = bans.slice(i, i + 2) as [Buffer, Buffer]
    ofPartitions[partitionOf(playerId.toString(), partitions)]?.push(playerId, ban)
  }
  await Promise.all(
    ofPartitions.map((some, i) => {
      const slot = { board: name, keys: all[i] as string[] }
      return learnFirst(context, slot, { id, bans: some, ...others })
    }),
  )
  return count.toString()
}

type ToldReply = [
  ...[id: Buffer, last: Buffer],
  [count: Buffer, bans: Buffer[], settings: Buffer, people: Buffer],
]

async function homeOf(
  context: RemoteContext,
  spec: RemoteSpec,
): Promise<[state: string, id: string, settings: string, since?: string]> {
  const args = [writeSpec(spec), context.givenMicros() ?? '', context.seenMicros]
  const found = await atHome(context, spec.name, 'found_board', args)
  return (found as Buffer[]).map(String) as [string, string, string, string?]
}

function sameSettings(id: string, specs: { stored: RemoteSpec; asked: RemoteSpec }): string {
  const error = specError(specs.stored, specs.asked)
  if (error !== undefined) throw error
  return id
}

async function endPartitions(
  context: RemoteContext,
  { name, id, settings }: { name: string; id: string; settings: string },
): Promise<void> {
  const spec = readSpec(name, settings)
  const handed = await onPartitions(context, spec, { call: 'end_partition', args: [id] })
  await atHome(context, name, 'ended_board', [id, ...(handed.flat() as ServerArgument[])])
}

function atHome(
  context: RemoteContext,
  name: string,
  call: string,
  args: readonly ServerArgument[],
): Promise<unknown> {
  const keys = keysOfHome(context.prefix, name)
  return context.call({ name: call, keys, args, isRead: false })
}

function onPartitions(
  context: RemoteContext,
  { name, partitions }: RemoteSpec,
  { call, args }: { call: string; args: readonly ServerArgument[] },
): Promise<unknown[]> {
  return Promise.all(
    keysOfPartitions(context.prefix, name, partitions).map((keys) =>
      context.call({ name: call, keys, args, isRead: false }),
    ),
  )
}
