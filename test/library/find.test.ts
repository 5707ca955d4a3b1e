/**
 * Finding players by name, and taking them off with what they had.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { foldName } from '../../src/domain/find.ts'
import { withStore } from '../support/temporary-store.ts'

const FOLDED: [a: string, b: string, same: boolean][] = [
  ['Ann', 'aNN', true],
  ['Zoë', 'ZOE\u0308', true],
  ['Straße', 'STRASSE', true],
  ['ΟΔΟΣ', 'οδος', true],
  ['ﬁn', 'FIN', true],
  ['Ａｎｎ', 'ann', true],
  ['Zoë', 'Zoe', false],
  ['ann', 'anna', false],
]

test.each(FOLDED)('foldName(): %s and %s', (a, b, same) => {
  expect(foldName(a) === foldName(b)).toBe(same)
})

test('find() answers those of the name first, then those whose name begins with it', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    const names = ['Annabel', 'bob', 'ANN', 'Joann', 'ann', 'Anne', 'a.n.n']
    for (const [i, name] of names.entries()) await board.submit(`p${i}`, 100 - i, { name })
    await board.submit('annika', 1)
    const found = async (text: string, limit?: number): Promise<string[]> =>
      (await board.find(text, { limit })).map(({ name }) => name)
    expect(await found('ann')).toEqual(['ANN', 'ann', 'Annabel', 'Anne', 'annika'])
    expect(await found('ann', 3)).toEqual(['ANN', 'ann', 'Annabel'])
    expect(await found('ann', 1)).toEqual(['ANN'])
    expect(await found('p0')).toEqual([])
    expect(await found('annik')).toEqual(['annika'])
    const [first] = await board.find('annabel')
    expect(first).toEqual(board.get('p0'))
    for (const limit of [0, 10_001, 1.5])
      await expect(board.find('a', { limit })).rejects.toThrow(RangeError)
    for (const name of ['', 5, undefined] as string[])
      await expect(board.find(name)).rejects.toThrow(/name/)
    await expect(board.find('a', { most: 1 } as object)).rejects.toThrow(TypeError)
    expect(await store.board('none').find('a')).toEqual([])
  }))

test('find() gives the event loop turns and ends by its signal', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    const players = Array.from({ length: 5000 }, (_, i) => ({ playerId: `p${i}`, score: i }))
    await board.submitMany(players)
    let turns = 0
    let isDone = false
    const search = board.find('nobody').finally(() => {
      isDone = true
    })
    while (!isDone) {
      turns++
      await nextTurn()
    }
    expect(await search).toEqual([])
    expect(turns).toBeGreaterThan(3)
    const aborted = board.find('p', { signal: AbortSignal.abort(), limit: 9 })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  }))

test('take() answers the entry of the same commit, which can be put back as it was', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 5, { at: 1000, name: 'Ann', metadata: { car: 'red' } })
    await board.submit('bob', 9)
    const entry = board.get('ann')
    // Submitted and taken in one commit: what a read before would not have seen.
    const [, , taken] = await Promise.all([
      board.submit('cleo', 7),
      board.submit('cleo', 8),
      board.take('cleo'),
    ])
    expect(taken).toMatchObject({ playerId: 'cleo', score: 8, rank: 2 })
    expect(await board.take('ann')).toEqual(entry)
    expect(await board.take('ann')).toBe(undefined)
    expect(await board.remove('ann')).toBe(false)
    const { score, at, name, metadata } = entry as NonNullable<typeof entry>
    await board.submit('ann', score, { at, name, metadata: metadata as { car: string } })
    expect(board.get('ann')).toEqual(entry)
    await store.board('race', { columns: [{ name: 'points' }, { name: 'time' }] }).submit('ann', {
      points: 1,
      time: 2,
    })
    const before = store.boardsOf('ann')
    expect(await store.takePlayer('ann')).toEqual(before)
    expect(await store.takePlayer('ann')).toEqual([])
  }))
