/**
 * Examples of the field's textbooks, and what other leaderboards got wrong: the numbers are those of
 * the collection that this project began with.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Entry, Leaderboard, Leaderboards, Mode, Order } from '../../src/index.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']
const BOTH_ORDERS_ALL_MODES = ORDERS.flatMap((order) => {
  return MODES.map((mode) => [order, mode] as const)
})

test('Leaderboard ranks the example of the textbooks', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('alice', 1500)
    await board.submit('bob', 2000)
    await board.submit('charlie', 1200)
    await board.submit('dave', 1800)
    await board.submit('eve', 2000)
    expect(idsOf(board.top(3))).toEqual(['bob', 'eve', 'dave'])
    expect(board.rank('charlie')).toBe(5)
    const around = board.around('alice', { above: 1, below: 1 })
    expect(idsOf(around)).toEqual(['dave', 'alice', 'charlie'])
  })
})

test('rank() numbers 101, 100, 100, 99 in each of the three modes', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany(
      [101, 100, 100, 99].map((score, i) => ({ playerId: `player-${i}`, score })),
    )
    const ranks = (rankMode: 'ordinal' | 'competition' | 'dense'): number[] => {
      return board.top(4, { rankMode }).map(({ rank }) => rank)
    }
    expect(ranks('ordinal')).toEqual([1, 2, 3, 4])
    expect(ranks('competition')).toEqual([1, 2, 2, 4])
    expect(ranks('dense')).toEqual([1, 2, 2, 3])
    expect(board.standing('player-2')).toEqual({
      ...{ ordinal: 3, competition: 2, dense: 2 },
      ...{ better: 1, equal: 2, worse: 1, total: 4, percentile: 100 / 3, bucket: 'top 50 %' },
    })
  })
})

test.each(ORDERS)(
  'submit() of a refused score changes nothing on a board that is %s',
  async (order) => {
    await withStore(async ({ store, clock }) => {
      const board = store.board('game', { order, mode: 'best' })
      await board.submitMany([1, 2, 2, 3].map((score, i) => ({ playerId: `player-${i}`, score })))
      const before = everything(board)
      clock.advance(1000)
      const worse = order === 'descending' ? -1 : 1
      for (const { playerId, score, rank } of board.top()) {
        expect(await board.submit(playerId, score + worse)).toEqual({
          ...{ playerId, score, previousScore: score, rank, previousRank: rank },
          ...{ changed: false, created: false },
        })
      }
      await expect(board.submit('player-1', Number.NaN)).rejects.toThrow(RangeError)
      await expect(board.submit('player-1', 2 ** 53, { mode: 'increment' })).rejects.toMatchObject({
        code: 'INEXACT',
      })
      expect(everything(board)).toEqual(before)
    })
  },
)

test('dropBoard() leaves no ghosts in a new board of the same name', async () => {
  await withStore(async (temporary) => {
    const before = temporary.store.board('season', { mode: 'best' })
    await before.submitMany([9, 8, 7].map((score) => ({ playerId: `old-${score}`, score })))
    await temporary.store.dropBoard('season')
    expect(temporary.store.hasBoard('season')).toBe(false)
    expect(temporary.store.boards()).toEqual([])
    // Other settings: nothing of the old board stands in the way.
    await temporary.store.createBoard('season', { order: 'ascending', mode: 'increment' })
    const store = await temporary.reopen()
    const board = store.board('season')
    expect([board.size, board.top(), board.get('old-9')]).toEqual([0, [], undefined])
    expect(board.countBetween(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe(0)
    expect(await board.submit('old-9', 1)).toMatchObject({ created: true, rank: 1, score: 1 })
    expect(store.boards()).toEqual([
      { name: 'season', order: 'ascending', mode: 'increment', size: 1 },
    ])
  })
})

test('remove() on every board takes a player out of each list, rank and count', async () => {
  await withStore(async ({ store }) => {
    const boards = ['one', 'two', 'three'].map((name) => store.board(name))
    for (const board of boards) {
      const scores = [5, 4, 4, 3].map((score, i) => ({ playerId: `player-${i}`, score }))
      await board.submitMany(scores)
    }
    await Promise.all(boards.map((board) => board.remove('player-1')))
    for (const board of boards) {
      expect(await board.remove('player-1')).toBe(false)
      expect([board.size, board.rank('player-1'), board.standing('player-1')]).toEqual([
        3,
        undefined,
        undefined,
      ])
      expect(idsOf([...board.entries()])).toEqual(['player-0', 'player-2', 'player-3'])
      expect(board.countBetween(4, 4)).toBe(1)
      expect(board.standing('player-3')).toMatchObject({ ordinal: 3, dense: 3, better: 2 })
      expect(board.around('player-1')).toEqual([])
    }
  })
})

test.each(BOTH_ORDERS_ALL_MODES)(
  'submit() ranks a score of 0 like any other on a board that is %s, mode %s',
  async (order, mode) => {
    await withStore(async ({ store, clock }) => {
      const board = store.board('game', { order, mode })
      expect(await board.submit('zero', 0)).toMatchObject({ created: true, score: 0, rank: 1 })
      await board.submit('below', -1)
      await board.submit('above', 1)
      expect(board.rank('zero')).toBe(2)
      const before = board.get('zero')
      clock.advance(5000)
      expect(await board.submit('zero', 0, { mode: 'increment' })).toMatchObject({ changed: false })
      expect(board.get('zero')).toEqual(before)
    })
  },
)

test.each(ORDERS)(
  'remove() of all others cuts a board that is %s to its first entries',
  async (order) => {
    await withStore(async ({ store }) => {
      const board = store.board('game', { order })
      const scores = Array.from({ length: 700 }, (_, i) => {
        return { playerId: `player-${i}`, score: (i * 7919) % 50 }
      })
      await board.submitMany(scores)
      const kept = board.top(25)
      await Promise.all(board.range(26, board.size).map(({ playerId }) => board.remove(playerId)))
      expect(board.size).toBe(25)
      expect([...board.entries()]).toEqual(kept)
      expect(board.standing(kept[24]?.playerId ?? '')).toMatchObject({ ordinal: 25, total: 25 })
    })
  },
)

test('ranks() answers friends in the order asked, undefined for those without entry', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany([3, 2, 2, 1].map((score, i) => ({ playerId: `player-${i}`, score })))
    const friends = ['nobody', 'player-3', 'player-0', '', 'player-3'].filter((id) => id !== '')
    expect(board.ranks(friends)).toEqual([undefined, 4, 1, 4])
    expect(board.ranks(friends, { rankMode: 'dense' })).toEqual([undefined, 3, 1, 3])
    expect(board.ranks([])).toEqual([])
  })
})

test.each(BOTH_ORDERS_ALL_MODES)(
  'submit() of the same score again keeps rank and time on a board that is %s, mode %s',
  async (order, mode) => {
    await withStore(async ({ store, clock }) => {
      const board = store.board('game', { order, mode })
      for (const playerId of ['first', 'second', 'third']) await board.submit(playerId, 50)
      const before = everything(board)
      clock.advance(60_000)
      for (const again of ['set', 'best'] as const) {
        const answer = await board.submit('first', 50, { mode: again, at: clock.now })
        expect(answer).toEqual({
          ...{ playerId: 'first', score: 50, previousScore: 50, rank: 1, previousRank: 1 },
          ...{ changed: false, created: false },
        })
      }
      expect(everything(board)).toEqual(before)
      expect(idsOf(board.top())).toEqual(['first', 'second', 'third'])
    })
  },
)

test('submit() takes a new name where the score stays, and nothing else', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { mode: 'best' })
    await board.submitMany([5, 4].map((score) => ({ playerId: `player-${score}`, score })))
    const before = board.get('player-4')
    clock.advance(1000)
    const options = { name: 'Ada \u{1f3c6}', at: clock.now }
    expect(await board.submit('player-4', 3, options)).toMatchObject({ changed: false, rank: 2 })
    expect(board.get('player-4')).toEqual({ ...before, name: 'Ada \u{1f3c6}' })
    expect(board.top()[1]?.name).toBe('Ada \u{1f3c6}')
    await board.submit('player-4', 4, { name: 'player-4' })
    expect(board.get('player-4')).toEqual(before)
    await board.submit('player-4', 9, { name: 'Bob' })
    await board.submit('player-4', 10)
    expect(board.entryAt(1)).toMatchObject({ name: 'Bob', score: 10 })
  })
})

test('standing() of one who is alone has percentile 100, and standingOf() on an empty board too', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await store.createBoard('game')
    const alone = {
      ...{ ordinal: 1, competition: 1, dense: 1, better: 0, equal: 1, worse: 0 },
      ...{ total: 1, percentile: 100, bucket: 'top 1 %' },
    }
    expect(board.standingOf(7)).toEqual(alone)
    await board.submit('alice', 7)
    expect(board.standing('alice')).toEqual(alone)
    expect(board.standingOf(7)).toEqual({
      ...{ ordinal: 2, competition: 1, dense: 1, better: 0, equal: 2, worse: 0 },
      ...{ total: 2, percentile: 0, bucket: 'top 1 %' },
    })
    expect(board.standing('bob')).toBeUndefined()
  })
})

// It made the board: an empty file was enough for a board in the lists.
test('importFrom() of no rows, or of bad ones alone, makes no board', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('new')
    const report = await board.importFrom(Readable.from([]), { format: 'ndjson' })
    expect(report).toEqual({ imported: 0, changed: 0, skipped: 0 })
    const bad = Readable.from([Buffer.from('{"playerId":"ann","score":"x"}\n')])
    expect(await board.importFrom(bad, { format: 'ndjson', skipBad: true })).toMatchObject({
      ...{ imported: 0, skipped: 1 },
    })
    expect([store.boards(), board.size]).toEqual([[], 0])
  })
})

test('createBoard() makes thousands of boards, and boards() lists them', async () => {
  await withStore(async ({ store }) => {
    const count = sizeOf('TORTURE_BOARDS', { test: 2_000, torture: 10_000 })
    const started = performance.now()
    await Promise.all(Array.from({ length: count }, (_, i) => store.createBoard(`board ${i}`)))
    const created = performance.now()
    const boards = store.boards()
    const listed = performance.now()
    expect(boards).toHaveLength(count)
    expect(boards.map(({ name }) => name)).toEqual(boards.map(({ name }) => name).sort())
    const [createMs, listMs] = [created - started, listed - created].map(Math.round)
    console.info(`${count} boards: created in ${createMs} ms, listed in ${listMs} ms`)
    await putOnSome(store, count)
  })
})

async function putOnSome(store: Leaderboards, count: number): Promise<void> {
  const some = [0, 1, 127, 128, count - 1].map((i) => store.board(`board ${i}`))
  await Promise.all(some.map((board, i) => board.submit('alice', i)))
  expect(some.map((board) => board.top().map(({ score }) => score))).toEqual([
    [0],
    [1],
    [2],
    [3],
    [4],
  ])
}

function everything(board: Leaderboard): unknown {
  const standings = board.top(1000).map(({ playerId }) => board.standing(playerId))
  return [[...board.entries()], standings, board.size]
}

function idsOf(entries: Entry[]): string[] {
  return entries.map(({ playerId }) => playerId)
}
