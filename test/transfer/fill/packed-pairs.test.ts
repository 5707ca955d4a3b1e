import { expect, test } from 'vitest'
import { PackedPairs } from '../../../src/transfer/fill/packed-pairs.ts'
import { Random, runSeed } from '../../support/random.ts'

// Above what is sorted in one step, and more kinds than are numbered.
const COUNT = 70_000

const ZEROS = [
  '',
  '\0',
  '\0\0',
  'a',
  'a\0',
  'a\0\0\0\0\0\0',
  'a\0b',
  'aaaaaa',
  'aaaaaa\0',
  'aaaaaaa',
]

test('inOrder() tells keys apart that end where others go on with zeros', () => {
  // So many that they are not merely compared.
  const keys = ZEROS.flatMap((end) => Array.from({ length: 9 }, (_, i) => `${i}same start${end}`))
  expectInOrder(keys.map((key) => Buffer.from(key)))
})

test.each([
  ['digits behind a long common start', (random: Random) => `player-0000${random.below(1e9)}`],
  [
    'a few bytes, of which many are zero',
    (random: Random) => some(random, ['\0', '\0', 'a', '\xff']),
  ],
  [
    'few that are alike far on',
    (random: Random) => `${'x'.repeat(random.below(40))}${random.below(99)}`,
  ],
  ['letters of all lengths', (random: Random) => some(random, ['a', 'z', '~', '\x7f', '\x80'])],
] as const)('inOrder() and Buffer.compare agree on %s', (name, make) => {
  const random = new Random(runSeed(`packed pairs, ${name}`))
  for (const count of [0, 1, 2, 11, 12, 13, 300, 5_000]) {
    const keys = Array.from({ length: count }, () => make(random))
    expectInOrder([...new Set(keys)].map((key) => Buffer.from(key, 'latin1')))
  }
})

test('inOrder() sorts keys that differ in their last bit alone, and far outliers', () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => {
    const key = Buffer.alloc(20)
    key.writeUInt32BE(i, 16)
    return key
  })
  expectInOrder([...keys, Buffer.alloc(20, 0xff), Buffer.alloc(8, 0xff)])
})

// A run of a million rows was sorted in one piece, and the event loop stood still for up to 2.9 seconds.
test.each([
  ['no two alike', (i: number, _random: Random) => `p${(i * 7_919) % COUNT}`],
  ['a few kinds', (_i: number, random: Random) => `p${random.below(500)}`],
  ['one kind', () => 'p'],
  ['half of one kind', (i: number) => (i % 2 === 0 ? 'p'.repeat(7) : `p${i}`)],
  ['most of them close together', (i: number) => (i === 0 ? '~' : `aaaaa${i}`)],
] as const)('inOrder() takes many in steps: %s', (name, make) => {
  const random = new Random(runSeed(`many pairs, ${name}`))
  const keys = Array.from({ length: COUNT }, (_, i) => Buffer.from(make(i, random)))
  const { positions, steps } = inOrder(pack(keys.map((key) => ({ key, value: Buffer.alloc(0) }))))
  const sorted = Uint32Array.from(keys.keys()).sort(
    (a, b) => Buffer.compare(keys[a] as Buffer, keys[b] as Buffer) || a - b,
  )
  expect(positions).toHaveLength(COUNT)
  expect(positions.findIndex((position, i) => position !== sorted[i])).toBe(-1)
  expect(steps).toBeGreaterThan(COUNT / 16_384)
})

test('keyAt() and valueAt() return what was added, over many slabs', () => {
  const random = new Random(runSeed('packed pairs'))
  const made = Array.from({ length: 2_000 }, () => ({
    key: Buffer.from(some(random, ['a', 'b']).padEnd(random.below(700), 'k')),
    value: Buffer.alloc(random.below(1_500), random.below(256)),
  }))
  const pairs = pack(made)
  expect(pairs.count).toBe(made.length)
  for (const [i, { key, value }] of made.entries()) {
    const place = pairs.placeOf(i)
    expect(pairs.keyAt(place).equals(key)).toBe(true)
    expect(pairs.valueAt(place).equals(value)).toBe(true)
    const { slab, start, keyEnd, end } = place
    expect(slab.subarray(start, end).equals(Buffer.concat([key, value]))).toBe(true)
    expect(keyEnd - start).toBe(key.length)
  }
})

function inOrder(pairs: PackedPairs): { positions: Uint32Array; steps: number } {
  const sorting = pairs.inOrder()
  for (let steps = 1; ; steps++) {
    const step = sorting.next()
    if (step.done === true) return { positions: step.value, steps }
  }
}

function expectInOrder(keys: Buffer[]): void {
  const pairs = pack(keys.map((key) => ({ key, value: Buffer.alloc(0) })))
  const sorted = [...inOrder(pairs).positions].map((i) =>
    pairs.keyAt(pairs.placeOf(i)).toString('hex'),
  )
  expect(sorted).toEqual(keys.toSorted(Buffer.compare).map((key) => key.toString('hex')))
}

function pack(made: { key: Buffer; value: Buffer }[]): PackedPairs {
  const pairs = new PackedPairs()
  for (const { key, value } of made) {
    pairs.add((slab, at) => {
      const keyEnd = at + key.copy(slab, at)
      return { keyEnd, end: keyEnd + value.copy(slab, keyEnd) }
    })
  }
  return pairs
}

function some(random: Random, characters: readonly string[]): string {
  return Array.from({ length: random.below(30) }, () => random.pick(characters)).join('')
}
