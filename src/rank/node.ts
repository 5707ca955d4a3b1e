/**
 * One decoded node of the rank tree, and the surgery on it: find, insert, split, merge. Pure: a
 * node never reads or writes storage.
 *
 *     separators   | -∞  | 40  | 70  |      child i holds the keys from separator i
 *     counts       |  3  |  4  |  2  |      up to separator i + 1
 *     groups       |  2  |  4  |  1  |      distinct groups that start there
 *
 * A published node is never changed: a transaction works on a draft.
 *
 * @module
 */

import { copyFields, emptyFields, type NodeContent } from '../format/tree-node.ts'
import { assert, itemAt } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import {
  compareHeads,
  compareKeys,
  compareWords,
  joinKey,
  lowestSeparator,
  NO_TAIL,
  type SplitKey,
} from './key.ts'
import type { Span } from './span.ts'
import { ROOT_ID } from './tree-storage.ts'

/** One child as it moves between nodes. */
export interface Child {
  separator: SplitKey
  count: number
  groups: number
  version: number
  /** Node id; 0 at level 0. */
  id: number
  /** At level 0: the decoded span, if it is in memory. */
  span: Span | undefined
}

/** A decoded node. */
export class TreeNode implements NodeContent {
  readonly id: number
  level: number
  size: number
  version: number
  nextNodeId: number
  counts: Uint32Array
  groups: Uint32Array
  versions: Float64Array
  children: Uint32Array
  heads: Uint32Array
  tails: Buffer[] | undefined
  /** At level 0: decoded spans by child. */
  spans: (Span | undefined)[] = []
  /** At level 0: what look-ups missed of each child's span, bits of {@link MISS}. */
  missed: Uint8Array
  readonly #headWords: number

  /** Takes over decoded fields. */
  constructor(id: number, fields: NodeContent, headWords: number) {
    this.id = id
    this.level = fields.level
    this.size = fields.size
    this.version = fields.version
    this.nextNodeId = fields.nextNodeId
    this.counts = fields.counts
    this.groups = fields.groups
    this.versions = fields.versions
    this.children = fields.children
    this.heads = fields.heads
    this.tails = fields.tails
    this.missed = new Uint8Array(fields.level > 0 ? 0 : fields.counts.length)
    this.#headWords = headWords
  }

  /** Returns a node without children that has room for `capacity` of them. */
  static empty(
    id: number,
    options: { level: number; version: number; headWords: number; capacity: number },
  ): TreeNode {
    const { level, version, headWords, capacity } = options
    const fields = emptyFields(capacity, { level, headWords })
    const node = { level, size: 0, version, nextNodeId: 0, tails: undefined, ...fields }
    return new TreeNode(id, node, headWords)
  }

  /**
   * Returns a copy that a transaction may change. Spans are shared with it until one changes: the list is
   * copied, what it lists is not.
   */
  draft(): TreeNode {
    const { level, size, version, nextNodeId } = this
    const fields = copyFields(this, { headWords: this.#headWords, capacity: size })
    const node = { level, size, version, nextNodeId, tails: this.tails?.slice(), ...fields }
    const draft = new TreeNode(this.id, node, this.#headWords)
    draft.spans = this.spans.slice()
    draft.missed.set(this.missed.subarray(0, draft.missed.length))
    return draft
  }

  /** Returns the child that holds `key`: the last one whose separator is not above it. */
  find(key: SplitKey): number {
    let low = 0
    let high = this.size - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#isAbove(middle, key)) high = middle - 1
      else low = middle
    }
    return low
  }

  /** Returns the keys below the node. */
  total(): number {
    return this.countBefore(this.size)
  }

  /** Returns the groups that start below the node. */
  totalGroups(): number {
    return this.groupsBefore(this.size)
  }

  /** Returns the keys below the children before child i. */
  countBefore(i: number): number {
    let count = 0
    // Look-ups come by here, so neither this loop nor the next asks what `countOf` does.
    for (let j = 0; j < i; j++) count += this.counts[j] as number
    return count
  }

  /** Returns the groups that start below the children before child i. */
  groupsBefore(i: number): number {
    let groups = 0
    for (let j = 0; j < i; j++) groups += this.groups[j] as number
    return groups
  }

  /** Returns the keys below child i. */
  countOf(i: number): number {
    return itemAt(this.counts, i)
  }

  /** Returns the groups that start below child i. */
  groupsOf(i: number): number {
    return itemAt(this.groups, i)
  }

  /** Returns the commit that last changed child i. */
  versionOf(i: number): number {
    return itemAt(this.versions, i)
  }

  /** Returns the node id of child i, 0 at level 0. */
  idOf(i: number): number {
    return this.level === 0 ? 0 : itemAt(this.children, i)
  }

  /** Whether each separator is above the one before it. */
  isAscending(): boolean {
    const { heads, size } = this
    const words = this.#headWords
    for (let i = 1, at = words; i < size; i++, at += words) {
      // Most differ in their first word.
      if ((heads[at - words] as number) < (heads[at] as number)) continue
      const order = compareWords(heads, at - words, { heads, at, words })
      if (order > 0 || (order === 0 && this.#tailOf(i - 1).compare(this.#tailOf(i)) >= 0))
        return false
    }
    return true
  }

  /** Whether separator i has a head above another; false if the heads are equal. */
  isHeadAbove(i: number, head: Uint32Array): boolean {
    return compareHeads(this.heads, i * this.#headWords, head) > 0
  }

  /** Whether the first separator is separator i of the node above. */
  hasSeparatorOf(parent: TreeNode, i: number): boolean {
    const words = this.#headWords
    const target = { heads: parent.heads, at: i * words, words }
    return compareWords(this.heads, 0, target) === 0 && this.#tailOf(0).equals(parent.#tailOf(i))
  }

  separator(i: number): SplitKey {
    const head = this.heads.slice(i * this.#headWords, (i + 1) * this.#headWords)
    return { head, tail: this.#tailOf(i) }
  }

  child(i: number): Child {
    return {
      separator: this.separator(i),
      count: this.countOf(i),
      groups: this.groupsOf(i),
      version: this.versionOf(i),
      id: this.idOf(i),
      span: this.spans[i],
    }
  }

  /** Returns the node as a child of the node above it. */
  asChild(): Child {
    const { id, version } = this
    return {
      separator: this.separator(0),
      count: this.total(),
      groups: this.totalGroups(),
      version,
      id,
      span: undefined,
    }
  }

  /** Replaces child i. (4.2) and the sums of (4.3) and (4.4) are up to the caller: a node knows no neighbours. */
  setChild(i: number, child: Child): void {
    assert(i >= 0 && i < this.size, '(4.1) a child has a place in its node')
    assert(
      child.groups >= 0 && child.groups <= child.count,
      '(4.4) no more groups start than keys are',
    )
    this.counts[i] = child.count
    this.groups[i] = child.groups
    this.versions[i] = child.version
    this.heads.set(child.separator.head, i * this.#headWords)
    this.#setTail(i, child.separator.tail)
    if (this.level > 0) this.children[i] = child.id
    else {
      this.spans[i] = child.span
      this.missed[i] = 0
    }
  }

  /** Puts a child before child i. */
  insertChild(i: number, child: Child): void {
    const { size } = this
    assert(i >= 0 && i <= size, '(4.1) a child comes between others or behind them')
    const words = this.#headWords
    this.#reserve(size + 1)
    this.counts.copyWithin(i + 1, i, size)
    this.groups.copyWithin(i + 1, i, size)
    this.versions.copyWithin(i + 1, i, size)
    this.children.copyWithin(i + 1, i, size)
    this.missed.copyWithin(i + 1, i, size)
    this.heads.copyWithin((i + 1) * words, i * words, size * words)
    this.tails?.splice(i, 0, NO_TAIL)
    if (this.level === 0) this.spans.splice(i, 0, undefined)
    this.size = size + 1
    this.setChild(i, child)
  }

  removeChild(i: number): void {
    const { size } = this
    assert(i >= 0 && i < size, '(4.1) a child that goes was there')
    const words = this.#headWords
    this.counts.copyWithin(i, i + 1, size)
    this.groups.copyWithin(i, i + 1, size)
    this.versions.copyWithin(i, i + 1, size)
    this.children.copyWithin(i, i + 1, size)
    this.missed.copyWithin(i, i + 1, size)
    this.heads.copyWithin(i * words, (i + 1) * words, size * words)
    this.tails?.splice(i, 1)
    if (this.level === 0) this.spans.splice(i, 1)
    this.size = size - 1
  }

  /**
   * Moves the children from `start` on to the end of `target`, which is of the same level. They bring their
   * versions along, (4.5): what moves between nodes stays current in every cache.
   */
  moveTail(start: number, target: TreeNode): void {
    assert(target.level === this.level, '(4.1) children move on their level')
    for (let i = start; i < this.size; i++) target.insertChild(target.size, this.child(i))
    while (this.size > start) this.removeChild(this.size - 1)
  }

  #isAbove(i: number, key: SplitKey): boolean {
    const order = compareHeads(this.heads, i * this.#headWords, key.head)
    if (order !== 0 || this.tails === undefined) return order > 0
    return this.#tailOf(i).compare(key.tail) > 0
  }

  #tailOf(i: number): Buffer {
    return this.tails?.[i] ?? NO_TAIL
  }

  #setTail(i: number, tail: Buffer): void {
    if (this.tails === undefined && tail.length > 0) {
      this.tails = new Array<Buffer>(this.size).fill(NO_TAIL)
    }
    if (this.tails !== undefined) this.tails[i] = tail
  }

  #reserve(size: number): void {
    if (size <= this.counts.length) return
    const room = { headWords: this.#headWords, capacity: size + 8 }
    Object.assign(this, copyFields(this, room))
    const { missed } = this
    this.missed = new Uint8Array(this.level > 0 ? 0 : size + 8)
    this.missed.set(missed)
  }
}

/** What a look-up missed in memory: what members need of a span, or what any key does. */
export const MISS = { member: 1, any: 2 } as const

/** Decoded nodes of one tree. Each is current only while its version is the one its parent names. */
export type NodeCache = Map<number, TreeNode>

/**
 * Returns span i if it is in memory in the very version that the node names, which (4.5) makes proof enough:
 * a later change of the span, in any process, gave it another.
 */
export function currentSpan(node: TreeNode, i: number): Span | undefined {
  const span = node.spans[i]
  if (span === undefined || span.version !== node.versions[i]) return undefined
  span.used = true
  return span
}

/**
 * Moves spans of an old node to the new one that another process wrote. A child with the separator
 * and the version of an old one is the same child, unchanged: versions are commit numbers and never
 * come back with other keys.
 */
export function inheritSpans(old: TreeNode, node: TreeNode): void {
  assert(old.id === node.id, '(4.5) spans move between two versions of one node')
  for (let i = 0, j = 0; i < node.size; i++) {
    const separator = node.separator(i)
    while (j < old.size && compareKeys(old.separator(j), separator) < 0) j++
    if (j === old.size) return
    if (compareKeys(old.separator(j), separator) === 0 && old.versions[j] === node.versions[i]) {
      node.spans[i] = old.spans[j]
      node.missed[i] = itemAt(old.missed, j)
    }
  }
}

/** Returns the root of an empty tree, which has one span without keys. */
export function emptyRoot(headWords: number): TreeNode {
  const root = TreeNode.empty(ROOT_ID, { level: 0, version: 0, headWords, capacity: 1 })
  const separator = lowestSeparator(headWords)
  root.insertChild(0, { separator, count: 0, groups: 0, version: 0, id: 0, span: undefined })
  return root
}

/** The error of a node that cannot be read. */
export function corruptNode(id: number, problem: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read node ${id} of the rank tree: ${problem}; run check, then rebuild`,
  )
}

/** Returns the separator of child i as a key, undefined for the lowest one of the tree. */
export function separatorKey(node: TreeNode, i: number): Buffer | undefined {
  const separator = node.separator(i)
  return separator.head.every((word) => word === 0) && separator.tail.length === 0
    ? undefined
    : joinKey(separator)
}
