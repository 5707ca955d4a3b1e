import { expect, test } from 'vitest'
import { Slab } from '../../src/rank/slab.ts'
import { SpanTrie, TRIE_KEYS_MAX, UNKNOWN } from '../../src/rank/span-trie.ts'
import { Random, runSeed } from '../support/random.ts'
import { bigOf, SPREADS, wordMaker } from './heads.ts'

const seed = runSeed('span trie')
const ROUNDS = process.env['TORTURE'] === undefined ? 3 : 20
// One for all, so that slots hold what others left.
const slab = new Slab()
const SHAPES = [2, 4, 6, 8, 18].flatMap((headWords) =>
  [2, 4, 16].filter((words) => words <= headWords).map((groupWords) => ({ headWords, groupWords })),
)
const CASES = SHAPES.flatMap((shape) => SPREADS.map((spread) => ({ ...shape, spread })))

test.each(CASES)(
  'SpanTrie finds every key and its group: $headWords words, $groupWords of the group, $spread',
  ({ headWords, groupWords, spread }) => {
    const random = new Random(seed)
    for (let round = 0; round < ROUNDS; round++) {
      const make = wordMaker(random, headWords, spread)
      const size = round === 0 ? TRIE_KEYS_MAX : 1 + random.below(TRIE_KEYS_MAX)
      const model = Array.from({ length: size }, make).sort((a, b) =>
        bigOf(a) < bigOf(b) ? -1 : 1,
      )
      compare(model, { headWords, groupWords })
    }
  },
)

function compare(model: number[][], shape: { headWords: number; groupWords: number }): void {
  const { groupWords } = shape
  const trie = SpanTrie.of(Uint32Array.from(model.flat()), model.length, { ...shape, slab })
  const values = model.map(bigOf)
  const groups = model.map((words) => bigOf(words.slice(0, groupWords)))
  // How often the group changes up to each place.
  const changes = groups.map(() => 0)
  for (let i = 1; i < groups.length; i++)
    changes[i] = (changes[i - 1] as number) + (groups[i] === groups[i - 1] ? 0 : 1)
  expect(trie.changes).toBe(changes.at(-1))
  for (const [i, words] of model.entries()) {
    const head = Uint32Array.from(words)
    const position = trie.positionOf(head)
    const isAlone = values[i] !== values[i - 1] && values[i] !== values[i + 1]
    if (position !== UNKNOWN) expect([position, isAlone]).toEqual([i, true])
    const group = trie.groupOf(head, groupWords)
    const start = groups.indexOf(groups[i] as bigint)
    const end = groups.lastIndexOf(groups[i] as bigint) + 1
    if (group !== undefined) expect(group).toEqual({ start, end, changes: changes[start] })
    // Keys of one column never leave anything to the store but equal heads.
    if (shape.headWords <= 6)
      expect([position === UNKNOWN, group === undefined]).toEqual([!isAlone, false])
  }
  slab.give(trie)
}

test('SpanTrie of one key, and of none, finds it at the start', () => {
  for (const size of [0, 1]) {
    const trie = SpanTrie.of(Uint32Array.of(1, 2), size, { headWords: 2, groupWords: 1, slab })
    expect(trie.positionOf(Uint32Array.of(1, 2))).toBe(0)
    expect(trie.groupOf(Uint32Array.of(1, 2), 1)).toEqual({ start: 0, end: size, changes: 0 })
  }
})

test.each([
  ['nearly all keys are on the left', (i: number, size: number) => (i === size - 1 ? 2 ** 31 : i)],
  ['nearly all keys are on the right', (i: number) => (i === 0 ? 0 : 2 ** 31 + i)],
  ['each bit splits off one key', (i: number) => 2 ** 32 - 2 ** (31 - Math.min(i, 31))],
])('SpanTrie is right where it leans to a side: %s', (_name, leaning) => {
  for (const size of [2, 31, 129, TRIE_KEYS_MAX]) {
    const values = Array.from({ length: size }, (_, i) => leaning(i, size))
    compare(
      values.map((value) => [1, value, 2, 3]),
      { headWords: 4, groupWords: 2 },
    )
  }
})
