/**
 * What is held in memory of one span of the ordered keys.
 *
 *     heads   all heads, 16 bytes a key on most boards     changes, and every look-up
 *     index   2 to 12 bytes a key                          places of any key
 *     trie    2 bytes a key                                places of keys that are in the span
 *
 * A span is what a child of level 0 counts: the keys from its separator to the next one. Spans are
 * not stored: they are read from the ordered keys when they are needed, and are current as long as
 * the version beside their count is the one they were read at. `SpanBudget` says what is kept.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { compareHeads } from './key.ts'
import type { Slab } from './slab.ts'
import { SpanIndex, type SpanShape } from './span-index.ts'
import { SpanTrie, TRIE_KEYS_MAX } from './span-trie.ts'

/** The heads of a span that has none in memory: this very array. */
export const NO_HEADS: Uint32Array = new Uint32Array(0)

/** What a draft is made with: `words` is its capacity in 32-bit words. */
export interface SpanRoom {
  shape: SpanShape
  words: number
  version: number
}

/** Heads of the keys of one span, in order. */
export class Span {
  /** Version of the child that these heads belong to; -1 when emptied by the budget. */
  version: number
  /** {@link NO_HEADS} if only look-ups are in memory. */
  heads: Uint32Array
  /** Both of the same version as the heads. A draft has none. */
  trie: SpanTrie | undefined
  index: SpanIndex | undefined
  /** Number of keys. */
  size: number
  /** Whether the budget's ring of look-ups holds it, though perhaps nothing to look in any more. */
  isInRing = false
  /** Set by every look-up, cleared by the budget's hand. */
  used = true
  /** Whether it belongs to a transaction that is not committed. */
  isDraft = false
  /** In a draft: the published span that it replaces when its transaction is committed. */
  base: Span | undefined

  readonly #shape: SpanShape

  constructor(version: number, heads: Uint32Array, size: number, shape: SpanShape) {
    this.version = version
    this.#shape = shape
    this.heads = heads
    this.trie = undefined
    this.index = undefined
    this.size = size
  }

  get hasHeads(): boolean {
    return this.heads !== NO_HEADS
  }

  forgetHeads(): void {
    this.heads = NO_HEADS
  }

  /** Makes the index from the heads and returns its bytes. */
  makeIndex(slab: Slab): number {
    this.index = new SpanIndex(this.heads, this.size, { shape: this.#shape, slab })
    return this.index.bytes
  }

  /** Makes the trie from the heads and returns its bytes, 0 if there are more than a trie can hold. */
  makeTrie(slab: Slab): number {
    if (this.size > TRIE_KEYS_MAX) return 0
    this.trie = SpanTrie.of(this.heads, this.size, { ...this.#shape, slab })
    return this.trie.bytes
  }

  /** What is held for look-ups beside the heads, in bytes. */
  get lookUpBytes(): number {
    return (this.trie?.bytes ?? 0) + (this.index?.bytes ?? 0)
  }

  /** Gives back what is held of a slab for look-ups. */
  releaseLookUps(slab: Slab): void {
    if (this.trie !== undefined) slab.give(this.trie)
    this.index?.release(slab)
    this.trie = undefined
    this.index = undefined
  }

  insert(position: number, head: Uint32Array): void {
    const words = head.length
    assert(this.isDraft, '(4.5) a span that readers may hold is not changed')
    assert((this.size + 1) * words <= this.heads.length, '(4.6) a draft has room for one key more')
    assert(
      position >= 0 && position <= this.size,
      '(4.3) a key comes between others or behind them',
    )
    this.heads.copyWithin((position + 1) * words, position * words, this.size * words)
    this.heads.set(head, position * words)
    this.size++
  }

  remove(position: number, headWords: number): void {
    assert(this.isDraft, '(4.5) a span that readers may hold is not changed')
    assert(position >= 0 && position < this.size, '(4.3) a key that goes was there')
    this.heads.copyWithin(position * headWords, (position + 1) * headWords, this.size * headWords)
    this.size--
  }

  /** Returns a draft of the keys from `start` to `end`. */
  slice(start: number, end: number, room: SpanRoom): Span {
    assert(start < end && end <= this.size, '(4.6) a part of a span has keys')
    const heads = new Uint32Array(room.words)
    heads.set(this.heads.subarray(start * room.shape.headWords, end * room.shape.headWords))
    return Span.draftOf(heads, end - start, room)
  }

  /** Returns a draft of these keys and those of `next`, which may be more than fit into one span. */
  join(next: Span, room: SpanRoom): Span {
    assert(this.isDraft && next.isDraft, '(4.5) only drafts are joined')
    const size = this.size + next.size
    const heads = new Uint32Array(Math.max(room.words, size * room.shape.headWords))
    heads.set(this.heads.subarray(0, this.size * room.shape.headWords))
    heads.set(
      next.heads.subarray(0, next.size * room.shape.headWords),
      this.size * room.shape.headWords,
    )
    const joined = Span.draftOf(heads, size, room)
    joined.base = this.base
    return joined
  }

  /** Makes a span that belongs to a transaction. */
  static draftOf(heads: Uint32Array, size: number, room: SpanRoom): Span {
    const draft = new Span(room.version, heads, size, room.shape)
    draft.isDraft = true
    return draft
  }

  /** Forgets everything; nodes that still hold the span see by its version that they must read again. */
  clear(): void {
    this.version = -1
    this.heads = NO_HEADS
    this.trie = undefined
    this.index = undefined
    this.size = 0
  }
}

/** Returns the position of the first head of a span that is not below `head`. */
export function lowerBound(span: Span, head: Uint32Array): number {
  const { heads } = span
  const words = head.length
  let low = 0
  let high = span.size
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareHeads(heads, middle * words, head) < 0) low = middle + 1
    else high = middle
  }
  return low
}
