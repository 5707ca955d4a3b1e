/**
 * A player on all boards of a store: entries, name, removal.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboards } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

test('boardsOf() answers the entries on all boards by name, in the rank mode asked', async () => {
  await withStore(async ({ store }) => {
    await begin(store)
    await store.createBoard('empty')
    expect(store.boardsOf('ann')).toEqual([
      { board: 'arena', entry: store.board('arena').get('ann') },
      { board: 'race', entry: store.board('race').get('ann') },
      { board: 'whole', entry: store.board('whole').get('ann') },
    ])
    expect(store.boardsOf('ann').map(({ entry }) => entry.score)).toEqual([
      ...[5, { points: 5, time: 5 }, 5n],
    ])
    await store.board('arena').submit('eve', 5)
    const ranks = (rankMode: 'ordinal' | 'competition' | 'dense'): number[] =>
      store.boardsOf('eve', { rankMode }).map(({ entry }) => entry.rank)
    expect([ranks('ordinal'), ranks('competition'), ranks('dense')]).toEqual([[3], [2], [2]])
    expect(store.boardsOf('nobody')).toEqual([])
    expect(() => store.boardsOf('')).toThrow(RangeError)
    expect(() => store.boardsOf('ann', { rankMode: 'best' as never })).toThrow(RangeError)
    await store.dropBoard('race')
    expect(store.boardsOf('ann').map(({ board }) => board)).toEqual(['arena', 'whole'])
  })
})

test('boardsOf() orders boards by the bytes of their names', async () => {
  await withStore(async ({ store }) => {
    const names = ['\u{10000}', '\uffff', 'b', 'a', 'A', '\u00e9', 'aa']
    for (const name of names) await store.board(name).submit('ann', 1)
    expect(store.boardsOf('ann').map(({ board }) => board)).toEqual(
      names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
  })
})

test('rename() shows on all boards at once, changes nothing else, and lasts', async () => {
  await withStore(async (temporary) => {
    const { store, clock } = temporary
    await begin(store)
    const before = entriesOf(store)
    clock.advance(1000)
    expect(await store.rename('ann', 'Ann \u{1f3c6}')).toBe(3)
    const renamed = before.map((entry) =>
      entry.playerId === 'ann' ? { ...entry, name: 'Ann \u{1f3c6}' } : entry,
    )
    expect(entriesOf(store)).toEqual(renamed)
    expect(entriesOf(await temporary.reopen())).toEqual(renamed)
    // The id as a name takes the name away.
    expect(await temporary.store.rename('ann', 'ann')).toBe(3)
    expect(await temporary.store.rename('ann', 'ann')).toBe(3)
    expect(entriesOf(temporary.store)).toEqual(before)
  })
})

test('rename() is seen on all boards or on none by a snapshot amid renames', async () => {
  await withStore(async ({ store }) => {
    await begin(store)
    const done: Promise<number>[] = []
    for (let i = 0; i < 30; i++) {
      done.push(store.rename('ann', `Name ${i}`))
      await done[i - 3]
      const names = store.snapshot((view) =>
        view.boards().map(({ name }) => view.board(name).get('ann')?.name),
      )
      expect(new Set(names).size).toBe(1)
    }
    await Promise.all(done)
    expect(store.boardsOf('ann').map(({ entry }) => entry.name)).toEqual(
      Array<string>(3).fill('Name 29'),
    )
  })
})

test('rename() and removePlayer() of unknown players and wrong arguments change nothing', async () => {
  await withStore(async ({ store }) => {
    expect(await store.rename('ann', 'Ann')).toBe(0)
    expect(await store.removePlayer('ann')).toBe(0)
    await begin(store)
    const before = entriesOf(store)
    expect(await store.rename('nobody', 'Ann')).toBe(0)
    expect(await store.removePlayer('nobody')).toBe(0)
    for (const bad of ['', 'x'.repeat(513), '\ud800']) {
      await expect(store.rename('ann', bad)).rejects.toThrow(RangeError)
      await expect(store.rename(bad, 'Ann')).rejects.toThrow(RangeError)
      await expect(store.removePlayer(bad)).rejects.toThrow(RangeError)
    }
    await expect(store.rename('ann', undefined as never)).rejects.toThrow(TypeError)
    await expect(store.removePlayer(7 as never)).rejects.toThrow(TypeError)
    expect(entriesOf(store)).toEqual(before)
  })
})

test('removePlayer() takes a player off all boards at once, and off every count', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    await begin(store)
    await store.board('other').submit('bob', 1)
    const rest = entriesOf(store).filter(({ playerId }) => playerId !== 'ann')
    const [removed, sizes] = await Promise.all([
      store.removePlayer('ann'),
      store.snapshot((view) => view.boards().map(({ size }) => size)),
    ])
    expect(removed).toBe(3)
    expect(new Set(sizes)).toEqual(new Set([1, 2]))
    expect(store.boardsOf('ann')).toEqual([])
    const withoutRanks = (entries: object[]): object[] => entries.map((e) => ({ ...e, rank: 0 }))
    expect(withoutRanks(entriesOf(store))).toEqual(withoutRanks(rest))
    expect(store.boards().map(({ size }) => size)).toEqual([1, 1, 1, 1])
    expect(store.board('arena').standing('bob')).toMatchObject({ ordinal: 1, total: 1 })
    expect(await store.removePlayer('ann')).toBe(0)
    expect((await temporary.reopen()).boardsOf('ann')).toEqual([])
    expect(await temporary.store.board('arena').submit('ann', 1)).toMatchObject({ created: true })
  })
})

test('rename() and removePlayer() stand in line with the writes around them', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    const [, early, , gone, late] = await Promise.all([
      board.submit('ann', 1),
      store.rename('ann', 'Early'),
      board.submit('ann', 2),
      store.removePlayer('ann'),
      store.rename('ann', 'Late'),
      board.submit('ann', 3, { only: 'new' }),
    ])
    expect([early, gone, late]).toEqual([1, 1, 0])
    expect(board.top()).toMatchObject([{ playerId: 'ann', name: 'ann', score: 3 }])
  })
})

async function begin(store: Leaderboards): Promise<void> {
  const race = store.board('race', { columns: [{ name: 'points' }, { name: 'time' }] })
  const whole = store.board('whole', { scoreType: 'int64', order: 'ascending' })
  for (const [playerId, score] of [
    ['ann', 5],
    ['bob', 7],
  ] as const) {
    await store.board('arena').submit(playerId, score, { metadata: { of: playerId } })
    await race.submit(playerId, { points: score, time: score })
    await whole.submit(playerId, BigInt(score))
  }
}

function entriesOf(store: Leaderboards): { playerId: string; board: string }[] {
  return store.boards().flatMap(({ name }) => {
    return [...store.board(name).entries()].map((entry) => ({ board: name, ...entry }))
  })
}
