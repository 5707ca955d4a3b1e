/**
 * Bans on a server, as far as the random tests beside the embedded engine do not tell: ends, boards made later,
 * versions that come late, callers who are stopped half way.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { keysOfBoard, keysOfHome, writeSpec } from '../../src/redis/slot/board-keys.ts'
import { keysOfPartitions, partitionOf } from '../../src/redis/slot/partitions.ts'
import { checkRemoteSettings, newRemoteSpec } from '../../src/redis/slot/remote-settings.ts'
import { problemIn } from '../model/calls.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'
import { FakeClock } from '../support/temporary-store.ts'

interface Scene {
  store: RemoteLeaderboards
  other: RemoteLeaderboards
  admin: Redis
  clock: FakeClock
}

for (const partitions of [1, 4])
  describeOnRedis(`bans on a server, boards of ${partitions}`, () => {
    test('hide a player on every board, and bring everything back', () =>
      withScene(async ({ store }) => {
        const arena = await store.board('arena', { partitions })
        const cave = await store.board('cave', { order: 'ascending', partitions })
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
          { playerId: companionOf('ann', partitions), score: 1 },
          { playerId: 'ann', score: 1 },
        ]
        const atomic = partitions === 1
        expect(await problemIn(() => arena.submitMany(many, { atomic }))).toBe(
          'Submission 1: BANNED',
        )
        expect(await arena.size()).toBe(1)
        expect(await store.unban('ann')).toBe(true)
        expect(await store.unban('ann')).toBe(false)
        expect([await arena.get('ann'), await cave.get('ann')]).toEqual(before)
      }))

    test('end with the first change behind their end, on each board', () =>
      withScene(async ({ store, clock }) => {
        const arena = await store.board('arena', { partitions })
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
        const cat = companionOf('bob', partitions)
        expect(await arena.submit(cat, 1)).toMatchObject({ rank: 2 })
        expect((await arena.top()).map(({ playerId }) => playerId)).toEqual(['bob', cat])
        clock.advance(500)
        // A change that is refused ends them too.
        const dan = companionOf('ann', partitions)
        expect(await problemIn(() => arena.submit(dan, 1, { only: 'existing' }))).toBe(
          'CONDITION_FAILED',
        )
        expect(await arena.rank('ann')).toBe(2)
        expect(await store.bans()).toEqual([])
      }))

    test('hold for boards made later, also by others, and for those dropped and made anew', () =>
      withScene(async ({ store, other, clock }) => {
        const early = await other.board('early', { partitions })
        await store.ban('ann')
        await store.ban('bob', { until: clock.now + 10 })
        const late = await other.board('late', { partitions })
        for (const board of [early, late]) {
          expect(await problemIn(() => board.submit('ann', 1))).toBe('BANNED')
          await board.submit('cat', 1)
          expect(await problemIn(() => board.submit('bob', 1))).toBe('BANNED')
        }
        await store.ban('cat', { board: 'late' })
        await store.dropBoard('late')
        const anew = await store.board('late', { partitions })
        expect(await problemIn(() => anew.submit('ann', 1))).toBe('BANNED')
        expect((await anew.submit('cat', 1)).rank).toBe(1)
        clock.advance(10)
        expect((await anew.submit('bob', 2)).rank).toBe(1)
        await store.unban('ann')
        expect((await early.submit('ann', 3)).rank).toBe(1)
      }))

    test('leave ids of refused submits free, and kept submits are answered again', () =>
      withScene(async ({ store }) => {
        const board = await store.board('arena', { mode: 'increment', partitions })
        await board.submit('ann', 1)
        await board.submit('bob', 2)
        const request = { requestId: 'a' }
        await store.ban('ann')
        expect(await problemIn(() => board.submit('ann', 2, request))).toBe('BANNED')
        await store.ban('ann', { submits: 'keep' })
        const first = await board.submit('ann', 2, { ...request, passed: 1 })
        expect(first).toMatchObject({
          score: 3,
          changed: true,
          created: false,
          passed: { count: 0 },
          rank: undefined,
        })
        expect(await board.submit('ann', 2, request)).toEqual({ ...first, repeated: true })
        expect(await board.remove('ann')).toBe(true)
        await store.unban('ann')
        expect(await board.size()).toBe(1)
      }))
  })

describeOnRedis('bans on a server', () => {
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
      const args = ['', '', '', 'learn', '', 0, 'nd', 0, '', '', 'ann', told]
      await admin.call('FCALL', `${library}_write`, keys.length, ...keys, ...args)
      expect(await arena.rank('ann')).toBe(1)
      await admin.call(
        'FCALL',
        `${library}_write`,
        keys.length,
        ...keys,
        ...args.with(11, told.replace(/^1/, '9')),
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

  test('move with a name from a board in one slot to one in partitions and back', () =>
    withScene(async ({ store, admin }) => {
      await store.board('arena')
      await store.ban('ann')
      for (const partitions of [1, 4, 2, 1, 4]) {
        const board = await store.createBoard('arena', { partitions })
        expect(await problemIn(() => board.submit('ann', 1))).toBe('BANNED')
        await store.ban('bob')
        expect(await problemIn(() => board.submit('bob', 1))).toBe('BANNED')
        await store.unban('bob')
        expect((await board.submit('bob', 1)).rank).toBe(1)
        await store.dropBoard('arena')
      }
      expect(await store.unban('ann')).toBe(true)
      // Told before each of the boards was made, and after the last was dropped.
      expect(await admin.hget('ld{arena}:b', '#')).toBe('6')
    }))

  // The maker was told which bans there are, and is stopped; the ban that comes then finds no partitions to tell.
  test('hold on a board in partitions that somebody else was making when they came', () =>
    withScene(async ({ store, admin }) => {
      await store.hasBoard('arena')
      const partitions = 2
      const spec = newRemoteSpec('arena', checkRemoteSettings('board', 'arena', { partitions }))
      const library = await libraryOf(admin)
      const call = (name: string, keys: string[], ...args: (string | number)[]) =>
        admin.call('FCALL', `${library}_${name}`, keys.length, ...keys, ...args)
      const home = keysOfHome('ld', 'arena')
      await admin.hset('ld:boards', 'arena', '1')
      const [, id = ''] = (await call('found_board', home, writeSpec(spec))) as string[]
      for (const keys of keysOfPartitions('ld', 'arena', partitions))
        expect(await call('begin_partition', keys, writeSpec(spec), id)).toBe(1)
      const told = async (): Promise<string> => {
        const reply = await call('read', keysOfBoard('ld', 'arena'), '', '', 8, 'told')
        return (reply as [string, string, [string]])[2][0]
      }
      const before = await told()
      await store.ban('ann')
      expect(await call('ready_board', home, id, before)).toBe(0)
      expect(await store.hasBoard('arena')).toBe(false)
      const board = await store.board('arena', { partitions })
      expect(await problemIn(() => board.submit('ann', 1))).toBe('BANNED')
      expect((await board.submit('bob', 1)).rank).toBe(1)
    }))

  test('are told, and lifted, for a caller who was stopped before any board knew', () =>
    withScene(async ({ store, admin, clock }) => {
      const boards = [
        await store.createBoard('one'),
        await store.createBoard('many', { partitions: 4 }),
      ]
      for (const board of boards) await board.submit('ann', 1)
      const library = await libraryOf(admin)
      const keys = ['ld:boards', '{ld:boards}:bans', '{ld:boards}:untold']
      const start = (name: string, ...args: (string | number)[]) =>
        admin.call('FCALL', `${library}_${name}`, keys.length, ...keys, ...args)
      const sizes = () => Promise.all(boards.map((board) => board.size()))
      await start('ban_all', clock.now * 1000, 0, 'ann', 'r', 0, '{}')
      await start('ban_all', clock.now * 1000, 0, 'eve', 'r', clock.now * 1000 + 1000, '{}')
      clock.advance(1)
      expect(await sizes()).toEqual([1, 1])
      expect((await store.check()).findings).toEqual([])
      expect(await sizes()).toEqual([0, 0])
      await start('unban_all', clock.now * 1000, 'ann')
      clock.advance(9_999)
      await store.ban('bob', { board: 'one' })
      expect(await sizes()).toEqual([0, 0])
      clock.advance(1)
      await store.ban('bob', { board: 'one' })
      expect(await sizes()).toEqual([1, 1])
      // Told late, an end of all bans lifts none that was made after it.
      await store.ban('ann', { board: 'many' })
      await admin.hset(keys[2] as string, 'ann', 'u 3 0')
      await store.check()
      expect(await sizes()).toEqual([1, 0])
      expect(await admin.exists(keys[2] as string)).toBe(0)
    }))

  test('hold on all boards in partitions, however many are made at the same time', () =>
    withScene(async ({ store, other }) => {
      const names = Array.from({ length: 12 }, (_, i) => `board ${i}`)
      const makings = names.map(async (name, i) => {
        const board = await other.board(name, { partitions: i % 3 === 0 ? 1 : 4 })
        await board.submit('cat', 1)
        return board
      })
      await Promise.all([store.ban('ann'), store.ban('bob'), store.ban('dan'), ...makings])
      await store.unban('dan')
      for (const board of await Promise.all(makings)) {
        expect(await problemIn(() => board.submit('ann', 1))).toBe('BANNED')
        expect(await problemIn(() => board.submit('bob', 1))).toBe('BANNED')
        expect((await board.submit('dan', 2)).rank).toBe(1)
      }
      expect((await store.check()).findings).toEqual([])
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

// Somebody else in the same partition.
function companionOf(playerId: string, partitions: number): string {
  const partition = partitionOf(playerId, partitions)
  for (let i = 0; ; i++) {
    const id = `${playerId} ${i}`
    if (partitionOf(id, partitions) === partition) return id
  }
}

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

async function libraryOf(admin: Redis): Promise<string> {
  const list = (await admin.call('FUNCTION', 'LIST')) as [string, string][]
  return list[0]?.[1] as string
}
