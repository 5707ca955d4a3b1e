/**
 * Watching a board on a server.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { changesOf } from '../../src/calls/index.ts'
import type { WatchOptions, WatchUpdate } from '../../src/index.ts'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

const QUICK = { intervalMs: 10 }

async function next(updates: AsyncGenerator<WatchUpdate>): Promise<WatchUpdate> {
  const { value, done } = await updates.next()
  if (done === true) throw new Error('The watch ended')
  return value
}

function kindsOf({ changes }: WatchUpdate): string[] {
  return changes.map(({ playerId, kind }) => `${playerId} ${kind}`)
}

describeOnRedis('watching a board on a server', () => {
  test('tells what is there, then who entered, left, moved and changed', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('game')
      const updates = board.watch({ top: 2, ...QUICK })
      expect(await next(updates)).toEqual({ sequence: 0, total: 0, entries: [], changes: [] })
      await board.submitMany([9, 8, 7].map((score) => ({ playerId: `p${score}`, score })))
      expect(kindsOf(await next(updates))).toEqual(['p9 entered', 'p8 entered'])
      await board.submit('new', 8.5)
      const entered = await next(updates)
      expect(kindsOf(entered)).toEqual(['new entered', 'p8 left'])
      expect(entered).toMatchObject({ total: 4, entries: await board.top(2) })
      await store.rename('p9', 'Nine')
      expect(kindsOf(await next(updates))).toEqual(['p9 updated'])
      await store.ban('p9')
      expect(kindsOf(await next(updates))).toEqual(['new moved', 'p8 entered', 'p9 left'])
      await store.unban('p9')
      expect(kindsOf(await next(updates))).toEqual(['p9 entered', 'new moved', 'p8 left'])
      await store.dropBoard('game')
      expect(await problemIn(() => next(updates))).toBe('NO_BOARD')
      const again = await store.createBoard('game')
      const fresh = again.watch({ playerId: 'ann', rankMode: 'dense', ...QUICK })
      expect(await next(fresh)).toMatchObject({ total: 0, entries: [] })
      await again.submit('bob', 2)
      expect(await next(fresh)).toMatchObject({ total: 1, entries: [], changes: [] })
      await again.submit('ann', 1)
      expect(await next(fresh)).toMatchObject({
        changes: [{ kind: 'entered', entry: { rank: 2 } }],
      })
      await fresh.return()
    }))

  // Whatever is merged, each update leads from the one before to what is there.
  test.each([1, 4])('comes to the last state after any changes: %d partitions', (partitions) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await using other = await connectLeaderboards(url)
      const random = new Random(runSeed('watch on a server'))
      const board = await store.createBoard('game', { partitions })
      const same = await other.board('game')
      const end = new AbortController()
      const seen: WatchUpdate[] = []
      const watching = (async () => {
        for await (const update of board.watch({ top: 4, signal: end.signal, ...QUICK }))
          seen.push(update)
      })()
      await withSeed(random, async () => {
        for (let i = 0; i < 150; i++) {
          const playerId = `p${random.below(9)}`
          const one = random.pick([board, same])
          await (random.chance(0.2) ? one.remove(playerId) : one.submit(playerId, random.below(5)))
        }
        await same.submit('last', 99)
        await reached(seen)
      })
      end.abort()
      await watching
      expect(seen.length).toBeGreaterThan(1)
      for (const [i, { entries, changes }] of seen.entries())
        expect(changes).toEqual(i === 0 ? [] : changesOf(seen[i - 1]?.entries ?? [], entries))
      expect(seen.at(-1)).toMatchObject({ entries: await board.top(4), total: await board.size() })
    }),
  )

  test('ends with the store, and begins no more', () =>
    withRedis(async ({ url }) => {
      const store = await connectLeaderboards(url)
      const board = await store.createBoard('game')
      const [updates, changes] = [board.watch(QUICK), board.changes(QUICK)]
      await next(updates)
      await changes.next()
      await store.close()
      expect(await updates.next()).toEqual({ done: true, value: undefined })
      expect(await changes.next()).toEqual({ done: true, value: undefined })
      expect(await problemIn(() => board.watch().next())).toBe('CLOSED')
    }))

  test('refuses options of a wrong shape at once', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('game')
      for (const options of [{ top: 1, playerId: 'ann' }, { top: '1' }, { tpo: 1 }])
        expect(() => board.watch(options as WatchOptions)).toThrow(TypeError)
      for (const options of [{ top: 0 }, { intervalMs: 9 }, { rankMode: 'x' }])
        expect(() => board.watch(options as WatchOptions)).toThrow(RangeError)
      expect(() => board.changes({ top: 1 } as WatchOptions)).toThrow(TypeError)
      const wide = await store.createBoard('wide', { partitions: 2 })
      expect(await problemIn(() => wide.watch({ rankMode: 'dense' }).next())).toBe('UNSUPPORTED')
    }))
})

async function reached(seen: readonly WatchUpdate[]): Promise<void> {
  while (seen.at(-1)?.entries[0]?.playerId !== 'last') await nextTurn()
}
