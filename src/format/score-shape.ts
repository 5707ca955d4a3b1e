/**
 * How the scores of a board look: of which type they are, and in which columns.
 *
 * A score of one column is a plain number or bigint. One of several is an object that names the
 * columns. In a key the columns follow one another in their order, so bytes compare as scores do:
 * column by column, the next one only if those before are equal.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { COLUMNS_MAX } from '../ground/limits.ts'
import type { Order, Score, ScoreCell, ScoreColumn, ScoreType } from '../words/index.ts'
import { readInteger, readScore, SCORE_BYTES, writeInteger, writeScore } from './score.ts'

const TIME_BYTES = 8

/** What columns can be called. */
export const COLUMN_NAME: RegExp = /^[A-Za-z][\w-]{0,31}$/

/** The integers that a score can be. */
export const INTEGER_MIN: bigint = -(2n ** 63n)
export const INTEGER_MAX: bigint = 2n ** 63n - 1n

/** The shape of all scores of a board. */
export class ScoreShape {
  readonly type: ScoreType
  /** One without a name if scores are plain. */
  readonly columns: readonly ScoreColumn[]
  /** Bytes of a score in a key. */
  readonly bytes: number
  /** Bytes of a score and its time, which stand in front of the id in a key. */
  readonly headBytes: number
  /** Which scores are better, by the first column. */
  readonly order: Order

  constructor(type: ScoreType, columns: readonly [ScoreColumn, ...ScoreColumn[]]) {
    assert(columns.length <= COLUMNS_MAX, '(10) a score has as many columns as a key has room for')
    this.type = type
    this.columns = columns
    this.bytes = SCORE_BYTES * columns.length
    this.headBytes = this.bytes + TIME_BYTES
    this.order = columns[0].order
  }

  /** Whether a score is a number or bigint by itself. */
  get isPlain(): boolean {
    return this.columns.length === 1
  }

  /** Writes the ordered form of a score at `offset`. */
  write(target: Buffer, offset: number, score: Score): void {
    if (typeof score === 'number') writeScore(target, offset, score, this.order)
    else this.writeCells(target, offset, this.cellsOf(score))
  }

  /** Writes the ordered form of the first columns of a score. */
  writeCells(target: Buffer, offset: number, cells: readonly ScoreCell[]): void {
    assert(cells.length <= this.columns.length, '(10) a score has the columns of its board')
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as ScoreCell
      const { order } = this.columns[i] as ScoreColumn
      if (typeof cell === 'bigint') writeInteger(target, offset + i * SCORE_BYTES, cell, order)
      else writeScore(target, offset + i * SCORE_BYTES, cell, order)
    }
  }

  /** Reads a score; undefined if the bytes are not a score. */
  read(source: Buffer, offset: number): Score | undefined {
    if (this.type === 'number' && this.columns.length === 1) {
      const score = readScore(source, offset, this.order)
      return isStorable(score) ? score : undefined
    }
    const cells = this.columns.map(({ order }, i) => {
      const at = offset + i * SCORE_BYTES
      return this.type === 'int64' ? readInteger(source, at, order) : readScore(source, at, order)
    })
    const isScore = cells.every((cell) => typeof cell === 'bigint' || isStorable(cell))
    return isScore ? this.scoreOf(cells) : undefined
  }

  /** Returns the columns of a score in their order. */
  cellsOf(score: Score): ScoreCell[] {
    if (typeof score !== 'object') return [score]
    return this.columns.map(({ name }) => score[name] as ScoreCell)
  }

  /** Returns the score of columns in their order. */
  scoreOf(cells: readonly ScoreCell[]): Score {
    if (this.isPlain) return cells[0] as ScoreCell
    return Object.fromEntries(this.columns.map(({ name }, i) => [name, cells[i] as ScoreCell]))
  }

  /** Returns a negative number if `a` is better than `b`, zero if they are equal. */
  compare(a: Score, b: Score): number {
    if (typeof a === 'number' && typeof b === 'number')
      return this.order === 'descending' ? b - a : a - b
    const others = this.cellsOf(b)
    for (const [i, cell] of this.cellsOf(a).entries()) {
      const other = others[i] as ScoreCell
      if (cell === other) continue
      return cell > other === (this.columns[i]?.order === 'descending') ? -1 : 1
    }
    return 0
  }

  /**
   * Returns the least good of the scores that are better than `score`, or undefined if there is none:
   * the last column that can be better is, and those behind it are as bad as can be.
   */
  nextBetter(score: Score): Score | undefined {
    const cells = this.cellsOf(score)
    for (let i = cells.length - 1; i >= 0; i--) {
      const { order } = this.columns[i] as ScoreColumn
      const better = nextBetterCell(cells[i] as ScoreCell, order)
      cells[i] = better ?? worstCell(this.type, order)
      if (better !== undefined) return this.scoreOf(cells)
    }
    return undefined
  }

  /** Whether scores of both shapes are the same bytes and words. */
  equals(other: ScoreShape): boolean {
    return (
      this.type === other.type &&
      this.columns.length === other.columns.length &&
      this.columns.every(({ name, order }, i) => {
        const column = other.columns[i] as ScoreColumn
        return name === column.name && order === column.order
      })
    )
  }
}

/** Returns the shape of plain scores. */
export function plainShape(order: Order, type: ScoreType = 'number'): ScoreShape {
  return new ScoreShape(type, [{ name: '', order }])
}

// -0 would stand beside 0.
function isStorable(score: number): boolean {
  return Number.isFinite(score) && !Object.is(score, -0)
}

function nextBetterCell(cell: ScoreCell, order: Order): ScoreCell | undefined {
  const step = order === 'descending' ? 1n : -1n
  if (typeof cell === 'bigint') {
    const next = cell + step
    return BigInt.asIntN(64, next) === next ? next : undefined
  }
  // In the ascending form the next double is the next whole number.
  const bytes = Buffer.alloc(SCORE_BYTES)
  writeScore(bytes, 0, cell, 'ascending')
  bytes.writeBigUInt64BE(bytes.readBigUInt64BE() + step)
  const next = readScore(bytes, 0, 'ascending')
  // Between 0 and the first double below it lies -0, which is the same score as 0.
  if (Object.is(next, -0)) return step > 0n ? 0 : -Number.MIN_VALUE
  return Number.isFinite(next) ? next : undefined
}

function worstCell(type: ScoreType, order: Order): ScoreCell {
  const isLow = order === 'descending'
  if (type === 'int64') return isLow ? INTEGER_MIN : INTEGER_MAX
  return isLow ? -Number.MAX_VALUE : Number.MAX_VALUE
}
