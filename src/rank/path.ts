/**
 * The way from the root of a rank tree to a span.
 *
 * @module
 */

import type { TreeNode } from './node.ts'

/** One step of the way from the root to a span: the node and which child of it. */
export interface Step {
  node: TreeNode
  i: number
}

/** Adds keys and groups to the counts along a path, which must lead through drafts. */
export function countPath(path: Step[], change: { keys: number; groups: number }): void {
  for (const { node, i } of path) {
    node.counts[i] = (node.counts[i] as number) + change.keys
    node.groups[i] = (node.groups[i] as number) + change.groups
  }
}

/** Returns the index of the first key of the span that a path leads to. */
export function indexOfPath(path: Step[]): number {
  let before = 0
  for (const { node, i } of path) for (let j = 0; j < i; j++) before += node.counts[j] as number
  return before
}

/** Returns the first of two neighbours: child i and the smaller one beside it. */
export function smallerPair(node: TreeNode, i: number): number {
  if (i === 0) return 0
  if (i === node.size - 1) return i - 1
  return (node.counts[i - 1] as number) < (node.counts[i + 1] as number) ? i - 1 : i
}
