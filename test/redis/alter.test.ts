/**
 * Windows of boards on a server that are added, altered and taken away, while others have the board open. That each
 * alteration comes to what the embedded engine makes of it is told side by side.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { BoardAlteration } from '../../src/index.ts'
import { problemIn } from '../model/calls.ts'
import { DAY, NOON_MS, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function namesIn(board: { windows(): Promise<{ window: string }[]> }): Promise<string[]> {
  return (await board.windows()).map(({ window }) => window)
}

describeOnRedis('alter on a server', () => {
  test('adds a window to a board that had none, and who has it open goes on with it', () =>
    withRedisScene(async ({ store, other }) => {
      const arena = await store.board('arena', { mode: 'increment' })
      await arena.submit('ann', 5)
      const { windows } = await other.alter('arena', { windows: [DAY] })
      expect(windows).toMatchObject([{ window: 'day', season: '2026-11-28', graceMs: 0 }])
      expect(await namesIn(arena)).toEqual(['day'])
      expect(await (await arena.window('day')).top()).toEqual([])
      const answer = await arena.submit('ann', 2, { windows: 'all', season: { day: '2026-11-28' } })
      expect(answer).toMatchObject({ score: 7, windows: { day: { score: 2, rank: 1 } } })
      expect(await store.boards()).toEqual(await other.boards())
    }))

  test('is followed by every call of an open board: none goes by settings of before', () =>
    withRedisScene(async ({ store, other, clock }) => {
      await other.createBoard('arena', { windows: [DAY, 'month'] })
      const calls: Record<string, (board: Awaited<ReturnType<typeof opened>>) => unknown> = {
        windows: async (board) => namesIn(board),
        seasons: async (board) => (await board.seasons('cup')).length,
        window: async (board) => (await board.window('cup')).season,
        finals: (board) => board.finals('ann', 'cup'),
        startSeason: async (board) => (await board.startSeason('cup', 'more')).season,
        gone: (board) => problemIn(() => board.seasons('day')),
        guarded: (board) => problemIn(() => board.submit('ann', 1, { season: { day: 'x' } })),
        submit: async (board) => Object.keys((await board.submit('bob', 1)).windows ?? {}),
        remove: (board) => board.remove('bob'),
        size: (board) => board.size(),
      }
      const opened = () => store.openBoard('arena')
      const boards = await Promise.all(Object.keys(calls).map(opened))
      const seen = await (boards[0] as (typeof boards)[0]).window('day')
      await other.alter('arena', { windows: { day: null, cup: { every: 'manual' } } })
      await (await other.openBoard('arena')).startSeason('cup', 'one')
      const answers: Record<string, unknown> = {}
      for (const [i, [name, call]] of Object.entries(calls).entries()) {
        clock.now++
        answers[name] = await call(boards[i] as (typeof boards)[0])
      }
      expect(answers).toEqual({
        windows: ['month', 'cup'],
        ...{ seasons: 1, window: 'one', finals: [], startSeason: 'more' },
        ...{ gone: 'NO_WINDOW', guarded: 'NO_WINDOW', submit: ['month', 'cup'] },
        ...{ remove: true, size: 0 },
      })
      expect(await problemIn(() => seen.top())).toBe('NO_WINDOW')
    }))

  test('takes a window away with all that it has: the same name again begins anew', () =>
    withRedisScene(async ({ store, other, admin, clock }) => {
      const arena = await store.board('arena', { windows: [DAY, 'month'] })
      for (let i = 0; i < 3; i++) {
        await arena.submit('ann', i)
        clock.now += DAY_MS
      }
      const before = await arena.submit('ann', 9, { requestId: 'r', windows: 'all' })
      await other.alter('arena', { windows: { day: null } })
      expect(await admin.keys('ld{arena}:[ws]1*')).toEqual([])
      await other.alter('arena', { windows: { day: { ...DAY, every: 'day', retain: 2 } } })
      expect(await namesIn(arena)).toEqual(['month', 'day'])
      expect((await arena.seasons('day')).map(({ season }) => season)).toEqual(['2026-12-01'])
      expect(await arena.finals('ann', 'day')).toEqual([])
      expect(await (await arena.window('month')).get('ann')).toMatchObject({ score: 9 })
      // What was told at first is told again, of a window that is gone too.
      const again = await arena.submit('ann', 9, { requestId: 'r', windows: 'all' })
      expect(again).toEqual({ ...before, repeated: true })
      await arena.submit('ann', 4)
      expect(await (await arena.window('day')).get('ann')).toMatchObject({ score: 4 })
      await store.dropBoard('arena')
      expect(await admin.keys('ld{arena}:*')).toEqual([])
    }))

  test('of keep takes off who is too many, and leaves final standings as they are', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      const submitAll = async (): Promise<void> => {
        for (let i = 0; i < 5; i++) await arena.submit(`p${i}`, i)
      }
      await submitAll()
      clock.now += DAY_MS
      await submitAll()
      await other.alter('arena', { windows: { day: { keep: 2 } } })
      const sizes = async (): Promise<number[]> =>
        (await arena.seasons('day')).map(({ size }) => size)
      expect(await sizes()).toEqual([2, 5])
      expect((await (await arena.window('day')).top()).map(({ score }) => score)).toEqual([4, 3])
      await arena.submit('p2', 2.5)
      expect(await sizes()).toEqual([2, 5])
      await other.alter('arena', { windows: { day: { keep: null } } })
      expect(await sizes()).toEqual([2, 5])
      await arena.submit('p1', 1)
      expect(await sizes()).toEqual([3, 5])
    }))

  test('of keep reaches a season that a shorter grace seals with it', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [{ ...DAY, graceMs: DAY_MS }] })
      for (const id of ['ann', 'bob', 'cid']) await arena.submit(id, 1)
      clock.now += DAY_MS
      await store.alter('arena', { windows: { day: { graceMs: 0, keep: 2 } } })
      const seasons = (await arena.seasons('day')).map(({ sealed, size }) => ({ sealed, size }))
      expect(seasons).toEqual([
        { sealed: false, size: 0 },
        { sealed: true, size: 2 },
      ])
    }))

  test('of graceMs opens nothing that was sealed, and seals at once what is over by it', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      clock.now += DAY_MS
      await other.alter('arena', { windows: { day: { graceMs: 100 * HOUR_MS } } })
      const late = async (): Promise<unknown> =>
        (await arena.submit('ann', 2, { at: NOON_MS })).windows?.['day']
      expect(await late()).toMatchObject({ season: '2026-11-28', sealed: true })
      clock.now += DAY_MS
      // The one that was on at the alteration ended since, and is in grace.
      const of29 = { at: NOON_MS + DAY_MS }
      expect((await arena.submit('bob', 3, of29)).windows?.['day']).toMatchObject({ rank: 1 })
      await other.alter('arena', { windows: { day: { graceMs: 0 } } })
      clock.now -= DAY_MS
      const day = { season: '2026-11-29', sealed: true }
      expect((await arena.submit('cid', 4, of29)).windows?.['day']).toMatchObject(day)
      await other.alter('arena', { windows: { day: { graceMs: 100 * HOUR_MS } } })
      expect((await arena.submit('cid', 4, of29)).windows?.['day']).toMatchObject(day)
      expect((await arena.seasons('day')).map(({ sealed }) => sealed)).toEqual([false, true, true])
    }))

  test('of retain and finals: what left stays away, and tells finals if they were kept', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const arena = await store.board('arena', { windows: [{ ...DAY, retain: 1, finals: true }] })
      const played = async (days: number): Promise<void> => {
        for (let i = 0; i < days; i++) {
          clock.now += DAY_MS
          await arena.submit('ann', 1)
        }
      }
      const alter = (day: object): Promise<unknown> => other.alter('arena', { windows: { day } })
      const told = async (): Promise<[seasons: number, finals: number]> => [
        (await arena.seasons('day')).length,
        (await arena.finals('ann', 'day')).length,
      ]
      await played(4)
      expect(await told()).toEqual([2, 3])
      await alter({ retain: 3 })
      expect(await told()).toEqual([2, 3])
      await alter({ finals: false })
      await played(4)
      // Two left with finals, two without; three of those that are there are sealed.
      expect(await told()).toEqual([4, 5])
      await alter({ finals: true, retain: 1 })
      expect(await told()).toEqual([2, 5])
      await alter({ retain: null })
      await played(2)
      expect(await told()).toEqual([4, 7])
    }))

  test('adds a window of gains that begins from the scores that are there', () =>
    withRedisScene(async ({ store, other }) => {
      const arena = await store.board('arena')
      await arena.submit('ann', 100)
      await other.alter('arena', { windows: [{ name: 'gains', every: 'month', value: 'gain' }] })
      const { windows } = await arena.submit('ann', 130, { windows: 'all' })
      expect(windows?.['gains']).toMatchObject({ score: 30 })
    }))

  test('of many at once: each holds, and no submit is lost or counts twice', () =>
    withRedisScene(async ({ store, other }) => {
      const settings = { mode: 'increment' } as const
      const boards = await Promise.all(
        [store, other, store].map((one) => one.board('arena', settings)),
      )
      await boards[0]?.submit('ann', 1)
      const windows = ['day', 'week', 'month', 'year'] as const
      const alterations = windows.flatMap((every, i) => [
        [store, other][i % 2]?.alter('arena', { windows: { [every]: { every } } }),
        [other, store][i % 2]?.alter('arena', { windows: { [`w${i}`]: { every } } }),
      ])
      const submits = Array.from({ length: 200 }, (_, i) => boards[i % 3]?.submit('ann', 1))
      const [answers] = await Promise.all([Promise.all(submits), Promise.all(alterations)])
      const names = await namesIn(boards[0] as (typeof boards)[0])
      expect([...names].sort()).toEqual([...windows, 'w0', 'w1', 'w2', 'w3'].sort())
      expect(await boards[1]?.get('ann')).toMatchObject({ score: 201 })
      for (const name of names) {
        const counted = answers.filter((answer) => answer?.windows?.[name] !== undefined).length
        const { score } = (await (await boards[1]?.window(name))?.get('ann')) ?? { score: 0 }
        expect([name, score]).toEqual([name, counted])
      }
    }))

  test('keeps calls in order that are made at once, with and without the name of a window', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [{ name: 'cup', every: 'manual' }] })
      await arena.submit('ann', 1)
      const answers = await Promise.all([
        arena.startSeason('cup', 'one'),
        arena.submit('ann', 2, { season: { cup: 'one' } }),
        arena.submit('ann', 3),
        arena.startSeason('cup', 'two'),
        arena.submit('ann', 4, { mode: 'increment' }),
      ])
      expect(answers[4]).toMatchObject({
        score: 7,
        previousScore: 3,
        windows: { cup: { season: 'two' } },
      })
      clock.now++
      expect(await (await arena.window('cup', 'one')).get('ann')).toMatchObject({ score: 3 })
    }))

  test('a ban behind a border finds the seasons of windows that were altered', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const arena = await store.board('arena', { windows: ['month', DAY] })
      await arena.submit('ann', 1)
      await other.alter('arena', { windows: { month: null, hour: { every: HOURLY } } })
      await arena.submit('ann', 2)
      clock.now += DAY_MS
      const { seasons } = await other.ban('ann', { board: 'arena' })
      // That of the day is sealed, that of the hour too.
      expect(seasons).toBeUndefined()
      clock.now++
      await arena.submit('bob', 2)
      expect((await arena.windows()).map(({ window, season }) => [window, season])).toEqual([
        ['day', '2026-11-29'],
        ['hour', '2026-11-29T12:00:00Z'],
      ])
    }))

  test('refuses what a server does not have, by its name, and changes nothing', () =>
    withRedisScene(async ({ store, admin }) => {
      await store.createBoard('arena', { windows: [DAY] })
      await store.createBoard('parts', { partitions: 4 })
      const messageOf = async (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'answered',
          ({ code, message }) => `${code ?? ''} ${message}`,
        )
      const refused: [BoardAlteration, RegExp][] = [
        [
          { maxGain: { by: 5, action: 'flag' }, windows: ['week'] },
          /^UNSUPPORTED Cannot use flag .* no log; use refuse$/,
        ],
        [{ windows: { week: { fill: 'log' } } }, /^UNSUPPORTED Cannot fill .*"week".* no log$/],
        [{ windows: { day: { mode: 'best' } } }, /^SETTINGS_DIFFER Cannot alter mode/],
        [{ windows: { moon: null } }, /^NO_WINDOW /],
        [{ windows: { cup: { keep: 3 } } }, / Cannot add window "cup" .* without every/],
        [{ windows: { day: { keep: 0 } } }, / keep/],
      ]
      const before = await admin.hget('ld{arena}:m', 'settings')
      for (const [alteration, problem] of refused)
        expect(await messageOf(store.alter('arena', alteration))).toMatch(problem)
      expect(await messageOf(store.alter('none', { windows: [DAY] }))).toMatch(/^NO_BOARD /)
      expect(await messageOf(store.alter('parts', { windows: [DAY] }))).toMatch(/^UNSUPPORTED /)
      expect(await admin.hget('ld{arena}:m', 'settings')).toBe(before)
      expect(await store.alter('arena', {})).toEqual({})
      const { windows } = await store.alter('arena', { windows: { day: { graceMs: 0 } } })
      expect(windows).toEqual(await (await store.openBoard('arena')).windows())
      expect(await admin.hget('ld{arena}:m', 'settings')).toBe(before)
    }))
})

const HOURLY = { hours: 1, from: 0 }
