/**
 * The nodes of one rank tree on one snapshot: the root, the way down from it, and where a node ends.
 *
 * A node is decoded once and used as long as its version is the one that its parent names, whichever
 * process wrote it: invariant (4.5) of FORMAT.md makes that enough.
 *
 * @module
 */

import { decodeNode, nodeVersion } from '../format/tree-node.ts'
import { assert } from '../ground/assert.ts'
import { NO_TAIL, readHead, type SplitKey } from './key.ts'
import {
  corruptNode,
  emptyRoot,
  inheritSpans,
  type NodeCache,
  separatorKey,
  TreeNode,
} from './node.ts'
import { type KeyRange, type KeyShape, ROOT_ID, type TreeStorage } from './tree-storage.ts'

/** Access to the nodes of one tree. */
export class NodeReader {
  protected readonly storage: TreeStorage
  protected readonly cache: NodeCache
  protected readonly headWords: number
  readonly #headBytes: number
  readonly #key: SplitKey
  // What #key was taken from.
  #bytes: Buffer | undefined
  #root: TreeNode | undefined

  constructor(storage: TreeStorage, options: { cache: NodeCache; shape: KeyShape }) {
    this.storage = storage
    this.cache = options.cache
    this.headWords = options.shape.headBytes / 4
    this.#headBytes = options.shape.headBytes
    this.#key = { head: new Uint32Array(this.headWords), tail: NO_TAIL }
  }

  /**
   * Reads the root and keeps it for the calls that follow, which must be on the same snapshot.
   * Returns false if there is no tree: it then counts no keys. Cost: one read.
   */
  refresh(): boolean {
    const bytes = this.storage.node(ROOT_ID)
    this.#root = bytes === undefined ? emptyRoot(this.headWords) : this.#adopt(ROOT_ID, bytes)
    return bytes !== undefined
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
    assert(root.id === ROOT_ID, '(4.1) the root is node 0')
    this.#root = root
  }

  /** Returns child i of a node above level 0, from memory if that is current. */
  protected childOf(node: TreeNode, i: number): TreeNode {
    const id = node.idOf(i)
    const version = node.versionOf(i)
    const cached = this.cache.get(id)
    if (cached !== undefined && cached.version === version) return cached
    const bytes = this.storage.node(id)
    if (bytes === undefined) throw corruptNode(id, `node ${node.id} names it, but it is missing`)
    const child = this.#adopt(id, bytes)
    // (4.5), (4.1): the disk may lie.
    if (child.version !== version)
      throw corruptNode(id, `its version is ${child.version}, node ${node.id} says ${version}`)
    if (child.level !== node.level - 1)
      throw corruptNode(id, `its level is ${child.level}, expected ${node.level - 1}`)
    return child
  }

  /** Returns the range of keys that span i covers. */
  protected spanRange(node: TreeNode, i: number): KeyRange {
    const start = separatorKey(node, i)
    if (i + 1 < node.size) return { start, end: separatorKey(node, i + 1) }
    return { start, end: this.#endOf(node) }
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
    const content = decodeNode(this.storage.nodeKey(id), bytes, this.headWords)
    if (content === undefined) throw corruptNode(id, 'its checksum or form is wrong')
    const node = new TreeNode(id, content, this.headWords)
    if (cached?.level === 0 && node.level === 0) inheritSpans(cached, node)
    this.remember(node)
    return node
  }
}
