/**
 * What look-ups of keys that are in a span need of it: two bytes a key, whatever the keys are.
 *
 *     key      bits          the first bit in which neighbours differ makes a binary trie:
 *     0        0010 0
 *     1        0010 1                    bit 1
 *     2        0110 0               bit 4     bit 2
 *     3        0111 0              0    1    bit 3   4
 *     4        ...                          2    3
 *
 *     slot, 16 bits each   | base | groups - 1 | nodes in preorder: bit - base 8, keys on the left 8 |
 *
 * The trie is blind, as in the string B-tree of Ferragina and Grossi (1999): it holds no key, only which
 * bits decide. A key of the span is led to its place by them, and any other key is led somewhere: this
 * answers for members alone. Behind a node, the left subtree follows at once, the right one after as many
 * nodes as there are keys on the left.
 *
 * A bit too far behind the base, or none because heads are equal, is DEEP: only the store can tell.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { Slab, Slot } from './slab.ts'

/** Where the heads alone do not say which key is lower. */
export const UNKNOWN = -1

/** Spans of more keys have no trie: the number on the left of a node must fit into a byte. */
export const TRIE_KEYS_MAX = 256

// Measured, 204 bytes: the objects of a span and its trie, and where they are held.
const OVERHEAD_BYTES = 200
const DEEP = 255
const NODES_AT = 2
const EQUAL = 0xffff

// Of the span that a trie is being made of; place m belongs to the keys m - 1 and m.
const bits = new Uint16Array(TRIE_KEYS_MAX)
const stack = new Uint16Array(TRIE_KEYS_MAX)
const starts = new Uint16Array(TRIE_KEYS_MAX)
const nextLower = new Uint16Array(TRIE_KEYS_MAX)
const leftTurns = new Uint16Array(TRIE_KEYS_MAX)

/** The trie of one version of one span. Never changed. It is the slot that it lies in, to save an object. */
export class SpanTrie implements Slot {
  readonly data: Uint16Array
  readonly at: number
  readonly length: number
  readonly #size: number

  private constructor(slot: Slot, size: number) {
    this.data = slot.data
    this.at = slot.at
    this.length = slot.length
    this.#size = size
  }

  /** Makes the trie of the `size` heads, in order, of `headWords` words each. */
  static of(
    heads: Uint32Array,
    size: number,
    options: { headWords: number; groupWords: number; slab: Slab },
  ): SpanTrie {
    assert(size <= TRIE_KEYS_MAX, 'a trie counts the keys on the left in a byte')
    const groupBits = 32 * options.groupWords
    let base = EQUAL
    let changes = 0
    for (let m = 1; m < size; m++) {
      const bit = firstDifference(heads, m * options.headWords, options.headWords)
      bits[m] = bit
      if (bit < base) base = bit
      if (bit < groupBits) changes++
    }
    const slot = options.slab.take(NODES_AT + Math.max(0, size - 1))
    slot.data[slot.at] = base
    slot.data[slot.at + 1] = changes
    putNodes(slot, size, base)
    return new SpanTrie(slot, size)
  }

  /** What it takes of a budget, the span itself included. */
  get bytes(): number {
    return OVERHEAD_BYTES + 2 * this.length
  }

  /** How often the group changes between neighbours. */
  get changes(): number {
    return this.data[this.at + 1] as number
  }

  /** Returns the position of a key of the span, or UNKNOWN where others may have the same head. */
  positionOf(head: Uint32Array): number {
    const { data } = this
    const base = data[this.at] as number
    let at = this.at + NODES_AT
    let size = this.#size
    let position = 0
    while (size > 1) {
      const node = data[at] as number
      const left = node & 0xff
      if (node >>> 8 === DEEP) return UNKNOWN
      if (isSet(head, base + (node >>> 8))) {
        position += left
        at += left
        size -= left
      } else {
        at++
        size = left
      }
    }
    return position
  }

  /**
   * Returns the positions of the first key of a member's group and of the first one behind the group,
   * and how often the group changes before; undefined where only the store can tell.
   */
  groupOf(head: Uint32Array, groupWords: number): GroupPlace | undefined {
    const { data } = this
    const base = data[this.at] as number
    const groupBits = 32 * groupWords
    const areAllDifferent = this.changes === this.#size - 1
    // Of scores of many columns a node may be too deep to tell whether the group changes there.
    if (!areAllDifferent && groupBits - base > DEEP) return undefined
    let at = this.at + NODES_AT
    let size = this.#size
    let start = 0
    let changes = 0
    while (size > 1) {
      const node = data[at] as number
      const bit = base + (node >>> 8)
      // What is below this node differs behind the group alone.
      if (bit >= groupBits) break
      if (node >>> 8 === DEEP) return undefined
      const left = node & 0xff
      if (isSet(head, bit)) {
        changes += areAllDifferent
          ? left
          : 1 + this.#changesIn(at + 1, { count: left - 1, groupBits })
        start += left
        at += left
        size -= left
      } else {
        at++
        size = left
      }
    }
    return { start, end: start + size, changes }
  }

  // Group changes among `count` nodes in a row.
  #changesIn(at: number, nodes: { count: number; groupBits: number }): number {
    const { data } = this
    const least = nodes.groupBits - (data[this.at] as number)
    let changes = 0
    for (let i = at; i < at + nodes.count; i++) if ((data[i] as number) >>> 8 < least) changes++
    return changes
  }
}

/** Where the keys of one group lie in a span. */
export interface GroupPlace {
  start: number
  end: number
  /** How often the group changes between neighbours up to `start`. */
  changes: number
}

function isSet(head: Uint32Array, bit: number): boolean {
  return (head[bit >>> 5] as number) << (bit & 31) < 0
}

// The first bit in which the head at word `at` differs from the one before, or EQUAL.
function firstDifference(heads: Uint32Array, at: number, headWords: number): number {
  for (let j = 0; j < headWords; j++) {
    const difference = (heads[at + j] as number) ^ (heads[at - headWords + j] as number)
    if (difference !== 0) return 32 * j + Math.clz32(difference)
  }
  return EQUAL
}

// The node of place m is the root of the largest run around m in which no bit is lower. The run starts
// behind the last lower one before m. In preorder, before it come all places up to there, and those
// further right from which the way turns left.
function putNodes(slot: Slot, size: number, base: number): void {
  let depth = 0
  for (let m = 1; m < size; m++) {
    while (depth > 0 && (bits[stack[depth - 1] as number] as number) > (bits[m] as number))
      nextLower[stack[--depth] as number] = m
    starts[m] = depth === 0 ? 0 : (stack[depth - 1] as number)
    stack[depth++] = m
  }
  while (depth > 0) nextLower[stack[--depth] as number] = 0
  for (let m = size - 1; m > 0; m--) {
    const next = nextLower[m] as number
    leftTurns[m] = next === 0 ? 0 : (leftTurns[next] as number) + 1
    const start = starts[m] as number
    const bit = bits[m] === EQUAL ? DEEP : Math.min(DEEP, (bits[m] as number) - base)
    slot.data[slot.at + NODES_AT + start + (leftTurns[m] as number)] = (bit << 8) | (m - start)
  }
}
