import { expect, test } from 'vitest'
import { withServer } from './support.ts'

test('a submit answers as the library does', async () => {
  await withServer(async (server) => {
    const body = { playerId: 'ann', score: 10, name: 'Ann', at: '2025-10-09T08:53:20Z' }
    const first = await server.ask('POST /boards/default/scores', { body })
    expect(first.body).toEqual({
      ...{ playerId: 'ann', score: 10, previousScore: null, rank: 1, previousRank: null },
      ...{ changed: true, created: true },
    })
    expect(server.store.board('default').get('ann')?.at).toBe(1_760_000_000_000)
    const many = await server.ask('POST /boards/default/scores?ranks=false', {
      body: [
        { playerId: 'bob', score: 3, metadata: null },
        { playerId: 'ann', score: 20 },
      ],
    })
    expect(many.body.answers.map(({ rank }: { rank: null }) => rank)).toEqual([null, null])
    expect(server.store.board('default').size).toBe(2)
  })
})

test('only the board "default" is made by its first submit', async () => {
  await withServer(async (server) => {
    const { body } = await server.ask('POST /boards/arena/scores', {
      body: { playerId: 'a', score: 1 },
    })
    expect([body.status, body.code]).toEqual([404, 'NO_BOARD'])
    expect(server.store.boards()).toEqual([])
  })
})

test('scores of int64 are texts of digits, both ways', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('coins', { scoreType: 'int64' })
    const body = { playerId: 'ann', score: '9007199254740993' }
    expect((await server.ask('POST /boards/coins/scores', { body })).body.score).toBe(body.score)
    const { text } = await server.ask('GET /boards/coins/entries?min=9007199254740993')
    expect(text).toContain('"score":"9007199254740993"')
  })
})

// A double would have been 9007199254740992, and nobody would have known.
test('digits that no number keeps are refused', async () => {
  await withServer(async (server) => {
    const body = '{"playerId":"ann","score":9007199254740993}'
    const answer = await server.ask('POST /boards/default/scores', { body })
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_ARGUMENT'])
    expect(answer.body.detail).toContain('9007199254740993')
  })
})

test('a submit that is sent again under its key counts once', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('coins', { mode: 'increment' })
    const again = { body: { playerId: 'ann', score: 5 }, headers: { 'Idempotency-Key': 'run-1' } }
    const first = await server.ask('POST /boards/coins/scores', again)
    const second = await server.ask('POST /boards/coins/scores', again)
    expect(second.body).toEqual({ ...first.body, repeated: true })
    expect(server.store.board('coins').get('ann')?.score).toBe(5)
    const other = { ...again, body: { playerId: 'ann', score: 6 } }
    const refused = await server.ask('POST /boards/coins/scores', other)
    expect([refused.status, refused.body.code]).toEqual([409, 'REQUEST_REUSED'])
  })
})

test.each([['k'], ['k'.repeat(128)]])(
  'Idempotency-Key %s on a list covers the list',
  async (key) => {
    await withServer(async (server) => {
      await server.store.createBoard('coins', { mode: 'increment' })
      const list = [
        { playerId: 'ann', score: 5 },
        { playerId: 'ann', score: 5 },
      ]
      const asked = { body: list, headers: { 'Idempotency-Key': key } }
      await server.ask('POST /boards/coins/scores', asked)
      const { body } = await server.ask('POST /boards/coins/scores', asked)
      expect(body.answers.map(({ repeated }: { repeated: boolean }) => repeated)).toEqual([
        true,
        true,
      ])
      for (const other of [list.slice(1), [...list, { playerId: 'bob', score: 1 }]]) {
        const refused = await server.ask('POST /boards/coins/scores', { ...asked, body: other })
        expect([refused.status, refused.body.code]).toEqual([409, 'REQUEST_REUSED'])
      }
      expect(server.store.board('coins').get('ann')?.score).toBe(10)
    })
  },
)

test.each([
  ['beside another requestId', { playerId: 'ann', score: 5, requestId: 'other' }],
  ['beside ids of items', [{ playerId: 'ann', score: 5, requestId: 'other' }]],
])('Idempotency-Key %s is refused', async (_, body) => {
  await withServer(async (server) => {
    const headers = { 'Idempotency-Key': 'k' }
    const answer = await server.ask('POST /boards/default/scores', { body, headers })
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_ARGUMENT'])
  })
})

test('a list is stored as a whole or not at all', async () => {
  await withServer(async (server) => {
    const body = [{ playerId: 'ann', score: 5 }, { playerId: 'bob' }]
    const answer = await server.ask('POST /boards/default/scores', { body })
    expect(answer.body.detail).toContain('Submission 1')
    expect(server.store.hasBoard('default')).toBe(false)
  })
})

test('a refusal of a rule has its own status and says when to come again', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    await server.store.alter('arena', { perMinute: 1, max: 10 })
    const submit = (score: number) =>
      server.ask('POST /boards/arena/scores', { body: { playerId: 'ann', score } })
    expect((await submit(11)).status).toBe(422)
    expect((await submit(5)).status).toBe(200)
    const refused = await submit(6)
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED'])
    expect(refused.body.retryAfterMs).toBe(60_000)
    expect(refused.headers.get('retry-after')).toBe('60')
  })
})
