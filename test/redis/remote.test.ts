/**
 * What the contract does not say of boards on a server: refusals, lost libraries and connections, durability.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { CALLS } from '../../src/calls/index.ts'
import {
  connectLeaderboards,
  REFUSED_CALLS,
  type RemoteBoard,
  RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { cuttingProxy } from '../support/cutting-proxy.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'

describeOnRedis('boards on a server', () => {
  test('have every call of the table, or refuse it by name', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('arena')
      const absent: string[] = []
      for (const [name, { owner }] of Object.entries(CALLS)) {
        if (owner === 'module') continue
        const target = owner === 'board' ? board : store
        if (typeof Reflect.get(target, name) !== 'function') absent.push(name)
      }
      expect(absent).toEqual([])
      const unkept = board as unknown as { history(): unknown }
      expect(await problemIn(() => unkept.history())).toBe('UNSUPPORTED')
      expect(await problemIn(() => board.submit('ann', 1, { won: true }))).toBe('UNSUPPORTED')
      const many = [{ playerId: 'ann', score: 1, won: true }]
      expect(await problemIn(() => board.submitMany(many))).toBe('Submission 0: UNSUPPORTED')
      expect(await problemIn(() => store.board('b', { keep: 5, partitions: 4 }))).toBe(
        'UNSUPPORTED',
      )
      expect(await problemIn(() => store.board('b', { log: 'all' }))).toBe('UNSUPPORTED')
    }))

  test('are checked by the options of a check', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      await (await store.board('arena')).submit('ann', 1)
      const stages: string[] = []
      const looks: number[] = []
      await store.check({
        onStage: (stage) => stages.push(stage),
        onProgress: ({ done }) => looks.push(done),
      })
      expect(stages).toEqual(['board "arena"'])
      expect(looks.at(-1)).toBeGreaterThan(0)
      const controller = new AbortController()
      const onStage = (): void => controller.abort()
      const check = (options: object): Promise<string> => problemIn(() => store.check(options))
      expect(await check({ signal: controller.signal, onStage })).toBe('ABORTED')
      expect(await check({ signal: AbortSignal.abort() })).toBe('ABORTED')
      expect(await check({ history: true })).toBe('UNSUPPORTED')
      expect(await check({ hstory: true })).toBe('TypeError')
    }))

  test('go on when the server has lost its functions', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('arena', { mode: 'increment' })
      await board.submit('ann', 1)
      const admin = new Redis(url)
      await admin.call('FUNCTION', 'FLUSH', 'SYNC')
      await admin.quit()
      const answers = await Promise.all([1, 1, 1].map((score) => board.submit('ann', score)))
      expect(answers.map(({ score }) => score)).toEqual([2, 3, 4])
    }))

  // The client took parameters for options that it puts before ours: with these it made 2 of a submit whose answer was
  // lost. A prefix was passed over, and all went under another one.
  test('are at no address with parameters that the client would take, or pass over', () =>
    withRedis(async ({ url }) => {
      for (const stray of ['autoResendUnfulfilledCommands=true', 'maxRetriesPerRequest=9', 'x']) {
        const refused = /^Cannot use "\w+" in the address of a server: only family is taken there/
        const address = `${url}/0?${stray}`
        await expect(connectLeaderboards(address)).rejects.toThrow(refused)
        await expect(connectLeaderboards([address])).rejects.toThrow(refused)
      }
      await expect(connectLeaderboards(`${url}?prefix=game`)).rejects.toThrow(
        'give the prefix as an option of connectLeaderboards',
      )
      await using store = await connectLeaderboards(`${url}?family=4`)
      expect(await store.boards()).toEqual([])
    }))

  // Half of them took any, and did as if they had not seen them.
  test('take no options where the embedded engine takes none', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.createBoard('arena', { windows: [{ name: 'w', every: 'manual' }] })
      const known: Record<string, unknown> = {
        ...{ name: 'arena', playerId: 'ada', score: 5, window: 'w', season: 's1', place: 1 },
      }
      for (const [name, { owner, options, arguments: fields }] of Object.entries(CALLS)) {
        if (owner === 'module' || options !== undefined || name in REFUSED_CALLS) continue
        const of = (owner === 'board' ? board : store) as unknown as Record<string, AnyCall>
        const asked = async () => {
          return of[name]?.(...Object.keys(fields).map((field) => known[field]), { stray: 1 })
        }
        await expect(asked(), name).rejects.toThrow('Cannot use "stray" in options of')
      }
    }))

  // A clock that was set wrong was told to be a matter of zone data.
  test.each([9e14, -1, Number.NaN, 1_800_000_000])(
    'take no time from a clock that says %d',
    (now) =>
      withRedis(async ({ url }) => {
        let said = 1_800_000_000_000
        await using store = await connectLeaderboards(url, { clock: () => said })
        const board = await store.createBoard('arena', { windows: ['day'] })
        const seasons = await board.window('day')
        await board.submit('ann', 1)
        said = now
        for (const work of [
          () => board.submit('ann', 2),
          () => board.submit('ann', 2, { at: 1_800_000_000_000 }),
          () => board.windows(),
          () => seasons.top(),
          () => store.ban('ann'),
          () => store.createBoard('other'),
        ])
          await expect(work()).rejects.toThrow(`Cannot use ${now} as the time`)
        said = 1_800_000_000_000
        expect((await board.top()).map(({ score }) => score)).toEqual([1])
        expect(await store.bans()).toEqual([])
      }),
  )

  // An empty address was that of whatever server listens on port 6379; most others ended in words of the client.
  test('are nowhere but at an address or a client', async () => {
    for (const target of [undefined, null, 5, {}, '', [], [''], new URL('redis://localhost:1')])
      await expect(connectLeaderboards(target as string)).rejects.toThrow(
        /^Cannot connect to .*: give an address like 'redis:/,
      )
  })

  // A list with such an entry ended in a TypeError, and what the server said of the other one was a fault of the server.
  test('tell of keys that something else wrote to', () =>
    withRedis(async (server) => {
      await using store = await connectLeaderboards(server.url)
      const board = await store.board('arena')
      await board.submit('ann', 1)
      await server.ask('HDEL ld{arena}:p ann')
      await expect(board.top()).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringContaining('there is no record of player "ann"'),
      })
      await server.ask('SET ld{arena}:p other')
      expect(await problemIn(() => board.get('ann'))).toBe('CORRUPT')
    }))

  test('say why they cannot be reached', () =>
    withRedis(async ({ url }) => {
      await expect(connectLeaderboards('redis://127.0.0.1:1')).rejects.toThrow(
        'Cannot reach the server: connect ECONNREFUSED 127.0.0.1:1; nothing was changed, check that it runs at this address',
      )
      await expect(connectLeaderboards(`${url}/99`)).rejects.toThrow('DB index is out of range')
      // It ended the process.
      await expect(connectLeaderboards(`${url}/game`)).rejects.toThrow('"game" as database')
      await expect(connectLeaderboards([url, url])).rejects.toThrow('give its address alone')
      const proxy = await cuttingProxy(Number(new URL(url).port))
      await using store = await connectLeaderboards(proxy.url)
      const board = await store.board('arena')
      proxy.cutNext('answer')
      await expect(board.submit('ann', 1)).rejects.toThrow(
        'Cannot tell what became of the change: the connection broke; it may',
      )
      await proxy.close()
      await expect(board.top()).rejects.toThrow(
        /^Cannot reach the server: (?:there is no connection|Connection is closed|the connection broke); nothing/,
      )
    }))

  // A client that repeats by itself made 25 of 20 increments.
  test('count a submit whose answer was lost once, and say UNKNOWN', () =>
    withRedis(async ({ url }) => {
      const cutting = await cuttingProxy(Number(new URL(url).port))
      await using direct = await connectLeaderboards(url)
      await using store = await connectLeaderboards(cutting.url)
      const board = await store.board('arena', { mode: 'increment' })
      await board.submit('ann', 1)
      for (let i = 0; i < 5; i++) {
        cutting.cutNext('answer')
        expect(await problemIn(() => board.submit('ann', 1))).toBe('UNKNOWN')
        await untilAnswers(board)
      }
      const there = await direct.openBoard('arena')
      expect((await there.get('ann'))?.score).toBe(6)
      cutting.cutNext('answer')
      expect(await problemIn(() => board.get('ann'))).toBe('UNAVAILABLE')
      await cutting.close()
    }))

  test('keep what was answered when the server is killed, if it syncs each write', () =>
    withRedis(
      async (server) => {
        await using store = await connectLeaderboards(server.url, { durability: 'disk' })
        const board = await store.board('arena')
        const kept: string[] = []
        const submitter = async (name: string): Promise<string> => {
          for (let i = 0; ; i++) {
            const problem = await problemIn(async () => {
              await board.submit(`${name} ${i}`, i)
              kept.push(`${name} ${i}`)
            })
            if (!problem.startsWith('answered')) return problem
            if (kept.length >= 100) await server.kill()
          }
        }
        const ends = await Promise.all(['a', 'b', 'c', 'd'].map(submitter))
        expect(ends.filter((end) => end !== 'UNKNOWN' && end !== 'UNAVAILABLE')).toEqual([])
        expect(kept.length).toBeGreaterThanOrEqual(100)
        await server.start()
        await using later = await connectLeaderboards(server.url)
        const ranks = await (await later.openBoard('arena')).ranks(kept)
        expect(ranks).not.toContain(undefined)
        expect((await later.check()).findings).toEqual([])
      },
      ['--appendonly', 'yes', '--appendfsync', 'always'],
    ))

  test('promise no more than the server is set up for', () =>
    withRedis(async ({ url }) => {
      const disk = { durability: 'disk' } as const
      expect(await problemIn(() => connectLeaderboards(url, disk))).toBe('UNSUPPORTED')
      await using store = await connectLeaderboards(url, { durability: 'replicated' })
      const board = await store.board('arena')
      expect(await problemIn(() => board.submit('ann', 1))).toBe('NOT_REPLICATED')
      // Each is made on the primary, as the error says, with all the calls that it takes.
      expect(await board.get('ann')).toMatchObject({ score: 1 })
      const parted = await store.board('parted', { partitions: 4 })
      expect(await problemIn(() => parted.submit('ann', 2))).toBe('NOT_REPLICATED')
      expect(await parted.rank('ann')).toBe(1)
      expect(await problemIn(() => store.setProfile('ann', { name: 'Ann' }))).toBe('NOT_REPLICATED')
      expect(await board.get('ann')).toMatchObject({ name: 'Ann' })
      expect(await problemIn(() => store.movePlayer('ann', 'bob'))).toBe('NOT_REPLICATED')
      expect([await board.rank('bob'), await parted.rank('bob')]).toEqual([1, 1])
      const imported = await store.board('imported')
      const file = ['playerId,score\ncat,3\n']
      expect(await problemIn(() => imported.importFrom(file, { format: 'csv' }))).toBe(
        'NOT_REPLICATED',
      )
      expect(await imported.rank('cat')).toBe(1)
      const names = (await store.boards()).map(({ name }) => name)
      expect(names).toEqual(['arena', 'imported', 'parted'])
      expect((await store.check()).findings).toEqual([])
      const client = new Redis(url, { lazyConnect: true })
      expect(await problemIn(() => connectLeaderboards(client))).toBe('TypeError')
      client.disconnect()
      expect(await problemIn(() => connectLeaderboards('redis://127.0.0.1:1'))).toBe('UNAVAILABLE')
      const wrong = { durable: 'disk' } as object
      expect(await problemIn(() => connectLeaderboards(url, wrong))).toBe('TypeError')
    }))

  // Each store that connected kept the server from all else for 10 ms.
  test('have the functions from the first store that connects, the others load none', () =>
    withRedis(async (server) => {
      await server.ask('FUNCTION FLUSH SYNC')
      await server.ask('CONFIG RESETSTAT')
      for (let i = 0; i < 3; i++) await (await connectLeaderboards(server.url)).close()
      expect(await server.ask('INFO commandstats')).toContain('cmdstat_function|load:calls=1,')
    }))

  test('are closed with their store', () =>
    withRedis(async ({ url }) => {
      const store = await connectLeaderboards(url)
      expect(store).toBeInstanceOf(RemoteLeaderboards)
      const board = await store.board('arena')
      await store.close()
      await store.close()
      expect(await problemIn(() => board.size())).toBe('CLOSED')
    }))
})

async function untilAnswers(board: RemoteBoard): Promise<void> {
  while ((await problemIn(() => board.size())) === 'UNAVAILABLE') await sleep(5)
}

type AnyCall = (...given: unknown[]) => unknown
