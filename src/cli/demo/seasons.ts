/**
 * The season of the demo once more, on a board with windows: played as time went on, with a clock that
 * follows the runs, so that weeks and months end while it is played.
 *
 * @module
 */

import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Entry, Leaderboard, SeasonFinal, SeasonView } from '../../index.ts'

/** The standing of a season. */
export interface SeasonStanding {
  season: string
  sealed: boolean
  /** When it ends, milliseconds since 1970. */
  to: number
  size: number
  top: Entry[]
}

/** What the windows say when the last run was played. */
export interface SeasonFacts {
  /** Runs that were submitted: those that are a player's best of a week or a month so far, or bring a name. */
  submits: number
  week: SeasonStanding
  month: SeasonStanding
  lastMonth: SeasonStanding
  /** How a player ended in the weeks that are over. */
  finals: { playerId: string; weeks: SeasonFinal[] }
}

/** A clock that the one who plays sets. */
export interface PlayedClock {
  now: number
}

interface Run {
  playerId: string
  score: number
  at: number
  /** Only in a player's first run, and where it changes. */
  name?: string
}

const TOP = 3
const SUBMIT_MOST = 10_000

/** The windows of the board that {@link playWindows} plays on. */
export const PLAYED_WINDOWS = ['week', 'month'] as const

/** Returns the runs of a season in the order of their times. */
export async function readPlayed(file: string): Promise<Run[]> {
  const text = String(await promisify(gunzip)(await readFile(file)))
  const lines = text.trimEnd().split('\n').slice(1)
  return lines.map((line) => {
    // No name of the file has a comma or a quote.
    const [playerId = '', score, name, at] = line.split(',')
    return { playerId, score: Number(score), at: Number(at), ...(name && { name }) }
  })
}

/** Plays runs on a board with windows, and says what they come to. */
export async function playWindows(
  board: Leaderboard,
  played: { runs: readonly Run[]; clock: PlayedClock; signal: AbortSignal },
): Promise<SeasonFacts> {
  const { runs, clock, signal } = played
  const bests = PLAYED_WINDOWS.map(() => new Map<string, number>())
  let ends = endsOf(board)
  let batch: Run[] = []
  let submits = 0
  const submitAll = async (): Promise<void> => {
    signal.throwIfAborted()
    await board.submitMany(batch, { ranks: false })
    submits += batch.length
    batch = []
  }
  for (const run of runs) {
    const isOver = ends.some((end) => run.at >= end)
    if (isOver || batch.length === SUBMIT_MOST) await submitAll()
    clock.now = run.at
    if (isOver) ends = passBorder(board, ends, bests)
    if (isBetter(bests, run) || run.name !== undefined) batch.push(run)
  }
  await submitAll()
  return { submits, ...standingsOf(board) }
}

function endsOf(board: Leaderboard): number[] {
  return board.windows().map(({ to = Infinity }) => to)
}

// Who was the best of last week begins again.
function passBorder(
  board: Leaderboard,
  ends: readonly number[],
  bests: readonly Map<string, number>[],
): number[] {
  const now = endsOf(board)
  for (const [i, best] of bests.entries()) if (now[i] !== ends[i]) best.clear()
  return now
}

function isBetter(bests: readonly Map<string, number>[], { playerId, score }: Run): boolean {
  const beaten = bests.filter((best) => score > (best.get(playerId) ?? -1))
  for (const best of beaten) best.set(playerId, score)
  return beaten.length > 0
}

function standingsOf(board: Leaderboard): Omit<SeasonFacts, 'submits'> {
  const [, last] = board.seasons('month', { limit: 2 })
  const lastMonth = standingOf(board.window('month', last?.season))
  const playerId = lastMonth.top[0]?.playerId ?? ''
  return {
    week: standingOf(board.window('week')),
    month: standingOf(board.window('month')),
    lastMonth,
    finals: { playerId, weeks: board.finals(playerId, 'week') },
  }
}

function standingOf(view: SeasonView): SeasonStanding {
  const { season = '', sealed, to = 0, size } = view
  return { season, sealed, to, size, top: view.top(TOP) }
}
