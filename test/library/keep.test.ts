/**
 * Boards that keep only the best so many entries.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Entry, Leaderboard, Order } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { withStore } from '../support/temporary-store.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']

test.each(ORDERS)(
  'keep leaves the best when many beyond the limit come at once, %s',
  async (order) => {
    const random = new Random(runSeed('keep'))
    await withStore(async ({ store }) => {
      const all = store.board('all', { order })
      const board = store.board('best', { order, keep: 100 })
      const submissions = Array.from({ length: 2_000 }, (_, i) => ({
        playerId: `p${i}`,
        score: random.below(300),
        at: 1000 + random.below(50),
      }))
      const answers = await board.submitMany(submissions)
      await all.submitMany(submissions)
      expect([...board.entries()]).toEqual(all.top(100))
      expect(board.size).toBe(100)
      expect(answers.filter(({ created }) => created).length).toBeLessThan(1_000)
      for (const { created, rank } of answers) expect(rank === undefined).toBe(!created)
    })
  },
)

test.each(ORDERS)('keep 1 holds the champion alone, %s', async (order) => {
  await withStore(async ({ store }) => {
    const sign = order === 'descending' ? 1 : -1
    const board = store.board('game', { order, keep: 1 })
    await board.submit('ann', 5 * sign)
    // Who comes later with the same score is behind.
    expect(await board.submit('bob', 5 * sign)).toMatchObject({ created: false })
    expect(await board.submit('bob', 6 * sign)).toMatchObject({ created: true, rank: 1 })
    expect(board.top()).toEqual([board.get('bob')])
    expect(await board.submit('bob', 1 * sign)).toMatchObject({ rank: 1, previousRank: 1 })
    expect(await board.submit('ann', 2 * sign)).toMatchObject({ rank: 1, created: true })
    expect(idsOf(board)).toEqual(['ann'])
  })
})

test('submit() of one who is not good enough makes no entry and changes nothing', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { keep: 3 })
    await board.submitMany([9, 8, 7].map((score) => ({ playerId: `p${score}`, score })))
    const before = [...board.entries()]
    clock.advance(1000)
    const details = { name: 'New', metadata: { a: 1 } }
    expect(await board.submit('new', 6, { ...details, passed: 5 })).toEqual({
      ...{ playerId: 'new', score: undefined, submitted: 6, previousScore: undefined },
      ...{ rank: undefined, previousRank: undefined, changed: false, created: false },
      passed: { count: 0, entries: [] },
    })
    expect(await board.submit('new', 7, { ...details, ranks: false })).toMatchObject({
      ...{ created: false, changed: false },
    })
    await expect(board.submit('new', 10, { only: 'existing' })).rejects.toMatchObject({
      code: 'CONDITION_FAILED',
    })
    expect([...board.entries()]).toEqual(before)
    expect(board.get('new')).toBeUndefined()
    // An earlier time is what decides among equals.
    expect(await board.submit('new', 7, { at: 1 })).toMatchObject({ created: true, rank: 3 })
    expect(board.get('p7')).toBeUndefined()
    expect(board.get('new')?.name).toBe('new')
  })
})

test('submit() brings an evicted player back as a newcomer', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { keep: 2, mode: 'increment' })
    await board.submit('ann', 5, { name: 'Ann', metadata: { level: 1 } })
    await board.submit('bob', 6)
    const answer = await board.submit('eve', 7, { passed: 10 })
    // The last one was passed too, and is gone with that.
    expect(answer.passed?.count).toBe(2)
    expect(idsOf(board)).toEqual(['eve', 'bob'])
    expect(await board.submit('ann', 5.5)).toMatchObject({
      ...{ created: false, score: undefined, submitted: 5.5 },
    })
    // What ann had is forgotten: the sum begins at 0, the name is the id.
    expect(await board.submit('ann', 6.5, { only: 'new' })).toMatchObject({
      ...{ created: true, score: 6.5, previousScore: undefined, rank: 2 },
    })
    expect(board.get('ann')).not.toHaveProperty('metadata')
    expect(board.get('ann')?.name).toBe('ann')
    expect(board.get('bob')).toBeUndefined()
  })
})

test('keep makes room where somebody leaves, and lets a player fall to the last place', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { keep: 3 })
    await board.submitMany([9, 8, 7].map((score) => ({ playerId: `p${score}`, score })))
    // Who is on the board stays there: nobody else is waiting.
    expect(await board.submit('p9', -1)).toMatchObject({ rank: 3, changed: true })
    expect(await board.submit('new', -2)).toMatchObject({ created: false })
    await board.remove('p8')
    expect(await board.submit('new', -2)).toMatchObject({ created: true, rank: 3 })
    expect(idsOf(board)).toEqual(['p7', 'p9', 'new'])
  })
})

test('keep is listed, kept over reopening, and part of the settings that must agree', async () => {
  await withStore(async (temporary) => {
    await temporary.store.createBoard('game', { keep: 2 })
    const store = await temporary.reopen()
    expect(store.boards()).toEqual([
      { name: 'game', order: 'descending', mode: 'set', size: 0, keep: 2 },
    ])
    expect(store.board('game').keep).toBe(2)
    expect(() => store.board('game', { keep: 3 })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_DIFFER' }),
    )
    for (const keep of [0, -1, 1.5, Number.NaN, 1_000_000_001])
      expect(() => store.board('other', { keep })).toThrow(RangeError)
    expect(() => store.board('other', { keep: '1' as never })).toThrow(TypeError)
    expect(store.board('other', { keep: 1_000_000_000 }).info.keep).toBe(1_000_000_000)
    await store.createBoard('other')
  })
})

test.each(ORDERS)('keep holds through a mix of submits and removals, %s', async (order) => {
  const random = new Random(runSeed('keep mix'))
  await withStore(
    async ({ store }) => {
      const board = store.board('game', { order, keep: 7 })
      let expected: Pick<Entry, 'playerId' | 'score'>[] = []
      const isBetter = (a: number, b: number): boolean => (order === 'descending' ? a > b : a < b)
      for (let i = 0; i < 300; i++) {
        const playerId = `p${random.below(20)}`
        if (random.chance(0.15)) {
          await board.remove(playerId)
          expected = expected.filter((entry) => entry.playerId !== playerId)
        } else {
          const score = random.below(1000)
          await board.submit(playerId, score)
          if (expected.find((entry) => entry.playerId === playerId)?.score === score) continue
          expected = expected.filter((entry) => entry.playerId !== playerId)
          const place = expected.findIndex((entry) => isBetter(score, entry.score))
          expected.splice(place === -1 ? expected.length : place, 0, { playerId, score })
          expected.length = Math.min(expected.length, 7)
        }
        expect(board.top(100).map(({ playerId, score }) => ({ playerId, score }))).toEqual(expected)
      }
    },
    { durability: 'relaxed' },
  )
})

function idsOf(board: Leaderboard): string[] {
  return [...board.entries()].map(({ playerId }) => playerId)
}
