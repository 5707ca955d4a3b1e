import { expect, test } from 'vitest'
import { type TestServer, withServer } from './support.ts'

async function withWindows(body: (server: TestServer) => Promise<void>): Promise<void> {
  await withServer(async (server) => {
    const made = { name: 'arena', mode: 'best', windows: ['day', 'month'] }
    expect((await server.ask('POST /boards', { body: made })).status).toBe(201)
    await body(server)
  })
}

const DAY_MS = 86_400_000

test('one submit goes to the seasons, which are read like the board', async () => {
  await withWindows(async (server) => {
    const submit = (playerId: string, score: number) =>
      server.ask('POST /boards/arena/scores', { body: { playerId, score } })
    const first = await submit('ann', 900)
    expect(first.body.windows.day).toMatchObject({ rank: 1 })
    const { season } = first.body.windows.day
    server.temporary.clock.advance(DAY_MS)
    await submit('bob', 700)
    const day = (await server.ask('GET /boards/arena/entries?window=day')).body
    expect(day).toMatchObject({ board: 'arena', total: 1, entries: [{ playerId: 'bob', rank: 1 }] })
    const before = (await server.ask(`GET /boards/arena/entries?window=day&season=${season}`)).body
    expect(before.entries).toMatchObject([{ playerId: 'ann', rank: 1 }])
    const places = (await server.ask('GET /boards/arena/entries?window=month&first=1&last=9')).body
    expect(places).toMatchObject({ total: 2, entries: [{ playerId: 'ann' }, { playerId: 'bob' }] })
    const player = (await server.ask('GET /boards/arena/players/bob?window=day')).body
    expect(player.standing).toMatchObject({ ordinal: 1, total: 1 })
    const around = (await server.ask('GET /boards/arena/players/bob/around?window=day')).body
    expect(around).toMatchObject({ total: 1, entries: [{ playerId: 'bob' }] })
    expect((await server.ask('GET /boards/arena/players/bob/rank?window=day')).body.result).toBe(1)
    const among = { playerIds: ['ann'], window: 'day' }
    expect((await server.ask('POST /boards/arena/among', { body: among })).body.missing).toEqual([
      'ann',
    ])
    expect((await server.ask('GET /boards/arena/seasons?window=day')).body.result).toHaveLength(2)
  })
})

test.each([
  ['entries?window=year', 404, 'NO_WINDOW'],
  ['entries?window=day&season=2001-01-01', 404, 'NO_SEASON'],
  ['entries?season=2001-01-01', 400, 'INVALID_ARGUMENT'],
  ['players/ann?season=2001-01-01', 400, 'INVALID_ARGUMENT'],
  ['live?window=year', 404, 'NO_WINDOW'],
])('GET /boards/arena/%s is %d %s', async (path, status, code) => {
  await withWindows(async (server) => {
    const answer = await server.ask(`GET /boards/arena/${path}`)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })
})

// No commit comes at a border: an answer that was kept until the next one would be of yesterday.
test('a season that ended by the clock alone is not answered again', async () => {
  await withWindows(async (server) => {
    await server.store.board('arena').submit('ann', 900)
    const first = await server.ask('GET /boards/arena/entries?window=day')
    expect([first.body.total, first.headers.get('etag')]).toEqual([1, null])
    await server.temporary.reopen({ readOnly: true })
    server.temporary.clock.advance(DAY_MS)
    expect(server.temporary.store.board('arena').window('day').size).toBe(0)
    expect((await server.ask('GET /boards/arena/entries?w%69ndow=day')).body?.total ?? 0).toBe(0)
  })
})

// A stream of a window named neither it nor the season, and a border was told as players who left.
test('a season is watched live, and the next one is told when it begins', async () => {
  await withWindows(async (server) => {
    const request = new Request('http://localhost/api/v1/boards/arena/live?window=day&top=3')
    const { body } = await server.server.fetch(request, { address: '127.0.0.1' })
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    const text = async (): Promise<string> =>
      Buffer.from((await reader.read()).value ?? []).toString()
    const told = async () => {
      const [id, , data] = (await text()).split('\n')
      return { id, data: JSON.parse(data?.replace('data: ', '') ?? '') }
    }
    expect(await text()).toContain('retry')
    const day = server.store.board('arena').window('day')
    const first = { window: 'day', season: day.season, from: day.from, to: day.to }
    expect((await told()).data).toMatchObject({ ...first, total: 0 })
    await server.store.board('arena').submit('ann', 900)
    const entered = await told()
    expect(entered.data).toMatchObject({ ...first, changes: [{ kind: 'entered' }] })
    server.temporary.clock.advance(DAY_MS)
    const next = await told()
    expect(next.data).toMatchObject({ began: true, total: 0, entries: [], changes: [] })
    expect(next.data.from).toBe(first.to)
    expect(next.id).not.toBe(entered.id)
    await reader.cancel()
  })
})

test('what is read of a window says of which season it is', async () => {
  await withWindows(async (server) => {
    await server.store.alter('arena', { windows: ['week', { name: 'cup', every: 'manual' }] })
    await server.store.board('arena').submit('ann', 900)
    const { season, from, to } = server.store.board('arena').window('day')
    const reads = [
      ...['entries?', 'entries?first=1&last=2&', 'entries?min=1&', 'players/ann?'],
      ...['players/ann/around?', 'players/ann/rank?', 'players/ann/gap?', 'players/ann/history?'],
      ...['players/ann/standing?', 'top?n=1&', 'size?', 'score-at?rank=1&', 'find?name=a&'],
    ]
    for (const read of reads) {
      const seen = { window: 'day', season, from, to }
      for (const named of ['window=day', `window=day&season=${season}`]) {
        const { body } = await server.ask(`GET /boards/arena/${read}${named}`)
        expect([read, body]).toMatchObject([read, seen])
      }
      const { body } = await server.ask(`GET /boards/arena/${read}`)
      expect([read, body.window]).toEqual([read, undefined])
    }
    const among = { playerIds: ['ann'], window: 'week' }
    const friends = await server.ask('POST /boards/arena/among', { body: among })
    expect(friends.body).toMatchObject({ window: 'week', season: expect.stringContaining('-W') })
    const none = await server.ask('GET /boards/arena/entries?window=cup')
    expect(none.body).toMatchObject({ window: 'cup', season: null, from: null, to: null, total: 0 })
  })
})

test('who leaves a board leaves its seasons, sealed ones with sealed=true', async () => {
  await withWindows(async (server) => {
    const board = server.store.board('arena')
    await board.submit('ann', 900)
    server.temporary.clock.advance(2 * DAY_MS)
    await board.submit('ann', 700)
    const [now, , before] = board.seasons('day').map(({ season }) => season) as string[]
    const totalOf = async (season: string | undefined): Promise<number> =>
      (await server.ask(`GET /boards/arena/entries?window=day&season=${season}`)).body.total
    const ban = await server.ask('PUT /players/ann/ban', { body: { sealed: true } })
    expect(ban.body.seasons).toContainEqual({ board: 'arena', window: 'day', season: now })
    expect([await totalOf(now), await totalOf(before)]).toEqual([0, 0])
    await server.ask('DELETE /players/ann/ban?sealed=true')
    expect([await totalOf(now), await totalOf(before)]).toEqual([1, 1])
    expect((await server.ask('DELETE /boards/arena/players/ann')).body.removed).toBe(true)
    expect([await totalOf(now), await totalOf(before)]).toEqual([0, 1])
    expect((await server.ask('DELETE /boards/arena/players/ann?sealed=true')).body.removed).toBe(
      true,
    )
    expect(await totalOf(before)).toBe(0)
    expect((await server.ask('DELETE /players/ann?sealed=true')).body.removed).toBe(0)
  })
})

test('PATCH of a board with windows answers with them, and startSeason needs a board that is there', async () => {
  await withWindows(async (server) => {
    const patch = (body: unknown) => server.ask('PATCH /boards/arena', { body })
    expect((await patch({ max: 9 })).body).toEqual({ board: 'arena', rules: { max: 9 } })
    const { body } = await patch({ windows: { cup: 'manual', day: null } })
    expect(body).toMatchObject({ board: 'arena', rules: { max: 9 } })
    expect(body.windows.map(({ window }: { window: string }) => window)).toEqual(['month', 'cup'])
    const start = (board: string, season: unknown) =>
      server.ask(`POST /boards/${board}/start-season`, { body: season })
    expect((await start('arena', { window: 'cup', season: 'spring' })).status).toBe(200)
    const nowhere = await start('nowhere', { window: 'cup', season: 'spring' })
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'NO_BOARD'])
    const which = 'without a window: board "arena" has "month", "cup"; give window'
    expect((await start('arena', { season: 'x' })).body.detail).toBe(
      `Cannot start a season ${which}`,
    )
    const lists: [path: string, action: string][] = [
      ['seasons', 'list seasons'],
      ['players/ann/finals', 'list finals'],
      ['entries?season=x', 'read a season'],
      ['live?season=x', 'read a season'],
    ]
    for (const [path, action] of lists) {
      const answer = await server.ask(`GET /boards/arena/${path}`)
      expect([answer.status, answer.body.detail]).toEqual([400, `Cannot ${action} ${which}`])
    }
  })
})
