/**
 * The rows of the model: their order, and the three numbers that each carries.
 *
 * @module
 */

import type { Entry, RankMode, RankOptions, Score, ScoreCell, Standing } from '../../src/index.ts'
import { cellsOf, type Shape } from './scores.ts'

/** A player's row on a board of the model. */
export interface Row {
  playerId: string
  bytes: Buffer
  name: string
  score: Score
  cells: ScoreCell[]
  micros: number
  /** JSON text. */
  metadata: string | undefined
  /** As of the last sort. */
  ranks: Record<RankMode, number>
}

/** Sorts in place, and numbers the rows in every mode. */
export function sorted(rows: Row[], shape: Shape): Row[] {
  rows.sort((a, b) => {
    return byScore(shape, a, b) || a.micros - b.micros || Buffer.compare(a.bytes, b.bytes)
  })
  let previous: Row | undefined
  rows.forEach((row, i) => {
    const ordinal = i + 1
    const isTie = previous !== undefined && byScore(shape, row, previous) === 0
    const competition = isTie ? (previous?.ranks.competition as number) : ordinal
    const dense = (previous?.ranks.dense ?? 0) + (isTie ? 0 : 1)
    row.ranks = { ordinal, competition, dense }
    previous = row
  })
  return rows
}

/** Negative where `a` has the better score, zero where both have the same. */
export function byScore({ columns }: Shape, a: Row, b: Row): number {
  for (let i = 0; i < a.cells.length; i++) {
    const cell = a.cells[i] as ScoreCell
    const other = b.cells[i] as ScoreCell
    if (cell !== other) return cell > other === (columns[i]?.order === 'descending') ? -1 : 1
  }
  return 0
}

export function standingAmong(rows: Row[], options: { row: Row; shape: Shape }): Standing {
  const { row, shape } = options
  const better = rows.filter((other) => byScore(shape, other, row) < 0).length
  const worse = rows.filter((other) => byScore(shape, row, other) < 0).length
  const total = rows.length
  const equal = total - better - worse
  const percentile = total === 1 ? 100 : (100 * worse) / (total - 1)
  return {
    ...row.ranks,
    better,
    equal,
    worse,
    total,
    percentile,
    bucket: bucketOf(better + 1, total),
  }
}

// In words of its own: the share of the best that a rank uses up, against each limit.
function bucketOf(rank: number, total: number): string {
  const share = [1, 5, 10, 25, 50].find((percent) => rank === 1 || rank * 100 <= total * percent)
  return `top ${share ?? 100} %`
}

export function newRow(
  playerId: string,
  values: { score: Score; shape: Shape; micros: number },
): Row {
  const { score, shape, micros } = values
  return {
    ...{ playerId, bytes: Buffer.from(playerId), name: playerId, metadata: undefined },
    ...{ score, cells: cellsOf(shape, score), micros },
    ranks: { ordinal: 0, competition: 0, dense: 0 },
  }
}

export function entryOf(row: Row, { rankMode = 'ordinal' }: RankOptions): Entry<Score> {
  const { playerId, name, score, micros, metadata } = row
  const entry = { rank: row.ranks[rankMode], playerId, name, score, at: micros / 1000 }
  return metadata === undefined ? entry : { ...entry, metadata: JSON.parse(metadata) }
}
