import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { RequestLine } from '../../src/server/index.ts'
import { requestLog } from '../../src/server/index.ts'
import { STOP_MS } from '../../src/server/limits.ts'
import { listenOn, nodeServer } from '../../src/server/listener.ts'
import { type TestServer, withServer } from './support.ts'

/** Sends bytes over a socket; resolves with all that comes back until it is closed. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  return text(socket).catch(() => '')
}

async function withListening(
  body: (server: TestServer, place: { port: number; url: string }) => Promise<void>,
  options = {},
): Promise<void> {
  await withServer(async (server) => {
    const place = await server.server.listen({ port: 0 })
    try {
      await body(server, place)
    } finally {
      await server.server.close()
    }
  }, options)
}

test('a server listens, answers and ends', async () => {
  await withListening(async (server, { port, url }) => {
    expect(url).toBe(`http://127.0.0.1:${port}`)
    const response = await fetch(`${url}/api/v1/boards`)
    expect(await response.json()).toEqual({ boards: [] })
    const scores = { method: 'POST', body: '{"playerId":"a","score":1}' }
    const headers = { 'content-type': 'application/json' }
    const submit = await fetch(`${url}/api/v1/boards/default/scores`, { ...scores, headers })
    expect(((await submit.json()) as { rank: number }).rank).toBe(1)
    await expect(server.server.listen({ port })).rejects.toMatchObject({ code: 'BUSY' })
    await server.server.close()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    await expect(server.server.listen({ port: 0 })).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

test('headers that are too large, and what is no HTTP, are refused', async () => {
  await withListening(async (_, { port }) => {
    const large = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`
    expect(await raw(port, large)).toContain('431')
    expect(await raw(port, 'HELO\r\n\r\n')).toContain('400')
    const both =
      'POST /api/v1/boards HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(await raw(port, both)).toContain('400')
    expect(await raw(port, 'GET /healthz HTTP/1.1\r\n\r\n')).toContain('400')
  })
})

test('a body that is too large is refused', async () => {
  await withListening(async (_, { port }) => {
    const head =
      'POST /api/v1/boards HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n'
    expect(await raw(port, `${head}Content-Length: 20000\r\n\r\n${' '.repeat(20_000)}`)).toContain(
      '413',
    )
    const chunk = `${(20_000).toString(16)}\r\n${' '.repeat(20_000)}\r\n`
    expect(await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)).toContain('413')
  })
})

// The connection was ended at once, so that clients were cut off while they sent, and never saw the answer.
test('who sends too much is told so, and may go on', async () => {
  await withListening(async (_, { url }) => {
    const headers = { 'content-type': 'application/json' }
    const body = `[${' '.repeat(9_000_000)}]`
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`${url}/api/v1/boards/default/scores`, {
        ...{ method: 'POST', body, headers },
      })
      expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'TOO_LARGE' }])
    }
  })
})

// The client of Java offers HTTP/2 with its first request, curl with --http2: both were told that there is no
// such address, as if they asked for a WebSocket.
test('a client that offers to go on with HTTP/2 is answered in HTTP/1.1', async () => {
  await withListening(async (_, { port }) => {
    const offer =
      'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n'
    const body = '{"playerId":"ann","score":5}'
    const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    const submit = `POST /api/v1/boards/default/scores HTTP/1.1\r\n${offer}${head}${body}`
    expect(await raw(port, submit)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"playerId":"ann"/)
    const read = `GET /api/v1/boards/default/entries HTTP/1.1\r\n${offer}\r\n`
    expect(await raw(port, read)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"playerId":"ann"/)
  })
})

// Load balancers ask for the health in HTTP/1.0 without a name, and were told that the request is wrong.
test('a request without a host is answered, as one of nobody', async () => {
  await withListening(async (_, { port }) => {
    expect(await raw(port, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await raw(port, 'GET /api/v1/boards HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /)
  })
})

// Node leaves a connection alone whose timeout somebody hears: those that had asked once stayed for ever.
test('a connection over which nothing is asked is ended in time, one that waits for an answer is not', async () => {
  let answer = (): void => undefined
  const waited = new Promise<Response>((resolve) => {
    answer = () => resolve(new Response('late'))
  })
  const server = nodeServer(
    (request) => (request.url.endsWith('/late') ? waited : new Response('at once')),
    () => false,
  )
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect(port, '127.0.0.1')
  const [socket] = await accepted
  const ask = (path: string): boolean => client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  const asked = once(server, 'request')
  ask('/late')
  await asked
  socket.emit('timeout')
  expect(socket.destroyed).toBe(false)
  let heard = ''
  client.on('data', (data) => {
    heard += String(data)
  })
  client.on('error', () => undefined)
  answer()
  await expect.poll(() => heard).toContain('late')
  ask('/')
  await expect.poll(() => heard).toContain('at once')
  await expect
    .poll(() => {
      socket.emit('timeout')
      return socket.destroyed
    })
    .toBe(true)
  server.close()
})

// Questions are answered at the end of the turn in which they came; changes and pages go another way.
test('requests that come at once over one connection are answered in their order', async () => {
  await withListening(async (_, { port }) => {
    const board = '/api/v1/boards/default'
    const host = 'Host: 127.0.0.1\r\n'
    const submit = (playerId: string, score: number): string => {
      const body = JSON.stringify({ playerId, score })
      return `POST ${board}/scores HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    }
    const ask = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\n${host}${more}\r\n`
    await raw(port, submit('ada', 5).replace(host, `${host}Connection: close\r\n`))
    const answers = await raw(
      port,
      [
        ask(`${board}/players/ada/rank`),
        ask(`${board}/players/nobody/rank`),
        ask('/healthz'),
        submit('bob', 9),
        ask(`${board}/nothing`),
        ask('/api/v1/boards', 'Connection: close\r\n'),
      ].join(''),
    )
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(['200', '404', '200', '200', '404', '200'])
    const bodies = answers.split('HTTP/1.1').map((one) => one.split('\r\n\r\n')[1])
    expect(JSON.parse(bodies[1] ?? '')).toEqual({ result: 1 })
    expect(JSON.parse(bodies[4] ?? '')).toMatchObject({ playerId: 'bob', rank: 1 })
  })
})

test('a client that is gone before its question is answered hurts nobody', async () => {
  await withListening(async (_, { port, url }) => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.end('GET /api/v1/boards HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
      socket.destroy()
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${url}/api/v1/boards`)),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
  })
})

test('/healthz and /readyz say how the server is', async () => {
  await withServer(async (server) => {
    expect((await server.ask('GET //healthz')).body).toEqual({ status: 'ok', sequence: 0 })
    expect((await server.ask('GET //readyz', { address: '10.0.0.1' })).status).toBe(200)
    await server.server.close()
    expect((await server.ask('GET //healthz')).status).toBe(200)
    const ready = await server.ask('GET //readyz')
    expect([ready.status, ready.body.status]).toEqual([503, 'stopping'])
    const refused = await server.ask('GET /boards')
    expect([refused.status, refused.body.code]).toEqual([503, 'STOPPING'])
    expect(refused.headers.get('retry-after')).toBe('1')
    await server.store.close()
    expect((await server.ask('GET //healthz')).body).toEqual({ status: 'failed' })
  })
})

test('closing waits for answers that are under way', async () => {
  await withListening(async (server, { port }) => {
    let answer: (() => void) | undefined
    // biome-ignore lint/suspicious/noExplicitAny: a change that takes until it is told.
    ;(server.store as any).createBoard = () =>
      new Promise((resolve) => {
        answer = () => resolve({ info: { name: 'slow' }, rules: () => ({}) })
      })
    const agent = new Agent({ keepAlive: true })
    const headers = { 'content-type': 'application/json' }
    const sent = request({ ...{ port, agent, headers }, path: '/api/v1/boards', method: 'POST' })
    const answered = once(sent, 'response')
    sent.end('{"name":"slow"}')
    await expect.poll(() => answer !== undefined, { interval: 1 }).toBe(true)
    const closed = server.server.close()
    answer?.()
    const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode: number }]
    expect([response.statusCode, await text(response)]).toEqual([
      201,
      expect.stringContaining('slow'),
    ])
    await closed
    agent.destroy()
    // biome-ignore lint/suspicious/noExplicitAny: the method of the class again.
    delete (server.store as any).createBoard
  })
})

// A connection that said nothing held up the end for ten seconds, and a browser keeps one in reserve.
test('a connection that says nothing does not hold up the end', async () => {
  await withListening(async (server, { port }) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    await fetch(`http://127.0.0.1:${port}/healthz`)
    const start = performance.now()
    await server.server.close()
    expect(performance.now() - start).toBeLessThan(STOP_MS / 2)
    await once(socket.resume(), 'close')
  })
})

test('each request is told when it is answered, with nothing of its key', async () => {
  const lines: RequestLine[] = []
  await withServer(
    async (server) => {
      await server.ask('GET /boards?x=1', { headers: { authorization: 'Bearer secret' } })
    },
    { onRequest: (line: RequestLine) => lines.push(line) },
  )
  expect(lines).toEqual([
    {
      ...{ method: 'GET', path: '/api/v1/boards?x=1', status: 401, address: '127.0.0.1' },
      ms: expect.any(Number),
    },
  ])
  const written: string[] = []
  const log = requestLog({ write: (line) => written.push(line) })
  for (const line of lines) log(line)
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ level: 30, path: '/api/v1/boards?x=1' })
})

// What one hook threw ended the answers of all who had asked in the same turn, and a submit that was stored got 500.
test('a hook of the host that throws takes no answer from anybody', async () => {
  const onRequest = (): void => {
    throw new Error('the log is full')
  }
  await withListening(
    async (server, { port }) => {
      const ask = (more: string) => `GET /api/v1/boards HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`
      const answers = await raw(port, `${ask('').repeat(3)}${ask('Connection: close\r\n')}`)
      expect(answers.match(/HTTP\/1.1 200/g)?.length).toBe(4)
      const body = { playerId: 'ada', score: 1 }
      expect((await server.ask('POST /boards/default/scores', { body })).status).toBe(200)
      expect(server.errors.map(String)).toEqual(Array(5).fill('Error: the log is full'))
    },
    { onRequest },
  )
})

test('an onError that throws is a warning of the process, and the request is answered', async () => {
  const warned = once(process, 'warning')
  const fail = (): void => {
    throw new Error('nobody hears')
  }
  await withServer(async (server) => expect((await server.ask('GET /boards')).status).toBe(200), {
    onRequest: fail,
    onError: fail,
  })
  expect(String(await warned)).toContain('onError threw "nobody hears"')
})

test('an address that asks too often waits', async () => {
  await withServer(
    async (server) => {
      const ask = (address: string) => server.ask('GET /boards', { address })
      const statuses = [await ask('127.0.0.1'), await ask('127.0.0.1'), await ask('127.0.0.1')]
      expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
      expect(statuses[2]?.headers.get('retry-after')).toBe('1')
      expect((await ask('127.0.0.2')).status).toBe(200)
    },
    { requestsPerSecond: 2 },
  )
})

test('an option that the server does not know is refused', async () => {
  await expect(withServer(async () => undefined, { publicRead: true } as object)).rejects.toThrow(
    'did you mean "publicReads"',
  )
})

// The defaults of Node let a slow sender hold a connection for five minutes.
test.runIf(process.env['TORTURE'])('slow senders lose their connections', async () => {
  await withListening(async (_, { port }) => {
    const sockets: Socket[] = []
    const ends: Promise<string>[] = []
    for (const bytes of [
      'GET / HT',
      'POST /api/v1/boards HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
      '',
    ]) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      socket.write(bytes)
      ends.push(text(socket).catch(() => 'reset'))
    }
    const start = performance.now()
    await Promise.all(ends.slice(0, 2))
    expect(performance.now() - start).toBeLessThan(14_000)
    for (const socket of sockets) socket.destroy()
  })
})
