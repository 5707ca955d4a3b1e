/**
 * Who watches boards on a server of Redis is told what those who watch a store in a directory are told.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { createServer } from '../../src/server/index.ts'
import {
  describeOnRedis,
  type TestServer as RedisServer,
  withRedis,
} from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { closeOf, eventsOf, message, next, socketTo, watch } from './live-support.ts'
import { TestServer } from './support.ts'

interface Served {
  server: TestServer
  remote: RemoteLeaderboards
  redis: RedisServer
}

function withServed(body: (served: Served) => Promise<void>): Promise<void> {
  return withRedis((redis) =>
    withStore(async (temporary) => {
      await using remote = await connectLeaderboards(redis.url)
      const served = createServer(remote, { eventLoopDelay: () => 0 })
      const server = new TestServer(temporary, { server: served, errors: [] })
      await body({ server, remote, redis })
      await served.close()
    }),
  )
}

/** How many functions the server has run. */
async function callsOf({ url }: RedisServer): Promise<number> {
  const admin = new Redis(url)
  const told = await admin.info('commandstats')
  await admin.quit()
  return [...told.matchAll(/^cmdstat_fcall(?:_ro)?:calls=(\d+)/gm)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  )
}

describeOnRedis('watching a store on a server', () => {
  test.each([1, 4])(
    'a stream tells the state, then what changes, of other stores too: %d partitions',
    (partitions) =>
      withServed(async ({ server, remote, redis }) => {
        const board = await remote.createBoard('arena', { partitions })
        await board.submit('ann', 5)
        const events = eventsOf(await watch(server, 'arena/live?top=2'))
        const player = eventsOf(await watch(server, 'arena/live?player=cal'))
        const first = await next(events)
        expect(first).toMatchObject({ event: 'update', data: { total: 1, changes: [] } })
        expect((await next(player)).data).toMatchObject({ total: 1, entries: [] })
        await board.submit('bob', 7)
        const second = await next(events)
        expect(second.data.changes).toMatchObject([
          { playerId: 'bob', kind: 'entered', previous: null },
          { playerId: 'ann', kind: 'moved', entry: { rank: 2 }, previous: { rank: 1 } },
        ])
        expect((await next(player)).data).toMatchObject({ total: 2, changes: [] })
        await using other = await connectLeaderboards(redis.url)
        await (await other.board('arena')).submit('cal', 9)
        const third = await next(events)
        const kinds = third.data.changes.map(({ kind }: { kind: string }) => kind)
        expect(kinds).toEqual(['entered', 'moved', 'left'])
        expect((await next(player)).data.changes).toMatchObject([
          { kind: 'entered', entry: { rank: 1 } },
        ])
        const again = eventsOf(
          await watch(server, 'arena/live?top=2', { 'Last-Event-ID': third.id ?? '' }),
        )
        await board.remove('cal')
        expect((await next(again)).data.changes.at(-1)).toMatchObject({ kind: 'left' })
        for (const one of [events, player, again]) await one.return(undefined)
      }),
  )

  test('a WebSocket is told the same, and closed with the reason', () =>
    withServed(async ({ server, remote }) => {
      const { url } = await server.server.listen({ port: 0 })
      const live = `${url.replace('http', 'ws')}/api/v1/boards/arena/live`
      expect(await closeOf(socketTo(live))).toEqual([4404, 'NO_BOARD'])
      const board = await remote.createBoard('arena')
      const socket = socketTo(`${live}?top=3`)
      expect(await message(socket)).toMatchObject({ id: expect.any(String), total: 0 })
      await board.submit('ann', 5)
      expect((await message(socket)).changes).toMatchObject([{ playerId: 'ann', kind: 'entered' }])
      await remote.dropBoard('arena')
      expect(await closeOf(socket)).toEqual([4404, 'NO_BOARD'])
      await remote.createBoard('arena')
      const last = socketTo(live)
      await message(last)
      await server.server.close()
      expect(await closeOf(last)).toEqual([1012, 'STOPPING'])
    }))

  test.each([
    ['arena/live?top=0', 400],
    ['none/live', 404],
    ['wide/live?rankMode=dense', 501],
    ['arena/live?window=month', 404],
  ])('watching %s is %d', (query, status) =>
    withServed(async ({ server, remote }) => {
      await remote.createBoard('arena')
      await remote.createBoard('wide', { partitions: 2 })
      const events = eventsOf(await watch(server, 'wide/live'))
      await next(events)
      const response = await watch(server, query)
      expect(response.status).toBe(status)
      await response.text()
      // What is refused ends nobody else.
      await (await remote.board('wide')).submit('ann', 1)
      expect((await next(events)).data.total).toBe(1)
      await events.return(undefined)
    }),
  )

  test('however many watch, the server is asked as often, and not at all when nobody does', () =>
    withServed(async ({ server, remote, redis }) => {
      const board = await remote.createBoard('arena')
      const viewers = []
      for (let i = 0; i < 60; i++) {
        const what = i % 3 === 0 ? `player=p${i % 2}` : `top=${1 + (i % 3)}`
        viewers.push(eventsOf(await watch(server, `arena/live?${what}`)))
      }
      await Promise.all(viewers.map(next))
      const before = await callsOf(redis)
      await sleep(300)
      const asked = (await callsOf(redis)) - before
      // Every 10 ms at most.
      expect(asked).toBeGreaterThan(1)
      expect(asked).toBeLessThan(40)
      await board.submit('p0', 1)
      const told = await Promise.all(viewers.map(next))
      expect(new Set(told.map(({ data }) => data.total))).toEqual(new Set([1]))
      for (const one of viewers) await one.return(undefined)
      await sleep(50)
      const silent = await callsOf(redis)
      await sleep(100)
      expect(await callsOf(redis)).toBe(silent)
    }))

  test('who watches is told when the server is gone, and comes back', () =>
    withServed(async ({ server, remote, redis }) => {
      await remote.createBoard('arena')
      const events = eventsOf(await watch(server, 'arena/live'))
      await next(events)
      await redis.kill()
      expect(await next(events)).toMatchObject({ event: 'end', data: { code: 'UNAVAILABLE' } })
      expect((await events.next()).done).toBe(true)
      const refused = await watch(server, 'arena/live')
      expect(refused.status).toBe(503)
      await refused.text()
      await redis.start()
      const back = await connectedAgain(server)
      expect(back.status).toBe(404)
      await back.text()
    }))
})

async function connectedAgain(server: TestServer): Promise<Response> {
  for (;;) {
    const response = await watch(server, 'arena/live')
    if (response.status !== 503) return response
    await response.text()
    await sleep(20)
  }
}
