/**
 * Scores of 64 bits, and the precision of the others.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { parseBound, parseScore } from '../../src/calls/index.ts'
import type { Order } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']
const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n
const INEXACT = expect.objectContaining({ code: 'INEXACT' })

test.each(ORDERS)('int64 neighbours stay distinct up to both ends, %s', async (order) => {
  await withStore(async (temporary) => {
    const board = temporary.store.board('game', { order, scoreType: 'int64' })
    const edges = [MIN, -(2n ** 53n), -1n, 0n, 2n ** 32n, 2n ** 53n, 2n ** 62n, MAX - 1n]
    const scores = edges.flatMap((edge) => [edge, edge + 1n])
    const distinct = [...new Set(scores)]
    await board.submitMany(distinct.map((score) => ({ playerId: `p${score}`, score })))
    const sorted = distinct.toSorted((a, b) => (a < b === (order === 'ascending') ? -1 : 1))
    const reopened = (await temporary.reopen()).board('game', { scoreType: 'int64' })
    expect(reopened.top(100).map(({ score }) => score)).toEqual(sorted)
    for (const [i, score] of sorted.entries()) {
      expect(reopened.standing(`p${score}`)).toMatchObject({
        ordinal: i + 1,
        dense: i + 1,
        equal: 1,
      })
      expect(reopened.standingOf(score)).toMatchObject({ ordinal: i + 2, equal: 2 })
      expect(reopened.between(score, score)).toEqual([reopened.entryAt(i + 1)])
      expect(reopened.countBetween(score, Number.POSITIVE_INFINITY)).toBe(
        sorted.filter((other) => other >= score).length,
      )
    }
    expect(reopened.countBetween(MIN, MAX, { minExclusive: true, maxExclusive: true })).toBe(
      sorted.length - 2,
    )
  })
})

test('int64 takes safe integer numbers and digits, and answers bigints', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { scoreType: 'int64' })
    for (const [given, score] of [
      [7, 7n],
      [-0, 0n],
      [2 ** 53 - 1, 2n ** 53n - 1n],
      ['-9223372036854775808', MIN],
      ['0', 0n],
      [MAX, MAX],
    ] as const)
      expect((await board.submit('ann', given as bigint)).score).toBe(score)
    const wrong: [unknown, typeof TypeError | typeof RangeError][] = [
      ...[2 ** 53, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX + 1n, MIN - 1n].map(
        (value) => [value, RangeError] as [unknown, typeof RangeError],
      ),
      ...[
        '',
        ' 1',
        '+5',
        '007',
        '-0',
        '-01',
        '00',
        '1.0',
        '1e3',
        '0x10',
        '9223372036854775808',
        '9'.repeat(1000),
      ].map((value) => [value, RangeError] as [unknown, typeof RangeError]),
      ...[undefined, null, true, {}, [1n]].map(
        (value) => [value, TypeError] as [unknown, typeof TypeError],
      ),
    ]
    for (const [value, type] of wrong) {
      await expect(board.submit('ann', value as bigint), String(value)).rejects.toThrow(type)
      expect(() => board.standingOf(value as bigint)).toThrow(type)
    }
    expect(board.get('ann')?.score).toBe(MAX)
    expect(() => board.between(Number.NaN, 5n)).toThrow(RangeError)
    expect(() => board.between(0.5, 5n)).toThrow(RangeError)
  })
})

test('int64 increments that leave 64 bits are refused and change nothing', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { scoreType: 'int64', mode: 'increment' })
    await board.submit('high', MAX)
    await board.submit('low', MIN)
    const before = [...board.entries()]
    clock.advance(1000)
    for (const [playerId, step] of [
      ['high', 1n],
      ['high', MAX],
      ['low', -1n],
      ['low', MIN],
    ] as const)
      await expect(board.submit(playerId, step, { name: 'Other' })).rejects.toEqual(INEXACT)
    const both = [
      { playerId: 'high', score: -1n },
      { playerId: 'new', score: 1n },
      { playerId: 'low', score: -1n },
    ]
    await expect(board.submitMany(both)).rejects.toThrow(/^Submission 2: .*beyond 64 bits/)
    expect([...board.entries()]).toEqual(before)
    expect((await board.submit('high', MIN)).score).toBe(-1n)
    expect((await board.submit('low', MAX)).score).toBe(-1n)
    expect((await board.submit('low', 0n)).changed).toBe(false)
  })
})

test('number increments are refused where the sum would not be exact', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('high', 2 ** 53 - 1)
    await board.submit('low', -(2 ** 53))
    const before = [...board.entries()]
    for (const [playerId, step] of [
      ['high', 2],
      ['high', 1.5],
      ['high', Number.MAX_VALUE],
      ['low', -1],
      ['low', -Number.MIN_VALUE],
      ['new', 2 ** 53 + 2],
    ] as const)
      await expect(board.submit(playerId, step), `${step}`).rejects.toEqual(INEXACT)
    expect([...board.entries()]).toEqual(before)
    expect((await board.submit('high', 1)).score).toBe(2 ** 53)
    // A set takes every finite number.
    expect((await board.submit('high', Number.MAX_VALUE, { mode: 'set' })).rank).toBe(1)
  })
})

test('scoreType is listed and part of the settings that must agree', async () => {
  await withStore(async ({ store }) => {
    await store.createBoard('whole', { scoreType: 'int64' })
    await store.createBoard('usual', { scoreType: 'number' })
    expect(store.boards()).toEqual([
      { name: 'usual', order: 'descending', mode: 'set', size: 0 },
      { name: 'whole', order: 'descending', mode: 'set', size: 0, scoreType: 'int64' },
    ])
    const differ = expect.objectContaining({ code: 'SETTINGS_DIFFER' })
    expect(() => store.board('whole', { scoreType: 'number' })).toThrow(differ)
    expect(() => store.board('usual', { scoreType: 'int64' })).toThrow(differ)
    expect(() => store.board('other', { scoreType: 'int32' as never })).toThrow(RangeError)
    await expect(store.board('usual').submit('ann', 1n as never)).rejects.toThrow(TypeError)
  })
})

test('parseScore() reads what a score of the board is, and refuses what is not exact', async () => {
  await withStore(({ store }) => {
    const whole = store.board('whole', { scoreType: 'int64' })
    expect(parseScore('9007199254740993', whole)).toBe(2n ** 53n + 1n)
    expect(parseBound('-Infinity', whole)).toBe(Number.NEGATIVE_INFINITY)
    expect(() => parseScore('1.5', whole)).toThrow(RangeError)
    const plain = store.board('plain')
    expect(parseScore('-12.50e1', plain)).toBe(-125)
    expect(() => parseScore('9007199254740993', plain)).toThrow('it is not exact as a number')
    const rows = store.board('rows', {
      scoreType: 'int64',
      columns: [{ name: 'a' }, { name: 'b' }],
    })
    expect(parseScore('5, -6', rows)).toEqual({ a: 5n, b: -6n })
    expect(() => parseScore('5', rows)).toThrow('write a,b')
  })
})
