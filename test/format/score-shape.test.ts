import { expect, test } from 'vitest'
import { INTEGER_MAX, INTEGER_MIN, plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import type { Score } from '../../src/words/index.ts'
import { hex } from './bytes.ts'

const RACE = new ScoreShape('number', [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
])
const LOW_RACE = new ScoreShape('number', [
  { name: 'time', order: 'ascending' },
  { name: 'points', order: 'descending' },
])
const COINS = new ScoreShape('int64', [
  { name: 'gold', order: 'descending' },
  { name: 'debt', order: 'ascending' },
])
const DOUBLE = plainShape('descending')
const LOW_DOUBLE = plainShape('ascending')
const INTEGER = plainShape('descending', 'int64')
const LOW_INTEGER = plainShape('ascending', 'int64')
const MAX = Number.MAX_VALUE
const LEAST = Number.MIN_VALUE

// [what, shape, score, hex]
const SCORES: [string, ScoreShape, Score, string][] = [
  ['a number', DOUBLE, 1500, '3f688fffffffffff'],
  ['a number where lower is better', LOW_DOUBLE, 1500, 'c097700000000000'],
  ['an integer', INTEGER, 1500n, '7ffffffffffffa23'],
  ['an integer where lower is better', LOW_INTEGER, 1500n, '80000000000005dc'],
  ['two columns', RACE, { points: 1500, time: 71.5 }, '3f688fffffffffff c051e00000000000'],
  [
    'two columns of integers',
    COINS,
    { gold: INTEGER_MAX, debt: INTEGER_MIN },
    '0000000000000000 0000000000000000',
  ],
  [
    'the worst of two columns of integers',
    COINS,
    { gold: INTEGER_MIN, debt: INTEGER_MAX },
    'ffffffffffffffff ffffffffffffffff',
  ],
]

test.each(SCORES)('ScoreShape.write() and read() agree on %s', (_, shape, score, digits) => {
  const bytes = Buffer.alloc(shape.bytes + 4, 0xee)
  shape.write(bytes, 2, score)
  expect(bytes).toEqual(hex(`eeee ${digits} eeee`))
  expect(shape.read(bytes, 2)).toEqual(score)
})

// [what, shape, hex]
const REFUSED: [string, ScoreShape, string][] = [
  ['-0', DOUBLE, '8000000000000000'],
  ['-0 where lower is better', LOW_DOUBLE, '7fffffffffffffff'],
  ['-0 in the first column', RACE, '8000000000000000 c051e00000000000'],
  ['-0 in the second column', RACE, '3f688fffffffffff 7fffffffffffffff'],
  ['infinity', DOUBLE, '000fffffffffffff'],
  ['infinity in the first column', RACE, '000fffffffffffff c051e00000000000'],
  ['minus infinity in the second column', RACE, '3f688fffffffffff 000fffffffffffff'],
  ['what is no number', DOUBLE, '0007ffffffffffff'],
  ['what is no number in the second column', RACE, '3f688fffffffffff ffffffffffffffff'],
]

test.each(REFUSED)('ScoreShape.read() refuses %s', (_, shape, digits) => {
  expect(shape.read(hex(digits), 0)).toBeUndefined()
})

test('ScoreShape.write() stores -0 as 0 in every column', () => {
  const bytes = Buffer.alloc(16)
  RACE.write(bytes, 0, { points: -0, time: -0 })
  expect(RACE.read(bytes, 0)).toEqual({ points: 0, time: 0 })
})

test('ScoreShape.write() takes columns by their names, in whatever order they stand', () => {
  const bytes = Buffer.alloc(16)
  RACE.write(bytes, 0, { time: 71.5, points: 1500 })
  expect(bytes).toEqual(hex('3f688fffffffffff c051e00000000000'))
})

// [what, shape, score, the next better one]
const BETTER: [string, ScoreShape, Score, Score | undefined][] = [
  ['a number', DOUBLE, 1, 1 + Number.EPSILON],
  ['a number where lower is better', LOW_DOUBLE, 1, 1 - Number.EPSILON / 2],
  ['a number below zero', DOUBLE, -1, -1 + Number.EPSILON / 2],
  ['zero', DOUBLE, 0, LEAST],
  ['zero where lower is better', LOW_DOUBLE, 0, -LEAST],
  ['the last number below zero', DOUBLE, -LEAST, 0],
  ['the first number above zero where lower is better', LOW_DOUBLE, LEAST, 0],
  ['2^53', DOUBLE, 2 ** 53, 2 ** 53 + 2],
  ['the best number', DOUBLE, MAX, undefined],
  ['the best number where lower is better', LOW_DOUBLE, -MAX, undefined],
  ['an integer', INTEGER, -1n, 0n],
  ['an integer where lower is better', LOW_INTEGER, 2n ** 53n, 2n ** 53n - 1n],
  ['the best integer', INTEGER, INTEGER_MAX, undefined],
  ['the best integer where lower is better', LOW_INTEGER, INTEGER_MIN, undefined],
  ['columns', RACE, { points: 5, time: 0 }, { points: 5, time: -LEAST }],
  [
    'columns of which the last is as good as can be',
    RACE,
    { points: 2 ** 53, time: -MAX },
    { points: 2 ** 53 + 2, time: MAX },
  ],
  [
    'columns the other way round',
    LOW_RACE,
    { time: 0, points: MAX },
    { time: -LEAST, points: -MAX },
  ],
  ['columns as good as can be', RACE, { points: MAX, time: -MAX }, undefined],
  ['columns of integers', COINS, { gold: 7n, debt: INTEGER_MIN }, { gold: 8n, debt: INTEGER_MAX }],
  ['the best columns of integers', COINS, { gold: INTEGER_MAX, debt: INTEGER_MIN }, undefined],
]

test.each(BETTER)('ScoreShape.nextBetter() is right for %s', (_, shape, score, better) => {
  expect(shape.nextBetter(score)).toEqual(better)
  if (better !== undefined) expect(shape.compare(better, score)).toBeLessThan(0)
})

// [what, shape, better, worse]
const PAIRS: [string, ScoreShape, Score, Score][] = [
  ['numbers', DOUBLE, 2, 1],
  ['the ends of numbers', DOUBLE, MAX, -MAX],
  ['numbers where lower is better', LOW_DOUBLE, -LEAST, LEAST],
  ['integers that are one double', INTEGER, 2n ** 53n + 1n, 2n ** 53n],
  ['integers where lower is better', LOW_INTEGER, INTEGER_MIN, INTEGER_MAX],
  ['first columns', RACE, { points: 2, time: 9 }, { points: 1, time: 1 }],
  ['second columns', RACE, { points: 1, time: 1 }, { points: 1, time: 9 }],
  ['columns of integers', COINS, { gold: 1n, debt: -1n }, { gold: 1n, debt: 0n }],
]

test.each(PAIRS)('ScoreShape.compare() puts the better of %s first', (_, shape, better, worse) => {
  expect(shape.compare(better, worse)).toBeLessThan(0)
  expect(shape.compare(worse, better)).toBeGreaterThan(0)
  expect(shape.compare(better, better)).toBe(0)
  expect(shape.compare(worse, worse)).toBe(0)
})

test('ScoreShape.equals() tells type, number, names and orders of columns apart', () => {
  const shapes = [DOUBLE, LOW_DOUBLE, INTEGER, LOW_INTEGER, RACE, LOW_RACE, COINS]
  const renamed = new ScoreShape('number', [
    { name: 'points', order: 'descending' },
    { name: 'seconds', order: 'ascending' },
  ])
  for (const shape of [...shapes, renamed]) {
    const equal = [...shapes, renamed].filter((other) => shape.equals(other))
    expect(equal).toEqual([shape])
  }
  expect(RACE.equals(new ScoreShape('number', [...RACE.columns] as never))).toBe(true)
})
