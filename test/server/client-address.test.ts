import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress, limitedAddress } from '../../src/server/client-address.ts'
import { withServer } from './support.ts'

const TRUSTED = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']

test.each([
  ['no proxy trusted', [], '10.0.0.1', '203.0.113.5', '10.0.0.1'],
  ['no header', TRUSTED, '127.0.0.1', null, '127.0.0.1'],
  ['what the proxy saw', TRUSTED, '127.0.0.1', '203.0.113.5', '203.0.113.5'],
  ['not what the client wrote', TRUSTED, '127.0.0.1', '6.6.6.6, 203.0.113.5', '203.0.113.5'],
  ['through two proxies', TRUSTED, '127.0.0.1', '6.6.6.6, 203.0.113.5,10.1.2.3', '203.0.113.5'],
  ['not of a stranger', TRUSTED, '203.0.113.5', '6.6.6.6', '203.0.113.5'],
  ['proxies alone', TRUSTED, '127.0.0.1', '10.9.9.9, 10.1.2.3', '10.9.9.9'],
  ['no address', TRUSTED, '127.0.0.1', '6.6.6.6, unknown', '127.0.0.1'],
  ['nothing', TRUSTED, '127.0.0.1', '', '127.0.0.1'],
  ['with ports', TRUSTED, '127.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
  ['IPv6 with a port', TRUSTED, '2001:db8::1', '[2001:db9::7]:4711', '2001:db9::7'],
  ['IPv4 in IPv6', TRUSTED, '::ffff:127.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
  ['no connection', TRUSTED, undefined, '203.0.113.5', 'unknown'],
] as const)('clientAddress() goes by %s', (_, trusted, address, forwarded, expected) => {
  expect(clientAddress(trusted)({ address }, forwarded)).toBe(expected)
})

test.each([
  ...['', 'localhost', '127.0.0.1/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', '10.0.0/8', 'all'],
])('clientAddress() trusts no proxy that is called "%s"', (name) => {
  expect(() => clientAddress([name])).toThrow('it must be an address or a net')
})

test.each([
  ['203.0.113.5', '203.0.113.5'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['2001:0DB8:0001::6', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('limitedAddress() of %s is %s', (address, expected) => {
  expect(limitedAddress(address)).toBe(expected)
})

// Behind a proxy, all who asked shared one limit.
test('limits go by whom a trusted proxy says, and nobody else', async () => {
  const from = (forwarded: string, address = '127.0.0.1') => ({
    address,
    headers: { 'x-forwarded-for': forwarded },
  })
  const options = { requestsPerSecond: 1, publicReads: true }
  await withServer(
    async (server) => {
      const status = async (asked: object): Promise<number> =>
        (await server.ask('GET /boards', asked)).status
      expect(await status(from('6.6.6.6, 203.0.113.5'))).toBe(200)
      expect(await status(from('7.7.7.7, 203.0.113.5'))).toBe(429)
      expect(await status(from('203.0.113.6'))).toBe(200)
      expect(await status(from('1.1.1.1', '203.0.113.7'))).toBe(200)
      expect(await status(from('2.2.2.2', '203.0.113.7'))).toBe(429)
    },
    { ...options, trustedProxies: ['127.0.0.1'] },
  )
  await withServer(async (server) => {
    expect((await server.ask('GET /boards', from('1.1.1.1'))).status).toBe(200)
    expect((await server.ask('GET /boards', from('2.2.2.2'))).status).toBe(429)
  }, options)
})

test('who a trusted proxy says is of this machine may no more than others', async () => {
  await withServer(
    async (server) => {
      const headers = { 'x-forwarded-for': '127.0.0.1' }
      expect((await server.ask('GET /boards', { headers })).status).toBe(401)
    },
    { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] },
  )
})

// The limit was held for requests alone: upgrades could come as they liked.
test('upgrades count as requests do, and a viewer who answers nothing holds no end up', {
  timeout: 20_000,
}, async () => {
  await withServer(
    async ({ server, store }) => {
      await store.createBoard('arena')
      const { url } = await server.listen({ port: 0 })
      const headers = {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }
      const upgrade = async (): Promise<number | undefined> => {
        const asked = request(`${url}/api/v1/boards/arena/live`, { headers })
        asked.end()
        const status = await statusOf(asked)
        asked.destroy()
        return status
      }
      expect([await upgrade(), await upgrade()]).toEqual([101, 429])
      await server.close()
    },
    { requestsPerSecond: 1 },
  )
})

async function statusOf(asked: ClientRequest): Promise<number | undefined> {
  const answered = Promise.race([once(asked, 'upgrade'), once(asked, 'response')])
  const [{ statusCode }] = (await answered) as [{ statusCode?: number }]
  return statusCode
}
