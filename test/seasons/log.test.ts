/**
 * What the log tells of windows: which season each run went to, and when seasons open, close and are sealed.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { withStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000

test('a record of a run tells what it did in the season of each window', () =>
  withStore(async (temporary) => {
    temporary.clock.now = Date.UTC(2026, 10, 28, 22)
    const { store } = temporary
    const windows = [
      ...[{ every: 'day', graceMs: HOUR_MS }, { every: 'month', keep: 1 }, 'manual'],
    ] as const
    const board = store.board('arena', { mode: 'best', windows })
    const at = temporary.clock.now
    await board.submit('ada', 900)
    await board.submit('bob', 700)
    await board.submit('bob', 700, { ranks: false })
    temporary.clock.advance(3 * HOUR_MS)
    await board.submit('ada', 950)
    await board.submit('bob', 950, { at })
    const { records } = store.log({ kinds: ['submit'] })
    expect(records.map((record) => record.windows)).toEqual([
      {
        day: { season: '2026-11-28', rank: 1, changed: true },
        month: { season: '2026-11', rank: 1, changed: true },
      },
      {
        day: { season: '2026-11-28', rank: 2, changed: true },
        // It keeps one, and that is better.
        month: { season: '2026-11', changed: false },
      },
      {
        day: { season: '2026-11-28', previousScore: 700, changed: false },
        month: { season: '2026-11', changed: false },
      },
      {
        day: { season: '2026-11-29', rank: 1, changed: true },
        month: { season: '2026-11', rank: 1, previousRank: 1, previousScore: 900, changed: true },
      },
      {
        day: { season: '2026-11-28', sealed: true },
        month: { season: '2026-11', rank: 1, changed: true },
      },
    ])
    expect(board.history('ada').records[0]?.windows).toEqual(records[3]?.windows)
  }))

test('a record of a season is as old as its border, however late it is written', () =>
  withStore(async (temporary) => {
    temporary.clock.now = Date.UTC(2026, 10, 28, 12)
    const { store } = temporary
    const board = store.board('arena', { windows: [{ every: 'day', graceMs: HOUR_MS }] })
    await board.submit('ada', 1)
    temporary.clock.now = Date.UTC(2026, 10, 29, 9)
    await board.submit('ada', 2)
    const day = (date: number): number => Date.UTC(2026, 10, date)
    const { records } = store.log({ kinds: ['season-open', 'season-close', 'season-seal'] })
    const [opened, ...later] = records
    expect(opened).toMatchObject({
      ...{ kind: 'season-open', at: day(28), board: 'arena', window: 'day' },
      ...{
        season: '2026-11-28',
        from: day(28),
        to: day(29),
        committedAt: Date.UTC(2026, 10, 28, 12),
      },
    })
    expect(later.map(({ kind, season, at }) => [kind, season, at])).toEqual([
      ['season-close', '2026-11-28', day(29)],
      ['season-open', '2026-11-29', day(29)],
      ['season-seal', '2026-11-28', day(29) + HOUR_MS],
    ])
    for (const { committedAt } of later) expect(committedAt).toBe(Date.UTC(2026, 10, 29, 9))
  }))
