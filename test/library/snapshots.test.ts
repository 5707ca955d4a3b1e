/**
 * Reads of several boards at one instant.
 *
 * @module
 */

import { expect, test, vi } from 'vitest'
import type { BoardView, Entry } from '../../src/index.ts'
import { SecondProcess } from '../model/second-process.ts'
import { withStore } from '../support/temporary-store.ts'

const SNAPSHOT_MS_MAX = 10_000
const EXPIRED = expect.objectContaining({ code: 'EXPIRED' })
const CLOSED = expect.objectContaining({ code: 'CLOSED' })

test('snapshot() shows several boards at one instant while purses change hands', async () => {
  await withStore(async ({ store }) => {
    const names = ['a', 'b', 'c']
    for (const name of names) {
      await store.board(name, { mode: 'increment' }).submit('purse', 100)
      await store.board(name).submit('gone', 0)
    }
    const writes: Promise<unknown>[] = []
    for (let i = 0; i < 60; i++) {
      // A transaction on three boards; a sum that is not 0 would show half of it.
      writes.push(store.rename('purse', `Name ${i}`), store.board('a').submit('purse', 1))
      if (i === 30) writes.push(store.removePlayer('gone'))
      await writes.at(-7)
      const [sizes, seen, again] = store.snapshot((view) => [
        view.boards().map(({ size }) => size),
        names.map((name) => view.board(name).get('purse')?.name),
        names.map((name) => view.board(name).get('purse')?.name),
      ])
      expect(new Set(sizes).size).toBe(1)
      expect(new Set(seen).size).toBe(1)
      expect(again).toEqual(seen)
    }
    await Promise.all(writes)
    expect(store.board('a').get('purse')).toMatchObject({ score: 160, name: 'Name 59' })
  })
})

test('snapshot() does not see what another process commits meanwhile, current reads do', async () => {
  await withStore(async ({ store, path, clock }) => {
    const board = await store.createBoard('game')
    await board.submit('ann', 1)
    const other = await SecondProcess.start(path)
    const args = ['bob', 2]
    const views = store.snapshot((view) => view.board('game'))
    await other.make(clock.now, [{ board: 'game', name: 'submit', args }])
    expect(board.size).toBe(2)
    // The view's time is over all the same: it answers nothing rather than something old.
    expect(() => views.size).toThrow(CLOSED)
  })
})

test('snapshot() expires after ten seconds', async () => {
  await withStore(async ({ store }) => {
    await store.board('game').submit('ann', 1)
    await store.createBoard('other')
    const start = performance.now()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(start)
    try {
      const answer = store.snapshot((view) => {
        const game = view.board('game')
        const other = view.board('other')
        clock.mockReturnValue(start + SNAPSHOT_MS_MAX - 1)
        expect(game.top()).toHaveLength(1)
        clock.mockReturnValue(start + SNAPSHOT_MS_MAX)
        for (const read of readsOf(game)) expect(read).toThrow(EXPIRED)
        for (const read of readsOf(other)) expect(read).toThrow(EXPIRED)
        expect(() => view.board('game')).toThrow(EXPIRED)
        expect(() => view.boards()).toThrow(EXPIRED)
        return 'an answer'
      })
      expect(answer).toBe('an answer')
      // The store itself goes on.
      expect(store.board('game').size).toBe(1)
      expect(store.snapshot((view) => view.board('game').size)).toBe(1)
    } finally {
      clock.mockRestore()
    }
  })
})

test('snapshot() that is over answers no more, also where it ended by an error', async () => {
  await withStore(async ({ store }) => {
    await store.board('game').submit('ann', 1)
    const views: BoardView[] = []
    expect(
      store.snapshot((view) => {
        views.push(view.board('game'))
        return views[0]?.size
      }),
    ).toBe(1)
    const problem = new Error('mine')
    expect(() =>
      store.snapshot((view) => {
        views.push(view.board('game'))
        throw problem
      }),
    ).toThrow(problem)
    for (const view of views) {
      for (const read of readsOf(view)) expect(read).toThrow(CLOSED)
      expect(view.name).toBe('game')
    }
  })
})

// An iteration that began in time went on for ever, and held its pages as long.
test('snapshot() ends iterations too: with the function, and after ten seconds', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const ids = Array.from({ length: 2_000 }, (_, i) => `p${i}`)
    await board.submitMany(ids.map((playerId, i) => ({ playerId, score: i })))
    const { rest } = store.snapshot((view): { rest: Generator<Entry> } => {
      const rest = view.board('game').entries()
      expect(rest.next().value).toMatchObject({ playerId: 'p1999' })
      return { rest }
    })
    expect(() => rest.next()).toThrow(CLOSED)
    expect(rest.next()).toEqual({ done: true, value: undefined })
    const start = performance.now()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(start)
    try {
      store.snapshot((view) => {
        const entries = view.board('game').entries()
        expect(entries.next().done).toBe(false)
        clock.mockReturnValue(start + SNAPSHOT_MS_MAX)
        expect(() => entries.next()).toThrow(EXPIRED)
      })
    } finally {
      clock.mockRestore()
    }
    expect(store.snapshot((view) => [...view.board('game').entries()])).toHaveLength(2_000)
  })
})

test('snapshot() refuses functions that are not synchronous, and unknown boards', async () => {
  await withStore(async ({ store }) => {
    await store.createBoard('game')
    expect(() => store.snapshot(async (view) => view.boards())).toThrow(TypeError)
    expect(() => store.snapshot((view) => view.board('other'))).toThrow(
      expect.objectContaining({ code: 'NO_BOARD' }),
    )
    expect(() => store.snapshot((view) => view.board(''))).toThrow(RangeError)
    expect(store.hasBoard('other')).toBe(false)
    // One inside the other, and reads of the store in between.
    const sizes = store.snapshot((view) => [
      store.snapshot((inner) => inner.board('game').size),
      store.board('game').size,
      view.board('game').size,
    ])
    expect(sizes).toEqual([0, 0, 0])
  })
})

test('snapshot() pages can be turned: cursors are those of the board', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany([3, 2, 1].map((score) => ({ playerId: `p${score}`, score })))
    const next = store.snapshot((view) => view.board('game').page({ limit: 1 }).next) as string
    expect(board.page({ after: next }).entries).toEqual(board.range(2, 3))
    const previous = board.page({ after: next }).previous as string
    const [page, friends] = store.snapshot((view) => [
      view.board('game').page({ before: previous }),
      view.board('game').among(['p1', 'p9']),
    ])
    expect(page.entries).toEqual(board.top(1))
    expect(friends.missing).toEqual(['p9'])
  })
})

function readsOf(view: BoardView): (() => unknown)[] {
  return [
    () => view.size,
    () => view.info,
    () => view.get('ann'),
    () => view.top(),
    () => view.page(),
    () => view.among([]),
    () => view.gap('ann'),
    () => view.scoreAt(1),
    () => view.scoreFor({ rank: 1 }),
    () => view.standing('ann'),
    () => view.standingOf(1),
    () => view.countBetween(0, 1),
    () => [...view.entries()],
  ]
}
