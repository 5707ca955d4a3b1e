/**
 * The docstrings of what `ladderdb/redis` declares: each call tells its errors and its cost and has an example, which
 * is run here on a server. A call makes as many round trips as it tells.
 *
 * @module
 */

import { createWriteStream, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CALLS } from '../../src/calls/table.ts'
import { ERROR_CODES } from '../../src/ground/errors.ts'
import * as redis from '../../src/redis/index.ts'
import { exampleOf, functionsOf, runExample } from '../support/doc-examples.ts'
import { describeOnRedis, openServer, type TestServer } from '../support/redis-server.ts'
import { withDirectory } from '../support/temporary-store.ts'

const FOLDER = resolve(import.meta.dirname, '../../src/redis')
const TEXTS = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'))

interface Member {
  name: string
  isCall: boolean
  docstring: string
}

/** What an exported class offers, of its own and from the classes above it, without what it refuses. */
function membersOf(Class: { prototype: object; name: string }): Member[] {
  const members: Member[] = []
  for (let { prototype } = Class; prototype !== Object.prototype; ) {
    const { name: className } = prototype.constructor
    const text = TEXTS.find((one) => one.includes(`export class ${className}`)) ?? ''
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (name !== 'constructor' && !Object.hasOwn(redis.REFUSED_CALLS, name))
        members.push({ name, isCall: get === undefined, docstring: docstringOf(name, text) })
    prototype = Object.getPrototypeOf(prototype)
  }
  return members
}

function docstringOf(name: string, text: string): string {
  const pattern = `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:async )?(?:get )?\\*?${name}[(<]`
  return new RegExp(pattern).exec(text)?.[1] ?? ''
}

const CLASSES = [redis.RemoteLeaderboards, redis.RemoteBoard, redis.RemoteWindow]
const MEMBERS = [
  ...new Map(
    CLASSES.flatMap(membersOf).map((one) => [`${one.name} ${one.docstring}`, one]),
  ).values(),
]
const CALLS_HERE = [
  ...MEMBERS.filter(({ isCall }) => isCall),
  ...functionsOf('redis', redis).map(({ place, docstring }) => ({ name: place, docstring })),
].map(({ name, docstring }) => [name, docstring] as const)

test('all calls of the engine are found', () => {
  const exported = Object.values(redis).filter((one) => typeof one === 'function')
  const names = new Set(CALLS_HERE.map(([name]) => name))
  expect(exported).toHaveLength(CLASSES.length + functionsOf('redis', redis).length)
  const taken = Object.entries(CALLS)
    .filter(([name, { owner }]) => owner !== 'module' && !Object.hasOwn(redis.REFUSED_CALLS, name))
    .map(([name]) => name)
  expect(taken.filter((name) => !names.has(name))).toEqual([])
})

test.each(MEMBERS.map(({ name, docstring }) => [name, docstring]))(
  '%s says what it is',
  (_, docstring) => {
    expect(docstring).toMatch(/\w/)
  },
)

test.each(CALLS_HERE)('%s() tells its errors and its cost', (name, docstring) => {
  expect(docstring).toMatch(/\bCost:/)
  expect(exampleOf(docstring)).not.toBe('')
  if (name !== 'close') expect(docstring).toMatch(/@throws/)
  const codes = [...docstring.matchAll(/`([A-Z][A-Z_]{2,})`/g)].map(([, code = '']) => code)
  expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([])
})

// What is said of a call by naming that of the embedded engine leads somewhere.
test.each(CALLS_HERE)('%s() names calls that there are', (_, docstring) => {
  const embedded = [...docstring.matchAll(/`Leaderboards?\.(\w+)`/g)].map(([, call = '']) => call)
  expect(embedded.filter((call) => !Object.hasOwn(CALLS, call))).toEqual([])
  const remote = [...docstring.matchAll(/`Remote(?:Leaderboards|Board)\.(\w+)`/g)]
  const known = new Set(MEMBERS.map(({ name }) => name))
  expect(remote.map(([, call = '']) => call).filter((call) => !known.has(call))).toEqual([])
})

test.each(MEMBERS.filter(({ isCall }) => isCall).map(({ name, docstring }) => [name, docstring]))(
  '%s() says when its answer is undefined',
  (name, docstring) => {
    const signature = new RegExp(`^  (?:async )?${name}(?:<[^(]*>)?\\([^{]*?\\): ([^{]*) \\{$`, 'm')
    const answers = TEXTS.map((text) => signature.exec(text)?.[1] ?? '')
    if (answers.some((answer) => /^Promise.*undefined/.test(answer)))
      expect(docstring).toMatch(/undefined/)
  },
)

/** Arguments of the calls of a board that cost one round trip. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  ...{ size: [], info: [], rules: [], get: ['ada'], rank: ['ada'], ranks: [['ada', 'bob']] },
  ...{ standing: ['ada'], standingOf: [800], among: [['ada', 'bob']], gap: ['bob'] },
  ...{ scoreAt: [1], scoreFor: [{ rank: 1 }], top: [], range: [1, 2], entryAt: [1] },
  ...{ around: ['bob'], between: [0, 900], countBetween: [0, 900], page: [] },
  ...{ windows: [], window: ['cup'], seasons: ['cup'], startSeason: ['cup', 'summer'] },
  ...{ submit: ['ada', 901], remove: ['bob'], submitMany: [[{ playerId: 'bob', score: 700 }]] },
}

/** Calls of a store with one board, after which the next one still has something to do. */
const OF_STORE: readonly (readonly [name: string, ...args: unknown[]])[] = [
  ...([['boards'], ['hasBoard', 'counted'], ['boardsOf', 'ada'], ['bans'], ['settings']] as const),
  ...([
    ['rename', 'ada', 'Ada'],
    ['ban', 'ada'],
    ['unban', 'ada'],
  ] as const),
  ...([
    ['takePlayer', 'ada'],
    ['removePlayer', 'ada'],
    ['createBoard', 'new'],
  ] as const),
  ...([
    ['openBoard', 'new'],
    ['dropBoard', 'new'],
    ['profile', 'ada'],
  ] as const),
]

const WORDS = ['none', 'one', 'two', 'three', 'four']

/** How many round trips the docstring of a call of a store tells; what more partitions cost comes behind. */
function toldTrips(name: string): number {
  const { docstring = '' } =
    membersOf(redis.RemoteLeaderboards).find((one) => one.name === name) ?? {}
  const [, as] = /Cost: as `(\w+)`/.exec(docstring) ?? []
  const [, word = ''] = /Cost: (\w+)\s+(?:\*\s+)?round\s+(?:\*\s+)?trips?\b/.exec(docstring) ?? []
  return as === undefined ? WORDS.indexOf(word) : toldTrips(as)
}

/** The calls of boards whose docstrings say that they cost one round trip. */
const OF_ONE = membersOf(redis.RemoteBoard)
  .filter(({ docstring }) => /\bCost: one\s+(?:\*\s+)?round trip\b/.test(docstring))
  .map(({ name }) => name)

describeOnRedis('the docstrings of boards on a server', () => {
  let server: TestServer
  let end: () => Promise<void>
  beforeAll(async () => {
    ;({ server, end } = await openServer())
  })
  afterAll(() => end())

  test.each(CALLS_HERE)('the example of %s() says the truth', async (name, docstring) => {
    const prefix = `example:${name.replace(/\W/g, '')}`
    await withDirectory(async (directory) => {
      const admin = new Redis(server.url)
      const store = await redis.connectLeaderboards(server.url, { prefix })
      const code = exampleOf(docstring)
        .replaceAll("'redis://localhost:6379'", JSON.stringify(server.url))
        .replaceAll(/createWriteStream\('/g, `createWriteStream('${directory}/`)
      try {
        await admin.zadd('scores', 900, 'ada')
        const board = await store.board('example')
        const isOwn = /const store =/.test(code)
        const given = { ...redis, createWriteStream, board, expect }
        await runExample(code, isOwn ? given : { ...given, store })
        if (!code.includes('store.close()')) expect((await store.check()).findings).toEqual([])
      } finally {
        await store.close()
        await admin.quit()
      }
    })
  })

  test('calls that cost one round trip are known', () => {
    expect(OF_ONE.length).toBeGreaterThan(20)
    expect(OF_ONE.filter((name) => ARGUMENTS[name] === undefined)).toEqual([])
  })

  test('calls make as many round trips as they tell', async () => {
    const client = new Redis(server.url, {
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    })
    let count = 0
    const callBuffer = client.callBuffer.bind(client)
    client.callBuffer = ((...args: Parameters<typeof callBuffer>) => {
      count++
      return callBuffer(...args)
    }) as typeof client.callBuffer
    const store = await redis.connectLeaderboards(client as unknown as redis.RedisClient)
    const windows = [{ name: 'cup', every: 'manual' }] as const
    const board = await store.createBoard('counted', { windows })
    await board.startSeason('cup', 'spring')
    const made: [name: string, count: number][] = []
    for (const name of OF_ONE) {
      const before = count
      await (Reflect.get(board, name) as (...args: unknown[]) => Promise<unknown>).apply(board, [
        ...(ARGUMENTS[name] ?? []),
      ])
      made.push([name, count - before])
    }
    expect(made).toEqual(OF_ONE.map((name) => [name, 1]))
    const ofStore: [name: string, count: number][] = []
    for (const [name, ...args] of OF_STORE) {
      const before = count
      await (Reflect.get(store, name) as (...args: unknown[]) => Promise<unknown>).apply(
        store,
        args,
      )
      ofStore.push([name, count - before])
    }
    expect(ofStore).toEqual(OF_STORE.map(([name]) => [name, toldTrips(name)]))
    await store.setProfile('ada', { name: 'Ada' })
    const before = count
    await store.setProfile('ada', { metadata: { a: 1 } })
    expect(count - before).toBe(toldTrips('setProfile'))
    expect((await store.check()).findings).toEqual([])
    await store.close()
    await client.quit()
  })
})
