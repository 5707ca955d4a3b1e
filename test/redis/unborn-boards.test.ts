/**
 * Boards on a server that were asked for and do not exist: what of it is forgotten that concerns a server alone.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

describeOnRedis('settings that a board on a server was asked for with', () => {
  test('are forgotten if others are asked for, partitions among them', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await store.board('arena', { mode: 'best', partitions: 4 })
      expect(await modeOf(store)).toEqual(['best', 4])
      await store.board('arena', { partitions: 2 })
      expect(await modeOf(store)).toEqual(['set', 2])
    }))

  // They were kept, and the board could not be made any more.
  test('are forgotten if they were refused, and those of before hold', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await store.board('arena', { mode: 'best' })
      const refused = (): Promise<unknown> => store.board('arena', { keep: 5, partitions: 4 })
      expect(await problemIn(refused)).toBe('UNSUPPORTED')
      expect(await modeOf(store)).toEqual(['best', 1])
    }))

  // They were kept, and held for a board that came after the one that they were given.
  test.each([1, 4])('are forgotten once a handle has seen the board: %i partitions', (partitions) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await using other = await connectLeaderboards(url)
      const board = await store.board('arena', { mode: 'best', partitions })
      await store.board('arena')
      await board.submit('ann', 1)
      await other.dropBoard('arena')
      expect(await modeOf(store)).toEqual(['set', 1])
    }),
  )
})

async function modeOf(store: RemoteLeaderboards): Promise<[string, number]> {
  const { mode, partitions } = await store.board('arena')
  return [mode, partitions]
}
