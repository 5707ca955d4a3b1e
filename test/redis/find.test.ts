/**
 * Finding players by names on boards of more entries than a bite has.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Entry, Submission } from '../../src/index.ts'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

const PLAYERS = 3_500

describeOnRedis('find() on a server', () => {
  test.each([1, 4])('goes on over bites, each player once and in order: %i', (partitions) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.createBoard('wide', { partitions })
      await board.submitMany(Array.from({ length: PLAYERS }, submissionOf), {
        ...{ atomic: false, ranks: false },
      })
      const all: Entry[] = []
      for await (const entry of board.entries()) all.push(entry)
      const named = (begin: string) =>
        all.filter(({ name }) => name.toUpperCase().startsWith(begin))
      expect(await board.find('ÉLAN', { limit: 10_000 })).toEqual(named('ÉLAN'))
      expect(await board.find('p', { limit: 10_000 })).toEqual(named('P'))
      expect(named('P').length).toBeGreaterThan(2_900)
      expect(await board.find('p34', { limit: 7 })).toEqual(named('P34').slice(0, 7))
      expect(await board.find('P3499')).toEqual(all.slice(-1))
      expect(await board.find('nobody')).toEqual([])
      const stopped = board.find('p', { signal: AbortSignal.abort() })
      await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
    }),
  )

  test('looks in the season that is on', () =>
    withRedis(async ({ url }) => {
      let now = Date.UTC(2026, 0, 1)
      await using store = await connectLeaderboards(url, { clock: () => now })
      const board = await store.createBoard('short', { windows: ['day'] })
      const view = await board.window('day')
      await board.submit('ada', 1)
      expect(await view.find('A')).toMatchObject([{ playerId: 'ada', rank: 1 }])
      now += 86_400_000
      expect(await view.find('A')).toEqual([])
      await board.submit('abe', 2)
      expect(await view.find('A')).toMatchObject([{ playerId: 'abe', rank: 1 }])
    }))
})

function submissionOf(_: unknown, i: number): Submission {
  const name = i % 50 === 0 ? `Élan ${i}` : i % 7 === 0 ? `someone ${i}` : undefined
  return { playerId: `p${i}`, score: PLAYERS - Math.floor(i / 3), at: i, ...(name && { name }) }
}
