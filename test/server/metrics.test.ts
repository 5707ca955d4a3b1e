import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Overload } from '../../src/server/overload.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { withServer } from './support.ts'

const DATA = resolve(import.meta.dirname, '../../data')

test('/metrics tells of calls, commits, requests, boards, disk and backups', async () => {
  await withDirectory(async (backups) => {
    await withServer(
      async (server) => {
        const first = await server.ask('GET //metrics')
        expect(first.headers.get('content-type')).toContain('text/plain')
        expect(first.text).toContain('ladderdb_backup_age_seconds +Inf')
        await server.store.createBoard('are"na')
        const submit = { body: { playerId: 'ann', score: 5 } }
        await server.ask('POST /boards/default/scores', submit)
        await server.ask('POST /boards/default/scores', { body: { ...submit.body, only: 'new' } })
        await server.ask('GET /boards/none')
        const { text } = await server.ask('GET //metrics')
        for (const line of [
          'ladderdb_call_seconds_count{call="submit"} 2',
          'ladderdb_call_errors_total{call="submit",code="CONDITION_FAILED"} 1',
          'ladderdb_changes_total 2',
          'ladderdb_http_request_seconds_count{method="GET",status="404"} 1',
          'ladderdb_http_request_seconds_count{method="POST",status="409"} 1',
          'ladderdb_board_entries{board="are\\"na"} 0',
          'ladderdb_board_entries{board="default"} 1',
          'ladderdb_live_viewers 0',
        ])
          expect(text).toContain(line)
        await server.server.close()
      },
      { backups },
    )
  })
})

test('/metrics takes a key even if reads do not', async () => {
  await withServer(
    async (server) => {
      expect((await server.ask('GET /boards', { address: '10.0.0.1' })).status).toBe(200)
      expect((await server.ask('GET //metrics', { address: '10.0.0.1' })).status).toBe(401)
    },
    { publicReads: true },
  )
})

// A rule about a metric that nobody tells would never fire.
test('alert rules and the Grafana board speak of metrics that there are', async () => {
  await withServer(async (server) => {
    await server.ask('GET //metrics')
    await server.ask('POST /boards/default/scores', { body: { playerId: 'ann', score: 'x' } })
    await server.ask('POST /boards/default/scores', { body: { playerId: 'ann', score: 5 } })
    const { text } = await server.ask('GET //metrics')
    for (const file of ['prometheus-alerts.yml', 'grafana-dashboard.json']) {
      const told = readFileSync(`${DATA}/${file}`, 'utf8')
      const names = new Set(told.match(/ladderdb_[a-z_]+/g))
      expect(names.size).toBeGreaterThan(4)
      for (const name of names)
        expect([file, name, text.includes(name)]).toEqual([file, name, true])
    }
    JSON.parse(readFileSync(`${DATA}/grafana-dashboard.json`, 'utf8'))
  })
})

test('writes are refused first, then reads, never health; half of a limit takes them again', async () => {
  let delay = 0
  const overload = new Overload(() => delay)
  const refused = (): string => {
    overload.look()
    return [true, false]
      .map((isWrite) => {
        try {
          overload.check(isWrite)
          return 'taken'
        } catch {
          return 'refused'
        }
      })
      .join(' ')
  }
  const seen = [0, 100, 101, 51, 50, 250, 251, 126, 125, 51, 50].map((ms) => {
    delay = ms
    return `${ms} ${refused()}`
  })
  overload.end()
  expect(seen).toEqual([
    ...['0 taken taken', '100 taken taken', '101 refused taken', '51 refused taken'],
    ...['50 taken taken', '250 refused taken', '251 refused refused', '126 refused refused'],
    ...['125 refused taken', '51 refused taken', '50 taken taken'],
  ])
})

test('a server that has too much to do says when to ask again', async () => {
  let delay = 300
  await withServer(
    async (server) => {
      const body = { playerId: 'ann', score: 1 }
      const status = async (line: string, asked = {}): Promise<number> =>
        (await server.ask(line, asked)).status
      await expect.poll(() => status('GET /boards'), { interval: 20 }).toBe(503)
      const refused = await server.ask('POST /boards/default/scores', { body })
      expect(refused.body).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1000 })
      expect(refused.headers.get('retry-after')).toBe('1')
      expect([await status('GET //healthz'), await status('GET //metrics')]).toEqual([200, 200])
      expect(await status('GET /boards/default/live')).toBe(503)
      delay = 110
      await expect.poll(() => status('GET /boards'), { interval: 20 }).toBe(200)
      expect(await status('POST /boards/default/scores', { body })).toBe(503)
      expect(await status('POST /boards/none/among', { body: { playerIds: [] } })).toBe(404)
      delay = 0
      await expect
        .poll(() => status('POST /boards/default/scores', { body }), { interval: 20 })
        .toBe(200)
      await server.server.close()
    },
    { eventLoopDelay: () => delay },
  )
})

test.each([
  [1, 'top 1 %'],
  [2, 'top 5 %'],
  [6, 'top 10 %'],
  [50, 'top 50 %'],
  [51, 'top 100 %'],
])('a player at rank %d of 100 is in the bucket %s', async (rank, bucket) => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submitMany(
      Array.from({ length: 100 }, (_, i) => ({ playerId: `p${i + 1}`, score: -i })),
    )
    expect((await server.ask(`GET /boards/arena/players/p${rank}`)).body.bucket).toBe(bucket)
  })
})
