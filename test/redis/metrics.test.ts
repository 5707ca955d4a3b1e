/**
 * Measures of calls to boards on a server, taken in the process that makes them.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { StoreMetrics } from '../../src/index.ts'
import { connectLeaderboards, type RemoteBoard } from '../../src/redis/index.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

describeOnRedis('metrics() on a server', () => {
  test.each([1, 4])('tells of each call since the first one: %i', (partitions) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await using other = await connectLeaderboards(url)
      const arena = await store.createBoard('arena', { partitions })
      await arena.submit('ann', 5)
      const none = { calls: {}, commits: { count: 0 }, updatesPerSecond: 0 }
      expect(store.metrics()).toMatchObject(none)
      other.metrics()
      expect(other.label).not.toBe(store.label)
      await useAll(arena)
      await store.boards()
      await store.boardsOf('ann')
      await store.setProfile('ann', { name: 'Ann' })
      await store.ban('bob')
      const { calls, commits } = store.metrics()
      expect(countsOf(calls)).toEqual({
        ...{ submit: [2, 1], rank: [2, 1], find: [1, 0], submitMany: [1, 0], info: [1, 0] },
        ...{ boards: [1, 0], boardsOf: [1, 0], setProfile: [1, 0], ban: [1, 0] },
      })
      expect(calls['submit']?.p99Ms).toBeGreaterThanOrEqual(calls['submit']?.p50Ms ?? Number.NaN)
      expect(commits.count).toBe(partitions === 1 ? 2 : 3)
      expect(commits.maxChanges).toBe(partitions === 1 ? 3 : 2)
      expect(other.metrics()).toMatchObject(none)
    }),
  )

  test('does not publish what calls ask of others on their way', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const arena = await store.createBoard('arena', { windows: ['day'] })
      await arena.submit('ann', 5)
      store.metrics()
      await (await arena.window('day')).rank('ann')
      for await (const _ of arena.watch()) break
      for await (const _ of arena.watch({ playerId: 'ann' })) break
      await store.removePlayer('ann')
      await store.alter('arena', { windows: ['week'] })
      expect(countsOf(store.metrics().calls)).toEqual({
        ...{ rank: [1, 0], removePlayer: [1, 0], alter: [1, 0] },
      })
    }))
})

async function useAll(arena: RemoteBoard): Promise<void> {
  await arena.submit('ann', 6)
  await expect(arena.submit('ann', 8, { only: 'new' })).rejects.toThrow()
  await arena.rank('ann')
  await expect(arena.rank('')).rejects.toThrow(RangeError)
  await arena.find('a')
  await arena.info()
  const list = ['a', 'b', 'f'].map((playerId) => ({ playerId, score: 1 }))
  await arena.submitMany(list, { atomic: false })
}

function countsOf(calls: StoreMetrics['calls']): Record<string, [number, number]> {
  return Object.fromEntries(
    Object.entries(calls).map(([name, { count, errors }]) => [name, [count, errors]]),
  )
}
