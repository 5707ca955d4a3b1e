/**
 * What is held in memory of one span of the ordered keys: their heads, or an index of them.
 *
 * A span is what a child of level 0 counts: the keys from its separator to the next one. Spans are
 * not stored: they are read from the ordered keys when they are needed, and are current as long as
 * the version beside their count is the one they were read at. Who changes a span needs its heads;
 * readers are content with the index, which is a quarter as large. A budget over all boards keeps the
 * most used ones (second chance, as in Corbató's clock): it turns heads into indexes, and empties
 * those that are not used at all.
 *
 * @module
 */

import { CACHED_KEYS_MAX } from '../ground/limits.ts'
import { compareHeads } from './key.ts'
import { Slab } from './slab.ts'
import { SpanIndex, type SpanShape } from './span-index.ts'

const EMPTY = new Uint32Array(0)
// Of what heads may have at the moment: at a million players as many spans as a busy commit changes.
const SPARE_SHARE = 0.5
// Indexes come before heads, which may have this share in any case, and that one where there is room:
// enough for a million players, of whom every span is written to now and then.
const HEADS_SHARE_LEAST = 0.1
const HEADS_SHARE_MOST = 0.6

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
  /** Empty where the span {@link hasHeads} not. */
  heads: Uint32Array
  /** Of the same version as the heads. A draft has none. */
  index: SpanIndex | undefined
  /** Number of keys. */
  size: number
  /** Whether the budget's ring of indexes holds it, though perhaps no index any more. */
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
    this.index = undefined
    this.size = size
  }

  get hasHeads(): boolean {
    return this.heads !== EMPTY
  }

  forgetHeads(): void {
    this.heads = EMPTY
  }

  /** Makes the index from the heads. */
  makeIndex(slab: Slab): SpanIndex {
    this.index = new SpanIndex(this.heads, this.size, { shape: this.#shape, slab })
    return this.index
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
    heads.set(this.heads.subarray(start * room.shape.headWords, end * room.shape.headWords))
    return Span.draftOf(heads, end - start, room)
  }

  /** Returns a draft of these keys and those of `next`, which may be more than fit into one span. */
  join(next: Span, room: SpanRoom): Span {
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

  /** Forgets everything; whoever still holds the span sees by its version that it must read again. */
  clear(): void {
    this.version = -1
    this.heads = EMPTY
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

/** Spans in the order in which the hand comes by. */
class Ring {
  readonly #spans: Span[] = []
  #hand = 0
  words = 0

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  push(span: Span): void {
    this.#spans.push(span)
  }

  /** Takes out a span; one that was used since the hand was there last gets a second chance. */
  take(): Span {
    for (;;) {
      if (this.#hand >= this.#spans.length) this.#hand = 0
      const span = this.#spans[this.#hand] as Span
      if (!span.used || span.version === -1) break
      span.used = false
      this.#hand++
    }
    const taken = this.#spans[this.#hand] as Span
    this.#spans[this.#hand] = this.#spans[this.#spans.length - 1] as Span
    this.#spans.pop()
    return taken
  }
}

/** Keeps the spans of all boards of a store within a number of 32-bit words. */
export class SpanBudget {
  readonly #wordsMax: number
  readonly #slab = new Slab()
  readonly #heads = new Ring()
  readonly #indexes = new Ring()
  readonly #spare: Uint32Array[] = []
  #spareWords = 0

  constructor(wordsMax: number = CACHED_KEYS_MAX * 4) {
    this.#wordsMax = wordsMax
  }

  /** Returns an array for heads of at least so many words, used ones where there are any. */
  takeHeads(words: number): Uint32Array {
    const spare = this.#spare.pop()
    this.#spareWords -= spare?.length ?? 0
    return spare !== undefined && spare.length >= words ? spare : new Uint32Array(words)
  }

  /** Takes the heads of a published span into account. */
  admitHeads(span: Span): void {
    this.#heads.words += span.heads.length
    while (this.#heads.words > this.#headWordsMax() && !this.#heads.isEmpty) this.#dropHeads()
    this.#heads.push(span)
    this.#makeRoom()
  }

  /** Makes the index of a published span with heads, and takes it into account. */
  admitIndex(span: Span): void {
    this.#indexes.words += span.makeIndex(this.#slab).words
    this.#makeRoom(span)
    if (span.isInRing) return
    span.isInRing = true
    this.#indexes.push(span)
  }

  /** Returns a copy that a transaction may change. */
  draft(span: Span, room: SpanRoom): Span {
    const heads = this.takeHeads(room.words)
    heads.set(span.heads.subarray(0, span.size * room.shape.headWords))
    const draft = Span.draftOf(heads, span.size, room)
    draft.base = span
    return draft
  }

  /** Publishes a draft and returns the span that stands for it from now on. */
  publish(draft: Span): Span {
    const { base } = draft
    if (base === undefined || base.version === -1) {
      draft.isDraft = false
      draft.base = undefined
      this.admitHeads(draft)
      return draft
    }
    this.#forgetIndex(base)
    const { heads, hasHeads } = base
    base.version = draft.version
    base.heads = draft.heads
    base.size = draft.size
    if (!hasHeads) {
      this.admitHeads(base)
      return base
    }
    this.#heads.words += draft.heads.length - heads.length
    this.#giveHeads(heads)
    return base
  }

  // What a draft is made of is used again: allocating it anew cost a quarter of a busy commit.
  #giveHeads(heads: Uint32Array): void {
    if (heads.length === 0) return
    this.#spare.push(heads)
    this.#spareWords += heads.length
    // Spares of a time when heads had more room would keep indexes out.
    while (this.#spareWords > this.#headWordsMax() * SPARE_SHARE) this.takeHeads(0)
  }

  // Whoever admits an index is about to use it: where it alone is left, it may be too large.
  #makeRoom(admitted?: Span): void {
    const wordsMax = this.#wordsMax - this.#heads.words - this.#spareWords
    while (this.#indexes.words > wordsMax && !this.#indexes.isEmpty) {
      const span = this.#indexes.take()
      if (span === admitted) {
        this.#indexes.push(span)
        return
      }
      this.#dropIndex(span)
    }
  }

  // A little less than what indexes leave, so that they can grow from one commit to the next.
  #headWordsMax(): number {
    const left = this.#wordsMax * (1 - HEADS_SHARE_LEAST) - this.#indexes.words - this.#spareWords
    const most = Math.min(left, this.#wordsMax * HEADS_SHARE_MOST)
    return Math.max(most, this.#wordsMax * HEADS_SHARE_LEAST)
  }

  #dropHeads(): void {
    const span = this.#heads.take()
    const { heads } = span
    this.#heads.words -= heads.length
    if (span.index === undefined && span.size > 0) this.admitIndex(span)
    span.forgetHeads()
    if (span.index === undefined) span.clear()
    this.#giveHeads(heads)
  }

  #dropIndex(span: Span): void {
    span.isInRing = false
    this.#forgetIndex(span)
    if (!span.hasHeads) span.clear()
  }

  #forgetIndex(span: Span): void {
    this.#indexes.words -= span.index?.words ?? 0
    span.index?.release(this.#slab)
    span.index = undefined
  }
}
