/**
 * Boards on a server of Redis over HTTP: the same requests are answered as those to a store in a directory are.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { createServer } from '../../src/server/index.ts'
import { problemOf } from '../model/calls.ts'
import {
  REDIS_PROGRAM,
  type TestServer as RedisServer,
  withRedis,
} from '../support/redis-server.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'
import { TestServer } from './support.ts'

interface Both {
  here: TestServer
  there: TestServer
  remote: RemoteLeaderboards
  redis: RedisServer
}

function withBoth(body: (both: Both) => Promise<void>): Promise<void> {
  return withRedis((redis) =>
    withStore(async (temporary) => {
      const options = { clock: temporary.clock.read, eventLoopDelay: () => 0 }
      await using remote = await connectLeaderboards(redis.url, { clock: temporary.clock.read })
      const parts = { errors: [] }
      await body({
        ...{ remote, redis },
        here: new TestServer(temporary, {
          ...{ ...parts, server: createServer(temporary.store, options) },
        }),
        there: new TestServer(temporary, { ...parts, server: createServer(remote, options) }),
      })
    }),
  )
}

const AT = 1_740_853_800_000
const CUP = { name: 'cup', every: 'manual' } as const

const REQUESTS: readonly (readonly [string, unknown?])[] = [
  ['GET /boards'],
  ['GET /boards/default/top'],
  ['POST /boards/default/scores', { playerId: 'ann', score: 5, at: AT }],
  ['POST /boards', { name: 'arena', mode: 'best', log: 'none' }],
  ['POST /boards', { name: 'arena', mode: 'best', log: 'none' }],
  ['POST /boards', { name: 'race', columns: [{ name: 'a' }, { name: 'b' }], log: 'none' }],
  [
    'POST /boards/arena/scores',
    ['bob', 'cid', 'dan'].map((playerId, i) => ({ playerId, score: i * 10, at: AT + i })),
  ],
  ['POST /boards/arena/scores', { playerId: 'ann', score: 15, at: AT, name: 'Ann', passed: 5 }],
  ['POST /boards/arena/scores', { playerId: 'ann' }],
  ['POST /boards/race/scores', { playerId: 'ann', score: { a: 1, b: 2 }, at: AT }],
  ['POST /boards/none/scores', { playerId: 'ann', score: 15 }],
  ['GET /boards/arena'],
  ['GET /boards/none'],
  ['GET /boards/arena/entries'],
  ['GET /boards/arena/entries?first=2&last=3'],
  ['GET /boards/arena/entries?min=10&max=20'],
  ['GET /boards/race/standing-of?score=1,3'],
  ['GET /boards/arena/entries?min=x'],
  ['GET /boards/arena/top?n=2&rankMode=dense'],
  ['GET /boards/arena/players/ann'],
  ['GET /boards/arena/players/nobody'],
  ['GET /boards/arena/players/ann/rank'],
  ['GET /boards/arena/players/ann/around?above=1&below=1'],
  ['GET /boards/arena/players/nobody/around'],
  ['GET /boards/arena/players/ann/gap'],
  ['GET /boards/arena/score-at?rank=2'],
  ['GET /boards/arena/score-for?rank=1'],
  ['POST /boards/arena/among', { playerIds: ['dan', 'ann', 'nobody'] }],
  ['POST /boards/arena/ranks', { playerIds: ['dan', 'ann', 'nobody'] }],
  ['PATCH /boards/arena', { max: 10, maxGain: { by: 1, action: 'refuse' } }],
  ['PATCH /boards/arena', { tiers: [{ name: 'gold', topPercent: 10 }, { name: 'rest' }] }],
  ['PATCH /boards/arena', { min: 11 }],
  ['PATCH /boards/arena', { mix: 11 }],
  ['GET /boards/arena'],
  ['GET /boards/arena/rules'],
  ['POST /boards/arena/scores', { playerId: 'ann', score: 11 }],
  [
    'POST /boards/arena/scores',
    [
      { playerId: 'dan', score: 9 },
      { playerId: 'dan', score: 99 },
    ],
  ],
  ['GET /boards/arena/players/ann'],
  ['GET /boards/arena/standing-of?score=1'],
  ['PATCH /boards/arena', { maxGain: null, max: null, perMinute: 1 }],
  ['POST /boards/arena/scores', { playerId: 'ann', score: 16 }],
  ['POST /boards/arena/scores', { playerId: 'ann', score: 17 }],
  ['PATCH /boards/arena', { perMinute: null, tiers: null, writes: 'closed' }],
  ['POST /boards/arena/scores', { playerId: 'ann', score: 17 }],
  ['DELETE /boards/arena/players/ann'],
  ['PATCH /boards/arena', { writes: 'open' }],
  ['POST /boards', { name: 'cups', log: 'none', windows: ['year', CUP] }],
  ['GET /boards/cups/windows'],
  ['GET /boards/cups/top?window=cup'],
  ['POST /boards/cups/start-season', { window: 'cup', season: 'spring' }],
  ['POST /boards/cups/start-season', { window: 'cup', season: 'spring' }],
  ['POST /boards/cups/start-season', { window: 'year', season: 'spring' }],
  ['POST /boards/cups/scores', { playerId: 'ann', score: 5, at: START_MS, windows: 'all' }],
  ['POST /boards/cups/scores', { playerId: 'bob', score: 7, season: { cup: 'spring' } }],
  ['POST /boards/cups/scores', { playerId: 'bob', score: 8, season: { cup: 'summer' } }],
  ['POST /boards/cups/scores', { playerId: 'bob', score: 8, season: { moon: 'summer' } }],
  ['GET /boards/cups/windows'],
  ['GET /boards/cups/top?window=year'],
  ['GET /boards/cups/top?window=cup&season=spring'],
  ['GET /boards/cups/top?window=cup&season=summer'],
  ['GET /boards/cups/top?window=moon'],
  ['GET /boards/cups/entries?window=cup&limit=1'],
  ['GET /boards/cups/entries?window=cup&min=6'],
  ['GET /boards/cups/score-at?window=cup&rank=1'],
  ['GET /boards/cups/players/bob?window=cup'],
  ['GET /boards/cups/players/cid?window=cup'],
  ['GET /boards/cups/players/bob/around?window=cup'],
  ['GET /boards/cups/seasons?window=cup'],
  ['GET /boards/cups/players/bob/finals?window=cup'],
  ['GET /boards/cups'],
  ['PATCH /boards/cups', { windows: { cup: null, day: { every: 'day', keep: 5 } } }],
  ['PATCH /boards/cups', { windows: { cup: null } }],
  ['PATCH /boards/cups', { windows: { day: { mode: 'best' } } }],
  ['POST /boards/cups/scores', { playerId: 'ann', score: 6, at: START_MS, windows: 'all' }],
  ['GET /boards/cups/seasons?window=day'],
  ['GET /boards/cups/top?window=cup'],
  ['DELETE /boards/cups'],
  ['GET /players/nobody'],
  ['PUT /players/dan/profile', { name: 'Dan', avatar: 'https://example.com/dan.png' }],
  ['PUT /players/dan/profile', { avatar: 'http://example.com/dan.png' }],
  ['GET /players/dan'],
  ['POST /boards/arena/scores', { playerId: 'dan', score: 15, name: 'Daniel' }],
  ['GET /players/dan'],
  ['DELETE /boards/arena/players/dan'],
  ['DELETE /boards/arena/players/dan'],
  ['GET /boards/arena/size'],
  ['DELETE /players/cid'],
  ['DELETE /boards/arena'],
  ['GET /boards/arena/top'],
]

// Cursors are those of a store; a server says that it keeps no log.
function comparable(text: string): unknown {
  const told = text
    .replace(/"(next|previous)":"[^"]*"/g, '"$1":"…"')
    .replaceAll(/,"log":"none"/g, '')
    .replace(/"(instance|detail|message|title)":"(?:[^"\\]|\\.)*"/g, '"$1":"…"')
  return told === '' ? '' : JSON.parse(told)
}

describe.skipIf(REDIS_PROGRAM === undefined)('a served store on a server', () => {
  test('answers what a store in a directory does', () =>
    withBoth(async ({ here, there }) => {
      for (const [line, body] of REQUESTS) {
        const [a, b] = [await here.ask(line, { body }), await there.ask(line, { body })]
        expect([line, b.status, comparable(b.text)]).toEqual([line, a.status, comparable(a.text)])
      }
      const everywhere = await there.ask('GET /players/ann')
      expect(everywhere.body.boards).toHaveLength(2)
    }))

  test('pages lead on, and tags are no promise', () =>
    withBoth(async ({ there, remote }) => {
      const board = await remote.board('arena')
      for (let i = 0; i < 5; i++) await board.submit(`p${i}`, i)
      const first = await there.ask('GET /boards/arena/entries?limit=3')
      const second = await there.ask(`GET /boards/arena/entries?limit=3&after=${first.body.next}`)
      expect(second.body.entries.map(({ rank }: { rank: number }) => rank)).toEqual([4, 5])
      expect(first.headers.get('etag')).toBeNull()
      await board.submit('p0', 99)
      expect((await there.ask('GET /boards/arena/players/p0/rank')).body).toEqual({ result: 1 })
    }))

  test('counts a request once under its Idempotency-Key', () =>
    withBoth(async ({ there }) => {
      const body = { playerId: 'ann', score: 5, mode: 'increment' }
      for (let i = 0; i < 3; i++)
        await there.ask('POST /boards/default/scores', {
          body,
          headers: { 'idempotency-key': 'k' },
        })
      expect((await there.ask('GET /boards/default/players/ann')).body.entry.score).toBe(5)
    }))

  test('refuses by name what it does not offer', () =>
    withBoth(async ({ there, remote }) => {
      await (await remote.board('arena')).submit('ann', 1)
      for (const line of [
        ...['GET /log', 'GET /boards/arena/players/ann/history', 'POST /undo'],
        ...['GET /backups', 'POST /backups'],
      ]) {
        const { status, body } = await there.ask(line, line.startsWith('POST') ? { body: {} } : {})
        expect([line, status, body?.code]).toEqual([line, 501, 'UNSUPPORTED'])
        // It said that there is a reason, and not which.
        expect(body?.detail).toMatch(/^Cannot .+ on a server: .+/)
        // Boards on a server cannot have what a flag would give them.
        expect(body?.detail).not.toContain('--backups')
      }
      const backups = { backups: '/tmp', eventLoopDelay: () => 0 }
      expect(problemIn(() => createServer(remote, backups))).toBe('UNSUPPORTED')
    }))

  test('/metrics tells of calls and commits on a server, too', () =>
    withBoth(async ({ there, remote }) => {
      await (await remote.board('arena')).submit('ann', 1)
      expect((await there.ask('GET //metrics')).text).toContain('ladderdb_board_entries')
      expect((await there.ask('GET /metrics')).body).toMatchObject({ calls: {} })
      await there.ask('POST /boards/arena/scores', { body: { playerId: 'bob', score: 2 } })
      const { text } = await there.ask('GET //metrics')
      expect(text).toContain('ladderdb_board_entries{board="arena"} 2')
      expect(text).toContain('ladderdb_call_seconds_count{call="submit"} 1')
      expect(text).toContain('ladderdb_commit_seconds_count 1')
      expect(text).toContain('ladderdb_changes_total 1')
      expect((await there.ask('GET /stats')).body).toMatchObject({ boards: 1, entries: 2 })
      expect(text).not.toContain('ladderdb_disk')
      expect((await there.ask('GET /metrics')).body).toMatchObject({
        calls: { submit: { count: 1 } },
        commits: { count: 1 },
      })
    }))

  test('says when its server is gone', () =>
    withBoth(async ({ there, redis }) => {
      expect((await there.ask('GET //healthz')).status).toBe(200)
      await redis.kill()
      expect((await there.ask('GET //healthz')).status).toBe(503)
      const { status, body } = await there.ask('GET /boards')
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE'])
    }))
})

function problemIn(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return problemOf(error)
  }
}
