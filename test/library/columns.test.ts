/**
 * Scores of several columns.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { BoardSettings } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { withStore } from '../support/temporary-store.ts'

const RACE = {
  columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
} as const satisfies BoardSettings

test('columns are compared in turn, each by its own order, then by time', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('race', RACE)
    await board.submit('slow', { points: 9, time: 80 })
    await board.submit('fast', { points: 9, time: 70.5 })
    await board.submit('few', { points: 8, time: 1 })
    await board.submit('same', { points: 9, time: 80 })
    await board.submit('most', { points: 10, time: 1e6 })
    const ids = board.top().map(({ playerId }) => playerId)
    expect(ids).toEqual(['most', 'fast', 'slow', 'same', 'few'])
    expect(board.top(5, { rankMode: 'competition' }).map(({ rank }) => rank)).toEqual([
      1, 2, 3, 3, 5,
    ])
    expect(board.top(5, { rankMode: 'dense' }).map(({ rank }) => rank)).toEqual([1, 2, 3, 3, 4])
    expect(board.standing('same')).toEqual({
      ...{ ordinal: 4, competition: 3, dense: 3, better: 2, equal: 2, worse: 1, total: 5 },
      ...{ percentile: 25, bucket: 'top 100 %' },
    })
    expect(board.standingOf({ points: 9, time: 75 })).toMatchObject({ ordinal: 3, equal: 1 })
    expect(Object.keys(board.get('few')?.score as object)).toEqual(['points', 'time'])
  })
})

test('mode best keeps whole rows, never columns of two runs', async () => {
  const random = new Random(runSeed('rows'))
  await withStore(async ({ store }) => {
    const board = store.board('race', { ...RACE, mode: 'best' })
    await board.submit('ann', { points: 100, time: 50 })
    expect(await board.submit('ann', { points: 90, time: 1 })).toMatchObject({
      ...{ score: { points: 100, time: 50 }, changed: false },
    })
    expect(await board.submit('ann', { points: 100, time: 60 })).toMatchObject({ changed: false })
    expect(await board.submit('ann', { points: 100, time: 50 })).toMatchObject({ changed: false })
    expect((await board.submit('ann', { points: 100, time: 49 })).changed).toBe(true)
    expect((await board.submit('ann', { points: 101, time: 1e9 })).score).toEqual({
      ...{ points: 101, time: 1e9 },
    })
    const runs: string[] = []
    for (let i = 0; i < 200; i++) {
      const run = { points: random.below(12), time: random.below(12) }
      runs.push(JSON.stringify(run))
      const { score } = await board.submit('bob', run)
      expect(runs).toContain(JSON.stringify(score))
    }
    const best = runs
      .map((run) => JSON.parse(run) as { points: number; time: number })
      .sort((a, b) => b.points - a.points || a.time - b.time)[0]
    expect(board.get('bob')?.score).toEqual(best)
  })
})

test('increment adds column by column, from 0, and is refused as a whole', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('race', { ...RACE, mode: 'increment' })
    await board.submit('ann', { points: -2, time: 0.5 })
    await board.submit('ann', { points: 5, time: 0.25 })
    expect(board.get('ann')?.score).toEqual({ points: 3, time: 0.75 })
    const before = board.get('ann')
    expect(await board.submit('ann', { points: 0, time: -0 })).toMatchObject({ changed: false })
    await expect(board.submit('ann', { points: 1, time: 2 ** 53 + 2 })).rejects.toMatchObject({
      code: 'INEXACT',
    })
    expect(board.get('ann')).toEqual(before)
    const whole = store.board('whole', {
      ...{ scoreType: 'int64', mode: 'increment' },
      columns: [{ name: 'a' }, { name: 'b', order: 'ascending' }],
    })
    await whole.submit('ann', { a: 2n ** 63n - 2n, b: -(2n ** 63n) })
    expect((await whole.submit('ann', { a: 1, b: 0 })).score).toEqual({
      ...{ a: 2n ** 63n - 1n, b: -(2n ** 63n) },
    })
    for (const step of [
      { a: 1n, b: 1n },
      { a: -1n, b: -1n },
    ])
      await expect(whole.submit('ann', step)).rejects.toMatchObject({ code: 'INEXACT' })
    expect(whole.get('ann')?.score).toEqual({ a: 2n ** 63n - 1n, b: -(2n ** 63n) })
  })
})

test('a score is an object in any order; arrays and others are refused', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('race', RACE)
    await board.submit('ann', { points: 7, time: 8 })
    await board.submit('bob', { time: 8, points: 7 })
    await board.submit('eve', { points: 7, time: -0 }, { metadata: { a: 1 } })
    expect(board.top().map(({ score }) => score)).toEqual([
      { points: 7, time: 0 },
      { points: 7, time: 8 },
      { points: 7, time: 8 },
    ])
    const score = { points: 1, time: 1 }
    const wrong: [unknown, typeof TypeError | typeof RangeError, string][] = [
      [7, TypeError, 'it must be an object like { points: 12, time: 13 }'],
      [null, TypeError, 'it must be an object'],
      ['7,8', TypeError, 'it must be an object'],
      [{}, TypeError, 'points of score'],
      [{ points: 1 }, TypeError, 'time of score'],
      [{ points: 1, time: '1' }, TypeError, 'time of score'],
      [{ points: 1n, time: 1 }, TypeError, 'points of score'],
      [{ points: 1, time: Number.NaN }, RangeError, 'NaN as time'],
      [{ ...score, extra: 1 }, RangeError, 'column "extra"'],
      [JSON.parse('{"points":1,"time":1,"__proto__":1}'), RangeError, 'column "__proto__"'],
      [[1], TypeError, 'Cannot use an array as score: it must be an object'],
      [[1, 2], TypeError, 'Cannot use an array as score: it must be an object'],
    ]
    for (const [value, type, message] of wrong) {
      const submit = board.submit('ann', value as never)
      await expect(submit).rejects.toThrow(type)
      await expect(submit).rejects.toThrow(message)
    }
    await expect(board.submit('ann', score, { expected: 1 as never })).rejects.toThrow('expected')
    expect(board.get('ann')?.score).toEqual({ points: 7, time: 8 })
  })
})

test('between() and countBetween() mean the first column', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('race', {
      columns: [{ name: 'time', order: 'ascending' }, { name: 'points' }],
    })
    const rows = [1, 2, 2, 2, 3].map((time, i) => ({
      playerId: `p${i}`,
      score: { time, points: i % 2 === 0 ? -Number.MAX_VALUE : Number.MAX_VALUE },
    }))
    await board.submitMany(rows)
    expect(board.countBetween(2, 2)).toBe(3)
    expect(board.between(2, 2).map(({ rank }) => rank)).toEqual([2, 3, 4])
    expect(board.countBetween(1, 3, { minExclusive: true, maxExclusive: true })).toBe(3)
    expect(board.countBetween(2, Number.POSITIVE_INFINITY, { minExclusive: true })).toBe(1)
    expect(board.countBetween(3, 1)).toBe(0)
    expect(() => board.between({ time: 1 } as never, 2)).toThrow(TypeError)
  })
})

test('four columns of int64 keep their extremes and their order over reopening', async () => {
  await withStore(async (temporary) => {
    const settings = {
      scoreType: 'int64',
      columns: ['a', 'b', 'c', 'd'].map((name, i) => ({
        name,
        order: i % 2 === 0 ? ('descending' as const) : ('ascending' as const),
      })),
    } as const
    const ends = [-(2n ** 63n), 0n, 2n ** 63n - 1n]
    const board = temporary.store.board('four', settings)
    const rows = ends.flatMap((a) => ends.flatMap((b) => ends.map((d) => [a, b, 0n, d])))
    await board.submitMany(
      rows.map(([a, b, c, d], i) => ({ playerId: `p${i}`, score: { a, b, c, d } as never })),
    )
    const sorted = rows.toSorted((x, y) => {
      const i = x.findIndex((cell, i) => cell !== y[i])
      return Number((x[i] as bigint) > (y[i] as bigint)) === i % 2 ? 1 : -1
    })
    const reopened = (await temporary.reopen()).board('four', settings)
    const scores = [...reopened.entries()].map(({ score }) => Object.values(score as never))
    expect(scores).toEqual(sorted)
  })
})

test('columns are listed and part of the settings that must agree; one column leaves scores plain', async () => {
  await withStore(async (temporary) => {
    await temporary.store.createBoard('race', RACE)
    await temporary.store.createBoard('plain', {
      columns: [{ name: 'points', order: 'ascending' }],
    })
    const store = await temporary.reopen()
    expect(store.boards()).toEqual([
      { name: 'plain', order: 'ascending', mode: 'set', size: 0 },
      {
        ...{ name: 'race', order: 'descending', mode: 'set', size: 0 },
        columns: [
          { name: 'points', order: 'descending' },
          { name: 'time', order: 'ascending' },
        ],
      },
    ])
    await store.board('plain', { order: 'ascending' }).submit('ann', 5)
    expect(store.board('plain').get('ann')?.score).toBe(5)
    const differ = expect.objectContaining({ code: 'SETTINGS_DIFFER' })
    for (const settings of [
      { columns: [...RACE.columns].reverse() },
      { columns: [{ name: 'points' }, { name: 'time' }] },
      { columns: [...RACE.columns, { name: 'third' }] },
      { columns: [{ name: 'points' }] },
      { order: 'ascending' as const },
      { scoreType: 'int64' as const },
    ])
      expect(() => store.board('race', settings), JSON.stringify(settings)).toThrow(differ)
    expect(store.board('race', { order: 'descending' }).columns).toHaveLength(2)
  })
})

test('board() refuses columns that are none', async () => {
  await withStore(({ store }) => {
    const many = (count: number): { name: string }[] =>
      Array.from({ length: count }, (_, i) => ({ name: `c${i}` }))
    const wrong: [unknown, typeof TypeError | typeof RangeError][] = [
      [[], RangeError],
      [many(5), RangeError],
      ['points', TypeError],
      [['points'], TypeError],
      [[{}], TypeError],
      [[{ name: 'a' }, { name: 'a' }], RangeError],
      [[{ name: 'a', order: 'up' }], RangeError],
      ...['', '1a', 'a b', '__proto__', 'x'.repeat(33), 'score', 'at', '\u00e9'].map(
        (name) => [[{ name }, { name: 'b' }], RangeError] as [unknown, typeof RangeError],
      ),
    ]
    for (const [columns, type] of wrong)
      expect(() => store.board('game', { columns: columns as never })).toThrow(type)
    expect(() => store.board('game', { order: 'ascending', columns: many(2) })).toThrow(TypeError)
    expect(store.hasBoard('game')).toBe(false)
    expect(store.board('game', { columns: many(4) }).columns).toHaveLength(4)
  })
})
