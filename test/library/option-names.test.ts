/**
 * Options with a slip of the pen: refused, with the names that are known.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Leaderboard, type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

type Call = (board: Leaderboard, store: Leaderboards) => unknown

// Cast, as only callers without types make these mistakes.
const CALLS: readonly [string, string, Call][] = [
  ['submit', 'nmae', (board) => board.submit('ann', 1, { nmae: 'Ann' } as object)],
  ['submit', 'playerId', (board) => board.submit('ann', 1, { playerId: 'bob' } as object)],
  ['submitMany', 'only', (board) => board.submitMany([], { only: 'new' } as object)],
  [
    'submitMany',
    'ranks',
    (board) => board.submitMany([{ playerId: 'ann', score: 1, ranks: false } as never]),
  ],
  ['around', 'size', (board) => board.around('ann', { size: 3 } as object)],
  ['between', 'minInclusive', (board) => board.between(1, 2, { minInclusive: false } as object)],
  ['countBetween', 'limit', (board) => board.countBetween(1, 2, { limit: 3 } as object)],
  ['page', 'cursor', (board) => board.page({ cursor: 'x' } as object)],
  ['scoreFor', 'percent', (board) => board.scoreFor({ percent: 1 } as object)],
  ['watch', 'interval', (board) => board.watch({ interval: 10 } as object)],
  ['board', 'mod', (_, store) => store.board('new', { mod: 'best' } as object)],
  ['createBoard', 'sort', (_, store) => store.createBoard('new', { sort: 'up' } as object)],
  [
    'createBoard',
    'direction',
    (_, store) => store.createBoard('new', { columns: [{ name: 'a', direction: 1 }] } as object),
  ],
]

test.each(CALLS)('%s() refuses the unknown name %s and changes nothing', async (_, name, call) => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    await expect((async () => call(board, store))()).rejects.toThrow(`Cannot use "${name}" in `)
    expect(board.size).toBe(0)
    expect(store.hasBoard('new')).toBe(false)
  })
})

test('openLeaderboards() refuses an unknown name and makes no store', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    const open = (): unknown => openLeaderboards(path, { readonly: true } as object)
    expect(open).toThrow(
      'Cannot use "readonly" in options of openLeaderboards(): did you mean "readOnly"? the names are readOnly, create, ',
    )
    expect(existsSync(path)).toBe(false)
  })
})

test('openLeaderboards() of a file says that it is one', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'file')
    await writeFile(path, 'text')
    for (const readOnly of [true, false])
      expect(() => openLeaderboards(path, { readOnly })).toThrow(
        expect.objectContaining({ code: 'NOT_A_STORE', message: expect.stringMatching('a file') }),
      )
  })
})
