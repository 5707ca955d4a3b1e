/**
 * A player record with one bit wrong: every question that reads it names it, none answers.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboard } from '../../src/index.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { withStore } from '../support/temporary-store.ts'

const QUESTIONS: readonly [string, (board: Leaderboard) => unknown][] = [
  ['rank', (board) => board.rank('bob')],
  ['rank competition', (board) => board.rank('bob', { rankMode: 'competition' })],
  ['ranks', (board) => board.ranks(['alice', 'bob'])],
  ['get', (board) => board.get('bob')],
  ['standing', (board) => board.standing('bob')],
  ['around', (board) => board.around('bob')],
]

test('a player record with any byte damaged is named by every question that reads it', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    await store.board('game').submitMany([
      { playerId: 'alice', score: 3 },
      { playerId: 'bob', score: 2, name: 'Bob' },
      { playerId: 'carol', score: 1 },
    ])
    const { path } = store
    await store.close()
    const record = await changeRaw(path, (writer) => {
      return pairsOf(writer, 'players').find(({ key }) => key.toString().endsWith('bob'))
    })
    if (record === undefined) throw new Error('There is no record')
    const { key, value } = record
    for (let at = 0; at < value.length; at++) {
      await changeRaw(path, (writer) => writer.put('players', key, flipped(value, at)))
      const damaged = await temporary.reopen()
      const board = damaged.board('game')
      for (const [name, ask] of QUESTIONS)
        expect(() => ask(board), `${name}, byte ${at}`).toThrow(
          expect.objectContaining({ code: 'CORRUPT' }),
        )
      expect(board.ranks(['alice', 'carol'])).toEqual([1, 3])
      await damaged.close()
    }
    await changeRaw(path, (writer) => writer.put('players', key, value))
    expect((await temporary.reopen()).board('game').rank('bob')).toBe(2)
  })
})
