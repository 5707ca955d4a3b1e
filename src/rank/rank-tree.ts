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

import { LadderError } from '../ground/errors.ts'
import { readHead } from './key.ts'
import { separatorKey } from './node.ts'
import { type SpanPlace, SpanReader } from './span-reader.ts'
import type { Seek } from './tree-storage.ts'

/** Where a group lies in the tree; undefined is what it takes look-ups in other spans to say. */
export interface GroupAmongAll {
  /** Index of its first key. */
  start: number | undefined
  /** Index behind its last key. */
  end: number | undefined
  /** How many groups come before. */
  groups: number | undefined
}

/** Of a key whose group only look-ups by the score can tell. */
export const ELSEWHERE: GroupAmongAll = { start: undefined, end: undefined, groups: undefined }

/** Read access to the rank tree of one board on one snapshot. */
export class RankTree extends SpanReader {
  readonly #member = new Uint32Array(this.headWords)

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
      before += node.countBefore(i)
      if (node.level === 0) return before + this.positionOfMember(node, i, key)
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
      before += node.countBefore(i)
      if (node.level === 0) return before + this.countBelowInSpan(node, i, key)
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
      before += node.groupsBefore(i)
      if (node.level === 0) return before + this.groupsBelowInSpan(node, i, key)
      node = this.childOf(node, i)
    }
  }

  /**
   * Returns where the group of a key lies that is in the tree. What only other spans can tell is left
   * out: ask {@link countBelow} and {@link groupsBelow}. Cost: O(log n).
   */
  groupOf(bytes: Buffer): GroupAmongAll {
    const key = this.split(bytes)
    let node = this.root()
    let keys = 0
    let groups = 0
    for (;;) {
      const i = node.find(key)
      keys += node.countBefore(i)
      groups += node.groupsBefore(i)
      if (node.level === 0) return this.#groupFrom({ keys, groups }, { node, i, key })
      node = this.childOf(node, i)
    }
  }

  /**
   * Returns the index of the first key of the group that a key of the tree is of; `first` is the lowest key
   * that the group may have. Cost: O(log n), whether or not the group lies in one span.
   */
  startOfGroup(bytes: Buffer, first: Buffer): number {
    const key = this.split(first)
    let node = this.root()
    let before = 0
    for (;;) {
      const i = node.find(key)
      before += node.countBefore(i)
      if (node.level === 0) return before + this.#startInSpan(bytes, { node, i, key })
      node = this.childOf(node, i)
    }
  }

  // The place is that of the first key. If the other one is in the same span, so is what lies between.
  #startInSpan(bytes: Buffer, first: SpanPlace): number {
    const { node, i, key } = first
    readHead(bytes, 0, this.#member)
    const isSameSpan = i + 1 < node.size && node.isHeadAbove(i + 1, this.#member)
    const trie = isSameSpan ? this.trieOf(node, i) : undefined
    const group = trie?.groupOf(this.#member, this.groupWords)
    return group?.start ?? this.countBelowInSpan(node, i, key)
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
      if (node.level === 0) return before + this.startOfGroupInSpan(node, i, rest)
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
      if (node.level === 0)
        return { start: separatorKey(node, i), offset: rest, version: node.versionOf(i) }
      node = this.childOf(node, i)
    }
  }

  /** Returns the key at `index`, or undefined if there is none. Cost: O(log n). */
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

  #groupFrom(before: { keys: number; groups: number }, place: SpanPlace): GroupAmongAll {
    const { node, i, key } = place
    // (4.4): a group is counted where it starts, and this one started before.
    if (node.groups[i] === 0) return { ...ELSEWHERE, groups: before.groups - 1 }
    const trie = this.trieOf(node, i)
    const group = trie?.groupOf(key.head, this.groupWords)
    if (trie === undefined || group === undefined) return ELSEWHERE
    const startsGroup = node.groups[i] === trie.changes + 1
    const end = group.end === node.counts[i] ? undefined : before.keys + group.end
    if (group.start === 0 && !startsGroup)
      return { start: undefined, end, groups: before.groups - 1 }
    const groups = before.groups + group.changes - (startsGroup ? 0 : 1)
    return { start: before.keys + group.start, end, groups }
  }
}
