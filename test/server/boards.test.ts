import { expect, test } from 'vitest'
import { withServer } from './support.ts'

test('a board is made, listed, described, altered and dropped', async () => {
  await withServer(async (server) => {
    const made = await server.ask('POST /boards', { body: { name: 'été 1/2', mode: 'best' } })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe('/api/v1/boards/%C3%A9t%C3%A9%201%2F2')
    expect(made.body).toEqual({
      ...{ name: 'été 1/2', order: 'descending', mode: 'best', size: 0, rules: {} },
    })
    const again = await server.ask('POST /boards', { body: { name: 'été 1/2', mode: 'best' } })
    expect(again.status).toBe(200)
    expect(
      (await server.ask('POST /boards', { body: { name: 'été 1/2', mode: 'set' } })).body.code,
    ).toBe('SETTINGS_DIFFER')
    const path = made.headers.get('location')?.slice('/api/v1'.length)
    const altered = await server.ask(`PATCH ${path}`, { body: { max: 5, perMinute: null } })
    expect(altered.body).toEqual({ board: 'été 1/2', rules: { max: 5 } })
    expect((await server.ask(`GET ${path}`)).body.rules).toEqual({ max: 5 })
    expect((await server.ask('GET /boards')).body.boards).toHaveLength(1)
    expect((await server.ask(`DELETE ${path}`)).body).toEqual({ board: 'été 1/2', dropped: true })
    expect((await server.ask(`GET ${path}`)).body).toMatchObject({ status: 404, code: 'NO_BOARD' })
  })
})

test('entries come as pages, as places and by scores', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submitMany([5, 4, 3, 2, 1].map((score) => ({ playerId: `p${score}`, score })))
    const page = (await server.ask('GET /boards/arena/entries?limit=2')).body
    expect(page).toMatchObject({ board: 'arena', total: 5, previous: null })
    const next = (await server.ask(`GET /boards/arena/entries?limit=2&after=${page.next}`)).body
    expect(next.entries.map(({ playerId }: { playerId: string }) => playerId)).toEqual(['p3', 'p2'])
    const places = (await server.ask('GET /boards/arena/entries?first=2&last=3')).body
    expect(places.entries.map(({ rank }: { rank: number }) => rank)).toEqual([2, 3])
    const scores = (await server.ask('GET /boards/arena/entries?min=2&max=4&maxExclusive=true'))
      .body
    expect(scores.entries.map(({ score }: { score: number }) => score)).toEqual([3, 2])
    expect((await server.ask('GET /boards/arena/top?n=1')).body.result).toHaveLength(1)
  })
})

test.each([
  ['first=1&last=2&after=x', 'after'],
  ['first=1', 'last'],
  ['limit=10&first=1&last=2', 'limit'],
  ['limit=1001', '1000'],
  ['first=1&last=1001', '1000'],
  ['limit=1&limit=2', 'twice'],
  ['limt=1', 'did you mean "limit"'],
  ['limit=ten', 'limit'],
  ['rankMode=Dense', 'rankMode'],
  ['min=%zz', '%25'],
  ['__proto__=1', '__proto__'],
])('GET entries?%s is refused and says %s', async (query, word) => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    const { status, body } = await server.ask(`GET /boards/arena/entries?${query}`)
    expect([status, body.code]).toEqual([400, 'INVALID_ARGUMENT'])
    expect(body.detail).toContain(word)
  })
})

test('a page of exactly the most entries is answered', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    expect((await server.ask('GET /boards/arena/entries?limit=1000')).status).toBe(200)
    expect((await server.ask('GET /boards/arena/entries?first=2&last=1001')).status).toBe(200)
  })
})

test('boards of any name are boards', async () => {
  await withServer(async (server) => {
    for (const name of ['__proto__', 'constructor', '%41', '100%', '../x', '<b>', 'ü', '?#'])
      await server.ask('POST /boards', { body: { name } })
    for (const { name } of server.store.boards()) {
      const { body } = await server.ask(`GET /boards/${encodeURIComponent(name)}`)
      expect(body.name).toBe(name)
    }
    expect(server.store.boards()).toHaveLength(8)
  })
})
