/**
 * What the demo does and finds out: the facts that it shows to people, and to programs as they are.
 *
 * @module
 */

import type { Readable } from 'node:stream'
import type {
  Entry,
  ImportReport,
  Leaderboard,
  Leaderboards,
  Standing,
  SubmitAnswer,
} from '../../index.ts'
import type { SeasonFacts } from './seasons.ts'

/** How long a step took; of many equal ones, each. */
export interface Timing {
  what: string
  ms: number
}

/** A player who shares a score. */
export interface Tied {
  entry: Entry
  standing: Standing
}

/** The JSON document of `demo`. */
export interface DemoFacts {
  /** The season is made by a generator: no real players. */
  simulated: true
  loaded: { rows: number; players: number; ms: number }
  top: Entry[]
  player: { entry: Entry; standing: Standing; around: Entry[] }
  update: { answer: SubmitAnswer; ms: number }
  statistics: {
    entries: number
    distinctScores: number
    /** Scores at the median, and where the best tenth and hundredth begin. */
    median: number
    best10Percent: number
    best1Percent: number
    fileBytes: number
    treeHeight: number
  }
  edges: {
    /** The rank of a player whom nobody knows: none. */
    unknown: { playerId: string; rank: number | undefined }
    /** A worse score on a board that keeps the best. */
    worse: SubmitAnswer
    /** Two neighbours with the same score; the first one was there first. */
    tie: Tied[]
  }
  /** Weeks and months of the same runs. */
  seasons: SeasonFacts
  timings: Timing[]
}

const TOP = 10
const NEIGHBOURS = 2
// A player in the midst, with neighbours on both sides and a good way up.
const PLAYER_PLACE = 650
const GOAL_PLACE = 100
const TIE_SEARCH_PLACES = 500

/** Feeds the season to the board and takes the facts. */
export async function playSeason(
  store: Leaderboards,
  season: { board: Leaderboard; source: Readable; signal: AbortSignal },
): Promise<Omit<DemoFacts, 'seasons'>> {
  const { board, source, signal } = season
  const clock = new StopClock()
  const report = await clock.takeAsync('load', () =>
    board.importFrom(source, { format: 'csv', signal }),
  )
  const loaded = { ...rowsOf(report, board), ms: clock.last }
  const top = clock.take('top 10', () => board.top(TOP))
  const player = lookAt(board, clock)
  const update = await climb(board, { playerId: player.entry.playerId, clock })
  const edges = await edgesOf(board, { known: player.entry.playerId, clock })
  const statistics = clock.take('statistics', () => statisticsOf(store, board))
  timeAllRanks(board, clock)
  return { simulated: true, loaded, top, player, update, statistics, edges, timings: clock.timings }
}

function rowsOf(report: ImportReport, board: Leaderboard): { rows: number; players: number } {
  return { rows: report.imported, players: board.size }
}

function lookAt(board: Leaderboard, clock: StopClock): DemoFacts['player'] {
  const { playerId } = required(board.entryAt(PLAYER_PLACE))
  const [entry, standing] = clock.take("a player's card", () => [
    required(board.get(playerId)),
    required(board.standing(playerId)),
  ])
  const around = clock.take('neighbourhood', () =>
    board.around(playerId, { above: NEIGHBOURS, below: NEIGHBOURS }),
  )
  return { entry, standing, around }
}

async function climb(
  board: Leaderboard,
  climber: { playerId: string; clock: StopClock },
): Promise<DemoFacts['update']> {
  const { playerId, clock } = climber
  const goal = required(board.entryAt(GOAL_PLACE)).score + 10
  const answer = await clock.takeAsync('update, on disk', () => board.submit(playerId, goal))
  return { answer, ms: clock.last }
}

async function edgesOf(
  board: Leaderboard,
  options: { known: string; clock: StopClock },
): Promise<DemoFacts['edges']> {
  const playerId = 'nobody'
  const unknown = { playerId, rank: board.rank(playerId) }
  const worse = await options.clock.takeAsync('update, refused', () =>
    board.submit(options.known, 10),
  )
  const tie = tieOf(board).map((entry) => {
    return { entry, standing: required(board.standing(entry.playerId)) }
  })
  return { unknown, worse, tie }
}

function tieOf(board: Leaderboard): Entry[] {
  const entries = board.top(TIE_SEARCH_PLACES)
  const i = entries.findIndex((entry, i) => entry.score === entries[i + 1]?.score)
  return i === -1 ? [] : entries.slice(i, i + 2)
}

function statisticsOf(store: Leaderboards, board: Leaderboard): DemoFacts['statistics'] {
  const { fileBytes, trees } = store.stats()
  const entries = board.size
  const scoreAt = (share: number): number =>
    required(board.entryAt(Math.max(1, Math.round(entries * share)))).score
  return {
    entries,
    distinctScores: trees[0]?.scores ?? 0,
    median: scoreAt(0.5),
    best10Percent: scoreAt(0.1),
    best1Percent: scoreAt(0.01),
    fileBytes,
    treeHeight: trees[0]?.height ?? 0,
  }
}

// A single call of some microseconds tells little: the first one is slow, later ones vary.
function timeAllRanks(board: Leaderboard, clock: StopClock): void {
  const ids = [...board.entries()].map(({ playerId }) => playerId)
  clock.take(`rank, mean of ${ids.length}`, () => board.ranks(ids))
  const timing = required(clock.timings.at(-1))
  timing.ms /= ids.length
}

class StopClock {
  readonly timings: Timing[] = []

  /** How long the last step took. */
  get last(): number {
    return this.timings.at(-1)?.ms ?? 0
  }

  take<T>(what: string, step: () => T): T {
    const start = performance.now()
    const answer = step()
    this.timings.push({ what, ms: performance.now() - start })
    return answer
  }

  async takeAsync<T>(what: string, step: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const answer = await step()
    this.timings.push({ what, ms: performance.now() - start })
    return answer
  }
}

function required<T>(value: T | undefined): T {
  if (value !== undefined) return value
  throw new Error('Cannot show the season: it has fewer players than expected; restore the file')
}
