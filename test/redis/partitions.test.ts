/**
 * Boards in partitions: where players lie, what is refused, places far down, and how a board begins and ends
 * when somebody stops half way.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slotOf } from '../../src/redis/client/key-slots.ts'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { keysOfPartitions, partitionOf } from '../../src/redis/slot/partitions.ts'
import { outcomeOfPromise, problemIn } from '../model/calls.ts'
import { Random, runSeed } from '../support/random.ts'
import { openServer, REDIS_PROGRAM, redisSizeOf, type TestServer } from '../support/redis-server.ts'

const PLAYERS = redisSizeOf('REDIS_PLACES', { test: 1_500, whole: 3_000 })

test('partitionOf() and slotOf() are CRC16 as a cluster has it', () => {
  expect(slotOf('123456789')).toBe(0x31c3)
  expect(slotOf('ld{123456789}:e')).toBe(0x31c3)
  expect(partitionOf('123456789', 16)).toBe(3)
  expect(partitionOf('\u{1f3c6}', 1)).toBe(0)
})

test.each([2, 16, 64])('keysOfPartitions() lie in %i equal shares of the slots', (partitions) => {
  for (const name of ['arena', 'a:1.5', 'a}b{c']) {
    const keys = keysOfPartitions('ld', name, partitions)
    expect(keys.flatMap((some) => some.map((key) => shareOf(key, partitions)))).toEqual(
      keys.flatMap((some, i) => some.map(() => i)),
    )
  }
})

describe.skipIf(REDIS_PROGRAM === undefined)('boards in partitions', () => {
  let server: TestServer
  let end: () => Promise<void>
  let admin: Redis
  let prefixes = 0

  beforeAll(async () => {
    const opened = await openServer()
    server = opened.server
    end = opened.end
    admin = new Redis(server.url)
  })
  afterAll(async () => {
    await admin.quit()
    await end()
  })

  async function withPrefix(
    body: (store: RemoteLeaderboards, prefix: string) => Promise<void>,
  ): Promise<void> {
    const prefix = `p${prefixes++}`
    await using store = await connectLeaderboards(server.url, { prefix })
    await body(store, prefix)
    expect((await store.check()).findings).toEqual([])
  }

  // What asks for nobody has nothing to ask a partition, and must see all the same that the board is gone.
  test('say that they are gone to whoever asks for nothing', () =>
    withPrefix(async (store) => {
      for (const partitions of [1, 4]) {
        const board = await store.board('arena', { partitions })
        const empty = {
          'ranks of nobody': () => board.ranks([]),
          'among nobody': () => board.among([]),
          'no first entries': () => board.top(0),
          'no range': () => board.range(5, 4),
          'no scores': () => board.countBetween(2, 1),
          'no scores of a range': () => board.between(2, 1),
          'no submits': () => board.submitMany([]),
          'no windows': () => board.windows(),
        }
        await board.submit('ada', 1)
        await store.dropBoard('arena')
        for (const [name, ask] of Object.entries(empty))
          expect({ partitions, name, outcome: await outcomeOfPromise(ask()) }).toEqual({
            partitions,
            name,
            outcome: { error: 'NO_BOARD' },
          })
      }
    }))

  test('refuse what needs one instant of all, and settings that they were not made with', () =>
    withPrefix(async (store) => {
      const board = await store.board('arena', { partitions: 4 })
      await board.submit('ann', 5)
      const many = [{ playerId: 'bob', score: 7 }]
      for (const [work, problem] of [
        [() => store.board('a', { partitions: 4, keep: 5 }), 'UNSUPPORTED'],
        [() => store.board('a', { partitions: 3 }), 'RangeError'],
        [() => store.board('a', { partitions: 128 }), 'RangeError'],
        [() => store.openBoard('arena', { partitions: 8 }), 'SETTINGS_DIFFER'],
        [() => board.submitMany(many), 'UNSUPPORTED'],
        [() => board.rank('ann', { rankMode: 'dense' }), 'UNSUPPORTED'],
        [() => board.top(1, { rankMode: 'dense' }), 'UNSUPPORTED'],
        [() => board.submit('bob', 7, { rankMode: 'dense' }), 'UNSUPPORTED'],
      ] as const)
        expect([String(work), await problemIn(work)]).toEqual([String(work), problem])
      expect(await board.submitMany(many, { atomic: false })).toMatchObject([{ rank: 1 }])
      expect(await board.standing('ann')).toMatchObject({ ordinal: 2, total: 2, dense: undefined })
      expect(await board.info()).toMatchObject({ partitions: 4, size: 2 })
      expect(await store.boards()).toEqual([await board.info()])
      const one = await store.openBoard('arena')
      expect(one.partitions).toBe(4)
    }))

  test('submit many part by part: those of other partitions are made, and the refusal says which', () =>
    withPrefix(async (store) => {
      const board = await store.board('arena', { partitions: 16 })
      const many = Array.from({ length: 50 }, (_, i) => ({ playerId: `p${i}`, score: i }))
      const answers = await board.submitMany(many, { atomic: false })
      expect(answers.map(({ rank }) => rank)).toEqual(many.map((_, i) => 50 - i))
      const bad = [
        { playerId: 'x', score: 1 },
        { playerId: 'p3', score: 1, only: 'new' as const },
      ]
      const problem = await problemIn(() => board.submitMany(bad, { atomic: false }))
      expect(problem).toBe('Submission 1: CONDITION_FAILED')
      expect(await board.rank('x')).toBe(50)
    }))

  test('find places far down, whose scores are shared or not', () =>
    withPrefix(async (store) => {
      const random = new Random(runSeed('places'))
      for (const [name, scores] of [
        ['many', 1e9],
        ['few', 20],
      ] as const) {
        const board = await store.board(name, { partitions: 16 })
        const rows = Array.from({ length: PLAYERS }, (_, i) => ({
          ...{ playerId: `player-${i}`, score: random.below(scores), at: 1e12 + random.below(1e6) },
        }))
        await board.submitMany(rows, { atomic: false, ranks: false })
        rows.sort((a, b) => b.score - a.score || a.at - b.at || (a.playerId < b.playerId ? -1 : 1))
        const ids = rows.map(({ playerId }) => playerId)
        for (let i = 0; i < 12; i++) {
          const first = random.below(PLAYERS)
          const count = 1 + random.below(random.pick([1, 20, 700]))
          const found = await board.range(first + 1, first + count, { rankMode: 'competition' })
          expect(found.map(({ playerId }) => playerId)).toEqual(ids.slice(first, first + count))
          const [entry] = found
          const better = rows.findIndex(({ score }) => score === entry?.score)
          expect(entry?.rank).toBe(better + 1)
          expect(await board.scoreAt(first + 1)).toBe(rows[first]?.score)
        }
        expect(await board.entryAt(PLAYERS + 1)).toBeUndefined()
        const all: string[] = []
        for await (const { playerId } of board.entries()) all.push(playerId)
        expect(all).toEqual(ids)
      }
    }))

  test('are made once, though several processes begin, and take nobody in before they are whole', () =>
    withPrefix(async (store, prefix) => {
      const others = await Promise.all(
        Array.from({ length: 5 }, () => connectLeaderboards(server.url, { prefix })),
      )
      const boards = await Promise.all(
        [store, ...others].map((one) => one.board('arena', { partitions: 8, mode: 'increment' })),
      )
      const ids = Array.from({ length: 40 }, (_, i) => `p${i}`)
      await Promise.all(boards.flatMap((board) => ids.map((id) => board.submit(id, 1))))
      for (const board of boards) expect(await board.scoreAt(40)).toBe(6)
      for (const other of others) await other.close()
    }))

  test('are dropped whole, though who drops them stops half way', () =>
    withPrefix(async (store, prefix) => {
      const board = await store.board('arena', { partitions: 8 })
      const ids = Array.from({ length: 40 }, (_, i) => `p${i}`)
      await Promise.all(ids.map((id) => board.submit(id, 1)))
      // The first of three steps: the board is no longer there, its partitions are.
      const library = await libraryOf(admin)
      const home = [`${prefix}{arena}:m`, `${prefix}{arena}:x`]
      await admin.call('FCALL', `${library}_end_board`, 2, ...home)
      expect(await store.hasBoard('arena')).toBe(false)
      const anew = await store.board('arena', { partitions: 2 })
      expect(await anew.size()).toBe(0)
      await anew.submit('ann', 1)
      expect(await anew.top()).toMatchObject([{ playerId: 'ann' }])
      expect(await problemIn(() => board.submit('p1', 2))).toMatch(/NO_BOARD|SETTINGS_DIFFER/)
      await store.dropBoard('arena')
      expect(await problemIn(() => store.dropBoard('arena'))).toBe('NO_BOARD')
      // What is left is there for an hour, and holds nobody.
      const left = await admin.keys(`${prefix}{*`)
      expect(left.filter((key) => !/:[mx]$/.test(key))).toEqual([])
      for (const key of left) expect(await admin.ttl(key)).toBeGreaterThan(0)
    }))

  test('are the new ones for a handle of those that were dropped', () =>
    withPrefix(async (store, prefix) => {
      await using other = await connectLeaderboards(server.url, { prefix })
      const old = await store.board('arena', { partitions: 4 })
      await old.submit('ann', 1)
      await other.dropBoard('arena')
      const again = await other.board('arena', { partitions: 4 })
      await again.submit('bob', 2)
      // The score is there; what was counted before belongs to another board.
      expect(await problemIn(() => old.submit('cat', 3))).toBe('UNKNOWN')
      expect(await old.rank('cat')).toBe(1)
      expect((await old.submit('dan', 4)).rank).toBe(1)
      expect(await again.size()).toBe(3)
    }))

  // A creator who was stopped, and wakes up when the board was made and dropped without it.
  test('are not brought back by a step that comes too late', () =>
    withPrefix(async (store, prefix) => {
      const board = await store.board('arena', { partitions: 2 })
      await board.submit('ann', 1)
      const keys = keysOfPartitions(prefix, 'arena', 2)[0] as string[]
      const [id, settings] = await admin.hmget(keys[3] as string, 'id', 'settings')
      await store.dropBoard('arena')
      const library = await libraryOf(admin)
      const begin = (late: string): Promise<unknown> =>
        admin.call(
          'FCALL',
          `${library}_begin_partition`,
          keys.length,
          ...keys,
          settings as string,
          late,
        )
      expect(await begin(id as string)).toBe(0)
      await (await store.board('arena', { partitions: 2 })).submit('bob', 1)
      expect(await begin(id as string)).toBe(0)
      expect(await (await store.board('arena')).size()).toBe(1)
    }))

  test('keep no scores for dense ranks, which they do not tell', () =>
    withPrefix(async (store, prefix) => {
      const board = await store.board('arena', { partitions: 2 })
      for (const id of ['ann', 'bob', 'cat', 'dan']) await board.submit(id, 5)
      await board.submit('ann', 7)
      await board.remove('bob')
      const keys = keysOfPartitions(prefix, 'arena', 2).flat()
      expect(await admin.exists(...keys.filter((key) => key.endsWith(':d')))).toBe(0)
      const whole = await store.board('whole')
      await whole.submit('ann', 5)
      expect(await admin.zcard(`${prefix}{whole}:d`)).toBe(1)
    }))

  test('check() finds a player in the partition of another', async () => {
    await using store = await connectLeaderboards(server.url, { prefix: 'wrong' })
    const board = await store.board('arena', { partitions: 2 })
    await board.submit('ann', 1)
    const [first, second] = keysOfPartitions('wrong', 'arena', 2) as [string[], string[]]
    const [from, to] = partitionOf('ann', 2) === 0 ? [first, second] : [second, first]
    for (const i of [0, 1]) await admin.rename(from[i] as string, to[i] as string)
    expect((await store.check()).findings).toMatchObject([
      { invariant: '5', place: 'player "ann"' },
    ])
  })
})

function shareOf(key: string, shares: number): number {
  return Math.floor((slotOf(key) * shares) / 16_384)
}

async function libraryOf(admin: Redis): Promise<string> {
  const list = (await admin.call('FUNCTION', 'LIST')) as [string, string][]
  return list[0]?.[1] as string
}
