/**
 * The short way of plain requests answers as the long one does, to the byte.
 *
 * @module
 */

import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { Handler } from '../../src/server/handler.ts'
import { SIGNATURE_HEADER } from '../../src/server/signature.ts'
import { withServer } from './support.ts'

interface Sent {
  method?: string
  path: string
  body?: string
  headers?: Record<string, string>
}

interface Answered {
  status: number | undefined
  headers: Record<string, unknown>
  body: string
}

const JSON_TYPE = { 'content-type': 'application/json' }
/** Says nothing new, and nobody sends it: so a request goes the long way. */
const LONG_WAY = { 'content-encoding': 'identity' }

async function send(
  port: number,
  { method = 'GET', path, body, headers }: Sent,
): Promise<Answered> {
  const sent = request({ port, method, path: `/api/v1${path}`, headers: { ...headers } })
  sent.end(body)
  const [response] = await once(sent, 'response')
  const { date: _, ...told } = response.headers
  return { status: response.statusCode, headers: told, body: await text(response) }
}

function posted(path: string, body: string, headers = {}): Sent {
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  return { method: 'POST', path, body, headers: { ...JSON_TYPE, ...length, ...headers } }
}

const SUBMITS = '/boards/default/scores'
const RETRIED = { 'idempotency-key': 'round-1' }

const CASES: readonly Sent[] = [
  posted(SUBMITS, '{"playerId":"ada","score":900,"name":"Ada","metadata":{"level":3}}'),
  posted(SUBMITS, '{"playerId":"bob","score":"900"}'),
  posted(SUBMITS, '{"playerId":"bob","score":900}', RETRIED),
  posted(SUBMITS, '{"playerId":"bob","score":900}', RETRIED),
  posted(SUBMITS, '{"playerId":"bob","score":901}', RETRIED),
  posted(`${SUBMITS}?passed=2`, '{"playerId":"cy","score":950}'),
  posted(`${SUBMITS}?passed=2`, '[{"playerId":"cy","score":950},{"playerId":"dan","score":1}]'),
  posted(SUBMITS, '[{"playerId":"eve","score":1},{"playerId":"eve","score":2}]'),
  posted(SUBMITS, '[{"playerId":"fay","score":1},{"playerId":"","score":2}]'),
  posted(SUBMITS, '[]'),
  posted(SUBMITS, ''),
  posted(SUBMITS, '{'),
  posted(SUBMITS, 'null'),
  posted(SUBMITS, '{"playerId":"\u00e4da \u{1f680}","score":1}'),
  posted(SUBMITS, '{"playerId":"x","playerId":"y","score":1}'),
  posted(SUBMITS, '{"playerId":"x","score":1,"metadata":{"__proto__":1}}'),
  posted(SUBMITS, '{"playerId":"x","score":12345678901234567890}'),
  posted(SUBMITS, '{"playerId":"x","scores":1}'),
  posted(SUBMITS, '{"playerId":"x"}'),
  posted('/boards/nowhere/scores', '{"playerId":"x","score":1}'),
  posted('/boards/default/take', '{"playerId":"ada","amount":100}'),
  posted('/boards/default/ranks', '{"playerIds":["ada","bob","nobody"]}'),
  posted('/boards/default/nothing', '{}'),
  posted('/boards', '{"name":"golf","order":"ascending"}'),
  posted('/boards', '{"name":"golf","order":"descending"}'),
  posted(SUBMITS, '{"playerId":"x","score":1}', { 'content-type': 'text/plain' }),
  posted(SUBMITS, `{"playerId":"x","score":1,"name":"${'n'.repeat(20_000)}"}`),
  posted(SUBMITS, '{"playerId":"x","score":1}', { authorization: 'Bearer nonsense' }),
  posted(SUBMITS, '{"playerId":"x","score":1}', { 'x-forwarded-for': '10.0.0.1' }),
  ...['/boards', '/boards/default/players/ada/rank', '/boards/default/players/nobody/rank'].map(
    (path) => ({ path }),
  ),
  { path: '/boards/default/players/ada/entry?rankMode=dense' },
  { path: '/boards/default/players/ada/entry?rankMode=none' },
  { path: '/boards/nowhere/players/ada/rank' },
  { path: '/boards', headers: { 'if-none-match': '*' } },
]

test('a plain request is answered as one that goes the long way', () =>
  withServer(({ server: short }) =>
    withServer(async ({ server: long, temporary }) => {
      const [{ port: shortPort }, { port: longPort }] = await Promise.all([
        short.listen({ port: 0 }),
        long.listen({ port: 0 }),
      ])
      try {
        for (const sent of CASES) {
          const there = { ...sent, headers: { ...sent.headers, ...LONG_WAY } }
          const [quick, slow] = [await send(shortPort, sent), await send(longPort, there)]
          const tagless = ({ headers: { etag: _, ...headers }, ...rest }: Answered) => ({
            ...rest,
            headers,
          })
          expect({ sent, ...tagless(quick) }).toEqual({ sent, ...tagless(slow) })
        }
        expect((await temporary.store.check()).findings).toEqual([])
      } finally {
        await Promise.all([short.close(), long.close()])
      }
    }),
  ))

test('plain requests go the short way, all others the long one', () =>
  withServer(async ({ server }) => {
    const { port } = await server.listen({ port: 0 })
    const { quick } = Handler.prototype
    let taken = 0
    Handler.prototype.quick = function (...asked) {
      taken++
      return quick.apply(this, asked)
    }
    const isQuick = async (sent: Sent): Promise<boolean> => {
      const before = taken
      await send(port, sent)
      return taken > before
    }
    try {
      const submit = '{"playerId":"ada","score":1}'
      expect(await isQuick(posted(SUBMITS, submit))).toBe(true)
      expect(await isQuick(posted(SUBMITS, submit, RETRIED))).toBe(true)
      expect(await isQuick({ path: '/boards' })).toBe(true)
      const others: Sent[] = [
        posted(SUBMITS, submit, LONG_WAY),
        posted(SUBMITS, submit, { origin: 'https://example.com' }),
        posted(SUBMITS, submit, { [SIGNATURE_HEADER]: 'none' }),
        posted(SUBMITS, submit.padEnd(20_000)),
        posted(SUBMITS, submit, { 'content-type': 'text/plain' }),
        posted('/boards/%64efault/scores', submit),
        {
          method: 'POST',
          path: SUBMITS,
          body: submit,
          headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' },
        },
        { path: '/boards', body: '{}', headers: { 'content-length': '2' } },
        { path: '/boards', headers: { 'idempotency-key': 'a' } },
      ]
      for (const sent of others)
        expect({ sent, isQuick: await isQuick(sent) }).toEqual({ sent, isQuick: false })
    } finally {
      Handler.prototype.quick = quick
      await server.close()
    }
  }))

test('a client that is gone before the end of its body changes nothing', () =>
  withServer(async ({ server, store, errors }) => {
    const { port } = await server.listen({ port: 0 })
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const head = `POST /api/v1${SUBMITS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`
    socket.write(`${head}Content-Length: 100\r\n\r\n{"playerId":"ada","score":1}`)
    await send(port, { path: '/boards' })
    socket.destroy()
    await send(port, posted(SUBMITS, '{"playerId":"bob","score":1}'))
    await server.close()
    expect(store.board('default').size).toBe(1)
    expect(errors).toEqual([])
  }))

test('a body that comes in pieces is taken as one, and closing waits for its answer', () =>
  withServer(async ({ server, store }) => {
    const { port } = await server.listen({ port: 0 })
    const body = '{"playerId":"ada","score":1}'
    const sent = request({
      port,
      method: 'POST',
      path: `/api/v1${SUBMITS}`,
      headers: { ...JSON_TYPE, 'content-length': body.length },
    })
    const answered = once(sent, 'response')
    sent.write(body.slice(0, 10))
    await send(port, { path: '/boards' })
    sent.end(body.slice(10))
    const [response] = await answered
    const closed = server.close()
    expect(JSON.parse(await text(response))).toMatchObject({ playerId: 'ada', rank: 1 })
    await closed
    expect(store.board('default').size).toBe(1)
  }))
