import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { Handler, isLook } from '../../src/server/handler.ts'
import { ROUTES } from '../../src/server/routes/all.ts'
import type { Route } from '../../src/server/routes/route.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TestServer, withServer } from './support.ts'

const GOOD: Readonly<Record<string, unknown>> = {
  ...{ playerId: 'ann', playerIds: ['ann', 'nobody'], score: 7, n: 2, first: 1, last: 2, place: 1 },
  ...{ rank: 1, min: 0, max: 9, from: 'ann', to: 'anna', seqs: [2], verdict: 'accepted', seq: 2 },
  ...{ window: 'cup', season: 'summer' },
}

/** A store in which every question has an answer. */
async function prepare(
  { store }: TestServer,
  settings: object,
  isSeasoned: boolean,
): Promise<void> {
  const windows = ['day', { name: 'cup', every: 'manual' as const, graceMs: 0 }] as const
  const board = await store.createBoard('arena', isSeasoned ? { ...settings, windows } : settings)
  if (isSeasoned) await board.startSeason('cup', 'spring')
  const isInt64 = 'scoreType' in settings
  const score = (value: number): never =>
    ('columns' in settings
      ? { points: value, time: 1.5 }
      : isInt64
        ? BigInt(value)
        : value) as never
  await board.submit('ann', score(5), { name: 'Ann', metadata: { car: 'red' }, won: true })
  await board.submit('bob', score(3), { requestId: 'r1' })
  await store.alter('arena', {
    tiers: [{ name: 'gold', rank: 1 }, { name: 'wood' }],
    maxGain: { by: isInt64 ? 2n : 2, action: 'flag' },
  })
  await board.submit('bob', score(20))
  await store.setProfile('ann', { avatar: 'https://example.com/a.png', metadata: { age: 3 } })
  await store.ban('mallory', { reason: 'bot', actor: 'kim', until: 1_890_000_000_000 })
}

function bodyFor({ path, body }: Route, settings: object): object | undefined {
  if (body === undefined) return undefined
  if (path === '/boards') return { name: 'new' }
  if (path === '/rebuild') return { board: 'arena' }
  if (path === '/undo') return { playerId: 'ann', board: 'arena' }
  if (path === '/resolve') return { seq: 4, verdict: 'undone' }
  if (path.endsWith('/rename')) return { name: 'Anna' }
  const needed = body.required.map((name) => [name, GOOD[name]])
  const given = Object.fromEntries(needed)
  return 'columns' in settings && 'score' in given
    ? { ...given, score: { points: 7, time: 1 } }
    : given
}

function queryFor({ query, required = [], path }: Route, settings: object): string {
  if (path.endsWith('/score-for')) return '?topPercent=50'
  if (path.endsWith('/find')) return '?name=A'
  const score = 'columns' in settings ? '7,1' : '7'
  const words = required
    .filter((name) => Object.hasOwn(query, name))
    .map((name) => `${name}=${name === 'score' ? score : GOOD[name]}`)
  return words.length === 0 ? '' : `?${words.join('&')}`
}

const BOARDS: readonly (readonly [string, object])[] = [
  ['plain', {}],
  ['int64', { scoreType: 'int64', mode: 'best' }],
  ['columns', { columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }], keep: 100 }],
]

// Each answer is held against the document where it is asked for. Questions share a store; changes begin afresh.
test.each(BOARDS)('every route answers on a board that is %s', async (_, settings) => {
  const refused: string[] = []
  const ask = async (server: TestServer, route: Route): Promise<void> => {
    const path = route.path.replace('{board}', 'arena').replace('{playerId}', 'ann')
    const body = bodyFor(route, settings)
    const line = `${route.method} ${path}${queryFor(route, settings)}`
    const answer = await server.ask(line, body === undefined ? {} : { body })
    if (answer.status >= 300) refused.push(`${line}: ${answer.text}`)
    expect(server.errors).toEqual([])
  }
  // Backups have a test of their own: each starts a process.
  const routes = ROUTES.filter(({ path }) => path !== '/backups')
  await withServer(async (server) => {
    await prepare(server, settings, true)
    for (const route of routes.filter(({ method }) => method === 'GET')) await ask(server, route)
  })
  for (const route of routes.filter(({ method }) => method !== 'GET'))
    await withServer(async (server) => {
      await prepare(server, settings, route.path.includes('season'))
      await ask(server, route)
    })
  expect(refused).toEqual([])
})

/** What went over the wire, without what hangs on the connection. */
async function overWire(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, string>; text: string }> {
  const asked = request(url, { headers: { host: 'localhost', ...headers } })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const { date: _, connection: __, 'keep-alive': ___, ...told } = answer.headers
  return {
    status: answer.statusCode as number,
    headers: told as Record<string, string>,
    text: await textOf(answer),
  }
}

/** The same question the long way: an escape in its address goes there, as does a body. */
function longWay(path: string): { path: string; headers: Record<string, string> } {
  if (!path.includes('arena')) return { path, headers: { 'content-length': '0' } }
  return { path: path.replace('arena', 'aren%61'), headers: {} }
}

const ASKED_STEP = sizeOf('TORTURE_SHORT_WAYS', { test: 5, torture: 1 })
const ASKED: readonly Record<string, string>[] = [
  {},
  { 'if-none-match': '"another"' },
  { 'if-none-match': '*' },
  { authorization: 'Bearer none' },
  { 'x-forwarded-for': '203.0.113.5' },
  { host: 'example.com' },
]

test('plain questions are answered on the short way as on the long one', async () => {
  const quick = vi.spyOn(Handler.prototype, 'quick')
  const looks = ROUTES.filter((route) => route.method === 'GET' && isLook(route))
  await withServer(
    async (server) => {
      await prepare(server, {}, true)
      const { url } = await server.server.listen({ port: 0 })
      try {
        const paths = looks.flatMap((route) => {
          const path = route.path.replace('{board}', 'arena').replace('{playerId}', 'ann')
          const query = queryFor(route, {})
          const isOfPlayer = route.path.includes('{playerId}')
          return [
            path + query,
            `${path}?nothing=1`,
            ...(isOfPlayer
              ? [route.path.replace('{board}', 'arena').replace('{playerId}', '..')]
              : []),
            ...(isOfPlayer ? [path.replace('ann', 'nobody') + query] : []),
            ...(Object.hasOwn(route.query, 'window') && query === '' ? [`${path}?window=cup`] : []),
          ]
        })
        const both = async (path: string, headers: Record<string, string>): Promise<string> => {
          const short = await overWire(`${url}/api/v1${path}`, headers)
          const calls = quick.mock.calls.length
          const other = longWay(path)
          const long = await overWire(`${url}/api/v1${other.path}`, {
            ...other.headers,
            ...headers,
          })
          expect(quick.mock.calls.length).toBe(calls)
          expect([path, headers, short]).toEqual([path, headers, long])
          return short.headers['etag'] ?? ''
        }
        // Each address meets some of them, each of them some addresses.
        let turn = 0
        const asked = (): typeof ASKED => ASKED.filter(() => turn++ % ASKED_STEP === 0)
        for (const path of paths) {
          const etag = await both(path, {})
          for (const headers of asked()) await both(path, headers)
          if (etag !== '') await both(path, { 'if-none-match': etag })
        }
        expect(quick.mock.calls.length).toBeGreaterThan(3 * looks.length)
        expect(server.errors).toEqual([])
      } finally {
        await server.server.close()
        quick.mockRestore()
      }
    },
    { onRequest: () => undefined },
  )
})

// The short way took the first of two hosts or keys, and hosts that are none. Two hosts, of which one is of this
// machine, then were a program of this machine.
test.each([
  ['two hosts', ['Host: localhost', 'Host: example.com'], 401],
  ['two keys', ['Host: localhost', 'Authorization: Bearer a', 'Authorization: Bearer b'], 200],
  ['a host with a path', ['Host: localhost/x'], 400],
  ['a host with a space', ['Host: a b'], 400],
  ['an empty host', ['Host: '], 400],
])('%s get no other answer on the short way', async (_, lines, status) => {
  await withServer(async (server) => {
    await prepare(server, {}, false)
    const { port } = await server.server.listen({ port: 0 })
    try {
      const asked = async (playerId: string): Promise<string> => {
        const head = `GET /api/v1/boards/arena/players/${playerId}/rank HTTP/1.1`
        const socket = connect(port, '127.0.0.1')
        socket.write(`${[head, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`)
        return (await textOf(socket)).replace(/^Date: .*\r\n/im, '')
      }
      const short = await asked('ann')
      expect(short).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      // An escape goes the long way.
      expect(short).toBe(await asked('a%6en'))
    } finally {
      await server.server.close()
    }
  })
})

// No test with a limit on requests used a socket, and only those take the short way.
test('a limit on requests counts plain questions too', async () => {
  await withServer(
    async (server) => {
      await server.store.createBoard('arena')
      const { url } = await server.server.listen({ port: 0 })
      try {
        const statuses: number[] = []
        for (let i = 0; i < 3; i++)
          statuses.push((await fetch(`${url}/api/v1/boards/arena/players/ann/around`)).status)
        expect(statuses).toEqual([404, 404, 429])
      } finally {
        await server.server.close()
      }
    },
    { requestsPerSecond: 2 },
  )
})

test('the short way leaves other requests alone, and tells of its own', async () => {
  const lines: unknown[] = []
  const quick = vi.spyOn(Handler.prototype, 'quick')
  await withServer(
    async (server) => {
      await prepare(server, {}, false)
      const { url } = await server.server.listen({ port: 0 })
      try {
        for (const path of [
          '/boards/arena/players/a%6en',
          '/boards//players/ann',
          '/boards/a/b/c/d',
        ])
          await overWire(`${url}/api/v1${path}`, {})
        expect(quick).not.toHaveBeenCalled()
        await overWire(`${url}/api/v1/boards/arena/players/ann/rank`, {})
        expect(quick).toHaveBeenCalledTimes(1)
        expect(lines.at(-1)).toEqual({
          ...{ method: 'GET', path: '/api/v1/boards/arena/players/ann/rank', status: 200 },
          ...{ ms: expect.any(Number), address: '127.0.0.1' },
        })
      } finally {
        await server.server.close()
        quick.mockRestore()
      }
    },
    { onRequest: (line) => lines.push(line) },
  )
})
