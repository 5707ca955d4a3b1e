/**
 * Many short lists of 16-bit numbers in few large arrays.
 *
 * A typed array of its own costs some 350 bytes beside what is in it, as much as the index of a span
 * holds. Here lists share arrays of 128 KB; a slot that is no longer needed is given back, and the next list of
 * about that length gets it. A slab never shrinks.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'

const BLOCK_LENGTH = 0x1_0000
// Slots have lengths in steps of this; longer ones than a block's share are arrays of their own.
const STEP = 16
const SHARED_LENGTH_MAX = 2_048

/** A place for `length` numbers or more, from `at` on in `data`. */
export interface Slot {
  readonly data: Uint16Array
  readonly at: number
  readonly length: number
}

/** Slots of all lengths. */
export class Slab {
  #block = new Uint16Array(0)
  #used = 0
  // Free slots by their length in steps.
  readonly #free: Slot[][] = []

  /** Returns a slot, whose numbers are what the last holder left. */
  take(length: number): Slot {
    const steps = Math.max(1, Math.ceil(length / STEP))
    if (steps * STEP > SHARED_LENGTH_MAX) return { data: new Uint16Array(length), at: 0, length }
    // One that is a little longer will do: lengths change as scores do.
    for (let i = steps; i <= steps + (steps >>> 2); i++) {
      const slot = this.#free[i]?.pop()
      if (slot !== undefined) return slot
    }
    return this.#cut(steps * STEP)
  }

  /** Takes a slot back. Nobody may use it afterwards. */
  give(slot: Slot): void {
    if (slot.length > SHARED_LENGTH_MAX) return
    // A slot of another length would be filed where none is looked for, or lie across its neighbour.
    assert(slot.length % STEP === 0, 'a slab takes back what it gave')
    const steps = slot.length / STEP
    this.#free[steps] ??= []
    this.#free[steps].push(slot)
  }

  #cut(length: number): Slot {
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint16Array(BLOCK_LENGTH)
      this.#used = 0
    }
    const slot = { data: this.#block, at: this.#used, length }
    this.#used += length
    return slot
  }
}
