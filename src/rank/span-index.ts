/**
 * What look-ups of any key need of the heads of one span, in two to twelve bytes a key.
 *
 *     groups   the distinct groups, in order            7   9   12
 *     starts   position of the first key of each        0   3   4       left out where all differ
 *     rests    the other words of every key             5 6 8 | 2 | 4   left out likewise
 *
 * Where rests are left out a key of the span is found by its group alone, and so is the place before
 * or behind all keys of a group.
 *
 * @module
 */

import { sameGroup } from './key.ts'
import { PackedHeads, type Run } from './packed-heads.ts'
import type { Slab, Slot } from './slab.ts'
import { UNKNOWN } from './span-trie.ts'

/** How heads are made, in 32-bit words. */
export interface SpanShape {
  headWords: number
  /** Leading words that keys of one group have in common. */
  groupWords: number
}

const HIGHEST = 0xffff_ffff
// Measured: the objects of an index and its packed heads, and those of its span.
const OVERHEAD_BYTES = 400

/** The index of one version of one span. Never changed. */
export class SpanIndex {
  readonly #size: number
  readonly #groupWords: number
  readonly #groupCount: number
  readonly #groups: PackedHeads
  readonly #starts: Slot | undefined
  readonly #rests: PackedHeads | undefined

  /** `heads` are those of `size` keys, at least one. */
  constructor(heads: Uint32Array, size: number, options: { shape: SpanShape; slab: Slab }) {
    const { shape, slab } = options
    const { headWords: stride, groupWords } = shape
    const starts = groupStarts(heads, size, shape)
    this.#size = size
    this.#groupWords = groupWords
    this.#groupCount = starts.length
    const groups = { at: 0, words: groupWords, stride, isSorted: true, slab }
    this.#groups = PackedHeads.of(heads, groups, starts)
    if (starts.length === size && !hasEdge(heads, size, shape)) return
    this.#starts = slab.take(starts.length)
    this.#starts.data.set(starts, this.#starts.at)
    const all = Array.from({ length: size }, (_, i) => i)
    const rests = { at: groupWords, words: stride - groupWords, stride, isSorted: false, slab }
    this.#rests = PackedHeads.of(heads, rests, all)
  }

  /** Gives back what is held of a slab. The index is of no use afterwards. */
  release(slab: Slab): void {
    this.#groups.release(slab)
    this.#rests?.release(slab)
    if (this.#starts !== undefined) slab.give(this.#starts)
  }

  /** What it takes of a budget. */
  get bytes(): number {
    const words = this.#groups.length + (this.#rests?.length ?? 0)
    return OVERHEAD_BYTES + 4 * words + 2 * (this.#starts?.length ?? 0)
  }

  /** Returns how many keys are below `head`, or UNKNOWN where one with that head may be. */
  positionOf(head: Uint32Array): number {
    const group = this.#groups.lowerBound(head, 0, { start: 0, end: this.#groupCount })
    if (group === this.#groupCount || this.#groups.compare(group, head, 0) !== 0)
      return this.startOf(group)
    if (this.#rests === undefined) return this.#besideGroup(group, head)
    const run = this.#runOf(group)
    const position = this.#rests.lowerBound(head, this.#groupWords, run)
    const isBehind = position === run.end
    if (isBehind || this.#rests.compare(position, head, this.#groupWords) !== 0) return position
    return UNKNOWN
  }

  /** Returns the position of a key of the span, or UNKNOWN where others have the same head. */
  positionOfMember(head: Uint32Array): number {
    const group = this.#groups.lowerBound(head, 0, { start: 0, end: this.#groupCount })
    if (this.#rests === undefined || group === this.#groupCount) return this.startOf(group)
    const run = this.#runOf(group)
    const position = this.#rests.lowerBound(head, this.#groupWords, run)
    const next = position + 1
    const isAlone = next >= run.end || this.#rests.compare(next, head, this.#groupWords) !== 0
    return isAlone ? position : UNKNOWN
  }

  /** Returns how often the group changes between neighbours among the first `position` keys. */
  changes(position: number): number {
    if (position === 0) return 0
    if (position === this.#size) return this.#groupCount - 1
    if (this.#starts === undefined) return position - 1
    let low = 0
    let high = this.#groupCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.startOf(middle) < position) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  // Without rests: before a group of one key, behind it, or at a place that only the store knows.
  #besideGroup(group: number, head: Uint32Array): number {
    let zeros = true
    let ones = true
    for (let i = this.#groupWords; i < head.length; i++) {
      zeros &&= head[i] === 0
      ones &&= head[i] === HIGHEST
    }
    if (zeros) return group
    return ones ? group + 1 : UNKNOWN
  }

  #runOf(group: number): Run {
    return { start: this.startOf(group), end: this.startOf(group + 1) }
  }

  /** Returns the position of the first key of a group; the size for the one behind the last. */
  startOf(group: number): number {
    if (group === this.#groupCount) return this.#size
    const starts = this.#starts
    return starts === undefined ? group : (starts.data[starts.at + group] as number)
  }
}

// Whether a key lies at the very edge of its group, or groups are all that heads consist of.
function hasEdge(heads: Uint32Array, size: number, shape: SpanShape): boolean {
  const { headWords, groupWords } = shape
  if (groupWords === headWords) return true
  for (let i = 0; i < size; i++) {
    const from = i * headWords + groupWords
    const edge = heads[from] as number
    if (edge !== 0 && edge !== HIGHEST) continue
    let j = from
    while (j < (i + 1) * headWords && heads[j] === edge) j++
    if (j === (i + 1) * headWords) return true
  }
  return false
}

function groupStarts(heads: Uint32Array, size: number, shape: SpanShape): number[] {
  const { headWords, groupWords } = shape
  const starts: number[] = []
  for (let i = 0; i < size; i++) {
    const at = i * headWords
    if (i === 0 || !sameGroup(heads, at - headWords, heads, at, groupWords)) starts.push(i)
  }
  return starts
}
