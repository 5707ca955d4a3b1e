/**
 * Bans on a server, as far as the random test beside the embedded engine does not tell: ends, boards made later,
 * versions that come late, partitions.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { problemOf } from '../model/calls.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'
import { FakeClock } from '../support/temporary-store.ts'

interface Scene {
  store: RemoteLeaderboards
  other: RemoteLeaderboards
  admin: Redis
  clock: FakeClock
}

describeOnRedis('bans on a server', () => {
  test('hide a player on every board, and bring everything back', () =>
    withScene(async ({ store }) => {
      const arena = await store.board('arena')
      const cave = await store.board('cave', { order: 'ascending' })
      for (const board of [arena, cave]) {
        await board.submit('ann', 5, { name: 'Ann', metadata: { a: 1 } })
        await board.submit('bob', 7)
      }
      const before = [await arena.get('ann'), await cave.get('ann')]
      const asked = { reason: 'plays with a bot', actor: 'kim' } as const
      const answer = await store.ban('ann', asked)
      expect(answer).toMatchObject({ ...asked, submits: 'refuse', boards: ['arena', 'cave'] })
      expect(await arena.get('ann')).toBeUndefined()
      expect(await arena.size()).toBe(1)
      expect(await cave.rank('bob')).toBe(1)
      expect(await problemIn(() => arena.submit('ann', 9))).toBe('BANNED')
      const many = [
        { playerId: 'cat', score: 1 },
        { playerId: 'ann', score: 1 },
      ]
      expect(await problemIn(() => arena.submitMany(many))).toBe('Submission 1: BANNED')
      expect(await arena.size()).toBe(1)
      expect(await store.unban('ann')).toBe(true)
      expect(await store.unban('ann')).toBe(false)
      expect([await arena.get('ann'), await cave.get('ann')]).toEqual(before)
    }))

  test('end with the first change behind their end, on each board', () =>
    withScene(async ({ store, clock }) => {
      const arena = await store.board('arena')
      await arena.submit('ann', 5)
      await arena.submit('bob', 4)
      expect(await problemIn(() => store.ban('ann', { until: clock.now }))).toBe('RangeError')
      await store.ban('ann', { until: clock.now + 1000 })
      await store.ban('bob', { board: 'arena', until: clock.now + 500, submits: 'keep' })
      expect((await store.bans()).map(({ until }) => until)).toEqual([
        clock.now + 1000,
        clock.now + 500,
      ])
      clock.advance(499)
      expect(await arena.submit('bob', 6)).toMatchObject({ previousScore: 4, rank: undefined })
      expect(await arena.size()).toBe(0)
      clock.advance(1)
      expect(await store.bans()).toHaveLength(1)
      expect(await arena.submit('cat', 1)).toMatchObject({ rank: 2 })
      expect((await arena.top()).map(({ playerId }) => playerId)).toEqual(['bob', 'cat'])
      clock.advance(500)
      // A change that is refused ends them too.
      expect(await problemIn(() => arena.submit('dan', 1, { only: 'existing' }))).toBe(
        'CONDITION_FAILED',
      )
      expect(await arena.rank('ann')).toBe(2)
      expect(await store.bans()).toEqual([])
    }))

  test('hold for boards made later, also by others, and for those dropped and made anew', () =>
    withScene(async ({ store, other, clock }) => {
      const early = await other.board('early')
      await store.ban('ann')
      await store.ban('bob', { until: clock.now + 10 })
      const late = await other.board('late')
      for (const board of [early, late]) {
        expect(await problemIn(() => board.submit('ann', 1))).toBe('BANNED')
        await board.submit('cat', 1)
        expect(await problemIn(() => board.submit('bob', 1))).toBe('BANNED')
      }
      await store.ban('cat', { board: 'late' })
      await store.dropBoard('late')
      const anew = await store.board('late')
      expect(await problemIn(() => anew.submit('ann', 1))).toBe('BANNED')
      expect((await anew.submit('cat', 1)).rank).toBe(1)
      clock.advance(10)
      expect((await anew.submit('bob', 2)).rank).toBe(1)
      await store.unban('ann')
      expect((await early.submit('ann', 3)).rank).toBe(1)
    }))

  // Whoever tells the boards of a ban may be stopped meanwhile, and go on when it was lifted long ago.
  test('are overridden by older ones in no order in which boards are told', () =>
    withScene(async ({ store, admin }) => {
      const arena = await store.board('arena')
      await arena.submit('ann', 1)
      await store.ban('ann')
      const told = (await admin.hgetall('ld{arena}:b'))['0ann'] as string
      await store.unban('ann')
      const library = await libraryOf(admin)
      const keys = ['e', 'p', 'd', 'm', 'r', 'q', 'h', 'b'].map((key) => `ld{arena}:${key}`)
      const args = ['', '', '', 'learn', '', 0, 'nd', 0, 'ann', told]
      await admin.call('FCALL', `${library}_write`, keys.length, ...keys, ...args)
      expect(await arena.rank('ann')).toBe(1)
      await admin.call(
        'FCALL',
        `${library}_write`,
        keys.length,
        ...keys,
        ...args.with(9, told.replace(/^1/, '9')),
      )
      expect(await arena.rank('ann')).toBeUndefined()
    }))

  test('take no room on a board that keeps its best: who comes back pushes out the last, or stays out', () =>
    withScene(async ({ store }) => {
      const board = await store.board('best', { keep: 2, mode: 'best' })
      for (const [id, score] of [
        ['ann', 9],
        ['bob', 5],
      ] as const)
        await board.submit(id, score)
      await store.ban('ann')
      await store.ban('bob')
      for (const [id, score] of [
        ['cat', 8],
        ['dan', 7],
      ] as const)
        await board.submit(id, score)
      await store.unban('ann')
      await store.unban('bob')
      expect((await board.top()).map(({ playerId }) => playerId)).toEqual(['ann', 'cat'])
    }))

  test('leave ids of refused submits free, and kept submits are answered again', () =>
    withScene(async ({ store }) => {
      const board = await store.board('arena', { mode: 'increment' })
      await board.submit('ann', 1)
      const request = { requestId: 'a' }
      await store.ban('ann')
      expect(await problemIn(() => board.submit('ann', 2, request))).toBe('BANNED')
      await store.ban('ann', { submits: 'keep' })
      const first = await board.submit('ann', 2, { ...request, passed: 1 })
      expect(first).toMatchObject({ score: 3, changed: true, created: false, passed: { count: 0 } })
      expect(await board.submit('ann', 2, request)).toEqual({ ...first, repeated: true })
      expect(await board.remove('ann')).toBe(true)
      await store.unban('ann')
      expect(await board.size()).toBe(0)
    }))

  test('are refused where they would not hold: on boards in partitions', () =>
    withScene(async ({ store, clock }) => {
      await store.ban('ann', { until: clock.now + 1 })
      const board = await store.board('wide', { partitions: 2 })
      expect(await problemIn(() => board.submit('bob', 1))).toBe('UNSUPPORTED')
      clock.advance(1)
      await board.submit('bob', 1)
      expect(await problemIn(() => store.ban('ann'))).toBe('UNSUPPORTED')
      expect(await problemIn(() => store.ban('ann', { board: 'wide' }))).toBe('UNSUPPORTED')
      expect(await problemIn(() => store.ban('ann', { board: 'none' }))).toBe('NO_BOARD')
      expect(await store.unban('ann')).toBe(false)
      expect(await store.bans()).toEqual([])
    }))

  test('check() finds a hidden player without a ban', () =>
    withScene(async ({ store, admin }) => {
      const board = await store.board('arena')
      await board.submit('ann', 1)
      await store.ban('ann')
      await admin.hdel('ld{arena}:b', '0ann')
      const { findings } = await store.check()
      expect(findings).toMatchObject([{ invariant: '6', place: 'player "ann"' }])
    }))
})

async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withRedis(async ({ url }) => {
    const clock = new FakeClock()
    await using store = await connectLeaderboards(url, { clock: clock.read })
    await using other = await connectLeaderboards(url, { clock: clock.read })
    const admin = new Redis(url)
    admin.on('error', () => undefined)
    await body({ store, other, admin, clock })
    await admin.quit()
  })
}

async function problemIn(work: () => Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await work())}`
  } catch (error) {
    return problemOf(error)
  }
}

async function libraryOf(admin: Redis): Promise<string> {
  const list = (await admin.call('FUNCTION', 'LIST')) as [string, string][]
  return list[0]?.[1] as string
}
