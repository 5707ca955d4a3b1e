/**
 * `fill: 'log'`: what of the log the season that is on of a new window is filled with.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboard } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const NOON = Date.UTC(2026, 10, 28, 12)
const DAY_MS = 86_400_000
const MONTHS = {
  month: { every: 'month', mode: 'best', fill: 'log' },
  sum: { every: 'month', mode: 'increment', fill: 'log' },
  gained: { every: 'month', value: 'gain', fill: 'log' },
} as const

function scoresOf(board: Leaderboard, playerId: string): (number | undefined)[] {
  return Object.keys(MONTHS).map((name) => board.window(name).get(playerId)?.score)
}

// The season came to 10, or 13 as a sum: runs before a remove have no effect, and these had.
test('alter() with fill leaves runs before a remove out', () =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    for (const mode of ['set', 'increment', 'best'] as const) {
      const board = store.board(mode, { mode })
      await board.submit('ann', 10)
      await board.remove('ann')
      await board.submit('ann', 3)
      await store.alter(mode, { windows: MONTHS })
      expect(scoresOf(board, 'ann'), mode).toEqual([3, 3, 3])
    }
  }))

// Rows of which the log has no record were missing from the season, and nothing said so.
test('alter() refuses to fill a season in which an import left no record of its rows', () =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    const board = store.board('arena')
    await board.submit('ann', 10)
    const rows = ['playerId,score\nann,40\nbob,20\n']
    await board.importFrom(rows, { format: 'csv', log: false })
    await expect(store.alter('arena', { windows: MONTHS })).rejects.toMatchObject({
      code: 'LOG_OFF',
      message: expect.stringMatching(/^Cannot fill window "month" of board "arena": an import in /),
    })
    expect(board.windows()).toEqual([])
    // In the season of a day that begins behind the import, all runs are told.
    clock.advance(DAY_MS)
    await board.submit('bob', 25)
    await store.alter('arena', { windows: { day: { every: 'day', fill: 'log' } } })
    expect(board.window('day').get('bob')?.score).toBe(25)
  }))
