/**
 * Tiers: in which one a score stands, and what the next one takes.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  Leaderboard,
  Leaderboards,
  Score,
  ScoreColumn,
  Standing,
  Tier,
} from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

test('standing() names the tier and the next one by competition rank', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const scores = [100, 90, 90, 80, 70, 60, 50, 40, 30, 20]
    await board.submitMany(scores.map((score, i) => ({ playerId: `p${i}`, score })))
    expect(board.standing('p0')).not.toHaveProperty('tier')
    await store.alter('arena', {
      tiers: [
        { name: 'first', rank: 1 },
        { name: 'gold', topPercent: 25 },
        { name: 'silver', score: 60 },
        { name: 'bronze' },
      ],
    })
    const of = (playerId: string) => {
      const { tier, next } = board.standing(playerId) as Standing
      return [tier, next]
    }
    expect(of('p0')).toEqual(['first', undefined])
    expect(board.standing('p0')).toHaveProperty('next')
    // Both stand on rank 2 of competition, as the best 25 percent of 10 do.
    const first = { name: 'first', rank: 1, score: 100 }
    expect([of('p1'), of('p2')]).toEqual([
      ['gold', first],
      ['gold', first],
    ])
    const gold = { name: 'gold', rank: 2, score: 90 }
    expect([of('p3'), of('p5')]).toEqual([
      ['silver', gold],
      ['silver', gold],
    ])
    expect(of('p6')).toEqual(['bronze', { name: 'silver', rank: undefined, score: 60 }])
    // A newcomer counts in the total: the best 25 percent of 11 are 2.
    expect(board.standingOf(85)).toMatchObject({ tier: 'silver', next: gold })
    expect(board.standingOf(101)).toMatchObject({ tier: 'first', next: undefined })
    expect(board.standing('nobody')).toBeUndefined()
    const inSnapshot = store.snapshot((view) => view.board('arena').standing('p6')?.tier)
    expect(inSnapshot).toBe('bronze')
    await store.alter('arena', { tiers: null })
    expect(board.standing('p0')).not.toHaveProperty('next')
  })
})

test('who reaches what the next tier takes is in it, and with less is not', async () => {
  await withStore(async ({ store }) => {
    const random = new Random(runSeed('tiers'))
    const { seed } = random
    const int = (least: number, most: number): number => least + random.below(most - least + 1)
    const tiers: Tier[] = [
      { name: 'a', rank: 2 },
      { name: 'b', topPercent: 10 },
      { name: 'c', score: 20 },
      { name: 'd', topPercent: 60 },
      { name: 'e' },
    ]
    for (const order of ['descending', 'ascending'] as const) {
      const board = await store.createBoard(order, { order })
      await store.alter(order, { tiers })
      const count = int(5, 60)
      for (let i = 0; i < count; i++) await board.submit(`p${i}`, int(0, 40))
      const plain = board.top(count).map(({ score }) => score)
      const tierOf = (score: number): string => {
        const better = plain.filter((other) =>
          order === 'descending' ? other > score : other < score,
        )
        const rank = better.length + 1
        if (rank <= 2) return 'a'
        if (rank <= Math.max(1, Math.floor((count * 10) / 100))) return 'b'
        if (order === 'descending' ? score >= 20 : score <= 20) return 'c'
        return rank <= Math.max(1, Math.floor((count * 60) / 100)) ? 'd' : 'e'
      }
      for (const { playerId, score } of board.top(count)) {
        const { tier, next } = board.standing(playerId) as Standing
        expect([seed, order, playerId, tier]).toEqual([seed, order, playerId, tierOf(score)])
        if (next === undefined) continue
        await board.submit(playerId, next.score)
        const reached = board.standing(playerId)?.tier ?? ''
        expect(reached <= next.name, `seed ${seed}: ${reached} for ${next.name}`).toBe(true)
        await board.submit(playerId, order === 'descending' ? next.score - 1 : next.score + 1)
        expect((board.standing(playerId)?.tier ?? '') > next.name, `seed ${seed}`).toBe(true)
        await board.submit(playerId, score)
      }
    }
  })
})

test('what a tier takes is that of now, whoever changed the board or the tiers since', async () => {
  await withStore(async (temporary) => {
    const random = new Random(runSeed('borders'))
    const other = temporary.open()
    try {
      const columns: ScoreColumn[] = [
        { name: 'points', order: 'descending' },
        { name: 'ms', order: 'ascending' },
      ]
      const open = (store: Leaderboards) =>
        store.board('arena', { columns }) as object as Leaderboard<Score>
      const scoreOf = () => ({ points: random.below(30), ms: random.below(3) })
      const many = Array.from({ length: 600 }, (_, i) => ({ playerId: `p${i}`, score: scoreOf() }))
      await open(temporary.store).submitMany(many)
      for (let i = 0; i < sizeOf('BORDERS', { test: 60, torture: 3_000 }); i++) {
        const rank = random.pick([5, 300, 301, 500])
        if (i % 10 === 0)
          await other.alter('arena', { tiers: [{ name: 'a', rank }, { name: 'b' }] })
        const { store } = temporary
        const [writer, playerId] = [random.pick([store, other]), `p${random.below(620)}`]
        if (random.chance(0.3)) await open(writer).remove(playerId)
        else await open(writer).submit(playerId, scoreOf())
        const all = open(store).top(1000)
        const [tier] = open(store).rules().tiers ?? []
        const last = all.at(-1)
        const standing = open(store).standing(last?.playerId as string)
        const score = all[(tier?.rank as number) - 1]?.score
        expect(standing?.next, `SEED=${random.seed}`).toEqual({
          name: 'a',
          rank: tier?.rank,
          score,
        })
        // What a caller makes of the answer is the caller's own.
        Object.assign(standing?.next?.score as object, { points: -1 })
        expect(open(store).scoreAt(tier?.rank as number)).toEqual(score)
      }
    } finally {
      await other.close()
    }
  })
})
