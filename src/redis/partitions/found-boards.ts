/**
 * Boards that are on a server, by their names or all, and the calls of each.
 *
 * @module
 */

import type { ServerCall } from '../client/connection.ts'
import { BoardCaller, type CallerParts } from '../slot/board-caller.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { keysOfBoard, readSpec } from '../slot/board-keys.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { type AskedOfServer, type RemoteSpec, remoteAskedError } from '../slot/remote-settings.ts'
import { isUntold, type RulesReply, tellRules } from './partition-rules.ts'
import { PartitionedCaller } from './partitioned-caller.ts'

/** A board that exists. */
export interface FoundBoard {
  spec: RemoteSpec
  id: string
  /** Of a board in one slot. */
  size: number
  /** The rules as they are stored; empty if there are none. */
  rules: string
  /** Whether some partition may not have its latest rules. */
  isUntold: boolean
}

/**
 * Resolves with a board, or with undefined if it does not exist. Cost: one round trip; some more if a process stopped
 * while it altered the rules of a board in partitions.
 */
export async function boardOnServer(
  context: RemoteContext,
  name: string,
): Promise<FoundBoard | undefined> {
  const found = foundIn(name, await context.call(infoCall(context, name)))
  if (found?.isUntold === true) await tellRules(context, found)
  return found
}

/** Resolves with all boards, ordered by the bytes of their names. Cost: two round trips. */
export async function boardsOnServer(context: RemoteContext): Promise<FoundBoard[]> {
  const names = await context.names()
  const replies = await context.batch(names.map((name) => infoCall(context, name)))
  return names.flatMap((name, i) => foundIn(name, replies[i]) ?? [])
}

/** Returns the calls of a board that exists. @throws {LadderError} `SETTINGS_DIFFER` if others are asked for. */
export function callerOf(
  context: RemoteContext,
  { spec, id }: FoundBoard,
  asked?: AskedOfServer,
): BoardCalls {
  const error = asked && remoteAskedError(spec, asked)
  if (error !== undefined) throw error
  return callsOf(context, { spec, id })
}

/** Returns the calls of a board, whether it exists or not. */
export function callsOf(context: RemoteContext, parts: CallerParts): BoardCalls {
  const Caller = parts.spec.partitions > 1 ? PartitionedCaller : BoardCaller
  return new Caller(context, parts)
}

function infoCall({ prefix }: RemoteContext, name: string): ServerCall {
  const keys = keysOfBoard(prefix, name)
  return { name: 'read', keys, args: ['', '', 8, 'info'], isRead: true }
}

type InfoReply = [settings: Buffer | null, writes: Buffer | null, ...rules: RulesReply]

function foundIn(name: string, reply: unknown): FoundBoard | undefined {
  const [id, , value] = reply as [Buffer, Buffer, [InfoReply, number]]
  const [[settings, , ...rules], size] = value
  if (settings === null) return undefined
  const spec = readSpec(name, settings.toString())
  const [text] = rules
  return {
    ...{ spec, id: id.toString(), size, rules: `${text ?? ''}` },
    isUntold: spec.partitions > 1 && isUntold(rules),
  }
}
