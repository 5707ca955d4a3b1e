import { expect, test } from 'vitest'
import { withStore } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 10, 28, 12)

test('submit() goes to the season of each window in the same change', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { mode: 'best', windows: ['day', 'month'] })
    const first = await board.submit('ada', 900)
    expect(first.windows).toEqual({
      day: { season: '2026-11-28', rank: 1 },
      month: { season: '2026-11', rank: 1 },
    })
    temporary.clock.advance(DAY_MS)
    await board.submit('bob', 700)
    const worse = await board.submit('ada', 100, { windows: 'all' })
    expect(worse).toMatchObject({ changed: false, score: 900, rank: 1 })
    expect(worse.windows).toEqual({
      day: {
        ...{ season: '2026-11-29', rank: 2, score: 100 },
        ...{ previousScore: undefined, previousRank: undefined, changed: true, created: true },
      },
      month: {
        ...{ season: '2026-11', rank: 1, score: 900 },
        ...{ previousScore: 900, previousRank: 1, changed: false, created: false },
      },
    })
    const kinds = store.log({ after: 0 }).records
    expect(kinds.map(({ kind, season }) => [kind, season])).toEqual([
      ['create', undefined],
      ['season-open', '2026-11-28'],
      ['season-open', '2026-11'],
      ['submit', undefined],
      ['season-close', '2026-11-28'],
      ['season-open', '2026-11-29'],
      ['season-seal', '2026-11-28'],
      ['submit', undefined],
      ['submit', undefined],
    ])
  }))

test('submit() in the time after the end of a season goes to it, and then no more', () =>
  withStore(async (temporary) => {
    temporary.clock.now = Date.UTC(2026, 10, 28, 23, 50)
    const board = temporary.store.board('arena', { windows: ['day'] })
    await board.submit('ada', 1)
    const at = Date.UTC(2026, 10, 28, 23, 59, 58)
    temporary.clock.now = Date.UTC(2026, 10, 29, 0, 4)
    const late = await board.submit('bob', 5, { at })
    expect(late.windows).toEqual({ day: { season: '2026-11-28', rank: 1 } })
    temporary.clock.now = Date.UTC(2026, 10, 29, 0, 11)
    const sealed = await board.submit('cyd', 9, { at })
    expect(sealed).toMatchObject({ rank: 1, created: true })
    expect(sealed.windows).toEqual({
      day: { season: '2026-11-28', rank: undefined, sealed: true },
    })
    await expect(board.submit('cyd', 10, { at, season: { day: '2026-11-28' } })).rejects.toThrow(
      'it is sealed',
    )
    await expect(board.submit('cyd', 10, { season: { day: '2026-11-28' } })).rejects.toMatchObject({
      code: 'SEASON_OVER',
      message: expect.stringContaining('"2026-11-29" is on'),
    })
    await expect(board.submit('cyd', 10, { season: { year: '2026' } })).rejects.toMatchObject({
      code: 'NO_WINDOW',
    })
    expect(board.get('cyd')?.score).toBe(9)
    const meant = await board.submit('cyd', 10, { season: { day: '2026-11-29' } })
    expect(meant.windows).toEqual({ day: { season: '2026-11-29', rank: 1 } })
  }))
