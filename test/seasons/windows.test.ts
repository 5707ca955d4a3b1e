/**
 * Windows: seasons that begin, end and leave, and what a submit does in them.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { findBoard } from '../../src/embedded/catalog.ts'
import { retireSeasons } from '../../src/embedded/seasons/retire.ts'
import { turnBoard, turnDue } from '../../src/embedded/seasons/turn.ts'
import {
  decodeFinal,
  FINALS_END,
  FINALS_START,
  finalPlaceOf,
} from '../../src/format/people/final.ts'
import { type SeasonEngine, toldOf, withSeasons } from './engine.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOON = Date.UTC(2026, 10, 28, 12)

function utc(day: number, hour = 0, minute = 0, second = 0): number {
  return Date.UTC(2026, 10, day, hour, minute, second)
}

function turnAll({ context }: SeasonEngine): Promise<number> {
  return context.store.write((writer) => turnDue({ context, writer }, 1000))
}

function retireAll({ context }: SeasonEngine): Promise<void> {
  return retireSeasons({ context, isEnded: () => false })
}

test('seasons that passed while nothing ran are told once each, in order', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', { windows: ['day'] })
    await board.submit('ada', 1)
    temporary.clock.now = NOON + 3 * DAY_MS
    expect(engine.now('arena', 'day')).toBe('2026-12-01')
    const { windows } = await board.submit('ada', 2)
    expect(windows).toEqual({ day: { season: '2026-12-01', rank: 1 } })
    await turnAll(engine)
    expect(await turnAll(engine)).toBe(0)
    const told = toldOf(temporary)
    expect(told.filter(([kind]) => kind === 'open').map(([, , id]) => id)).toEqual([
      '2026-11-28',
      '2026-12-01',
      '2026-11-29',
      '2026-11-30',
    ])
    expect(told.filter(([kind]) => kind === 'seal').map(([, , id]) => id)).toEqual([
      '2026-11-28',
      '2026-11-29',
      '2026-11-30',
    ])
    expect(engine.seasons('arena', 'day')).toEqual([
      { ...span(28), state: 'sealed', rows: [['ada', 1, NOON]] },
      { ...span(29), state: 'sealed', rows: [] },
      { ...span(30), state: 'sealed', rows: [] },
      { ...span(31, '2026-12-01'), state: 'open', rows: [['ada', 2, NOON + 3 * DAY_MS]] },
    ])
    const [close] = temporary.store.log({ after: 0, kinds: ['season-close'] }).records
    expect(close).toMatchObject({ at: utc(29), committedAt: NOON + 3 * DAY_MS, to: utc(29) })
  }))

function span(day: number, id = `2026-11-${day}`): { id: string; from: number; to: number } {
  return { id, from: utc(day), to: utc(day + 1) }
}

// A submit into a season between two that were stored looked for its record without end if the window kept
// fewer seasons than had passed: those leave no records.
test('a season that nobody took note of takes submits in the time after its end', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const windows = [{ name: 'day', every: 'day', graceMs: 30 * DAY_MS, retain: 2 }] as const
    const board = temporary.store.board('arena', { windows })
    await board.submit('ada', 1)
    temporary.clock.now = NOON + 6 * DAY_MS
    const kept = await board.submit('ada', 2, { at: NOON + 5 * DAY_MS })
    expect(kept.windows).toEqual({ day: { season: '2026-12-03', rank: 1 } })
    const gone = await board.submit('ada', 3, { at: NOON + 2 * DAY_MS })
    expect(gone.windows).toEqual({ day: { season: '2026-11-30', rank: undefined, sealed: true } })
    await turnAll(engine)
    await retireAll(engine)
    expect(engine.seasons('arena', 'day').map(({ id, state }) => [id, state])).toEqual([
      ['2026-12-02', 'closed'],
      ['2026-12-03', 'closed'],
      ['2026-12-04', 'open'],
    ])
    const told = toldOf(temporary).map(([kind, , id]) => `${kind} ${id.slice(5)}`)
    expect(new Set(told).size).toBe(told.length)
    const opened = told.filter((text) => text.startsWith('open'))
    expect(opened.sort()).toEqual(
      ['11-28', '11-29', '11-30', '12-01', '12-02', '12-03', '12-04'].map((id) => `open ${id}`),
    )
  }))

test('retain counts seasons of the calendar, whether a record tells of them or not', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const windows = [{ name: 'day', every: 'day', graceMs: 30 * DAY_MS, retain: 3 }] as const
    const board = temporary.store.board('arena', { windows })
    await board.submit('ada', 1)
    const { context } = engine
    const id = context.store.snapshot((reader) => findBoard(reader, 'arena')?.id) ?? 0
    for (const days of [4, 5]) {
      temporary.clock.now = NOON + days * DAY_MS
      // As a submit does, and without what else is due: the days between leave no records.
      await context.store.write((writer) => turnBoard({ context, writer }, id))
    }
    expect(engine.seasons('arena', 'day').map(({ id: season }) => season)).toEqual([
      '2026-11-28',
      '2026-12-02',
      '2026-12-03',
    ])
    const gone = await board.submit('ada', 1, { at: NOON + DAY_MS })
    const kept = await board.submit('ada', 1, { at: NOON + 2 * DAY_MS })
    expect([gone.windows?.['day'], kept.windows?.['day']]).toEqual([
      { season: '2026-11-29', rank: undefined, sealed: true },
      { season: '2026-11-30', rank: 1 },
    ])
  }))

test('a request is answered again when the season that it is meant for is over', () =>
  withSeasons(async ({ temporary }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', { windows: ['day'] })
    const meant = { requestId: 'run-1', season: { day: '2026-11-28' } }
    const first = await board.submit('ada', 1, meant)
    temporary.clock.advance(13 * HOUR_MS)
    expect(await board.submit('ada', 1, meant)).toEqual({ ...first, repeated: true })
  }))

test('submitMany() refuses all before the first change if one is meant for another season', () =>
  withSeasons(async ({ temporary }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', { windows: ['day'] })
    await board.submit('ada', 1)
    await expect(
      board.submitMany([
        { playerId: 'ada', score: 2 },
        { playerId: 'bob', score: 2, season: { day: '2026-11-27' } },
      ]),
    ).rejects.toMatchObject({ code: 'SEASON_OVER', message: expect.stringContaining('1') })
    expect(board.get('ada')?.score).toBe(1)
    const [, second] = await board.submitMany([
      { playerId: 'ada', score: 2 },
      { playerId: 'bob', score: 3, season: { day: '2026-11-28' } },
    ])
    expect(second?.windows).toEqual({ day: { season: '2026-11-28', rank: 1 } })
  }))

test('a border belongs to the new season, to the microsecond', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = utc(29) - 0.001
    const board = temporary.store.board('arena', { windows: ['day'] })
    await board.submit('ada', 1)
    // The clock stands still: the next time of the store is the border.
    const { windows } = await board.submit('bob', 1)
    expect(windows).toEqual({ day: { season: '2026-11-29', rank: 1 } })
    const given = await board.submit('cyd', 1, { at: utc(29) - 0.001 })
    expect(given.windows).toEqual({ day: { season: '2026-11-28', rank: 2 } })
    expect(engine.seasons('arena', 'day').map(({ rows }) => rows.map(([id]) => id))).toEqual([
      ['ada', 'cyd'],
      ['bob'],
    ])
  }))

test('a clock that steps back opens nothing again', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', { windows: ['day'] })
    await board.submit('ada', 1)
    temporary.clock.now = NOON + DAY_MS
    await board.submit('ada', 2)
    temporary.clock.now = NOON
    expect(engine.now('arena', 'day')).toBe('2026-11-29')
    const { windows } = await board.submit('ada', 3)
    expect(windows).toEqual({ day: { season: '2026-11-29', rank: 1 } })
    expect(toldOf(temporary).filter(([kind]) => kind === 'open')).toHaveLength(2)
  }))

test('a submit ahead of the clock makes the season that comes, which begins at its border', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = utc(28, 23, 59)
    const board = temporary.store.board('arena', { windows: ['day'] })
    const early = await board.submit('ada', 5, { at: utc(29, 0, 1) })
    expect(early.windows).toEqual({ day: { season: '2026-11-29', rank: 1 } })
    await expect(
      board.submit('bob', 5, { at: utc(29, 0, 1), season: { day: '2026-11-29' } }),
    ).rejects.toThrow('it has not begun')
    expect(engine.seasons('arena', 'day').map(({ state }) => state)).toEqual(['open', 'coming'])
    temporary.clock.now = utc(29, 0, 2)
    await board.submit('bob', 4)
    expect(engine.seasons('arena', 'day').map(({ state, rows }) => [state, rows.length])).toEqual([
      ['closed', 0],
      ['open', 2],
    ])
  }))

test('value gain keeps what the scores of the board rose by', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, clock } = temporary
    const board = store.board('xp', { windows: [{ name: 'gained', every: 'day', value: 'gain' }] })
    await board.submit('ada', 100)
    clock.advance(1)
    await board.submit('ada', 130)
    clock.advance(1)
    await board.submit('ada', 20)
    clock.advance(1)
    await board.submit('ada', 50)
    clock.advance(DAY_MS)
    await board.submit('ada', 55)
    clock.advance(1)
    await board.submit('bob', -5)
    expect(engine.seasons('xp', 'gained').map(({ rows }) => rows)).toEqual([
      [['ada', 160, NOON + 3]],
      [
        ['ada', 5, NOON + 3 + DAY_MS],
        ['bob', 0, NOON + 4 + DAY_MS],
      ],
    ])
  }))

test('a submit that one window refuses is refused whole', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', {
      mode: 'set',
      windows: ['month', { name: 'sum', every: 'day', mode: 'increment' }],
    })
    await board.submit('ada', 2 ** 53)
    await expect(board.submit('ada', 1)).rejects.toMatchObject({ code: 'INEXACT' })
    expect(board.get('ada')?.score).toBe(2 ** 53)
    expect(engine.seasons('arena', 'month')[0]?.rows).toEqual([['ada', 2 ** 53, NOON]])
  }))

test('a score too weak for the board may enter a season, and the reverse', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const board = temporary.store.board('arena', {
      keep: 1,
      windows: ['day', { name: 'two', every: 'day', keep: 2 }],
    })
    await board.submit('ada', 9)
    const weak = await board.submit('bob', 5, { windows: 'all' })
    expect(weak).toMatchObject({ score: undefined, submitted: 5 })
    expect(weak.windows).toMatchObject({
      day: { rank: undefined, changed: false },
      two: { rank: 2, changed: true, created: true },
    })
    expect(engine.seasons('arena', 'two')[0]?.rows.map(([id]) => id)).toEqual(['ada', 'bob'])
    const run = temporary.store.log({ after: 0, kinds: ['submit'] }).records.at(-1)
    expect(run?.windows).toMatchObject({ two: { season: '2026-11-28', rank: 2, changed: true } })
  }))

test('a log of changes has a run that changes a season alone', () =>
  withSeasons(async ({ temporary }) => {
    temporary.clock.now = NOON
    const settings = { mode: 'best', log: 'changes', windows: ['day'] } as const
    const board = temporary.store.board('arena', settings)
    await board.submit('ada', 9)
    await board.submit('ada', 8)
    temporary.clock.advance(DAY_MS)
    await board.submit('ada', 7)
    await board.submit('ada', 7)
    const runs = temporary.store.log({ after: 0, kinds: ['submit'] }).records
    expect(runs.map(({ submitted, changed }) => [submitted, changed])).toEqual([
      [9, true],
      [7, false],
    ])
    expect(runs[1]?.windows).toMatchObject({ day: { season: '2026-11-29', changed: true } })
  }))

test('a window of gains is refused where scores come back that were counted before', () =>
  withSeasons(async ({ temporary }) => {
    const { store } = temporary
    const gain = { name: 'up', every: 'day', value: 'gain' } as const
    await expect(store.createBoard('full', { keep: 3, windows: [gain] })).rejects.toThrow(
      'only the best 3 are kept',
    )
    expect(store.hasBoard('full')).toBe(false)
    await store.createBoard('full', { keep: 3 })
    await expect(store.alter('full', { windows: [gain] })).rejects.toThrow(
      'only the best 3 are kept',
    )
  }))

test('startSeason() ends one season and begins the next; an id is never used twice', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, clock } = temporary
    const board = store.board('arena', { windows: [{ name: 'cup', every: 'manual' }] })
    const before = await board.submit('ada', 1)
    expect(before.windows).toEqual({ cup: { season: undefined, rank: undefined } })
    clock.advance(1)
    expect(await engine.start('arena', 'cup', 'spring')).toEqual({
      season: 'spring',
      from: NOON + 1,
    })
    clock.advance(1)
    await board.submit('ada', 2)
    clock.advance(HOUR_MS)
    await engine.start('arena', 'cup', 'summer')
    await expect(engine.start('arena', 'cup', 'spring')).rejects.toMatchObject({
      code: 'SEASON_EXISTS',
    })
    const late = await board.submit('bob', 5, { at: NOON + 3 })
    expect(late.windows).toEqual({ cup: { season: 'spring', rank: 1 } })
    const early = await board.submit('bob', 5, { at: NOON })
    expect(early.windows).toEqual({ cup: { season: undefined, rank: undefined } })
    expect(engine.seasons('arena', 'cup').map(({ id, state }) => [id, state])).toEqual([
      ['spring', 'closed'],
      ['summer', 'open'],
    ])
  }))

test('seasons that a window keeps no longer leave at once, and their finals stay', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, clock } = temporary
    const board = store.board('arena', {
      windows: [{ name: 'day', every: 'day', retain: 1, finals: true }],
    })
    await board.submitMany([
      { playerId: 'ada', score: 3 },
      { playerId: 'bob', score: 2 },
      { playerId: 'cyd', score: 2 },
      { playerId: 'dan', score: 1 },
    ])
    clock.advance(DAY_MS)
    await board.submit('ada', 1)
    clock.advance(DAY_MS)
    await board.submit('ada', 1)
    const past = await board.submit('ada', 1, { at: NOON })
    expect(past.windows).toEqual({
      day: { season: '2026-11-28', rank: undefined, sealed: true },
    })
    await turnAll(engine)
    await retireAll(engine)
    expect(engine.seasons('arena', 'day').map(({ id }) => id)).toEqual(['2026-11-29', '2026-11-30'])
    expect(finalsIn(engine)).toEqual([
      ['ada', '2026-11-28', 1, 1, 1, 4],
      ['bob', '2026-11-28', 2, 2, 2, 4],
      ['cyd', '2026-11-28', 3, 2, 2, 4],
      ['dan', '2026-11-28', 4, 4, 3, 4],
    ])
    await store.dropBoard('arena')
    expect(finalsIn(engine)).toEqual([])
  }))

function finalsIn({ context }: SeasonEngine): unknown[] {
  const range = { start: FINALS_START, end: FINALS_END }
  return [...context.store.current().pairs('people', range)].map(({ key, value }) => {
    const final = decodeFinal(key, value, 16)
    const { season, ordinal, competition, dense, size } = final as NonNullable<typeof final>
    return [finalPlaceOf(key)?.playerId, season, ordinal, competition, dense, size]
  })
}

test('alter() adds windows, alters and takes them away, and refuses by name what is fixed', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, clock } = temporary
    const board = store.board('arena', { mode: 'increment' })
    await board.submit('ada', 1)
    await board.submit('ada', 2)
    await store.alter('arena', { windows: ['day'] })
    expect(engine.seasons('arena', 'day')[0]?.rows).toEqual([])
    await store.alter('arena', { windows: { month: { fill: 'log' } } })
    expect(engine.seasons('arena', 'month')[0]?.rows).toEqual([['ada', 3, NOON + 0.001]])
    await board.submit('ada', 4)
    expect(engine.seasons('arena', 'month')[0]?.rows).toEqual([['ada', 7, NOON + 0.002]])
    await expect(
      store.alter('arena', { windows: { day: { timeZone: 'Europe/Berlin' } } }),
    ).rejects.toMatchObject({
      code: 'SETTINGS_DIFFER',
      message: expect.stringContaining('timeZone of window "day"'),
    })
    await expect(store.alter('arena', { windows: { year: null } })).rejects.toMatchObject({
      code: 'NO_WINDOW',
    })
    await store.alter('arena', { windows: { day: { graceMs: 0 } } })
    clock.now = utc(29)
    const late = await board.submit('ada', 1, { at: NOON })
    expect(late.windows?.['day']).toEqual({ season: '2026-11-28', rank: undefined, sealed: true })
    await store.alter('arena', { windows: { day: null } })
    expect(() => engine.seasons('arena', 'day')).toThrow('Cannot find window "day"')
    await retireAll(engine)
    const { windows } = await board.submit('ada', 1)
    expect(Object.keys(windows ?? {})).toEqual(['month'])
    const notes = store.log({ after: 0, kinds: ['alter'] }).records
    expect(notes.map((note) => note.windows)).toEqual([
      { day: { name: 'day', every: 'day' } },
      { month: { name: 'month', every: 'month', fill: 'log' } },
      { day: { name: 'day', every: 'day', graceMs: 0 } },
      { day: null },
    ])
  }))

test('a board has the windows that it is asked for with, or is refused', () =>
  withSeasons(async ({ temporary }) => {
    const { store } = temporary
    const early = store.board('later', { windows: ['day'] })
    await store.createBoard('arena', { windows: ['day', 'month'] })
    expect(store.boards()).toMatchObject([{ windows: [{ name: 'day' }, { name: 'month' }] }])
    store.board('arena')
    store.board('arena', { windows: ['day'] })
    for (const windows of [['year'], [{ every: 'day', timeZone: 'Asia/Tokyo' }]] as const)
      expect(() => store.board('arena', { windows })).toThrow('Cannot open board "arena"')
    await temporary.open().createBoard('later')
    await expect(early.submit('ada', 1)).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
  }))

// An import into an empty board built another one in its place, which had no windows.
test('an import goes to the seasons of its rows, also into an empty board and one that it makes', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const windows = ['day'] as const
    await store.createBoard('empty', { windows })
    for (const board of [store.board('empty', { windows }), store.board('unborn', { windows })]) {
      const rows = Readable.from([`playerId,score,at\nada,1,${NOON - 1}\nbob,2,${NOON - DAY_MS}\n`])
      const report = await board.importFrom(rows, { format: 'csv' })
      expect(report).toMatchObject({ imported: 2, changed: 2 })
      expect(engine.seasons(board.name, 'day').map(({ id, rows: [row] }) => [id, row])).toEqual([
        ['2026-11-27', ['bob', 2, NOON - DAY_MS]],
        ['2026-11-28', ['ada', 1, NOON - 1]],
      ])
      expect(board.top().map(({ playerId }) => playerId)).toEqual(['bob', 'ada'])
    }
  }))

test('drop takes all that there was of windows', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, clock } = temporary
    const board = store.board('arena', { windows: ['day', 'month'] })
    await board.submit('ada', 1)
    clock.advance(DAY_MS)
    await board.submit('ada', 1)
    await store.dropBoard('arena')
    const again = store.board('arena')
    expect(await again.submit('ada', 1)).not.toHaveProperty('windows')
    clock.advance(100 * DAY_MS)
    expect(await turnAll(engine)).toBe(0)
  }))
