import { expect, test } from 'vitest'
import { PackedHeads } from '../../src/rank/packed-heads.ts'
import { Slab } from '../../src/rank/slab.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { bigOf, EDGES, SPREADS, type Spread, signOf, wordMaker, wordsOf } from './heads.ts'

const seed = runSeed('packed heads')
const ROUNDS = sizeOf('TORTURE_HEADS', { test: 15, torture: 400 })
// One for all, so that slots hold what others left.
const slab = new Slab()

/** A column of the middle words of some heads, and those words as whole numbers. */
interface Sample {
  column: PackedHeads
  model: bigint[]
  words: number
  /** Where keys are in order: all of them, or from here to the end and before here. */
  cut: number
}

function sampleOf(random: Random, spread: Spread): Sample {
  const words = 1 + random.below(8)
  const part = {
    at: random.below(3),
    words,
    stride: words + 4,
    isSorted: random.chance(0.5),
    slab,
  }
  const size = 1 + random.below(300)
  const make = wordMaker(random, words, spread)
  const cut = part.isSorted ? 0 : random.below(size)
  const keys = Array.from({ length: size }, () => bigOf(make()))
  const model = [...sorted(keys.slice(0, cut)), ...sorted(keys.slice(cut))]
  // Positions that are left out lie between those that are taken; behind the end there is no key.
  const step = 1 + random.below(3)
  const heads = Uint32Array.from({ length: (size * step + 5) * part.stride }, () =>
    random.below(2 ** 32),
  )
  for (const [i, key] of model.entries())
    heads.set(wordsOf(key, words), i * step * part.stride + part.at)
  const positions = model.map((_, i) => i * step)
  return { column: PackedHeads.of(heads, part, positions), model, words, cut }
}

function sorted(keys: bigint[]): bigint[] {
  return keys.sort(signOf)
}

/** Keys of the sample, those just beside them, strangers, and the ends of the range. */
function questions({ model, words }: Sample, random: Random): bigint[] {
  const asked = [0n, (1n << BigInt(32 * words)) - 1n]
  for (let i = 0; i < 20; i++) {
    const key = random.pick(model)
    const bit = 1n << BigInt(random.below(32 * words))
    asked.push(key, key ^ bit, key ^ 1n, bigOf(wordsOf(key + 1n, words)))
    asked.push(bigOf(wordsOf(key - 1n, words)), bigOf(model.slice(0, words).map(() => 0)))
    asked.push(bigOf(Array.from({ length: words }, () => random.pick(EDGES))))
  }
  return asked
}

test.each(SPREADS)('Column compares and bounds as whole numbers do: %s', (spread) => {
  const random = new Random(seed)
  for (let round = 0; round < ROUNDS; round++) {
    const sample = sampleOf(random, spread)
    const { column, model, words, cut } = sample
    for (const asked of questions(sample, random)) {
      const at = random.below(3)
      const key = new Uint32Array(at + words + 2)
      key.set(wordsOf(asked, words), at)
      const i = random.below(model.length)
      expect(column.compare(i, key, at)).toBe(signOf(model[i] as bigint, asked))
      const runs = [
        { start: 0, end: cut },
        { start: cut, end: model.length },
      ]
      for (const run of runs.filter(({ start, end }) => start < end)) {
        const below = model.slice(run.start, run.end).filter((other) => other < asked).length
        expect(column.lowerBound(key, at, run)).toBe(run.start + below)
      }
    }
    column.release(slab)
  }
})

test.each([
  ['whole scores, two bytes each and a little', 1, 2.2],
  ['scores in hundredths, all words', 0.01, 8.2],
] as const)('Column is as small as promised: %s', (_name, unit, bytesMax) => {
  const size = 192
  const heads = new Uint32Array(size * 4)
  const bytes = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < size; i++) {
    bytes.setFloat64(0, (40_000 + 7 * i) * unit)
    heads.set([bytes.getUint32(0), bytes.getUint32(4)], i * 4)
  }
  const part = { at: 0, words: 2, stride: 4, isSorted: true, slab: new Slab() }
  const column = PackedHeads.of(
    heads,
    part,
    Array.from({ length: size }, (_, i) => i),
  )
  expect((column.length * 4) / size).toBeLessThan(bytesMax)
})

test('Column bounds an empty run by its start', () => {
  const column = PackedHeads.of(
    Uint32Array.of(1, 2, 3),
    { ...PLAIN, isSorted: false, slab },
    [0, 1, 2],
  )
  expect(column.lowerBound(Uint32Array.of(0), 0, { start: 2, end: 2 })).toBe(2)
})

const PLAIN = { at: 0, words: 1, stride: 1 }
