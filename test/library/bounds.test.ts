/**
 * Ends of ranges that are left out or null are open, on boards of numbers and of int64; and `top` of all
 * is told where all entries are.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboard, Score } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const TYPES = ['number', 'int64'] as const

async function withBoard(
  scoreType: (typeof TYPES)[number],
  body: (board: Leaderboard<Score>) => void,
): Promise<void> {
  await withStore(async ({ store }) => {
    const board = store.board('game', { scoreType }) as unknown as Leaderboard<Score>
    await board.submitMany([1, 2, 3].map((score) => ({ playerId: `p${score}`, score })))
    body(board)
  })
}

test.each(TYPES)('between() and countBetween() take null and nothing for open, %s', (scoreType) =>
  withBoard(scoreType, (board) => {
    const ids = (min?: Score | null, max?: Score | null) =>
      board.between(min as number, max as number).map(({ playerId }) => playerId)
    expect(board.between().length).toBe(3)
    expect(board.countBetween()).toBe(3)
    for (const open of [null, undefined]) {
      expect(ids(open, open)).toEqual(['p3', 'p2', 'p1'])
      expect(ids(2, open)).toEqual(['p3', 'p2'])
      expect(ids(open, 2)).toEqual(['p2', 'p1'])
      expect(board.countBetween(2 as never, open)).toBe(2)
      expect(board.countBetween(open, 1 as never)).toBe(1)
      expect(board.countBetween(open, 2 as never, { maxExclusive: true })).toBe(1)
    }
    expect(ids(-Infinity, Infinity)).toEqual(['p3', 'p2', 'p1'])
    expect(() => ids(Number.NaN, null)).toThrow(RangeError)
  }),
)

test.each(TYPES)('top(Infinity) says where all entries are, %s', (scoreType) =>
  withBoard(scoreType, (board) => {
    expect(() => board.top(Infinity)).toThrow('for all: entries()')
    expect(() => board.top(-1)).toThrow(RangeError)
    expect(board.top(undefined).length).toBe(3)
  }),
)
