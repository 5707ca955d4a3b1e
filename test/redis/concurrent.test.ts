/**
 * Boards in partitions among changes that are made at the same time: each reading counts every player exactly once.
 *
 * An engine that shards by score would fail here, as a player who moves from one shard to another is in both for
 * a moment, or in none.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteBoard, type RemoteWindow } from '../../src/redis/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { clusterOfGroup } from '../support/redis-cluster.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'

const READINGS = redisSizeOf('REDIS_READINGS', { test: 80, whole: 100_000 })
const TIMEOUT_MS = Math.max(120_000, READINGS * 60)
const MOVERS = 300
const WRITERS = 40
const READERS = 20
const STILL = 5_000

describeOnRedis('concurrent changes to boards in partitions', () => {
  const cluster = clusterOfGroup()

  test.each([
    [4, 'the board'],
    [16, 'the board'],
    [4, 'a season'],
  ])(
    `never make one of ${READINGS} readings wrong, in %i partitions, of %s`,
    async (partitions, what) => {
      const { urls } = cluster()
      const random = new Random(runSeed('concurrent'))
      await using writing = await connectLeaderboards(urls)
      await using reading = await connectLeaderboards(urls)
      const isOfSeason = what === 'a season'
      const settings = { partitions, ...(isOfSeason && { windows: ['year'] as const }) }
      const writer = await writing.board('arena', settings)
      // Above the one who stands still, and below: nobody passes.
      const scoreOf = (i: number): number =>
        i % 2 === 0 ? STILL + 1 + random.below(STILL) : random.below(STILL)
      const move = (i: number) => writer.submit(`mover ${i}`, scoreOf(i), { ranks: false })
      await Promise.all(Array.from({ length: MOVERS }, (_, i) => move(i)))
      await writer.submit('still', STILL)
      let left = READINGS
      let moves = 0
      const writers = Array.from({ length: WRITERS }, async () => {
        for (; left > 0; moves++) await move(random.below(MOVERS))
      })
      const board = await reading.openBoard('arena')
      const reader = isOfSeason ? await board.window('year') : board
      const readers = Array.from({ length: READERS }, async () => {
        for (; left > 0; left--) await readAs(random.below(10), reader)
      })
      await Promise.all([...readers, ...writers])
      expect(moves).toBeGreaterThan(READINGS / 10)
      console.info(`${moves} moves during ${READINGS} readings`)
      expect((await reading.check()).findings).toEqual([])
    },
    TIMEOUT_MS,
  )

  test('add up increments of several clients exactly', async () => {
    const { urls } = cluster()
    const stores = await Promise.all([1, 2, 3].map(() => connectLeaderboards(urls)))
    const boards = await Promise.all(
      stores.map((store) => store.board('sums', { mode: 'increment', partitions: 8 })),
    )
    const ids = Array.from({ length: 30 }, (_, i) => `p${i}`)
    const all = boards.flatMap((board) =>
      ids.flatMap((id) => [1, 2, 3].map((by) => ({ board, id, by }))),
    )
    await Promise.all(all.map(({ board, id, by }) => board.submit(id, by, { ranks: false })))
    const [board] = boards as [RemoteBoard]
    expect((await board.among(ids)).entries.map(({ score }) => score)).toEqual(ids.map(() => 18))
    for (const store of stores) await store.close()
  })
})

async function readAs(kind: number, board: RemoteBoard | RemoteWindow): Promise<void> {
  const rank = MOVERS / 2 + 1
  if (kind < 6) return expect(await board.rank('still')).toBe(rank)
  if (kind === 6)
    return expect(await board.standing('still')).toMatchObject({
      ...{ better: rank - 1, equal: 1, worse: MOVERS / 2, total: MOVERS + 1 },
    })
  const entries =
    kind === 7
      ? await board.top(MOVERS)
      : kind === 8
        ? await board.around('still', { above: 30, below: 30 })
        : await board.range(rank - 60, rank + 60)
  const ids = entries.map(({ playerId }) => playerId)
  expect(new Set(ids).size).toBe(ids.length)
  const at = ids.indexOf('still')
  expect(entries[at]?.rank).toBe(rank)
  return expect(ids.length).toBe(kind === 7 ? MOVERS : kind === 8 ? 61 : 121)
}
