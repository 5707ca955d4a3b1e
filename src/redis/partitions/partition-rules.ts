/**
 * The rules of a board in partitions. The home has them first, with a version that rises, and then each partition is told:
 * no instant covers them all. What a process that stops half way leaves is told by the next one that opens the board,
 * alters it or checks it.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import { BoardCaller, RefusedByServer } from '../slot/board-caller.ts'
import { judgeText, rulesOfText } from '../slot/board-rules.ts'
import { keysOfPartitions } from '../slot/partitions.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { RemoteSpec } from '../slot/remote-settings.ts'

/**
 * The rules of a slot as its function tells them, which version of them all partitions have, and what the slot was
 * told of the store.
 */
export type RulesReply = [
  ...[rules: Buffer | null, version: Buffer | null, told: Buffer | null],
  store?: Buffer | null,
]

/** One incarnation of a board. */
interface Board {
  spec: RemoteSpec
  id: string
}

/** Whether some partition may not have been told of an alteration. */
export function isUntold([, version, told]: RulesReply): boolean {
  return numberIn(version) > numberIn(told)
}

/** Returns the calls of the slot that knows the rules of a board in partitions. */
export function homeOfRules(context: RemoteContext, board: Board): BoardCaller {
  return new BoardCaller(context, board)
}

/** Tells all partitions the rules that the home has, unless they have them. A board that is dropped meanwhile has none. */
export async function tellRules(context: RemoteContext, board: Board): Promise<void> {
  try {
    const { spec } = board
    await tellFrom(homeOfRules(context, board), { spec, slots: slotsOf(context, board) })
  } catch (error) {
    if (!(error instanceof LadderError) || error.code !== 'NO_BOARD') throw error
  }
}

/**
 * Sees to it that all partitions have the rules of the home, also after a failover that lost some. If the home
 * lost them, what it has now holds again.
 */
export async function repairRules(context: RemoteContext, board: Board): Promise<void> {
  const home = homeOfRules(context, board)
  const slots = slotsOf(context, board)
  const [[text, version], ...others] = (await Promise.all(
    [home, ...slots].map(async (slot) => (await slot.readNow('rules', [])).value),
  )) as [RulesReply, ...RulesReply[]]
  const isSame = others.every((one) => `${one[0]}` === `${text}`)
  if (isSame) return tellRules(context, board)
  const latest = Math.max(numberIn(version), ...others.map((one) => numberIn(one[1])))
  const rules = `${text ?? ''}`
  const change = { before: rules, after: rules, judge: judgeOf(rules, board.spec) }
  await home.alterRules(change, latest).catch(unlessAltered)
  await tellRules(context, board)
}

async function tellFrom(
  home: BoardCaller,
  { spec, slots }: { spec: RemoteSpec; slots: readonly BoardCaller[] },
): Promise<void> {
  const { id, value } = await home.readNow('rules', [])
  const [text, version] = value as RulesReply
  if (!isUntold(value as RulesReply)) return
  const rules = `${text ?? ''}`
  const args = [id, numberIn(version), rules, judgeOf(rules, spec)]
  const told = { isRepeatable: true }
  await Promise.all(slots.map((slot) => slot.write('tell_rules', args, told)))
  await home.write('rules_told', [numberIn(version)], told)
}

// The caller who altered the rules meanwhile tells them.
function unlessAltered(error: unknown): void {
  if (!(error instanceof RefusedByServer) || error.code !== 'RULES_DIFFER') throw error
}

function slotsOf(context: RemoteContext, { spec, id }: Board): BoardCaller[] {
  const all = keysOfPartitions(context.prefix, spec.name, spec.partitions)
  return all.map((keys) => new BoardCaller(context, { spec, id, keys }))
}

function judgeOf(rules: string, { shape }: RemoteSpec): string {
  return judgeText(rulesOfText(rules, shape), shape)
}

function numberIn(text: Buffer | null): number {
  return Number(`${text ?? 0}`)
}
