import { expect, test } from 'vitest'
import {
  readInteger,
  readScore,
  SCORE_BYTES,
  writeInteger,
  writeScore,
} from '../../src/format/score.ts'
import { INTEGER_MAX, INTEGER_MIN } from '../../src/format/score-shape.ts'
import type { Order } from '../../src/words/index.ts'
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

const INTEGERS: [name: string, integer: bigint, ascending: string, descending: string][] = [
  ['zero', 0n, '8000000000000000', '7fffffffffffffff'],
  ['one', 1n, '8000000000000001', '7ffffffffffffffe'],
  ['minus one', -1n, '7fffffffffffffff', '8000000000000000'],
  ['1500', 1500n, '80000000000005dc', '7ffffffffffffa23'],
  ['2^53 + 1', 2n ** 53n + 1n, '8020000000000001', '7fdffffffffffffe'],
  ['-2^53 - 1', -(2n ** 53n) - 1n, '7fdfffffffffffff', '8020000000000000'],
  ['the largest integer', INTEGER_MAX, 'ffffffffffffffff', '0000000000000000'],
  ['the one below it', INTEGER_MAX - 1n, 'fffffffffffffffe', '0000000000000001'],
  ['the smallest integer', INTEGER_MIN, '0000000000000000', 'ffffffffffffffff'],
  ['the one above it', INTEGER_MIN + 1n, '0000000000000001', 'fffffffffffffffe'],
  ['2^32', 2n ** 32n, '8000000100000000', '7ffffffeffffffff'],
  ['-2^32', -(2n ** 32n), '7fffffff00000000', '80000000ffffffff'],
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

test.each(INTEGERS)(
  'writeInteger() and readInteger() agree on %s',
  (_name, integer, ascending, descending) => {
    expect(encodeInteger(integer, 'ascending')).toEqual(hex(ascending))
    expect(encodeInteger(integer, 'descending')).toEqual(hex(descending))
    expect(readInteger(hex(ascending), 0, 'ascending')).toBe(integer)
    expect(readInteger(hex(descending), 0, 'descending')).toBe(integer)
  },
)

test('writeInteger() refuses integers beyond 64 bits', () => {
  for (const order of ORDERS) {
    expect(() => encodeInteger(INTEGER_MAX + 1n, order)).toThrow(RangeError)
    expect(() => encodeInteger(INTEGER_MIN - 1n, order)).toThrow(RangeError)
  }
})

test('writeInteger() touches its eight bytes alone', () => {
  const target = Buffer.alloc(12, 0xee)
  writeInteger(target, 2, 1500n, 'ascending')
  expect(target).toEqual(hex('eeee 80000000000005dc eeee'))
  expect(readInteger(target, 2, 'ascending')).toBe(1500n)
})

test.each(ORDERS)('writeInteger() makes bytes that compare as integers do, %s', (order) => {
  const random = new Random(runSeed(`integers ${order}`))
  const sign = order === 'ascending' ? 1 : -1
  for (let i = 0; i < RANDOM_SCORES; i++) {
    const a = randomInteger(random)
    const b = random.chance(0.5) ? BigInt.asIntN(64, a + 1n) : randomInteger(random)
    const bytes = [encodeInteger(a, order), encodeInteger(b, order)] as const
    const expected = a < b ? -sign : a > b ? sign : 0
    if (bytes[0].compare(bytes[1]) !== expected) expect.fail(`${a} and ${b}`)
    if (readInteger(bytes[0], 0, order) !== a) expect.fail(`${a} is not read again`)
  }
})

// Any eight bytes are an integer: none is refused, and each is written from one alone.
test.each(ORDERS)('readInteger() reads any eight bytes, %s', (order) => {
  const random = new Random(runSeed(`any integer ${order}`))
  const bytes = Buffer.alloc(8)
  for (let i = 0; i < 10_000; i++) {
    for (let at = 0; at < 8; at++) bytes[at] = random.below(256)
    const again = encodeInteger(readInteger(bytes, 0, order), order)
    if (!again.equals(bytes)) expect.fail(bytes.toString('hex'))
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

function encodeInteger(integer: bigint, order: Order): Buffer {
  const bytes = Buffer.alloc(SCORE_BYTES)
  writeInteger(bytes, 0, integer, order)
  return bytes
}

// Of any size in bits, so that small ones and extremes are as likely as others.
function randomInteger(random: Random): bigint {
  const bits = (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32))
  return BigInt.asIntN(64, bits) >> BigInt(random.below(64))
}
