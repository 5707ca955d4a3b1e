/**
 * Places of keys inside a span, found in memory or counted in the store.
 *
 * What a look-up does depends on what is in memory, and on what the budget lets in if nothing is:
 *
 *     in memory                  a key of the span          any key
 *     heads, index               0.2 µs                     0.2 µs
 *     trie                       0.2 µs                     counts in the store, 4 to 6 µs and more
 *     nothing, first time        counts                     counts
 *     nothing, later             reads a trie if let in     reads an index if let in
 *
 * A span in memory is used only if its version is the one that its node names: (4.5) of FORMAT.md.
 *
 * @module
 */

import { itemAt } from '../ground/assert.ts'
import { compareHeads, joinKey, readWords, type SplitKey, sameGroup } from './key.ts'
import {
  corruptNode,
  currentSpan,
  MISS,
  type NodeCache,
  separatorKey,
  type TreeNode,
} from './node.ts'
import { NodeReader } from './node-reader.ts'
import { lowerBound, NO_HEADS, Span } from './span.ts'
import type { SpanBudget } from './span-budget.ts'
import type { SpanShape } from './span-index.ts'
import { type SpanTrie, TRIE_KEYS_MAX, UNKNOWN } from './span-trie.ts'
import type { KeyShape, TreeStorage } from './tree-storage.ts'

// Heads that are read for look-ups alone: as garbage they would be megabytes before they are collected.
let scratch = new Uint32Array(2_048)

/** A key and the span that it belongs to: child i of a node of level 0. */
export interface SpanPlace {
  node: TreeNode
  i: number
  key: SplitKey
}

/** Access to the spans of one tree. */
export class SpanReader extends NodeReader {
  protected readonly budget: SpanBudget
  protected readonly groupWords: number
  protected readonly shape: SpanShape

  constructor(
    storage: TreeStorage,
    options: { cache: NodeCache; budget: SpanBudget; shape: KeyShape },
  ) {
    super(storage, options)
    this.budget = options.budget
    this.groupWords = options.shape.groupBytes / 4
    this.shape = { headWords: this.headWords, groupWords: this.groupWords }
  }

  /** Returns span i with its heads, read from the ordered keys if they are not in memory. */
  protected spanOf(node: TreeNode, i: number): Span {
    const current = currentSpan(node, i)
    if (current?.hasHeads) return current
    const words = node.countOf(i) * this.headWords
    const heads = this.#readHeads(node, i, this.budget.takeHeads(words))
    const span = current ?? this.#newSpan(node, i)
    span.heads = heads
    this.budget.admitHeads(span)
    return span
  }

  /** Returns the position of a key of the span; of any other key the answer has no meaning. */
  protected positionOfMember(node: TreeNode, i: number, key: SplitKey): number {
    const span = currentSpan(node, i)
    const trie = span === undefined ? this.#trieLetIn(node, i) : span.trie
    if (trie !== undefined) {
      const position = trie.positionOf(key.head)
      return position === UNKNOWN ? this.#countInStore({ node, i, key }) : position
    }
    const place = { node, i, key }
    return span === undefined ? this.#countInStore(place) : this.memberPosition(span, place)
  }

  /** Returns how many keys of span i are below `key`, which need not be one of them. */
  protected countBelowInSpan(node: TreeNode, i: number, key: SplitKey): number {
    const span = this.#indexedSpan(node, i)
    const place = { node, i, key }
    return span === undefined ? this.#countInStore(place) : this.positionIn(span, place)
  }

  /** Returns how many groups start among the keys of span i that are below `key`. */
  protected groupsBelowInSpan(node: TreeNode, i: number, key: SplitKey): number {
    const span = this.#indexedSpan(node, i) ?? this.#passingSpan(node, i)
    const position = this.positionIn(span, { node, i, key })
    if (position === 0) return 0
    const startsGroup = node.groupsOf(i) - this.changes(span, span.size)
    return startsGroup + this.changes(span, position)
  }

  /** Returns the position of the first key of a group, of those that start in span i. */
  protected startOfGroupInSpan(node: TreeNode, i: number, group: number): number {
    const span = this.#indexedSpan(node, i) ?? this.#passingSpan(node, i)
    // The group of the first key may have started in the span before: (4.4).
    const goesOn = node.groups[i] === this.changes(span, span.size) ? 1 : 0
    const change = group + goesOn
    return span.index?.startOf(change) ?? this.#positionOfChange(span, change)
  }

  /** Returns the trie of span i, or undefined if it is not in memory and not let in. */
  protected trieOf(node: TreeNode, i: number): SpanTrie | undefined {
    const span = currentSpan(node, i)
    if (span?.trie !== undefined) return span.trie
    if (span === undefined || !span.hasHeads) return this.#trieLetIn(node, i)
    // A draft changes with the next key.
    if (!span.isDraft) this.budget.admitTrie(span)
    return span.trie
  }

  /** Returns how many keys are below `key` in a span with heads or an index. */
  protected positionIn(span: Span, place: SpanPlace): number {
    const { head } = place.key
    const position = span.index?.positionOf(head) ?? lowerBound(span, head)
    if (position === UNKNOWN) return this.#countInStore(place)
    if (span.index !== undefined || position === span.size) return position
    const isHead = compareHeads(span.heads, position * this.headWords, head) === 0
    return isHead ? this.#countInStore(place) : position
  }

  /** Returns the position of a key of a span with heads or an index: if one head matches, no tail is read. */
  protected memberPosition(span: Span, place: SpanPlace): number {
    const { head } = place.key
    if (span.index !== undefined) {
      const position = span.index.positionOfMember(head)
      return position === UNKNOWN ? this.#countInStore(place) : position
    }
    const position = lowerBound(span, head)
    const next = position + 1
    if (next >= span.size || compareHeads(span.heads, next * this.headWords, head) !== 0)
      return position
    return this.positionIn(span, place)
  }

  /** Returns how often the group changes between neighbours among the first `size` keys. */
  protected changes(span: Span, size: number): number {
    // The index knows it; to count once takes as long as to make one.
    if (!span.isDraft && span.size > 0) this.budget.admitIndex(span)
    if (span.index !== undefined) return span.index.changes(size)
    let changes = 0
    for (let i = 1; i < size; i++) if (this.#changesAt(span, i)) changes++
    return changes
  }

  #changesAt(span: Span, i: number): boolean {
    const at = i * this.headWords
    return !sameGroup(span.heads, at - this.headWords, span.heads, at, this.groupWords)
  }

  // Position of the key behind change number `change`; 0 is the start of the span.
  #positionOfChange(span: Span, change: number): number {
    let position = 0
    for (let left = change; left > 0; ) if (this.#changesAt(span, ++position)) left--
    return position
  }

  // Heads are equal, or nothing is in memory: the store says which keys are lower. It counts at the end of
  // the span that looks nearer, (4.3): the keys of both sides are those that the node counts.
  #countInStore(place: SpanPlace): number {
    const { node, i, key } = place
    if (i + 1 === node.size || !isBehindMiddle(node, i, key.head))
      return this.storage.countKeys({ start: separatorKey(node, i), end: joinKey(key) })
    const end = separatorKey(node, i + 1)
    return node.countOf(i) - this.storage.countKeys({ start: joinKey(key), end })
  }

  // A span with heads or an index, undefined if it is not in memory and not let in.
  #indexedSpan(node: TreeNode, i: number): Span | undefined {
    const current = currentSpan(node, i)
    if (current !== undefined && (current.hasHeads || current.index !== undefined)) return current
    if (!this.#isLetIn(node, i, MISS.any)) return undefined
    // Looked up again: the room may have been made by emptying this very span.
    const span = currentSpan(node, i) ?? this.#newSpan(node, i)
    span.heads = this.#readHeads(node, i, scratchFor(this.#wordsOf(node, i)))
    this.budget.admitIndex(span)
    span.forgetHeads()
    return span
  }

  #trieLetIn(node: TreeNode, i: number): SpanTrie | undefined {
    const size = node.countOf(i)
    if (size > TRIE_KEYS_MAX || !this.#isLetIn(node, i, MISS.member)) return undefined
    const span = currentSpan(node, i) ?? this.#newSpan(node, i)
    span.heads = this.#readHeads(node, i, scratchFor(this.#wordsOf(node, i)))
    this.budget.admitTrie(span)
    span.forgetHeads()
    return span.trie
  }

  // A span that nobody keeps, for one answer that counting in the store cannot give.
  #passingSpan(node: TreeNode, i: number): Span {
    const heads = this.#readHeads(node, i, scratchFor(this.#wordsOf(node, i)))
    const span = new Span(node.versionOf(i), heads, node.countOf(i), this.shape)
    span.isDraft = true
    return span
  }

  // Not at the first miss: what is asked once is not worth a read.
  #isLetIn(node: TreeNode, i: number, miss: number): boolean {
    const missed = itemAt(node.missed, i)
    node.missed[i] = missed | miss
    const count = node.countOf(i)
    return (missed & miss) !== 0 && count > 0 && this.budget.letsIn(count)
  }

  #wordsOf(node: TreeNode, i: number): number {
    return node.countOf(i) * this.headWords
  }

  #newSpan(node: TreeNode, i: number): Span {
    const size = node.countOf(i)
    const span = new Span(node.versionOf(i), NO_HEADS, size, this.shape)
    node.spans[i] = span
    return span
  }

  #readHeads(node: TreeNode, i: number, heads: Uint32Array): Uint32Array {
    const count = node.countOf(i)
    let size = 0
    const take = (key: Buffer): void => {
      if (size < count) {
        const at = size * this.headWords
        readWords(key, this.storage.keyOffset, { heads, at, words: this.headWords })
      }
      size++
    }
    const range = this.spanRange(node, i)
    if (this.storage.visitKeys !== undefined) this.storage.visitKeys(range, take)
    else for (const key of this.storage.storedKeys(range)) take(key)
    // (4.3): the disk may lie.
    if (size !== count)
      throw corruptNode(node.id, `child ${i} counts ${count} keys, the store holds ${size}`)
    return heads
  }
}

// A guess: where the separators on both sides first differ, is the head nearer to the second?
function isBehindMiddle(node: TreeNode, i: number, head: Uint32Array): boolean {
  const { heads } = node
  const words = head.length
  for (let j = 0; j < words; j++) {
    const [low, high] = [itemAt(heads, i * words + j), itemAt(heads, (i + 1) * words + j)]
    if (high - low > 1) return itemAt(head, j) - low > (high - low) / 2
    // Too near to tell: the next word does, if the head goes with one of the two.
    if (high !== low) return itemAt(head, j) === high
  }
  return false
}

function scratchFor(words: number): Uint32Array {
  if (words > scratch.length) scratch = new Uint32Array(2 * words)
  return scratch
}
