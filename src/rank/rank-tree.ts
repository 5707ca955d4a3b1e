/**
 * Reading a counting B-tree: how many keys lie below a key, and which key is at an index.
 *
 *                       [ -∞:7 | 40:6 ]                     counts of keys below each child
 *                      /               \
 *          [ -∞:3 | 20:4 ]         [ 40:4 | 70:2 ]          level 0: children are spans
 *           3 5 9 | 20 21 27 33     41 44 50 62 | 70 71     keys, in the ordered store only
 *
 * Index of 50: the root sends it to the second child (7 keys are left behind), that one to its first
 * span (0 left behind), and in the span two keys are below it: 7 + 0 + 2 = 9. DESIGN.md walks the
 * same tree in both directions and says why spans are not stored.
 *
 * @module
 */

import { decodeNode, nodeVersion } from '../format/tree-node.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import {
  compareHeads,
  joinKey,
  NO_TAIL,
  readHead,
  readWords,
  type SplitKey,
  sameGroup,
} from './key.ts'
import {
  corruptNode,
  currentSpan,
  emptyRoot,
  inheritSpans,
  type NodeCache,
  separatorKey,
  TreeNode,
} from './node.ts'
import { lowerBound, Span, type SpanBudget } from './span.ts'
import { type SpanShape, UNKNOWN } from './span-index.ts'
import {
  type KeyRange,
  type KeyShape,
  ROOT_ID,
  type Seek,
  type TreeStorage,
} from './tree-storage.ts'

// Heads that are read for an index alone: as garbage they would be megabytes before they are collected.
let scratch = new Uint32Array(2_048)

/** Read access to the rank tree of one board on one snapshot. */
export class RankTree {
  protected readonly storage: TreeStorage
  protected readonly cache: NodeCache
  protected readonly budget: SpanBudget
  protected readonly headWords: number
  protected readonly groupWords: number
  protected readonly shape: SpanShape
  readonly #headBytes: number
  readonly #key: SplitKey
  // What #key was taken from.
  #bytes: Buffer | undefined
  #root: TreeNode | undefined

  constructor(
    storage: TreeStorage,
    options: { cache: NodeCache; budget: SpanBudget; shape: KeyShape },
  ) {
    this.storage = storage
    this.cache = options.cache
    this.budget = options.budget
    this.headWords = options.shape.headBytes / 4
    this.groupWords = options.shape.groupBytes / 4
    this.shape = { headWords: this.headWords, groupWords: this.groupWords }
    this.#headBytes = options.shape.headBytes
    this.#key = { head: new Uint32Array(this.headWords), tail: NO_TAIL }
  }

  /**
   * Reads the root and keeps it for the calls that follow, which must be on the same snapshot.
   * Returns false where there is no tree: it then counts no keys. Cost: one read.
   */
  refresh(): boolean {
    const bytes = this.storage.node(ROOT_ID)
    this.#root = bytes === undefined ? emptyRoot(this.headWords) : this.#adopt(ROOT_ID, bytes)
    return bytes !== undefined
  }

  /** Number of keys. Cost: O(1). */
  get count(): number {
    return this.root().total()
  }

  /** Number of distinct groups. Cost: O(1). */
  get groupCount(): number {
    return this.root().totalGroups()
  }

  /** Levels of nodes, the root and level 0 included. */
  get height(): number {
    return this.root().level + 1
  }

  /**
   * Returns the index of a key that is in the tree, 0 being the first. For any other key the answer
   * has no meaning: ask {@link countBelow}. Cost: O(log n).
   */
  indexOf(bytes: Buffer): number {
    const key = this.split(bytes)
    let node = this.root()
    let before = 0
    for (;;) {
      const i = node.find(key)
      for (let j = 0; j < i; j++) before += node.counts[j] as number
      if (node.level === 0) return before + this.#positionOfMember(node, i, key)
      node = this.childOf(node, i)
    }
  }

  /** Returns how many keys are below `key`, which need not be in the tree. Cost: O(log n). */
  countBelow(bytes: Buffer): number {
    const key = this.split(bytes)
    let node = this.root()
    let before = 0
    for (;;) {
      const i = node.find(key)
      for (let j = 0; j < i; j++) before += node.counts[j] as number
      if (node.level === 0) return before + this.#countBelowInSpan(node, i, key)
      node = this.childOf(node, i)
    }
  }

  /** Returns how many distinct groups have their first key below `key`. Cost: O(log n). */
  groupsBelow(bytes: Buffer): number {
    const key = this.split(bytes)
    let node = this.root()
    let before = 0
    for (;;) {
      const i = node.find(key)
      for (let j = 0; j < i; j++) before += node.groups[j] as number
      if (node.level === 0) break
      node = this.childOf(node, i)
    }
    const i = node.find(key)
    const span = this.#readableSpan(node, i)
    const position = this.positionIn(span, { node, i, key })
    return before + this.#groupsAmong(span, { position, groups: node.groups[i] as number })
  }

  /** Returns the index of the first key of a group, 0 <= group < number of groups. Cost: O(log n). */
  indexOfGroup(group: number): number {
    let node = this.root()
    let rest = group
    let before = 0
    for (;;) {
      let i = 0
      while (i < node.size - 1 && rest >= (node.groups[i] as number)) {
        rest -= node.groups[i] as number
        before += node.counts[i++] as number
      }
      if (node.level === 0) return before + this.#startOfGroup(node, i, rest)
      node = this.childOf(node, i)
    }
  }

  /** Returns where to scan for the key at `index`, 0 <= index < count. Cost: O(log n). */
  seek(index: number): Seek {
    let node = this.root()
    let rest = index
    for (;;) {
      let i = 0
      while (i < node.size - 1 && rest >= (node.counts[i] as number))
        rest -= node.counts[i++] as number
      if (node.level === 0) return { start: separatorKey(node, i), offset: rest }
      node = this.childOf(node, i)
    }
  }

  /** Returns the key at `index`, or undefined where there is none. Cost: O(log n). */
  keyAt(index: number): Buffer | undefined {
    if (index < 0 || index >= this.count) return undefined
    const { start, offset } = this.seek(index)
    let skip = offset
    for (const key of this.storage.storedKeys({ start }))
      if (skip-- === 0) return key.subarray(this.storage.keyOffset)
    throw new LadderError(
      'CORRUPT',
      `Cannot find the key at index ${index}: the tree counts ${this.count} keys, the store holds fewer`,
    )
  }

  /** Takes a key apart; the answer is valid until the next call. */
  protected split(bytes: Buffer): SplitKey {
    readHead(bytes, 0, this.#key.head)
    // Who asks again and again uses the same bytes, and a view of them stays one.
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#key.tail = bytes.length === this.#headBytes ? NO_TAIL : bytes.subarray(this.#headBytes)
    }
    return this.#key
  }

  protected root(): TreeNode {
    assert(this.#root !== undefined, 'the root is read before it is asked for')
    return this.#root
  }

  /** Keeps a node for later snapshots. */
  protected remember(node: TreeNode): void {
    this.cache.set(node.id, node)
  }

  protected setRoot(root: TreeNode): void {
    this.#root = root
  }

  /** Returns child i of a node above level 0, from memory where that is current. */
  protected childOf(node: TreeNode, i: number): TreeNode {
    const id = node.children[i] as number
    const version = node.versions[i] as number
    const cached = this.cache.get(id)
    if (cached !== undefined && cached.version === version) return cached
    const bytes = this.storage.node(id)
    if (bytes === undefined) throw corruptNode(id, `node ${node.id} names it, but it is missing`)
    const child = this.#adopt(id, bytes)
    if (child.version !== version) {
      throw corruptNode(id, `its version is ${child.version}, node ${node.id} says ${version}`)
    }
    if (child.level !== node.level - 1)
      throw corruptNode(id, `its level is ${child.level}, expected ${node.level - 1}`)
    return child
  }

  /** Returns span i with its heads, read from the ordered keys where they are not in memory. */
  protected spanOf(node: TreeNode, i: number): Span {
    const span = currentSpan(node, i)
    if (span?.hasHeads) return span
    const words = (node.counts[i] as number) * this.headWords
    const heads = this.#readHeads(node, i, this.budget.takeHeads(words))
    if (span === undefined) return this.#admit(node, i, heads)
    span.heads = heads
    this.budget.admitHeads(span)
    return span
  }

  /** Returns how many keys of a span are below `key`. */
  protected positionIn(span: Span, place: { node: TreeNode; i: number; key: SplitKey }): number {
    const { head } = place.key
    const position = span.index?.positionOf(head) ?? lowerBound(span, head)
    if (position === UNKNOWN) return this.#countInStore(place)
    if (span.index !== undefined || position === span.size) return position
    const isHead = compareHeads(span.heads, position * this.headWords, head) === 0
    return isHead ? this.#countInStore(place) : position
  }

  /** Returns the position of a key of the span: where one head alone matches, no tail is read. */
  protected memberPosition(
    span: Span,
    place: { node: TreeNode; i: number; key: SplitKey },
  ): number {
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

  /** Returns the range of keys that span i covers, given where the node itself ends. */
  protected spanRange(node: TreeNode, i: number): KeyRange {
    const start = separatorKey(node, i)
    if (i + 1 < node.size) return { start, end: separatorKey(node, i + 1) }
    return { start, end: this.#endOf(node) }
  }

  // Heads are equal: only the tails, which are in the store alone, say which key is lower.
  #countInStore(place: { node: TreeNode; i: number; key: SplitKey }): number {
    const { node, i, key } = place
    return this.storage.countKeys({ start: separatorKey(node, i), end: joinKey(key) })
  }

  #positionOfMember(node: TreeNode, i: number, key: SplitKey): number {
    const span = currentSpan(node, i)
    if (span === undefined) return this.#countBelowInSpan(node, i, key)
    return this.memberPosition(span, { node, i, key })
  }

  // The first look-up in a span counts its keys in the store, the second one reads them all.
  #countBelowInSpan(node: TreeNode, i: number, key: SplitKey): number {
    const span = currentSpan(node, i)
    if (span !== undefined) return this.positionIn(span, { node, i, key })
    if (node.missed[i] === 1) return this.positionIn(this.#readableSpan(node, i), { node, i, key })
    node.missed[i] = 1
    return this.#countInStore({ node, i, key })
  }

  // Groups that start among the first `position` keys of a span in which `groups` start in all.
  #groupsAmong(span: Span, options: { position: number; groups: number }): number {
    if (options.position === 0) return 0
    const changesBefore = this.changes(span, options.position)
    const startsGroup = options.groups - this.changes(span, span.size)
    return startsGroup + changesBefore
  }

  /** Returns how often the group changes between neighbours among the first `size` keys. */
  protected changes(span: Span, size: number): number {
    // The index knows it; to count once takes as long as to make one.
    if (span.index === undefined && !span.isDraft && span.size > 0) this.budget.admitIndex(span)
    if (span.index !== undefined) return span.index.changes(size)
    const { heads } = span
    const words = this.headWords
    let changes = 0
    for (let i = 1; i < size; i++) {
      if (!sameGroup(heads, (i - 1) * words, heads, i * words, this.groupWords)) changes++
    }
    return changes
  }

  // Position of the key that starts the group, of those that start in span i.
  #startOfGroup(node: TreeNode, i: number, group: number): number {
    const span = this.#readableSpan(node, i)
    // The group of the first key may have started in the span before.
    const goesOn = node.groups[i] === this.changes(span, span.size) ? 1 : 0
    assert(span.index !== undefined, 'counting the changes of a published span makes its index')
    return span.index.startOf(group + goesOn)
  }

  // Readers need the index of a span, or its heads where a writer left them.
  #readableSpan(node: TreeNode, i: number): Span {
    const span = currentSpan(node, i)
    if (span !== undefined) return span
    const words = (node.counts[i] as number) * this.headWords
    if (words === 0) return this.#admit(node, i, this.#readHeads(node, i, new Uint32Array(0)))
    if (words > scratch.length) scratch = new Uint32Array(2 * words)
    const heads = this.#readHeads(node, i, scratch)
    const read = this.#newSpan(node, i, heads)
    this.budget.admitIndex(read)
    read.forgetHeads()
    return read
  }

  #admit(node: TreeNode, i: number, heads: Uint32Array): Span {
    const span = this.#newSpan(node, i, heads)
    this.budget.admitHeads(span)
    return span
  }

  #newSpan(node: TreeNode, i: number, heads: Uint32Array): Span {
    const span = new Span(node.versions[i] as number, heads, node.counts[i] as number, this.shape)
    node.spans[i] = span
    return span
  }

  #readHeads(node: TreeNode, i: number, heads: Uint32Array): Uint32Array {
    const count = node.counts[i] as number
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
    if (size !== count)
      throw corruptNode(node.id, `child ${i} counts ${count} keys, the store holds ${size}`)
    return heads
  }

  // A node does not know where it ends: its right neighbour's separator stands in an ancestor.
  #endOf(node: TreeNode): Buffer | undefined {
    const target = node.separator(node.size - 1)
    let ancestor = this.root()
    let end: Buffer | undefined
    while (ancestor.level > node.level) {
      const i = ancestor.find(target)
      if (i + 1 < ancestor.size) end = separatorKey(ancestor, i + 1)
      ancestor = this.childOf(ancestor, i)
    }
    return end
  }

  // Decodes a node unless the cached one has its version; spans that are still current move over.
  #adopt(id: number, bytes: Buffer): TreeNode {
    const cached = this.cache.get(id)
    if (cached !== undefined && cached.version === nodeVersion(bytes)) return cached
    const columns = decodeNode(this.storage.nodeKey(id), bytes, this.headWords)
    if (columns === undefined) throw corruptNode(id, 'its checksum or form is wrong')
    const node = new TreeNode(id, columns, this.headWords)
    if (cached?.level === 0 && node.level === 0) inheritSpans(cached, node)
    this.remember(node)
    return node
  }
}
