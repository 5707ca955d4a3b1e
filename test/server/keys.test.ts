import { createHash, createHmac } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createKey,
  type LadderServer,
  type Role,
  readKeys,
  revokeKey,
} from '../../src/server/index.ts'
import { KEY_NAME_CHARACTERS_MAX, KEYS_MAX } from '../../src/server/limits.ts'
import { ROUTES } from '../../src/server/routes/all.ts'
import { START_MS, withDirectory } from '../support/temporary-store.ts'
import { type TestServer, withServer } from './support.ts'

const ROLES: readonly Role[] = ['read', 'write', 'admin']

/** Runs `body` with a server that has a key of each role. */
async function withKeys(
  body: (server: TestServer, keys: Record<Role, string> & { file: string }) => Promise<void>,
  options: { publicReads?: boolean; origins?: string[] } = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const file = join(directory, 'keys.json')
    const made = await Promise.resolve().then(async () => {
      const keys: Record<string, string> = {}
      for (const role of ROLES) keys[role] = (await createKey(file, { role })).key
      return keys as Record<Role, string>
    })
    await withServer((server) => body(server, { ...made, file }), { keys: file, ...options })
  })
}

test('a file of keys has their hashes, and is for its owner alone', async () => {
  await withDirectory(async (directory) => {
    const file = join(directory, 'keys.json')
    const { key, id } = await createKey(file, { role: 'write', name: 'game' })
    expect(key).toMatch(/^ladderdb_write_[\w-]{43}$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain(key.slice(15))
    expect(text).toContain(createHash('sha256').update(key).digest('hex'))
    await createKey(file, { role: 'read' })
    expect(readKeys(file).map(({ name }) => name)).toEqual(['game', 'read'])
    expect(await revokeKey(file, id)).toBe(true)
    expect(await revokeKey(file, id)).toBe(false)
    expect(readKeys(file)).toHaveLength(1)
  })
})

test('a file of keys that others may read, or that is none, is refused', async () => {
  await withDirectory(async (directory) => {
    const file = join(directory, 'keys.json')
    expect(() => readKeys(file)).toThrow('ladderdb key create')
    await createKey(file, { role: 'read' })
    chmodSync(file, 0o640)
    expect(() => readKeys(file)).toThrow('chmod 600')
    chmodSync(file, 0o600)
    for (const text of [
      '',
      '[]',
      '{"keys":[{}]}',
      '{"keys":[{"id":"a","name":"b","role":"root"}]}',
    ]) {
      writeFileSync(file, text)
      expect(() => readKeys(file)).toThrow('is not a key file')
    }
  })
})

test('a file holds so many keys', async () => {
  await withDirectory(async (directory) => {
    const file = join(directory, 'keys.json')
    await createKey(file, { role: 'read' })
    const [one] = readKeys(file)
    const keys = Array.from({ length: KEYS_MAX - 1 }, () => one)
    writeFileSync(file, JSON.stringify({ keys }))
    await createKey(file, { role: 'read' })
    await expect(createKey(file, { role: 'read' })).rejects.toThrow('revoke some')
  })
})

test('the name of a key has its length', async () => {
  await withDirectory(async (directory) => {
    const file = join(directory, 'keys.json')
    const name = 'n'.repeat(KEY_NAME_CHARACTERS_MAX)
    await createKey(file, { role: 'read', name })
    await expect(createKey(file, { role: 'read', name: `${name}n` })).rejects.toThrow(RangeError)
    await expect(createKey(file, { role: 'root' as Role })).rejects.toThrow('read, write, admin')
    await expect(createKey(file, { role: 'read', signs: true })).rejects.toThrow('write')
  })
})

const RANKS = { read: 1, write: 2, admin: 3 }

// Every route with every key: what a role may not do is refused before a byte of the body is looked at.
test.each([[false], [true]])(
  'each role may do what it says, on every route; public: %s',
  async (publicReads) => {
    await withKeys(
      async (server, keys) => {
        const wrong: unknown[] = []
        for (const { method, path, role, body } of ROUTES) {
          const line = `${method} ${path.replace('{board}', 'none').replace('{playerId}', 'p')}`
          const asked = body === undefined ? {} : { body: '{' }
          for (const held of [undefined, ...ROLES]) {
            const key = held === undefined ? undefined : keys[held]
            const { status } = await server.ask(line, { ...asked, key })
            const has = held === undefined ? (publicReads ? 1 : 0) : RANKS[held]
            const isRefused = status === 401 || status === 403
            const expected = has >= RANKS[role] ? 'in' : held === undefined ? 401 : 403
            if (expected === 'in' ? isRefused : status !== expected)
              wrong.push({ line, held, status })
          }
          const unknown = await server.ask(line, { ...asked, key: `${keys.admin}x` })
          if (unknown.status !== 401) wrong.push({ line, held: 'unknown', status: unknown.status })
        }
        expect(wrong).toEqual([])
      },
      { publicReads },
    )
  },
)

test('a refusal says what key it takes', async () => {
  await withKeys(async (server, keys) => {
    const none = await server.ask('GET /boards')
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="ladderdb"')
    expect(none.body.detail).toContain('role read')
    const less = await server.ask('GET /log', { key: keys.write })
    expect(less.body).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    for (const authorization of ['Basic YTpi', keys.admin, `Bearer  ${keys.admin} x`]) {
      const { status } = await server.ask('GET /boards', { headers: { authorization } })
      expect(status).toBe(401)
    }
  })
})

test('a key that is revoked or made is known within a second', async () => {
  await withKeys(async (server, keys) => {
    const id = readKeys(keys.file)[0]?.id ?? ''
    await revokeKey(keys.file, id)
    const { key } = await createKey(keys.file, { role: 'read' })
    server.temporary.clock.advance(1_000)
    expect((await server.ask('GET /boards', { key: keys.read })).status).toBe(401)
    expect((await server.ask('GET /boards', { key })).status).toBe(200)
    // What others may write lets nobody in.
    chmodSync(keys.file, 0o666)
    server.temporary.clock.advance(1_000)
    expect((await server.ask('GET /boards', { key })).status).toBe(500)
    server.temporary.clock.advance(1_000)
    expect((await server.ask('GET /boards', { key })).status).toBe(500)
  })
})

test('who has the key stands in the log as the actor', async () => {
  await withKeys(async (server, keys) => {
    const ban = await server.ask('PUT /players/ann/ban', { body: {}, key: keys.admin })
    expect(ban.body.actor).toBe('admin')
    const other = await server.ask('PUT /players/bob/ban', {
      body: { actor: 'kim' },
      key: keys.admin,
    })
    expect(other.body.actor).toBe('kim')
  })
})

test('a server without keys may not be asked by others, nor listen for them', async () => {
  await withServer(async (server) => {
    for (const host of ['0.0.0.0', '::', '192.168.1.7', 'example.com'])
      await expect((server.server as LadderServer).listen({ host, port: 0 })).rejects.toThrow(
        'without keys',
      )
  })
})

test.each([
  ['https://game.example', ['https://game.example'], 200, 'https://game.example'],
  ['https://game.example', [], 403, null],
  ['https://evil.example', ['https://game.example'], 403, null],
  ['https://game.example.evil.example', ['https://game.example'], 403, null],
  ['null', ['https://game.example'], 403, null],
  ['http://localhost:7350', [], 200, null],
])('a page of %s with origins %j gets %d', async (origin, origins, status, allowed) => {
  await withKeys(
    async (server, keys) => {
      const headers = { origin, host: 'localhost:7350' }
      const answer = await server.ask('GET /boards', { key: keys.read, headers })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed)
      const asks = await server.ask('OPTIONS /boards', { headers })
      expect(asks.status).toBe(status === 200 ? 204 : 403)
      expect(asks.headers.get('access-control-allow-origin')).toBe(allowed)
      // A page can read why it is refused, too.
      const refused = await server.ask('GET /log', { key: keys.read, headers })
      expect(refused.status).toBe(403)
      expect(refused.headers.get('access-control-allow-origin')).toBe(allowed)
    },
    { origins },
  )
})

test.each([['*'], ['example.com'], ['https://example.com/app'], ['ftp://example.com']])(
  '%s is no origin',
  async (origin) => {
    await expect(withServer(async () => undefined, { origins: [origin] })).rejects.toThrow(
      'as an origin',
    )
  },
)

interface Signed {
  key: string
  secret: string
  body: string
  path?: string
  nonce?: string
  expires?: number
}

function signed({
  key,
  secret,
  body,
  path,
  nonce = 'run-1',
  expires,
}: Signed): Record<string, string> {
  const until = expires ?? START_MS / 1000 + 60
  const digest = createHash('sha256').update(body).digest('hex')
  const to = path ?? '/api/v1/boards/default/scores'
  const text = ['POST', to, until, nonce, digest].join('\n')
  const hmac = createHmac('sha256', secret).update(text).digest('hex')
  return { 'Ladderdb-Signature': `key=${key}, expires=${until}, nonce=${nonce}, hmac=${hmac}` }
}

test('a signed submit counts once, and nothing else of it is taken', async () => {
  await withDirectory(async (directory) => {
    const keys = join(directory, 'keys.json')
    const { id, key: secret } = await createKey(keys, { role: 'write', signs: true })
    await withServer(
      async (server) => {
        const body = '{"playerId":"ann","score":5,"mode":"increment"}'
        const good = { key: id, secret, body }
        const send = (
          headers: Record<string, string>,
          sent = body,
          line = 'POST /boards/default/scores',
        ) => server.ask(line, { headers, body: sent })
        expect((await send(signed(good))).body.score).toBe(5)
        expect((await send(signed(good))).body).toMatchObject({ score: 5, repeated: true })
        const statuses = [
          await send(signed(good), body.replace('5', '6')),
          await send(signed({ ...good, path: '/api/v1/boards/other/scores' })),
          await send(signed({ ...good, secret: 'x' })),
          await send(signed({ ...good, key: 'k00000000' })),
          await send(signed({ ...good, expires: START_MS / 1000 })),
          await send(signed({ ...good, expires: START_MS / 1000 + 301 })),
          await send({ 'Ladderdb-Signature': 'key=a' }),
          await send({ authorization: `Bearer ${secret}` }),
        ].map(({ status, body: { code } }) => `${status} ${code}`)
        expect(new Set(statuses)).toEqual(new Set(['401 NO_KEY']))
        const board = signed({ ...good, body: '{"name":"x"}', path: '/api/v1/boards' })
        expect((await send(board, '{"name":"x"}', 'POST /boards')).body.code).toBe('FORBIDDEN')
        expect(server.store.board('default').get('ann')?.score).toBe(5)
      },
      { keys },
    )
  })
})
