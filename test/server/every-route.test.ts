import { expect, test } from 'vitest'
import { ROUTES } from '../../src/server/routes/all.ts'
import type { Route } from '../../src/server/routes/route.ts'
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
