/**
 * Reading the windows of a board: the season that is on, those that are over, and what crosses a border.
 *
 * @module
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { retireSeasons } from '../../src/embedded/seasons/retire.ts'
import type { Leaderboard, SeasonView, WatchUpdate, WindowSettings } from '../../src/index.ts'
import { problemOf } from '../model/calls.ts'
import { withSeasons } from '../seasons/engine.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
const NOVEMBER = Date.UTC(2025, 10, 1)
const GRACE_MS = 600_000
const CUP: WindowSettings = { name: 'cup', every: 'manual' }

/** Runs a test on a board with windows, in the middle of October 2025. */
async function withWindows(
  windows: (WindowSettings | 'day' | 'week' | 'month')[],
  body: (board: Leaderboard, temporary: TemporaryStore) => Promise<void>,
): Promise<void> {
  await withStore(async (temporary) => {
    const { store } = temporary
    await body(await store.createBoard('arena', { mode: 'best', windows }), temporary)
  })
}

function refusalOf(read: () => unknown): string {
  try {
    return `answered ${JSON.stringify(read())}`
  } catch (error) {
    return problemOf(error)
  }
}

test('window() reads the season that is on, and goes on with the next one at its border', () =>
  withWindows(['month'], async (arena, { store, clock }) => {
    await arena.submit('ada', 900)
    const month = arena.window('month')
    expect([month.window, month.season, month.sealed]).toEqual(['month', '2025-10', false])
    expect([month.from, month.to]).toEqual([Date.UTC(2025, 9, 1), NOVEMBER])
    expect([month.size, month.rank('ada')]).toEqual([1, 1])

    clock.now = NOVEMBER - 0.001
    expect(month.season).toBe('2025-10')
    const { sequence } = store
    clock.now = NOVEMBER
    expect([month.season, month.size, month.rank('ada')]).toEqual(['2025-11', 0, undefined])
    expect([month.top(), month.get('ada'), month.info.size]).toEqual([[], undefined, 0])
    // A border makes nobody write.
    expect(store.sequence).toBe(sequence)
    const october = arena.window('month', '2025-10')
    expect([october.season, october.rank('ada'), october.sealed]).toEqual(['2025-10', 1, false])

    await arena.submit('bob', 5)
    await arena.submit('ada', 3)
    expect(month.top().map(({ playerId, score }) => [playerId, score])).toEqual([
      ['bob', 5],
      ['ada', 3],
    ])
    expect([arena.rank('ada'), october.top()[0]?.score]).toEqual([1, 900])
    clock.now = NOVEMBER + GRACE_MS - 1
    expect(october.sealed).toBe(false)
    clock.now = NOVEMBER + GRACE_MS
    expect(october.sealed).toBe(true)
    expect(arena.window('month', '2025-10').sealed).toBe(true)
  }))

// What was sealed would have been open again.
test('a clock that steps back opens no season again', () =>
  withWindows(['month'], async (arena, { clock }) => {
    await arena.submit('ada', 1)
    const month = arena.window('month')
    clock.now = NOVEMBER + GRACE_MS
    await arena.submit('bob', 2)
    clock.now = NOVEMBER - DAY_MS
    expect([month.season, month.size]).toEqual(['2025-11', 1])
    expect(arena.window('month', '2025-10').sealed).toBe(true)
    expect(arena.windows()[0]?.season).toBe('2025-11')
  }))

test('window() refuses names and ids that are none, and so do reads of what is gone', () =>
  withWindows(['month', CUP], async (arena, { store, clock }) => {
    expect(refusalOf(() => arena.window('week'))).toBe('NO_WINDOW')
    for (const season of ['2025-11', '2025-09', '1970-01', 'x', '2025-13'])
      expect([season, refusalOf(() => arena.window('month', season))]).toEqual([
        season,
        'NO_SEASON',
      ])
    expect(refusalOf(() => arena.window('month', ''))).toBe('RangeError')
    const month = arena.window('month')
    const cup = arena.window('cup')
    // Nobody has started one.
    expect([cup.season, cup.from, cup.to, cup.sealed, cup.size]).toEqual([
      ...[undefined, undefined, undefined, false, 0],
    ])
    expect(refusalOf(() => arena.window('cup', 'spring'))).toBe('NO_SEASON')
    await arena.startSeason('cup', 'spring')
    await arena.submit('ada', 1)
    expect([cup.season, cup.size, cup.to]).toEqual(['spring', 1, undefined])
    await store.alter('arena', { windows: { month: null } })
    expect(refusalOf(() => month.size)).toBe('NO_WINDOW')
    clock.advance(1000)
    await store.dropBoard('arena')
    expect(refusalOf(() => cup.size)).toBe('NO_BOARD')
  }))

test('a season that has not begun is not there, though a submit has gone to it', () =>
  withWindows(['month'], async (arena, { clock }) => {
    clock.now = NOVEMBER - 60_000
    await arena.submit('ada', 1, { at: NOVEMBER + 60_000 })
    const month = arena.window('month')
    expect([month.season, month.size, month.to]).toEqual(['2025-10', 0, NOVEMBER])
    expect(refusalOf(() => arena.window('month', '2025-11'))).toBe('NO_SEASON')
    expect(arena.seasons('month').map(({ season }) => season)).toEqual(['2025-10'])
    clock.now = NOVEMBER
    expect([month.season, month.rank('ada'), arena.window('month', '2025-11').size]).toEqual([
      ...['2025-11', 1, 1],
    ])
    expect(arena.seasons('month').map(({ size }) => size)).toEqual([1, 0])
  }))

test('a view of a board that was dropped goes on with the next one of its name', () =>
  withWindows(['month'], async (arena, { store, clock }) => {
    const month = arena.window('month')
    await arena.submit('ada', 1)
    await store.dropBoard('arena')
    expect(refusalOf(() => month.size)).toBe('NO_BOARD')
    const settings = { mode: 'best', windows: ['month'] } as const
    await store.createBoard('arena', settings)
    // No ghosts: neither entries nor seasons of the one before.
    expect([month.size, month.season, month.rank('ada')]).toEqual([0, '2025-10', undefined])
    clock.now = NOVEMBER + DAY_MS
    expect(store.board('arena').finals('ada', 'month')).toEqual([])
    await store.board('arena').submit('bob', 2)
    expect(month.top().map(({ playerId }) => playerId)).toEqual(['bob'])
  }))

test('a board that does not exist yet has the windows that it was asked for with', () =>
  withStore(async ({ store, clock }) => {
    const arena = store.board('arena', { windows: ['month', CUP] })
    const month = arena.window('month')
    expect([month.season, month.size, arena.window('cup').season]).toEqual([
      '2025-10',
      0,
      undefined,
    ])
    expect(arena.windows().map(({ window }) => window)).toEqual(['month', 'cup'])
    expect(arena.seasons('month')).toMatchObject([{ season: '2025-10', size: 0 }])
    expect(arena.finals('ada', 'month')).toEqual([])
    expect(refusalOf(() => arena.window('week'))).toBe('NO_WINDOW')
    expect(store.hasBoard('arena')).toBe(false)
    clock.now = NOVEMBER
    expect(month.season).toBe('2025-11')
    await arena.submit('ada', 1)
    expect(month.size).toBe(1)
    expect(refusalOf(() => store.board('other').window('month'))).toBe('NO_WINDOW')
  }))

/** Every read that a season answers as it did while it was on. */
function allAnswers(view: SeasonView): unknown {
  const { entries, next } = view.page({ limit: 3 })
  return [
    ...[view.size, view.get('p3'), view.rank('p3'), view.ranks(['p1', 'x', 'p2'])],
    ...[view.standing('p4'), view.top(3), view.range(2, 4), view.entryAt(2)],
    ...[view.around('p5'), view.between(2, 5), view.countBetween(2, 5)],
    ...[[...view.entries()], entries, view.page({ after: next }).entries],
    ...[view.among(['p1', 'p2', 'x']), view.gap('p2'), view.scoreAt(2)],
    ...[view.scoreFor({ rank: 2 }), view.scoreFor({ topPercent: 10, playerId: 'p1' })],
    ...[view.history('p1').records.map(({ seq }) => seq), view.rules(), view.season],
    ...(['competition', 'dense'] as const).map((rankMode) => view.top(9, { rankMode })),
  ]
}

test('a season answers every read after it is sealed as it did while it was on', () =>
  withWindows(['month'], async (arena, temporary) => {
    const { clock } = temporary
    for (const score of [3, 1, 2, 3, 5, 4, 3]) await arena.submit(`p${score}${score % 2}`, score)
    await arena.submitMany([1, 2, 3, 4, 5].map((score) => ({ playerId: `p${score}`, score })))
    const before = allAnswers(arena.window('month'))
    const exported = join(temporary.path, '..', `${Date.now()}-${process.pid}.csv`)
    clock.now = NOVEMBER + 40 * DAY_MS
    await arena.submitMany([
      { playerId: 'p1', score: 99 },
      { playerId: 'new', score: 7 },
    ])
    await temporary.reopen()
    const october = (temporary.store.board('arena') as Leaderboard).window('month', '2025-10')
    expect(october.sealed).toBe(true)
    expect(allAnswers(october)).toEqual(before)
    expect((await october.find('p1')).map(({ playerId }) => playerId)).toEqual(['p1', 'p11'])
    await october.exportTo(exported, { top: 2, force: true })
    expect((await readFile(exported, 'utf8')).split('\n')).toHaveLength(4)
  }))

test('cursors hold for their season, also when it is sealed, and no other', () =>
  withWindows(['month', 'week'], async (arena, { clock }) => {
    await arena.submitMany([1, 2, 3].map((score) => ({ playerId: `p${score}`, score })))
    const month = arena.window('month')
    const { next } = month.page({ limit: 1 })
    expect(month.page({ after: next }).entries).toHaveLength(2)
    expect(refusalOf(() => arena.page({ after: next }))).toBe('BAD_CURSOR')
    expect(refusalOf(() => arena.window('week').page({ after: next }))).toBe('BAD_CURSOR')
    clock.now = NOVEMBER + DAY_MS
    const october = arena.window('month', '2025-10')
    expect(october.page({ after: next }).entries.map(({ playerId }) => playerId)).toEqual([
      ...['p2', 'p1'],
    ])
    expect(refusalOf(() => month.page({ after: next }))).toBe('BAD_CURSOR')
    await arena.submit('p1', 1)
    expect(() => month.page({ after: next })).toThrow(
      'belong to a page of month 2025-11 of board "arena"',
    )
  }))

test('a season has the tiers and the rules of its board, among its own entries', () =>
  withWindows(['month'], async (arena, { store, clock }) => {
    const tiers = [{ name: 'gold', rank: 1 }, { name: 'silver', score: 50 }, { name: 'bronze' }]
    await store.alter('arena', { tiers, max: 1000 })
    await arena.submit('old', 500)
    clock.now = NOVEMBER
    await arena.submit('ada', 60)
    await arena.submit('bob', 40)
    const month = arena.window('month')
    expect(month.rules()).toEqual({ tiers, max: 1000 })
    expect(month.standing('ada')).toMatchObject({ tier: 'gold', total: 2, percentile: 100 })
    expect(arena.standing('ada')).toMatchObject({ tier: 'silver', total: 3 })
    expect(month.standing('bob')).toMatchObject({ tier: 'bronze', next: { name: 'silver' } })
    expect(month.standingOf(70)).toMatchObject({ tier: 'gold' })
  }))

test('history() of a season has the runs that it took, page by page', () =>
  withWindows(['month'], async (arena, { clock }) => {
    const october = arena.window('month', '2025-10')
    for (const score of [1, 5, 3]) await arena.submit('ada', score)
    await arena.submit('bob', 4)
    clock.now = NOVEMBER + 1000
    await arena.submit('ada', 2)
    // In grace: a run of October that comes in November.
    await arena.submit('ada', 9, { at: NOVEMBER - 1000 })
    clock.now = NOVEMBER + GRACE_MS
    // Too late: October takes no more.
    await arena.submit('ada', 11, { at: NOVEMBER - 1000 })
    const submitted = (season?: string) =>
      arena
        .window('month', season)
        .history('ada')
        .records.map((run) => run.submitted)
    expect(submitted('2025-10')).toEqual([9, 3, 5, 1])
    expect(submitted()).toEqual([2])
    const first = october.history('ada', { limit: 2 })
    expect(first.records.map((run) => run.submitted)).toEqual([9, 3])
    const { records, next } = october.history('ada', { limit: 9, before: first.next ?? 0 })
    expect([records.map((run) => run.submitted), next]).toEqual([[5, 1], undefined])
    expect(october.history('nobody').records).toEqual([])
  }))

// The runs that filled the season were not in its history: they were made before there was a window to name.
test('history() of a season has the runs that filled it from the log', () =>
  withWindows([], async (arena, { store, clock }) => {
    clock.now = NOVEMBER - DAY_MS
    await arena.submit('ada', 1)
    clock.now = NOVEMBER + DAY_MS
    await arena.submit('ada', 2)
    const windows = { month: { every: 'month', fill: 'log' }, year: { every: 'year' } } as const
    await store.alter('arena', { windows })
    clock.advance(1000)
    await arena.submit('ada', 3)
    const submitted = (window: string) =>
      arena
        .window(window)
        .history('ada')
        .records.map((run) => run.submitted)
    expect([submitted('month'), submitted('year')]).toEqual([[3, 2], [3]])
  }))

test('watch() of a window goes on across the border, and says that a season began', () =>
  withWindows(['month'], async (arena, { clock }) => {
    await arena.submit('ada', 1)
    const updates = arena.window('month').watch({ intervalMs: 10 })
    const first = await next(updates)
    expect(first).toMatchObject({ season: '2025-10', total: 1, changes: [] })
    expect(first).not.toHaveProperty('began')
    clock.now = NOVEMBER
    expect(await next(updates)).toEqual({
      ...{ sequence: first.sequence, season: '2025-11', began: true },
      ...{ total: 0, entries: [], changes: [] },
    })
    await arena.submit('bob', 2)
    const entered = await next(updates)
    expect(entered).toMatchObject({ season: '2025-11', changes: [{ playerId: 'bob' }] })
    expect(entered).not.toHaveProperty('began')
    await updates.return()
    const given = arena.window('month', '2025-10').watch({ playerId: 'ada', intervalMs: 10 })
    expect(await next(given)).toMatchObject({ season: '2025-10', entries: [{ playerId: 'ada' }] })
    await given.return()
  }))

async function next(updates: AsyncGenerator<WatchUpdate>): Promise<WatchUpdate> {
  const { value, done } = await updates.next()
  if (done === true) throw new Error('the watch ended')
  return value
}

test('windows() says what is on, since when and how long it still lasts', () =>
  withWindows(['month', { ...CUP, graceMs: 0, retain: 3 }], async (arena, { clock }) => {
    clock.now = NOVEMBER - 5000
    expect(arena.windows()).toEqual([
      {
        ...{ window: 'month', season: '2025-10', from: Date.UTC(2025, 9, 1), to: NOVEMBER },
        ...{ remainingMs: 5000, every: 'month' },
      },
      {
        ...{ window: 'cup', season: undefined, from: undefined, to: undefined },
        ...{ remainingMs: undefined, every: 'manual', graceMs: 0, retain: 3 },
      },
    ])
    expect(await arena.startSeason('cup', 'spring')).toEqual({
      ...{ season: 'spring', from: expect.any(Number) },
    })
    expect(arena.windows()[1]).toMatchObject({ season: 'spring', to: undefined })
    expect(arena.info.windows).toEqual([
      { name: 'month', every: 'month' },
      { name: 'cup', every: 'manual', graceMs: 0, retain: 3 },
    ])
  }))

test('seasons() lists the newest first, those without an entry too, in pages', () =>
  withWindows(['day'], async (arena, { store, clock }) => {
    await arena.submit('ada', 1)
    clock.advance(4 * DAY_MS)
    // Nobody wrote in between, and nobody need write: a read knows the days.
    const idsOf = (options?: object) => arena.seasons('day', options).map(({ season }) => season)
    const days = ['2025-10-13', '2025-10-12', '2025-10-11', '2025-10-10', '2025-10-09']
    expect(idsOf()).toEqual(days)
    expect(arena.seasons('day').map(({ size, sealed }) => [size, sealed])).toEqual([
      [0, false],
      ...[
        [0, true],
        [0, true],
        [0, true],
      ],
      [1, true],
    ])
    expect(arena.window('day', '2025-10-11').size).toBe(0)
    await arena.submit('bob', 2)
    expect(idsOf()).toEqual(days)
    expect(idsOf({ limit: 2 })).toEqual(days.slice(0, 2))
    expect(idsOf({ limit: 2, after: days[1] })).toEqual(days.slice(2, 4))
    expect(idsOf({ limit: 2, before: days[4] })).toEqual(days.slice(2, 4))
    expect(idsOf({ before: days[0] })).toEqual([])
    expect(refusalOf(() => idsOf({ after: '2025-10-08' }))).toBe('NO_SEASON')
    expect(refusalOf(() => idsOf({ after: days[1], before: days[2] }))).toBe('TypeError')
    await store.alter('arena', { windows: { day: { retain: 2 } } })
    // At once, though nothing may be freed yet.
    expect(idsOf()).toEqual(days.slice(0, 3))
    expect(refusalOf(() => arena.window('day', '2025-10-09'))).toBe('NO_SEASON')
    const kept = arena.window('day', '2025-10-11')
    clock.advance(DAY_MS)
    expect(refusalOf(() => kept.size)).toBe('NO_SEASON')
    expect(idsOf()).toEqual(['2025-10-14', '2025-10-13', '2025-10-12'])
  }))

test('finals() has the sealed seasons of a player, newest first, in the rank mode asked', () =>
  withWindows(['day'], async (arena, { clock }) => {
    const seasons: string[] = []
    for (let i = 0; i < 5; i++) {
      await arena.submitMany([
        ...(i === 2 ? [] : [{ playerId: 'ada', score: 10 - i }]),
        ...[
          { playerId: 'bob', score: 10 - i },
          { playerId: `p${i}`, score: 9 + i },
        ],
      ])
      seasons.unshift(arena.window('day').season as string)
      clock.advance(DAY_MS)
    }
    const finals = arena.finals('ada', 'day')
    const [newest, second, , third, oldest] = seasons
    expect(finals.map(({ season }) => season)).toEqual([newest, second, third, oldest])
    expect(finals[0]).toEqual({
      ...{ season: newest, from: Date.parse(newest as string), score: 6, rank: 2, size: 3 },
      ...{ to: Date.parse(newest as string) + DAY_MS, at: expect.any(Number) },
    })
    expect(arena.finals('bob', 'day').map(({ rank }) => rank)).toEqual([3, 3, 2, 3, 2])
    const competition = arena.finals('bob', 'day', { rankMode: 'competition' })
    expect(competition.map(({ rank }) => rank)).toEqual([2, 2, 2, 2, 1])
    const idsOf = (options: object) =>
      arena.finals('ada', 'day', options).map(({ season }) => season)
    expect(idsOf({ limit: 1, after: newest })).toEqual([second])
    expect(idsOf({ limit: 1, before: oldest })).toEqual([third])
    expect(arena.finals('nobody', 'day')).toEqual([])
    expect(refusalOf(() => arena.finals('ada', 'week'))).toBe('NO_WINDOW')
  }))

test('finals() are the same before a season leaves, on its way, and when it is gone', () =>
  withSeasons(async ({ temporary, engine }) => {
    const { store, clock } = temporary
    const windows = [{ name: 'day', every: 'day', retain: 1, finals: true }] as const
    const arena = store.board('arena', { mode: 'best', windows })
    for (let i = 0; i < 4; i++) {
      await arena.submitMany([3, 2, 2].map((score, k) => ({ playerId: `p${k}`, score: score + i })))
      clock.advance(DAY_MS)
    }
    const finals = () =>
      (['ordinal', 'competition', 'dense'] as const).map((rankMode) =>
        ['p0', 'p1', 'p2'].map((playerId) => arena.finals(playerId, 'day', { rankMode })),
      )
    const before = finals()
    expect(before[0]?.map((of) => of.map(({ rank }) => rank))).toEqual([
      ...[
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [3, 3, 3, 3],
      ],
    ])
    expect(before[2]?.[2]?.map(({ rank }) => rank)).toEqual([2, 2, 2, 2])
    expect(arena.seasons('day').map(({ size }) => size)).toEqual([0, 3])
    await arena.submit('new', 1)
    expect(finals()).toEqual(before)
    await retireSeasons({ context: engine.context, isEnded: () => false })
    expect(engine.seasons('arena', 'day').map(({ rows }) => rows.length)).toEqual([3, 1])
    expect(finals()).toEqual(before)
    const [, second, third] = arena.finals('p0', 'day').map(({ season }) => season)
    expect(arena.finals('p0', 'day', { after: second, limit: 1 })).toEqual([before[0]?.[0]?.[2]])
    expect(arena.finals('p0', 'day', { before: third, limit: 1 })).toEqual([before[0]?.[0]?.[1]])
  }))

test('a snapshot has windows and seasons of its own instant', () =>
  withWindows(['month'], async (arena, { store, clock }) => {
    await arena.submit('ada', 5)
    store.snapshot((view) => {
      const board = view.board('arena')
      const month = board.window('month')
      expect([month.season, month.rank('ada'), month.sealed]).toEqual(['2025-10', 1, false])
      // The clock goes on, the snapshot stays.
      clock.now = NOVEMBER + GRACE_MS
      expect([month.season, month.window]).toEqual(['2025-10', 'month'])
      expect(board.window('month').season).toBe('2025-10')
      expect(board.windows()[0]?.season).toBe('2025-10')
      expect(board.seasons('month')).toMatchObject([{ season: '2025-10', size: 1 }])
      expect([month.from, month.to]).toEqual([Date.UTC(2025, 9, 1), NOVEMBER])
      expect(JSON.parse(JSON.stringify(month))).toMatchObject({
        window: 'month',
        season: '2025-10',
      })
      expect(refusalOf(() => board.window('month', '2025-11'))).toBe('NO_SEASON')
      expect(refusalOf(() => board.window('week'))).toBe('NO_WINDOW')
    })
    const kept = store.snapshot((view) => {
      const board = view.board('arena')
      const october = board.window('month', '2025-10')
      expect([october.sealed, october.history('ada').records.length]).toEqual([true, 1])
      expect(board.finals('ada', 'month')).toMatchObject([{ season: '2025-10', rank: 1 }])
      return october
    })
    expect(refusalOf(() => kept.rank('ada'))).toBe('CLOSED')
  }))

test('a view tells its season in JSON, and its settings', () =>
  withWindows(
    [{ name: 'cup', every: 'manual', mode: 'increment', keep: 2 }],
    async (arena, { store }) => {
      const cup = arena.window('cup')
      const shown = {
        name: 'arena',
        order: 'descending',
        mode: 'increment',
        keep: 2,
        window: 'cup',
      }
      expect(JSON.parse(JSON.stringify(cup))).toEqual(shown)
      await arena.startSeason('cup', 'one')
      expect(JSON.parse(JSON.stringify(cup))).toEqual({ ...shown, season: 'one' })
      expect([cup.mode, cup.keep, arena.mode, arena.keep]).toEqual([
        'increment',
        2,
        'best',
        undefined,
      ])
      await arena.submitMany([1, 2, 3].map((score) => ({ playerId: `p${score}`, score })))
      expect([cup.size, cup.scoreFor({ rank: 3 }).mustBeat]).toEqual([2, true])
      expect(cup.standingOf(1)).toBeUndefined()
      // As a board does, a view shows what it is after the end of the store, and of its window.
      await store.alter('arena', { windows: { cup: null } })
      expect([cup.name, cup.keep, refusalOf(() => cup.season)]).toEqual(['arena', 2, 'NO_WINDOW'])
      await store.close()
      expect(JSON.parse(JSON.stringify(cup))).toEqual({ ...shown, season: 'one' })
      expect(inspect(cup)).toMatch(/^SeasonView \{\s+name: 'arena'/)
      expect([cup.order, refusalOf(() => cup.season)]).toEqual(['descending', 'CLOSED'])
    },
  ))

// What was left of a season had fractions of a millisecond behind the times that the store gives.
test('windows() says in whole milliseconds how long a season still lasts', () =>
  withWindows(['month'], async (arena, { clock }) => {
    clock.now = NOVEMBER - 5000
    await arena.submitMany([1, 2, 3].map((score) => ({ playerId: `p${score}`, score })))
    expect(arena.windows()[0]?.remainingMs).toBe(5000)
    clock.now = NOVEMBER - 0.5
    expect(arena.windows()[0]?.remainingMs).toBe(1)
  }))

// A board that the first submit would have made with its windows was none to begin a season of.
test('startSeason() makes a board that was asked for with windows, and no other', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena', { mode: 'best', windows: ['day', CUP] })
    await expect(arena.startSeason('week', 'x')).rejects.toMatchObject({ code: 'NO_WINDOW' })
    await expect(arena.startSeason('day', 'x')).rejects.toThrow('its seasons begin by its calendar')
    expect(store.hasBoard('arena')).toBe(false)
    expect(await arena.startSeason('cup', 'spring')).toMatchObject({ season: 'spring' })
    expect([arena.info.mode, arena.window('cup').season]).toEqual(['best', 'spring'])
    const kinds = store.log().records.map(({ kind, window }) => [kind, window])
    expect(kinds).toEqual([
      ['create', undefined],
      ['season-open', 'day'],
      ['season-open', 'cup'],
    ])
    const other = store.board('other')
    await expect(other.startSeason('cup', 'spring')).rejects.toMatchObject({ code: 'NO_BOARD' })
    expect(store.hasBoard('other')).toBe(false)
    await store.dropBoard('arena')
    await expect(arena.startSeason('cup', 'again')).rejects.toMatchObject({ code: 'NO_BOARD' })
  }))

test('an id of a season has no control characters', () =>
  withWindows([CUP], async (arena) => {
    for (const id of ['a\nb', '\u0000', 'x\u007f', '\u001b[2J'])
      await expect(arena.startSeason('cup', id)).rejects.toThrow(
        'it must have no control characters',
      )
    expect(refusalOf(() => arena.window('cup', 'a\tb'))).toBe('RangeError')
    expect(await arena.startSeason('cup', 'Frühling 🌱')).toMatchObject({ season: 'Frühling 🌱' })
  }))

// Who looked at the answer of alter() saw the rules, and nothing of the window that was added.
test('alter() answers with the windows if it names some', () =>
  withWindows(['month'], async (arena, { store }) => {
    expect(await store.alter('arena', { max: 9 })).toEqual({ max: 9 })
    const altered = await store.alter('arena', { windows: { w: 'week', month: { retain: 2 } } })
    expect(altered).toEqual({ max: 9, windows: arena.windows() })
    expect(altered.windows).toMatchObject([
      { window: 'month', retain: 2, season: '2025-10' },
      { window: 'w', every: 'week', season: expect.any(String) },
    ])
    const gone = await store.alter('arena', { windows: { w: null } })
    expect(gone.windows?.map(({ window }) => window)).toEqual(['month'])
  }))

test('a call without a window says which ones there are', () =>
  withWindows(['month', CUP], async (arena, { store }) => {
    const none = undefined as unknown as string
    expect(() => arena.window(none)).toThrow(
      'Cannot read a season without a window: board "arena" has "month", "cup"; give window',
    )
    expect(() => store.snapshot((view) => view.board('arena').seasons(none))).toThrow(
      'Cannot list seasons without a window',
    )
    expect(() => store.board('bare').finals('ada', none)).toThrow(
      'Cannot list finals without a window: board "bare" has none; alter adds one',
    )
  }))
