/**
 * Changing a counting B-tree inside one transaction.
 *
 * Nodes and spans that change are drafts: readers of the same process go on with the published ones
 * until the transaction is committed. Each changed node is written once, by `flush`, however many
 * keys came and went; `publish` hands the drafts to the readers after the commit. Where the
 * transaction fails, dropping the writer is enough.
 *
 * Order of work: insert into the tree before the key is put into the ordered store, remove from the
 * tree before it is removed there. So keys and counts agree whenever a span is read.
 *
 * @module
 */

import { encodeNode } from '../format/tree-node.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import { DEFAULT_FANOUT, type Fanout, leastOf } from './fanout.ts'
import {
  compareHeads,
  lowestSeparator,
  type SplitKey,
  sameGroup,
  separatorBetween,
  splitKey,
} from './key.ts'
import type { NodeCache } from './node.ts'
import { TreeNode } from './node.ts'
import { countPath, indexOfPath, type Step, smallerPair } from './path.ts'
import { RankTree } from './rank-tree.ts'
import type { Span, SpanRoom } from './span.ts'
import type { SpanBudget } from './span-budget.ts'
import { type KeyShape, ROOT_ID, type TreeStorageWriter } from './tree-storage.ts'

/** Write access to the rank tree of one board, for one transaction. */
export class RankTreeWriter extends RankTree {
  readonly #writer: TreeStorageWriter
  readonly #version: number
  readonly #fanout: Fanout
  readonly #draftWords: number
  readonly #drafts = new Map<number, TreeNode>()
  readonly #removed = new Set<number>()

  /** `version` is the number of the commit that is being prepared. */
  constructor(
    storage: TreeStorageWriter,
    options: {
      cache: NodeCache
      budget: SpanBudget
      shape: KeyShape
      version: number
      fanout?: Fanout
    },
  ) {
    super(storage, options)
    this.#writer = storage
    this.#version = options.version
    this.#fanout = options.fanout ?? DEFAULT_FANOUT
    this.#draftWords = (this.#fanout.keysMax + 1) * this.headWords
  }

  /** Starts an empty tree. */
  create(): void {
    const root = this.#newNode(ROOT_ID, 0)
    root.nextNodeId = ROOT_ID + 1
    const separator = lowestSeparator(this.headWords)
    root.insertChild(0, {
      separator,
      count: 0,
      groups: 0,
      version: this.#version,
      id: 0,
      span: undefined,
    })
    this.setRoot(root)
  }

  /** Counts a key that is not in the tree yet and returns its index. Cost: O(log n). */
  insert(key: Buffer): number {
    const split = this.split(key)
    const path = this.#descend(split)
    const { node, i } = path[path.length - 1] as Step
    const span = this.#draftSpan(node, i)
    const position = this.positionIn(span, { node, i, key: split })
    const startsGroup = !this.#isOfGroupBefore(span, { position, key, head: split.head })
    const displaces = startsGroup && this.#isOfGroupAfter(span, { position, key, head: split.head })
    span.insert(position, split.head)
    countPath(path, { keys: 1, groups: startsGroup ? 1 : 0 })
    if (displaces)
      this.#moveGroupStart(path, { isInSpan: position < span.size - 1, key, change: -1 })
    const index = indexOfPath(path) + position
    if (span.size > this.#fanout.keysMax) this.#splitSpan(path, { key, isAdded: true })
    return index
  }

  /**
   * Uncounts a key and returns the index that it had. The key must be in the tree.
   *
   * @throws {LadderError} `CORRUPT` where the key's span does not hold its head.
   */
  remove(key: Buffer): number {
    const split = this.split(key)
    const path = this.#descend(split)
    const { node, i } = path[path.length - 1] as Step
    const span = this.#draftSpan(node, i)
    const position = this.memberPosition(span, { node, i, key: split })
    if (
      position >= span.size ||
      compareHeads(span.heads, position * this.headWords, split.head) !== 0
    ) {
      throw new LadderError(
        'CORRUPT',
        'Cannot remove a key from the rank tree: its span does not hold it; run check, then rebuild',
      )
    }
    const startsGroup = !this.#isOfGroupBefore(span, { position, key, head: split.head })
    const leavesStart =
      startsGroup && this.#isOfGroupAfter(span, { position: position + 1, key, head: split.head })
    const index = indexOfPath(path) + position
    const isInSpan = position < span.size - 1
    span.remove(position, this.headWords)
    countPath(path, { keys: -1, groups: startsGroup ? -1 : 0 })
    if (leavesStart) this.#moveGroupStart(path, { isInSpan, key, change: 1 })
    if (span.size < leastOf(this.#fanout.keysMax)) this.#mendSpan(path, { key, isAdded: false })
    return index
  }

  /** Puts every changed node. Nothing may be inserted or removed afterwards. */
  flush(): void {
    for (const id of this.#removed) this.#writer.removeNode(id)
    for (const node of this.#drafts.values()) {
      assert(node.size <= this.#fanout.childrenMax, 'a node fits before it is written')
      this.#writer.putNode(node.id, encodeNode(this.#writer.nodeKey(node.id), node, this.headWords))
    }
  }

  /** Makes the changed nodes those of the readers. Call it when the transaction is committed. */
  publish(): void {
    for (const id of this.#removed) this.cache.delete(id)
    for (const node of this.#drafts.values()) {
      for (let i = 0; i < node.spans.length; i++) {
        if (node.versions[i] !== this.#version) continue
        const span = node.spans[i]
        if (span?.isDraft) node.spans[i] = this.budget.publish(span)
      }
      this.cache.set(node.id, node)
    }
  }

  // Nodes that this transaction itself flushed may still be taken back with it.
  protected override remember(node: TreeNode): void {
    if (node.version < this.#version) super.remember(node)
  }

  protected override childOf(node: TreeNode, i: number): TreeNode {
    return this.#drafts.get(node.children[i] as number) ?? super.childOf(node, i)
  }

  // The way to the span of `key`, every node on it a draft.
  #descend(key: SplitKey): Step[] {
    const path: Step[] = []
    let node = this.#draftRoot()
    for (;;) {
      const i = node.find(key)
      path.push({ node, i })
      if (node.level === 0) return path
      const draft = this.#drafts.get(node.children[i] as number)
      const child = draft ?? this.#draftOf(super.childOf(node, i))
      node.versions[i] = this.#version
      node = child
    }
  }

  #draftRoot(): TreeNode {
    const root = this.#draftOf(this.root())
    this.setRoot(root)
    return root
  }

  #draftOf(node: TreeNode): TreeNode {
    if (this.#drafts.get(node.id) === node) return node
    const draft = node.draft()
    draft.version = this.#version
    this.#drafts.set(node.id, draft)
    return draft
  }

  #newNode(id: number, level: number): TreeNode {
    const node = TreeNode.empty(id, {
      level,
      version: this.#version,
      headWords: this.headWords,
      capacity: 8,
    })
    this.#drafts.set(id, node)
    return node
  }

  #draftSpan(node: TreeNode, i: number): Span {
    const span = this.spanOf(node, i)
    const draft = span.isDraft ? span : this.budget.draft(span, this.#room())
    draft.version = this.#version
    node.versions[i] = this.#version
    node.spans[i] = draft
    return draft
  }

  #room(): SpanRoom {
    return { shape: this.shape, words: this.#draftWords, version: this.#version }
  }

  // A group's first key changed and the next one of the group lies behind `key`: in the same span,
  // or at the start of a later one.
  #moveGroupStart(path: Step[], move: { isInSpan: boolean; key: Buffer; change: number }): void {
    const change = { keys: 0, groups: move.change }
    if (move.isInSpan) {
      countPath(path, change)
      return
    }
    const after = this.#writer.keyAfter(move.key)
    assert(after !== undefined, 'a key follows in the group')
    countPath(this.#descend(splitKey(after, this.headWords)), change)
  }

  // Whether the key before `position` shares the group of `head`. Where the span starts there it is
  // looked up in the store.
  #isOfGroupBefore(span: Span, at: { position: number; key: Buffer; head: Uint32Array }): boolean {
    if (at.position > 0) return this.#isOfGroup(span, at.position - 1, at.head)
    return this.#isKeyOfGroup(this.#writer.keyBefore(at.key), at.head)
  }

  #isOfGroupAfter(span: Span, at: { position: number; key: Buffer; head: Uint32Array }): boolean {
    if (at.position < span.size) return this.#isOfGroup(span, at.position, at.head)
    return this.#isKeyOfGroup(this.#writer.keyAfter(at.key), at.head)
  }

  #isOfGroup(span: Span, position: number, head: Uint32Array): boolean {
    return sameGroup(span.heads, position * this.headWords, head, 0, this.groupWords)
  }

  #isKeyOfGroup(key: Buffer | undefined, head: Uint32Array): boolean {
    if (key === undefined) return false
    return sameGroup(splitKey(key, this.headWords).head, 0, head, 0, this.groupWords)
  }

  #headAt(span: Span, position: number): Uint32Array {
    return span.heads.subarray(position * this.headWords, (position + 1) * this.headWords)
  }

  // Splits a span with too many keys. The pending key is not yet, or still, in the store.
  #splitSpan(path: Step[], pending: Pending): void {
    const { node, i } = path[path.length - 1] as Step
    const span = node.spans[i] as Span
    const { position, separator } = this.#splitPoint(node, { i, span, pending })
    const left = span.slice(0, position, this.#room())
    const right = span.slice(position, span.size, this.#room())
    left.base = span.base
    const groups = this.changes(span, span.size) - this.changes(span, position)
    const child = node.child(i)
    node.setChild(i, { ...child, count: left.size, groups: child.groups - groups, span: left })
    node.insertChild(i + 1, {
      separator,
      count: right.size,
      groups,
      version: this.#version,
      id: 0,
      span: right,
    })
    this.#splitNode(path, path.length - 1)
  }

  // The middle of the span, or the nearest place where heads differ: a head then separates alone.
  #splitPoint(
    node: TreeNode,
    at: { i: number; span: Span; pending: Pending },
  ): { position: number; separator: SplitKey } {
    const { i, span, pending } = at
    const middle = span.size >>> 1
    const furthest = middle - leastOf(this.#fanout.keysMax)
    for (let distance = 0; distance <= furthest; distance++) {
      for (const position of [middle - distance, middle + distance]) {
        const head = this.#headAt(span, position)
        if (compareHeads(this.#headAt(span, position - 1), 0, head) === 0) continue
        return { position, separator: { head: head.slice(), tail: Buffer.alloc(0) } }
      }
    }
    const keys = withPending(
      [...this.storage.storedKeys(this.spanRange(node, i))].map((key) =>
        key.subarray(this.storage.keyOffset),
      ),
      pending,
    )
    const [left, right] = keys
      .slice(middle - 1, middle + 1)
      .map((key) => splitKey(key, this.headWords))
    return { position: middle, separator: separatorBetween(left as SplitKey, right as SplitKey) }
  }

  // A span below its least size is joined with its smaller neighbour in the node; where both are
  // too many for one span, they are split again in the middle.
  #mendSpan(path: Step[], pending: Pending): void {
    const step = path[path.length - 1] as Step
    const { node } = step
    if (node.size === 1) return
    const i = smallerPair(node, step.i)
    step.i = i
    const joined = this.#draftSpan(node, i).join(this.#draftSpan(node, i + 1), this.#room())
    const groups = (node.groups[i] as number) + (node.groups[i + 1] as number)
    node.removeChild(i + 1)
    node.setChild(i, { ...node.child(i), count: joined.size, groups, span: joined })
    if (joined.size > this.#fanout.keysMax) this.#splitSpan(path, pending)
    else this.#mendNode(path, path.length - 1)
  }

  // Splits the node at `depth` of the path where it has too many children, and its parents likewise.
  #splitNode(path: Step[], depth: number): void {
    const { node } = path[depth] as Step
    if (node.size <= this.#fanout.childrenMax) return
    if (depth === 0) {
      this.#growRoot(node)
      return
    }
    const { node: parent, i } = path[depth - 1] as Step
    this.#halve(node, { parent, i })
    this.#splitNode(path, depth - 1)
  }

  #halve(node: TreeNode, at: { parent: TreeNode; i: number }): void {
    const { parent, i } = at
    const right = this.#newNode(this.root().nextNodeId++, node.level)
    node.moveTail(node.size >>> 1, right)
    parent.setChild(i, { ...node.asChild(), separator: parent.separator(i) })
    parent.insertChild(i + 1, right.asChild())
  }

  // The root keeps its id: its children move to a new node, which becomes the only child.
  #growRoot(root: TreeNode): void {
    const lower = this.#newNode(root.nextNodeId, root.level)
    const grown = this.#newNode(ROOT_ID, root.level + 1)
    grown.nextNodeId = root.nextNodeId + 1
    root.moveTail(0, lower)
    grown.insertChild(0, lower.asChild())
    this.setRoot(grown)
    this.#halve(lower, { parent: grown, i: 0 })
  }

  // Joins the node at `depth` of the path with its smaller neighbour where it has too few children.
  #mendNode(path: Step[], depth: number): void {
    const { node } = path[depth] as Step
    if (depth === 0) {
      this.#shrinkRoot()
      return
    }
    if (node.size >= leastOf(this.#fanout.childrenMax)) return
    const parent = (path[depth - 1] as Step).node
    assert(parent.size > 1, 'a node below the root has a neighbour')
    const i = smallerPair(parent, (path[depth - 1] as Step).i)
    const left = this.#draftOf(this.childOf(parent, i))
    const right = this.#draftOf(this.childOf(parent, i + 1))
    right.moveTail(0, left)
    this.#drop(right)
    parent.removeChild(i + 1)
    parent.setChild(i, { ...left.asChild(), separator: parent.separator(i) })
    if (left.size > this.#fanout.childrenMax) this.#halve(left, { parent, i })
    else this.#mendNode(path, depth - 1)
  }

  // A root above level 0 with one child takes over that child's children.
  #shrinkRoot(): void {
    const root = this.root()
    if (root.level === 0 || root.size > 1) return
    const child = this.#draftOf(this.childOf(root, 0))
    const shrunk = this.#newNode(ROOT_ID, child.level)
    shrunk.nextNodeId = root.nextNodeId
    child.moveTail(0, shrunk)
    this.#drop(child)
    this.setRoot(shrunk)
    this.#shrinkRoot()
  }

  #drop(node: TreeNode): void {
    this.#drafts.delete(node.id)
    this.#removed.add(node.id)
  }
}

/** The key whose insert or removal is under way, in the tree's counts but not yet in the store. */
interface Pending {
  key: Buffer
  isAdded: boolean
}

function withPending(keys: Buffer[], pending: Pending): Buffer[] {
  if (!pending.isAdded) return keys.filter((key) => !key.equals(pending.key))
  return [...keys, pending.key].sort(Buffer.compare)
}
