/**
 * Seasons of a board in partitions, which its home fixes: whatever the zone data of a process say, while seasons are
 * started, and if somebody stops in the middle of it.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import {
  connectLeaderboards,
  type RemoteBoard,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { partitionOf } from '../../src/redis/slot/partitions.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed } from '../support/random.ts'
import { DAY, NOON_MS, withRedisScene } from '../support/redis-scene.ts'
import { REDIS_PROGRAM, redisSizeOf, withRedis } from '../support/redis-server.ts'

const PARTITIONS = 4
const CUP = { name: 'cup', every: 'manual', graceMs: 0, mode: 'increment' } as const
const STARTS = redisSizeOf('SEASON_STARTS', { test: 6, whole: 300 })
const HOUR_MS = 3_600_000

// Of each partition one.
const IDS = Array.from({ length: PARTITIONS }, (_, partition) => {
  for (let i = 0; ; i++) if (partitionOf(`p${i}`, PARTITIONS) === partition) return `p${i}`
})

describe.skipIf(REDIS_PROGRAM === undefined)('seasons of a board in partitions', () => {
  test('refuse what no partition can tell, and windows that are altered', () =>
    withRedisScene(async ({ store }) => {
      const windows = [DAY, CUP]
      const board = await store.board('arena', { partitions: 4, windows })
      await board.submit('ada', 1)
      const day = await board.window('day')
      for (const [work, problem] of [
        [() => store.board('a', { partitions: 4, windows: [{ ...DAY, keep: 3 }] }), 'UNSUPPORTED'],
        [() => store.alter('arena', { windows: { week: { every: 'week' } } }), 'UNSUPPORTED'],
        [() => day.top(1, { rankMode: 'dense' }), 'UNSUPPORTED'],
        [() => board.finals('ada', 'day', { rankMode: 'dense' }), 'UNSUPPORTED'],
        [() => board.window('week'), 'NO_WINDOW'],
        [() => board.window('day', '2026-11-27'), 'NO_SEASON'],
        [() => board.startSeason('day', 'x'), 'TypeError'],
      ] as const)
        expect([String(work), await problemIn(work)]).toEqual([String(work), problem])
    }))

  test('have the borders that the home has, by the zone data of whoever came first', () =>
    withRedisScene(async ({ store, other, admin, clock }) => {
      const board = await store.createBoard('arena', { partitions: PARTITIONS, windows: [DAY] })
      const fromMs = Date.UTC(2026, 10, 28, 1)
      // A process with other zone data, in which days begin an hour later.
      await admin.zadd('ld{arena}:w1', String(fromMs * 1000), '2026-11-28')
      const toMicros = String((fromMs + 24 * HOUR_MS) * 1000)
      await admin.hset('ld{arena}:w1:ends', '2026-11-28', toMicros)
      const boards = [board, await other.openBoard('arena')]
      const seasonsOf = async (): Promise<(string | undefined)[]> => {
        const ids = IDS.map(async (id, i) => {
          const { windows } = await (boards[i % 2] as RemoteBoard).submit(id, 1)
          return windows?.['day']?.season
        })
        return [...new Set(await Promise.all(ids))]
      }
      expect(await seasonsOf()).toEqual(['2026-11-28'])
      clock.now = Date.UTC(2026, 10, 29, 0, 30)
      expect(await seasonsOf()).toEqual(['2026-11-28'])
      expect(await board.window('day')).toMatchObject({ season: '2026-11-28', from: fromMs })
      clock.now = Date.UTC(2026, 10, 29, 1)
      expect(await seasonsOf()).toEqual(['2026-11-29'])
      const sizes = (await board.seasons('day')).map(({ season, size }) => [season, size])
      expect(sizes).toEqual([
        ['2026-11-29', PARTITIONS],
        ['2026-11-28', PARTITIONS],
      ])
    }))

  test('take no season that the home has not fixed', () =>
    withRedisScene(async ({ store, admin }) => {
      const board = await store.createBoard('arena', { partitions: PARTITIONS, windows: [DAY] })
      for (const id of IDS) await board.submit(id, 1)
      const all = await admin.keys('ld{arena:*:w1')
      expect(all).toHaveLength(PARTITIONS)
      const spansOf = (key: string): Promise<unknown> =>
        admin.call('ZRANGE', key, '0', '-1', 'WITHSCORES')
      const home = await spansOf('ld{arena}:w1')
      for (const key of all) expect(await spansOf(key)).toEqual(home)
      await admin.zadd(all[1] as string, 1, 'invented')
      const { findings } = await store.check()
      expect(findings.map(({ invariant }) => invariant)).toEqual(['8', '11'])
      await admin.zrem(all[1] as string, 'invented')
    }))

  // Seasons lie where the keys say, and a board that is made again knows none of the old ones.
  test('go with their board', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      for (let i = 0; i < 2; i++) {
        const board = await store.createBoard('arena', { partitions: 4, windows: [DAY, CUP] })
        expect((await board.seasons('cup')).map(({ season }) => season)).toEqual([])
        await board.startSeason('cup', 'spring')
        for (const id of IDS) await board.submit(id, 1)
        clock.now += HOUR_MS
        await store.dropBoard('arena')
        const left = (await admin.keys('ld{arena*')).filter((key) => !/:[mx]$/.test(key))
        expect(left).toEqual([])
      }
    }))

  test(`hold each submit once through ${STARTS} starts under way`, () =>
    withRedis(async ({ url }) => {
      const random = new Random(runSeed('starts under way'))
      const stores = await Promise.all([1, 2, 3].map(() => connectLeaderboards(url)))
      const settings = { mode: 'increment', partitions: PARTITIONS, windows: [CUP] } as const
      const boards = await Promise.all(stores.map((store) => store.board('arena', settings)))
      const [starting, ...submitting] = boards as [RemoteBoard, ...RemoteBoard[]]
      await starting.startSeason('cup', 'season 0')
      let isOver = false
      const told: [season: string | undefined, rank: number | undefined][] = []
      const submitters = [...submitting, ...submitting, ...submitting].map(async (board) => {
        for (; !isOver; ) {
          const { windows } = await board.submit(`p${random.below(20)}`, 1)
          told.push([windows?.['cup']?.season, windows?.['cup']?.rank])
        }
      })
      // Two at once, of which one may have to finish what the other began.
      for (let i = 1; i <= STARTS; i++) {
        const both = [starting, submitting[0] as RemoteBoard]
        await Promise.all(both.map((board, n) => board.startSeason('cup', `season ${i} ${n}`)))
      }
      isOver = true
      await Promise.all(submitters)
      const seasons = await starting.seasons('cup', { limit: 1_000 })
      expect(seasons).toHaveLength(2 * STARTS + 1)
      expect(told.every(([season]) => season !== undefined)).toBe(true)
      await expectEachOnce(starting, told.length)
      expect((await (stores[0] as RemoteLeaderboards).check()).findings).toEqual([])
      console.info(`${told.length} submits during ${2 * STARTS} starts`)
      for (const store of stores) await store.close()
    }))

  // A process that dies after each of its calls in turn, until one comes to its end.
  test('are started by the next one if somebody stops in the middle', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      let isDone = false
      const found = new Set<string | undefined>()
      for (let calls = 0; !isDone; calls++) {
        const name = `arena ${calls}`
        const settings = { mode: 'increment', partitions: PARTITIONS, windows: [CUP] } as const
        const board = await store.createBoard(name, settings)
        await board.startSeason('cup', 'autumn')
        for (const id of IDS) await board.submit(id, 1)
        isDone = await startsWithin(url, name, calls)
        // Who meets what is left of the start finishes it. Then all are in one season, in that of before if nobody met any.
        await Promise.all(IDS.map((id) => board.submit(id, 1)))
        const after = await Promise.all(IDS.map((id) => board.submit(id, 1)))
        const ids = after.map(({ windows }) => windows?.['cup']?.season)
        const [{ season } = { season: '' }] = await board.seasons('cup')
        expect([calls, ...new Set(ids)]).toEqual([calls, season])
        found.add(season)
        if (isDone) expect(season).toBe('winter')
        await board.startSeason('cup', 'spring')
        for (const id of IDS)
          expect((await board.submit(id, 1)).windows).toMatchObject({ cup: { season: 'spring' } })
        await expectEachOnce(board, 4 * PARTITIONS)
      }
      expect(found).toEqual(new Set(['autumn', 'winter']))
      expect((await store.check()).findings).toEqual([])
    }))

  // Nobody waits for a partition that is away.
  test('are not started if a partition takes no part, and go on', () =>
    withRedisScene(async ({ store, other, admin }) => {
      const settings = { partitions: PARTITIONS, windows: [CUP] } as const
      const board = await store.createBoard('arena', settings)
      await board.startSeason('cup', 'autumn')
      for (const id of IDS) await board.submit(id, 1)
      const [key = ''] = await admin.keys('ld{arena:2*:m')
      // It looks like one that somebody else has made.
      const id = (await admin.hget(key, 'id')) as string
      await admin.hset(key, 'id', '0')
      expect(await problemIn(() => board.startSeason('cup', 'winter'))).toBe('UNAVAILABLE')
      await admin.hset(key, 'id', id)
      const another = await other.openBoard('arena')
      for (const player of IDS)
        expect((await another.submit(player, 2)).windows).toMatchObject({
          cup: { season: 'autumn' },
        })
      expect(await admin.keys('*fence*')).toEqual([])
      await another.startSeason('cup', 'winter')
      expect((await board.windows())[0]?.season).toBe('winter')
    }))

  // As if the last changes of one partition were lost: that a season had begun.
  test('are told at the next start to a partition that forgot them', () =>
    withRedisScene(async ({ store, admin }) => {
      const settings = { partitions: PARTITIONS, windows: [CUP] } as const
      const board = await store.createBoard('arena', settings)
      for (const season of ['autumn', 'winter']) await board.startSeason('cup', season)
      const [index = ''] = await admin.keys('ld{arena:2*:w1')
      await admin.zrem(index, 'winter')
      await admin.hdel(`${index}:ends`, 'winter')
      await admin.hset(`${index}:ends`, 'autumn', '')
      await board.startSeason('cup', 'spring')
      const told = await Promise.all(IDS.map((id) => board.submit(id, 1)))
      expect(new Set(told.map(({ windows }) => windows?.['cup']?.season))).toEqual(
        new Set(['spring']),
      )
      const stored = await admin.call('ZRANGE', index, '0', '-1')
      expect(stored).toEqual(['autumn', 'winter', 'spring'])
    }))

  test('are sealed by the time, in all partitions', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const grace = { ...DAY, graceMs: 1_000 } as const
      const board = await store.createBoard('arena', { partitions: 4, windows: [grace] })
      for (const id of IDS) await board.submit(id, 1)
      const day = await board.window('day', '2026-11-28')
      clock.now = NOON_MS + 12 * HOUR_MS + 999
      await day.size()
      expect(day.sealed).toBe(false)
      const at = NOON_MS + 11 * HOUR_MS
      expect((await board.submit('late', 1, { at })).windows).toMatchObject({
        day: { season: '2026-11-28', rank: 5 },
      })
      clock.now++
      const another = await other.openBoard('arena')
      expect((await another.submit('later', 1, { at })).windows).toEqual({
        day: { season: '2026-11-28', rank: undefined, sealed: true },
      })
      expect(await day.size()).toBe(PARTITIONS + 1)
      expect(day.sealed).toBe(true)
      expect(await another.finals('late', 'day')).toMatchObject([{ rank: 5, size: 5 }])
    }))
})

// Each submit adds one to the board and to one season, whose times lie within it.
async function expectEachOnce(board: RemoteBoard, submits: number): Promise<void> {
  let sum = 0
  for (const { season, from, to = Number.POSITIVE_INFINITY } of await board.seasons('cup', {
    limit: 1_000,
  })) {
    const view = await board.window('cup', season)
    for (const { at, score } of await view.top(100)) {
      expect(at).toBeGreaterThanOrEqual(from)
      expect(at).toBeLessThan(to)
      sum += score
    }
  }
  expect(sum).toBe(submits)
}

// Whether a process that makes so many calls and then dies was answered.
async function startsWithin(url: string, name: string, calls: number): Promise<boolean> {
  const client = new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  const store = await connectLeaderboards(client)
  const board = await store.openBoard(name)
  let left = calls
  const send = client.sendCommand.bind(client)
  client.sendCommand = (command, ...rest) => {
    if (/^fcall/i.test(command.name) && left-- <= 0) {
      client.disconnect()
      void store.close()
    }
    return send(command, ...rest)
  }
  try {
    await board.startSeason('cup', 'winter')
    return left >= 0
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
