/**
 * Many pairs in little memory, in the order of their keys.
 *
 * They are encoded in the order in which they come and lie one behind the other, the key of each in
 * front of its value. Put in another order, a million objects and the texts that they name would be
 * looked up all over the memory: that took as long as to store them.
 *
 * @module
 */

import { copyBytes } from '../../format/bytes.ts'
import { assert } from '../../ground/assert.ts'
import { METADATA_BYTES_MAX, NAME_BYTES_MAX, PLAYER_ID_BYTES_MAX } from '../../ground/limits.ts'
import { type ByteStrings, CODE_BYTES, type Steps } from './byte-strings.ts'
import { sortBytes } from './sort-bytes.ts'

const SLAB_BYTES = 1024 * 1024
const COUNT_AT_FIRST = 1024
// In the three arrays, and while they are sorted.
const PLACE_BYTES = 28
// A board's prefix, a head, a checksum and flags take less than the last of these.
const PAIR_BYTES_MAX = PLAYER_ID_BYTES_MAX + NAME_BYTES_MAX + METADATA_BYTES_MAX + 256

/** Pairs of one table; each is named by its position, 0 being the first that was added. */
export class PackedPairs {
  readonly #slabs: Buffer[] = []
  #slabsInUse = 0
  #used = SLAB_BYTES
  #count = 0
  #keyBytesMax = 0
  // Where each begins, counted through all slabs.
  #starts = new Float64Array(COUNT_AT_FIRST)
  #keyBytes = new Uint16Array(COUNT_AT_FIRST)
  #valueBytes = new Uint16Array(COUNT_AT_FIRST)
  readonly #key = new Lent()
  readonly #value = new Lent()

  get count(): number {
    return this.#count
  }

  /** Bytes of memory that pairs take. */
  get bytes(): number {
    return this.#slabsInUse * SLAB_BYTES + this.#count * PLACE_BYTES
  }

  /** Forgets all pairs; their memory is used again. */
  clear(): void {
    this.#slabsInUse = 0
    this.#used = SLAB_BYTES
    this.#count = 0
    this.#keyBytesMax = 0
  }

  /** Adds a pair: `write` puts it at `at` and tells where its key and its value end. */
  add(write: (slab: Buffer, at: number) => { keyEnd: number; end: number }): void {
    if (this.#used + PAIR_BYTES_MAX > SLAB_BYTES) {
      this.#slabs[this.#slabsInUse++] ??= Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#used = 0
    }
    if (this.#count === this.#starts.length) this.#grow()
    const number = this.#slabsInUse - 1
    const start = this.#used
    const { keyEnd, end } = write(this.#slabs[number] as Buffer, start)
    assert(end <= start + PAIR_BYTES_MAX, 'a pair fits into its room')
    const i = this.#count++
    this.#starts[i] = number * SLAB_BYTES + start
    this.#keyBytes[i] = keyEnd - start
    this.#valueBytes[i] = end - keyEnd
    this.#used = end
    this.#keyBytesMax = Math.max(this.#keyBytesMax, keyEnd - start)
  }

  #grow(): void {
    const count = 2 * this.#count
    this.#starts = grown(this.#starts, new Float64Array(count))
    this.#keyBytes = grown(this.#keyBytes, new Uint16Array(count))
    this.#valueBytes = grown(this.#valueBytes, new Uint16Array(count))
  }

  /** Returns where pair `i` lies. */
  placeOf(i: number): Place {
    const place = this.#starts[i] as number
    const number = Math.floor(place / SLAB_BYTES)
    const start = place - number * SLAB_BYTES
    const keyEnd = start + (this.#keyBytes[i] as number)
    const slab = this.#slabs[number] as Buffer
    return { slab, start, keyEnd, end: keyEnd + (this.#valueBytes[i] as number) }
  }

  /**
   * Loads pairs into the cache: here many are fetched at once, where they are used one by one.
   * Returns a meaningless number, so that the reading is not optimized away.
   */
  touch(positions: Uint32Array): number {
    let touched = 0
    for (const i of positions) {
      const { slab, start, end } = this.placeOf(i)
      touched ^= (slab[start] as number) ^ (slab[end - 1] as number)
    }
    return touched
  }

  /** Returns the key of the pair at `place`, valid until the next call. */
  keyAt({ slab, start, keyEnd }: Place): Buffer {
    return this.#key.copyOf(slab, start, keyEnd)
  }

  /** Returns the value of the pair at `place`, valid until the next call. */
  valueAt({ slab, keyEnd, end }: Place): Buffer {
    return this.#value.copyOf(slab, keyEnd, end)
  }

  /** Returns all positions in the order of their keys, those of one key as they were added. */
  inOrder(): Steps<Uint32Array> {
    const strings: ByteStrings = {
      count: this.#count,
      bytesMax: this.#keyBytesMax,
      codeAt: (i, from) => {
        const { slab, start, keyEnd } = this.placeOf(i)
        return codeOf(slab, start + from, keyEnd)
      },
      compare: (a, b) => comparePlaces(this.placeOf(a), this.placeOf(b)) || a - b,
      hashOf: (i) => {
        const { slab, start, keyEnd } = this.placeOf(i)
        return hashOf(slab, start, keyEnd)
      },
      isSame: (a, b) => isSameKey(this.placeOf(a), this.placeOf(b)),
    }
    return sortBytes(strings)
  }
}

/** Where a pair lies: its value begins where its key ends. */
export interface Place {
  slab: Buffer
  start: number
  keyEnd: number
  end: number
}

/** Takes a pair, whose place is valid until it returns or its promise resolves. */
export type PairVisitor = (place: Place) => Promise<void> | undefined

/** Bytes that are used again: to make a buffer for each takes longer than to copy them. */
class Lent {
  #bytes = Buffer.alloc(0)
  #views: Buffer[] = []

  copyOf(source: Buffer, start: number, end: number): Buffer {
    const count = end - start
    if (count > this.#bytes.length) {
      this.#bytes = Buffer.alloc(2 * count)
      this.#views = []
    }
    copyBytes({ bytes: source, start, count }, this.#bytes, 0)
    this.#views[count] ??= this.#bytes.subarray(0, count)
    return this.#views[count]
  }
}

function codeOf(bytes: Buffer, start: number, end: number): number {
  if (start + CODE_BYTES <= end)
    return bytes.readUInt32BE(start) * 2 ** 16 + bytes.readUInt16BE(start + 4)
  let code = 0
  for (let i = start; i < start + CODE_BYTES; i++)
    code = code * 256 + (i < end ? (bytes[i] as number) : 0)
  return code
}

// FNV-1a, its high bits mixed into the low ones.
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}

function isSameKey(a: Place, b: Place): boolean {
  if (a.keyEnd - a.start !== b.keyEnd - b.start) return false
  for (let i = a.start, j = b.start; i < a.keyEnd; i++, j++)
    if (a.slab[i] !== b.slab[j]) return false
  return true
}

function grown<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** Compares keys as `Buffer.compare` does, which costs more in the call than these few bytes. */
export function comparePlaces(a: Place, b: Place): number {
  const sizes = a.keyEnd - a.start - (b.keyEnd - b.start)
  const end = sizes < 0 ? a.keyEnd : a.keyEnd - sizes
  for (let i = a.start, j = b.start; i < end; i++, j++) {
    const difference = (a.slab[i] as number) - (b.slab[j] as number)
    if (difference !== 0) return difference
  }
  return sizes
}
