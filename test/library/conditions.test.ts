/**
 * Submits on a condition, and who was passed by a submit.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Entry, Leaderboard, RankMode, SubmitOptions } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']
const SUBMITS = sizeOf('CONDITION_SUBMITS', { test: 80, torture: 2_500 })
const FAILED = expect.objectContaining({ code: 'CONDITION_FAILED' })

test('submit() with only "new" or "existing" refuses the others and changes nothing', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game')
    await expect(board.submit('ann', 1, { only: 'existing' })).rejects.toEqual(FAILED)
    expect(board.size).toBe(0)
    expect(await board.submit('ann', 1, { only: 'new' })).toMatchObject({ created: true })
    const before = [...board.entries()]
    clock.advance(1000)
    const refused = { only: 'new', name: 'Other', metadata: { a: 1 } } as const
    await expect(board.submit('ann', 5, refused)).rejects.toEqual(FAILED)
    // The same score again is refused too: the condition is about the player.
    await expect(board.submit('ann', 1, { only: 'new' })).rejects.toThrow('"ann" has an entry')
    expect([...board.entries()]).toEqual(before)
    expect(await board.submit('ann', 5, { only: 'existing' })).toMatchObject({ changed: true })
    await board.remove('ann')
    await expect(board.submit('ann', 9, { only: 'existing' })).rejects.toThrow('has no entry')
    await board.submit('ann', 9, { only: 'new' })
    expect(board.get('ann')).toMatchObject({ score: 9, name: 'ann' })
  })
})

test('submit() with expected compares and sets', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await expect(board.submit('ann', 1, { expected: 0 })).rejects.toThrow('is none, expected 0')
    await board.submit('ann', 0)
    await board.submit('ann', 2, { expected: -0 })
    await expect(board.submit('ann', 3, { expected: 0 })).rejects.toThrow('is 2, expected 0')
    await expect(board.submit('ann', 3, { expected: 2.0000000000000004 })).rejects.toEqual(FAILED)
    await board.submit('ann', 3, { expected: 2, mode: 'increment' })
    expect(board.get('ann')?.score).toBe(5)
    // What the mode makes of the score comes after the condition.
    const kept = await board.submit('ann', 1, { expected: 5, mode: 'best' })
    expect(kept).toMatchObject({ score: 5, changed: false })
    await expect(board.submit('ann', 1, { expected: 4, mode: 'best' })).rejects.toEqual(FAILED)
    await expect(board.submit('ann', 1, { only: 'new', expected: 5 })).rejects.toEqual(FAILED)
  })
})

test('submit() with expected compares int64 exactly and rows by all columns', async () => {
  await withStore(async ({ store }) => {
    const whole = store.board('whole', { scoreType: 'int64' })
    await whole.submit('ann', 2n ** 53n + 1n)
    await expect(whole.submit('ann', 0n, { expected: 2n ** 53n })).rejects.toThrow(
      'is 9007199254740993, expected 9007199254740992',
    )
    await whole.submit('ann', 0n, { expected: 2n ** 53n + 1n })
    await whole.submit('ann', 1, { expected: 0 })
    expect(whole.get('ann')?.score).toBe(1n)
    const rows = store.board('rows', { columns: [{ name: 'points' }, { name: 'time' }] })
    await rows.submit('ann', { points: 5, time: 7 })
    const next = { points: 6, time: 0 }
    await expect(rows.submit('ann', next, { expected: { points: 5, time: 8 } })).rejects.toThrow(
      'is points 5, time 7, expected points 5, time 8',
    )
    await rows.submit('ann', next, { expected: { time: 7, points: 5 } })
    expect(rows.get('ann')?.score).toEqual(next)
  })
})

test('submit() of many who expect the same score lets exactly one through', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 0)
    for (let round = 0; round < 5; round++) {
      const expected = board.get('ann')?.score as number
      const tries = Array.from({ length: 20 }, (_, i) =>
        board.submit('ann', expected + 1 + i, { expected }),
      )
      const outcomes = await Promise.allSettled(tries)
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
        true,
        ...Array<boolean>(19).fill(false),
      ])
      expect(board.get('ann')?.score).toBe(expected + 1)
    }
  })
})

test('submitMany() with a condition that fails changes nothing, among others of the same commit', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { keep: 5 })
    await board.submitMany([5, 4, 3, 2, 1].map((score) => ({ playerId: `p${score}`, score })))
    const before = [...board.entries()]
    clock.advance(1000)
    const [first, failed, last] = await Promise.allSettled([
      board.submit('p5', 6, { expected: 5 }),
      board.submitMany([
        { playerId: 'p3', score: 30, name: 'Three', metadata: { a: 1 } },
        { playerId: 'new', score: 40, only: 'new' },
        { playerId: 'new', score: 50, expected: 40 },
        { playerId: 'p2', score: 60, expected: 3 },
        { playerId: 'p1', score: 70 },
      ]),
      board.submit('new', 2.5, { only: 'new', ranks: true }),
    ])
    expect(first).toMatchObject({ status: 'fulfilled', value: { rank: 1, score: 6 } })
    expect(failed).toMatchObject({
      status: 'rejected',
      reason: { code: 'CONDITION_FAILED', message: expect.stringMatching(/^Submission 3: .*"p2"/) },
    })
    expect(last).toMatchObject({ status: 'fulfilled', value: { rank: 4, created: true } })
    const rest = [...board.entries()].filter(({ playerId }) => !['p5', 'new'].includes(playerId))
    expect(rest.map(({ rank: _, ...entry }) => entry)).toEqual(
      before.slice(1, 4).map(({ rank: _, ...entry }) => entry),
    )
    expect(board.size).toBe(5)
  })
})

test('submitMany() conditions see the submissions before them', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany([
      { playerId: 'ann', score: 1, only: 'new' },
      { playerId: 'ann', score: 2, only: 'existing', expected: 1 },
      { playerId: 'ann', score: 3, mode: 'increment', expected: 2 },
    ])
    expect(board.get('ann')?.score).toBe(5)
    const twice = [
      { playerId: 'bob', score: 1, only: 'new' as const },
      { playerId: 'bob', score: 2, only: 'new' as const },
    ]
    await expect(board.submitMany(twice)).rejects.toThrow(/^Submission 1: /)
    expect(board.get('bob')).toBeUndefined()
  })
})

test('submit() refuses conditions and counts of a wrong shape', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 1)
    const wrong: [object, typeof TypeError | typeof RangeError][] = [
      ...['any', '', 'NEW'].map((only) => [{ only }, RangeError] as [object, typeof RangeError]),
      ...([
        [{ only: true }, TypeError],
        [{ expected: '1' }, TypeError],
      ] as [object, typeof TypeError][]),
      [{ expected: Number.NaN }, RangeError],
      [{ passed: 1001 }, RangeError],
      [{ passed: -1 }, RangeError],
      [{ passed: 1.5 }, RangeError],
      [{ passed: true }, TypeError],
    ]
    for (const [options, type] of wrong)
      await expect(board.submit('ann', 2, options), JSON.stringify(options)).rejects.toThrow(type)
    expect(board.get('ann')?.score).toBe(1)
  })
})

test('submit() tells who was passed, at most so many, with the ranks that they have now', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany([50, 40, 40, 30, 20].map((score, i) => ({ playerId: `p${i}`, score })))
    expect(await board.submit('p4', 35)).not.toHaveProperty('passed')
    expect(await board.submit('p4', 40, { passed: 10 })).toMatchObject({
      ...{ rank: 4, previousRank: 4, passed: { count: 0, entries: [] } },
    })
    expect((await board.submit('p3', 45, { passed: 2 })).passed).toEqual({
      count: 3,
      entries: board.range(3, 4),
    })
    // Neither a fall, nor the same score, nor a score that is refused passes anybody.
    for (const [score, mode] of [
      [1, 'set'],
      [1, 'set'],
      [0, 'best'],
    ] as const)
      expect((await board.submit('p3', score, { mode, passed: 5 })).passed).toEqual({
        ...{ count: 0, entries: [] },
      })
    const newcomer = await board.submit('new', 40, { passed: 1000, rankMode: 'dense' })
    expect(newcomer.passed).toEqual({
      ...{ count: 1, entries: [board.get('p3', { rankMode: 'dense' })] },
    })
    const first = await board.submitMany([{ playerId: 'top', score: 99 }], { passed: 1 })
    expect(first[0]?.passed).toEqual({ count: 6, entries: [board.get('p0')] })
    const bulk = await board.submit('p3', 100, { passed: 1, ranks: false })
    expect(bulk).toMatchObject({ rank: undefined, passed: { count: 6, entries: [{ rank: 2 }] } })
    // The mode of ranks is that of those who were passed too, where the submit asks for no others.
    const dense = { passed: 9, ranks: false, rankMode: 'dense' } as const
    expect((await board.submit('p0', 45, dense)).passed?.entries).toEqual([])
    expect((await board.submit('p3', 1)).rank).toBe(7)
    expect((await board.submit('p3', 50, dense)).passed?.entries.map(({ rank }) => rank)).toEqual([
      ...[3, 4, 4, 4, 4],
    ])
  })
})

// All answers without anybody shared one object.
test("submit() answers are the caller's own: changing one changes no other", async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { keep: 1 })
    await board.submit('ann', 5)
    for (const playerId of ['ann', 'bob', 'ann', 'bob']) {
      const { passed } = await board.submit(playerId, 5, { passed: 1 })
      expect(passed).toEqual({ count: 0, entries: [] })
      passed?.entries.push(board.get('ann') as Entry)
    }
  })
})

test('submit() answers those who were passed as a plain comparison of both lists does', async () => {
  const random = new Random(runSeed('passed'))
  await withStore(
    async ({ store }) => {
      for (const order of ['descending', 'ascending'] as const) {
        const board = store.board(order, { order })
        for (let i = 0; i < SUBMITS; i++) {
          const playerId = `p${random.below(30)}`
          const options: SubmitOptions = {
            passed: random.pick([1, 3, 1000]),
            rankMode: random.pick(RANK_MODES),
            ...(random.chance(0.3) && { at: 1000 + random.below(5) }),
          }
          await expectPassed(board, { playerId, score: random.below(8), options })
        }
      }
    },
    { durability: 'relaxed' },
  )
})

async function expectPassed(
  board: Leaderboard,
  submit: { playerId: string; score: number; options: SubmitOptions },
): Promise<void> {
  const { playerId, score, options } = submit
  const ids = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.playerId)
  const before = ids([...board.entries()])
  const { passed } = await board.submit(playerId, score, options)
  const { rankMode = 'ordinal' } = options
  const after = [...board.entries({ rankMode })]
  const place = before.indexOf(playerId)
  const inFront = new Set(place === -1 ? before : before.slice(0, place))
  const behind = after.slice(ids(after).indexOf(playerId) + 1)
  const expected = behind.filter((entry) => inFront.has(entry.playerId))
  expect(passed).toEqual({
    count: expected.length,
    entries: expected.slice(0, options.passed),
  })
}
