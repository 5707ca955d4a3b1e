/**
 * Seeded random numbers for tests: a failing run prints its seed, SEED=n replays it.
 *
 * @module
 */

import { crc32 } from 'node:zlib'

/** A small seeded generator: mulberry32 (Tommy Ettinger, public domain). */
export class Random {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** Returns a number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** Returns a whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }
}

/**
 * Returns the seed of this run, and prints it: SEED from the environment; in a long run a new one; else the one of the
 * name, so that `npm test` does the same each time, and fails by what was changed and not by luck.
 */
export function runSeed(name: string): number {
  const { SEED, TORTURE, TEST_REDIS } = process.env
  const drawn = TORTURE ?? TEST_REDIS
  const seed = Number(
    SEED ?? (drawn === undefined ? crc32(name) : Math.floor(Math.random() * 2 ** 31)),
  )
  console.info(`${name}: SEED=${seed}`)
  return seed
}

/** Runs random work; whatever it throws says with which seed. */
export async function withSeed<T>({ seed }: Random, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && !error.message.includes('SEED='))
      error.message = `SEED=${seed}: ${error.message}`
    throw error
  }
}
