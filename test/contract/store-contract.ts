/**
 * What a store of boards promises, for every engine: when boards exist, and what concerns all of them.
 * Each answer is awaited.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import type { BoardInfo, BoardSettings } from '../../src/index.ts'
import { answerOf, type Callee, type ContractStore, type Engine, refusalOf } from './engine.ts'

const GOLF = { order: 'ascending', mode: 'best' } as const

/** Declares the tests of a store. */
export function storeContract(name: string, engine: Engine): void {
  describe(`a store of the ${name}`, () => {
    existenceTests(engine)
    askedTests(engine)
    dropTests(engine)
    playerTests(engine)
  })
}

function existenceTests(engine: Engine): void {
  test('has a board from its first accepted change, which reads and refusals are not', () =>
    engine(async (store) => {
      const golf = store.board('golf', GOLF)
      expect(await answerOf(golf, 'size')).toBe(0)
      expect(await answerOf(golf, 'top')).toEqual([])
      expect(await answerOf(golf, 'remove', 'ann')).toBe(false)
      expect(await refusalOf(golf, 'submit', 'ann', 1, { only: 'existing' })).toBe(
        'CONDITION_FAILED',
      )
      expect(await opened(store, 'golf')).toBe('NO_BOARD')
      expect(await namesIn(store)).toEqual([])
      await answerOf(golf, 'submit', 'ann', 1)
      expect(await infosIn(store)).toMatchObject([{ name: 'golf', ...GOLF, size: 1 }])
      expect(await answerOf(store.callee, 'hasBoard', 'golf')).toBe(true)
      expect(await opened(store, 'golf')).toBe(1)
    }))

  test('makes boards by createBoard, once, and refuses other settings', () =>
    engine(async (store) => {
      for (const name of ['b', 'a', 'é', 'a'])
        await answerOf(store.callee, 'createBoard', name, { mode: 'best' })
      expect(await namesIn(store)).toEqual(['a', 'b', 'é'])
      const other = await refusalOf(store.callee, 'createBoard', 'a', { mode: 'set' })
      expect(other).toBe('SETTINGS_DIFFER')
      expect(await refusalOf(store.callee, 'createBoard', '')).toBe('RangeError')
      expect(await opened(store, 'a', { order: 'ascending' })).toBe('SETTINGS_DIFFER')
    }))

  test('remembers the settings that a board is asked for with, until it exists', () =>
    engine(async (store) => {
      store.board('game', GOLF)
      await answerOf(store.board('game'), 'submit', 'ann', 1)
      expect(await infosIn(store)).toMatchObject([{ name: 'game', ...GOLF }])
      expect(await opened(store, 'game', GOLF)).toBe(1)
    }))
}

// What differs from what was asked for before is asked for alone: nothing of before is left, whatever was dropped.
function askedTests(engine: Engine): void {
  const cases: [name: string, BoardSettings, BoardSettings][] = [
    ['a mode', { order: 'ascending', mode: 'best' }, { mode: 'set' }],
    ['an order', { order: 'ascending', mode: 'best' }, { order: 'descending' }],
    ['a score type', { mode: 'best' }, { scoreType: 'int64' }],
    ['columns', { order: 'ascending' }, { columns: [{ name: 'a' }, { name: 'b' }] }],
    ['windows', { mode: 'best', windows: ['day'] }, { windows: ['week'] }],
    ['more windows', { mode: 'best', windows: ['day'] }, { windows: ['day', 'week'] }],
  ]
  test.each(cases)(
    'forgets settings that a board was asked for with for another one: %s',
    (...[, first, second]) =>
      engine(async (store) => {
        await answerOf(store.board('asked', first), 'size')
        expect(await refusalOf(store.callee, 'dropBoard', 'asked')).toBe('NO_BOARD')
        await answerOf(store.board('asked', second), 'size')
        await answerOf(store.board('asked'), 'submit', 'ann', scoreFor(second))
        await answerOf(store.board('alone', second), 'submit', 'ann', scoreFor(second))
        const [alone, asked] = await infosIn(store)
        expect(asked).toEqual({ ...alone, name: 'asked' })
      }),
  )

  test('keeps what a board was asked for with if the same, or a part of it, is asked for again', () =>
    engine(async (store) => {
      const all = { ...GOLF, windows: ['day', 'week'] } as const
      await answerOf(store.board('asked', all), 'size')
      await answerOf(store.board('asked', { windows: ['day'], scoreType: 'number' }), 'size')
      await answerOf(store.board('asked'), 'submit', 'ann', 1)
      await answerOf(store.board('alone', all), 'submit', 'ann', 1)
      const [alone, asked] = await infosIn(store)
      expect(asked).toEqual({ ...alone, name: 'asked' })
    }))
}

function scoreFor({ scoreType, columns }: BoardSettings): unknown {
  if (columns !== undefined) return { a: 1, b: 2 }
  return scoreType === 'int64' ? 1n : 1
}

function dropTests(engine: Engine): void {
  test('drops a board with all its entries; a new one of the name begins anew', () =>
    engine(async (store) => {
      const old = store.board('game')
      await answerOf(old, 'submit', 'ann', 1)
      await answerOf(old, 'submit', 'bob', 2)
      const { next } = (await answerOf(old, 'page', { limit: 1 })) as { next: string }
      await answerOf(store.callee, 'dropBoard', 'game')
      expect(await refusalOf(old, 'submit', 'ann', 1)).toBe('NO_BOARD')
      expect(await refusalOf(old, 'top')).toBe('NO_BOARD')
      expect(await refusalOf(store.callee, 'dropBoard', 'game')).toBe('NO_BOARD')
      expect(await namesIn(store)).toEqual([])
      const board = store.board('game')
      expect(await answerOf(board, 'size')).toBe(0)
      await answerOf(board, 'submit', 'cat', 1)
      expect(await answerOf(board, 'ranks', ['ann', 'cat'])).toEqual([undefined, 1])
      expect(await refusalOf(board, 'page', { after: next })).toBe('BAD_CURSOR')
    }))
}

function playerTests(engine: Engine): void {
  test('renames and removes a player everywhere, and lists the boards of one', () =>
    engine(async (store) => {
      for (const [name, score] of [
        ['two', 2],
        ['one', 1],
        ['none', 0],
      ] as const)
        await answerOf(store.board(name), 'submit', name === 'none' ? 'bob' : 'ann', score)
      expect(await answerOf(store.callee, 'rename', 'ann', 'Ann')).toBe(2)
      const named = { playerId: 'ann', name: 'Ann', rank: 1 }
      expect(await answerOf(store.callee, 'boardsOf', 'ann')).toMatchObject([
        ...[
          { board: 'one', entry: named },
          { board: 'two', entry: named },
        ],
      ])
      expect(await answerOf(store.callee, 'rename', 'nobody', 'N')).toBe(0)
      expect(await refusalOf(store.callee, 'rename', 'ann', '')).toBe('RangeError')
      expect(await answerOf(store.callee, 'removePlayer', 'ann')).toBe(2)
      expect(await answerOf(store.callee, 'removePlayer', 'ann')).toBe(0)
      expect(await answerOf(store.callee, 'boardsOf', 'ann')).toEqual([])
      // Boards stay, though nobody is left on them.
      expect(await namesIn(store)).toEqual(['none', 'one', 'two'])
    }))
}

// The size of a board that exists, or the problem.
async function opened(
  store: ContractStore,
  name: string,
  settings?: Parameters<ContractStore['openBoard']>[1],
): Promise<unknown> {
  let board: Callee | undefined
  const problem = await refusalOf(
    {
      open: async () => {
        board = await store.openBoard(name, settings)
      },
    },
    'open',
  )
  return board === undefined ? problem : answerOf(board, 'size')
}

async function infosIn(store: ContractStore): Promise<BoardInfo[]> {
  return (await answerOf(store.callee, 'boards')) as BoardInfo[]
}

async function namesIn(store: ContractStore): Promise<string[]> {
  return (await infosIn(store)).map(({ name }) => name)
}
