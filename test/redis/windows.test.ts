/**
 * Windows on a server, where no other engine says what is right: borders that two processes see otherwise, clocks that
 * step back, keys that go, answers that are lost, and submits of many at a border.
 *
 * @module
 */

import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import type { BoardAlteration } from '../../src/index.ts'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { cuttingProxy } from '../support/cutting-proxy.ts'
import { DAY, NOON_MS, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000

async function spans(store: RemoteLeaderboards): Promise<[string, number, number | undefined][]> {
  const seasons = await (await store.board('arena')).seasons('day')
  return seasons.map(({ season, from, to }) => [
    season,
    (from - NOON_MS) / HOUR_MS,
    to && (to - NOON_MS) / HOUR_MS,
  ])
}

/** The clock goes on or back, a call that gives no time, one that does, or an alteration of the board. */
type Step = number | 'remove' | 'submit' | BoardAlteration

const CUP = { name: 'cup', every: 'manual', graceMs: 0, retain: 1 } as const

describeOnRedis('windows on a server', () => {
  // As the embedded engine has it: test/redis/windows-side-by-side.test.ts found both.
  test('a ban hands on what it took of sealed seasons to the one that stays', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      await arena.submit('bob', 2)
      const { season } = await arena.window('day')
      clock.advance(2 * 24 * HOUR_MS)
      await arena.submit('cy', 3)
      const sealed = async (): Promise<number> => (await arena.window('day', season)).size()
      await store.ban('ann')
      const until = clock.now + 24 * HOUR_MS
      await store.ban('ann', { board: 'arena', sealed: true, until })
      expect(await sealed()).toBe(1)
      clock.advance(2 * 24 * HOUR_MS)
      await arena.submit('cy', 4)
      const told = { playerId: 'ann', sealed: true }
      expect(await store.bans()).toMatchObject([told])
      await store.dropBoard('arena')
      expect(await store.bans()).toMatchObject([told])
      expect(await store.ban('ann', { submits: 'keep' })).toMatchObject(told)
    }))

  test('an unban of sealed seasons brings nobody back who is not banned', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      await arena.submit('bob', 2)
      const { season } = await arena.window('day')
      await store.ban('ann')
      clock.advance(2 * 24 * HOUR_MS)
      await arena.submit('cy', 3)
      const sealed = async (): Promise<number> => (await arena.window('day', season)).size()
      expect(await store.unban('ann')).toBe(true)
      expect(await sealed()).toBe(1)
      for (const place of [{}, { board: 'arena' }]) {
        expect(await store.unban('ann', { ...place, sealed: true })).toBe(false)
        expect(await sealed()).toBe(1)
      }
      await store.ban('ann')
      expect(await store.unban('ann', { sealed: true })).toBe(true)
      expect(await sealed()).toBe(2)
    }))

  // Another release of zone data had it that the day ends an hour earlier or later.
  test.each([
    [
      'earlier',
      -1,
      [
        ['2026-11-29', 11, 36],
        ['2026-11-28', -12, 11],
      ],
    ],
    [
      'later',
      1,
      [
        ['2026-11-29', 13, 36],
        ['2026-11-28', -12, 13],
      ],
    ],
  ] as const)('go on where a season ends that another process stored, %s', (_, hours, expected) =>
    withRedisScene(async ({ store, admin, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      const endMicros = (NOON_MS + (12 + hours) * HOUR_MS) * 1000
      await admin.hset('ld{arena}:w1:ends', '2026-11-28', String(endMicros))
      for (let hour = 10; hour < 16; hour++) {
        clock.now = NOON_MS + (hour + 0.5) * HOUR_MS
        const { windows } = await arena.submit('bob', hour)
        const season = hour < 12 + hours ? '2026-11-28' : '2026-11-29'
        expect(windows?.['day']).toMatchObject({ season })
        expect((await arena.windows())[0]).toMatchObject({ season })
        expect((await arena.window('day')).season).toBe(season)
      }
      expect(await spans(store)).toEqual(expected)
    }),
  )

  test('a read behind a border computes the season, and writes nothing', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const arena = await store.board('arena', { windows: [DAY, { name: 'cup', every: 'manual' }] })
      await arena.submit('ann', 1)
      const before = await contentOf(admin)
      clock.now += 72 * HOUR_MS
      const view = await arena.window('day')
      expect([view.season, await view.size(), view.sealed]).toEqual(['2026-12-01', 0, false])
      expect((await arena.windows()).map(({ season }) => season)).toEqual(['2026-12-01', undefined])
      expect((await arena.seasons('day')).map(({ season }) => season)).toEqual([
        '2026-12-01',
        '2026-11-30',
        '2026-11-29',
        '2026-11-28',
      ])
      expect(await arena.finals('ann', 'day')).toHaveLength(1)
      expect(await (await arena.window('day', '2026-11-29')).top()).toEqual([])
      expect(await problemIn(() => arena.window('day', '2026-12-02'))).toBe('NO_SEASON')
      expect(await contentOf(admin)).toEqual(before)
    }))

  test('a clock that steps back opens nothing again', () =>
    withRedisScene(async ({ store, clock, url }) => {
      const arena = await store.board('arena', { mode: 'increment', windows: [DAY] })
      await arena.submit('ann', 1)
      clock.now += 24 * HOUR_MS
      await arena.remove('nobody')
      clock.now -= 24 * HOUR_MS
      await using other = await connectLeaderboards(url, { clock: clock.read })
      for (const board of [arena, await other.board('arena')]) {
        const { windows } = await board.submit('ann', 1)
        expect(windows).toMatchObject({ day: { season: '2026-11-29' } })
        const late = await board.submit('ann', 1, { at: NOON_MS })
        const day = { season: '2026-11-28', rank: undefined, sealed: true }
        expect(late.windows).toEqual({ day })
        expect((await board.window('day', '2026-11-28')).sealed).toBe(true)
        expect((await board.window('day')).season).toBe('2026-11-29')
      }
      const first = await arena.window('day', '2026-11-28')
      expect(await first.get('ann')).toMatchObject({ score: 1 })
    }))

  // The embedded engine gives no time of before a change that found a border passed, a season sealed or a window new: it would
  // lie in what was over by then. A server gave the border itself, or any later time.
  test.each<[string, Step[]]>([
    ['the making of the board', [-1000]],
    ['a border', [13 * HOUR_MS, 'remove', -HOUR_MS / 2]],
    ['a border, at the border', [12 * HOUR_MS, 'remove']],
    ['a sealing', [12.1 * HOUR_MS, 'submit', 2 * HOUR_MS, 'remove', -HOUR_MS]],
    ['a sealing, at the sealing', [12.1 * HOUR_MS, 'submit', 0.9 * HOUR_MS, 'remove']],
    ['a window that was added', [{ windows: [{ every: 'month' }] }, -HOUR_MS]],
    ['a shorter grace', [{ windows: { day: { graceMs: 0 } } }, -HOUR_MS]],
    ['a longer grace', [{ windows: { day: { graceMs: 2 * HOUR_MS } } }, -HOUR_MS]],
  ])('give times as the embedded engine does after %s, whatever the clock says', (_, steps) =>
    withRedisScene(({ store: remote, clock: theirs }) =>
      withStore(async ({ store: embedded, clock }) => {
        const told: unknown[] = []
        const windows = [{ name: 'day', every: 'day', graceMs: HOUR_MS } as const]
        clock.now = NOON_MS
        const here = await embedded.createBoard('arena', { windows })
        const there = await remote.createBoard('arena', { windows })
        for (const [store, arena, time] of [
          [embedded, here, clock],
          [remote, there, theirs],
        ] as const) {
          await arena.submit('ann', 1)
          for (const step of steps) {
            if (typeof step === 'number') time.advance(step)
            else if (step === 'remove') await arena.remove('nobody')
            else if (step === 'submit') await arena.submit('ann', 2)
            else await store.alter('arena', step)
          }
          await arena.submit('bob', 1)
          told.push([await arena.get('ann'), await arena.get('bob'), await arena.windows()])
        }
        expect(told[1]).toEqual(told[0])
      }),
    ),
  )

  test('the keys of seasons go with retain, and all of them with the board', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const days = { ...DAY, retain: 2 }
      const cups = { name: 'cup', every: 'manual', retain: 1, graceMs: 0 } as const
      const kept = { ...DAY, name: 'kept', retain: 1, finals: true }
      const arena = await store.board('arena', { windows: [days, cups, kept] })
      for (let i = 0; i < 30; i++) {
        await arena.submit('ann', i)
        await arena.startSeason('cup', `cup ${i}`)
        clock.now += 24 * HOUR_MS
      }
      await arena.submit('bob', 1)
      const keysOf = (window: number): Promise<string[]> => admin.keys(`ld{arena}:s${window}:*:e`)
      const counts = (await Promise.all([1, 2, 3].map(keysOf))).map(({ length }) => length)
      expect(counts).toEqual([3, 2, 31])
      expect(await arena.finals('ann', 'kept', { limit: 100 })).toHaveLength(30)
      expect(await arena.finals('ann', 'day', { limit: 100 })).toHaveLength(2)
      expect(await problemIn(() => arena.startSeason('cup', 'cup 0'))).toBe('SEASON_EXISTS')
      await store.dropBoard('arena')
      expect(await admin.keys('ld{arena}:*')).toEqual([])
    }))

  test('a submit whose answer was lost counts once, on the board and in its seasons', () =>
    withRedisScene(async ({ clock, url }) => {
      const cutting = await cuttingProxy(Number(new URL(url).port))
      const store = await connectLeaderboards(cutting.url, { clock: clock.read })
      const arena = await store.board('arena', { mode: 'increment', windows: [DAY] })
      await arena.submit('ann', 1)
      for (let i = 0; i < 4; i++) {
        cutting.cutNext('answer')
        const options = { requestId: `run ${i}`, windows: 'all' } as const
        const { windows, repeated, score } = await arena.submit('ann', 1, options)
        expect([windows?.['day']?.score, score, repeated]).toEqual([i + 2, i + 2, true])
      }
      expect(await (await arena.window('day')).get('ann')).toMatchObject({ score: 5 })
      await store.close()
      await cutting.close()
    }))

  test('submits of many at a border go to one season each, and none is lost', () =>
    withRedisScene(async ({ url, clock }) => {
      const settings = { mode: 'increment', windows: [{ ...DAY, graceMs: 1000 }] } as const
      // Each process has a clock of its own, some of them before the border and some behind it.
      const clocks = [-2, -1, 0, 1].map((ms) => NOON_MS + 12 * HOUR_MS + ms)
      clock.now = clocks[3] as number
      const stores = await Promise.all(
        clocks.map((now) => connectLeaderboards(url, { clock: () => now })),
      )
      const boards = await Promise.all(stores.map((store) => store.board('arena', settings)))
      const answers = await Promise.all(
        boards.flatMap((board, i) =>
          Array.from({ length: 50 }, () => board.submit(`p${i}`, 1, { windows: 'all' })),
        ),
      )
      const seasons = await (boards[0] as (typeof boards)[0]).seasons('day')
      expect(new Set(answers.map(({ windows }) => windows?.['day']?.season))).toEqual(
        new Set(seasons.map(({ season }) => season)),
      )
      let sum = 0
      for (const { season } of seasons)
        for (const { score } of (await (await boards[0]?.window('day', season))?.top(9)) ?? [])
          sum += score
      expect(sum).toBe(200)
      await Promise.all(stores.map((store) => store.close()))
    }))

  // A ban that had ended left an entry hidden in a season that was sealed meanwhile; an unban of nobody's ban showed it.
  test('an unban that lifts no ban brings nobody back into a final standing', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      await store.ban('ann', { until: NOON_MS + 20 * HOUR_MS })
      clock.now += 24 * HOUR_MS
      await arena.submit('bob', 1)
      expect(await arena.get('ann')).toMatchObject({ score: 1 })
      expect(await store.unban('ann', { sealed: true })).toBe(false)
      expect(await (await arena.window('day', '2026-11-28')).top()).toEqual([])
    }))

  test('are asked for as they are: another setting is refused by its name', () =>
    withRedisScene(async ({ store }) => {
      await store.createBoard('arena', { windows: [DAY, 'month'] })
      const open = (windows: readonly object[] | readonly string[]): Promise<unknown> =>
        store.openBoard('arena', { windows: windows as never })
      await open([{ ...DAY }])
      await open(['month'])
      await expect(open([{ ...DAY, timeZone: 'Europe/Berlin' }])).rejects.toThrow(
        /timeZone of window "day" is UTC, asked for Europe\/Berlin; it is fixed; alter can remove the window/,
      )
      await expect(open([{ ...DAY, graceMs: 5 }])).rejects.toThrow(/leave it out, or alter it$/)
      await expect(open(['week'])).rejects.toThrow(/alter adds one$/)
      const arena = await store.openBoard('arena')
      await expect(arena.seasons('week')).rejects.toMatchObject({ code: 'NO_WINDOW' })
      await expect(arena.startSeason('day', 'x')).rejects.toThrow(TypeError)
      await expect(arena.seasons(undefined as never)).rejects.toThrow(
        /has "day", "month"; give window/,
      )
    }))

  // An import told 4 rows whose season was sealed, the embedded engine 5: one had left by `retain` (SEED=60004).
  test('that were started by hand are told as sealed, though their keys are gone', () =>
    withRedisScene(async ({ store, clock, admin }) => {
      const arena = await store.board('arena', { windows: [CUP] })
      const times: number[] = []
      for (let i = 0; i < 15; i++) {
        await arena.startSeason('cup', `cup ${i}`)
        clock.now += HOUR_MS
        times.push(clock.now)
        await arena.submit('ann', i)
      }
      for (const i of [0, 5, 13]) {
        const told = await arena.submit('bob', 1, { at: times[i] as number })
        expect(told.windows).toMatchObject({ cup: { season: `cup ${i}`, sealed: true } })
      }
      expect(await arena.seasons('cup')).toMatchObject([{ season: 'cup 14' }, { season: 'cup 13' }])
      expect(await problemIn(() => arena.window('cup', 'cup 5'))).toBe('NO_SEASON')
      expect(await admin.keys('ld{arena}:s1:*:e')).toHaveLength(2)
      expect(await store.check()).toMatchObject({ ok: true, findings: [] })
    }))

  test('are watched: a season that begins is told without a change', () =>
    withRedisScene(async ({ store, clock }) => {
      const arena = await store.board('arena', { windows: [DAY] })
      await arena.submit('ann', 1)
      const updates = (await arena.window('day')).watch({ intervalMs: 10 })
      expect((await updates.next()).value).toMatchObject({ season: '2026-11-28', total: 1 })
      clock.now += 24 * HOUR_MS
      expect((await updates.next()).value).toMatchObject({
        ...{ season: '2026-11-29', began: true, total: 0, entries: [] },
      })
      await updates.return()
    }))
})

// All keys with what is under them.
async function contentOf(admin: Redis): Promise<unknown> {
  const keys = (await admin.keys('ld*')).sort()
  return Promise.all(
    keys.map(async (key) => {
      // The order of a hash is not its content.
      if ((await admin.type(key)) === 'hash') return [key, await admin.hgetall(key)]
      return [key, (await admin.dumpBuffer(key)).toString('hex')]
    }),
  )
}
