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

import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import { leastOf } from './fanout.ts'
import {
  compareHeads,
  NO_TAIL,
  type SplitKey,
  sameGroup,
  separatorBetween,
  splitKey,
} from './key.ts'
import type { TreeNode } from './node.ts'
import { NodeWriter, type TreeWriterOptions } from './node-writer.ts'
import { countPath, indexOfPath, lastStep, type Step, smallerPair } from './path.ts'
import type { Span, SpanRoom } from './span.ts'
import type { TreeStorageWriter } from './tree-storage.ts'

/** Write access to the rank tree of one board, for one transaction. */
export class RankTreeWriter extends NodeWriter {
  readonly #draftWords: number

  constructor(storage: TreeStorageWriter, options: TreeWriterOptions) {
    super(storage, options)
    this.#draftWords = (this.fanout.keysMax + 1) * this.headWords
  }

  /** Counts a key that is not in the tree yet and returns its index. Cost: O(log n). */
  insert(key: Buffer): number {
    const split = this.split(key)
    const path = this.descend(split)
    const { node, i } = lastStep(path)
    const span = this.#draftSpan(node, i)
    const position = this.positionIn(span, { node, i, key: split })
    const startsGroup = !this.#isOfGroupBefore(span, { position, key, head: split.head })
    const displaces = startsGroup && this.#isOfGroupAfter(span, { position, key, head: split.head })
    span.insert(position, split.head)
    countPath(path, { keys: 1, groups: startsGroup ? 1 : 0 })
    assert(node.countOf(i) === span.size, '(4.3) a span has the keys that its node counts')
    if (displaces)
      this.#moveGroupStart(path, { isInSpan: position < span.size - 1, key, change: -1 })
    // Before the span splits: then the path would lead to one of the halves.
    const index = indexOfPath(path) + position
    if (span.size > this.fanout.keysMax) this.#splitSpan(path, { key, isAdded: true })
    return index
  }

  /**
   * Uncounts a key and returns the index that it had. The key must be in the tree.
   *
   * @throws {LadderError} `CORRUPT` where the key's span does not hold its head.
   */
  remove(key: Buffer): number {
    const split = this.split(key)
    const path = this.descend(split)
    const { node, i } = lastStep(path)
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
    assert(node.countOf(i) === span.size, '(4.3) a span has the keys that its node counts')
    if (leavesStart) this.#moveGroupStart(path, { isInSpan, key, change: 1 })
    // (4.6): a span is a quarter full, unless it is the only one of its node.
    if (span.size < leastOf(this.fanout.keysMax)) this.#mendSpan(path, { key, isAdded: false })
    return index
  }

  #draftSpan(node: TreeNode, i: number): Span {
    assert(node.version === this.version, '(4.5) a span changes only under a draft of its node')
    const span = this.spanOf(node, i)
    const draft = span.isDraft ? span : this.budget.draft(span, this.#room())
    draft.version = this.version
    node.versions[i] = this.version
    node.spans[i] = draft
    return draft
  }

  #room(): SpanRoom {
    return { shape: this.shape, words: this.#draftWords, version: this.version }
  }

  // (4.4) counts a group where its first key is. If that one goes, the next key of the group starts it; if a
  // lower one comes, the next key starts it no more. The next key lies behind `key` in the same span, or at
  // the start of a later one, whose node is another: its counts change though none of its keys do.
  #moveGroupStart(path: Step[], move: { isInSpan: boolean; key: Buffer; change: number }): void {
    const change = { keys: 0, groups: move.change }
    if (move.isInSpan) {
      countPath(path, change)
      return
    }
    const after = this.writer.keyAfter(move.key)
    assert(after !== undefined, '(4.4) a key follows in the group')
    countPath(this.descend(splitKey(after, this.headWords)), change)
  }

  // Whether the key before `position` shares the group of `head`. Where the span starts there it is
  // looked up in the store.
  #isOfGroupBefore(span: Span, at: { position: number; key: Buffer; head: Uint32Array }): boolean {
    if (at.position > 0) return this.#isOfGroup(span, at.position - 1, at.head)
    return this.#isKeyOfGroup(this.writer.keyBefore(at.key), at.head)
  }

  #isOfGroupAfter(span: Span, at: { position: number; key: Buffer; head: Uint32Array }): boolean {
    if (at.position < span.size) return this.#isOfGroup(span, at.position, at.head)
    return this.#isKeyOfGroup(this.writer.keyAfter(at.key), at.head)
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
    const { node, i } = lastStep(path)
    const span = node.spans[i] as Span
    const { position, separator } = this.#splitPoint(node, { i, span, pending })
    const least = leastOf(this.fanout.keysMax)
    assert(position >= least, '(4.6) the left half of a span is a quarter full')
    assert(span.size - position >= least, '(4.6) and so is the right one')
    const left = span.slice(0, position, this.#room())
    const right = span.slice(position, span.size, this.#room())
    // The left half takes the place of the published span, so it is published into that very object: readers
    // that hold it see by its version, (4.5), that it is not theirs any more. The right half is new.
    left.base = span.base
    // (4.3), (4.4): the halves share what the span counted. The first key of the right one was not a group start
    // for the span if its group goes on there, and it starts none in the half: changes between neighbours tell.
    const groups = this.changes(span, span.size) - this.changes(span, position)
    const child = node.child(i)
    assert(child.count === left.size + right.size, '(4.3) the halves share what the span counted')
    node.setChild(i, { ...child, count: left.size, groups: child.groups - groups, span: left })
    node.insertChild(i + 1, {
      separator,
      count: right.size,
      groups,
      version: this.version,
      id: 0,
      span: right,
    })
    this.splitNode(path, path.length - 1)
  }

  // The middle of the span, or the nearest place where heads differ: a head then separates alone.
  #splitPoint(
    node: TreeNode,
    at: { i: number; span: Span; pending: Pending },
  ): { position: number; separator: SplitKey } {
    const { i, span, pending } = at
    const middle = span.size >>> 1
    const furthest = middle - leastOf(this.fanout.keysMax)
    for (let distance = 0; distance <= furthest; distance++) {
      for (const position of [middle - distance, middle + distance]) {
        const head = this.#headAt(span, position)
        if (compareHeads(this.#headAt(span, position - 1), 0, head) === 0) continue
        return { position, separator: { head: head.slice(), tail: NO_TAIL } }
      }
    }
    const keys = withPending(
      [...this.storage.storedKeys(this.spanRange(node, i))].map((key) =>
        key.subarray(this.storage.keyOffset),
      ),
      pending,
    )
    assert(keys.length === span.size, '(4.3) the store holds the keys that a span counts')
    const [left, right] = keys
      .slice(middle - 1, middle + 1)
      .map((key) => splitKey(key, this.headWords))
    return { position: middle, separator: separatorBetween(left as SplitKey, right as SplitKey) }
  }

  // A span below its least size is joined with its smaller neighbour in the node; where both are
  // too many for one span, they are split again in the middle.
  #mendSpan(path: Step[], pending: Pending): void {
    const step = lastStep(path)
    const { node } = step
    if (node.size === 1) return
    const i = smallerPair(node, step.i)
    step.i = i
    // (4.3), (4.4): nothing but the border between the two goes.
    const joined = this.#draftSpan(node, i).join(this.#draftSpan(node, i + 1), this.#room())
    const groups = node.groupsOf(i) + node.groupsOf(i + 1)
    const count = node.countOf(i) + node.countOf(i + 1)
    assert(joined.size === count, '(4.3) joined spans have the keys of both')
    node.removeChild(i + 1)
    node.setChild(i, { ...node.child(i), count: joined.size, groups, span: joined })
    if (joined.size > this.fanout.keysMax) this.#splitSpan(path, pending)
    else this.mendNode(path, path.length - 1)
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
