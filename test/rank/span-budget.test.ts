import { expect, test } from 'vitest'
import { Span } from '../../src/rank/span.ts'
import { SpanBudget } from '../../src/rank/span-budget.ts'

const SHAPE = { headWords: 4, groupWords: 2 }
const SIZE = 12
const ROOM = { shape: SHAPE, words: (SIZE + 1) * SHAPE.headWords, version: 2 }

// A dense rank asked for the index of a span that a commit had just changed. It still stood in the
// ring, and room was made for its new index by dropping that very one.
test('admitIndex() leaves a span the index that it asked for, however small the budget', () => {
  for (const words of [0, 1, 60, 200]) {
    const budget = new SpanBudget(words)
    const span = spanOf(1)
    budget.admitIndex(span)
    const published = budget.publish(budget.draft(span, ROOM))
    budget.admitIndex(published)
    expect(published.index?.changes(SIZE)).toBe(SIZE - 1)
    budget.admitIndex(spanOf(3))
    if (published.index === undefined) budget.admitIndex(published)
    expect(published.index?.changes(SIZE)).toBe(SIZE - 1)
  }
})

function spanOf(version: number): Span {
  const heads = Uint32Array.from({ length: SIZE * SHAPE.headWords }, (_, i) => i)
  return new Span(version, heads, SIZE, SHAPE)
}
