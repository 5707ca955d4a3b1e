/**
 * Keeps what is in memory of the spans of all boards of a store within a number of bytes.
 *
 *     heads      of spans last written to, or about to be    | at least a tenth, more if there is room
 *     look-ups   tries and indexes of spans last asked for   | the rest
 *
 * Each kind stands in a ring with a hand (second chance, as in Corbató's clock). Heads that must leave
 * become a trie. A look-up that finds its span not in memory counts in the store, at 4 to 6 µs to start;
 * reading the span would take 20 to 30 µs, which pays only if it stays. So who asks for the first time
 * never has a span read (the node keeps a bit of it), and as soon as the bytes are used up only one miss
 * in 32 may look for a span to replace, and finds one only if the hand meets one that was not used
 * since it came by last. What is asked often is let in soon, what is asked once pushes nothing out.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { CACHE_BYTES } from '../ground/limits.ts'
import { Slab } from './slab.ts'
import { Span, type SpanRoom } from './span.ts'

// Of what heads may have at the moment: at a million players as many spans as a busy commit changes.
const SPARE_SHARE = 0.5
// Look-ups come before heads, which may have this share in any case, and that one if there is room:
// enough for a million players, of whom every span is written to now and then.
const HEADS_SHARE_LEAST = 0.1
const HEADS_SHARE_MOST = 0.6
// One miss in MISSES_A_REPLACEMENT looks for a span to replace, and passes up to STEPS_MAX on the way.
const MISSES_A_REPLACEMENT = 32
const STEPS_MAX = 16
// Room that is asked for before a span is read: the look-ups of most take less.
const ROOM_BYTES_A_KEY = 4
const ROOM_BYTES = 400

/** Spans in the order in which the hand comes by. */
class Ring {
  readonly #spans: Span[] = []
  #hand = 0
  bytes = 0

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  push(span: Span): void {
    this.#spans.push(span)
  }

  /**
   * Takes out a span that was not used since the hand was there last; undefined if there is none among
   * the next `steps`, which count as not used from now on.
   */
  take(steps = Number.POSITIVE_INFINITY): Span | undefined {
    for (let left = steps; left > 0 && this.#spans.length > 0; left--) {
      if (this.#hand >= this.#spans.length) this.#hand = 0
      const span = this.#spans[this.#hand] as Span
      if (!span.used || span.version === -1) return this.#takeAt(this.#hand)
      span.used = false
      this.#hand++
    }
    return undefined
  }

  #takeAt(place: number): Span {
    const taken = this.#spans[place] as Span
    this.#spans[place] = this.#spans[this.#spans.length - 1] as Span
    this.#spans.pop()
    return taken
  }
}

/** Keeps the spans of all boards of a store within a number of bytes. */
export class SpanBudget {
  readonly #bytesMax: number
  readonly #slab = new Slab()
  readonly #heads = new Ring()
  readonly #lookUps = new Ring()
  readonly #spare: Uint32Array[] = []
  #spareBytes = 0
  #misses = 0

  constructor(bytesMax: number = CACHE_BYTES) {
    this.#bytesMax = bytesMax
  }

  /** What is counted as held. */
  get bytes(): number {
    return this.#heads.bytes + this.#spareBytes + this.#lookUps.bytes
  }

  /** Whether a span of `count` keys, which was missed before, may be read to stay. Makes room for it. */
  letsIn(count: number): boolean {
    const wanted = ROOM_BYTES + ROOM_BYTES_A_KEY * count
    if (this.#hasRoom(wanted)) return true
    // The golden ratio spreads the turns, so that no rhythm of questions has all of them.
    this.#misses = (this.#misses + 1) >>> 0
    if (Math.imul(this.#misses, 0x9e37_79b1) >>> 0 >= 2 ** 32 / MISSES_A_REPLACEMENT) return false
    for (let tries = 0; tries < STEPS_MAX && !this.#hasRoom(wanted); tries++) {
      const span = this.#lookUps.take(STEPS_MAX)
      if (span === undefined) return false
      this.#dropLookUps(span)
    }
    return this.#hasRoom(wanted)
  }

  /** Returns an array for heads of at least `words` words, a used one if there is any. */
  takeHeads(words: number): Uint32Array {
    const spare = this.#spare.pop()
    this.#spareBytes -= spare?.byteLength ?? 0
    return spare !== undefined && spare.length >= words ? spare : new Uint32Array(words)
  }

  /** Takes the heads of a published span into account. */
  admitHeads(span: Span): void {
    this.#heads.bytes += span.heads.byteLength
    while (this.#heads.bytes > this.#headBytesMax() && !this.#heads.isEmpty) this.#dropHeads()
    this.#heads.push(span)
    this.#makeRoom()
  }

  /** Makes the trie of a published span with heads, and takes it into account. */
  admitTrie(span: Span): void {
    if (span.trie === undefined) this.#admitLookUps(span, span.makeTrie(this.#slab))
  }

  /** Makes the index of a published span with heads, and takes it into account. */
  admitIndex(span: Span): void {
    if (span.index === undefined) this.#admitLookUps(span, span.makeIndex(this.#slab))
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
    assert(draft.isDraft, '(4.5) only a draft takes the place of a published span')
    if (base === undefined || base.version === -1) {
      draft.isDraft = false
      draft.base = undefined
      this.admitHeads(draft)
      return draft
    }
    assert(base.version <= draft.version, '(4.5) no span goes back to an earlier commit')
    // Tries and indexes are those of the version before, and would answer for this one.
    this.#forgetLookUps(base)
    const { heads, hasHeads } = base
    base.version = draft.version
    base.heads = draft.heads
    base.size = draft.size
    if (!hasHeads) {
      this.admitHeads(base)
      return base
    }
    this.#heads.bytes += draft.heads.byteLength - heads.byteLength
    this.#giveHeads(heads)
    return base
  }

  // What a draft is made of is used again: allocating it each time cost a quarter of a busy commit.
  #giveHeads(heads: Uint32Array): void {
    if (heads.length === 0) return
    this.#spare.push(heads)
    this.#spareBytes += heads.byteLength
    // Spares of a time when heads had more room would keep look-ups out.
    while (this.#spareBytes > this.#headBytesMax() * SPARE_SHARE) this.takeHeads(0)
  }

  #hasRoom(bytes: number): boolean {
    return this.bytes + bytes <= this.#bytesMax
  }

  #admitLookUps(span: Span, bytes: number): void {
    this.#lookUps.bytes += bytes
    this.#makeRoom(span)
    if (span.isInRing) return
    span.isInRing = true
    this.#lookUps.push(span)
  }

  // The span that is admitted is about to be used, so it stays, even if it alone is too large.
  #makeRoom(admitted?: Span): void {
    while (!this.#hasRoom(0)) {
      const span = this.#lookUps.take()
      if (span === undefined) return
      if (span === admitted) {
        this.#lookUps.push(span)
        return
      }
      this.#dropLookUps(span)
    }
  }

  // A little less than what look-ups leave, so that they can grow from one commit to the next.
  #headBytesMax(): number {
    const left = this.#bytesMax * (1 - HEADS_SHARE_LEAST) - this.#lookUps.bytes - this.#spareBytes
    const most = Math.min(left, this.#bytesMax * HEADS_SHARE_MOST)
    return Math.max(most, this.#bytesMax * HEADS_SHARE_LEAST)
  }

  #dropHeads(): void {
    const span = this.#heads.take()
    if (span === undefined) return
    const { heads } = span
    this.#heads.bytes -= heads.byteLength
    if (span.lookUpBytes === 0 && span.size > 0 && this.letsIn(span.size)) this.admitTrie(span)
    span.forgetHeads()
    if (span.lookUpBytes === 0) span.clear()
    this.#giveHeads(heads)
  }

  // A span with nothing left is emptied: nodes that still hold it see by its version that it is of no use.
  #dropLookUps(span: Span): void {
    span.isInRing = false
    this.#forgetLookUps(span)
    if (!span.hasHeads) span.clear()
  }

  #forgetLookUps(span: Span): void {
    this.#lookUps.bytes -= span.lookUpBytes
    assert(this.#lookUps.bytes >= 0, 'the budget gives back no more than it counted')
    span.releaseLookUps(this.#slab)
  }
}
