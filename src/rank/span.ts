/**
 * The heads of one span of the ordered keys, decoded and held in memory.
 *
 * A span is what a child of level 0 counts: the keys from its separator to the next one. Spans are
 * not stored: they are read from the ordered keys when they are needed, and are current as long as
 * the version beside their count is the one they were read at. A budget over all boards keeps the
 * most used ones (second chance, as in Corbató's clock) and empties the others.
 *
 * @module
 */

import { CACHED_KEYS_MAX } from '../limits.ts'

const EMPTY = new Uint32Array(0)
const SPARE_MAX = 2_000

/** What a draft is made with: `words` is its capacity in 32-bit words. */
export interface SpanRoom {
  headWords: number
  words: number
  version: number
}

/** Heads of the keys of one span, in order. */
export class Span {
  /** Version of the child that these heads belong to; -1 when emptied by the budget. */
  version: number
  heads: Uint32Array
  /** Number of keys. */
  size: number
  /** Set by every look-up, cleared by the budget's hand. */
  used = true
  /** Whether it belongs to a transaction that is not committed. */
  isDraft = false
  /** In a draft: the published span that it replaces when its transaction is committed. */
  base: Span | undefined

  constructor(version: number, heads: Uint32Array, size: number) {
    this.version = version
    this.heads = heads
    this.size = size
  }

  insert(position: number, head: Uint32Array): void {
    const words = head.length
    this.heads.copyWithin((position + 1) * words, position * words, this.size * words)
    this.heads.set(head, position * words)
    this.size++
  }

  remove(position: number, headWords: number): void {
    this.heads.copyWithin(position * headWords, (position + 1) * headWords, this.size * headWords)
    this.size--
  }

  /** Returns a draft of the keys from `start` to `end`. */
  slice(start: number, end: number, room: SpanRoom): Span {
    const heads = new Uint32Array(room.words)
    heads.set(this.heads.subarray(start * room.headWords, end * room.headWords))
    return Span.draftOf(heads, end - start, room.version)
  }

  /** Returns a draft of these keys and those of `next`, which may be more than fit into one span. */
  join(next: Span, room: SpanRoom): Span {
    const size = this.size + next.size
    const heads = new Uint32Array(Math.max(room.words, size * room.headWords))
    heads.set(this.heads.subarray(0, this.size * room.headWords))
    heads.set(next.heads.subarray(0, next.size * room.headWords), this.size * room.headWords)
    const joined = Span.draftOf(heads, size, room.version)
    joined.base = this.base
    return joined
  }

  /** Makes a span that belongs to a transaction. */
  static draftOf(heads: Uint32Array, size: number, version: number): Span {
    const draft = new Span(version, heads, size)
    draft.isDraft = true
    return draft
  }

  /** Forgets the heads; whoever still holds the span sees by its version that it must read again. */
  clear(): void {
    this.version = -1
    this.heads = EMPTY
    this.size = 0
  }
}

/** Keeps the spans of all boards of a store within a number of 32-bit words. */
export class SpanBudget {
  readonly #wordsMax: number
  #ring: Span[] = []
  readonly #spare: Uint32Array[] = []
  #hand = 0
  #words = 0

  constructor(wordsMax: number = CACHED_KEYS_MAX * 4) {
    this.#wordsMax = wordsMax
  }

  /** Takes a published span into account, emptying others first where the budget is spent. */
  admit(span: Span): void {
    this.#words += span.heads.length
    while (this.#words > this.#wordsMax && this.#ring.length > 0) this.#step()
    this.#ring.push(span)
  }

  /** Returns a copy that a transaction may change. */
  draft(span: Span, room: SpanRoom): Span {
    const spare = this.#spare.pop()
    const heads = spare?.length === room.words ? spare : new Uint32Array(room.words)
    heads.set(span.heads.subarray(0, span.size * room.headWords))
    const draft = Span.draftOf(heads, span.size, room.version)
    draft.base = span
    return draft
  }

  /** Publishes a draft and returns the span that stands for it from now on. */
  publish(draft: Span): Span {
    const { base } = draft
    if (base === undefined || base.version === -1) {
      draft.isDraft = false
      draft.base = undefined
      this.admit(draft)
      return draft
    }
    this.#words += draft.heads.length - base.heads.length
    // What a draft is made of is used again: allocating it anew cost a quarter of a busy commit.
    if (this.#spare.length < SPARE_MAX) this.#spare.push(base.heads)
    base.version = draft.version
    base.heads = draft.heads
    base.size = draft.size
    return base
  }

  // Visits one span: a used one gets a second chance, another is emptied and leaves the ring.
  #step(): void {
    if (this.#hand >= this.#ring.length) this.#hand = 0
    const span = this.#ring[this.#hand] as Span
    if (span.used && span.version !== -1) {
      span.used = false
      this.#hand++
      return
    }
    this.#words -= span.heads.length
    span.clear()
    this.#ring[this.#hand] = this.#ring[this.#ring.length - 1] as Span
    this.#ring.pop()
  }
}
