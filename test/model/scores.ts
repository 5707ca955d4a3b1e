/**
 * Scores of the model: plain ones of one column and rows of several, numbers and int64. Plain
 * arithmetic on cells, written from the words of the contract.
 *
 * @module
 */

import type { Order, Score, ScoreCell, ScoreColumn, ScoreType } from '../../src/index.ts'

const INTEGER_MAX = 2n ** 63n - 1n

/** How the scores of a board look. Plain scores have one column without a name. */
export interface Shape {
  type: ScoreType
  columns: readonly ScoreColumn[]
}

/** Which neighbour of a score. */
export type Side = 'better' | 'worse'

export function cellsOf({ columns }: Shape, score: Score): ScoreCell[] {
  return typeof score === 'object' ? columns.map(({ name }) => score[name] as ScoreCell) : [score]
}

export function scoreOf({ columns }: Shape, cells: readonly ScoreCell[]): Score {
  if (columns.length === 1) return cells[0] as ScoreCell
  return Object.fromEntries(columns.map(({ name }, i) => [name, cells[i] as ScoreCell]))
}

/** Negative where `a` is better, zero where both are equal: by the first column that differs. */
export function compareScores(shape: Shape, a: Score, b: Score): number {
  const others = cellsOf(shape, b)
  for (const [i, cell] of cellsOf(shape, a).entries()) {
    const other = others[i] as ScoreCell
    if (cell !== other) return cell > other === (orderOf(shape, i) === 'descending') ? -1 : 1
  }
  return 0
}

/** How far `better` is ahead of `worse`, in each column by its order. */
export function leadOf(shape: Shape, better: Score, worse: Score): Score {
  const others = cellsOf(shape, worse)
  const cells = cellsOf(shape, better).map((cell, i) => {
    const other = others[i] as ScoreCell
    return orderOf(shape, i) === 'descending' ? minus(cell, other) : minus(other, cell)
  })
  return scoreOf(shape, cells)
}

/** The score beside `score` among all that a board of this shape can hold; undefined at the end. */
export function neighbourOf(shape: Shape, score: Score, side: Side): Score | undefined {
  const cells = cellsOf(shape, score)
  for (let i = cells.length - 1; i >= 0; i--) {
    const isUp = (orderOf(shape, i) === 'descending') === (side === 'better')
    const next = nextCell(cells[i] as ScoreCell, isUp)
    if (next !== undefined) return scoreOf(shape, cells.with(i, next))
    cells[i] = endOf(shape.type, !isUp)
  }
  return undefined
}

/** The worst score that a board of this shape can hold. */
export function worstOf(shape: Shape): Score {
  const cells = shape.columns.map(({ order }) => endOf(shape.type, order === 'ascending'))
  return scoreOf(shape, cells)
}

function orderOf({ columns }: Shape, i: number): Order {
  return (columns[i] as ScoreColumn).order
}

function minus(a: ScoreCell, b: ScoreCell): ScoreCell {
  return typeof a === 'bigint' ? a - (b as bigint) : a - (b as number)
}

function endOf(type: ScoreType, isHigh: boolean): ScoreCell {
  if (type === 'int64') return isHigh ? INTEGER_MAX : -INTEGER_MAX - 1n
  return isHigh ? Number.MAX_VALUE : -Number.MAX_VALUE
}

function nextCell(cell: ScoreCell, isUp: boolean): ScoreCell | undefined {
  if (typeof cell === 'bigint') {
    if (isUp) return cell === INTEGER_MAX ? undefined : cell + 1n
    return cell === -INTEGER_MAX - 1n ? undefined : cell - 1n
  }
  if (isUp) return nextDouble(cell)
  const next = nextDouble(-cell)
  return next === undefined ? undefined : 0 - next
}

// The bits of a positive double are one more in the next one, those of a negative one are one less.
function nextDouble(value: number): number | undefined {
  if (value === Number.MAX_VALUE) return undefined
  if (value === 0) return Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n))
  return view.getFloat64(0) + 0
}
