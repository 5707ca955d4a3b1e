/**
 * The claim that the whole product stands on: keys compare as bytes as entries rank.
 *
 * @module
 */

import { expect, test } from 'vitest'
import {
  decodeEntryKey,
  encodeEntryKey,
  firstKeyOf,
  firstKeyOfCells,
  lastKeyOf,
  lastKeyOfCells,
  type RankedEntry,
} from '../../src/format/entry-key.ts'
import { INTEGER_MAX, plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { Order, Score, ScoreCell, ScoreType } from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'

const RANDOM_PAIRS = sizeOf('TORTURE_PAIRS', { test: 1_000, torture: 1_000_000 })
// Of boards of plain numbers, which are what most boards are.
const PLAIN_PAIRS = sizeOf('TORTURE_PLAIN_PAIRS', { test: 25_000, torture: 1_000_000 })

const SHAPES: [name: string, shape: ScoreShape][] = [
  ['descending', plainShape('descending')],
  ['ascending', plainShape('ascending')],
  ['int64, descending', plainShape('descending', 'int64')],
  ['int64, ascending', plainShape('ascending', 'int64')],
  ['two columns', shapeOf('number', ['descending', 'ascending'])],
  ['three columns', shapeOf('number', ['ascending', 'descending', 'descending'])],
  ['two columns of int64', shapeOf('int64', ['ascending', 'descending'])],
  [
    'four columns of int64',
    shapeOf('int64', ['descending', 'ascending', 'ascending', 'descending']),
  ],
]

const EDGE_INTEGERS = [
  ...[0n, 1n, 255n, 256n, 1500n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n],
  ...[2n ** 62n, INTEGER_MAX - 1n, INTEGER_MAX],
].flatMap((integer) => [integer, -integer, -integer - 1n])

const EDGE_SCORES = [
  ...[
    0, -0, 5e-324, 1e-323, 2.225073858507201e-308, 2.2250738585072014e-308, 0.1, 0.2,
    0.30000000000000004,
  ],
  ...[
    1,
    2,
    255,
    256,
    1500,
    1500.0000000000002,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
  ],
  ...[1.7976931348623155e308, 1.79e308, Number.MAX_VALUE],
].flatMap((score) => [score, -score])

const EDGE_TIMES = [
  0,
  1,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  1_795_219_200_000_000,
  AT_MICROS_MAX - 1,
  AT_MICROS_MAX,
]

const IDS = [
  // Beginnings of one another, and bytes that strings are often ended or padded with.
  ...['a', 'aa', 'aaa', 'a\0', 'a\0\0', 'a ', 'ab', 'A', 'b', '\0', '\0\0', ' ', '\x7f'],
  // Equal for readers, other bytes: composed, decomposed, compatible, Cyrillic, full width, invisible.
  ...[
    '\u{e9}',
    'e\u{301}',
    '\u{c5}',
    'A\u{30a}',
    '\u{212b}',
    '\u{430}',
    '\u{ff41}',
    '\u{feff}a',
    'a\u{200d}',
  ],
  // UTF-16 sorts these surrogate pairs below U+E000…U+FFFF, UTF-8 above them.
  ...[
    '\u{d7ff}',
    '\u{e000}',
    '\u{fffd}',
    '\u{ffff}',
    '\u{10000}',
    '😀',
    '\u{10ffff}',
    'a\u{ffff}',
    'a\u{10000}',
  ],
  // As long as an id may be, equal up to the last byte.
  ...['x'.repeat(512), `${'x'.repeat(511)}y`, 'x'.repeat(511), '😀'.repeat(128)],
]

const SHORT_IDS = IDS.filter((id) => id.length < 10)

test.each(SHAPES)(
  'encodeEntryKey() makes bytes that compare as entries rank, %s',
  (name, shape) => {
    const random = new Random(runSeed(`entry-key-order ${name}`))
    const pairs = shape.isPlain ? PLAIN_PAIRS : RANDOM_PAIRS / 2
    for (let i = 0; i < pairs; i++) {
      const a = randomEntry(random, shape)
      const b = random.chance(0.5) ? nearby(a, random, shape) : randomEntry(random, shape)
      const found = encodeEntryKey(a, shape).compare(encodeEntryKey(b, shape))
      const expected = compareEntries(a, b, shape)
      if (found !== expected)
        expect.fail(`${show(a)} and ${show(b)}: bytes ${found}, ranks ${expected}`)
    }
  },
)

test.each(SHAPES)('decodeEntryKey() returns what encodeEntryKey() took, %s', (name, shape) => {
  const random = new Random(runSeed(`entry-key round trip ${name}`))
  for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
    const value = randomEntry(random, shape)
    const found = decodeEntryKey(encodeEntryKey(value, shape), shape)
    const isSame = found?.atMicros === value.atMicros && found.playerId === value.playerId
    if (!isSame || !isSameScore(found.score, value.score))
      expect.fail(`${show(value)}: ${found && show(found)}`)
  }
})

test.each(SHAPES)(
  'firstKeyOf() and lastKeyOf() hold a score apart from all others, %s',
  (name, shape) => {
    const random = new Random(runSeed(`bounds ${name}`))
    for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
      const value = randomEntry(random, shape)
      const score = random.chance(0.5) ? value.score : randomScore(random, shape)
      const key = encodeEntryKey(value, shape)
      const sides = [key.compare(firstKeyOf(score, shape)), key.compare(lastKeyOf(score, shape))]
      const side = compareScores(value.score, score, shape)
      const expected = side === 0 ? [1, -1] : [side, side]
      if (`${sides}` !== `${expected}`)
        expect.fail(`${show(value)} against ${textOf(score)}: ${sides}`)
    }
  },
)

test.each(SHAPES)(
  'firstKeyOfCells() and lastKeyOfCells() hold the first columns apart from all others, %s',
  (name, shape) => {
    const random = new Random(runSeed(`bounds by columns ${name}`))
    for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
      const value = randomEntry(random, shape)
      const count = random.below(shape.columns.length) + 1
      const score = random.chance(0.5) ? value.score : nearby(value, random, shape).score
      const cells = cellsOf(score).slice(0, count)
      const key = encodeEntryKey(value, shape)
      const first = key.compare(firstKeyOfCells(cells, shape))
      const last = key.compare(lastKeyOfCells(cells, shape))
      const side = compareCells(cellsOf(value.score).slice(0, count), cells, shape)
      const expected = side === 0 ? [1, -1] : [side, side]
      if (`${[first, last]}` !== `${expected}`)
        expect.fail(`${show(value)} against ${cells}: ${[first, last]}`)
    }
  },
)

test.each(SHAPES)('ScoreShape.compare() says which of two scores is better, %s', (name, shape) => {
  const random = new Random(runSeed(`compare ${name}`))
  for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
    const a = randomEntry(random, shape)
    const b = random.chance(0.5) ? nearby(a, random, shape) : randomEntry(random, shape)
    const found = Math.sign(shape.compare(a.score, b.score))
    if (found !== compareScores(a.score, b.score, shape))
      expect.fail(`${show(a)} and ${show(b)}: ${found}`)
  }
})

// The next key in front of all of a score's is the last one of the score that is the next better.
test.each(SHAPES)('ScoreShape.nextBetter() leaves out no score, %s', (name, shape) => {
  const random = new Random(runSeed(`next better ${name}`))
  for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
    const { score } = randomEntry(random, shape)
    const better = shape.nextBetter(score)
    const between = random.chance(0.5)
      ? nearby({ score, atMicros: 0, playerId: 'a' }, random, shape).score
      : randomScore(random, shape)
    const isBetter = compareScores(between, score, shape) < 0
    if (better === undefined) {
      if (isBetter) expect.fail(`${textOf(between)} is better than ${textOf(score)}`)
      continue
    }
    const isAhead = compareScores(better, score, shape) < 0
    const isLeftOut = isBetter && compareScores(between, better, shape) > 0
    if (!isAhead || isLeftOut)
      expect.fail(`${textOf(better)} of ${textOf(score)}, ${textOf(between)}`)
  }
})

/** -1 where `a` ranks before `b`: the rule of order in its plainest form. */
function compareEntries(a: RankedEntry, b: RankedEntry, shape: ScoreShape): number {
  return (
    compareScores(a.score, b.score, shape) ||
    Math.sign(a.atMicros - b.atMicros) ||
    compareCodePoints(a.playerId, b.playerId)
  )
}

function compareScores(a: Score, b: Score, shape: ScoreShape): number {
  return compareCells(cellsOf(a), cellsOf(b), shape)
}

function compareCells(a: readonly ScoreCell[], b: readonly ScoreCell[], shape: ScoreShape): number {
  for (const [i, cell] of a.entries()) {
    const other = b[i] as ScoreCell
    const better = shape.columns[i]?.order === 'descending' ? cell > other : cell < other
    if (cell !== other) return better ? -1 : 1
  }
  return 0
}

// The columns of the shapes here stand in scores as they stand in the shape.
function cellsOf(score: Score): ScoreCell[] {
  return typeof score === 'object' ? Object.values(score) : [score]
}

function isSameScore(a: Score, b: Score): boolean {
  const others = cellsOf(b)
  return cellsOf(a).every((cell, i) => cell === others[i]) && typeof a === typeof b
}

// UTF-8 was made so that its bytes compare as code points do.
function compareCodePoints(a: string, b: string): number {
  const [pointsA, pointsB] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < Math.min(pointsA.length, pointsB.length); i++) {
    const difference = codePoint(pointsA[i]) - codePoint(pointsB[i])
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(pointsA.length - pointsB.length)
}

function codePoint(character: string | undefined): number {
  return character?.codePointAt(0) ?? -1
}

function randomEntry(random: Random, shape: ScoreShape): RankedEntry {
  const score = randomScore(random, shape)
  return { score, atMicros: randomTime(random), playerId: randomId(random) }
}

// The same entry but for one thing: pairs that nothing but the last bytes tell apart.
function nearby(entry: RankedEntry, random: Random, shape: ScoreShape): RankedEntry {
  const other = { ...entry }
  const what = random.below(4)
  if (what === 0) other.score = nearbyScore(entry.score, random, shape)
  if (what === 1) other.atMicros = Math.min(AT_MICROS_MAX, other.atMicros + 1)
  if (what === 2) other.playerId = randomId(random)
  return other
}

function nearbyScore(score: Score, random: Random, shape: ScoreShape): Score {
  const cells = cellsOf(score)
  const place = random.below(cells.length)
  const cell = cells[place] as ScoreCell
  if (typeof cell === 'number') cells[place] = random.chance(0.5) ? -cell : cell + 1
  else cells[place] = BigInt.asIntN(64, random.chance(0.5) ? -cell : cell + random.pick([1n, -1n]))
  return shape.scoreOf(cells)
}

function randomScore(random: Random, shape: ScoreShape): Score {
  const cell = shape.type === 'int64' ? randomInteger : randomDouble
  return shape.scoreOf(shape.columns.map(() => cell(random)))
}

function randomInteger(random: Random): bigint {
  const kind = random.below(4)
  if (kind === 0) return random.pick(EDGE_INTEGERS)
  if (kind === 1) return BigInt(random.below(5)) - 2n
  if (kind === 2) return BigInt(random.below(2_000_001) - 1_000_000)
  return BigInt.asIntN(64, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32)))
}

function randomDouble(random: Random): number {
  const kind = random.below(4)
  if (kind === 0) return random.pick(EDGE_SCORES)
  if (kind === 1) return random.below(5)
  if (kind === 2) return random.below(2_000_001) - 1_000_000
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(random.below(2 ** 32), 0)
  bytes.writeUInt32BE(random.below(2 ** 32), 4)
  const double = bytes.readDoubleBE()
  return Number.isFinite(double) ? double : 0
}

function randomTime(random: Random): number {
  if (random.chance(0.5)) return random.pick(EDGE_TIMES)
  return random.chance(0.5) ? random.below(3) : Math.floor(random.next() * AT_MICROS_MAX)
}

function randomId(random: Random): string {
  const id = random.pick(IDS)
  return random.chance(0.3) && id.length < 10 ? id + random.pick(SHORT_IDS) : id
}

function show({ score, atMicros, playerId }: RankedEntry): string {
  return `${textOf(score)} at ${atMicros} ${JSON.stringify(playerId)}`
}

function textOf(score: Score): string {
  return cellsOf(score)
    .map((cell) => (Object.is(cell, -0) ? '-0' : String(cell)))
    .join(' ')
}

function shapeOf(type: ScoreType, orders: [Order, ...Order[]]): ScoreShape {
  const [first, ...others] = orders.map((order, i) => ({ name: `c${i}`, order }))
  return new ScoreShape(type, [first as { name: string; order: Order }, ...others])
}
