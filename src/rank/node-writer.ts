/**
 * The nodes that one transaction changes, and how they split and join.
 *
 * A changed node is a draft: readers of the same process go on with the published one until the
 * transaction is committed. Each is written once, by `flush`; `publish` hands the drafts to the readers.
 * Numbers in brackets are the invariants of FORMAT.md: what a step must do to keep them, and what
 * is asserted of every node before it is written.
 *
 * @module
 */

import { encodeNode } from '../format/tree-node.ts'
import { assert } from '../ground/assert.ts'
import { assertChild, assertNode } from './assert-node.ts'
import { DEFAULT_FANOUT, type Fanout, leastOf } from './fanout.ts'
import { lowestSeparator, type SplitKey } from './key.ts'
import type { NodeCache } from './node.ts'
import { TreeNode } from './node.ts'
import { type Step, smallerPair, stepAt } from './path.ts'
import { RankTree } from './rank-tree.ts'
import type { SpanBudget } from './span-budget.ts'
import { type KeyShape, ROOT_ID, type TreeStorageWriter } from './tree-storage.ts'

/** What a writer is made with. */
export interface TreeWriterOptions {
  cache: NodeCache
  budget: SpanBudget
  shape: KeyShape
  /** The number of the commit that is being prepared. */
  version: number
  fanout?: Fanout
}

/** Write access to the nodes of one tree, for one transaction. */
export class NodeWriter extends RankTree {
  protected readonly writer: TreeStorageWriter
  protected readonly version: number
  protected readonly fanout: Fanout
  readonly #drafts = new Map<number, TreeNode>()
  readonly #removed = new Set<number>()
  #isFlushed = false

  constructor(storage: TreeStorageWriter, options: TreeWriterOptions) {
    super(storage, options)
    this.writer = storage
    this.version = options.version
    this.fanout = options.fanout ?? DEFAULT_FANOUT
  }

  /** Starts an empty tree. */
  create(): void {
    assert(this.#drafts.size === 0, '(4.1) a tree begins with its root')
    const root = this.#newNode(ROOT_ID, 0)
    root.nextNodeId = ROOT_ID + 1
    const separator = lowestSeparator(this.headWords)
    root.insertChild(0, {
      separator,
      count: 0,
      groups: 0,
      version: this.version,
      id: 0,
      span: undefined,
    })
    this.setRoot(root)
  }

  /** Puts every changed node. Nothing may be inserted or removed afterwards. */
  flush(): void {
    assert(!this.#removed.has(ROOT_ID), '(4.1) the root stays')
    this.#isFlushed = true
    for (const id of this.#removed) this.writer.removeNode(id)
    // Our own mistakes must not reach the disk: better no commit than ranks that are wrong for everyone.
    this.#assertWritable()
    for (const node of this.#drafts.values())
      this.writer.putNode(node.id, encodeNode(this.writer.nodeKey(node.id), node, this.headWords))
  }

  /** Makes the changed nodes those of the readers. Call it when the transaction is committed. */
  publish(): void {
    // What readers get must be what is stored: a cached node is trusted by its version alone.
    assert(this.#isFlushed, '(4.5) readers get nodes that were written')
    for (const id of this.#removed) this.cache.delete(id)
    for (const node of this.#drafts.values()) {
      for (let i = 0; i < node.spans.length; i++) {
        if (node.versions[i] !== this.version) continue
        const span = node.spans[i]
        if (span?.isDraft) node.spans[i] = this.budget.publish(span)
      }
      this.cache.set(node.id, node)
    }
  }

  #assertWritable(): void {
    if (this.#drafts.size === 0) return
    const limits = { version: this.version, childrenMax: this.fanout.childrenMax }
    const { nextNodeId } = this.root()
    let named = 0
    for (const node of this.#drafts.values()) {
      assertNode(node, limits)
      assert(node.id < nextNodeId, '(4.7) an id is below the nextNodeId of the root')
      if (node.level > 0) named += this.#assertChildren(node)
    }
    // Every draft but the root is the child of one that is a draft as well.
    assert(named === this.#drafts.size - 1, '(4.5) a parent names the version of its child')
  }

  // Returns how many children this commit changed; the others are older, and not even looked up.
  #assertChildren(node: TreeNode): number {
    let changed = 0
    for (let i = 0; i < node.size; i++) {
      if (node.versions[i] !== this.version) continue
      const child = this.#drafts.get(node.idOf(i))
      assert(child !== undefined, '(4.5) what this commit changed is a draft')
      assertChild(node, i, child)
      changed++
    }
    return changed
  }

  // Nodes that this transaction itself flushed may still be taken back with it.
  protected override remember(node: TreeNode): void {
    if (node.version < this.version) super.remember(node)
  }

  protected override childOf(node: TreeNode, i: number): TreeNode {
    return this.#drafts.get(node.idOf(i)) ?? super.childOf(node, i)
  }

  /**
   * Returns the way to the span of `key`, every node on it a draft. (4.5): each child on the way gets the
   * version of this commit in its parent, whether or not it changes in the end.
   */
  protected descend(key: SplitKey): Step[] {
    const path: Step[] = []
    let node = this.#draftRoot()
    for (;;) {
      const i = node.find(key)
      path.push({ node, i })
      if (node.level === 0) return path
      const draft = this.#drafts.get(node.idOf(i))
      const child = draft ?? this.#draftOf(super.childOf(node, i))
      node.versions[i] = this.version
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
    // (4.5): the node has the version of this commit from now on, and so has its place in the parent.
    const draft = node.draft()
    draft.version = this.version
    this.#drafts.set(node.id, draft)
    return draft
  }

  #newNode(id: number, level: number): TreeNode {
    const node = TreeNode.empty(id, {
      level,
      version: this.version,
      headWords: this.headWords,
      capacity: 8,
    })
    this.#drafts.set(id, node)
    return node
  }

  /** (4.6): splits the node at `depth` of the path if it has too many children, and its parents likewise. */
  protected splitNode(path: Step[], depth: number): void {
    const { node } = stepAt(path, depth)
    if (node.size <= this.fanout.childrenMax) return
    if (depth === 0) {
      this.#growRoot(node)
      return
    }
    const { node: parent, i } = stepAt(path, depth - 1)
    this.#halve(node, { parent, i })
    this.splitNode(path, depth - 1)
  }

  #halve(node: TreeNode, at: { parent: TreeNode; i: number }): void {
    const { parent, i } = at
    const right = this.#newNode(this.root().nextNodeId++, node.level)
    assert(right.id > ROOT_ID, '(4.7) only the root has the first id')
    node.moveTail(node.size >>> 1, right)
    const least = leastOf(this.fanout.childrenMax)
    assert(node.size >= least, '(4.6) the left half of a node is a quarter full')
    assert(right.size >= least, '(4.6) and so is the right one')
    // (4.2): the left half keeps its separator, the right one brings that of its first child. (4.3), (4.4): what
    // the parent counted is shared out between them.
    parent.setChild(i, { ...node.asChild(), separator: parent.separator(i) })
    parent.insertChild(i + 1, right.asChild())
  }

  // (4.1): the root keeps its id, as readers find it by that alone. Its children move to a new node, which is
  // its only child until that is halved. (4.7): the new id is taken before the old root gives its count away.
  #growRoot(root: TreeNode): void {
    const lower = this.#newNode(root.nextNodeId, root.level)
    const grown = this.#newNode(ROOT_ID, root.level + 1)
    grown.nextNodeId = root.nextNodeId + 1
    root.moveTail(0, lower)
    grown.insertChild(0, lower.asChild())
    this.setRoot(grown)
    this.#halve(lower, { parent: grown, i: 0 })
  }

  /** (4.6): joins the node at `depth` of the path with its smaller neighbour if it has too few children. */
  protected mendNode(path: Step[], depth: number): void {
    const { node } = stepAt(path, depth)
    if (depth === 0) {
      this.#shrinkRoot()
      return
    }
    if (node.size >= leastOf(this.fanout.childrenMax)) return
    const { node: parent, i: place } = stepAt(path, depth - 1)
    // (4.6): a root above level 0 has two children, any other node a quarter of the most.
    assert(parent.size > 1, '(4.6) a node below the root has a neighbour')
    const i = smallerPair(parent, place)
    const left = this.#draftOf(this.childOf(parent, i))
    const right = this.#draftOf(this.childOf(parent, i + 1))
    // (4.7): a node that nobody names must not stay in the store.
    right.moveTail(0, left)
    this.#drop(right)
    parent.removeChild(i + 1)
    parent.setChild(i, { ...left.asChild(), separator: parent.separator(i) })
    if (left.size > this.fanout.childrenMax) this.#halve(left, { parent, i })
    else this.mendNode(path, depth - 1)
  }

  // (4.6): a root above level 0 with one child takes over that child's children. (4.1): it keeps its id, so
  // the child goes and the root stays; again, if the child had one child as well.
  #shrinkRoot(): void {
    const root = this.root()
    if (root.level === 0 || root.size > 1) return
    const child = this.#draftOf(this.childOf(root, 0))
    assert(child.level === root.level - 1, '(4.1) an only child is one level below the root')
    assert(child.total() === root.total(), '(4.3) an only child counts what the root counts')
    const shrunk = this.#newNode(ROOT_ID, child.level)
    shrunk.nextNodeId = root.nextNodeId
    child.moveTail(0, shrunk)
    this.#drop(child)
    this.setRoot(shrunk)
    this.#shrinkRoot()
  }

  #drop(node: TreeNode): void {
    assert(node.id !== ROOT_ID && node.size === 0, '(4.3) a node goes when its children have gone')
    this.#drafts.delete(node.id)
    this.#removed.add(node.id)
  }
}
