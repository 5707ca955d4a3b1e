import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { createKey, createServer } from '../../src/server/index.ts'
import {
  DEFLATE_VIEWERS_MIN,
  MESSAGE_BYTES_MAX,
  PING_MS,
  TOPICS_MAX,
} from '../../src/server/limits.ts'
import { Hub } from '../../src/server/live/hub.ts'
import { Addresses } from '../../src/server/live/upgrades.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { closeOf, eventsOf, message, next, socketTo, watch } from './live-support.ts'
import { type TestServer, withServer } from './support.ts'

test('a stream tells the state, then what changes, of other processes too', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submit('ann', 5)
    const response = await watch(server, 'arena/live?top=2')
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = eventsOf(response)
    const first = await next(events)
    expect(first).toMatchObject({ event: 'update', data: { total: 1, changes: [] } })
    expect(first.data.entries).toMatchObject([{ rank: 1, playerId: 'ann' }])
    await board.submit('bob', 7)
    const second = await next(events)
    expect(second.data.changes).toMatchObject([
      { playerId: 'bob', kind: 'entered', previous: null },
      { playerId: 'ann', kind: 'moved', entry: { rank: 2 }, previous: { rank: 1 } },
    ])
    expect(second.id).not.toBe(first.id)
    const other = server.temporary.open()
    await other.board('arena').submit('cal', 9)
    await other.close()
    const third = await next(events)
    expect(third.data.changes.map(({ kind }: { kind: string }) => kind)).toEqual([
      'entered',
      'moved',
      'left',
    ])
    await events.return(undefined)
  })
})

test('a stream of one player tells where the player stands', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    const events = eventsOf(await watch(server, 'arena/live?player=ann'))
    expect((await next(events)).data).toMatchObject({ total: 0, entries: [] })
    await board.submit('ann', 5)
    expect((await next(events)).data.changes).toMatchObject([
      { kind: 'entered', entry: { rank: 1 } },
    ])
    await board.submit('bob', 6)
    expect((await next(events)).data.changes).toMatchObject([{ kind: 'moved', entry: { rank: 2 } }])
    await events.return(undefined)
  })
})

test('who comes back with the last id is told only what it has not seen', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submit('ann', 5)
    const events = eventsOf(await watch(server, 'arena/live'))
    const seen = (await next(events)).id ?? ''
    const again = eventsOf(await watch(server, 'arena/live', { 'Last-Event-ID': seen }))
    const late = eventsOf(await watch(server, 'arena/live', { 'Last-Event-ID': 'other-1' }))
    expect((await next(late)).data.changes).toEqual([])
    await board.submit('bob', 7)
    for (const one of [events, again, late]) {
      expect((await next(one)).data.changes[0]).toMatchObject({ kind: 'entered' })
      await one.return(undefined)
    }
  })
})

test('all who watch the same are told from one look', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    const looks = vi.spyOn(server.store, 'openBoard')
    const viewers = []
    for (let i = 0; i < 50; i++) viewers.push(eventsOf(await watch(server, 'arena/live')))
    await Promise.all(viewers.map(next))
    expect(looks).toHaveBeenCalledTimes(1)
    await board.submit('ann', 1)
    await Promise.all(viewers.map(next))
    expect(looks).toHaveBeenCalledTimes(2)
    looks.mockRestore()
    for (const one of viewers) await one.return(undefined)
  })
})

test.each([
  ['arena/live?top=0', 400],
  ['arena/live?top=1001', 400],
  ['arena/live?top=1&player=ann', 400],
  ['arena/live?player=', 400],
  ['arena/live?tpo=1', 400],
  ['%ff/live', 400],
  ['none/live', 404],
])('watching %s is %d', async (query, status) => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    const response = await watch(server, query)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    await response.text()
  })
})

test('a stream ends with its board, and with the server', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    await server.store.createBoard('other')
    const events = eventsOf(await watch(server, 'arena/live'))
    const others = eventsOf(await watch(server, 'other/live'))
    await next(events)
    await next(others)
    await server.store.dropBoard('arena')
    expect(await next(events)).toMatchObject({ event: 'end', data: { code: 'NO_BOARD' } })
    expect((await events.next()).done).toBe(true)
    await server.server.close()
    expect(await next(others)).toMatchObject({ event: 'end', data: { code: 'STOPPING' } })
    expect((await others.next()).done).toBe(true)
  })
})

// Who does not read would have filled the memory of the server.
test('a stream that nobody reads is cut off', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    const names = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(300, 'x'))
    await board.submitMany(names.map((playerId, i) => ({ playerId, score: i })))
    const slow = await watch(server, 'arena/live?top=500')
    const good = eventsOf(await watch(server, 'arena/live?top=1'))
    await next(good)
    for (let i = 0; i < 3; i++) {
      await board.submit('ann', 1000 + i)
      await next(good)
    }
    await expect(slow.text()).rejects.toThrow('does not read')
    await good.return(undefined)
  })
})

test('each address may watch so often, and this machine as it likes', () => {
  const addresses = new Addresses(2)
  const leave = addresses.add('10.0.0.1')
  addresses.add('10.0.0.1')
  expect(() => addresses.add('10.0.0.1')).toThrow('2 watch from there')
  addresses.add('10.0.0.2')
  leave()
  addresses.add('10.0.0.1')
  for (let i = 0; i < 5; i++) addresses.add('127.0.0.1')
})

async function withSockets(
  body: (server: TestServer, place: { url: string }) => Promise<void>,
  options = {},
): Promise<void> {
  await withServer(async (server) => {
    const { url } = await server.server.listen({ port: 0 })
    await server.store.createBoard('arena')
    try {
      await body(server, { url: `${url.replace('http', 'ws')}/api/v1/boards/arena/live` })
    } finally {
      await server.server.close()
    }
  }, options)
}

async function refusal(
  url: string,
  options: WebSocket.ClientOptions = {},
): Promise<number | undefined> {
  const socket = new WebSocket(url, options)
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  response.resume()
  socket.terminate()
  return response.statusCode
}

test('a WebSocket tells the state, then what changes', async () => {
  await withSockets(async (server, { url }) => {
    const socket = socketTo(`${url}?top=3`)
    const first = await message(socket)
    expect(first).toMatchObject({ id: expect.any(String), total: 0, entries: [], changes: [] })
    await server.store.board('arena').submit('<b>ö</b>', 5)
    expect((await message(socket)).changes).toMatchObject([
      { playerId: '<b>ö</b>', kind: 'entered' },
    ])
    // A message of more than 125 bytes, and one of more than 65,535, have other heads.
    const names = Array.from({ length: 300 }, (_, i) => ({
      playerId: `${i}`.padEnd(200, 'x'),
      score: i,
    }))
    await server.store.board('arena').submitMany(names)
    expect((await message(socket)).entries).toHaveLength(3)
    const large = socketTo(`${url}?top=300`)
    expect((await message(large)).entries).toHaveLength(300)
    socket.close()
    large.close()
  })
})

test('an upgrade is refused by what refuses a request', async () => {
  await withSockets(async (_, { url }) => {
    expect(await refusal(`${url}?top=x`)).toBe(400)
    expect(await refusal(url, { origin: 'https://evil.example' })).toBe(403)
    const own = socketTo(url, { origin: new URL(url.replace('ws', 'http')).origin })
    await message(own)
    own.close()
    expect(await refusal(url.replace('/live', '/entries'))).toBe(404)
    expect(await refusal(url, { headers: { 'x-forwarded-for': '1.2.3.4' } })).toBe(401)
  })
})

test('a WebSocket to no board, and one whose board goes, are closed with the reason', async () => {
  await withSockets(async (server, { url }) => {
    const none = socketTo(url.replace('arena', 'none'))
    expect(await closeOf(none)).toEqual([4404, 'NO_BOARD'])
    const socket = socketTo(url)
    await message(socket)
    await server.store.dropBoard('arena')
    expect(await closeOf(socket)).toEqual([4404, 'NO_BOARD'])
    await server.store.createBoard('arena')
    const last = socketTo(url)
    await message(last)
    await server.server.close()
    expect(await closeOf(last)).toEqual([1012, 'STOPPING'])
  })
})

test('a key comes with the upgrade, or as the first message', async () => {
  await withDirectory(async (directory) => {
    const keys = join(directory, 'keys.json')
    const { key } = await createKey(keys, { role: 'read' })
    await withSockets(
      async (_, { url }) => {
        const direct = socketTo(url, { headers: { authorization: `Bearer ${key}` } })
        expect((await message(direct)).entries).toEqual([])
        const later = socketTo(url)
        await once(later, 'open')
        later.send(JSON.stringify({ key }))
        expect((await message(later)).entries).toEqual([])
        for (const text of ['{"key":"wrong"}', '{}', 'null', 'x', '{"key":1,"key":2}']) {
          const wrong = socketTo(url)
          await once(wrong, 'open')
          wrong.send(text)
          const [code] = await closeOf(wrong)
          expect([text, [4401, 4400].includes(code) || code]).toEqual([text, true])
        }
        expect(await refusal(url, { headers: { authorization: 'Bearer wrong' } })).toBe(401)
        const large = socketTo(url)
        await once(large, 'open')
        large.send('x'.repeat(MESSAGE_BYTES_MAX + 1))
        expect((await closeOf(large))[0]).toBe(1009)
        direct.close()
        later.close()
      },
      { keys },
    )
  })
})

test('a WebSocket that nobody reads is cut off, and the others go on', async () => {
  await withSockets(async (server, { url }) => {
    const board = server.store.board('arena')
    const names = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(500, 'x'))
    await board.submitMany(names.map((playerId, i) => ({ playerId, score: i })))
    const slow = socketTo(`${url}?top=1000`)
    await message(slow)
    slow.pause()
    const good = socketTo(`${url}?top=1`)
    await message(good)
    for (let i = 0; i < 30; i++) {
      await board.submit('ann', 10_000 + i)
      await message(good)
    }
    slow.resume()
    expect((await closeOf(slow))[0]).toBe(1006)
    good.close()
  })
})

// A viewer that is gone must not be looked for, nor sent to, for ever.
test('viewers that hang up are forgotten', async () => {
  await withSockets(async (server, { url }) => {
    const viewers = async (): Promise<string | undefined> => {
      const { text } = await server.ask('GET //metrics')
      return /^ladderdb_live_viewers (\d+)$/m.exec(text)?.[1]
    }
    const stop = new AbortController()
    const stream = await fetch(url.replace('ws', 'http'), { signal: stop.signal })
    const socket = socketTo(url)
    await message(socket)
    expect(await viewers()).toBe('2')
    stop.abort()
    await stream.text().catch(() => '')
    socket.terminate()
    await expect.poll(viewers, { interval: 5 }).toBe('0')
    // The connection is quiet until something is told: a change must not bring it back.
    await server.store.board('arena').submit('ann', 1)
    expect(await viewers()).toBe('0')
  })
})

// One who watched alone was asked every 600 ms, and cut off if its answer took longer: a phone on the move.
test('a WebSocket is asked every half minute whether it is there, and cut off if it is silent', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    await withSockets(async (server, { url }) => {
      const board = server.store.board('arena')
      const socket = socketTo(url, { autoPong: false })
      await message(socket)
      let [pings, score] = [0, 0]
      socket.on('ping', () => pings++)
      // What is told comes after the ping.
      const pingsAfter = async (ms: number): Promise<number> => {
        vi.advanceTimersByTime(ms)
        await board.submit('ann', ++score)
        await message(socket)
        return pings
      }
      expect(await pingsAfter(0.9 * PING_MS)).toBe(0)
      expect(await pingsAfter(0.2 * PING_MS)).toBe(1)
      expect(await pingsAfter(0.8 * PING_MS)).toBe(1)
      socket.pong()
      await pingsAfter(0)
      expect(await pingsAfter(0.2 * PING_MS)).toBe(2)
      vi.advanceTimersByTime(PING_MS)
      expect(await closeOf(socket)).toEqual([1006, ''])
    })
  } finally {
    vi.useRealTimers()
  }
})

test('a flood of upgrades to nowhere leaves the server as it was', async () => {
  await withSockets(async (server, { url }) => {
    const nowhere = url.replace('/live', '/nothing')
    const refused = await Promise.all(Array.from({ length: 200 }, () => refusal(nowhere)))
    expect(new Set(refused)).toEqual(new Set([404]))
    const { body } = await server.ask('GET /boards/arena')
    expect(body.name).toBe('arena')
  })
})

test('so many different things are watched, and one more is refused', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    const hub = new Hub(server.store, 'boot')
    const viewer = { send: () => undefined, end: () => undefined, isOpen: true }
    const subject = {
      board: 'arena',
      top: 1,
      rankMode: 'ordinal',
      window: undefined,
      season: undefined,
    } as const
    for (let i = 0; i < TOPICS_MAX; i++) hub.add({ ...subject, playerId: `p${i}` }, { ...viewer })
    const leave = hub.add({ ...subject, playerId: 'p0' }, { ...viewer })
    expect(() => hub.add({ ...subject, playerId: 'one more' }, { ...viewer })).toThrow('10000')
    leave()
    expect([hub.viewers, hub.topics]).toEqual([TOPICS_MAX, TOPICS_MAX])
    hub.end(new Error('enough'))
    expect(hub.topics).toBe(0)
  })
})

// Two hosts, or two releases side by side: what is answered by one is known by the other.
test('two servers on one store know of each other', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena', { mode: 'increment' })
    const other = server.temporary.open()
    const second = createServer(other, {
      clock: server.temporary.clock.read,
      eventLoopDelay: () => 0,
    })
    const events = eventsOf(await watch(server, 'arena/live'))
    await next(events)
    const send = (to: typeof second) =>
      to.fetch(
        new Request('http://localhost/api/v1/boards/arena/scores', {
          ...{ method: 'POST', body: '{"playerId":"ann","score":5}' },
          headers: { 'content-type': 'application/json', 'idempotency-key': 'run-1' },
        }),
        { address: '127.0.0.1' },
      )
    expect(await (await send(second)).json()).toMatchObject({ score: 5 })
    expect((await next(events)).data.changes).toMatchObject([{ playerId: 'ann', kind: 'entered' }])
    expect(await (await send(server.server)).json()).toMatchObject({ score: 5, repeated: true })
    await events.return(undefined)
    await second.close()
    await other.close()
  })
})

// A message is deflated once for all: a frame must not refer to those before it, nor to a window that others have.
test('who offers to inflate is told the same in few bytes', async () => {
  await withSockets(async (server, { url }) => {
    const board = server.store.board('arena')
    const names = Array.from({ length: 9 }, (_, i) => ({ playerId: `player-${i}`, score: i }))
    await board.submitMany(names)
    const open = async (options: WebSocket.ClientOptions): Promise<WebSocket> => {
      const socket = socketTo(url, options)
      await message(socket)
      return socket
    }
    const asked = [
      ...Array.from({ length: 2 * DEFLATE_VIEWERS_MIN }, () => ({})),
      { perMessageDeflate: { serverMaxWindowBits: 9 } },
      { perMessageDeflate: false },
    ]
    const sockets = await Promise.all(asked.map(open))
    const bytesOf = (socket: WebSocket): number =>
      // biome-ignore lint/suspicious/noExplicitAny: the library has no name for what came over its socket.
      (socket as any)._socket.bytesRead
    for (const score of [100, 200, 300]) {
      const before = sockets.map(bytesOf)
      await board.submit('ann', score)
      const told = await Promise.all(sockets.map(message))
      for (const one of told) expect(one).toEqual(told[0])
      expect(told[0].entries[0].score).toBe(score)
      const bytes = sockets.map((socket, i) => bytesOf(socket) - (before[i] as number))
      const [few, [window, whole = 0]] = [bytes.slice(0, -2), bytes.slice(-2)]
      expect(window).toBe(whole)
      for (const count of few) expect(count).toBeLessThan(whole / 2)
    }
    for (const socket of sockets) socket.terminate()
  })
})

const VIEWERS = sizeOf('TORTURE_VIEWERS', { test: 200, torture: 500 })

test('hundreds of viewers are told each change that is left standing', async () => {
  await withSockets(async (server, { url }) => {
    const sockets = Array.from({ length: VIEWERS }, () => socketTo(url))
    const scores: number[] = sockets.map(() => 0)
    sockets.forEach((socket, i) => {
      socket.on('message', (data) => {
        scores[i] = JSON.parse(String(data)).entries[0]?.score ?? 0
      })
    })
    await Promise.all(sockets.map((socket) => once(socket, 'message')))
    for (let score = 1; score <= 20; score++) await server.store.board('arena').submit('ann', score)
    await expect
      .poll(() => scores.every((score) => score === 20), { interval: 5, timeout: 10_000 })
      .toBe(true)
    for (const socket of sockets) socket.terminate()
  })
})
