/**
 * Many keys of the same few words, in half a word or one word each where they differ little.
 *
 *     key 0   4070 0000 | 0012 3000         the bits that differ lie in a window of at most 32:
 *     key 1   4070 0000 | 0012 4800         every key is the base with its code in the window,
 *     key 2   4070 0000 | 0013 0000         so nothing is lost and comparisons are exact
 *
 * Neighbours on a board have scores that are alike, and whole numbers end in zeros as doubles: most
 * spans fit. Where the bits are spread further, all words are kept. Codes in order that have few
 * high halves between them are kept as low halves, with the positions at which the high ones start.
 *
 *     slot, 16 bits each   | base | low halves | starts of high halves, and the end |
 *                          | base | codes, the low half first |
 *                          | base | all words of every key, likewise |
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { Slab, Slot } from './slab.ts'

/** Which part of the heads is packed: `words` words from word `at` on, of every `stride` words. */
export interface Part {
  at: number
  words: number
  stride: number
  /** Whether the keys are in order. */
  isSorted: boolean
}

/** Positions from `start` to `end`, the latter not included. */
export interface Run {
  start: number
  end: number
}

/** The window: the low `bits` bits of a word and the high ones of the next, 32 together. */
interface Window {
  word: number
  bits: number
}

/** How the words of a slot are to be read. */
interface Form extends Window {
  words: number
  /** How many codes there are, or words where all are kept. */
  count: number
  high: number
  highs: number
}

// More high halves than this are not worth their starts.
const HIGHS_MAX = 32

/** An immutable list of keys. */
export class PackedHeads {
  // What is held of a slab: not as a slot, which would be one more object to go through.
  readonly #data: Uint16Array
  readonly #at: number
  readonly #length: number
  readonly #words: number
  // Word in which the window begins, -1 where all words are kept.
  readonly #word: number
  readonly #bits: number
  // The first high half, -1 where codes are whole; how many there are, and where their starts are.
  readonly #high: number
  readonly #highs: number
  readonly #startsAt: number

  private constructor(slot: Slot, form: Form) {
    this.#data = slot.data
    this.#at = slot.at
    this.#length = slot.length
    this.#words = form.words
    this.#word = form.word
    this.#bits = form.bits
    this.#high = form.high
    this.#highs = form.highs
    this.#startsAt = slot.at + 2 * form.words + form.count
  }

  /** Takes the keys at the listed positions of `heads`; they are kept in a slot of `slab`. */
  static of(
    heads: Uint32Array,
    part: Part & { slab: Slab },
    positions: ArrayLike<number>,
  ): PackedHeads {
    const { at, words, stride, slab } = part
    assert(positions.length > 0, 'packed keys have a base, that of the first')
    const window = windowOf(varyingBits(heads, part, positions))
    const { word, bits } = window
    const base = heads.subarray(at, at + words)
    const values = scratchOf(positions.length * words)
    let count = 0
    for (let i = 0; i < positions.length; i++) {
      const from = (positions[i] as number) * stride + at
      if (word !== -1) values[count++] = codeAt(heads, from + word, bits)
      else for (let j = 0; j < words; j++) values[count++] = heads[from + j] as number
    }
    const high = (values[0] as number) >>> 16
    const highs = ((values[count - 1] as number) >>> 16) - high + 1
    const isHalved = word !== -1 && part.isSorted && highs <= HIGHS_MAX
    const form = { ...window, words, count, high: isHalved ? high : -1, highs }
    const slot = slab.take(2 * words + (isHalved ? count + highs + 1 : 2 * count))
    putWords(slot, slot.at, base)
    if (isHalved) putHalves(slot, values, form)
    else putWords(slot, slot.at + 2 * words, values.subarray(0, count))
    return new PackedHeads(slot, form)
  }

  /** Length of what is held, in words. */
  get length(): number {
    return this.#length >>> 1
  }

  /** Gives the slot back. Nothing may be asked afterwards. */
  release(slab: Slab): void {
    slab.give({ data: this.#data, at: this.#at, length: this.#length })
  }

  /**
   * Returns the first position of a run, whose keys are in order, with a key not below the one that
   * starts at word `at` of `key`; the end of the run if there is none.
   */
  lowerBound(key: Uint32Array, at: number, run: Run): number {
    let low = run.start
    let high = run.end
    if (!this.#isInWindow(key, at)) {
      while (low < high) {
        const middle = (low + high) >>> 1
        if (this.compare(middle, key, at) < 0) low = middle + 1
        else high = middle
      }
      return low
    }
    const code = codeAt(key, at + this.#word, this.#bits)
    return this.#high === -1 ? this.#boundOfCode(code, run) : this.#boundOfLowHalf(code, run)
  }

  #boundOfCode(code: number, run: Run): number {
    const data = this.#data
    const first = this.#at + 2 * this.#words
    let low = run.start
    let high = run.end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (wordAt(data, first + 2 * middle) < code) low = middle + 1
      else high = middle
    }
    return low
  }

  // The run is the whole list: only keys in order are kept as halves.
  #boundOfLowHalf(code: number, run: Run): number {
    const i = (code >>> 16) - this.#high
    if (i < 0) return run.start
    if (i >= this.#highs) return run.end
    const data = this.#data
    const first = this.#at + 2 * this.#words
    const half = code & 0xffff
    let low = data[this.#startsAt + i] as number
    let high = data[this.#startsAt + i + 1] as number
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((data[first + middle] as number) < half) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Compares key `i` with the one that starts at word `at` of `key`. */
  compare(i: number, key: Uint32Array, at: number): number {
    for (let j = 0; j < this.#words; j++) {
      const a = this.#wordOf(i, j)
      const b = key[at + j] as number
      if (a !== b) return a < b ? -1 : 1
    }
    return 0
  }

  // Whether a key differs from the base within the window alone.
  #isInWindow(key: Uint32Array, at: number): boolean {
    if (this.#word === -1) return false
    for (let j = 0; j < this.#words; j++) {
      const differing = (key[at + j] as number) ^ this.#storedWord(j)
      if ((differing & ~maskOf(j - this.#word, this.#bits)) !== 0) return false
    }
    return true
  }

  #wordOf(i: number, j: number): number {
    if (this.#word === -1) return this.#storedWord(this.#words * (i + 1) + j)
    const code = this.#codeOf(i)
    const mask = maskOf(j - this.#word, this.#bits)
    const shifted = j === this.#word ? code >>> (32 - this.#bits) : code << this.#bits
    return ((this.#storedWord(j) & ~mask) | (shifted & mask)) >>> 0
  }

  #codeOf(i: number): number {
    if (this.#high === -1) return this.#storedWord(this.#words + i)
    const data = this.#data
    let next = 1
    while ((data[this.#startsAt + next] as number) <= i) next++
    const high = this.#high + next - 1
    return ((high << 16) | (data[this.#at + 2 * this.#words + i] as number)) >>> 0
  }

  #storedWord(i: number): number {
    return wordAt(this.#data, this.#at + 2 * i)
  }
}

function putWords(slot: Slot, at: number, words: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    slot.data[at + 2 * i] = words[i] as number
    slot.data[at + 2 * i + 1] = (words[i] as number) >>> 16
  }
}

function putHalves(slot: Slot, values: Uint32Array, form: Form): void {
  const { data } = slot
  const first = slot.at + 2 * form.words
  const startsAt = first + form.count
  let next = 0
  for (let i = 0; i < form.count; i++) {
    const value = values[i] as number
    data[first + i] = value
    while (next <= (value >>> 16) - form.high) data[startsAt + next++] = i
  }
  data[startsAt + form.highs] = form.count
}

let scratch = new Uint32Array(1_024)

function scratchOf(length: number): Uint32Array {
  if (length > scratch.length) scratch = new Uint32Array(2 * length)
  return scratch
}

function wordAt(halves: Uint16Array, i: number): number {
  return ((halves[i] as number) | ((halves[i + 1] as number) << 16)) >>> 0
}

function varyingBits(heads: Uint32Array, part: Part, positions: ArrayLike<number>): number[] {
  const { at, words, stride } = part
  const varying = new Array<number>(words).fill(0)
  for (let i = 0; i < positions.length; i++) {
    const from = (positions[i] as number) * stride + at
    for (let j = 0; j < words; j++)
      (varying[j] as number) |= (heads[from + j] as number) ^ (heads[at + j] as number)
  }
  return varying
}

// The window ends as low as the lowest bit that varies, so that codes have few high halves, or it
// starts at the highest one; if it cannot hold both it is of no use.
function windowOf(varying: number[]): Window {
  const last = varying.length - 1
  const first = varying.findIndex((bits) => bits !== 0)
  if (first === -1) return { word: last, bits: 32 }
  const next = varying[first + 1] ?? 0
  const highest = 32 - Math.clz32(varying[first] as number)
  let window = { word: first, bits: 32 }
  if (next !== 0) window.bits = Math.max(highest, zerosBelow(next))
  else if (first > 0 && zerosBelow(varying[first] as number) > 0)
    window = { word: first - 1, bits: zerosBelow(varying[first] as number) }
  const isOutside = (word: number, j: number): boolean =>
    (word & ~maskOf(j - window.word, window.bits)) !== 0
  return varying.some(isOutside) ? { word: -1, bits: 0 } : window
}

function zerosBelow(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

/** Returns the bits of a window that lie in the word `distance` words behind that of its beginning. */
function maskOf(distance: number, bits: number): number {
  if (distance === 0) return -1 >>> (32 - bits)
  return distance === 1 && bits < 32 ? -1 << bits : 0
}

function codeAt(words: Uint32Array, at: number, bits: number): number {
  if (bits === 32) return words[at] as number
  return (((words[at] as number) << (32 - bits)) | ((words[at + 1] as number) >>> bits)) >>> 0
}
