/**
 * The rows of the model: their order, the three numbers that each carries, and sums.
 *
 * @module
 */

import type { Entry, Order, RankMode, RankOptions, Standing } from '../../src/index.ts'

const EXACT_MAX = 2 ** 53

/** What the library calls a LadderError, by its code. */
export class ModelError extends Error {
  readonly code: string

  constructor(code: string, message = code) {
    super(message)
    this.code = code
  }
}

/** A player's row on a board of the model. */
export interface Row {
  playerId: string
  bytes: Buffer
  name: string
  score: number
  micros: number
  /** As of the last sort. */
  ranks: Record<RankMode, number>
}

/** Sorts in place, and numbers the rows in every mode. */
export function sorted(rows: Row[], order: Order): Row[] {
  rows.sort((a, b) => {
    if (a.score !== b.score) return isBetter(a.score, b.score, order) ? -1 : 1
    return a.micros - b.micros || Buffer.compare(a.bytes, b.bytes)
  })
  let previous: Row | undefined
  rows.forEach((row, i) => {
    const ordinal = i + 1
    const isTie = row.score === previous?.score
    const competition = isTie ? (previous?.ranks.competition as number) : ordinal
    const dense = (previous?.ranks.dense ?? 0) + (isTie ? 0 : 1)
    row.ranks = { ordinal, competition, dense }
    previous = row
  })
  return rows
}

export function standingAmong(rows: Row[], options: { row: Row; order: Order }): Standing {
  const { row, order } = options
  const better = rows.filter((other) => isBetter(other.score, row.score, order)).length
  const worse = rows.filter((other) => isBetter(row.score, other.score, order)).length
  const total = rows.length
  const equal = total - better - worse
  const percentile = total === 1 ? 100 : (100 * worse) / (total - 1)
  return { ...row.ranks, better, equal, worse, total, percentile }
}

export function newRow(playerId: string, values: { score: number; micros: number }): Row {
  const ranks = { ordinal: 0, competition: 0, dense: 0 }
  return { playerId, bytes: Buffer.from(playerId), name: playerId, ...values, ranks }
}

export function entryOf(row: Row, { rankMode = 'ordinal' }: RankOptions): Entry {
  const { playerId, name, score, micros } = row
  return { rank: row.ranks[rankMode], playerId, name, score, at: micros / 1000 }
}

export function isBetter(a: number, b: number, order: Order): boolean {
  return order === 'descending' ? a > b : a < b
}

/** The sum as it is in arithmetic, not in doubles: 2^53 + 1 is beyond 2^53. */
export function sumOf(a: number, b: number): number {
  const sum = a + b
  const lost = a - (sum - b) + (b - (sum - (sum - b)))
  const isBeyond = Math.abs(sum) > EXACT_MAX || (Math.abs(sum) === EXACT_MAX && lost * sum > 0)
  if (isBeyond || Number.isNaN(sum)) throw new ModelError('INEXACT')
  return sum + 0
}
