/**
 * Scores of the model: plain ones of one column and rows of several, numbers and int64. Plain
 * arithmetic on cells, written from the words of the contract.
 *
 * @module
 */

import type { Order, Score, ScoreCell, ScoreColumn, ScoreType } from '../../src/index.ts'

const INTEGER_MAX = 2n ** 63n - 1n
const EXACT_MAX = 2 ** 53

/** What the library calls a LadderError, by its code. */
export class ModelError extends Error {
  readonly code: string

  constructor(code: string, message = code) {
    super(message)
    this.code = code
  }
}

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
  if (typeof a === 'bigint') return a - (b as bigint)
  return Number(`${unitsOf(a) - unitsOf(b as number)}e-${UNIT}`)
}

// Every double prints as a whole number of these.
const UNIT = 400

function unitsOf(value: number): bigint {
  const [number = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = number.split('.')
  return BigInt(whole + fraction + '0'.repeat(UNIT + Number(exponent) - fraction.length))
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

/** Returns a score as a board keeps it; throws where it is none. */
export function checkedScore(shape: Shape, value: unknown): Score {
  const { columns, type } = shape
  if (columns.length === 1) return checkedCell(type, value)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('score')
  const names = columns.map(({ name }) => name)
  if (Object.keys(value).some((name) => !names.includes(name))) throw new RangeError('score')
  const given = value as Record<string, unknown>
  return scoreOf(
    shape,
    names.map((name) => checkedCell(type, given[name])),
  )
}

/** The sums of two scores, column by column, as they are in arithmetic. */
export function sumOfScores(shape: Shape, previous: Score | undefined, added: Score): Score {
  const before = previous === undefined ? [] : cellsOf(shape, previous)
  return scoreOf(
    shape,
    cellsOf(shape, added).map((cell, i) => sumOf(before[i], cell)),
  )
}

function checkedCell(type: ScoreType, value: unknown): ScoreCell {
  if (type === 'int64') {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw new TypeError('score')
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('score')
    const integer = BigInt(value)
    if (integer > INTEGER_MAX || integer < -INTEGER_MAX - 1n) throw new RangeError('score')
    return integer
  }
  if (typeof value !== 'number') throw new TypeError('score')
  if (!Number.isFinite(value)) throw new RangeError('score')
  return value + 0
}

function sumOf(before: ScoreCell | undefined, added: ScoreCell): ScoreCell {
  if (typeof added === 'number') return sumOfDoubles((before as number | undefined) ?? 0, added)
  const sum = ((before as bigint | undefined) ?? 0n) + added
  if (sum > INTEGER_MAX || sum < -INTEGER_MAX - 1n) throw new ModelError('INEXACT')
  return sum
}

// The sum as it is in arithmetic, not in doubles: 2^53 + 1 is beyond 2^53.
function sumOfDoubles(a: number, b: number): number {
  const sum = a + b
  const lost = a - (sum - b) + (b - (sum - (sum - b)))
  const isBeyond = Math.abs(sum) > EXACT_MAX || (Math.abs(sum) === EXACT_MAX && lost * sum > 0)
  if (isBeyond || Number.isNaN(sum)) throw new ModelError('INEXACT')
  return sum + 0
}
