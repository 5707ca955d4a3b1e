/**
 * What must hold of a node before it is written: the same invariants that `check-tree.ts` finds broken
 * when it reads, as far as a writer can see them without reading anything.
 *
 * A count that is wrong on the disk gives wrong ranks to everyone until somebody runs `check`; an
 * assertion stops the commit instead, and nothing of it is stored.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { TreeNode } from './node.ts'

/** Asserts what a node shows by itself. Cost: O(children), some 50 ns each. */
export function assertNode(node: TreeNode, limits: { version: number; childrenMax: number }): void {
  assert(
    node.size > 0 && node.size <= limits.childrenMax,
    '(4.6) a node is neither empty nor over-full',
  )
  assert(node.version === limits.version, '(4.5) a changed node has the number of the commit')
  for (let i = 0; i < node.size; i++) {
    assert(i === 0 || node.isAscendingAt(i), '(4.2) separators ascend in a node')
    assert(
      node.groupsOf(i) <= node.countOf(i),
      '(4.4) no more groups start below a child than keys lie there',
    )
    assert(node.versionOf(i) <= limits.version, '(4.5) no child is of a later commit than the node')
    const span = node.spans[i]
    if (span?.isDraft)
      assert(span.size === node.counts[i], '(4.3) a span has the keys that its node counts')
  }
}

/** Asserts that child i of a node, changed by the same commit, is what the node says of it. */
export function assertChild(node: TreeNode, i: number, child: TreeNode): void {
  assert(child.level === node.level - 1, '(4.1) a child is one level below its parent')
  assert(
    child.hasSeparatorOf(node, i),
    '(4.2) the first separator of a child is the one in its parent',
  )
  assert(
    child.total() === node.countOf(i),
    '(4.3) the counts of a child sum to the one in its parent',
  )
  assert(
    child.totalGroups() === node.groupsOf(i),
    '(4.4) the groups of a child sum to those in its parent',
  )
  assert(child.version === node.versionOf(i), '(4.5) a parent names the version of its child')
}
