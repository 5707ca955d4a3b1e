/**
 * Settings of a whole store on a server: each board goes by them, those made later too.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { StoreAlteration } from '../../src/index.ts'
import type { RemoteLeaderboards } from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'

const DAY_MS = 86_400_000
const USUAL = { requests: { days: 1, count: 1_000_000 }, names: 'free', writes: 'open' }
const CLOSED = 'CLOSED_FOR_WRITES'

for (const partitions of [1, 4])
  describeOnRedis(`settings of a store on a server, boards of ${partitions}`, () => {
    test('are the usual ones until they are altered, and again by null', () =>
      withRedisScene(async ({ store, other, admin }) => {
        expect(await store.settings()).toEqual(USUAL)
        const requests = { days: 0.5, count: 10 }
        expect(await store.alter({ requests })).toEqual({ ...USUAL, requests })
        expect(await other.alter({ requests: { days: 2 }, writes: 'closed' })).toEqual({
          ...{ ...USUAL, writes: 'closed', requests: { days: 2, count: 10 } },
        })
        expect(await store.settings()).toMatchObject({ writes: 'closed' })
        expect(await store.alter({ requests: null, writes: null, names: 'free' })).toEqual(USUAL)
        const [version] = await admin.hmget('{ld:boards}:settings', 'version')
        await store.alter({ writes: 'open' })
        expect(await admin.hgetall('{ld:boards}:settings')).toEqual({ version })
      }))

    test('are refused by name where a server has nothing of them', () =>
      withRedisScene(async ({ store }) => {
        const alter = (settings: StoreAlteration, ...more: object[]) =>
          problemIn(() => Reflect.apply(store.alter, store, [settings, ...more]))
        expect(await alter({ retention: { days: 1 } })).toBe('UNSUPPORTED')
        expect(await alter({ writes: 'shut' as 'closed' })).toBe('RangeError')
        expect(await alter({ writes: 'closed' }, { max: 5 })).toBe('TypeError')
        expect(await alter({ requests: { days: -1 } })).toBe('RangeError')
        expect(await store.settings()).toEqual(USUAL)
      }))

    test('close every board, for those who had it open and for those made later', () =>
      withRedisScene(async ({ store, other }) => {
        const arena = await other.board('arena', { partitions })
        await arena.submit('ann', 5, { requestId: 'one' })
        const unborn = await other.board('unborn', { partitions })
        await store.alter({ writes: 'closed' })
        await expectClosed(other)
        expect(await arena.submit('ann', 5, { requestId: 'one' })).toMatchObject({
          ...{ repeated: true, score: 5 },
        })
        const many = [
          { playerId: 'ann', score: 5, requestId: 'one' },
          { playerId: 'ann', score: 7 },
        ]
        expect(await problemIn(() => arena.submitMany(many, { atomic: partitions === 1 }))).toBe(
          `Submission 1: ${CLOSED}`,
        )
        expect(await problemIn(() => unborn.submit('ann', 1))).toBe(CLOSED)
        expect(await problemIn(() => imported(unborn))).toBe(CLOSED)
        expect(await other.hasBoard('unborn')).toBe(false)
        // Moderation and drops go on.
        await other.ban('ann')
        await other.unban('ann')
        expect(await other.rename('ann', 'Ann')).toBe(1)
        expect(await other.removePlayer('bob')).toBe(0)
        await other.createBoard('unborn', { partitions })
        expect(await problemIn(() => unborn.submit('ann', 1))).toBe(CLOSED)
        await other.dropBoard('unborn')
        await other.dropBoard('arena')
        const again = await other.createBoard('arena', { partitions })
        expect(await problemIn(() => again.submit('ann', 1))).toBe(CLOSED)
        await store.alter({ writes: 'open' })
        await again.submit('ann', 1)
        await (await store.board('unborn', { partitions })).submit('ann', 1)
      }))

    test('are told by the next check if who altered them was stopped', () =>
      withRedisScene(async ({ store, other, admin, clock }) => {
        const arena = await store.board('arena', { partitions })
        await arena.submit('ann', 5)
        // As of a process that ended behind its first call.
        const keys = ['ld:boards', ...['bans', 'untold', 'settings'].map((k) => `{ld:boards}:${k}`)]
        const name = await functionOf(admin, 'alter_store')
        await admin.fcall(name, keys.length, ...keys, clock.now * 1000, 'writes', 'closed')
        await arena.submit('ann', 6)
        await other.check()
        expect(await problemIn(() => arena.submit('ann', 7))).toBe(CLOSED)
        expect(await admin.hexists('{ld:boards}:settings', 'untold')).toBe(0)
      }))

    test('are told late and in another order, and the newest hold', () =>
      withRedisScene(async ({ store }) => {
        const arena = await store.board('arena', { partitions })
        await arena.submit('ann', 5)
        const words = ['closed', 'open', 'closed', 'open', 'closed'] as const
        const told = await Promise.all(words.map((writes) => store.alter({ writes })))
        const { writes } = await store.settings()
        expect(told.map((one) => one.writes)).toContain(writes)
        const closed = await problemIn(() => arena.submit('ann', 6))
        expect(closed === CLOSED).toBe(writes === 'closed')
      }))

    test('say how long ids of requests are known, and how many', () =>
      withRedisScene(async ({ store, other, clock }) => {
        const arena = await other.board('arena', { partitions, mode: 'increment' })
        const again = async (id: string): Promise<boolean> => {
          const { repeated } = await arena.submit('ann', 1, { requestId: id })
          return repeated === true
        }
        await again('a')
        clock.advance(DAY_MS)
        expect(await again('a')).toBe(false)
        await store.alter({ requests: { days: 3 } })
        clock.advance(2 * DAY_MS)
        expect(await again('a')).toBe(true)
        await store.alter({ requests: { days: 3, count: 2 } })
        expect([await again('b'), await again('a'), await again('c')]).toEqual([false, true, false])
        expect([await again('c'), await again('b'), await again('a')]).toEqual([true, true, false])
      }))
  })

async function expectClosed(store: RemoteLeaderboards): Promise<void> {
  const board = await store.openBoard('arena')
  const changes = [
    () => board.submit('ann', 9),
    () => board.submit('new', 9),
    () => board.remove('ann'),
    () => board.take('new'),
    () => store.removePlayer('ann'),
    () => store.takePlayer('ann'),
    () => imported(board),
  ]
  for (const change of changes) expect(await problemIn(change)).toBe(CLOSED)
  expect((await board.top()).map(({ playerId }) => playerId)).toEqual(['ann'])
}

function imported(board: { importFrom: RemoteBoardImport }): Promise<unknown> {
  return board.importFrom(['playerId,score\n', 'ann,9\n'], { format: 'csv' })
}

type RemoteBoardImport = (rows: string[], options: { format: 'csv' }) => Promise<unknown>

async function functionOf(
  admin: { call: (...words: string[]) => Promise<unknown> },
  name: string,
): Promise<string> {
  const all = JSON.stringify(await admin.call('FUNCTION', 'LIST'))
  return new RegExp(`ladderdb_1_[0-9a-f]{8}_${name}`).exec(all)?.[0] ?? ''
}
