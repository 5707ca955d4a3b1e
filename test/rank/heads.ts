/**
 * Heads of keys for tests, and the trivially right way to order them: as whole numbers.
 *
 * @module
 */

import type { Random } from '../support/random.ts'

/** Words that show mistakes at the ends of their range. */
export const EDGES = [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]

/** How the words of a list of heads differ from one another. */
export const SPREADS = ['equal', 'low', 'high', 'straddling', 'doubles', 'edges', 'random'] as const
export type Spread = (typeof SPREADS)[number]

/** Returns a maker of `count` words that differ from those made before as a spread says. */
export function wordMaker(random: Random, count: number, spread: Spread): () => number[] {
  const base = Array.from({ length: count }, () => wordOf(random))
  const [word, bits] = [random.below(count), 1 + random.below(20)]
  // Bits from `shift` on differ, counted from the lowest one of the last word.
  const varied = (shift: number): number[] =>
    wordsOf(bigOf(base) ^ (BigInt(random.below(2 ** bits)) << BigInt(shift)), count)
  const makers: Record<Spread, () => number[]> = {
    equal: () => base,
    low: () => varied(0),
    high: () => varied(32 * count - bits),
    straddling: () => varied(Math.min(32 * count - bits, 32 * word + 22)),
    doubles: () =>
      doubleWords(random.below(2 ** bits))
        .concat(base)
        .slice(0, count),
    edges: () => base.map(() => random.pick(EDGES)),
    random: () => base.map(() => wordOf(random)),
  }
  return makers[spread]
}

/** Returns words as one number, the first word the most significant: it orders as they do. */
export function bigOf(words: ArrayLike<number>): bigint {
  return Array.from(words).reduce((value, word) => (value << 32n) | BigInt(word), 0n)
}

/** Returns the words of a number; what lies above them is cut off. */
export function wordsOf(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    Number(BigInt.asUintN(32, value >> BigInt(32 * (count - 1 - i)))),
  )
}

export function signOf(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function wordOf(random: Random): number {
  return Math.floor(random.next() * 2 ** 32)
}

// A whole score as a board stores it: a positive double with its sign turned.
function doubleWords(value: number): number[] {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setFloat64(0, value)
  return [(bytes.getUint32(0) | 0x8000_0000) >>> 0, bytes.getUint32(4)]
}
