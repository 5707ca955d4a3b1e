/**
 * What cuts, lost libraries and dropped boards may not do: count twice, be noticed, leave anything behind.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteBoard } from '../../src/redis/index.ts'
import { problemOf } from '../model/calls.ts'
import { CUTS, cuttingProxy } from '../support/cutting-proxy.ts'
import { Random, runSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'

const CUT_SUBMITS = redisSizeOf('REDIS_CUTS', { test: 12, whole: 3_000 })
const LOST_LIBRARIES = redisSizeOf('REDIS_FLUSHES', { test: 5, whole: 500 })
const DROPS = redisSizeOf('REDIS_DROPS', { test: 20, whole: 2_000 })
const WRITERS = 4
const TIMEOUT_MS = 600_000

async function problemIn(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return ''
  } catch (error) {
    return problemOf(error)
  }
}

describeOnRedis('boards on a server', () => {
  test(
    `count none of ${CUT_SUBMITS} increments twice that are cut before, amid or after`,
    () =>
      withRedis(async ({ url }) => {
        const random = new Random(runSeed('cuts'))
        const kinds = [...CUTS, undefined]
        const proxy = await cuttingProxy(Number(new URL(url).port))
        await using direct = await connectLeaderboards(url)
        await using store = await connectLeaderboards(proxy.url)
        const board = await store.board('arena', { mode: 'increment' })
        await board.submit('ann', 1)
        const there = await direct.openBoard('arena')
        const seen = new Map<string, number>()
        for (let i = 0, score = 1; i < CUT_SUBMITS; i++) {
          // Each kind once, then as it comes.
          const cut = i < kinds.length ? kinds[i] : random.pick(kinds)
          if (cut !== undefined) proxy.cutNext(cut)
          const problem = await problemIn(() => board.submit('ann', 1))
          await untilAnswers(board)
          const now = (await there.get('ann'))?.score as number
          const what = `${cut}: ${problem || 'done'}, ${now - score} more`
          seen.set(what, (seen.get(what) ?? 0) + 1)
          score = now
        }
        expect([...seen.keys()].sort()).toEqual([
          'answer: UNKNOWN, 1 more',
          'half a request: UNKNOWN, 0 more',
          'request: UNKNOWN, 0 more',
          'undefined: done, 1 more',
        ])
        await proxy.close()
      }),
    TIMEOUT_MS,
  )

  test(
    `go on as if nothing was when the functions are lost ${LOST_LIBRARIES} times amid calls`,
    () =>
      withRedis(async ({ url }) => {
        await using store = await connectLeaderboards(url)
        const admin = new Redis(url)
        const board = await store.board('arena', { mode: 'increment' })
        let isOver = false
        let submits = 0
        const submitter = async (name: string): Promise<void> => {
          for (let i = 1; !isOver; i++, submits++)
            expect((await board.submit(name, 1)).score).toBe(i)
        }
        const reader = async (): Promise<void> => {
          while (!isOver) expect((await board.top()).length).toBeLessThanOrEqual(WRITERS)
        }
        const loser = async (): Promise<void> => {
          for (let i = 0; i < LOST_LIBRARIES; i++) {
            const before = submits
            await admin.call('FUNCTION', 'FLUSH', 'SYNC')
            while (!isOver && submits < before + 2 * WRITERS) await new Promise(setImmediate)
          }
        }
        const end = (): void => {
          isOver = true
        }
        await together([...names(WRITERS).map(submitter), reader(), loser()], end)
        const scores = (await board.top()).map(({ score }) => score)
        expect(scores.reduce((sum, score) => sum + score, 0)).toBe(submits)
        await admin.quit()
      }),
    TIMEOUT_MS,
  )

  test(
    `leave nothing behind when they are dropped and made anew ${DROPS} times under writers`,
    () =>
      withRedis(async ({ url }) => {
        const stores = await Promise.all(names(WRITERS).map(() => connectLeaderboards(url)))
        const admin = new Redis(url)
        let isOver = false
        let done = 0
        const writer = async (i: number): Promise<void> => {
          const store = stores[i] as (typeof stores)[0]
          for (let n = 0; !isOver; n++) {
            const problem = await problemIn(async () => {
              const board = await store.openBoard('arena')
              await board.submit(`player ${n % 50}`, n)
              await board.remove(`player ${(n + 25) % 50}`)
              done++
            })
            expect(['', 'NO_BOARD', 'SETTINGS_DIFFER']).toContain(problem)
          }
        }
        const [store] = stores
        if (store === undefined) throw new Error('there is a store')
        const dropper = async (): Promise<void> => {
          for (let i = 0; i < DROPS; i++) {
            await store.createBoard('arena', { mode: i % 2 === 0 ? 'set' : 'best' })
            for (const before = done; !isOver && done < before + WRITERS; )
              await new Promise((later) => setTimeout(later, 1))
            if (i % 5 === 0) expect((await store.check()).findings).toEqual([])
            await store.dropBoard('arena')
          }
        }
        const end = (): void => {
          isOver = true
        }
        await together([...stores.map((_, i) => writer(i)), dropper()], end)
        expect(await store.hasBoard('arena')).toBe(false)
        expect(await admin.keys('*')).toEqual(['ld:boards'])
        await admin.quit()
        for (const one of stores) await one.close()
      }),
    TIMEOUT_MS,
  )
})

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `writer ${i}`)
}

// The first that ends, well or not, ends the others.
async function together(all: readonly Promise<void>[], end: () => void): Promise<void> {
  await Promise.all(all.map((one) => one.finally(end)))
}

async function untilAnswers(board: RemoteBoard): Promise<void> {
  while ((await problemIn(() => board.size())) === 'UNAVAILABLE') await sleep(5)
}
