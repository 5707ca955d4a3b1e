import { expect, test } from 'vitest'
import { Slab, type Slot } from '../../src/rank/slab.ts'
import { Random, runSeed } from '../support/random.ts'

const seed = runSeed('slab')

interface Held {
  slot: Slot
  mark: number
  length: number
}

test('Slab never lets two holders share a place', () => {
  const random = new Random(seed)
  const slab = new Slab()
  const held: Held[] = []
  for (let i = 0; i < 20_000; i++) {
    if (held.length > 0 && random.chance(held.length > 500 ? 0.6 : 0.4)) {
      const [{ slot, mark, length }] = held.splice(random.below(held.length), 1) as [Held]
      const numbers = slot.data.subarray(slot.at, slot.at + length)
      expect(numbers.every((number) => number === mark)).toBe(true)
      slab.give(slot)
    } else {
      const length = random.below(random.chance(0.05) ? 9_000 : 700)
      const slot = slab.take(length)
      expect(slot.length).toBeGreaterThanOrEqual(length)
      const mark = i & 0xffff
      slot.data.fill(mark, slot.at, slot.at + length)
      held.push({ slot, mark, length })
    }
  }
})

test('Slab gives a slot again before it takes more memory', () => {
  const slab = new Slab()
  const slots = Array.from({ length: 1_000 }, (_, i) => slab.take(100 + (i % 50)))
  const arrays = new Set(slots.map(({ data }) => data))
  for (const slot of slots) slab.give(slot)
  const again = Array.from({ length: 1_000 }, (_, i) => slab.take(100 + (i % 50)))
  expect(new Set(again)).toEqual(new Set(slots))
  expect(arrays.size).toBe(3)
})
