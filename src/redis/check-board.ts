/**
 * The check of a board on a server, in bites of one instant each. Numbers are those of the invariants in
 * ladderdb_1.lua.
 *
 * @module
 */

import type { CheckReport } from '../words/index.ts'
import type { BoardCaller } from './board-caller.ts'

const PROBLEMS: Readonly<Record<number, string>> = {
  1: 'the record of the player and the ordered entry do not say the same',
  2: 'a score is missing among the distinct ones, or stands there without an entry',
}

type Bite = [cursor: Buffer, count: number, findings: [invariant: number, playerId: Buffer][]]

/** Adds what is found on a board to a report. */
export async function checkBoard(caller: BoardCaller, report: CheckReport): Promise<void> {
  report.checked.boards++
  const players = await walk(caller, 'check_players', report)
  await walk(caller, 'check_scores', report)
  report.checked.players += players
  report.checked.entries += players
}

async function walk(caller: BoardCaller, question: string, report: CheckReport): Promise<number> {
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
