/**
 * Erasures on a server, as far as the random tests beside the embedded engine do not tell: nothing is left of a person in
 * any key, and what a caller leaves who is stopped half way is done by others.
 *
 * @module
 */

import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { keysOfAll } from '../../src/redis/slot/board-keys.ts'
import { problemIn } from '../model/calls.ts'
import { clientWith, DAY, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'

const DAY_MS = 86_400_000

describeOnRedis('erasures on a server', () => {
  test.each([1, 4])('leave nothing of a person in any key: %i', (partitions) =>
    withRedisScene(async ({ store, admin, clock }) => {
      const daily = await store.createBoard('daily', { windows: ['day'] })
      await daily.submit('mallory', 5)
      clock.advance(3 * DAY_MS)
      await daily.submit('mallory', 7)
      const arena = await store.createBoard('arena', { mode: 'best', partitions })
      await store.alter('arena', { perMinute: 100 })
      await store.alter({ names: 'unique' })
      await daily.importFrom(['playerId,score,name\n', 'mallory,8,Mal\n'], { format: 'csv' })
      await store.setProfile('mallory', { name: 'Mallory P.', metadata: { from: 'Rome' } })
      const club = await store.createBoard('club', { partitions })
      await store.alter('club', { players: 'known' })
      await club.submit('mallory', 5)
      await arena.submit('mallory', 5, { name: 'Mallory M.', requestId: 'r-mallory-1' })
      await arena.submit('bob', 4, { requestId: 'bob 1' })
      const asked = { passed: 3, requestId: 'bob 2' } as const
      const first = await arena.submit('bob', 9, asked)
      expect(first.passed?.entries).toMatchObject([{ playerId: 'mallory', rank: 2 }])
      await arena.submitMany(
        [
          { playerId: 'mallory', score: 6 },
          { playerId: 'cid', score: 3 },
        ],
        { requestId: 'list', atomic: false },
      )
      await store.ban('mallory', { board: 'daily', reason: 'plays with a bot' })
      await store.ban('mallory', { submits: 'keep' })
      await arena.submit('mallory', 50)
      expect(await traces(admin, 'mallory')).not.toEqual([])
      const erased = await store.erase('mallory')
      expect(erased).toEqual({ found: true, boards: ['arena', 'club', 'daily'], records: 0 })
      expect(await traces(admin, /mallory|Rome|plays with a bot/i)).toEqual([])
      expect(await store.bans()).toEqual([])
      expect((await arena.get('bob'))?.rank).toBe(1)
      expect(await store.check()).toMatchObject({ ok: true })
      // Whoever uses the id again is somebody else.
      const again = await arena.submit('mallory', 1, { requestId: 'r-mallory-1' })
      expect(again).toMatchObject({ created: true, previousScore: undefined })
      expect(await store.erase('mallory')).toMatchObject({ found: true, boards: ['arena'] })
      expect(await store.erase('mallory')).toEqual({ found: false, boards: [], records: 0 })
      expect(await arena.submit('bob', 9, asked)).toEqual({
        ...{ ...first, repeated: true },
        passed: { count: 1, entries: [] },
      })
    }),
  )

  // Partitions told a retry what they would say by then: other ranks, and players who came meanwhile.
  test.each([1, 4])('leave others in the answer that a retry is told: %i', (partitions) =>
    withRedisScene(async ({ store }) => {
      const arena = await store.createBoard('arena', { windows: ['day'], partitions })
      // As base64, in which partitions keep keys, these end in each of the three ways.
      for (const [i, id] of ['a', 'bo', 'cid'].entries()) await arena.submit(id, 30 - i)
      const asked = { passed: 3, requestId: 'r' } as const
      const first = await arena.submit('dan', 40, asked)
      let entries = first.passed?.entries ?? []
      await arena.submit('eve', 50)
      await arena.submit('fay', 35)
      for (const id of ['bo', 'a', 'cid']) {
        await store.erase(id)
        entries = entries.filter(({ playerId }) => playerId !== id)
        const passed = { count: 3, entries }
        expect(await arena.submit('dan', 40, asked)).toEqual({ ...first, repeated: true, passed })
      }
    }),
  )

  test('take a person out of an answer that is under way', () =>
    withRedisScene(async ({ store, admin, clock, url }) => {
      const arena = await store.createBoard('arena', { partitions: 4 })
      await arena.submit('mallory', 5)
      const client = clientWith(url, (args) => args.includes('settle') && store.erase('mallory'))
      const slow = await connectLeaderboards(client, { clock: clock.read })
      const asked = { passed: 3, requestId: 'r' } as const
      const first = await (await slow.openBoard('arena')).submit('bob', 9, asked)
      expect(first.passed).toEqual({ count: 1, entries: [] })
      expect(await traces(admin, 'mallory')).toEqual([])
      expect(await arena.submit('bob', 9, asked)).toEqual({ ...first, repeated: true })
      // Whoever uses the id again is somebody else.
      await arena.submit('mallory', 10)
      const next = await arena.submit('bob', 11, { ...asked, requestId: 's' })
      expect(next.passed?.entries).toMatchObject([{ playerId: 'mallory' }])
      await slow.close()
      await client.quit()
    }))

  test('reach the sealed seasons of an id that was moved to the person, not later ones', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const daily = await store.createBoard('daily', { windows: ['day'] })
      for (let i = 0; i < 2; i++) {
        await daily.submit('guest', i)
        await daily.submit('ann', 7)
        clock.advance(DAY_MS)
      }
      await store.movePlayer('guest', 'mallory')
      await daily.submit('guest', 9)
      await store.erase('mallory')
      const finals = await daily.finals('guest', 'day')
      expect(finals).toEqual([])
      expect(await daily.rank('guest')).toBe(1)
      expect(await traces(admin, 'mallory')).toEqual([])
    }))

  test('reach a season that was sealed at the very instant at which the grace became longer', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const daily = await store.createBoard('daily', { windows: [DAY] })
      await daily.submit('guest', 5)
      clock.advance(DAY_MS / 2)
      await store.alter('daily', { windows: { day: { graceMs: 40 * DAY_MS } } })
      clock.advance(1000)
      await store.movePlayer('guest', 'mallory')
      expect((await (await daily.window('day', '2026-11-28')).top()).length).toBe(1)
      await store.erase('mallory')
      expect(await daily.finals('guest', 'day')).toEqual([])
      expect(await (await daily.window('day', '2026-11-28')).top()).toEqual([])
      expect(await traces(admin, 'mallory')).toEqual([])
    }))

  test('are done to the end for a caller who was stopped', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const boards = [await store.createBoard('a'), await store.createBoard('b', { partitions: 4 })]
      for (const board of boards) await board.submit('mallory', 1)
      await store.ban('mallory')
      const [[, library]] = (await admin.call('FUNCTION', 'LIST')) as [[string, string]]
      const keys = keysOfAll('ld')
      const args = [clock.now * 1000, 'mallory', 'id']
      await admin.call('FCALL', `${library}_begin_erase`, keys.length, ...keys, ...args)
      expect(await store.bans()).toEqual([])
      clock.advance(10_000)
      await store.ban('eve')
      expect(await traces(admin, 'mallory')).toEqual([])
      await boards[0]?.submit('mallory', 2)
      expect(await store.check()).toMatchObject({ ok: true })
      expect(await boards[0]?.rank('mallory')).toBe(1)
    }))

  test('are not undone by a ban of before that is told late', () =>
    withRedisScene(async ({ store, admin }) => {
      const arena = await store.createBoard('arena')
      await store.ban('mallory')
      const told = (await admin.hgetall('ld{arena}:b'))['0mallory'] as string
      await store.erase('mallory')
      const [[, library]] = (await admin.call('FUNCTION', 'LIST')) as [[string, string]]
      const keys = ['e', 'p', 'd', 'm', 'r', 'q', 'h', 'b'].map((key) => `ld{arena}:${key}`)
      const args = ['', '', '', 'learn', '', 0, 'nd', 0, '', '', 'mallory', told]
      await admin.call('FCALL', `${library}_write`, keys.length, ...keys, ...args)
      expect((await arena.submit('mallory', 1)).rank).toBe(1)
      await store.ban('mallory')
      expect(await arena.size()).toBe(0)
    }))

  test('do not look into backups', () =>
    withRedisScene(async ({ store }) => {
      const refused = await problemIn(() => store.erase('ann', { backups: '/tmp' }))
      expect(refused).toBe('UNSUPPORTED')
    }))
})

/** The keys in which a text is found, with all that they hold. */
async function traces(admin: Redis, text: string | RegExp): Promise<string[]> {
  const found: string[] = []
  for (const key of await admin.keys('*')) {
    const type = await admin.type(key)
    const parts =
      type === 'hash'
        ? await admin.hgetall(key)
        : type === 'list'
          ? await admin.lrange(key, 0, -1)
          : await admin.zrange(key, '0', '-1')
    const whole = JSON.stringify([key, parts])
    // What partitions told of one another is base64.
    const decoded = [...whole.matchAll(/[\w+/]{16,}={0,2}/g)].map(([part]) =>
      Buffer.from(part, 'base64').toString('latin1'),
    )
    if ([whole, ...decoded].some((one) => new RegExp(text).test(one))) found.push(key)
  }
  return found
}
