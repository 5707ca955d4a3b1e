import { expect, test } from 'vitest'
import { assertChild, assertNode } from '../../src/rank/assert-node.ts'
import { TreeNode } from '../../src/rank/node.ts'
import { Span } from '../../src/rank/span.ts'

const SHAPE = { headWords: 4, groupWords: 2 }
const LIMITS = { version: 7, childrenMax: 4 }

/** A node of two children of three and four keys. */
function nodeOf(id: number, level: number): TreeNode {
  const node = TreeNode.empty(id, { level, version: 7, headWords: 4, capacity: 4 })
  for (const [i, count] of [3, 4].entries()) {
    const separator = { head: Uint32Array.of(0, i, 0, 0), tail: Buffer.alloc(0) }
    const child = { separator, count, groups: 2, version: 7 - i, id: level === 0 ? 0 : 8 + i }
    node.insertChild(i, { ...child, span: undefined })
  }
  return node
}

/** The node above it, which names it as its second child. */
function parentOf(node: TreeNode): TreeNode {
  const parent = nodeOf(0, 1)
  parent.setChild(1, node.asChild())
  return parent
}

function draftSpan(size: number): Span {
  return Span.draftOf(new Uint32Array(4 * size), size, {
    shape: SHAPE,
    words: 4 * size,
    version: 7,
  })
}

test('assertNode() and assertChild() let a sound node pass', () => {
  const node = nodeOf(3, 0)
  node.spans[1] = draftSpan(4)
  assertNode(node, LIMITS)
  assertChild(parentOf(node), 1, node)
})

test.each<[string, (node: TreeNode) => unknown]>([
  ['(4.2)', (node) => node.heads.fill(0)],
  ['(4.3)', (node) => node.spans.splice(1, 1, draftSpan(5))],
  ['(4.4)', (node) => node.groups.fill(4)],
  ['(4.5)', (node) => node.versions.fill(8)],
  ['(4.5)', (node) => Object.assign(node, { version: 6 })],
  ['(4.6)', (node) => Object.assign(node, { size: 0 })],
])('assertNode() stops a node that breaks %s', (number, breakIt) => {
  const node = nodeOf(3, 0)
  breakIt(node)
  expect(() => assertNode(node, LIMITS)).toThrow(`please report this: ${number} `)
})

test.each<[string, (parent: TreeNode) => unknown]>([
  ['(4.1)', (parent) => Object.assign(parent, { level: 2 })],
  ['(4.2)', (parent) => parent.heads.fill(1, 7, 8)],
  ['(4.3)', (parent) => parent.counts.fill(8)],
  ['(4.4)', (parent) => parent.groups.fill(3)],
  ['(4.5)', (parent) => parent.versions.fill(6)],
])('assertChild() stops a parent that breaks %s', (number, breakIt) => {
  const node = nodeOf(3, 0)
  const parent = parentOf(node)
  breakIt(parent)
  expect(() => assertChild(parent, 1, node)).toThrow(`please report this: ${number} `)
})
