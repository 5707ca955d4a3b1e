/**
 * The check of a board on a server, in bites of one instant each. Numbers are those of the invariants in
 * ladderdb_1.lua and windows.lua; 5 is that each player is in the partition of the id.
 *
 * @module
 */

import type { CheckReport } from '../../words/index.ts'
import type { BoardCalls, SlotCalls } from '../slot/board-calls.ts'
import { partitionOf } from '../slot/partitions.ts'

const PROBLEMS: Readonly<Record<number, string>> = {
  1: 'the record of the player and the ordered entry do not say the same',
  2: 'a score is missing among the distinct ones, or stands there without an entry',
  6: 'the player is hidden without a ban, or has an entry all the same',
  5: 'the player is in another partition than that of the id',
  8: 'the season goes on where the next one has begun',
  11: 'a partition has other borders than the home of the board has fixed',
}

type Bite = [cursor: Buffer, count: number, findings: [invariant: number, playerId: Buffer][]]

/** Adds what is found on a board to a report; what `onBite` throws ends the walk. */
export async function checkBoard(
  caller: BoardCalls,
  report: CheckReport,
  onBite: (looked: number) => void,
): Promise<void> {
  report.checked.boards++
  for (const [i, slot] of caller.slots.entries()) {
    const walked = boardWalked(slot, onBite)
    const players = await walk(walked, 'check_players', report)
    await walk(walked, 'check_scores', report)
    if (caller.slots.length > 1) await walkIds(slot, { partition: i, report })
    report.checked.players += players + (await walk(walked, 'check_hidden', report))
    report.checked.entries += players
  }
  for (const slot of caller.slots) await checkSeasons(slot, report, onBite)
  if (caller.slots.length > 1) await checkSpans(caller, report)
}

// The home is asked behind the partitions: it fixes seasons before they have them.
async function checkSpans(caller: BoardCalls, report: CheckReport): Promise<void> {
  const { name: board, windows = [] } = caller.spec
  for (const { name: window } of windows) {
    const told = await Promise.all(caller.slots.map((slot) => spansOf(slot, window)))
    const { value } = await caller.readSeasons('finals_place', [window, ''])
    const floorMicros = Number(String((value as [number, Buffer, Buffer])[1]))
    const fixed = new Map((await spansOf(caller, window)).map((span) => [span.id, span]))
    for (const { id, from, to } of told.flat()) {
      // What left goes from each slot at the next change to it.
      if (Number(from) < floorMicros) continue
      const found = fixed.get(id)
      // A partition may not be told yet that its season has ended: it takes no changes until then.
      if (found?.from === from && (to === '' || to === found.to)) continue
      const place = `season "${id}" of window "${window}"`
      report.findings.push({ board, place, problem: PROBLEMS[11] as string, invariant: '11' })
    }
  }
}

async function spansOf(caller: BoardCalls, window: string): Promise<Span[]> {
  const spans: Span[] = []
  for (let after = ''; ; ) {
    const { value } = await caller.readSeasons('season_spans', [window, after])
    const page = (value as Buffer[][]).map((span) => span.map(String) as [string, string, string])
    for (const [id, from, to] of page) spans.push({ id, from, to })
    if (page.length === 0) return spans
    after = spans.at(-1)?.from as string
  }
}

interface Span {
  id: string
  from: string
  to: string
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

/** What is walked: a board, or a season of it, whose bites are asked of the board. */
interface Walked {
  caller: BoardCalls
  place: string
  ask: (question: string, cursor: string) => Promise<unknown>
  onBite: (looked: number) => void
}

function boardWalked(caller: BoardCalls, onBite: Walked['onBite']): Walked {
  const ask = async (question: string, cursor: string): Promise<unknown> =>
    (await caller.read(question, [cursor])).value
  return { caller, place: '', ask, onBite }
}

async function checkSeasons(
  caller: SlotCalls,
  report: CheckReport,
  onBite: (looked: number) => void,
): Promise<void> {
  for (const { name: window } of caller.spec.windows ?? []) {
    for (let before = ''; ; ) {
      const { value } = await caller.read('check_seasons', [window, before])
      if (value === null) break
      const [id, from, overlaps, hidden] = value as [Buffer, Buffer, number, number]
      before = from.toString()
      const place = ` in season "${id}" of window "${window}"`
      const ask = async (question: string, cursor: string): Promise<unknown> =>
        (await caller.read('check_season', [window, from, question, cursor])).value
      const walked = { caller, place, ask, onBite }
      if (overlaps === 1) tell(walked, report, [8, NOBODY])
      const players = await walk(walked, 'check_players', report)
      report.checked.entries += players
      report.checked.players += players + hidden
      await walk(walked, 'check_scores', report)
    }
  }
}

async function walk(walked: Walked, question: string, report: CheckReport): Promise<number> {
  let count = 0
  let cursor = '0'
  do {
    const [next, looked, findings] = (await walked.ask(question, cursor)) as Bite
    count += looked
    walked.onBite(looked)
    for (const finding of findings) tell(walked, report, finding)
    cursor = next.toString()
  } while (cursor !== '0')
  return count
}

function tell(
  { caller, place: season }: Walked,
  report: CheckReport,
  [invariant, playerId]: Bite[2][number],
): void {
  const { name: board } = caller.spec
  const place = `${playerId.length === 0 ? 'all entries' : `player "${playerId}"`}${season}`
  const problem = PROBLEMS[invariant] as string
  report.findings.push({ board, place, problem, invariant: String(invariant) })
}

const NOBODY = Buffer.alloc(0)
