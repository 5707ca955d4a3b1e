/**
 * Faults of seasons that the random course beside the model found, each by itself.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { retireSeasons } from '../../src/embedded/seasons/retire.ts'
import { turnDue } from '../../src/embedded/seasons/turn.ts'
import { withStore } from '../support/temporary-store.ts'
import { type SeasonEngine, toldOf, withSeasons } from './engine.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOON = Date.UTC(2081, 10, 28, 12)

function turn({ context }: SeasonEngine, limit: number): Promise<number> {
  return context.store.write((writer) => turnDue({ context, writer }, limit))
}

function retireAll({ context }: SeasonEngine): Promise<void> {
  return retireSeasons({ context, isEnded: () => false })
}

// The short answer was the same as that of a submit without ranks into a season that took it.
test('submit() says that a full season had no place, also without ranks', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena', { windows: [{ name: 'day', every: 'day', keep: 1 }] })
    const first = await board.submit('ada', 9)
    const season = first.windows?.['day']?.season
    for (const options of [{}, { ranks: false }]) {
      const { windows } = await board.submit('bob', 5, options)
      expect(windows).toEqual({ day: { season, rank: undefined, changed: false } })
    }
  }))

// A clock that jumped twice left two rows of seasons to be told. The one between them was dropped in the
// background before the first row was told, and then counted as one that nobody had seen.
test('a season that left while earlier ones were still to be told is told once', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const windows = [{ name: 'day', every: 'day', retain: 1, graceMs: 0 }] as const
    const board = temporary.store.board('arena', { windows })
    await board.submit('ada', 1)
    for (let jump = 0; jump < 2; jump++) {
      temporary.clock.now += 60 * DAY_MS
      await engine.context.store.write(() => undefined)
      await board.submit('ada', 2 + jump)
    }
    await retireAll(engine)
    while ((await turn(engine, 100)) > 0);
    await retireAll(engine)
    const opened = toldOf(temporary).filter(([kind]) => kind === 'open')
    expect(new Set(opened.map(([, , id]) => id)).size).toBe(opened.length)
    expect(opened).toHaveLength(121)
  }))

// The first season left in the background before those behind it were told: the lists then ended at the first
// record that there was, and what stays was counted from there.
test('seasons() has all that stay, also before they are told', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', {
      windows: [{ name: 'day', every: 'day', retain: 2 }],
    })
    await board.submit('ada', 1)
    const seasons = (): string[] => board.seasons('day').map(({ season }) => season)
    temporary.clock.now += 40 * DAY_MS
    await board.submit('ada', 2)
    await retireAll(engine)
    expect(seasons()).toEqual(['2082-01-07', '2082-01-06', '2082-01-05'])
    temporary.clock.now += DAY_MS
    expect(seasons()).toEqual(['2082-01-08', '2082-01-07', '2082-01-06'])
    await board.submit('ada', 3)
    await retireAll(engine)
    expect(seasons()).toEqual(['2082-01-08', '2082-01-07', '2082-01-06'])
  }))

// A season that passed while nothing ran had no record that said that it was sealed. With a longer grace it took
// submits again, though a final standing had been read.
test('alter() opens nothing again that was sealed, seen or not', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { windows: [{ name: 'day', every: 'day', graceMs: 0 }] })
    await board.submit('ada', 1)
    temporary.clock.now += 40 * DAY_MS
    const at = temporary.clock.now - DAY_MS
    expect(board.window('day', '2082-01-06').sealed).toBe(true)
    await store.alter('arena', { windows: { day: { graceMs: 5 * DAY_MS } } })
    expect(board.window('day', '2082-01-06').sealed).toBe(true)
    const { windows } = await board.submit('bob', 5, { at })
    expect(windows).toEqual({ day: { season: '2082-01-06', rank: undefined, sealed: true } })
    expect(store.log({ after: 0, kinds: ['season-seal'], limit: 1000 }).records).toHaveLength(40)
  }))

// The finals of a season that left before its grace was over came and went: its entries were not sealed by the
// clock, the finals that the background wrote of them were.
test('finals() has a season from the moment on at which it leaves, and pages behind it', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const windows = [
      { name: 'day', every: 'day', retain: 1, finals: true, graceMs: 30 * DAY_MS },
    ] as const
    const board = temporary.store.board('arena', { windows })
    for (let day = 0; day < 4; day++) {
      await board.submit('ada', day)
      temporary.clock.advance(DAY_MS)
    }
    await board.submit('ada', 9)
    const finals = (): string[] => board.finals('ada', 'day').map(({ season }) => season)
    const left = ['2081-11-30', '2081-11-29', '2081-11-28']
    expect(finals()).toEqual(left)
    const behind = (): string[] =>
      board.finals('ada', 'day', { after: '2081-11-29' }).map(({ season }) => season)
    // They were left out of the list, and no place to begin a page at, until they had been written.
    expect(behind()).toEqual(['2081-11-28'])
    await retireAll(engine)
    expect(finals()).toEqual(left)
    expect(behind()).toEqual(['2081-11-28'])
  }))

// A time a little ahead is taken by the season that is on; the end that a call gave it came earlier. check()
// called that entry damaged.
test('check() takes an entry ahead of the clock in a season that a call ended', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const board = await temporary.store.createBoard('arena', {
      windows: [{ name: 'cup', every: 'manual' }],
    })
    await board.startSeason('cup', 'spring')
    await board.submit('ada', 5, { at: NOON + 200_000 })
    temporary.clock.advance(1000)
    await board.startSeason('cup', 'summer')
    expect(board.window('cup', 'spring').size).toBe(1)
    expect((await temporary.store.check()).findings).toEqual([])
  }))
