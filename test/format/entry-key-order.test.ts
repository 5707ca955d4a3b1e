/**
 * The claim that the whole product stands on: keys compare as bytes as entries rank.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Order } from '../../src/board-types.ts'
import {
  decodeEntryKey,
  encodeEntryKey,
  firstKeyOf,
  lastKeyOf,
  type RankedEntry,
} from '../../src/format/entry-key.ts'
import { AT_MICROS_MAX } from '../../src/limits.ts'
import { Random, runSeed } from '../support/random.ts'

const RANDOM_PAIRS = 200_000

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

test.each(['descending', 'ascending'] as const)(
  'encodeEntryKey() makes bytes that compare as entries rank, %s',
  (order) => {
    const random = new Random(runSeed(`entry-key-order ${order}`))
    for (let i = 0; i < RANDOM_PAIRS; i++) {
      const a = randomEntry(random)
      const b = random.chance(0.5) ? nearby(a, random) : randomEntry(random)
      const found = encodeEntryKey(a, order).compare(encodeEntryKey(b, order))
      const expected = compareEntries(a, b, order)
      if (found !== expected)
        expect.fail(`${show(a)} and ${show(b)}: bytes ${found}, ranks ${expected}`)
    }
  },
)

test.each(['descending', 'ascending'] as const)(
  'decodeEntryKey() returns what encodeEntryKey() took, %s',
  (order) => {
    const random = new Random(runSeed(`entry-key round trip ${order}`))
    for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
      const value = randomEntry(random)
      const found = decodeEntryKey(encodeEntryKey(value, order), order)
      const isSame = found?.score === value.score && found.atMicros === value.atMicros
      if (!isSame || found.playerId !== value.playerId)
        expect.fail(`${show(value)}: ${found && show(found)}`)
    }
  },
)

test.each(['descending', 'ascending'] as const)(
  'firstKeyOf() and lastKeyOf() hold a score apart from all others, %s',
  (order) => {
    const random = new Random(runSeed(`bounds ${order}`))
    for (let i = 0; i < RANDOM_PAIRS / 4; i++) {
      const value = randomEntry(random)
      const score = random.chance(0.5) ? value.score : randomScore(random)
      const key = encodeEntryKey(value, order)
      const sides = [key.compare(firstKeyOf(score, order)), key.compare(lastKeyOf(score, order))]
      const side = compareScores(value.score, score, order)
      const expected = side === 0 ? [1, -1] : [side, side]
      if (`${sides}` !== `${expected}`) expect.fail(`${show(value)} against ${score}: ${sides}`)
    }
  },
)

/** -1 where `a` ranks before `b`: the rule of order in its plainest form. */
function compareEntries(a: RankedEntry, b: RankedEntry, order: Order): number {
  return (
    compareScores(a.score, b.score, order) ||
    Math.sign(a.atMicros - b.atMicros) ||
    compareCodePoints(a.playerId, b.playerId)
  )
}

function compareScores(a: number, b: number, order: Order): number {
  const better = order === 'descending' ? a > b : a < b
  return better ? -1 : a === b ? 0 : 1
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

function randomEntry(random: Random): RankedEntry {
  return { score: randomScore(random), atMicros: randomTime(random), playerId: randomId(random) }
}

// The same entry but for one thing: pairs that nothing but the last bytes tell apart.
function nearby(entry: RankedEntry, random: Random): RankedEntry {
  const other = { ...entry }
  const what = random.below(4)
  if (what === 0) other.score = -other.score
  if (what === 1) other.atMicros = Math.min(AT_MICROS_MAX, other.atMicros + 1)
  if (what === 2) other.playerId = randomId(random)
  return other
}

function randomScore(random: Random): number {
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
  return `${Object.is(score, -0) ? '-0' : score} at ${atMicros} ${JSON.stringify(playerId)}`
}
