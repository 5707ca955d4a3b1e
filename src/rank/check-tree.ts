/**
 * Every invariant of the rank tree, checked against the ordered keys. FORMAT.md lists them:
 *
 *     (4.1) one root, one parent     (4.2) separators     (4.3) counts     (4.4) groups
 *     (4.5) versions                 (4.6) fill           (4.7) ids
 *
 * The walk goes from the root down and takes the ordered keys along, each once and in order: what a child
 * should count is known when the walk comes to the next separator.
 *
 * @module
 */

import { decodeNode } from '../format/tree-node.ts'
import { DEFAULT_FANOUT, type Fanout, leastOf } from './fanout.ts'
import { compareKeys, type SplitKey, sameGroup, splitKey } from './key.ts'
import { TreeNode } from './node.ts'
import { type KeyShape, ROOT_ID, type TreeStorage } from './tree-storage.ts'

/** A broken invariant: its number behind the `4.` of FORMAT.md, the node, and actual against expected. */
export interface TreeFinding {
  invariant: number
  nodeId: number
  problem: string
}

/** What a walk of the tree saw. */
export interface TreeWalk {
  nodes: number
  spans: number
  keys: number
  groups: number
  height: number
}

/** Walks a tree and yields every broken invariant; returns what it saw. Cost: O(n). */
export function* checkTree(
  storage: TreeStorage,
  options: {
    shape: KeyShape
    sequence: number
    storedIds: Iterable<number>
    fanout?: Fanout
    onKey?: (key: Buffer) => void
  },
): Generator<TreeFinding, TreeWalk> {
  const walk = new Walk(storage, options)
  yield* walk.run(options.storedIds)
  return walk.seen
}

class Walk {
  readonly seen: TreeWalk = { nodes: 0, spans: 0, keys: 0, groups: 0, height: 0 }
  readonly #storage: TreeStorage
  readonly #headWords: number
  readonly #groupWords: number
  readonly #sequence: number
  readonly #fanout: Fanout
  readonly #keys: Iterator<Buffer>
  readonly #onKey: ((key: Buffer) => void) | undefined
  readonly #ids = new Set<number>()
  #next: Buffer | undefined
  // The same key taken apart.
  #nextKey: SplitKey | undefined
  #lastHead: Uint32Array | undefined
  #nextNodeId = 0

  constructor(
    storage: TreeStorage,
    options: { shape: KeyShape; sequence: number; fanout?: Fanout; onKey?: (key: Buffer) => void },
  ) {
    this.#storage = storage
    this.#headWords = options.shape.headBytes / 4
    this.#groupWords = options.shape.groupBytes / 4
    this.#sequence = options.sequence
    this.#fanout = options.fanout ?? DEFAULT_FANOUT
    this.#onKey = options.onKey
    this.#keys = storage.storedKeys({})[Symbol.iterator]()
    this.#advance()
  }

  *run(storedIds: Iterable<number>): Generator<TreeFinding> {
    const root = this.#read(ROOT_ID)
    if (typeof root === 'string') {
      yield { invariant: 1, nodeId: ROOT_ID, problem: `the root ${root}` }
      return
    }
    this.seen.height = root.level + 1
    this.#nextNodeId = root.nextNodeId
    if (root.level > 0 && root.size < 2)
      yield at(root, 6, `the root has ${root.size} child, expected 2 or more`)
    if (root.version > this.#sequence)
      yield at(root, 5, `its version is ${root.version}, the last commit is ${this.#sequence}`)
    if (!isLowest(root.separator(0)))
      yield at(root, 2, 'the first separator of the root is not below every key')
    yield* this.#node(root, undefined)
    if (this.#next !== undefined)
      yield at(root, 3, `keys are left over behind the last span, ${this.#drain()} in all`)
    for (const id of storedIds) {
      if (!this.#ids.has(id))
        yield {
          invariant: 7,
          nodeId: id,
          problem: 'it is stored, but the root does not lead to it',
        }
    }
  }

  // Everything below a node. Keys are read in one pass over the whole tree, and each span takes its share: so
  // (4.3) and (4.4) compare what was counted on the way with what the node says.
  *#node(node: TreeNode, end: SplitKey | undefined): Generator<TreeFinding> {
    this.seen.nodes++
    if (this.#ids.has(node.id)) yield at(node, 1, 'two parents name it')
    this.#ids.add(node.id)
    yield* this.#checkShape(node)
    for (let i = 0; i < node.size; i++) {
      const childEnd = i + 1 < node.size ? node.separator(i + 1) : end
      const { keys, groups } = this.seen
      if (node.level === 0) yield* this.#span(node, { i, end: childEnd })
      else yield* this.#child(node, { i, end: childEnd })
      yield* this.#checkCounts(node, {
        i,
        keys: this.seen.keys - keys,
        groups: this.seen.groups - groups,
      })
    }
  }

  // (4.2), (4.5), (4.6), (4.7): what a node shows by itself.
  *#checkShape(node: TreeNode): Generator<TreeFinding> {
    const least = node.id === ROOT_ID ? 1 : leastOf(this.#fanout.childrenMax)
    if (node.size < least || node.size > this.#fanout.childrenMax) {
      yield at(
        node,
        6,
        `it has ${node.size} children, expected ${least} to ${this.#fanout.childrenMax}`,
      )
    }
    if (node.id >= this.#nextNodeId)
      yield at(node, 7, `its id is not below nextNodeId ${this.#nextNodeId}`)
    for (let i = 1; i < node.size; i++) {
      if (compareKeys(node.separator(i - 1), node.separator(i)) >= 0)
        yield at(node, 2, `separator ${i} is not above the one before`)
    }
    for (let i = 0; i < node.size; i++) {
      const version = node.versionOf(i)
      // Written so that a version that is not a number is found too.
      if (!(version <= node.version))
        yield at(node, 5, `child ${i} has version ${version}, the node ${node.version}`)
    }
  }

  *#checkCounts(
    node: TreeNode,
    seen: { i: number; keys: number; groups: number },
  ): Generator<TreeFinding> {
    const { i, keys, groups } = seen
    if (node.counts[i] !== keys)
      yield at(node, 3, `child ${i} counts ${node.counts[i]} keys, the store holds ${keys}`)
    if (node.groups[i] !== groups)
      yield at(node, 4, `child ${i} counts ${node.groups[i]} groups, the store holds ${groups}`)
  }

  // (4.1), (4.2), (4.5): what ties a child to its parent. A child that cannot be read is left out with its keys, so
  // that those behind it are not found wrong as well.
  *#child(node: TreeNode, place: { i: number; end: SplitKey | undefined }): Generator<TreeFinding> {
    const { i, end } = place
    const id = node.idOf(i)
    const child = this.#read(id)
    if (typeof child === 'string') {
      yield at(node, 1, `child ${i}, node ${id}, ${child}`)
      this.#skipTo(end)
      return
    }
    if (child.level !== node.level - 1) {
      yield at(
        node,
        1,
        `child ${i}, node ${id}, has level ${child.level}, expected ${node.level - 1}`,
      )
      this.#skipTo(end)
      return
    }
    if (compareKeys(child.separator(0), node.separator(i)) !== 0)
      yield at(child, 2, `its first separator is not the one in node ${node.id}`)
    if (child.version !== node.versions[i])
      yield at(
        child,
        5,
        `its version is ${child.version}, node ${node.id} says ${node.versions[i]}`,
      )
    yield* this.#node(child, end)
  }

  // (4.6): a span is what lies between two separators; it is not stored, so nothing but its size can be wrong.
  *#span(node: TreeNode, place: { i: number; end: SplitKey | undefined }): Generator<TreeFinding> {
    this.seen.spans++
    const before = this.seen.keys
    this.#skipTo(place.end)
    const keys = this.seen.keys - before
    const least = node.size === 1 ? 0 : leastOf(this.#fanout.keysMax)
    if (keys < least || keys > this.#fanout.keysMax) {
      yield at(
        node,
        6,
        `span ${place.i} holds ${keys} keys, expected ${least} to ${this.#fanout.keysMax}`,
      )
    }
  }

  #skipTo(end: SplitKey | undefined): void {
    while (
      this.#nextKey !== undefined &&
      (end === undefined || compareKeys(this.#nextKey, end) < 0)
    )
      this.#advance()
  }

  #drain(): number {
    const before = this.seen.keys
    this.#skipTo(undefined)
    return this.seen.keys - before
  }

  // Counts the current key, if any, and moves on to the next one.
  #advance(): void {
    if (this.#next !== undefined) this.#see(this.#next, (this.#nextKey as SplitKey).head)
    const { value, done } = this.#keys.next()
    this.#next = done ? undefined : value.subarray(this.#storage.keyOffset)
    this.#nextKey = this.#next && splitKey(this.#next, this.#headWords)
  }

  // A group starts where the key before, in whatever span, is of another: (4.4).
  #see(key: Buffer, head: Uint32Array): void {
    this.seen.keys++
    if (this.#lastHead === undefined || !sameGroup(this.#lastHead, 0, head, 0, this.#groupWords))
      this.seen.groups++
    this.#lastHead = head
    this.#onKey?.(key)
  }

  // Returns the node, or in words why it cannot be read.
  #read(id: number): TreeNode | string {
    const bytes = this.#storage.node(id)
    if (bytes === undefined) return 'is missing'
    const content = decodeNode(this.#storage.nodeKey(id), bytes, this.#headWords)
    return content === undefined
      ? 'has a wrong checksum or form'
      : new TreeNode(id, content, this.#headWords)
  }
}

function at(node: TreeNode, invariant: number, problem: string): TreeFinding {
  return { invariant, nodeId: node.id, problem }
}

function isLowest(separator: SplitKey): boolean {
  return separator.tail.length === 0 && separator.head.every((word) => word === 0)
}
