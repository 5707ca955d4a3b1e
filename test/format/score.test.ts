import { expect, test } from 'vitest'
import type { Order } from '../../src/board-types.ts'
import { readScore, SCORE_BYTES, writeScore } from '../../src/format/score.ts'
import { Random, runSeed } from '../support/random.ts'
import { hex } from './bytes.ts'

const RANDOM_SCORES = 200_000
const ORDERS: readonly Order[] = ['ascending', 'descending']

const SCORES: [name: string, score: number, ascending: string, descending: string][] = [
  ['zero', 0, '8000000000000000', '7fffffffffffffff'],
  ['one', 1, 'bff0000000000000', '400fffffffffffff'],
  ['minus one', -1, '400fffffffffffff', 'bff0000000000000'],
  ['1500', 1500, 'c097700000000000', '3f688fffffffffff'],
  ['the double above 1500', 1500.0000000000002, 'c097700000000001', '3f688ffffffffffe'],
  ['a tenth', 0.1, 'bfb999999999999a', '4046666666666665'],
  ['2^53', 2 ** 53, 'c340000000000000', '3cbfffffffffffff'],
  ['-2^53', -(2 ** 53), '3cbfffffffffffff', 'c340000000000000'],
  ['the largest double', Number.MAX_VALUE, 'ffefffffffffffff', '0010000000000000'],
  ['the smallest double', -Number.MAX_VALUE, '0010000000000000', 'ffefffffffffffff'],
  ['the least normal double', 2.2250738585072014e-308, '8010000000000000', '7fefffffffffffff'],
  ['the greatest subnormal', 2.225073858507201e-308, '800fffffffffffff', '7ff0000000000000'],
  ['the least subnormal', 5e-324, '8000000000000001', '7ffffffffffffffe'],
  ['the least subnormal below zero', -5e-324, '7ffffffffffffffe', '8000000000000001'],
]

test.each(SCORES)(
  'writeScore() and readScore() agree on %s',
  (_name, score, ascending, descending) => {
    expect(encodeScore(score, 'ascending')).toEqual(hex(ascending))
    expect(encodeScore(score, 'descending')).toEqual(hex(descending))
    expect(readScore(hex(ascending), 0, 'ascending')).toBe(score)
    expect(readScore(hex(descending), 0, 'descending')).toBe(score)
  },
)

test.each(ORDERS)('writeScore() stores -0 as 0 on a board that is %s', (order) => {
  expect(encodeScore(-0, order)).toEqual(encodeScore(0, order))
  expect(readScore(encodeScore(-0, order), 0, order)).toBe(0)
})

test('writeScore() touches its eight bytes alone', () => {
  const target = Buffer.alloc(12, 0xee)
  writeScore(target, 2, 1500, 'ascending')
  expect(target).toEqual(hex('eeee c097700000000000 eeee'))
  expect(readScore(target, 2, 'ascending')).toBe(1500)
})

test('readScore() returns every bit of random doubles that writeScore() took', () => {
  const random = new Random(runSeed('score'))
  const bits = Buffer.alloc(8)
  for (let i = 0; i < RANDOM_SCORES; i++) {
    const score = randomDouble(random)
    bits.writeDoubleBE(score)
    for (const order of ORDERS) {
      const found = readScore(encodeScore(score, order), 0, order)
      if (!Object.is(found, score)) expect.fail(`${bits.toString('hex')}, ${order}: read ${found}`)
    }
  }
})

function encodeScore(score: number, order: Order): Buffer {
  const bytes = Buffer.alloc(SCORE_BYTES)
  writeScore(bytes, 0, score, order)
  return bytes
}

// Any 64 bits that are a finite double other than -0.
function randomDouble(random: Random): number {
  const bytes = Buffer.alloc(8)
  for (;;) {
    bytes.writeUInt32BE(random.below(2 ** 32), 0)
    bytes.writeUInt32BE(random.below(2 ** 32), 4)
    const double = bytes.readDoubleBE()
    if (Number.isFinite(double) && !Object.is(double, -0)) return double
  }
}
