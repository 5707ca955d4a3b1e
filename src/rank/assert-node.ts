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

/**
 * Asserts what a node shows by itself. Cost: O(children), some 5 ns each: a commit of one change comes by
 * here with some hundred of them, so the loops read the fields themselves and make no objects.
 */
export function assertNode(node: TreeNode, limits: { version: number; childrenMax: number }): void {
  const { size, counts, groups, versions, spans } = node
  const { version, childrenMax } = limits
  assert(size > 0 && size <= childrenMax, '(4.6) a node is neither empty nor over-full')
  assert(size <= counts.length, 'a node has the fields of all its children')
  assert(node.version === version, '(4.5) a changed node has the number of the commit')
  assert(node.isAscending(), '(4.2) separators ascend in a node')
  for (let i = 0; i < size; i++) {
    if ((groups[i] as number) > (counts[i] as number))
      assert(false, '(4.4) no more groups start below a child than keys lie there')
    if ((versions[i] as number) > version)
      assert(false, '(4.5) no child is of a later commit than the node')
  }
  for (let i = 0; i < spans.length; i++) {
    const span = spans[i]
    if (span?.isDraft)
      assert(span.size === counts[i], '(4.3) a span has the keys that its node counts')
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
