import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { TemporaryStore, withDirectory, withStore } from '../support/temporary-store.ts'

test('metrics() tells of each call since the first one', async () => {
  await withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('ann', 5)
    expect(store.metrics()).toMatchObject({ calls: {}, commits: { count: 0 }, updatesPerSecond: 0 })
    await Promise.all([arena.submit('ann', 6), arena.submit('bob', 7)])
    await expect(arena.submit('ann', 8, { only: 'new' })).rejects.toThrow()
    arena.rank('ann')
    expect(() => arena.rank('')).toThrow(RangeError)
    store.snapshot((view) => view.board('arena').top(1))
    const { calls, commits } = store.metrics()
    expect(calls).toMatchObject({
      ...{
        submit: { count: 3, errors: 1 },
        rank: { count: 2, errors: 1 },
        top: { count: 1, errors: 0 },
      },
    })
    expect(Object.keys(calls).sort()).toEqual(['rank', 'submit', 'top'])
    expect(calls['submit']?.p99Ms).toBeGreaterThanOrEqual(calls['submit']?.p50Ms ?? Number.NaN)
    expect(commits.count).toBeGreaterThanOrEqual(1)
    expect(commits.maxChanges).toBeLessThanOrEqual(2)
  })
})

test('what a call asks of others is part of it', async () => {
  await withStore(async ({ store }) => {
    await store.board('arena').submit('ann', 5)
    store.metrics()
    await store.removePlayer('ann')
    expect(Object.keys(store.metrics().calls)).toEqual(['removePlayer'])
  })
})

test('each store has metrics of its own, and none when it is closed', async () => {
  await withDirectory(async (path) => {
    const one = new TemporaryStore(`${path}/one`, {})
    const two = new TemporaryStore(`${path}/two`, {})
    one.store.metrics()
    two.store.metrics()
    await one.store.board('a').submit('ann', 5)
    expect(two.store.metrics().calls).toEqual({})
    await one.store.close()
    await two.store.close()
  })
})

test('calls and commits are published to those who listen', async () => {
  await withStore(async ({ store, path }) => {
    const told: unknown[] = []
    const hear = (message: unknown): void => void told.push(message)
    for (const name of ['ladderdb:call', 'ladderdb:commit']) subscribe(name, hear)
    try {
      await store.board('arena').submit('ann', 5)
      store.boards()
    } finally {
      for (const name of ['ladderdb:call', 'ladderdb:commit']) unsubscribe(name, hear)
    }
    const ms = expect.any(Number)
    expect(told).toEqual([
      { store: path, changes: 1, ms },
      { call: 'submit', store: path, board: 'arena', ms, error: undefined },
      { call: 'boards', store: path, board: undefined, ms, error: undefined },
    ])
  })
})

// A cover that changed what a call was given would have made options of what is none.
test('covered calls take what they took, and are named as they were', async () => {
  await withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('ann', 5)
    expect(arena.rank.name).toBe('rank')
    for (const _ of ['unmeasured', 'measured']) {
      expect(() =>
        (arena.top as (...given: unknown[]) => unknown)(3, { rnakMode: 'dense' }),
      ).toThrow('did you mean')
      expect([arena.rank('ann'), arena.rank('nobody')]).toEqual([1, undefined])
      store.metrics()
    }
  })
})
