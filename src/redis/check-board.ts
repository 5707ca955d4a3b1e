/**
 * The check of a board on a server, in bites of one instant each. Numbers are those of the invariants in
 * ladderdb_1.lua; 5 is that each player is in the partition of the id.
 *
 * @module
 */

import type { CheckReport } from '../words/index.ts'
import type { BoardCalls } from './board-calls.ts'
import { partitionOf } from './partitions.ts'

const PROBLEMS: Readonly<Record<number, string>> = {
  1: 'the record of the player and the ordered entry do not say the same',
  2: 'a score is missing among the distinct ones, or stands there without an entry',
  6: 'the player is hidden without a ban, or has an entry all the same',
  5: 'the player is in another partition than that of the id',
}

type Bite = [cursor: Buffer, count: number, findings: [invariant: number, playerId: Buffer][]]

/** Adds what is found on a board to a report. */
export async function checkBoard(caller: BoardCalls, report: CheckReport): Promise<void> {
  report.checked.boards++
  for (const [i, slot] of caller.slots.entries()) {
    const players = await walk(slot, 'check_players', report)
    await walk(slot, 'check_scores', report)
    if (caller.slots.length > 1) await walkIds(slot, { partition: i, report })
    report.checked.players += players + (await walk(slot, 'check_hidden', report))
    report.checked.entries += players
  }
}

async function walkIds(
  slot: BoardCalls,
  { partition, report }: { partition: number; report: CheckReport },
): Promise<void> {
  const { name: board, partitions } = slot.spec
  let cursor = '0'
  do {
    const { value } = await slot.read('ids', [cursor])
    const [next, ids] = value as [Buffer, Buffer[]]
    for (const id of ids) {
      if (partitionOf(id.toString(), partitions) === partition) continue
      const problem = PROBLEMS[5] as string
      report.findings.push({ board, place: `player "${id}"`, problem, invariant: '5' })
    }
    cursor = next.toString()
  } while (cursor !== '0')
}

async function walk(caller: BoardCalls, question: string, report: CheckReport): Promise<number> {
  const { name: board } = caller.spec
  let count = 0
  let cursor = '0'
  do {
    const { value } = await caller.read(question, [cursor])
    const [next, looked, findings] = value as Bite
    count += looked
    for (const [invariant, playerId] of findings) {
      const place = playerId.length === 0 ? 'all entries' : `player "${playerId}"`
      const problem = PROBLEMS[invariant] as string
      report.findings.push({ board, place, problem, invariant: String(invariant) })
    }
    cursor = next.toString()
  } while (cursor !== '0')
  return count
}
