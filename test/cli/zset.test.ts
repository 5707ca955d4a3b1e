/**
 * `import --zset`: plain sorted sets become boards whose order is what the server showed.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { REDIS_PROGRAM, withRedis } from '../support/redis-server.ts'
import { withCli } from './support.ts'

describe.skipIf(REDIS_PROGRAM === undefined)('a sorted set', () => {
  test('becomes a board in the order of ZREVRANGE, or of ZRANGE', () =>
    withRedis(({ url }) =>
      withCli(async (cli) => {
        const client = new Redis(url)
        const scored = Array.from({ length: 1_200 }, (_, i) => [String((i * 7) % 50), `p${i}`])
        await client.zadd('scores', ...scored.flat())
        await client.zadd('scores', '0.1', 'ärger "x"', '-1e22', 'low')
        await client.hset('names', { p7: 'Seven', low: 'Ö "x"\n' })
        const down = await client.zrevrange('scores', 0, -1)
        const up = await client.zrange('scores', '0', '-1')
        const args = [url, '--zset', 'scores', '--names', 'names']
        const told = await cli.ok('--board', 'down', 'import', ...args, '--board-mode', 'best')
        expect(told).toContain('imported 1,202 rows')
        expect(told).toContain('equal scores stand as the server showed them')
        await cli.ok('--board', 'up', 'import', ...args, '--order', 'ascending')
        const shown = async (board: string): Promise<{ playerId: string; name: string }[]> =>
          (await cli.json('--board', board, 'top', '3000')).entries
        expect((await shown('down')).map(({ playerId }) => playerId)).toEqual(down)
        expect((await shown('up')).map(({ playerId }) => playerId)).toEqual(up)
        const named = (await shown('up')).filter(({ name, playerId }) => name !== playerId)
        expect(named.map(({ name }) => name)).toEqual(['Ö "x"\n', 'Seven'])
        expect((await cli.json('--board', 'up', 'show', 'low')).entry.score).toBe(-1e22)
        // A second one brings what changed.
        await client.zadd('scores', '99', 'p3')
        await cli.ok('--board', 'down', 'import', ...args)
        expect(await cli.ok('--board', 'down', 'rank', 'p3')).toBe('1\n')
        await client.quit()
      }),
    ))

  test('that is none, has no finite score, or no server, is refused and makes nothing', () =>
    withRedis(({ url }) =>
      withCli(async (cli) => {
        const client = new Redis(url)
        await client.set('text', 'a')
        await client.zadd('endless', 'inf', 'ann')
        await client.zadd('endless', '5', 'bob')
        await client.zadd('bytes', '5', Buffer.from([0xff]))
        for (const [args, problem] of [
          [['--zset', 'text'], 'it holds a string, not a zset'],
          [['--zset', 'nothing'], 'there is no such key'],
          [['--zset', 'bytes'], 'ff is not UTF-8'],
          [['--zset', 'endless', '--names', 'text'], 'it holds a string, not a hash'],
          [['--zset', 'endless'], 'Line 1'],
          [[], '--zset KEY'],
        ] as const) {
          const { status, stderr } = await cli.run(['import', url, ...args])
          expect([args, status]).not.toEqual([args, 0])
          expect(stderr).toContain(problem)
        }
        expect((await cli.run(['boards'])).status).toBe(4)
        expect((await cli.run(['import', 'a.csv', '--zset', 'x'])).status).toBe(2)
        const skipping = await cli.run(['import', url, '--zset', 'endless', '--skip-bad', '--json'])
        expect(JSON.parse(skipping.stdout)).toMatchObject({ imported: 1, skipped: 1 })
        await client.quit()
      }),
    ))
})
