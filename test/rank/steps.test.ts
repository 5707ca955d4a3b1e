/**
 * Steps of a writer that would break an invariant and are stopped, with its number.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { emptyRoot, inheritSpans, TreeNode } from '../../src/rank/node.ts'
import { smallerPair } from '../../src/rank/path.ts'
import { RankTreeWriter } from '../../src/rank/rank-tree-writer.ts'
import { Slab } from '../../src/rank/slab.ts'
import { Span } from '../../src/rank/span.ts'
import { SpanBudget } from '../../src/rank/span-budget.ts'
import { MemoryTreeStorage } from '../support/memory-tree-storage.ts'

const SHAPE = { headBytes: 16, groupBytes: 8 }
const SPAN = { headWords: 4, groupWords: 2 }

function writerOf(storage = new MemoryTreeStorage()): RankTreeWriter {
  const parts = { cache: new Map(), budget: new SpanBudget(1e9), shape: SHAPE, version: 1 }
  const writer = new RankTreeWriter(storage, parts)
  writer.refresh()
  return writer
}

function publishedSpan(version: number): Span {
  return new Span(version, new Uint32Array(4), 1, SPAN)
}

function draftOf(base: Span, version: number): Span {
  const draft = Span.draftOf(new Uint32Array(4), 1, { shape: SPAN, words: 4, version })
  draft.base = base
  return draft
}

function otherNode(): TreeNode {
  return TreeNode.empty(5, { level: 0, version: 1, headWords: 4, capacity: 1 })
}

test.each<[string, string, () => unknown]>([
  ['create() in a tree that has a root', '(4.1)', () => twice(writerOf(), (one) => one.create())],
  ['publish() before flush()', '(4.5)', () => writerOf().publish()],
  ['publish() of a span that is not a draft', '(4.5)', () => publish(publishedSpan(1))],
  [
    'publish() of a draft behind a later commit',
    '(4.5)',
    () => publish(draftOf(publishedSpan(3), 2)),
  ],
  [
    'join() of spans that readers may hold',
    '(4.5)',
    () => publishedSpan(1).join(publishedSpan(1), { shape: SPAN, words: 8, version: 1 }),
  ],
  ['inheritSpans() from another node', '(4.5)', () => inheritSpans(emptyRoot(4), otherNode())],
  ['smallerPair() in a node with one child', '(4.6)', () => smallerPair(emptyRoot(4), 0)],
  [
    'give() of a slot that no slab gave',
    'a slab',
    () => new Slab().give({ data: new Uint16Array(8), at: 0, length: 8 }),
  ],
])('%s is stopped by %s', (_, told, step) => {
  expect(step).toThrow(`please report this: ${told} `)
})

function twice<T>(one: T, step: (one: T) => void): void {
  step(one)
  step(one)
}

function publish(span: Span): void {
  new SpanBudget(1e9).publish(span)
}
