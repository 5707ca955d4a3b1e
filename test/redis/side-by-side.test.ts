/**
 * A server and the embedded engine side by side: random calls, whose answers, times and refusals are the same.
 *
 * @module
 */

import { test } from 'vitest'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { TwoEngines } from './two-engines.ts'

const OPERATIONS = redisSizeOf('REDIS_OPERATIONS', { test: 500, whole: 1_000_000 })
const TIMEOUT_MS = Math.max(120_000, OPERATIONS * 5)

describeOnRedis('boards on a server', () => {
  test(
    `answer as the embedded engine does through ${OPERATIONS} random operations`,
    () =>
      withRedis((server) =>
        withStore(
          async ({ store, clock }) => {
            const random = new Random(runSeed('side by side'))
            const engines = await TwoEngines.open({
              embedded: store,
              urls: [server.url],
              partitions: 1,
              clock,
              random,
            })
            await withSeed(random, () => engines.run(OPERATIONS))
            await engines.close()
          },
          { durability: 'relaxed' },
        ),
      ),
    TIMEOUT_MS,
  )
})
