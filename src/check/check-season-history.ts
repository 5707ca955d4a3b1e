/**
 * Whether the seasons of windows are what the log says: the runs that each took, made again, come to its entries.
 *
 * Of each player the runs on the board are read once, for all seasons. What came before the last move of the
 * player, or before an import without records, is left out, as for boards. An undo may not have reached a season
 * that was sealed: there, and in seasons that keep the best, players of whom a run was turned over are passed by.
 *
 * Numbers in comments are those of the invariants in FORMAT.md.
 *
 * @module
 */

import { readCounters } from '../board/commit.ts'
import { readHistory } from '../board/run-log.ts'
import { zeroOf } from '../domain/gain.ts'
import { type PlacedRun, risesOf, runsOf } from '../embedded/log/runs.ts'
import {
  isGain,
  type SeasonWithRuns,
  seasonBoardsOf,
  seasonRun,
} from '../embedded/log/season-board.ts'
import { beginsFromNothing, heldIn, knownOf } from '../embedded/log/undo-replay.ts'
import { seqIn } from '../embedded/log/undo-selection.ts'
import { BoardKeys } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { HISTORY_TAG } from '../format/run-chain.ts'
import { RUN_TAG, type RunRecord } from '../format/run-record.ts'
import type { Table } from '../format/tables.ts'
import { LadderError } from '../ground/errors.ts'
import type { Reader } from '../store/store.ts'
import type { Finding, Score } from '../words/index.ts'
import { entryProblem, isTurnedForAll, type Segment, unloggedChanges } from './check-history.ts'
import { INVARIANT } from './invariants.ts'

/** The runs of a player on a board, newest first. */
interface Runs {
  playerId: string
  all: readonly PlacedRun[]
  /** Runs up to this one say nothing of what follows. */
  after: number
  rises: () => ReadonlyMap<number, Score>
}

/** Makes the runs of all players in all seasons again: yields what is wrong with each, or undefined. */
export function* checkSeasonHistory(
  reader: Reader<Table>,
  boards: readonly CatalogEntry[],
): Generator<Finding | undefined> {
  const unlogged = unloggedChanges(reader)
  const presentMicros = readCounters(reader).lastMicros
  for (const board of boards) {
    if (board.log === 'none') continue
    const seasons = seasonBoardsOf(reader, board, { isSealedToo: true, presentMicros })
    if (seasons.length === 0) continue
    for (const playerId of playersOf(reader, board)) {
      const runs = runsOn(reader, { board, playerId }, unlogged.get(board.name) ?? 0)
      for (const season of seasons) {
        const { window, id } = season.season
        const problem = problemOf(reader, season, runs)
        const place = `runs of player "${playerId}" in season "${id}" of window "${window}"`
        const invariant = INVARIANT.HISTORY
        yield problem === undefined ? undefined : { board: board.name, place, problem, invariant }
      }
    }
  }
}

// Who left the board may have entries in seasons.
function* playersOf(reader: Reader<Table>, board: CatalogEntry): Generator<string> {
  const { start, end } = new BoardKeys(board.id).all()
  for (const table of ['players', 'history'] as const)
    for (const key of reader.keys(table, { start, end })) {
      const isKnown = table === 'history' && reader.get('players', key) !== undefined
      if (key.length > start.length && !isKnown) yield key.toString('utf8', start.length)
    }
}

function runsOn(
  reader: Reader<Table>,
  { board, playerId }: { board: CatalogEntry; playerId: string },
  unlogged: number,
): Runs {
  const history = readHistory(reader, new BoardKeys(board.id).player(playerId))
  const moved = (history && seqIn(history.tail, HISTORY_TAG.MOVED)) ?? 0
  let rises: ReadonlyMap<number, Score> | undefined
  return {
    ...{ playerId, all: [...runsOf(reader, { board, playerId })] },
    after: Math.max(moved, unlogged),
    rises: () => {
      rises ??= risesOf(reader, { parent: board, turned: new Map() }, playerId)
      return rises
    },
  }
}

// (20) The runs that a season took of a player come to the entry.
function problemOf(reader: Reader<Table>, season: SeasonWithRuns, runs: Runs): string | undefined {
  try {
    if (isTurnedForAll(reader, season)) return undefined
    const segment = segmentOf(season, runs)
    const { playerId } = runs
    const player = segment && knownOf(reader, season, playerId).player
    if (player === undefined || segment === undefined) return undefined
    return entryProblem({ board: season, playerId, player }, segment)
  } catch (error) {
    if (error instanceof LadderError) return `they cannot be made again: ${error.message}`
    throw error
  }
}

function segmentOf(season: SeasonWithRuns, { all, after, rises }: Runs): Segment | undefined {
  const ofGains = isGain(season)
  const isFragile = season.isSealed || season.keep !== undefined
  if (isFragile && ofGains && all.some(({ run }) => isTurned(run))) return undefined
  const runs: Segment['runs'] = []
  let hasTurned = false
  for (const placed of all) {
    const { seq } = placed
    if (seq <= after) break
    const run = seasonRun(season, placed, () => rises().get(seq) ?? zeroOf(season.shape))
    if (run === undefined) continue
    hasTurned ||= isTurned(run)
    runs.push({ seq, run })
    if (!beginsFromNothing(run)) continue
    if (hasTurned && isFragile) return undefined
    return { runs: runs.reverse(), base: undefined, isOpen: false }
  }
  const first = runs.at(-1)?.run
  if (first?.before === undefined || hasTurned) return undefined
  const base = { ...heldIn(season.shape, first.before), metadata: undefined }
  return { runs: runs.reverse(), base, isOpen: true }
}

function isTurned({ tail }: RunRecord): boolean {
  return tail.has(RUN_TAG.UNDONE) || tail.has(RUN_TAG.REVIVED)
}
