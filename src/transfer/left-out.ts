/**
 * Which rows of a file leave no record in the log, and which places that gives to the others.
 *
 *     row     0  1  2  3  4        bits 0 1 0 0 1: rows 1 and 4 are left out
 *     place   0  -  1  2  -
 *
 * A bit for each row, and a count for each 32.
 *
 * @module
 */

const BITS = 32

/** Rows that are left out. */
export class LeftOut {
  #words = new Uint32Array(0)
  #before = new Uint32Array(0)
  #count = 0

  /** How many rows are left out. */
  get count(): number {
    return this.#count
  }

  add(row: number): void {
    const word = Math.floor(row / BITS)
    if (word >= this.#words.length) this.#grow(word)
    this.#words[word] = (this.#words[word] as number) | (1 << (row % BITS))
    this.#count++
  }

  has(row: number): boolean {
    const word = this.#words[Math.floor(row / BITS)]
    return word !== undefined && (word & (1 << (row % BITS))) !== 0
  }

  /** Must be called after the last `add`, before the first `placeOf`. */
  end(): void {
    this.#before = new Uint32Array(this.#words.length)
    for (let i = 1; i < this.#words.length; i++)
      this.#before[i] = (this.#before[i - 1] as number) + bitsIn(this.#words[i - 1] as number)
  }

  /** Returns the place of a row that is not left out. */
  placeOf(row: number): number {
    if (this.#count === 0) return row
    const word = Math.floor(row / BITS)
    if (word >= this.#words.length) return row - this.#count
    const below = (this.#words[word] as number) & ((1 << (row % BITS)) - 1)
    return row - (this.#before[word] as number) - bitsIn(below)
  }

  #grow(word: number): void {
    const words = new Uint32Array(2 * (word + 1))
    words.set(this.#words)
    this.#words = words
  }
}

// Counts in pairs of bits, in fours, in bytes, and adds up the bytes.
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
