/**
 * Equal scores in mode `best`: the earlier given time counts, so that lists merge in either order.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { BoardSettings, Leaderboard, Score, Submission } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { withStore } from '../support/temporary-store.ts'

const DAY = 1_700_000_000_000

test('submit() of an equal best with an earlier given time takes that time, and the rank', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'best' })
    await board.submit('ann', 10, { at: DAY })
    await board.submit('bob', 10, { at: DAY + 5, name: 'Bob', metadata: { run: 1 } })
    const answer = await board.submit('bob', 10, { at: DAY - 1, metadata: { run: 2 }, passed: 5 })
    expect(answer).toMatchObject({
      ...{ score: 10, previousScore: 10, rank: 1, previousRank: 2 },
      ...{ changed: true, created: false, passed: { count: 1, entries: [{ playerId: 'ann' }] } },
    })
    expect(board.get('bob')).toMatchObject({ at: DAY - 1, name: 'Bob', metadata: { run: 2 } })
    // Accepted without metadata: what there is stays.
    await board.submit('bob', 10, { at: DAY - 2 })
    expect(board.get('bob')).toMatchObject({ at: DAY - 2, metadata: { run: 2 } })
  })
})

test.each([
  ['the same time', 10, { at: DAY }],
  ['a later time', 10, { at: DAY + 1 }],
  ['no time', 10, {}],
  ['an earlier time and a worse score', 9, { at: DAY - 1 }],
])('submit() of a best with %s changes nothing but a name', async (_, score, options) => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'best' })
    await board.submit('ann', 10, { at: DAY, metadata: { run: 1 } })
    const change = { ...options, metadata: { run: 2 }, name: 'Ann' }
    expect(await board.submit('ann', score, change)).toMatchObject({ changed: false })
    expect(board.get('ann')).toMatchObject({ at: DAY, metadata: { run: 1 }, name: 'Ann' })
  })
})

test('submit() of an equal score in the other modes keeps the time, and takes metadata', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 10, { at: DAY, metadata: { run: 1 } })
    const same = await board.submit('ann', 10, { at: DAY - 1, metadata: { run: 2 } })
    expect(same).toMatchObject({ changed: false })
    expect(board.get('ann')).toMatchObject({ at: DAY, metadata: { run: 2 } })
    const none = { mode: 'increment', at: DAY - 1, metadata: { run: 3 } } as const
    expect(await board.submit('ann', 0, none)).toMatchObject({ changed: false })
    expect(board.get('ann')).toMatchObject({ at: DAY, metadata: { run: 3 } })
  })
})

test('submit() with expected null is for players who have no entry', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { keep: 2 })
    const rows = any(store.board('rows', { columns: [{ name: 'a' }, { name: 'b' }] }))
    expect(await board.submit('ann', 1, { expected: null })).toMatchObject({ created: true })
    await expect(board.submit('ann', 2, { expected: null })).rejects.toThrow(
      'the score of player "ann" is 1, expected none',
    )
    await expect(board.submit('bob', 2, { expected: null, only: 'existing' })).rejects.toThrow(
      'has no entry',
    )
    const twice = { playerId: 'bob', score: 1, expected: null }
    await expect(board.submitMany([twice, twice])).rejects.toMatchObject({
      ...{ code: 'CONDITION_FAILED', message: expect.stringContaining('Submission 1') },
    })
    expect(board.size).toBe(1)
    await rows.submit('ann', { a: 1, b: 2 }, { expected: null })
    await expect(rows.submit('ann', { a: 1, b: 2 }, { expected: null })).rejects.toThrow(
      'is a 1, b 2, expected none',
    )
  })
})

// Two exports, imported as a, b and as b, a, made two boards: the equal score of the second list was
// refused with its earlier time.
test.each<[string, BoardSettings]>([
  ['descending', {}],
  ['ascending', { order: 'ascending' }],
  ['int64', { scoreType: 'int64' }],
  ['the best 8', { keep: 8 }],
  ['columns', { columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }] }],
])('two lists make one board in either order, however they come: %s', async (_, settings) => {
  const random = new Random(runSeed('merging'))
  await withStore(
    async ({ store }) => {
      const lists = [listOf(random, settings), listOf(random, settings)]
      const boards: unknown[] = []
      for (const [order, ways] of [
        [[0, 1], feeds],
        [[1, 0], feeds],
      ] as const) {
        for (const feed of ways) {
          const name = `${boards.length}`
          const board = any(store.board(name, { ...settings, mode: 'best' }))
          for (const i of order) await feed(board, lists[i] as Submission<Score>[])
          boards.push([...board.entries()])
        }
      }
      for (const board of boards) expect(board).toEqual(boards[0])
    },
    { durability: 'relaxed' },
  )
})

const feeds: ((board: Leaderboard<Score>, list: Submission<Score>[]) => Promise<unknown>)[] = [
  (board, list) => board.submitMany(list),
  (board, list) =>
    Promise.all(list.map(({ playerId, score, at }) => board.submit(playerId, score, { at }))),
  (board, list) => {
    const text = list.map((row) => `${JSON.stringify(row, text64)}\n`).join('')
    return board.importFrom(Readable.from([Buffer.from(text)]), { format: 'ndjson' })
  },
]

function text64(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

// The same player may come more than once in a list, and no two have both score and time in common.
function listOf(random: Random, { columns, scoreType }: BoardSettings): Submission<Score>[] {
  return Array.from({ length: 40 }, () => {
    const id = random.below(15)
    const points = random.below(3)
    const plain = scoreType === 'int64' ? BigInt(points) : points
    const score = columns === undefined ? plain : { points, time: random.below(2) }
    return { playerId: `p${id}`, score, at: DAY + random.below(50) * 15 + id }
  })
}

function any(board: object): Leaderboard<Score> {
  return board as Leaderboard<Score>
}
