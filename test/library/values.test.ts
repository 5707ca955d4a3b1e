/**
 * Scores, ids and times at the edges of what is allowed.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Submission } from '../../src/index.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

const SCORES_ASCENDING = [
  ...[-Number.MAX_VALUE, -1.7e308, -(2 ** 60), -(2 ** 53), 1 - 2 ** 53, -1.5, -0.1, -2.5e-310],
  ...[-5e-324, 0, 5e-324, 2.5e-310, 0.1, 0.3, 0.1 + 0.2, 1, 1 + Number.EPSILON, 1.5, 2 ** 31],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 60, 1.7e308, Number.MAX_VALUE],
]

// In the order of their UTF-8 bytes. UTF-16 would put the last two before \ue000.
const IDS_ASCENDING = [
  ...['\0', '\0\0', ' ', '0', 'A', 'A\u030a', 'a', 'a\0', 'aa', 'ab', 'e\u0301', 'z', '\u00c5'],
  ...['\u00e9', '\u212b', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'],
]

test.each(['descending', 'ascending'] as const)(
  'submit() keeps every finite score exact, order %s',
  async (order) => {
    await withStore(async (temporary) => {
      const scores = SCORES_ASCENDING.map((score, i) => ({ playerId: `player-${i}`, score }))
      await temporary.store.board('game', { order }).submitMany(scores.toReversed())
      const board = (await temporary.reopen()).board('game')
      const expected = order === 'ascending' ? SCORES_ASCENDING : SCORES_ASCENDING.toReversed()
      expect(board.top(100).map(({ score }) => score)).toEqual(expected)
      for (const { playerId, score } of scores) {
        expect(board.get(playerId)?.score).toBe(score)
        expect(board.countBetween(score, score)).toBe(1)
        expect(board.standing(playerId)).toMatchObject({ equal: 1, total: scores.length })
      }
    })
  },
)

test('submit() stores -0 as 0, a tie with 0', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    expect((await board.submit('minus', -0)).score).toBe(0)
    expect((await board.submit('plus', 0)).score).toBe(0)
    expect((await board.submit('sum', -0, { mode: 'increment' })).score).toBe(0)
    expect(board.get('minus')?.score).toBe(0)
    expect(board.rank('plus', { rankMode: 'competition' })).toBe(1)
    expect(board.countBetween(-0, -0)).toBe(3)
    expect(await board.submit('plus', -0)).toMatchObject({ changed: false })
  })
})

test.each([
  [Number.NaN, RangeError],
  [Number.POSITIVE_INFINITY, RangeError],
  [Number.NEGATIVE_INFINITY, RangeError],
  ['1500', TypeError],
  [undefined, TypeError],
  [null, TypeError],
  [1500n, TypeError],
])('submit() and standingOf() refuse %s as score', async (score, kind) => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    await expect(board.submit('alice', score as number)).rejects.toThrow(kind)
    expect(() => board.standingOf(score as number)).toThrow(kind)
    expect(board.size).toBe(0)
  })
})

test('Leaderboard orders equal scores of one time by the UTF-8 bytes of the ids', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    for (const order of ['descending', 'ascending'] as const) {
      const board = store.board(order, { order })
      const submissions = IDS_ASCENDING.map((playerId) => ({ playerId, score: 7, at: 1234.5 }))
      await board.submitMany(submissions.toReversed())
    }
    const again = await temporary.reopen()
    for (const order of ['descending', 'ascending']) {
      const entries = again.board(order).top(100)
      expect(entries.map(({ playerId }) => playerId)).toEqual(IDS_ASCENDING)
      expect(again.board(order).ranks(IDS_ASCENDING)).toEqual(IDS_ASCENDING.map((_, i) => i + 1))
    }
  })
})

test('submit() tells ids apart that differ in normal form alone', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('caf\u00e9', 1)
    await board.submit('cafe\u0301', 2)
    expect(board.size).toBe(2)
    expect(board.get('caf\u00e9')).toMatchObject({ score: 1, name: 'caf\u00e9' })
    expect(board.get('cafe\u0301')).toMatchObject({ score: 2, name: 'cafe\u0301' })
  })
})

test.each([
  ['x', 512],
  ['\u00e9', 256],
  ['\uffff', 170],
  ['\u{1f3c6}', 128],
])('submit() takes ids of at most 512 bytes: %j, %i times', async (character, count) => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const id = character.repeat(count)
    await board.submit(id, 1)
    await board.submit('second', 1, { at: 5 })
    expect(board.get(id)).toMatchObject({ playerId: id, rank: 2 })
    await expect(board.submit(`${id}${character}`, 1)).rejects.toThrow(RangeError)
    expect(() => board.get(`${id}${character}`)).toThrow(/512/)
  })
})

test.each([
  ['', RangeError],
  ['\ud800', RangeError],
  ['a\udc00b', RangeError],
  ['\udc00\ud800', RangeError],
  [7, TypeError],
  [undefined, TypeError],
  [{}, TypeError],
])('Leaderboard refuses %j as playerId', async (playerId, kind) => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    const id = playerId as string
    await expect(board.submit(id, 1)).rejects.toThrow(kind)
    await expect(board.submitMany([{ playerId: id, score: 1 }])).rejects.toThrow(kind)
    await expect(board.remove(id)).rejects.toThrow(kind)
    expect(() => board.get(id)).toThrow(kind)
    expect(() => board.rank(id)).toThrow(kind)
    expect(() => board.standing(id)).toThrow(kind)
    expect(() => board.around(id)).toThrow(kind)
    expect(() => board.ranks([id])).toThrow(kind)
    expect(board.size).toBe(0)
  })
})

test('submit() refuses an increment whose sum is not exact, and no neighbour of it', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('alice', 2 ** 53 - 1)
    const answers = await Promise.allSettled([
      board.submit('before', 1),
      board.submit('alice', 2),
      board.submit('alice', -Number.MAX_VALUE),
      board.submit('new', 2 ** 53 + 2),
      board.submit('after', 1),
      board.submit('alice', 1),
    ])
    expect(answers.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
    ])
    expect(answers[1]).toMatchObject({ reason: { code: 'INEXACT' } })
    expect(answers[4]).toMatchObject({ value: { rank: 3, created: true } })
    expect(board.top().map(({ playerId, score }) => [playerId, score])).toEqual([
      ['alice', 2 ** 53],
      ['before', 1],
      ['after', 1],
    ])
  })
})

test.each([
  [2 ** 53, 1],
  [2 ** 53, 0.5],
  [-(2 ** 53), -1],
  [2 ** 53 + 2, -1],
])(
  'submit() refuses an increment whose sum lies beyond 2^53, though it is rounded to it: %d and %d',
  async (score, sum) => {
    // 2^53 + 1 is no double: added as doubles it is 2^53 again, and the point was lost without a word.
    await withStore(async ({ store }) => {
      const board = store.board('game')
      await board.submit('alice', score)
      const answer = board.submit('alice', sum, { mode: 'increment' })
      await expect(answer).rejects.toMatchObject({ code: 'INEXACT' })
      expect(board.get('alice')?.score).toBe(score)
    })
  },
)

test('submitMany() stores all or nothing and names the submission that it refuses', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submitMany([1, 2, 3].map((score) => ({ playerId: `player-${score}`, score })))
    const before = [...board.entries()]
    const good = { playerId: 'player-1', score: 10, name: 'Other' }
    const refused: [Submission, object][] = [
      [{ playerId: '', score: 1 }, RangeError],
      [{ playerId: 'player-2', score: Number.NaN }, RangeError],
      [{ playerId: 'player-2', score: 1, mode: 'sum' as 'set' }, RangeError],
      [{ playerId: 'player-2', score: '1' as unknown as number }, TypeError],
      [{ playerId: 'player-2', score: 1, at: START_MS + 300_001 }, Error],
      [{ playerId: 'player-2', score: 2 ** 53 }, Error],
    ]
    for (const [bad, kind] of refused) {
      const [first, answer, last] = await Promise.allSettled([
        board.submit('neighbour', 1),
        board.submitMany([good, { playerId: 'newcomer', score: 5 }, bad, good]),
        board.submit('neighbour', -1),
      ])
      expect([first.status, answer.status, last.status]).toEqual([
        ...['fulfilled', 'rejected', 'fulfilled'],
      ])
      const { reason } = answer as PromiseRejectedResult
      expect(reason).toBeInstanceOf(kind)
      expect(String(reason)).toContain('Submission 2')
      await board.remove('neighbour')
      expect([...board.entries()]).toEqual(before)
    }
    await expect(board.submitMany([])).resolves.toEqual([])
  })
})

test('submit() gives times that rise while the clock stands, steps back and the store reopens', async () => {
  await withStore(async (temporary) => {
    const { clock } = temporary
    const times: number[] = []
    const submit = async (): Promise<void> => {
      const playerId = `player-${times.length}`
      await temporary.store.board('game').submit(playerId, 5)
      times.push(temporary.store.board('game').get(playerId)?.at ?? Number.NaN)
    }
    await submit()
    await submit()
    clock.advance(-3_600_000)
    await submit()
    await temporary.reopen()
    await submit()
    clock.advance(1)
    await submit()
    expect(times).toEqual([0, 0.001, 0.002, 0.003, 0.004].map((ms) => START_MS + ms))
    clock.advance(7_200_000)
    await submit()
    expect(times[5]).toBe(clock.now)
    const ids = temporary.store
      .board('game')
      .top()
      .map(({ playerId }) => playerId)
    expect(ids).toEqual(times.map((_, i) => `player-${i}`))
  })
})

test('submit() takes a time to the microsecond, and none further ahead than allowed', async () => {
  await withStore(async (temporary) => {
    const { clock, store } = temporary
    const board = store.board('game')
    await board.submit('past', 1, { at: 1_234.5678 })
    expect(board.get('past')?.at).toBe(1_234.568)
    await board.submit('zero', 1, { at: 0 })
    await board.submit('ahead', 1, { at: clock.now + 300_000 })
    expect(board.get('ahead')?.at).toBe(clock.now + 300_000)
    const beyond = board.submit('beyond', 1, { at: clock.now + 300_000.001 })
    await expect(beyond).rejects.toMatchObject({ code: 'FUTURE_TIME' })
    await expect(board.submit('text', 1, { at: 'now' as never })).rejects.toThrow(TypeError)
    await expect(board.submit('nan', 1, { at: Number.NaN })).rejects.toThrow(RangeError)
    await expect(board.submit('before', 1, { at: -1 })).rejects.toThrow(RangeError)
    expect(board.top().map(({ playerId }) => playerId)).toEqual(['zero', 'past', 'ahead'])
    // A given time ahead of the clock does not move the times that the store gives.
    await board.submit('now', 1)
    expect(board.get('now')?.at).toBe(clock.now)
    const strict = await temporary.reopen({ futureAllowanceMs: 0 })
    const ahead = strict.board('game').submit('later', 1, { at: clock.now + 1 })
    await expect(ahead).rejects.toMatchObject({ code: 'FUTURE_TIME' })
  })
})
