/**
 * The way from the root of a rank tree to a span.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { TreeNode } from './node.ts'

/** One step of the way from the root to a span: the node and which child of it. */
export interface Step {
  node: TreeNode
  i: number
}

/** Returns the step at a depth, 0 being the root. */
export function stepAt(path: Step[], depth: number): Step {
  const step = path[depth]
  assert(step !== undefined, '(4.1) a path leads through every level')
  return step
}

/** Returns the step whose child is the span. */
export function lastStep(path: Step[]): Step {
  return stepAt(path, path.length - 1)
}

/** Adds keys and groups to the counts along a path, which must lead through drafts. */
export function countPath(path: Step[], change: { keys: number; groups: number }): void {
  for (const { node, i } of path) {
    const counts = { keys: node.countOf(i) + change.keys, groups: node.groupsOf(i) + change.groups }
    // (4.3), (4.4): a count below zero would wrap round in its field.
    assert(
      counts.keys >= counts.groups && counts.groups >= 0,
      '(4.4) no more groups start than keys are',
    )
    node.counts[i] = counts.keys
    node.groups[i] = counts.groups
  }
}

/** Returns the index of the first key of the span that a path leads to. */
export function indexOfPath(path: Step[]): number {
  let before = 0
  for (const { node, i } of path) before += node.countBefore(i)
  return before
}

/** Returns the first of two neighbours: child i and the smaller one beside it. */
export function smallerPair(node: TreeNode, i: number): number {
  assert(node.size > 1, '(4.6) what is mended has a neighbour in its node')
  if (i === 0) return 0
  if (i === node.size - 1) return i - 1
  return node.countOf(i - 1) < node.countOf(i + 1) ? i - 1 : i
}
