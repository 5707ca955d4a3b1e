import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CALLS, type Call } from '../../src/calls/index.ts'
import {
  BODY_BYTES_MAX,
  LIST_BODY_BYTES_MAX,
  LOOKS_BYTES_MAX,
  LOOKS_KEPT,
  QUERY_CHARACTERS_MAX,
  QUESTION_PLAYERS_MAX,
} from '../../src/server/limits.ts'
import { LookCache } from '../../src/server/look-cache.ts'
import { ROUTES } from '../../src/server/routes/all.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { withServer } from './support.ts'

checkHere()

test('every call that JSON can make is made by a route', () => {
  const remote = (Object.entries(CALLS) as [string, Call][]).filter(([, { isRemote }]) => isRemote)
  const served = new Set<string>(ROUTES.flatMap(({ calls }) => calls))
  expect(remote.map(([name]) => name).filter((name) => !served.has(name))).toEqual([])
  const addresses = ROUTES.map(({ method, path }) => `${method} ${path}`)
  expect(new Set(addresses).size).toBe(addresses.length)
})

test('an answer carries the commit as ETag and is not sent twice', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submit('ann', 1)
    const first = await server.ask('GET /boards/arena/entries')
    const etag = first.headers.get('etag') ?? ''
    const headers = { 'If-None-Match': `"other", ${etag}` }
    const same = await server.ask('GET /boards/arena/entries', { headers })
    expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag])
    // Another process, as far as the server can tell.
    const other = server.temporary.open()
    await other.board('arena').submit('bob', 2)
    await other.close()
    const news = await server.ask('GET /boards/arena/entries', { headers })
    expect([news.status, news.body.total]).toEqual([200, 2])
    expect((await server.ask('GET /stats')).headers.get('etag')).toBe(null)
  })
})

// RFC 9110: the condition is false if there is any answer, and counts only where there is one.
test('If-None-Match: * is answered with 304 where there is an answer', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena', {
      windows: [{ name: 'cup', every: 'manual' }],
    })
    await board.submit('ann', 1)
    const headers = { 'If-None-Match': '*' }
    const statusOf = async (line: string, asked = {}): Promise<[number, boolean]> => {
      const { status, text } = await server.ask(line, { headers, ...asked })
      return [status, text === '']
    }
    for (const path of ['/boards/arena/entries', '/boards/arena/entries?window=cup', '/metrics']) {
      expect([path, await statusOf(`GET ${path}`)]).toEqual([path, [304, true]])
      expect([path, await statusOf(`GET ${path}`)]).toEqual([path, [304, true]])
      expect([path, await statusOf(`HEAD ${path}`)]).toEqual([path, [304, true]])
    }
    expect(await statusOf('GET /boards/none/entries')).toEqual([404, false])
    expect(await statusOf('GET /boards/arena/entries?limit=0')).toEqual([400, false])
    const body = { playerId: 'bob', score: 2 }
    expect(await statusOf('POST /boards/arena/scores', { body })).toEqual([200, false])
  })
})

test('the same question in one commit is answered from one look', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submit('ann', 1)
    const first = await server.ask('GET /boards/arena/entries')
    // biome-ignore lint/suspicious/noExplicitAny: a look that must not happen.
    ;(server.store as any).openBoard = () => {
      throw new Error('looked twice')
    }
    expect((await server.ask('GET /boards/arena/entries')).text).toBe(first.text)
    expect((await server.ask('GET /boards/arena/entries?limit=5')).status).toBe(500)
    expect(server.errors).toHaveLength(1)
    // biome-ignore lint/suspicious/noExplicitAny: the method of the class again.
    delete (server.store as any).openBoard
  })
})

test.each([
  ['GET /nothing', {}, 404, 'NO_ROUTE'],
  ['GET //api/v2/boards', {}, 404, 'NO_ROUTE'],
  ['PUT /boards', { body: {} }, 405, 'METHOD_NOT_ALLOWED'],
  ['POST /boards', { body: '{' }, 400, 'BAD_JSON'],
  ['POST /boards', { body: '' }, 400, 'BAD_JSON'],
  ['POST /boards', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'BAD_JSON'],
  ['POST /boards', { body: 'null' }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: [] }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: '{"name":"a","name":"b"}' }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: '{"name":"a","__proto__":{}}' }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: { name: 'a', constructor: 1 } }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: { nmae: 'a' } }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: {} }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: { name: '' } }, 400, 'INVALID_ARGUMENT'],
  ['POST /boards', { body: { name: 7 } }, 400, 'INVALID_ARGUMENT'],
  [
    'POST /boards',
    { body: 'x=1', headers: { 'content-type': 'text/plain' } },
    415,
    'UNSUPPORTED_TYPE',
  ],
  ['POST /boards', { body: {}, headers: { 'content-encoding': 'gzip' } }, 415, 'UNSUPPORTED_TYPE'],
  ['GET /boards/none/entries', {}, 404, 'NO_BOARD'],
  ['GET /boards/%zz', {}, 400, 'INVALID_ARGUMENT'],
  ['GET /boards/%ff', {}, 400, 'INVALID_ARGUMENT'],
  ['POST /backups', { body: {} }, 404, 'NOT_SERVED'],
] as const)('%s %j is %s %s', async (line, asked, status, code) => {
  await withServer(async (server) => {
    const answer = await server.ask(line, asked)
    expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body.type).toBe(`urn:ladderdb:error:${code}`)
    expect(server.store.boards()).toEqual([])
  })
})

test('an address says which methods it takes', async () => {
  await withServer(async (server) => {
    const { headers } = await server.ask('PUT /boards', { body: {} })
    expect(headers.get('allow')).toBe('GET, POST, HEAD')
    const head = await server.ask('HEAD /boards')
    expect([head.status, head.text]).toEqual([200, ''])
  })
})

test('a key __proto__ deep in metadata is refused, however it is written', async () => {
  await withServer(async (server) => {
    for (const key of ['__proto__', '\\u005f_proto__', '\\u005F\\u005Fproto__']) {
      const body = `{"playerId":"a","score":1,"metadata":{"x":{"${key}":{"isAdmin":true}}}}`
      const answer = await server.ask('POST /boards/default/scores', { body })
      expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_ARGUMENT'])
    }
    const body = { playerId: 'a', score: 1, metadata: { constructor: 'Ferrari', snake_case: 1 } }
    expect((await server.ask('POST /boards/default/scores', { body })).status).toBe(200)
  })
})

test.each([
  ['POST /boards', BODY_BYTES_MAX, (pad: string) => `{"name":"a"${pad}}`],
  [
    'POST /boards/default/scores',
    LIST_BODY_BYTES_MAX,
    (pad: string) => `[{"playerId":"a","score":1}${pad}]`,
  ],
] as const)('%s takes %d bytes and not one more', async (line, bytes, write) => {
  await withServer(async (server) => {
    const body = write(' '.repeat(bytes - write('').length))
    expect((await server.ask(line, { body })).status).toBeLessThan(300)
    const more = await server.ask(line, { body: `${body} ` })
    expect([more.status, more.body.code]).toEqual([413, 'TOO_LARGE'])
    // Without a length it is counted as it comes.
    let sent = 0
    const stream = new ReadableStream({
      pull(controller) {
        sent += 1024
        controller.enqueue(new Uint8Array(1024).fill(0x20))
      },
    })
    const request = new Request(`http://localhost/api/v1${line.slice(5)}`, {
      ...{ method: 'POST', body: stream, duplex: 'half' },
      headers: { 'content-type': 'application/json' },
    } as RequestInit)
    const { status } = await server.server.fetch(request, { address: '127.0.0.1' })
    expect(status).toBe(413)
    expect(sent).toBeLessThan(bytes + 100_000)
  })
})

test('a query and a list of players have their lengths', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    const query = (length: number) => `?after=${'x'.repeat(length - '?after='.length)}`
    const most = await server.ask(`GET /boards/arena/entries${query(QUERY_CHARACTERS_MAX)}`)
    expect(most.body.code).toBe('BAD_CURSOR')
    const more = await server.ask(`GET /boards/arena/entries${query(QUERY_CHARACTERS_MAX + 1)}`)
    expect([more.status, more.body.code]).toEqual([413, 'TOO_LARGE'])
    const among = async (count: number): Promise<number> => {
      const playerIds = Array.from({ length: count }, (_, i) => `p${i}`)
      return (await server.ask('POST /boards/arena/among', { body: { playerIds } })).status
    }
    expect(await among(QUESTION_PLAYERS_MAX)).toBe(200)
    expect(await among(QUESTION_PLAYERS_MAX + 1)).toBe(400)
  })
})

test('answers are kept within their memory, and for one commit', () => {
  const looks = new LookCache()
  looks.get('', 1)
  looks.set('hot', 'a', 1)
  for (let i = 0; i < LOOKS_KEPT; i++) {
    looks.set(`q${i}`, 'a', 1)
    // What nobody asks again must not keep out what everybody does.
    expect(looks.get('hot', 1)).toBe('a')
  }
  expect([looks.get('q0', 1), looks.get(`q${LOOKS_KEPT - 1}`, 1)]).toEqual([undefined, 'a'])
  expect(looks.get('hot', 2)).toBe(undefined)
  const half = 'a'.repeat(LOOKS_BYTES_MAX / 4)
  looks.set('small', 'a', 2)
  looks.set('large', half, 2)
  expect([looks.get('large', 2), looks.get('small', 2)]).toEqual([undefined, 'a'])
  for (const name of ['wide', 'huge', 'vast']) looks.set(name, half.slice(4), 2)
  expect([looks.get('small', 2), looks.get('wide', 2)]).toEqual([undefined, undefined])
  expect(looks.get('vast', 2)?.length).toBe(half.length - 4)
  looks.set('late', 'a', 1)
  expect(looks.get('late', 2)).toBe(undefined)
})

test('a failure of the server is told in general words', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    // biome-ignore lint/suspicious/noExplicitAny: a failure that names a path.
    ;(server.store as any).boards = () => {
      throw new Error('EIO: /srv/secret/data.mdb')
    }
    const { status, text } = await server.ask('GET /boards')
    expect(status).toBe(500)
    expect(text).not.toContain('secret')
    expect(server.errors).toHaveLength(1)
    // biome-ignore lint/suspicious/noExplicitAny: the method of the class again.
    delete (server.store as any).boards
  })
})

// A host may close the store under a server that still answers.
test('each 503 says when to ask again', async () => {
  await withServer(async (server) => {
    const body = { playerId: 'ann', score: 1 }
    await server.store.close()
    const refused = await server.ask('POST /boards/default/scores', { body })
    expect([refused.status, refused.body.code]).toEqual([503, 'CLOSED'])
    expect(refused.headers.get('retry-after')).toBe('1')
    const health = await server.ask('GET //healthz')
    expect([health.status, health.headers.get('retry-after')]).toEqual([503, '1'])
  })
})

// "Cannot read properties of undefined" begins like a refusal of ours, and would be the caller's fault.
test('a fault of the server is none of the caller', async () => {
  await withServer(async (server) => {
    // biome-ignore lint/suspicious/noExplicitAny: a fault.
    ;(server.store as any).boards = () => (undefined as any).size
    expect((await server.ask('GET /boards')).body.code).toBe('FAILED')
    // biome-ignore lint/suspicious/noExplicitAny: the method of the class again.
    delete (server.store as any).boards
  })
})

// A server that was told of a directory that was not there yet answered 500 until the first backup.
test('before the first backup there is none', async () => {
  await withDirectory(async (directory) => {
    const backups = join(directory, 'later')
    await withServer(
      async (server) => {
        expect((await server.ask('GET /backups')).body).toEqual({ backups: [] })
        expect((await server.ask('POST /backups', { body: {} })).status).toBe(201)
        expect((await server.ask('GET /backups')).body.backups).toHaveLength(1)
      },
      { backups },
    )
  })
})

test('backups are made into the directory of the server, and listed', async () => {
  await withDirectory(async (backups) => {
    await withServer(
      async (server) => {
        await server.store.createBoard('arena')
        const made = await server.ask('POST /backups', { body: {} })
        expect(made.status).toBe(201)
        expect(readdirSync(backups)).toEqual(['2025-10-09T08-53-20-000Z.ladder'])
        const { body } = await server.ask('GET /backups')
        expect(body.backups[0].manifest.boards).toEqual([{ name: 'arena', size: 0 }])
      },
      { backups },
    )
  })
})

test.each([
  ['from another machine', { address: '192.168.1.7' }],
  ['from nowhere known', { address: '' }],
  ['through a proxy', { headers: { 'x-forwarded-for': '1.2.3.4' } }],
  ['under another name', { headers: { host: 'evil.example:7350' } }],
])('a server without keys answers nothing %s', async (_, asked) => {
  await withServer(async (server) => {
    const { status, body } = await server.ask('GET /boards', asked)
    expect([status, body.code]).toEqual([401, 'NO_KEY'])
  })
})
