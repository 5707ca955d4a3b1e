/**
 * Boards in partitions on a cluster of three nodes: beside the embedded engine, among concurrent changes, and with a
 * node that does not answer.
 *
 * @module
 */

import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'
import { slotOf } from '../../src/redis/client/key-slots.ts'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { keysOfPartitions } from '../../src/redis/slot/partitions.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { clusterOfGroup, moveSlot, withCluster } from '../support/redis-cluster.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { TwoEngines } from './two-engines.ts'
import { TwoWindowedEngines } from './two-windowed-engines.ts'

const OPERATIONS = redisSizeOf('REDIS_CLUSTER_OPERATIONS', { test: 60, whole: 500_000 })
// The clock of a longer course would go beyond what can be stored.
const WINDOW_OPERATIONS = redisSizeOf('WINDOW_CLUSTER_OPERATIONS', { test: 15, whole: 2_000 })
const WINDOW_COURSES = redisSizeOf('WINDOW_CLUSTER_COURSES', { test: 1, whole: 10 })
const TIMEOUT_MS = Math.max(120_000, OPERATIONS * 60)

describeOnRedis('boards in partitions on a cluster', () => {
  const cluster = clusterOfGroup()

  test.each([4, 16])(
    `answer as the embedded engine does through ${OPERATIONS} operations: %i partitions`,
    (partitions) =>
      withStore(
        async ({ store, clock }) => {
          const { urls } = cluster()
          const random = new Random(runSeed(`beside a cluster, ${partitions}`))
          const parts = { embedded: store, urls, partitions, clock, random }
          const engines = await TwoEngines.open(parts)
          await withSeed(random, () => engines.run(OPERATIONS))
          await engines.close()
        },
        { durability: 'relaxed' },
      ),
    TIMEOUT_MS,
  )

  test.each(
    [4, 16].flatMap((partitions) =>
      Array.from({ length: WINDOW_COURSES }, (_, course) => [partitions, course] as const),
    ),
  )(
    `have the windows of the embedded engine through ${WINDOW_OPERATIONS} operations: %i partitions, course %i`,
    (partitions, course) =>
      withStore(
        async ({ store, clock }) => {
          const { urls } = cluster()
          const random = new Random(runSeed(`windows beside a cluster, ${partitions}`) + course)
          const parts = { embedded: store, urls, partitions, clock, random }
          const engines = await TwoWindowedEngines.open(parts)
          await withSeed(random, () => engines.run(WINDOW_OPERATIONS))
          await engines.close()
        },
        { durability: 'relaxed' },
      ),
    TIMEOUT_MS,
  )

  test('use a client of the caller, unless it repeats what was lost', async () => {
    const { urls } = cluster()
    const nodes = urls.map((url) => ({ host: '127.0.0.1', port: Number(new URL(url).port) }))
    const repeating = new Cluster(nodes, { lazyConnect: true })
    expect(await problemIn(() => connectLeaderboards(repeating))).toBe('TypeError')
    repeating.disconnect()
    const client = new Cluster(nodes, { retryDelayOnFailover: 0 })
    const store = await connectLeaderboards(client)
    const board = await store.board('arena', { partitions: 4 })
    expect((await board.submit('ann', 1)).rank).toBe(1)
    await store.close()
    client.disconnect()
  })

  test('have seasons, if they lie in one slot, in that slot', async () => {
    await using store = await connectLeaderboards(cluster().urls)
    const windows = ['day', { name: 'cup', every: 'manual', retain: 1 }] as const
    const names = Array.from({ length: 8 }, (_, i) => `cups ${i}`)
    for (const name of names) {
      const board = await store.board(name, { windows })
      await board.submit('ann', 1)
      for (const season of ['a', 'b', 'c']) await board.startSeason('cup', season)
      expect((await board.submit('bob', 2)).windows).toMatchObject({
        cup: { season: 'c', rank: 1 },
      })
      expect(await (await board.window('day')).size()).toBe(2)
    }
    expect((await store.check()).findings).toEqual([])
    for (const name of names) await store.dropBoard(name)
  })

  test('go on while the slot of a partition moves to another node', async () => {
    const { urls } = cluster()
    await using store = await connectLeaderboards(urls)
    const board = await store.board('arena', { partitions: 4, mode: 'increment' })
    const ids = Array.from({ length: 40 }, (_, i) => `p${i}`)
    let isMoving = true
    let rounds = 0
    const submitting = (async () => {
      for (; isMoving || rounds < 3; rounds++)
        await Promise.all(ids.map((id) => board.submit(id, 1, { ranks: rounds % 2 === 0 })))
    })()
    const [keys = []] = keysOfPartitions('ld', 'arena', 4)
    await moveSlot(urls, slotOf(keys[0] as string))
    isMoving = false
    await submitting
    const { entries } = await board.among(ids)
    expect(entries.map(({ score }) => score)).toEqual(ids.map(() => rounds))
    expect((await store.check()).findings).toEqual([])
  })

  test('answer no rank while a node is away, and take changes of the others', () =>
    withCluster(async ({ urls, primaries }) => {
      await using store = await connectLeaderboards(urls)
      const board = await store.board('arena', { partitions: 16 })
      const ids = Array.from({ length: 60 }, (_, i) => `p${i}`)
      await Promise.all(ids.map((id, i) => board.submit(id, i)))
      await primaries[1]?.kill()
      expect(await problemIn(() => board.rank('p1'))).toBe('UNAVAILABLE')
      expect(await problemIn(() => board.top(3))).toBe('UNAVAILABLE')
      const outcomes = await Promise.all(
        ids.map((id, i) => problemIn(() => board.submit(id, i, { ranks: false }))),
      )
      // Made, though no rank can be told: nobody may take it for refused and make it again.
      const ranked = await Promise.all(
        ids.map((id, i) => problemIn(() => board.submit(id, i + 100))),
      )
      expect(ranked.filter((one) => one.startsWith('answered'))).toEqual([])
      expect(ranked.filter((one) => one === 'UNKNOWN').length).toBeGreaterThan(ids.length / 3)
      const made = outcomes.filter((outcome) => outcome.startsWith('answered')).length
      expect(made).toBeGreaterThan(ids.length / 3)
      expect(made).toBeLessThan(ids.length)
      expect(outcomes.filter((one) => !/^answered|^UNAVAILABLE$|^UNKNOWN$/.test(one))).toEqual([])
    }))
})
