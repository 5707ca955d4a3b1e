import { expect, test } from 'vitest'
import {
  decodeEntryKey,
  encodeEntryKey,
  firstKeyOf,
  lastKeyOf,
  type RankedEntry,
  readMicros,
  writeHead,
} from '../../src/format/entry-key.ts'
import { plainShape } from '../../src/format/score-shape.ts'
import { toMicros, toMs } from '../../src/format/time.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { Order } from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { hex } from './bytes.ts'

const RANDOM_TIMES = 200_000

/** 2026-11-21T00:00:00Z. */
const MIDNIGHT = 1_795_219_200_000_000
const SECOND = 1_000_000

const KEYS: [name: string, order: Order, entry: RankedEntry, hex: string][] = [
  [
    'an entry',
    'descending',
    entry(1500, MIDNIGHT + SECOND, 'alice'),
    '3f688fffffffffff 000660be0ac50240 616c696365',
  ],
  [
    'a better one',
    'descending',
    entry(2000, MIDNIGHT + 2 * SECOND, 'bob'),
    '3f60bfffffffffff 000660be0ad44480 626f62',
  ],
  [
    'an entry where lower is better',
    'ascending',
    entry(1500, MIDNIGHT + SECOND, 'alice'),
    'c097700000000000 000660be0ac50240 616c696365',
  ],
  [
    'a score below zero',
    'descending',
    entry(-2.5, MIDNIGHT, 'eve'),
    'c004000000000000 000660be0ab5c000 657665',
  ],
  [
    'a score below zero where lower is better',
    'ascending',
    entry(-2.5, MIDNIGHT, 'eve'),
    '3ffbffffffffffff 000660be0ab5c000 657665',
  ],
  ['the first microsecond', 'descending', entry(0, 0, 'a'), '7fffffffffffffff 0000000000000000 61'],
  [
    'the last microsecond of the low word',
    'descending',
    entry(0, 2 ** 32 - 1, 'a'),
    '7fffffffffffffff 00000000ffffffff 61',
  ],
  [
    'the first microsecond of the high word',
    'descending',
    entry(0, 2 ** 32, 'a'),
    '7fffffffffffffff 0000000100000000 61',
  ],
  [
    'a time in the year 2109',
    'descending',
    entry(0, 4_398_046_511_103_999, 'a'),
    '7fffffffffffffff 000f9fffffffffff 61',
  ],
  [
    'the largest score',
    'descending',
    entry(Number.MAX_VALUE, 1, 'zoë'),
    '0010000000000000 0000000000000001 7a6fc3ab',
  ],
  [
    'an id beyond the basic plane',
    'ascending',
    entry(5e-324, 1, '😀'),
    '8000000000000001 0000000000000001 f09f9880',
  ],
  [
    'an id that is a zero byte',
    'descending',
    entry(7, 1, '\0'),
    '3fe3ffffffffffff 0000000000000001 00',
  ],
]

const REFUSED: [name: string, order: Order, hex: string][] = [
  ['no bytes', 'descending', ''],
  ['a score alone', 'descending', '3f688fffffffffff'],
  ['a time that is cut', 'descending', '3f688fffffffffff 000660be0ac502'],
  ['a head without an id', 'descending', '3f688fffffffffff 000660be0ac50240'],
  ['infinity', 'ascending', 'fff0000000000000 0000000000000001 61'],
  ['infinity', 'descending', '000fffffffffffff 0000000000000001 61'],
  ['minus infinity', 'ascending', '000fffffffffffff 0000000000000001 61'],
  ['minus infinity', 'descending', 'fff0000000000000 0000000000000001 61'],
  ['not a number', 'ascending', 'fff8000000000000 0000000000000001 61'],
  ['not a number', 'descending', '0007ffffffffffff 0000000000000001 61'],
  ['zeros', 'ascending', '0000000000000000 0000000000000000 61'],
  ['ones', 'descending', 'ffffffffffffffff ffffffffffffffff 61'],
]

// [order, score, first, last]
const BOUNDS: [order: Order, score: number, first: string, last: string][] = [
  ['descending', 1500, '3f688fffffffffff 0000000000000000', '3f688fffffffffff ffffffffffffffff'],
  ['ascending', 1500, 'c097700000000000 0000000000000000', 'c097700000000000 ffffffffffffffff'],
  ['descending', -1, 'bff0000000000000 0000000000000000', 'bff0000000000000 ffffffffffffffff'],
  ['ascending', -1, '400fffffffffffff 0000000000000000', '400fffffffffffff ffffffffffffffff'],
  ['descending', -0, '7fffffffffffffff 0000000000000000', '7fffffffffffffff ffffffffffffffff'],
  ['ascending', 0, '8000000000000000 0000000000000000', '8000000000000000 ffffffffffffffff'],
]

test.each(KEYS)(
  'encodeEntryKey() and decodeEntryKey() agree on %s, %s',
  (_name, order, value, digits) => {
    expect(encodeEntryKey(value, plainShape(order))).toEqual(hex(digits))
    expect(decodeEntryKey(hex(digits), plainShape(order))).toEqual(value)
  },
)

test.each(KEYS)(
  'decodeEntryKey() reads %s, %s, behind a board number',
  (_name, order, value, digits) => {
    expect(decodeEntryKey(hex(`f1 01 ${digits}`), plainShape(order), 2)).toEqual(value)
  },
)

test.each(KEYS)(
  'decodeEntryKey() refuses %s, %s, cut before its id',
  (_name, order, _value, digits) => {
    for (let size = 0; size <= 16; size++)
      expect(decodeEntryKey(hex(digits).subarray(0, size), plainShape(order))).toBeUndefined()
  },
)

test.each(REFUSED)('decodeEntryKey() refuses %s, %s', (_name, order, digits) => {
  expect(decodeEntryKey(hex(digits), plainShape(order))).toBeUndefined()
})

test.each(BOUNDS)(
  'firstKeyOf() and lastKeyOf() of a board that is %s enclose %d',
  (order, score, first, last) => {
    expect(firstKeyOf(score, plainShape(order))).toEqual(hex(first))
    expect(lastKeyOf(score, plainShape(order))).toEqual(hex(last))
  },
)

test('writeHead() writes the first sixteen bytes of the key', () => {
  const head = Buffer.alloc(16)
  writeHead(head, 0, { score: 1500, atMicros: MIDNIGHT + SECOND, shape: plainShape('descending') })
  expect(head).toEqual(hex('3f688fffffffffff 000660be0ac50240'))
})

test('readMicros() returns every time up to AT_MICROS_MAX, and its milliseconds turn back into it', () => {
  const random = new Random(runSeed('times'))
  const head = Buffer.alloc(16)
  const wrong: number[] = []
  for (let i = 0; i < RANDOM_TIMES; i++) {
    const atMicros = randomTime(random)
    writeHead(head, 0, { score: 0, atMicros, shape: plainShape('descending') })
    if (readMicros(head, 8) !== atMicros || toMicros(toMs(atMicros)) !== atMicros)
      wrong.push(atMicros)
  }
  expect(wrong.slice(0, 5)).toEqual([])
})

function entry(score: number, atMicros: number, playerId: string): RankedEntry {
  return { score, atMicros, playerId }
}

// Uniform, and often near the ends or near a power of two, where the spacing of doubles changes.
function randomTime(random: Random): number {
  const near = random.pick([0, AT_MICROS_MAX, 2 ** random.below(53), 2 ** random.below(43) * 1000])
  const time = random.chance(0.5)
    ? near + random.below(20_001) - 10_000
    : Math.floor(random.next() * AT_MICROS_MAX)
  return Math.min(AT_MICROS_MAX, Math.max(0, time))
}
