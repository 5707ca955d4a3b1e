/**
 * Random scores of every shape. Few values, so that ties are heavy; now and then one at the edge of
 * what a cell holds.
 *
 * @module
 */

import type { Score, ScoreCell } from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import { type Shape, scoreOf } from './scores.ts'

/** `plain` ones can be imported and seldom leave what is exact; `bad` ones are refused. */
export type ScoreKind = 'any' | 'plain' | 'bad'

/** Returns a score for a board of this shape. */
export function randomScore(random: Random, shape: Shape, kind: ScoreKind): Score {
  const { columns, type } = shape
  const cells = columns.map((): ScoreCell => {
    return type === 'int64' ? randomInteger(random, kind) : randomNumber(random, kind)
  })
  // On a board with columns one bad cell is enough, and so is a score of another shape.
  if (kind === 'bad') {
    const bad = type === 'int64' ? random.pick(BAD_INTEGERS) : random.pick(BAD_NUMBERS)
    if (columns.length > 1 && random.chance(0.3)) return 7
    return scoreOf(shape, cells.with(random.below(cells.length), bad))
  }
  const isList = kind === 'any' && columns.length > 1 && random.chance(0.1)
  return isList ? (cells as unknown as Score) : scoreOf(shape, cells)
}

/** Returns one end of a range of scores. */
export function randomBound(random: Random, { type }: Shape): ScoreCell {
  if (random.chance(0.2)) return random.pick([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  if (type === 'int64') return randomInteger(random, 'any')
  return randomNumber(random, 'any') + (random.chance(0.2) ? 0.01 : 0)
}

function randomNumber(random: Random, kind: ScoreKind): number {
  if (random.chance(0.7)) return random.below(24) - 6
  if (random.chance(0.7)) return random.below(40) / 8 - 2
  return kind === 'any' ? random.pick(EDGE_NUMBERS) : random.below(1000) / 1000
}

function randomInteger(random: Random, kind: ScoreKind): ScoreCell {
  if (random.chance(0.4)) return BigInt(random.below(24) - 6)
  if (random.chance(0.8)) return kind === 'any' ? random.below(24) - 6 : BigInt(random.below(9))
  return kind === 'any' ? random.pick(EDGE_INTEGERS) : 2n ** 53n + BigInt(random.below(4))
}

const BAD_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const BAD_INTEGERS = [...BAD_NUMBERS, 0.5, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]
const EDGE_NUMBERS = [
  ...[0, -0, 5e-324, -5e-324, 2.5e-310, 1.7e308, -1.7e308, Number.MAX_VALUE, 2 ** 53, -(2 ** 53)],
  ...[2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53 + 2, 0.1 + 0.2, 0.3, 1e-7, 2 ** 60, 2 ** 31, -(2 ** 32)],
]
const EDGE_INTEGERS = [
  ...[2n ** 63n - 1n, 2n ** 63n - 2n, -(2n ** 63n), 1n - 2n ** 63n, 2n ** 62n, -(2n ** 62n), -0],
  ...[2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2 ** 53 - 1, 1 - 2 ** 53, 2n ** 32n, -1n],
]
