/**
 * Windows on a server and in the embedded engine side by side: random calls, whose answers and refusals are the same.
 *
 * @module
 */

import { test } from 'vitest'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { TwoWindowedEngines } from './two-windowed-engines.ts'

const COURSES = redisSizeOf('WINDOW_COURSES', { test: 1, whole: 200 })
const OPERATIONS = redisSizeOf('WINDOW_OPERATIONS', { test: 30, whole: 2_000 })
const TIMEOUT_MS = Math.max(120_000, COURSES * OPERATIONS * 20)

describeOnRedis('windows on a server', () => {
  test.each([1, 4, 16])(
    `are those of the embedded engine through ${COURSES} × ${OPERATIONS} random operations: %i partitions`,
    async (partitions) => {
      const seed = runSeed(`windows side by side, ${partitions}`)
      for (let i = 0; i < COURSES; i++) await course(new Random(seed + i), partitions)
    },
    TIMEOUT_MS,
  )
})

function course(random: Random, partitions: number): Promise<void> {
  return withRedis((server) =>
    withStore(
      async ({ store, clock }) => {
        const urls = [server.url]
        await withSeed(random, async () => {
          const engines = await TwoWindowedEngines.open({
            embedded: store,
            urls,
            partitions,
            clock,
            random,
          })
          await engines.run(OPERATIONS)
          await engines.close()
        })
      },
      { durability: 'relaxed' },
    ),
  )
}
