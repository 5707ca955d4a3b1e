/**
 * Submits under an id of their caller: made once whatever happens to the connection, and forgotten in the end.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { problemIn, problemOf } from '../model/calls.ts'
import { CUTS, cuttingProxy } from '../support/cutting-proxy.ts'
import { Random, runSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'
import { FakeClock } from '../support/temporary-store.ts'

const CUT_SUBMITS = redisSizeOf('REDIS_CUTS', { test: 12, whole: 3_000 })
const DAY_MS = 86_400_000

describeOnRedis('submits with ids on a server', () => {
  // As the embedded engine has it, which looks for used ids before anything is decided.
  test('a list with a used id is refused for that, whatever else is wrong in front of it', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('arena', { mode: 'increment' })
      await board.submit('ann', 1, { requestId: 'a' })
      const list = [
        { playerId: 'bob', score: 1, expected: 5 },
        { playerId: 'ann', score: 2, requestId: 'a' },
      ]
      const problem = await problemIn(() => board.submitMany(list))
      expect(problem).toBe('Submission 1: REQUEST_REUSED')
      expect(await board.size()).toBe(1)
    }))

  test(
    `are made once each, and answered, though ${CUT_SUBMITS} connections break`,
    () =>
      withRedis(async ({ url }) => {
        const random = new Random(runSeed('cuts under ids'))
        const proxy = await cuttingProxy(Number(new URL(url).port))
        await using store = await connectLeaderboards(proxy.url)
        const board = await store.board('arena', { mode: 'increment' })
        await board.submit('ann', 1)
        for (let i = 2; i < CUT_SUBMITS + 2; i++) {
          const cut = random.pick(CUTS)
          proxy.cutNext(cut)
          const requestId = `run ${i}`
          const answer = await board.submit('ann', 1, { requestId })
          expect(answer).toMatchObject({ score: i, previousScore: i - 1, rank: 1 })
          expect(answer.repeated).toBe(cut === 'answer' ? true : undefined)
        }
        const list = [1, 2].map((score) => ({ playerId: 'bob', score }))
        proxy.cutNext('answer')
        const [, last] = await board.submitMany(list, { requestId: 'list' })
        expect(last).toMatchObject({ score: 3, repeated: true })
        await proxy.close()
      }),
    600_000,
  )

  // The change is made in one partition; ranks are asked of all, and either may be lost.
  test(
    `are made once each in partitions, and answered the same again, though ${CUT_SUBMITS} connections break`,
    () =>
      withRedis(async ({ url }) => {
        const random = new Random(runSeed('cuts in partitions'))
        const proxy = await cuttingProxy(Number(new URL(url).port))
        await using store = await connectLeaderboards(proxy.url)
        const board = await store.board('arena', { mode: 'increment', partitions: 4 })
        await board.submit('ann', 1)
        await board.submit('bob', 1.5)
        for (let i = 2; i < CUT_SUBMITS + 2; i++) {
          const requestId = `run ${i}`
          const submit = () => board.submit('ann', 1, { requestId, passed: 5 })
          proxy.cutNext(random.pick(CUTS))
          const first = await againWhileUnknown(submit)
          expect(first).toMatchObject({ score: i, rank: 1, previousRank: 2, passed: { count: 1 } })
          await board.submit('bob', 1)
          expect(await submit()).toEqual({ ...first, repeated: true })
        }
        await proxy.close()
      }),
    600_000,
  )

  test('belong to a player in partitions, and a list is sent until all of it is made', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('arena', { mode: 'increment', partitions: 4 })
      const ids = ['ann', 'bob', 'cat', 'dan', 'eve']
      const requestId = 'same for all'
      for (const id of ids) expect((await board.submit(id, 1, { requestId })).score).toBe(1)
      expect(await problemIn(() => board.submit('ann', 2, { requestId }))).toBe('REQUEST_REUSED')
      const options = { requestId: 'a list', atomic: false } as const
      const list = ids.map((playerId) => ({ playerId, score: 1 }))
      await store.ban('eve')
      expect(await problemIn(() => board.submitMany(list, options))).toBe('Submission 4: BANNED')
      await store.unban('eve')
      const answers = await board.submitMany(list, options)
      expect(answers.map(({ score }) => score)).toEqual(ids.map(() => 2))
      expect(answers.at(-1)?.repeated).toBeUndefined()
      await board.submit('ann', 9)
      const again = await board.submitMany(list, options)
      expect(again).toEqual(answers.map((answer) => ({ ...answer, repeated: true })))
      for (const other of [
        list.slice(1),
        [...list, { playerId: 'ann', score: 1 }],
        list.toReversed(),
      ])
        expect(await problemIn(() => board.submitMany(other, options))).toBe('REQUEST_REUSED')
      const { entries } = await board.among(ids)
      expect(entries.map(({ score }) => score)).toEqual([11, 2, 2, 2, 2])
    }))

  test('are forgotten after a day, or when a million came after them, and leave nothing then', () =>
    withRedis(async ({ url }) => {
      const clock = new FakeClock()
      await using store = await connectLeaderboards(url, { clock: clock.read })
      const board = await store.board('arena', { mode: 'increment' })
      const admin = new Redis(url)
      const submit = async (requestId: string): Promise<boolean> =>
        (await board.submit('ann', 1, { requestId })).repeated === true
      const kept = async (): Promise<number[]> => [
        await admin.hlen('ld{arena}:r'),
        await admin.llen('ld{arena}:q'),
      ]
      for (const id of ['a', 'b', 'c', 'd', 'e']) expect(await submit(id)).toBe(false)
      clock.advance(DAY_MS - 1)
      expect(await submit('a')).toBe(true)
      clock.advance(1)
      // One that is used again is kept for a day from then on.
      expect(await submit('b')).toBe(false)
      expect(await kept()).toEqual([3, 3])
      expect(await submit('f')).toBe(false)
      expect(await submit('b')).toBe(true)
      expect(await kept()).toEqual([2, 2])
      await admin.hset('ld{arena}:m', 'requests', 1_000_000 + 6)
      expect(await submit('b')).toBe(true)
      await admin.hset('ld{arena}:m', 'requests', 1_000_000 + 7)
      expect(await submit('b')).toBe(false)
      expect(await kept()).toEqual([1, 1])
      await admin.quit()
    }))
})

// The change is made, its ranks cannot be told: the same call again tells them.
async function againWhileUnknown<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work()
    } catch (error) {
      if (!['UNKNOWN', 'UNAVAILABLE'].includes(problemOf(error))) throw error
    }
}
