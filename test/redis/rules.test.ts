/**
 * Rules of boards on a server: for all processes at once, in all partitions, with nothing left behind.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { LadderError, Leaderboard } from '../../src/index.ts'
import { connectLeaderboards, type RemoteBoard } from '../../src/redis/index.ts'
import { keysOfPartitions } from '../../src/redis/slot/partitions.ts'
import { problemIn } from '../model/calls.ts'
import { clientWith, DAY, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'
import { type FakeClock, withStore } from '../support/temporary-store.ts'

type Submits = Pick<Leaderboard, 'submit'> | Pick<RemoteBoard, 'submit'>

const IDS = Array.from({ length: 40 }, (_, i) => `p${i}`)

describeOnRedis('rules on a server', () => {
  test('hold for every process at once, and go with their board', () =>
    withRedisScene(async ({ store, other, admin }) => {
      const board = await store.createBoard('arena')
      expect(await board.rules()).toEqual({})
      const theirs = await other.board('arena')
      const gain = { by: 100, action: 'refuse' } as const
      const tiers = [{ name: 'gold', rank: 10 }, { name: 'rest' }]
      const rules = await other.alter('arena', { min: 0, max: 500, maxGain: gain, tiers })
      expect(rules).toEqual({ min: 0, max: 500, maxGain: gain, tiers })
      expect(await board.rules()).toEqual(rules)
      expect(await problemIn(() => board.submit('ann', 501))).toBe('OUT_OF_RANGE')
      await board.submit('ann', 300)
      expect(await problemIn(() => theirs.submit('ann', 401))).toBe('SUSPICIOUS')
      expect((await board.standing('ann'))?.tier).toBe('gold')
      expect(await store.alter('arena', { max: null, min: null, tiers: null })).toEqual({
        maxGain: gain,
      })
      expect(await store.alter('arena', { maxGain: null, writes: 'open' })).toEqual({})
      expect(await admin.hmget('ld{arena}:m', 'rules', 'judge')).toEqual([null, null])
      await store.alter('arena', { max: 5, perMinute: 1 })
      await board.submit('bob', 5)
      await store.dropBoard('arena')
      expect(await admin.keys('ld{arena}:*')).toEqual([])
      const again = await store.createBoard('arena')
      expect(await again.rules()).toEqual({})
      await again.submit('bob', 6)
    }))

  test('of two processes are altered one after the other, and with windows or not at all', () =>
    withRedisScene(async ({ store, other }) => {
      const board = await store.createBoard('arena', { windows: [DAY] })
      const bounds = [1, 2, 3, 4, 5].flatMap((n) => [
        store.alter('arena', { min: -n, perMinute: n }),
        other.alter('arena', { max: n }),
      ])
      await Promise.all(bounds)
      expect(Object.keys(await board.rules()).sort()).toEqual(['max', 'min', 'perMinute'])
      const { windows, ...rules } = await other.alter('arena', { max: 9, windows: ['week'] })
      expect(windows?.map(({ window }) => window)).toEqual(['day', 'week'])
      expect(await board.rules()).toEqual(rules)
      const refused = other.alter('arena', { max: 10, windows: { moon: null } })
      expect(await problemIn(() => refused)).toBe('NO_WINDOW')
      const bad = other.alter('arena', { max: -99, windows: ['month'] })
      expect(await problemIn(() => bad)).toBe('RangeError')
      expect(await board.rules()).toEqual(rules)
      expect(await board.windows()).toHaveLength(2)
      expect(await (await board.window('day')).rules()).toEqual(rules)
    }))

  test('perMinute counts over processes and lists, and what is past goes', () =>
    withRedisScene(async ({ store, other, admin, clock }) => {
      const board = await store.createBoard('arena')
      const theirs = await other.board('arena')
      await store.alter('arena', { perMinute: 2, max: 10 })
      expect(await problemIn(() => board.submit('ann', 11))).toBe('OUT_OF_RANGE')
      await board.submit('ann', 1, { requestId: 'a' })
      clock.advance(20_000)
      await theirs.submit('ann', 2)
      await theirs.submit('ann', 1, { requestId: 'a' })
      clock.advance(20_000)
      const error = await board.submit('ann', 3).catch((cause: LadderError) => cause)
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 20_000 })
      const list = ['bob', 'ann'].map((playerId) => ({ playerId, score: 1 }))
      expect(await problemIn(() => theirs.submitMany(list))).toBe('Submission 1: RATE_LIMITED')
      expect(await board.rank('bob')).toBeUndefined()
      for (let minute = 0; minute < 9; minute++) {
        clock.advance(60_000)
        for (const playerId of IDS.slice(minute * 4, minute * 4 + 4))
          await board.submit(playerId, 1)
      }
      // At most those of two minutes, and of the one that has begun.
      expect(await admin.hlen('ld{arena}:t')).toBeLessThanOrEqual(12)
      expect(await admin.zcard('ld{arena}:t:last')).toBe(await admin.hlen('ld{arena}:t'))
      expect(await admin.ttl('ld{arena}:t')).toBeGreaterThan(60)
    }))

  test('a clock that steps back blocks nobody for longer than a minute', async () => {
    const outcomes = async (board: Submits, clock: FakeClock): Promise<string[]> => {
      const found: string[] = []
      for (const ms of [3_600_000, -30_000, -3_600_000, 0, 59_999, 1, 7_200_000, -90_000]) {
        clock.advance(ms)
        found.push(await problemIn(() => board.submit('ann', 1, { ranks: false })))
      }
      return found.map((one) => one.replace(/ .*/, ''))
    }
    await withRedisScene(({ store, clock: theirs }) =>
      withStore(async ({ store: embedded, clock }) => {
        const [board, here] = [
          await store.createBoard('arena'),
          await embedded.createBoard('arena'),
        ]
        for (const one of [store, embedded]) await one.alter('arena', { perMinute: 1 })
        clock.now = theirs.now
        const expected = await outcomes(here, clock)
        expect(await outcomes(board, theirs)).toEqual(expected)
        expect(expected.filter((one) => one === 'RATE_LIMITED')).toHaveLength(4)
      }),
    )
  })

  // A list of one was judged as a submit by itself: OUT_OF_RANGE, where the embedded engine looked at times first.
  test('judge a list of one as any list, on a board that keeps the best', () =>
    withRedisScene(({ store, clock: theirs }) =>
      withStore(async ({ store: embedded, clock }) => {
        clock.now = theirs.now
        const boards = [
          await embedded.createBoard('few', { keep: 3 }),
          await store.createBoard('few', { keep: 3 }),
        ]
        const found: string[][] = []
        for (const one of [embedded, store]) await one.alter('few', { max: 10, perMinute: 1 })
        for (const board of boards) {
          await board.submit('ann', 1, { requestId: 'a' })
          const problem = (playerId: string, score: number, requestId?: string): Promise<string> =>
            problemIn(() => board.submitMany([{ playerId, score, requestId }]))
          found.push([
            await problem('ann', 11),
            await problem('bob', 11),
            await problem('ann', 11, 'a'),
            await problem('ann', 1, 'a'),
            await problemIn(() => board.submit('ann', 11)),
          ])
        }
        expect(found[1]).toEqual(found[0])
        const codes = found[0]?.map((text) => text.replace(/^Submission 0: /, ''))
        expect(codes?.[0]).toBe('RATE_LIMITED')
        expect(codes?.[4]).toBe('OUT_OF_RANGE')
      }),
    ))

  test('perMinute counts for each id: a move takes nothing along, an erasure forgets', () =>
    withRedisScene(async ({ store }) => {
      for (const partitions of [1, 4]) {
        const name = `arena ${partitions}`
        const board = await store.createBoard(name, { partitions })
        await store.alter(name, { perMinute: 1 })
        await board.submit('ann', 1)
        if (partitions === 1) {
          await store.movePlayer('ann', 'bob')
          await board.submit('bob', 3)
        }
        expect(await problemIn(() => board.submit('ann', 4))).toBe('RATE_LIMITED')
        await store.erase('ann')
        await board.submit('ann', 5)
      }
    }))

  test('gains on the bound are as people reckon, one by one and in lists', () =>
    withRedisScene(async ({ store }) => {
      for (const keep of [undefined, 10]) {
        const name = `keeps ${keep}`
        const board = await store.createBoard(name, { ...(keep && { keep }) })
        await store.alter(name, { maxGain: { by: 0.1, action: 'refuse' } })
        await board.submit('ann', 71.4)
        await board.submit('ann', 71.5)
        expect(await problemIn(() => board.submit('ann', 71.7))).toBe('SUSPICIOUS')
        const steps = Array.from({ length: 1_200 }, (_, i) => ({
          playerId: 'ann',
          score: (716 + i) / 10,
        }))
        await board.submitMany(steps, { ranks: false })
        const last = steps.at(-1)?.score as number
        const list = [last + 0.1, last + 0.25].map((score) => ({ playerId: 'ann', score }))
        const refused = () => board.submitMany(list)
        expect(await problemIn(refused)).toBe('Submission 1: SUSPICIOUS')
        expect((await board.get('ann'))?.score).toBe(last)
      }
    }))

  test('a closed board takes no change, and stops a removal everywhere before it begins', () =>
    withRedisScene(async ({ store }) => {
      const board = await store.createBoard('open')
      const closed = await store.createBoard('shut')
      for (const one of [board, closed]) await one.submit('ann', 1)
      await board.submit('bob', 1)
      await store.alter('shut', { writes: 'closed' })
      const code = 'CLOSED_FOR_WRITES'
      const rows = () => closed.importFrom(['playerId,score\n', 'bob,2\n'], { format: 'csv' })
      for (const refused of [
        () => closed.submit('ann', 2),
        rows,
        () => closed.remove('ann'),
        () => closed.take('nobody'),
        () => store.removePlayer('ann'),
        () => store.takePlayer('ann'),
      ])
        expect(await problemIn(refused)).toBe(code)
      const list = () => closed.submitMany([{ playerId: 'ann', score: 2 }])
      expect(await problemIn(list)).toBe(`Submission 0: ${code}`)
      expect(await board.size()).toBe(2)
      expect(await store.removePlayer('bob')).toBe(1)
      expect(await store.rename('ann', 'Ann')).toBe(2)
      await store.ban('ann')
      expect(await closed.size()).toBe(0)
      await store.dropBoard('shut')
    }))
})

describeOnRedis('rules of a board in partitions', () => {
  test('are told to all of them, by the next one if the caller dies', () =>
    withRedisScene(async ({ store, other, url }) => {
      const board = await store.createBoard('arena', { partitions: 4 })
      let told = 0
      const client = clientWith(url, (args) => {
        if (!args.includes('tell_rules') || ++told <= 2) return
        void dying.close()
        throw new Error('the process is gone')
      })
      const dying = await connectLeaderboards(client)
      await expect(dying.alter('arena', { max: 5, perMinute: 3 })).rejects.toThrow()
      const taken = async (): Promise<number> => {
        const all = await Promise.all(IDS.map((id) => problemIn(() => board.submit(id, 9))))
        return all.filter((one) => one.startsWith('answered')).length
      }
      expect(await taken()).toBeGreaterThan(0)
      await other.openBoard('arena')
      expect(await taken()).toBe(0)
      expect(await board.rules()).toEqual({ max: 5, perMinute: 3 })
      await client.quit()
    }))

  test('are those of its seasons, and told to partitions without one', () =>
    withRedisScene(async ({ store, other, clock }) => {
      const windows = [DAY, { name: 'cup', every: 'manual' }] as const
      const board = await store.createBoard('arena', { partitions: 4, windows })
      await board.startSeason('cup', 'spring')
      await board.submit('ann', 1)
      clock.advance(48 * 3_600_000)
      const tiers = [{ name: 'gold', rank: 1 }, { name: 'rest' }]
      await other.alter('arena', { max: 5, tiers })
      const all = await Promise.all(IDS.map((id) => problemIn(() => board.submit(id, 9))))
      expect(new Set(all)).toEqual(new Set(['OUT_OF_RANGE']))
      await board.submitMany(
        [3, 4].map((score) => ({ playerId: `p${score}`, score })),
        { atomic: false },
      )
      for (const [window, total] of [
        ['day', 2],
        ['cup', 3],
      ] as const) {
        const season = await board.window(window)
        expect(await season.rules()).toEqual({ max: 5, tiers })
        expect(await season.standing('p3')).toMatchObject({
          ...{ tier: 'rest', total, next: { name: 'gold', rank: 1, score: 4 } },
        })
      }
    }))

  test('are told again by check() if a failover forgot them', () =>
    withRedisScene(async ({ store, admin }) => {
      const board = await store.createBoard('arena', { partitions: 4 })
      await store.alter('arena', { max: 5 })
      const slots = keysOfPartitions('ld', 'arena', 4).map(([, , , meta]) => meta as string)
      const before = await admin.hgetall('ld{arena}:m')
      const taken = async (score: number): Promise<number> => {
        const all = await Promise.all(IDS.map((id) => problemIn(() => board.submit(id, score))))
        return all.filter((one) => one.startsWith('answered')).length
      }
      await admin.hdel(slots[1] as string, 'rules', 'judge', 'rules version')
      expect(await taken(9)).toBeGreaterThan(0)
      await store.check()
      expect(await taken(9)).toBe(0)
      // The home forgets the last alteration, which all partitions have.
      await store.alter('arena', { max: 50 })
      await admin.hset('ld{arena}:m', before)
      expect(await taken(40)).toBe(IDS.length)
      await store.check()
      expect(await taken(40)).toBe(0)
      const marks = await Promise.all(slots.map((meta) => admin.hget(meta, 'rules version')))
      expect(new Set(marks)).toEqual(new Set([await admin.hget('ld{arena}:m', 'rules told')]))
    }))
})
