/**
 * Questions around a player or a rank: friends, gaps, and the score that a rank takes.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  GoalOptions,
  Leaderboard,
  Leaderboards,
  RankMode,
  Score,
  Submission,
} from '../../src/index.ts'
import { neighbourOf, worstOf } from '../model/scores.ts'
import { Random, runSeed } from '../support/random.ts'
import { specOf } from '../support/spec-of.ts'
import { withStore } from '../support/temporary-store.ts'

const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']
const MAX = Number.MAX_VALUE
const TINY = Number.MIN_VALUE

test('among() answers friends in board order with both ranks, and who is missing', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    expect(board.among(['ann'])).toEqual({ entries: [], missing: ['ann'] })
    await fill(board, [50, 40, 40, 40, 30, 20])
    expect(board.among([])).toEqual({ entries: [], missing: [] })
    const asked = ['p5', 'nobody', 'p3', 'p1', 'p3', 'Nobody', 'nobody', 'p4']
    const ranks = (rankMode: RankMode): number[][] => {
      const { entries, missing } = board.among(asked, { rankMode })
      expect(missing).toEqual(['nobody', 'Nobody'])
      expect(entries.map(({ groupRank: _, ...entry }) => entry)).toEqual(
        ['p1', 'p3', 'p4', 'p5'].map((playerId) => board.get(playerId, { rankMode })),
      )
      return entries.map(({ rank, groupRank }) => [rank, groupRank])
    }
    expect(ranks('ordinal')).toEqual([2, 4, 5, 6].map((rank, i) => [rank, i + 1]))
    expect(ranks('competition')).toEqual([2, 2, 5, 6].map((rank, i) => [rank, [1, 1, 3, 4][i]]))
    expect(ranks('dense')).toEqual([2, 2, 3, 4].map((rank, i) => [rank, [1, 1, 2, 3][i]]))
    for (const bad of ['ann', undefined, { length: 1 }])
      expect(() => board.among(bad as never)).toThrow(TypeError)
    expect(() => board.among([''])).toThrow(RangeError)
  })
})

test('gap() tells how far the neighbours are, at both ends, in ties and alone', async () => {
  await withStore(async ({ store }) => {
    for (const [order, sign] of [
      ['descending', -1],
      ['ascending', 1],
    ] as const) {
      const board = store.board(order, { order })
      expect(board.gap('p0')).toBeUndefined()
      await board.submit('p0', 0)
      expect(board.gap('p0')).toEqual({
        ...{ entry: board.get('p0'), above: undefined, below: undefined },
      })
      await fill(board, [0, 0, 2.5 * sign, 10 * sign])
      expect(board.gap('p0')?.below).toEqual({ entry: board.get('p1'), difference: 0 })
      expect(board.gap('p1')).toEqual({
        ...{ entry: board.get('p1'), above: { entry: board.get('p0'), difference: 0 } },
        below: { entry: board.get('p2'), difference: 2.5 },
      })
      expect(board.gap('p3', { rankMode: 'dense' })).toEqual({
        entry: board.get('p3', { rankMode: 'dense' }),
        above: { entry: board.get('p2', { rankMode: 'dense' }), difference: 7.5 },
        below: undefined,
      })
    }
  })
})

test('gap() keeps differences of int64 whole, and has one for each column', async () => {
  await withStore(async ({ store }) => {
    const whole = store.board('whole', { scoreType: 'int64' })
    await whole.submit('high', 2n ** 63n - 1n)
    await whole.submit('low', -(2n ** 63n))
    expect(whole.gap('low')?.above?.difference).toBe(2n ** 64n - 1n)
    const rows = store.board('rows', {
      columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
    })
    await rows.submit('a', { points: 9, time: 70 })
    await rows.submit('b', { points: 7, time: 60.5 })
    // In time it is the lower one that is ahead.
    expect(rows.gap('a')?.below?.difference).toEqual({ points: 2, time: -9.5 })
    expect(rows.gap('b')?.above?.difference).toEqual({ points: 2, time: -9.5 })
  })
})

test('scoreAt() answers the score of a rank in every mode, undefined out of reach', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    expect(board.scoreAt(1)).toBeUndefined()
    await fill(board, [50, 40, 40, 30])
    const scores = (rankMode: RankMode): unknown[] =>
      [1, 2, 3, 4, 5, 1e9].map((rank) => board.scoreAt(rank, { rankMode }))
    expect(scores('ordinal')).toEqual([50, 40, 40, 30, undefined, undefined])
    expect(scores('competition')).toEqual([50, 40, 40, 30, undefined, undefined])
    expect(scores('dense')).toEqual([50, 40, 30, undefined, undefined, undefined])
    for (const rank of [0, -1, 1.5, Number.NaN, 2 ** 53])
      expect(() => board.scoreAt(rank)).toThrow(RangeError)
    expect(() => board.scoreAt('1' as never)).toThrow(TypeError)
  })
})

test('scoreFor() turns topPercent into a rank, on boards of no, one and many entries', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const free = { rank: 1, score: undefined, mark: undefined, mustBeat: false }
    for (const topPercent of [TINY, 0.5, 50, 100])
      expect(board.scoreFor({ topPercent })).toEqual(free)
    await board.submit('p0', 7)
    expect(board.scoreFor({ topPercent: 100 })).toEqual({ ...free, rank: 2 })
    expect(board.scoreFor({ topPercent: 99 })).toMatchObject({ rank: 1, mark: 7, mustBeat: true })
    expect(board.scoreFor({ topPercent: 100, playerId: 'p0' })).toEqual({ ...free, held: true })
    await fill(
      board,
      Array.from({ length: 749 }, (_, i) => -i),
    )
    const rankOf = (topPercent: number): number => {
      return board.scoreFor({ topPercent, playerId: 'p0' }).rank
    }
    expect(board.size).toBe(749)
    expect(board.scoreFor({ topPercent: 10 }).rank).toBe(75)
    expect([1, 50, 99.9, 100].map(rankOf)).toEqual([7, 374, 748, 749])
    await board.submit('one more', -1e6)
    // 9.2 percent of 750 are 69, though 750 * 9.2 / 100 is a little less in doubles.
    expect([9.2, 9.1999, TINY, 0.4, 100].map(rankOf)).toEqual([69, 68, 1, 3, 750])
  })
})

// keep 2, a 12, b 11: it said that any score gets rank 3, and that 11 shares rank 2. A newcomer who does
// not beat the last entry of a full board has no place at all.
test.each([
  ['descending', 12, 11],
  ['ascending', 11, 12],
] as const)(
  'scoreFor() on a full %s board asks a newcomer to beat the last',
  async (order, first, second) => {
    await withStore(async ({ store }) => {
      for (const scoreType of ['number', 'int64'] as const) {
        const board = any(store.board(scoreType, { order, scoreType, keep: 2 }))
        const scores = [first, second].map((score) =>
          scoreType === 'int64' ? BigInt(score) : score,
        )
        await board.submitMany(scores.map((score, i) => ({ playerId: `p${i}`, score })))
        const [, last] = scores
        const { shape } = specOf(board)
        const needed = {
          score: neighbourOf(shape, last as Score, 'better'),
          mark: last,
          mustBeat: true,
        }
        for (const rankMode of RANK_MODES) {
          for (const rank of [2, 3, 1e9])
            expect(board.scoreFor({ rank, rankMode })).toEqual({ rank, ...needed })
          expect(board.scoreFor({ topPercent: 100, rankMode })).toEqual({ rank: 3, ...needed })
          expect(board.scoreFor({ rank: 3, rankMode, playerId: 'p1' })).toMatchObject({
            held: true,
          })
          expect(board.scoreFor({ rank: 1, rankMode, playerId: 'p1' })).toMatchObject({
            mark: scores[0],
          })
        }
        expect(board.standingOf(last as never)).toBeUndefined()
        expect(board.standingOf(needed.score as never)).toMatchObject({ ordinal: 2, total: 3 })
        expect([board.scoreAt(2), board.scoreAt(3)]).toEqual([last, undefined])
        await board.remove('p0')
        expect(board.scoreFor({ rank: 2 })).toMatchObject({ mark: undefined })
        expect(board.standingOf(last as never)).toMatchObject({ ordinal: 2, equal: 2 })
      }
    })
  },
)

test('scoreFor() tells who has the rank, or a better one, that it is held', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, [50, 40, 40, 30])
    const held = (playerId: string, rankMode: RankMode): (true | undefined)[] =>
      [1, 2, 3, 4].map((rank) => board.scoreFor({ rank, playerId, rankMode }).held)
    expect(held('p2', 'ordinal')).toEqual([undefined, undefined, true, true])
    expect(held('p2', 'competition')).toEqual([undefined, true, true, true])
    expect(held('p3', 'dense')).toEqual([undefined, undefined, true, true])
    expect(board.scoreFor({ rank: 2, playerId: 'p2' })).toMatchObject({ mark: 40, mustBeat: true })
    expect(board.scoreFor({ topPercent: 100, playerId: 'p3' })).toEqual({
      ...{ rank: 4, score: undefined, mark: undefined, mustBeat: false, held: true },
    })
  })
})

// 71.5 was 0.09999999999999432 ahead of 71.4: a difference of doubles, and not of what they say.
test.each([
  [71.5, 71.4, 0.1],
  [0.3, 0.1, 0.2],
  [1e21, 1, 1e21],
  [123456789.123, 0.001, 123456789.122],
  [1e-7, 3e-8, 7e-8],
  [TINY, -TINY, 1e-323],
  [MAX, -MAX, Infinity],
  [MAX, MAX - 2 ** 970, 2e292],
  [1e308, -1e-308, 1e308],
  [2 ** 53, -1, 2 ** 53],
  [0, -0.1, 0.1],
])('gap() of %d and %d is the decimal difference %d', async (better, worse, difference) => {
  await withStore(async ({ store }) => {
    const high = store.board('high')
    await fill(high, [better, worse])
    expect(high.gap('p1')?.above?.difference).toBe(difference)
    expect(high.gap('p0')?.below?.difference).toBe(difference)
    const low = store.board('low', { order: 'ascending' })
    await fill(low, [better, worse])
    expect(low.gap('p0')?.above?.difference).toBe(difference)
    const columns = [{ name: 'laps' }, { name: 'time', order: 'ascending' }] as const
    const rows = store.board('rows', { columns })
    await rows.submit('a', { laps: better, time: worse })
    await rows.submit('b', { laps: worse, time: better })
    const expected =
      better === worse ? { laps: 0, time: 0 } : { laps: difference, time: difference }
    expect(rows.gap('a')?.below?.difference).toEqual(expected)
  })
})

test('scoreFor() refuses goals that are none', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const wrong = [undefined, {}, { rank: 1, topPercent: 1 }, { rank: '1' }, { topPercent: '1' }]
    for (const goal of wrong) expect(() => board.scoreFor(goal as never)).toThrow(TypeError)
    for (const topPercent of [0, -0, -1, 100.000001, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => board.scoreFor({ topPercent })).toThrow(RangeError)
    for (const rank of [0, -1, 1.5, Number.NaN])
      expect(() => board.scoreFor({ rank })).toThrow(RangeError)
    expect(() => board.scoreFor({ rank: 1, playerId: '' })).toThrow(RangeError)
  })
})

// Between -5e-324 and 0 lies -0 in the order of bytes. On the way up it was taken for what lies below
// 0, so the answer was no better than the mark.
test.each([
  ['descending', 0, TINY],
  ['descending', -TINY, 0],
  ['descending', 1, 1 + Number.EPSILON],
  ['descending', -MAX, -(MAX - 2 ** 970)],
  ['descending', MAX, undefined],
  ['ascending', 0, -TINY],
  ['ascending', TINY, 0],
  ['ascending', -1, -1 - Number.EPSILON],
  ['ascending', -MAX, undefined],
] as const)('scoreFor() on a %s board beats %d by %d', async (order, mark, score) => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { order })
    await board.submit('holder', mark)
    expect(board.scoreFor({ rank: 1 })).toEqual({ rank: 1, score, mark, mustBeat: true })
    expect(board.scoreFor({ rank: 1, rankMode: 'dense' })).toEqual({
      ...{ rank: 1, score: mark, mark, mustBeat: false },
    })
    if (score === undefined) return
    await board.submit('challenger', score)
    expect(board.rank('challenger')).toBe(1)
  })
})

const NUMBERS = [-MAX, -3, -TINY, 0, TINY, 2, 2.5, 7, MAX]
const INTEGERS = [-(2n ** 63n), -3n, -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]
const CELLS = [-MAX, -1, 0, 1, MAX]
const ROWS = CELLS.flatMap((points) => [-MAX, 0, 1.5, MAX].map((time) => ({ points, time })))
const KINDS: [string, (store: Leaderboards) => Leaderboard<Score>, readonly Score[]][] = [
  ['numbers, descending', (store) => any(store.board('b')), NUMBERS],
  ['numbers, ascending', (store) => any(store.board('b', { order: 'ascending' })), NUMBERS],
  ['int64, descending', (store) => any(store.board('b', { scoreType: 'int64' })), INTEGERS],
  [
    'int64, ascending',
    (store) => any(store.board('b', { scoreType: 'int64', order: 'ascending' })),
    INTEGERS,
  ],
  [
    'columns',
    (store) =>
      any(
        store.board('b', {
          columns: [
            { name: 'points', order: 'ascending' },
            { name: 'time', order: 'descending' },
          ],
        }),
      ),
    ROWS,
  ],
  ['numbers, the best five', (store) => any(store.board('b', { keep: 5 })), NUMBERS],
  [
    'int64, the lowest two',
    (store) => any(store.board('b', { scoreType: 'int64', order: 'ascending', keep: 2 })),
    INTEGERS,
  ],
  [
    'columns, the best three',
    (store) =>
      any(
        store.board('b', {
          columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
          keep: 3,
        }),
      ),
    ROWS,
  ],
]

/** Players of a board; the keeps are below the most. */
const COUNTS = process.env['TORTURE'] === undefined ? [0, 1, 4] : [0, 1, 2, 5, 8, 9]

test.each(KINDS)(
  'scoreFor() is what it takes: the score gets there, one a step worse does not: %s',
  async (_kind, boardOf, scores) => {
    const random = new Random(runSeed('goals'))
    await withStore(
      async ({ store }) => {
        for (const count of COUNTS) {
          const board = boardOf(store)
          const players = Array.from({ length: count }, (_, i) => `p${i}`)
          const submissions = players.map((playerId) => ({ playerId, score: random.pick(scores) }))
          await board.submitMany(submissions as Submission<Score>[])
          for (const rankMode of RANK_MODES) {
            for (let rank = 1; rank <= count + 2; rank++) {
              for (const playerId of ['newcomer', ...players.slice(0, 4)])
                await expectGoal(board, { rank, rankMode, playerId })
            }
          }
          await store.dropBoard(board.name)
        }
      },
      { durability: 'relaxed' },
    )
  },
)

async function expectGoal(
  board: Leaderboard<Score>,
  query: GoalOptions & { rank: number; playerId: string; rankMode: RankMode },
): Promise<void> {
  const { rank, playerId, rankMode } = query
  const goal = board.scoreFor(query)
  const { shape } = specOf(board)
  const before = board.get(playerId)
  const message = JSON.stringify({ query, goal, before }, (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  expect(goal.rank).toBe(rank)
  const all = [...board.entries()]
  const reached = async (score: Score): Promise<number> => {
    const [, answer] = await Promise.all([
      board.remove(playerId),
      board.submit(playerId, score, { rankMode }),
      board.remove(playerId),
      // A full board pushed somebody out.
      ...all.map((entry) => board.submit(entry.playerId, entry.score, { at: entry.at })),
    ])
    return answer.rank ?? Number.POSITIVE_INFINITY
  }
  const rankNow = before && board.rank(playerId, { rankMode })
  if (rankNow !== undefined && rankNow <= rank) {
    expect(goal).toEqual({
      ...{ rank, score: undefined, mark: undefined, mustBeat: false, held: true },
    })
    return
  }
  expect(goal).not.toHaveProperty('held')
  if (goal.mark === undefined) {
    expect(goal).toEqual({ rank, score: undefined, mark: undefined, mustBeat: false })
    expect(await reached(worstOf(shape)), message).toBeLessThanOrEqual(rank)
    return
  }
  if (rankMode === 'ordinal') expect(goal.mustBeat).toBe(true)
  if (goal.mustBeat) expect(await reached(goal.mark), message).toBeGreaterThan(rank)
  if (goal.score === undefined) {
    expect(await reached(goal.mark), message).toBeGreaterThan(rank)
    expect(neighbourOf(shape, goal.mark, 'better')).toBeUndefined()
    return
  }
  expect(await reached(goal.score), message).toBeLessThanOrEqual(rank)
  const worse = neighbourOf(shape, goal.score, 'worse')
  if (worse !== undefined) expect(await reached(worse), message).toBeGreaterThan(rank)
}

// A board of any kind of scores.
function any(board: object): Leaderboard<Score> {
  return board as Leaderboard<Score>
}

async function fill(board: Leaderboard, scores: readonly number[]): Promise<void> {
  await board.submitMany(scores.map((score, i) => ({ playerId: `p${i}`, score })))
}
