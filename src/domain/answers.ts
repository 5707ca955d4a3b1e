/**
 * Answers to questions about a board, made of rows and counts that somebody fetched.
 *
 * Pure: a board whose reads answer at once and one whose reads answer later share them.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import type {
  Entry,
  Gap,
  Goal,
  Group,
  Neighbour,
  Page,
  RankMode,
  Score,
  ScoreCell,
  Standing,
} from '../words/index.ts'
import { decimalDifference } from './decimals.ts'

/** Shares of the best that a standing is told by, in percent. */
const BUCKETS = [1, 5, 10, 25, 50]

/** Returns where a score stands. */
export function standingFrom(counts: {
  ordinal: number
  /** Entries with a strictly better score. */
  better: number
  /** Entries with a strictly worse score. */
  worse: number
  /** Distinct scores that are strictly better. */
  betterScores: number
  /** Entries of the board. */
  size: number
  /** 1 if the score is a newcomer's, who is not among them. */
  newcomers: 0 | 1
}): Standing {
  const { ordinal, better, worse, betterScores, size, newcomers } = counts
  const total = size + newcomers
  return {
    ordinal,
    competition: better + 1,
    dense: betterScores + 1,
    better,
    equal: total - better - worse,
    worse,
    total,
    percentile: total === 1 ? 100 : (100 * worse) / (total - 1),
    bucket: bucketOf(better + 1, total),
  }
}

/** Returns the narrowest share of the best that holds a rank, in words. */
function bucketOf(rank: number, total: number): string {
  const share = BUCKETS.find((percent) => rank <= rankOfShare(total, percent))
  return `top ${share ?? 100} %`
}

/** Returns the rows of a page as its answer; `cursorOf` is asked for the ends that lead on. */
export function pageFrom(
  rows: { entries: Entry<Score>[]; first: number; end: number; total: number },
  cursorOf: (entry: Entry<Score> | undefined) => string,
): Page<Score> {
  const { entries, first, end, total } = rows
  return {
    entries,
    total,
    next: end < total ? cursorOf(entries.at(-1)) : undefined,
    previous: first > 0 ? cursorOf(entries[0]) : undefined,
  }
}

/** Returns entries, which stand in board order, with the ranks that they have among themselves. */
export function groupFrom(
  shape: ScoreShape,
  entries: readonly Entry<Score>[],
  mode: RankMode,
): Group<Score>['entries'] {
  let groupRank = 0
  let previous: Score | undefined
  return entries.map((entry, i) => {
    const isTie = previous !== undefined && shape.compare(previous, entry.score) === 0
    if (mode === 'ordinal') groupRank = i + 1
    else if (!isTie) groupRank = mode === 'dense' ? groupRank + 1 : i + 1
    previous = entry.score
    return { ...entry, groupRank }
  })
}

/** Returns a player's place between the neighbours, of rows in board order; undefined without him. */
export function gapFrom(
  shape: ScoreShape,
  rows: readonly Entry<Score>[],
  playerId: string,
): Gap<Score> | undefined {
  const i = rows.findIndex((row) => row.playerId === playerId)
  const entry = rows[i]
  if (entry === undefined) return undefined
  const above = rows[i - 1]
  const below = rows[i + 1]
  return {
    entry,
    above: above && neighbour(above, leadOf(shape, above.score, entry.score)),
    below: below && neighbour(below, leadOf(shape, entry.score, below.score)),
  }
}

/** Returns the last rank that is among the best N percent. */
export function rankOfShare(total: number, percent: number): number {
  // 9.2 percent of 750 are 69, which doubles miss by their last bit.
  return Math.max(1, Math.floor(((total * percent) / 100) * (1 + 2 * Number.EPSILON)))
}

/** Whether a player who stands there has a rank, or a better one. */
export function holdsRank(standing: Standing, goal: { rank: number; mode: RankMode }): boolean {
  return standing[goal.mode] <= goal.rank
}

/** Returns the goal of a player who has reached it. */
export function heldGoal(rank: number): Goal<Score> {
  return { rank, score: undefined, mark: undefined, mustBeat: false, held: true }
}

/**
 * Returns what it takes to get to a rank. `mark` is the score that holds it, undefined if the board does
 * not reach so far; `last` is the one that stands last on a full board, if the goal is a newcomer's: a
 * newcomer who does not beat it gets no place at all.
 */
export function goalFrom(
  shape: ScoreShape,
  goal: { rank: number; mode: RankMode },
  scores: { mark: Score | undefined; last: Score | undefined },
): Goal<Score> {
  const { rank, mode } = goal
  const { last } = scores
  const mark = scores.mark ?? last
  if (mark === undefined) return { rank, score: undefined, mark, mustBeat: false }
  // Who comes now stands behind all who have the score already: only a shared rank can be equalled, and
  // not the score of the last one, who would stay in front.
  const isLast = last !== undefined && shape.compare(mark, last) === 0
  const mustBeat = mode === 'ordinal' || isLast
  return { rank, score: mustBeat ? shape.nextBetter(mark) : mark, mark, mustBeat }
}

function neighbour(entry: Entry<Score>, difference: Score): Neighbour<Score> {
  return { entry, difference }
}

// How far `better` is ahead of `worse`, in each column by its order.
function leadOf(shape: ScoreShape, better: Score, worse: Score): Score {
  const others = shape.cellsOf(worse)
  const cells = shape.cellsOf(better).map((cell, i): ScoreCell => {
    const other = others[i] as ScoreCell
    return shape.columns[i]?.order === 'descending' ? minus(cell, other) : minus(other, cell)
  })
  return shape.scoreOf(cells)
}

function minus(a: ScoreCell, b: ScoreCell): ScoreCell {
  if (typeof b === 'bigint') return BigInt(a) - b
  return decimalDifference(a as number, b)
}
