/**
 * Whether the boards are what the log says (of seasons: check-season-history.ts): the runs of each player, made again from the oldest one that tells
 * all that was before it, come to the entry that is stored.
 *
 * That one is the run that began from nothing, or the first one that is left of a trimmed log: it says what was
 * before it, or the baseline does. It lies behind the last import whose rows left no record, behind the last
 * move of the player, and behind the last rebuild that gave entries other times. Of who has no entry nothing is
 * looked at. A board that keeps the best is passed by once an undo has made it again: what is
 * left of a player then depends on all others.
 *
 * Numbers in comments are those of the invariants in FORMAT.md.
 *
 * @module
 */

import { atMicrosOf, type StoredPlayer } from '../board/board-reader.ts'
import { readHistory } from '../board/run-log.ts'
import { runsOf } from '../embedded/log/runs.ts'
import {
  baselineOf,
  beginsFromNothing,
  heldIn,
  type Known,
  knownOf,
  type Left,
  replayed,
} from '../embedded/log/undo-replay.ts'
import { isUndone, seqIn } from '../embedded/log/undo-selection.ts'
import { BoardKeys } from '../format/keys.ts'
import { seqOf } from '../format/log-key.ts'
import { decodeNote, logKindOf } from '../format/log-note.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { HISTORY_TAG } from '../format/run-chain.ts'
import type { RunRecord } from '../format/run-record.ts'
import type { Table } from '../format/tables.ts'
import { LadderError } from '../ground/errors.ts'
import type { Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

interface Place {
  board: CatalogEntry
  playerId: string
  known: Known
}

/** The runs that are made again, oldest first, and what was there before them. */
export interface Segment {
  runs: { seq: number; run: RunRecord }[]
  base: Left | undefined
  /** Whether nothing is known of metadata from before. */
  isOpen: boolean
}

/** Makes the runs of all players again: yields what is wrong with each, or undefined. */
export function* checkHistory(
  reader: Reader<Table>,
  boards: readonly CatalogEntry[],
): Generator<Finding | undefined> {
  const unlogged = unloggedChanges(reader)
  for (const board of boards) {
    if (board.log === 'none') continue
    const { start, end } = new BoardKeys(board.id).all()
    for (const key of reader.keys('players', { start, end })) {
      const playerId = key.toString('utf8', start.length)
      const problem = problemOf(reader, { board, playerId }, unlogged.get(board.name) ?? 0)
      const place = `runs of player "${playerId}"`
      const invariant = INVARIANT.HISTORY
      yield problem === undefined ? undefined : { board: board.name, place, problem, invariant }
    }
  }
}

/** Returns the last change of each board that altered entries and left no record of each: by the name of the board. */
export function unloggedChanges(reader: Reader<Table>): Map<string, number> {
  const changes = new Map<string, number>()
  for (const { key, value } of reader.pairs('log', {})) {
    const kind = logKindOf(value)
    if (kind !== 'import' && kind !== 'rebuild' && kind !== 'restore') continue
    const { board, logged, retimed } = decodeNote(key, value)?.fields ?? {}
    const isUnlogged = logged === false || kind === 'restore' || Number(retimed ?? 0) > 0
    if (typeof board === 'string' && isUnlogged) changes.set(board, seqOf(key) ?? 0)
  }
  return changes
}

// (20) The runs of a player come to the entry.
function problemOf(
  reader: Reader<Table>,
  { board, playerId }: { board: CatalogEntry; playerId: string },
  unlogged: number,
): string | undefined {
  try {
    const known = knownOf(reader, board, playerId)
    const { player } = known
    if (player?.record.chain === undefined) return undefined
    const segment = segmentOf(reader, { board, playerId, known }, unlogged)
    if (segment === undefined) return undefined
    return entryProblem({ board, playerId, player }, segment)
  } catch (error) {
    if (error instanceof LadderError) return `they cannot be made again: ${error.message}`
    throw error
  }
}

/**
 * Returns what an entry is otherwise than its runs say; undefined if nothing.
 *
 * @throws {LadderError} `INEXACT`.
 */
export function entryProblem(
  { board, playerId, player }: { board: CatalogEntry; playerId: string; player: StoredPlayer },
  { runs, base, isOpen }: Segment,
): string | undefined {
  let held = base
  for (const { run } of runs) if (!isUndone(run)) held = replayed(board, { playerId, run, held })
  const { score, record } = player
  const atMicros = atMicrosOf(player, board.shape)
  if (held === undefined) return 'all of them are undone, and there is an entry'
  if (board.shape.compare(held.score, score) !== 0 || held.atMicros !== atMicros)
    return `they come to ${inWords(held)}, the entry has ${inWords({ score, atMicros })}`
  if (isOpen || held.metadata === record.metadata) return undefined
  return 'they come to other metadata than those of the entry'
}

function segmentOf(
  reader: Reader<Table>,
  { board, playerId, known }: Place,
  unlogged: number,
): Segment | undefined {
  if (isTurnedForAll(reader, board)) return undefined
  const { history } = known
  const turned = (history && seqIn(history.tail, HISTORY_TAG.TURNED)) ?? Number.POSITIVE_INFINITY
  if (board.keep !== undefined && Number.isFinite(turned)) return undefined
  const moved = (history && seqIn(history.tail, HISTORY_TAG.MOVED)) ?? 0
  const after = Math.max(moved, unlogged)
  const runs: Segment['runs'] = []
  for (const { seq, run } of runsOf(reader, { board, playerId })) {
    if (seq <= after) break
    runs.push({ seq, run })
    if (beginsFromNothing(run)) return { runs: runs.reverse(), base: undefined, isOpen: false }
  }
  const first = runs.at(-1)
  if (first === undefined) return undefined
  runs.reverse()
  // What an undo took back before the first run, that run does not tell.
  const kept = after > 0 ? undefined : baselineOf(known, { board, playerId, seq: first.seq })
  if (kept !== undefined) return { runs, base: kept.held, isOpen: false }
  if (turned < first.seq || first.run.before === undefined) return undefined
  const base = { ...heldIn(board.shape, first.run.before), metadata: undefined }
  return { runs, base, isOpen: true }
}

/** Whether an undo made a board of the best again: who is on it then, the runs of others say. */
export function isTurnedForAll(reader: Reader<Table>, { id, keep }: CatalogEntry): boolean {
  if (keep === undefined) return false
  const ofBoard = readHistory(reader, new BoardKeys(id).prefix)
  return ofBoard?.tail.has(HISTORY_TAG.TURNED) === true
}

function inWords({ score, atMicros }: Pick<Left, 'score' | 'atMicros'>): string {
  const text = JSON.stringify(score, (_key, cell: unknown) =>
    typeof cell === 'bigint' ? String(cell) : cell,
  )
  return `${text} of ${new Date(atMicros / 1000).toISOString()}`
}
