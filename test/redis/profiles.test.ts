/**
 * Profiles on a server: one name of a player on every board, whoever gives it, in whatever order it is told.
 *
 * @module
 */

import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import type { ProfileOptions } from '../../src/index.ts'
import {
  connectLeaderboards,
  type RemoteBoard,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { keysOfAll } from '../../src/redis/slot/board-keys.ts'
import { partitionOf } from '../../src/redis/slot/partitions.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { clientWith, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'
import type { FakeClock } from '../support/temporary-store.ts'

/** Of the changes that are made at once. */
const ROUNDS = redisSizeOf('PROFILE_ROUNDS', { test: 40, whole: 1_000 })
const avatar = 'https://example.com/ada.png'

for (const partitions of [1, 4])
  describeOnRedis(`profiles on a server, boards of ${partitions}`, () => {
    test('have what is set, and null takes it away', () =>
      withRedisScene(async ({ store, other }) => {
        expect(await store.profile('ada')).toBeUndefined()
        expect(await store.setProfile('ada')).toEqual({ playerId: 'ada', name: 'ada' })
        await store.setProfile('ada', { name: 'Ada', avatar })
        await other.setProfile('ada', { metadata: { team: 'red' } })
        const all = { playerId: 'ada', name: 'Ada', avatar, metadata: { team: 'red' } }
        expect(await store.profile('ada')).toEqual(all)
        await store.setProfile('ada', { avatar: null, metadata: {} })
        expect(await other.profile('ada')).toEqual({ playerId: 'ada', name: 'Ada' })
        await store.setProfile('ada', { name: null })
        expect(await store.profile('ada')).toEqual({ playerId: 'ada', name: 'ada' })
      }))

    test('once there is one, every way to give a name gives it to all boards', () =>
      withRedisScene(async ({ store, other, clock }) => {
        const one = await store.board('one', { partitions })
        const two = await other.board('two', { partitions })
        await one.submit('p1', 5, { name: 'First' })
        clock.advance(1000)
        await two.submit('p1', 5, { name: 'Second' })
        expect(await namesOf(store, 'p1')).toEqual(['First', 'Second'])
        // A first profile makes one name of them: that of the newest entry.
        expect((await other.setProfile('p1', { metadata: { a: 1 } })).name).toBe('Second')
        // A board that comes later shows it too.
        const three = await store.board('three', { partitions })
        await three.submit('p1', 5)
        expect(await namesOf(store, 'p1')).toEqual(['Second', 'Second', 'Second'])
        await one.submit('p1', 1, { name: 'By submit', mode: 'best' })
        await expectName(store, 'p1', 'By submit')
        expect(await store.rename('p1', 'By rename')).toBe(3)
        await expectName(store, 'p1', 'By rename')
        await store.setProfile('p1', { name: 'By profile' })
        await expectName(store, 'p1', 'By profile')
        const many = [
          { playerId: 'p1', score: 6, name: 'By one' },
          { playerId: 'p2', score: 6, name: 'Other' },
          { playerId: 'p1', score: 7, name: 'By many' },
        ]
        await two.submitMany(many, { atomic: partitions === 1 })
        await expectName(store, 'p1', 'By many')
        expect(await store.profile('p2')).toBeUndefined()
        // The id takes the name away.
        await other.rename('p1', 'p1')
        await expectName(store, 'p1', 'p1')
      }))

    test('keep their name if a submit is refused, and for rows of a file', () =>
      withRedisScene(async ({ store }) => {
        const board = await store.board('arena', { partitions })
        await store.setProfile('ada', { name: 'Ada' })
        await store.setProfile('bob')
        const refused = () => board.submit('ada', 9, { name: 'New', only: 'existing' })
        expect(await problemIn(refused)).toBe('CONDITION_FAILED')
        expect((await store.profile('ada'))?.name).toBe('Ada')
        const rows = ['playerId,score,name\n', 'ada,5,Imported\n', 'bob,4,Bobby\n', 'cy,3,Cy\n']
        for (let i = 0; i < 2; i++) {
          await board.importFrom(rows, { format: 'csv', mode: 'increment' })
          expect((await board.top(3)).map(({ name }) => name)).toEqual(['Ada', 'bob', 'Cy'])
        }
        if (partitions > 1) return
        const full = await store.createBoard('full', { keep: 1 })
        await full.submit('best', 10)
        await full.submit('ada', 1, { name: 'New' })
        expect((await store.profile('ada'))?.name).toBe('Ada')
        await full.submit('ada', 99)
        await expectName(store, 'ada', 'Ada')
      }))

    test('are shown by hidden players, who come back with them', () =>
      withRedisScene(async ({ store, other }) => {
        const board = await store.board('arena', { partitions })
        await board.submit('p1', 5, { name: 'Ann' })
        await store.ban('p1', { submits: 'keep' })
        await other.setProfile('p1', { name: 'Bea' })
        await board.submit('p1', 6)
        await board.submit('p1', 7, { name: 'Cat' })
        await store.unban('p1')
        await expectName(store, 'p1', 'Cat')
      }))

    test('reach the season that is on, and boards with windows made later', () =>
      withRedisScene(async ({ store }) => {
        if (partitions > 1) return
        const windows = ['day', 'month'] as const
        const arena = await store.createBoard('arena', { windows })
        await arena.submit('p1', 5)
        await store.setProfile('p1', { name: 'Ann' })
        const cave = await store.createBoard('cave', { windows })
        await cave.submit('p1', 5)
        for (const name of ['Ann', 'Bea', 'Cat']) {
          if (name === 'Bea') await cave.submit('p1', 4, { mode: 'best', name })
          if (name === 'Cat') await store.rename('p1', name)
          for (const board of [arena, cave])
            for (const window of windows)
              expect((await (await board.window(window)).get('p1'))?.name).toBe(name)
        }
      }))

    test('are the first name of all, whichever of two was first', () =>
      withRedisScene(async ({ store, other }) => {
        const arena = await store.board('arena', { partitions })
        const cave = await other.board('cave', { partitions })
        await arena.submit('zoe', 1)
        for (let i = 0; i < 20; i++) {
          const id = `p${i}`
          await Promise.all([
            store.setProfile(id, i % 2 === 0 ? { name: 'Set' } : { avatar }),
            cave.submit(id, i, i % 4 < 2 ? { name: 'Given' } : {}),
            arena.submit(id, i, { name: 'Other' }),
            i % 3 === 0 ? other.rename(id, 'Renamed') : undefined,
          ])
          await expectOneName(store, id)
        }
      }))

    test(
      'are one name after many at once, on boards that come and go',
      () =>
        withRedisScene(async ({ store, other, admin }) => {
          const random = new Random(runSeed('profiles'))
          await withSeed(random, async () => {
            for (let i = 0; i < ROUNDS; i++) {
              const id = `p${random.below(6)}`
              const count = 2 + random.below(5)
              const changes = Array.from({ length: count }, (_, n) =>
                changeOf(random, { store: n % 2 === 0 ? store : other, partitions, id }),
              )
              await Promise.all(changes.map((change) => swallowing(change())))
              if ((await store.profile(id)) !== undefined) await expectOneName(store, id)
            }
          })
          expect(await admin.hlen('{ld:boards}:naming')).toBe(0)
        }),
      120_000,
    )

    test('are told by the next check if who set one was stopped', () =>
      withRedisScene(async ({ store, other, admin, clock }) => {
        const [arena, cave] = await boards(store, partitions)
        const call = callerOf(admin)
        const now = clock.now * 1000
        // Behind the first call; as for the name of the newest entry.
        await call('set_profile', [now, 'ada', 'sAda', 'k', 'k'])
        await call('set_profile', [now, 'bob', 'k', 'k', 'k'])
        expect(await namesOf(store, 'ada')).toEqual(['ada', 'ada'])
        await other.check()
        await expectName(store, 'ada', 'Ada')
        await expectName(store, 'bob', 'Bob of cave')
        expect(await admin.hlen('{ld:boards}:naming')).toBe(0)
        // Asked for meanwhile, it is found.
        await call('set_profile', [now, 'cyd', 'k', 'k', 'k'])
        await cave.submit('cyd', 1, { name: 'Cyd' })
        await expectName(other, 'cyd', 'Cyd')
        await arena.submit('cyd', 1)
        await expectName(other, 'cyd', 'Cyd')
      }))

    test('take the name of a submit whose caller was stopped, if it was made, and never later', () =>
      withRedisScene(async ({ store, other, admin, clock, url }) => {
        await boards(store, partitions)
        await store.setProfile('ada', { name: 'Ada' })
        const call = callerOf(admin)
        const now = clock.now * 1000
        const [, [[, number]]] = (await call('words', [now, 'arena', 'ada', 'sLate'])) as Words
        // Nothing was made: it is struck out, and refused from then on.
        await other.check()
        expect(await admin.hlen('{ld:boards}:naming')).toBe(0)
        await expectName(store, 'ada', 'Ada')
        // What was made is found on the board, also if it was renamed elsewhere before.
        await stopBehindSubmit(url, clock, 'Stopped')
        expect(await namesOf(other, 'ada')).toEqual(['Stopped', 'Ada'])
        await other.check()
        await expectName(store, 'ada', 'Stopped')
        await stopBehindSubmit(url, clock, 'Older')
        await other.setProfile('ada', { name: 'Newer' })
        await other.check()
        await expectName(store, 'ada', 'Newer')
        expect(await admin.hlen('{ld:boards}:naming')).toBe(0)
        expect(number).toBeGreaterThan(0)
      }))

    // The end of a rename made boards forget the submit: one showed its name for good, and no other one did.
    test('take the name of a submit beside a rename that was stopped before', () =>
      withRedisScene(async ({ store, other, admin, clock, url }) => {
        await boards(store, partitions)
        await store.alter({ names: 'unique' })
        await callerOf(admin)('name_player', [clock.now * 1000, 'ada', 'sBefore', 'before'])
        await store.setProfile('ada', { name: 'Ada' })
        await stopBehindSubmit(url, clock, 'Stopped')
        await other.check()
        await expectName(store, 'ada', 'Stopped')
        expect(await admin.hlen('{ld:boards}:naming')).toBe(0)
      }))

    test('go to who takes the place of a player, and are gone for the one before', () =>
      withRedisScene(async ({ store, other }) => {
        const arena = await store.board('arena', { partitions })
        const to = companionOf('guest', partitions)
        await store.setProfile('guest', { name: 'Guest', avatar })
        await arena.submit('guest', 5)
        await other.movePlayer('guest', to)
        expect(await store.profile('guest')).toBeUndefined()
        expect(await store.profile(to)).toEqual({ playerId: to, name: 'Guest', avatar })
        await expectName(store, to, 'Guest')
        await arena.submit('guest', 1)
        expect(await namesOf(store, 'guest')).toEqual(['guest'])
        // Who has one keeps it; without an entry there is a profile to move, too.
        await store.setProfile('guest', { name: 'Second' })
        await store.removePlayer('guest')
        expect((await store.movePlayer('guest', to)).boards).toEqual([])
        expect(await store.profile('guest')).toBeUndefined()
        await expectName(store, to, 'Guest')
      }))

    test('are asked for once by a board that takes players with one only', () =>
      withRedisScene(async ({ store, other, admin }) => {
        const board = await other.createBoard('arena', { partitions })
        await store.alter('arena', { players: 'known', max: 9 })
        const submit = (id: string, score = 5) => problemIn(() => board.submit(id, score))
        expect(await submit('ada')).toBe('UNKNOWN_PLAYER')
        await store.setProfile('ada', { name: 'Ada' })
        expect(await submit('ada', 10)).toBe('OUT_OF_RANGE')
        expect(await submit('ada')).toMatch(/^answered/)
        expect(await submit('bob')).toBe('UNKNOWN_PLAYER')
        await expectName(store, 'ada', 'Ada')
        const many = ['ada', 'bob'].map((playerId) => ({ playerId, score: 6 }))
        const sent = () => board.submitMany(many, { atomic: partitions === 1 })
        expect(await problemIn(sent)).toBe('Submission 1: UNKNOWN_PLAYER')
        const rows = ['playerId,score,name\n', 'ada,7,New\n', 'bob,7,Bob\n']
        const options = { format: 'csv', rules: true, skipBad: true } as const
        expect(await board.importFrom(rows, options)).toMatchObject({ imported: 1, skipped: 1 })
        // By the rules a row gives a name as a submit does.
        await expectName(store, 'ada', 'New')
        expect(await store.profile('bob')).toBeUndefined()
        const calls = await commandsOf(admin, () => board.submit('ada', 8))
        expect(calls).toBe(1)
        await store.movePlayer('ada', companionOf('ada', partitions))
        expect(await submit('ada')).toBe('UNKNOWN_PLAYER')
        await store.alter('arena', { players: null })
        expect(await submit('bob')).toMatch(/^answered/)
      }))

    test('cost boards without them nothing: not a key, not a call', () =>
      withRedisScene(async ({ store, admin }) => {
        const [arena] = await boards(store, partitions)
        await arena.submit('eve', 1, { name: 'Eve' })
        await store.rename('eve', 'Eva')
        const keys = await admin.keys('*')
        expect(keys.filter((key) => /:o$|people|naming/.test(key))).toEqual([])
      }))
  })

test.each<[string, ProfileOptions]>([
  ['an avatar over http', { avatar: 'http://example.com/a.png' }],
  ['an empty name', { name: '' }],
  ['a field that there is not', { nick: 'a' } as never],
])('setProfile() on a server refuses %s', (_what, profile) =>
  withRedisScene(async ({ store }) => {
    expect(await problemIn(() => store.setProfile('ada', profile))).toMatch(/Error$/)
    expect(await store.profile('ada')).toBeUndefined()
  }),
)

type Words = [version: string, [[profile: unknown, number: number]]]

async function boards(
  store: RemoteLeaderboards,
  partitions: number,
): Promise<[RemoteBoard, RemoteBoard]> {
  const arena = await store.board('arena', { partitions })
  const cave = await store.board('cave', { partitions })
  for (const board of [arena, cave]) {
    await board.submit('ada', 5)
    await board.submit('bob', 5, { name: `Bob of ${board.name}` })
  }
  return [arena, cave]
}

async function namesOf(store: RemoteLeaderboards, playerId: string): Promise<string[]> {
  return (await store.boardsOf(playerId)).map(({ entry }) => entry.name)
}

async function expectName(store: RemoteLeaderboards, id: string, name: string): Promise<void> {
  expect(new Set(await namesOf(store, id))).toEqual(new Set([name]))
  expect((await store.profile(id))?.name).toBe(name)
}

async function expectOneName(store: RemoteLeaderboards, id: string): Promise<void> {
  const { name } = (await store.profile(id)) ?? {}
  const names = await namesOf(store, id)
  expect(names).toEqual(names.map(() => name))
}

// A change of a player, or of boards.
function changeOf(
  random: Random,
  { store, partitions, id }: { store: RemoteLeaderboards; partitions: number; id: string },
): () => Promise<unknown> {
  const board = `board ${random.below(3)}`
  const name = `Name ${random.below(100)}`
  const opened = (): Promise<RemoteBoard> => store.board(board, { partitions })
  return random.pick([
    () => store.setProfile(id, { name }),
    () => store.setProfile(id, { metadata: { name } }),
    () => store.rename(id, name),
    async () => (await opened()).remove(id),
    async () => (await opened()).submit(id, 1),
    async () => (await opened()).submit(id, 2, { name }),
    async () => (await opened()).submit(id, 3, { name, requestId: `${id} ${name}` }),
    async () => random.chance(0.2) && store.dropBoard(board),
  ])
}

async function swallowing(work: Promise<unknown>): Promise<void> {
  await work.catch(({ code }) => expect(['NO_BOARD', 'UNAVAILABLE', 'UNKNOWN']).toContain(code))
}

// A submit whose caller goes no further: it does not see whether the board has the name.
async function stopBehindSubmit(url: string, clock: FakeClock, name: string): Promise<void> {
  const client = clientWith(url, (args) => {
    if (args.includes('named')) throw new Error('stopped')
  })
  const stopped = await connectLeaderboards(client, { clock: clock.read })
  const board = await stopped.openBoard('arena')
  expect(await problemIn(() => board.submit('ada', 6, { name }))).toBe('UNKNOWN')
  await stopped.close()
  await client.quit()
}

// How many functions were called.
async function commandsOf(admin: Redis, work: () => Promise<unknown>): Promise<number> {
  await admin.config('RESETSTAT')
  await work()
  const stats = await admin.info('commandstats')
  return Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

// Another player of the same partition.
function companionOf(playerId: string, partitions: number): string {
  const ids = Array.from({ length: 99 }, (_, i) => `companion ${i}`)
  const isThere = (id: string): boolean => {
    return partitionOf(id, partitions) === partitionOf(playerId, partitions)
  }
  return ids.find(isThere) as string
}

// Calls a function as its library does.
function callerOf(admin: Redis): (name: string, args: (string | number)[]) => Promise<unknown> {
  return async (name, args) => {
    const all = JSON.stringify(await admin.call('FUNCTION', 'LIST'))
    const [full = ''] = new RegExp(`ladderdb_1_[0-9a-f]{8}_${name}"`).exec(all) ?? []
    const keys = keysOfAll('ld')
    return admin.fcall(full.slice(0, -1), keys.length, ...keys, ...args)
  }
}
