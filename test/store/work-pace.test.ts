import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BITE_MS } from '../../src/ground/limits.ts'
import { WorkPace } from '../../src/store/work-pace.ts'

let now = 0
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Takes bites that cost so much for each piece, and returns how much each took. */
function bites(pace: WorkPace, { count, eachMs }: { count: number; eachMs: number }): number[] {
  return Array.from({ length: count }, () =>
    pace.bite((limit) => {
      now += limit * eachMs
      return limit
    }),
  )
}

test('bite() takes twice as much until it takes the time that it may, then what fits', () => {
  const pace = new WorkPace(1000)
  const eachMs = BITE_MS / 300
  expect(bites(pace, { count: 5, eachMs })).toEqual([64, 128, 256, 300, 300])
  expect(bites(pace, { count: 3, eachMs: 3 * eachMs })).toEqual([300, 100, 100])
})

test('bite() takes no more than it may, and never next to nothing', () => {
  const pace = new WorkPace(200)
  expect(bites(pace, { count: 4, eachMs: 0 })).toEqual([64, 128, 200, 200])
  expect(bites(pace, { count: 3, eachMs: BITE_MS })).toEqual([200, 64, 64])
})
