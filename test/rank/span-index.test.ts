import { expect, test } from 'vitest'
import { Slab } from '../../src/rank/slab.ts'
import { SpanIndex, type SpanShape } from '../../src/rank/span-index.ts'
import { UNKNOWN } from '../../src/rank/span-trie.ts'
import { Random, runSeed } from '../support/random.ts'
import { bigOf, SPREADS, type Spread, signOf, wordMaker, wordsOf } from './heads.ts'

const seed = runSeed('span index')
const ROUNDS = 3
// One for all, so that slots hold what others left.
const slab = new Slab()
const HIGHEST = 0xffff_ffff
const SHAPES: SpanShape[] = [4, 6, 8, 10].flatMap((headWords) =>
  [2, 4, 6, 8]
    .filter((groupWords) => groupWords <= headWords)
    .map((groupWords) => ({ headWords, groupWords })),
)

/** An index, and the heads that it was made of as whole numbers, in order. */
interface Sample {
  index: SpanIndex
  model: bigint[]
  shape: SpanShape
}

function sampleOf(random: Random, shape: SpanShape, spread: Spread): Sample {
  const { headWords, groupWords } = shape
  const size = 1 + random.below(random.chance(0.3) ? 8 : 280)
  const makeGroup = wordMaker(random, groupWords, spread)
  const groups = Array.from({ length: 1 + random.below(2 * size) }, makeGroup)
  const restWords = headWords - groupWords
  const makeRest = restWords === 0 ? () => [] : wordMaker(random, restWords, random.pick(SPREADS))
  const model = Array.from({ length: size }, () => bigOf([...random.pick(groups), ...makeRest()]))
  model.sort(signOf)
  return { index: indexOf(model, shape, random), model, shape }
}

// Behind the keys lies what another span left there.
function indexOf(model: bigint[], shape: SpanShape, random: Random): SpanIndex {
  const { headWords } = shape
  const heads = Uint32Array.from({ length: (model.length + 3) * headWords }, () =>
    random.below(2 ** 32),
  )
  for (const [i, key] of model.entries()) heads.set(wordsOf(key, headWords), i * headWords)
  return new SpanIndex(heads, model.length, { shape, slab })
}

/** Keys of the span, those just beside them, strangers, and the edges of groups. */
function questions({ model, shape }: Sample, random: Random): bigint[] {
  const { headWords, groupWords } = shape
  const restBits = BigInt(32 * (headWords - groupWords))
  const asked = [0n, (1n << BigInt(32 * headWords)) - 1n]
  for (let i = 0; i < 12; i++) {
    const key = random.pick(model)
    const groupStart = (key >> restBits) << restBits
    asked.push(key, key ^ (1n << BigInt(random.below(32 * headWords))))
    asked.push(groupStart, groupStart | ((1n << restBits) - 1n))
    asked.push(...[key + 1n, key - 1n].map((beside) => bigOf(wordsOf(beside, headWords))))
  }
  return asked
}

function groupOf(key: bigint, { headWords, groupWords }: SpanShape): bigint {
  return key >> BigInt(32 * (headWords - groupWords))
}

function checkPosition({ index, model, shape }: Sample, asked: bigint): void {
  const position = index.positionOf(Uint32Array.from(wordsOf(asked, shape.headWords)))
  const isThere = model.includes(asked)
  if (position !== UNKNOWN) {
    expect(isThere).toBe(false)
    expect(position).toBe(model.filter((key) => key < asked).length)
    return
  }
  // It may only be unknown where a key has that head, or may have it: in a group of one key.
  const alike = model.filter((key) => groupOf(key, shape) === groupOf(asked, shape))
  const rest = wordsOf(asked, shape.headWords).slice(shape.groupWords)
  const isEdge = rest.every((word) => word === 0) || rest.every((word) => word === HIGHEST)
  expect(isThere || (alike.length === 1 && !isEdge)).toBe(true)
}

function checkMembers({ index, model, shape }: Sample): void {
  for (const [position, key] of model.entries()) {
    const isAlone = model[position - 1] !== key && model[position + 1] !== key
    const head = Uint32Array.from(wordsOf(key, shape.headWords))
    expect(index.positionOfMember(head)).toBe(isAlone ? position : UNKNOWN)
  }
}

function checkGroups({ index, model, shape }: Sample): void {
  const groups = model.map((key) => groupOf(key, shape))
  const starts = groups.flatMap((group, i) => (group === groups[i - 1] ? [] : [i]))
  for (const [group, start] of [...starts, model.length].entries())
    expect(index.startOf(group)).toBe(start)
  for (let position = 0; position <= model.length; position++) {
    const before = starts.filter((start) => start < position).length
    expect(index.changes(position)).toBe(Math.max(0, before - 1))
  }
}

test.each(SHAPES.flatMap((shape) => SPREADS.map((spread) => ({ ...shape, spread }))))(
  'SpanIndex agrees with whole numbers in order: $headWords words, $groupWords of them the group, $spread',
  ({ spread, ...shape }) => {
    const random = new Random(seed)
    for (let round = 0; round < ROUNDS; round++) {
      const sample = sampleOf(random, shape, spread)
      for (const asked of questions(sample, random)) checkPosition(sample, asked)
      checkMembers(sample)
      checkGroups(sample)
    }
  },
)

// Behind the heads lay those of another span, which were taken for the rest of the last key: a head
// that is all group, and equal to one of the span, then seemed to be below it.
test('SpanIndex leaves a head that is all group to the store', () => {
  const shape = { headWords: 2, groupWords: 2 }
  const index = new SpanIndex(Uint32Array.of(1, 5, 2, 6, 77, 77), 2, {
    shape,
    slab,
  })
  expect(index.positionOf(Uint32Array.of(1, 5))).toBe(UNKNOWN)
  expect(index.positionOf(Uint32Array.of(2, 6))).toBe(UNKNOWN)
  expect(index.positionOf(Uint32Array.of(1, 6))).toBe(1)
})
