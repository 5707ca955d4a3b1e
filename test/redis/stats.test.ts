/**
 * Sizes of boards on a server.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

const DAY_MS = 86_400_000

describeOnRedis('stats() on a server', () => {
  test('counts entries, seasons, hidden players and ids, and reckons memory', () =>
    withRedis(async ({ url }) => {
      let now = Date.UTC(2026, 0, 1)
      await using store = await connectLeaderboards(url, { clock: () => now })
      const none = { boards: 0, entries: 0, seasons: 0, seasonEntries: 0, usedBytes: 0, sizes: [] }
      expect(await store.stats()).toEqual({ prefix: 'ld', clockAheadMs: 0, ...none })
      const daily = await store.createBoard('daily', { windows: ['day'] })
      // More days than a bite has.
      for (let i = 0; i < 120; i++) {
        await daily.submit(`p${i % 10}`, i % 5, { requestId: `r${i}` })
        now += DAY_MS
      }
      const wide = await store.createBoard('wide', { partitions: 4 })
      const many = Array.from({ length: 2_000 }, (_, i) => ({ playerId: `p${i}`, score: i % 7 }))
      await wide.submitMany(many, { atomic: false, ranks: false })
      await store.ban('p3')
      now -= 200 * DAY_MS
      const { sizes, usedBytes, clockAheadMs, ...counts } = await store.stats()
      expect(counts).toEqual({
        ...{ prefix: 'ld', boards: 2, entries: 9 + 1_999, seasons: 120, seasonEntries: 120 },
      })
      expect(clockAheadMs).toBeGreaterThan(199 * DAY_MS)
      const [ofDaily, ofWide] = sizes
      expect(ofDaily).toMatchObject({
        ...{ board: 'daily', entries: 9, scores: 5, hidden: 1, requests: 1 },
        seasons: { count: 120, entries: 120 },
      })
      expect(ofWide).toMatchObject({ board: 'wide', partitions: 4, entries: 1_999, hidden: 1 })
      expect(ofWide).not.toHaveProperty('scores')
      expect(usedBytes).toBe((ofDaily?.usedBytes ?? 0) + (ofWide?.usedBytes ?? 0))
      const exact = await memoryOf(url)
      expect(usedBytes / exact).toBeGreaterThan(0.8)
      expect(usedBytes / exact).toBeLessThan(1.2)
    }))
})

/** The memory of all keys of boards, with every element looked at. */
async function memoryOf(url: string): Promise<number> {
  const admin = new Redis(url)
  let sum = 0
  for (const key of await admin.keys('ld{*'))
    sum += (await admin.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)) as number
  await admin.quit()
  return sum
}
