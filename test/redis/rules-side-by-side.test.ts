/**
 * Rules on a server and in the embedded engine side by side: what they refuse, in which words, and for how long.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { TwoRuledEngines } from './two-ruled-engines.ts'

const OPERATIONS = redisSizeOf('RULES_OPERATIONS', { test: 120, whole: 100_000 })
const TIMEOUT_MS = Math.max(120_000, OPERATIONS * 20)

const REFUSED = [
  ...['OUT_OF_RANGE', 'SUSPICIOUS', 'RATE_LIMITED', 'CLOSED_FOR_WRITES'],
  ...['UNKNOWN_PLAYER', 'NAME_TAKEN'],
]

describeOnRedis('rules on a server', () => {
  test.each([1, 4])(
    `are those of the embedded engine through ${OPERATIONS} random operations, partitions: %i`,
    (partitions) =>
      withRedis((server) =>
        withStore(
          async ({ store: embedded, clock }) => {
            const random = new Random(runSeed(`rules side by side, partitions ${partitions}`))
            const parts = { embedded, urls: [server.url], partitions, clock, random }
            const engines = await TwoRuledEngines.open(parts)
            await withSeed(random, () => engines.run(OPERATIONS))
            // In few operations some may not come.
            if (OPERATIONS >= 10_000)
              expect(REFUSED.filter((code) => !engines.counts.has(code))).toEqual([])
            await engines.close()
          },
          { durability: 'relaxed' },
        ),
      ),
    TIMEOUT_MS,
  )
})
