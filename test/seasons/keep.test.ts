/**
 * Windows whose `keep` is altered while seasons have entries.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards, restoreBackup, restoreBoard, salvageStore } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

// Ahead of the machine's clock, by which restoreBoard() goes: for it no season is over that is on here.
const NOON = Date.UTC(2096, 10, 28, 12)
const FIRST_DAY = '2096-11-28'
const DAY_MS = 86_400_000
const PLAYERS = ['ann', 'bob', 'cy', 'dan'] as const

function ids(view: { top(n: number): { playerId: string }[] }): string[] {
  return view.top(10).map(({ playerId }) => playerId)
}

// The season that was on went on with more entries than its window keeps, which check called a fault, until
// the next submit into it.
test('alter() of keep takes the worst of the season that is on away at once', () =>
  withStore(async (temporary) => {
    const { store, clock } = temporary
    clock.now = NOON
    const board = store.board('arena', { windows: ['day'] })
    for (const [i, id] of PLAYERS.entries()) await board.submit(id, 100 - i)
    await store.ban('ann', { submits: 'keep' })
    await store.alter('arena', { windows: { day: { keep: 2 } } })
    expect(ids(board.window('day'))).toEqual(['bob', 'cy'])
    expect((await store.check()).findings).toEqual([])
    await store.unban('ann')
    expect(ids(board.window('day'))).toEqual(['ann', 'bob'])
    await store.alter('arena', { windows: { day: { keep: 3 } } })
    expect(ids(board.window('day'))).toEqual(['ann', 'bob'])
    await board.submit('dan', 1)
    expect(ids(board.window('day'))).toEqual(['ann', 'bob', 'dan'])
    expect(board.size).toBe(4)
  }))

test('alter() of keep goes for what other changes of its commit did', () =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('ann', 9)
    await Promise.all([
      board.submit('bob', 8),
      store.alter('arena', { windows: { day: { keep: 1 } } }),
      board.submit('cy', 7),
      board.submit('dan', 10),
    ])
    expect(ids(board.window('day'))).toEqual(['dan'])
  }))

test('alter() of keep leaves final standings as they are, in every copy of them', () =>
  withDirectory((path) =>
    withStore(async (temporary) => {
      const { store, clock } = temporary
      clock.now = NOON
      const board = store.board('arena', { windows: ['day'] })
      for (const [i, id] of PLAYERS.entries()) await board.submit(id, 100 - i)
      clock.advance(DAY_MS)
      await board.submit('ann', 5)
      await board.submit('bob', 6)
      await store.backup(join(path, 'before'))
      await store.alter('arena', { windows: { day: { keep: 1 } } })
      expect(ids(board.window('day', FIRST_DAY))).toEqual([...PLAYERS])
      expect(ids(board.window('day'))).toEqual(['bob'])
      expect((await store.check()).findings).toEqual([])
      await store.rebuild('arena')
      expect(ids(board.window('day', FIRST_DAY))).toEqual([...PLAYERS])
      await store.backup(join(path, 'after'))
      const seq = Math.max(...store.log({ limit: 10_000 }).records.map((record) => record.seq))
      await store.close()
      await restoreBackup(join(path, 'before'), join(path, 'at'), { log: temporary.path, seq })
      await salvageStore(join(path, 'after'), join(path, 'saved'))
      await restoreBoard(join(path, 'after'), join(path, 'one'), { board: 'arena' })
      for (const name of ['at', 'saved', 'one']) {
        const copy = openLeaderboards(join(path, name), { clock: clock.read })
        const arena = copy.openBoard('arena')
        expect(ids(arena.window('day', FIRST_DAY)), name).toEqual([...PLAYERS])
        expect(ids(arena.window('day')), name).toEqual(['bob'])
        expect((await copy.check()).findings, name).toEqual([])
        await copy.close()
      }
    }),
  ))
