/**
 * Building a rank tree bottom-up from sorted keys: one pass, every node written once.
 *
 * The number of keys is known beforehand, so spans and nodes are filled evenly to three quarters:
 * the tree can grow in every place before anything splits, and no last node is too small.
 *
 * @module
 */

import { copyBytes } from '../format/bytes.ts'
import { encodeNode } from '../format/tree-node.ts'
import { assert } from '../ground/assert.ts'
import { assertNode } from './assert-node.ts'
import { DEFAULT_FANOUT, type Fanout } from './fanout.ts'
import { lowestSeparator, type SplitKey, separatorBetween, splitKey } from './key.ts'
import { type Child, TreeNode } from './node.ts'
import { type KeyShape, ROOT_ID, type TreeStorageWriter } from './tree-storage.ts'

/** Builds the rank tree of `count` keys. Feed them in order with {@link add}, then {@link finish}. */
export class BulkLoader {
  readonly #headWords: number
  readonly #groupBytes: number
  readonly #fanout: Fanout
  readonly #count: number
  readonly #spans: number
  #version = 0
  readonly #children: Child[] = []
  #added = 0
  // The last key stands at the start: a copy, as the caller may reuse the bytes.
  #last: Buffer = Buffer.alloc(0)
  #lastSize = 0

  constructor(options: { shape: KeyShape; count: number; fanout?: Fanout }) {
    this.#headWords = options.shape.headBytes / 4
    this.#groupBytes = options.shape.groupBytes
    this.#fanout = options.fanout ?? DEFAULT_FANOUT
    this.#count = options.count
    this.#spans = Math.max(1, Math.ceil(options.count / threeQuarters(this.#fanout.keysMax)))
  }

  /** Takes the next key, which lies from `offset` of `bytes` to `end` and must be above the last one. */
  add(bytes: Buffer, offset = 0, end: number = bytes.length): void {
    // (4.2): a span starts where the keys before it are as many as are due; its separator lies between neighbours.
    if (this.#added >= startOf(this.#children.length, this.#spans, this.#count))
      this.#children.push(this.#newChild(this.#separatorBefore(bytes.subarray(offset, end))))
    const child = this.#children[this.#children.length - 1] as Child
    child.count++
    // (4.4): the key before may be in the span before; the group goes on there all the same.
    if (this.#added === 0 || !this.#isOfLastGroup(bytes, offset)) child.groups++
    const size = end - offset
    if (this.#last.length < size) this.#last = Buffer.alloc(2 * size)
    copyBytes({ bytes, start: offset, count: size }, this.#last, 0)
    this.#lastSize = size
    this.#added++
  }

  /** Puts all nodes as changed by commit `version` and returns how many there are. */
  finish(storage: TreeStorageWriter, version: number): number {
    this.#version = version
    // (4.5): all are of one commit, the one that makes them visible.
    for (const child of this.#children) child.version = version
    assert(
      this.#added === this.#count,
      '(4.3) a bulk load gets the number of keys that it was told',
    )
    if (this.#children.length === 0)
      this.#children.push(this.#newChild(lowestSeparator(this.#headWords)))
    assert(
      this.#children.length === this.#spans,
      '(4.6) keys are shared out evenly among the spans',
    )
    let children = this.#children
    let level = 0
    let nextId = ROOT_ID + 1
    // (4.6): three quarters full on every level, so no node is below a quarter. (4.7): ids in the order of writing,
    // level by level, and the root comes last because it alone knows the next one.
    while (children.length > this.#fanout.childrenMax) {
      const nodes = this.#nodesOf(children, { level, nextId })
      for (const node of nodes) this.#put(storage, node)
      nextId += nodes.length
      children = nodes.map((node) => node.asChild())
      level++
    }
    const root = this.#nodeOf(ROOT_ID, { level, children })
    root.nextNodeId = nextId
    this.#put(storage, root)
    return nextId
  }

  #nodesOf(children: Child[], options: { level: number; nextId: number }): TreeNode[] {
    const count = Math.ceil(children.length / threeQuarters(this.#fanout.childrenMax))
    const nodes: TreeNode[] = []
    for (let i = 0; i < count; i++) {
      const part = children.slice(
        startOf(i, count, children.length),
        startOf(i + 1, count, children.length),
      )
      nodes.push(this.#nodeOf(options.nextId + i, { level: options.level, children: part }))
    }
    return nodes
  }

  #nodeOf(id: number, options: { level: number; children: Child[] }): TreeNode {
    const { level, children } = options
    const node = TreeNode.empty(id, {
      level,
      version: this.#version,
      headWords: this.#headWords,
      capacity: children.length,
    })
    for (const child of children) node.insertChild(node.size, child)
    assert(node.size > 0 && id < 0xffff_ffff, '(4.6, 4.7) a node has children and an id that fits')
    return node
  }

  #put(storage: TreeStorageWriter, node: TreeNode): void {
    assertNode(node, { version: this.#version, childrenMax: this.#fanout.childrenMax })
    storage.putNode(node.id, encodeNode(storage.nodeKey(node.id), node, this.#headWords))
  }

  #isOfLastGroup(bytes: Buffer, offset: number): boolean {
    for (let i = 0; i < this.#groupBytes; i++) if (this.#last[i] !== bytes[offset + i]) return false
    return true
  }

  #separatorBefore(key: Buffer): SplitKey {
    if (this.#added === 0) return lowestSeparator(this.#headWords)
    const last = splitKey(this.#last.subarray(0, this.#lastSize), this.#headWords)
    return separatorBetween(last, splitKey(key, this.#headWords))
  }

  #newChild(separator: SplitKey): Child {
    return { separator, count: 0, groups: 0, version: this.#version, id: 0, span: undefined }
  }
}

// Where part i of `parts` starts, and part i - 1 ends, when `total` things are shared out evenly.
function startOf(i: number, parts: number, total: number): number {
  return Math.floor((i * total) / parts)
}

function threeQuarters(most: number): number {
  return Math.max(1, (most * 3) >>> 2)
}
