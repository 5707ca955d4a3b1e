/**
 * Boards with windows beside a model that is trivially right, over a clock that jumps across borders.
 *
 * SEED=n replays a run. A few short courses in `npm test`, many long ones with TORTURE.
 *
 * @module
 */

import { test } from 'vitest'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'
import { Course } from './course.ts'

const COURSES = sizeOf('SEASON_COURSES', { test: 2, torture: 100 })
const STEPS = sizeOf('SEASON_STEPS', { test: 35, torture: 600 })

test('boards with windows answer what the model answers, over random borders', async () => {
  const first = runSeed('seasons beside a model')
  for (let seed = first; seed < first + COURSES; seed++)
    await withStore(
      async (temporary) => {
        const course = new Course(new Random(seed), temporary)
        await course.begin()
        await course.run(STEPS)
      },
      { durability: 'relaxed' },
    )
}, 1_800_000)
