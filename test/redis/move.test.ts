/**
 * Moves of players on a server, as far as the random tests beside the embedded engine do not tell: callers who are
 * stopped half way, and what is refused as a whole.
 *
 * @module
 */

import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import type { Leaderboards } from '../../src/index.ts'
import { keysOfAll } from '../../src/redis/slot/board-keys.ts'
import { keysOfPartitions, partitionOf } from '../../src/redis/slot/partitions.ts'
import { withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'
import { type FakeClock, withStore } from '../support/temporary-store.ts'

const MOVED = { from: 'guest', to: 'ada', sealed: false, known: 'u' }

describeOnRedis('moves of players on a server', () => {
  test('give boards, seasons and sums to the receiver, whose name stays', () =>
    withRedisScene(async ({ store }) => {
      const best = await store.createBoard('best', { mode: 'best', windows: ['day'] })
      const sums = await store.createBoard('sums', { mode: 'increment', scoreType: 'int64' })
      await best.submit('guest', 9, { metadata: { car: 'red' } })
      await best.submit('ada', 5, { name: 'Ada L.' })
      await sums.submit('guest', 9_007_199_254_740_993n)
      const moved = await store.movePlayer('guest', 'ada', { reason: 'signed up' })
      expect(moved).toMatchObject({ from: 'guest', to: 'ada', boards: ['best', 'sums'] })
      expect(moved.seasons).toMatchObject([{ board: 'best', window: 'day' }])
      const told = { name: 'Ada L.', score: 9, metadata: { car: 'red' }, rank: 1 }
      expect(await best.get('ada')).toMatchObject(told)
      expect(await (await best.window('day')).get('ada')).toMatchObject(told)
      expect(await sums.get('ada')).toMatchObject({ name: 'Ada L.', score: 9_007_199_254_740_993n })
      expect(await best.size()).toBe(1)
      const none = { from: 'guest', to: 'ada', boards: [] }
      expect(await store.movePlayer('guest', 'ada')).toEqual(none)
    }))

  // A profile of the receiver was told to all boards, and its name to sealed seasons, too.
  test('leave the name of the receiver in sealed seasons as it is', () =>
    withRedisScene(async ({ store, clock }) => {
      const daily = await store.createBoard('daily', { windows: ['day'] })
      await daily.submit('ada', 5, { name: 'Ada' })
      const season = (await daily.seasons('day'))[0]?.season
      clock.advance(2 * 86_400_000)
      await store.setProfile('ada', { name: 'Ada L.' })
      await daily.submit('guest', 3)
      await store.movePlayer('guest', 'ada', { sealed: true })
      expect(await (await daily.window('day', season)).get('ada')).toMatchObject({ name: 'Ada' })
      expect(await daily.get('ada')).toMatchObject({ name: 'Ada L.' })
    }))

  test('are refused as a whole, in the words of the embedded engine', () =>
    withStore(async ({ store: embedded }) =>
      withRedisScene(async ({ store }) => {
        for (const one of [embedded, store as unknown as Leaderboards]) {
          await one.createBoard('best', { mode: 'best' })
          await one.createBoard('sums', { mode: 'increment' })
          for (const [board, id, score] of [
            ...([['best', 'guest', 3] as const, ['best', 'eve', 2] as const] as const),
            ...([
              ['sums', 'guest', 2 ** 53],
              ['sums', 'ada', 2],
            ] as const),
          ])
            await (await one.openBoard(board)).submit(id, score)
          await one.ban('eve', { board: 'sums' })
          await one.ban('mallory')
        }
        for (const [from, to] of [
          ...[
            ['guest', 'ada'],
            ['guest', 'eve'],
            ['eve', 'guest'],
            ['guest', 'mallory'],
          ],
          ...[
            ['mallory', 'eve'],
            ['guest', 'guest'],
            ['', 'ada'],
          ],
        ] as [string, string][]) {
          const refused = await messageOf(() => embedded.movePlayer(from, to))
          expect(refused).not.toBe('answered')
          expect(await messageOf(() => store.movePlayer(from, to))).toBe(refused)
        }
        expect(await (await store.openBoard('best')).rank('guest')).toBe(1)
      }),
    ))

  test.each([1, 4])('are made to the end for a caller who was stopped: %i', (partitions) =>
    withRedisScene(async ({ store, admin, clock }) => {
      const names = ['a', 'b', 'c']
      const boards = await Promise.all(
        names.map((name) => store.createBoard(name, { mode: 'increment', partitions })),
      )
      for (const board of boards) await board.submitMany([{ playerId: 'guest', score: 5 }], PARTS)
      const scores = () => Promise.all(boards.map(async (one) => (await one.get('guest 6'))?.score))
      const move = { ...MOVED, to: 'guest 6', boards: ['a', 'b'] }
      await begin(admin, clock, { move, id: '1' })
      expect(await store.check()).toMatchObject({ ok: true })
      expect(await scores()).toEqual([5, 5, undefined])
      await begin(admin, clock, { move: { ...move, boards: names }, id: '2' })
      clock.advance(9_999)
      await store.ban('nobody')
      expect(await scores()).toEqual([5, 5, undefined])
      clock.advance(1)
      await store.ban('nobody')
      expect(await scores()).toEqual([5, 5, 5])
      expect(await admin.exists('{ld:boards}:moves')).toBe(0)
      expect(await store.check()).toMatchObject({ ok: true })
    }),
  )

  test('leave a board to which a ban came meanwhile', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const board = await store.createBoard('a')
      await board.submit('guest', 5)
      await begin(admin, clock, { move: { ...MOVED, boards: ['a'] }, id: '1' })
      await store.ban('ada', { board: 'a' })
      await store.check()
      expect(await board.rank('guest')).toBe(1)
      expect(await admin.exists('{ld:boards}:moves')).toBe(0)
    }))

  test('leave no name behind that the receiver shows by now', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const boards = ['a', 'b']
      for (const name of boards)
        await (await store.createBoard(name)).submit('guest', 5, { name: 'Ada' })
      await store.alter({ names: 'unique' })
      await begin(admin, clock, { move: { ...MOVED, boards, version: 1 }, id: '1' })
      await store.ban('ada', { board: 'b' })
      await store.check()
      const names = async (id: string) => (await store.boardsOf(id)).map(({ entry }) => entry.name)
      expect([await names('ada'), await names('guest')]).toEqual([['Ada'], ['guest']])
      expect(await messageOf(() => store.rename('guest', 'ada'))).toMatch(/^NAME_TAKEN/)
    }))

  // Boards that did not know the receiver yet were told of the name, and showed the one of before for good.
  test.each([1, 4])(
    'show the name that the receiver got meanwhile, in %d partitions',
    (partitions) =>
      withRedisScene(async ({ store, admin, clock }) => {
        const board = await store.createBoard('a', { partitions })
        await board.submit('guest', 5)
        await store.setProfile(OTHER, { name: 'Ada' })
        const move = { ...MOVED, to: OTHER, known: 'sAda', boards: ['a'] }
        await begin(admin, clock, { move, id: '1' })
        await store.setProfile(OTHER, { name: 'Ada L.' })
        await store.check()
        expect(await board.get(OTHER)).toMatchObject({ name: 'Ada L.', score: 5 })
        expect(await admin.exists('{ld:boards}:naming')).toBe(0)
      }),
  )

  test('go from one partition to another, each sum once, wherever callers are stopped', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const board = await store.createBoard('wide', { mode: 'increment', partitions: 4 })
      const steps = await stepsOf(admin, clock)
      const move = { ...MOVED, to: OTHER, boards: ['wide'] }
      // Taken off and no more; given, too; struck out, too.
      for (const [i, stop] of [1, 2, 3].entries()) {
        await board.submit('guest', 5)
        await begin(admin, clock, { move, id: `m${i}` })
        const [, , , note, micros] = (await steps.source('move_off', `m${i}`, `s${i}`)) as Buffer[]
        if (stop > 1) await steps.target('move_on', note as Buffer, micros as Buffer)
        if (stop > 1) await steps.target('move_on', note as Buffer, micros as Buffer)
        if (stop > 2) await steps.source('move_done', `m${i}`, note as Buffer)
        // What the old id gets meanwhile goes along.
        await board.submit('guest', 100)
        expect(await store.check()).toMatchObject({ ok: true })
        expect(await board.rank('guest')).toBeUndefined()
        expect((await board.get(OTHER))?.score).toBe(105 * (i + 1))
        // A process that wakes up late gives nothing again.
        await steps.target('move_on', note as Buffer, micros as Buffer)
        expect((await board.get(OTHER))?.score).toBe(105 * (i + 1))
      }
      expect(await admin.exists('{ld:boards}:moves')).toBe(0)
      expect(await store.check()).toMatchObject({ ok: true })
    }))

  test('are given by nobody who read long ago what was taken off', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const board = await store.createBoard('wide', { partitions: 4 })
      const steps = await stepsOf(admin, clock)
      await board.submit('guest', 5)
      const [, , , note, micros] = (await steps.source('move_off', 'm', 's')) as Buffer[]
      clock.advance(3_600_001)
      const [, , [why]] = (await steps.target('move_on', note as Buffer, micros as Buffer)) as [
        ...[number, number, string[]],
      ]
      expect(String(why)).toBe('STALE')
      expect(await board.rank(OTHER)).toBeUndefined()
      const [, , , again, now] = (await steps.source('move_off', 'm', 'other')) as Buffer[]
      expect(again).toEqual(note)
      await steps.target('move_on', again as Buffer, now as Buffer)
      expect(await board.rank(OTHER)).toBe(1)
    }))

  test('give back what makes no exact sum in the other partition', () =>
    withRedisScene(async ({ store, admin, clock }) => {
      const board = await store.createBoard('wide', { mode: 'increment', partitions: 4 })
      await board.submit('guest', 2 ** 53)
      await board.submit(OTHER, 2)
      expect(await messageOf(() => store.movePlayer('guest', OTHER))).toMatch(/^INEXACT Cannot add/)
      const before = [await board.get('guest'), await board.get(OTHER)]
      await begin(admin, clock, { move: { ...MOVED, to: OTHER, boards: ['wide'] }, id: 'm' })
      await store.check()
      expect([await board.get('guest'), await board.get(OTHER)]).toEqual(before)
      expect(await admin.hlen('{ld:boards}:moves')).toBe(0)
    }))
})

/** In another partition than `guest`. */
const OTHER = 'guest 1'

/** The steps by which a player leaves one partition for another. */
async function stepsOf(
  admin: Redis,
  clock: FakeClock,
): Promise<Record<'source' | 'target', (step: string, ...args: (string | Buffer)[]) => unknown>> {
  const [[, library]] = (await admin.call('FUNCTION', 'LIST')) as [[string, string]]
  const all = keysOfPartitions('ld', 'wide', 4)
  const call = async (id: string, step: string, args: (string | Buffer)[]): Promise<unknown> => {
    const keys = all[partitionOf(id, 4)] as string[]
    const boardId = (await admin.hget(keys[3] as string, 'id')) as string
    const known = ['', '', '', step, clock.now * 1000, 0, 'nd', 0, '', boardId]
    const reply = await admin.callBuffer(
      ...(['FCALL', `${library}_write`, keys.length, ...keys, ...known, ...args] as unknown as [
        string,
      ]),
    )
    return (reply as [Buffer, Buffer, unknown])[2]
  }
  return {
    source: (step, ...args) =>
      call(
        'guest',
        step,
        step === 'move_off' ? ['guest', OTHER, '0', ...args, ''] : ['guest', ...args],
      ),
    target: (step, ...args) => call(OTHER, step, [OTHER, ...args, 'u']),
  }
}

const PARTS = { atomic: false, ranks: false } as const

/** What a caller does before anything is moved. */
async function begin(
  admin: Redis,
  clock: FakeClock,
  { move, id }: { move: typeof MOVED & { boards: string[]; version?: number }; id: string },
): Promise<void> {
  const [[, library]] = (await admin.call('FUNCTION', 'LIST')) as [[string, string]]
  const keys = keysOfAll('ld')
  const args = [clock.now * 1000, move.from, move.to, id, JSON.stringify(move), 0]
  const banned = await admin.call('FCALL', `${library}_begin_move`, keys.length, ...keys, ...args)
  expect(banned).toBe('')
}

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'answered'
  } catch (error) {
    const { code, name, message } = error as Error & { code?: string }
    return `${code ?? name} ${message}`
  }
}
