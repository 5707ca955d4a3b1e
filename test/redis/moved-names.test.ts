/**
 * Unique names of players who are moved on a server, while others give names and callers are stopped half way: whoever goes
 * on, no name is two players'.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { foldName } from '../../src/domain/find.ts'
import {
  connectLeaderboards,
  type RedisClient,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { type RedisScene, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'

const ROUNDS = redisSizeOf('NAME_ROUNDS', { test: 8, whole: 1_000 })
const PLAYERS = ['p0', 'p1', 'p2', 'p3', 'p4']
const BOARDS = ['one', 'two', 'three']
const NAMES = ['Ann', 'ANN', 'Bea']

/** What may become of a change that others are in the way of, or whose process is stopped. */
const ALLOWED = ['NAME_TAKEN', 'BUSY', 'UNKNOWN', 'UNAVAILABLE']

for (const partitions of [1, 4])
  describeOnRedis(`unique names of moved players on a server, boards of ${partitions}`, () => {
    test(
      'are never those of two, wherever callers are stopped',
      () =>
        withRedisScene(async (scene) => {
          const { store } = scene
          for (const board of BOARDS) await store.createBoard(board, { partitions })
          await store.alter({ names: 'unique' })
          const random = new Random(runSeed(`moved names, partitions ${partitions}`))
          await using processes = await Processes.open(scene, random)
          await withSeed(random, async () => {
            for (let i = 0; i < ROUNDS; i++) {
              await processes.changeAtOnce()
              // Who comes next goes on for those who were stopped.
              if (random.chance(0.5)) scene.clock.advance(10_000)
              if (random.chance(0.5)) continue
              await store.check()
              await expectOwners(scene)
            }
          })
        }),
      Math.max(60_000, ROUNDS * 200),
    )
  })

/** Processes that change the same store; each may be stopped before any call that it makes. */
class Processes {
  readonly #clients: readonly StoppingClient[]
  readonly #stores: readonly RemoteLeaderboards[]
  readonly #random: Random

  private constructor(
    clients: readonly StoppingClient[],
    stores: readonly RemoteLeaderboards[],
    random: Random,
  ) {
    this.#clients = clients
    this.#stores = stores
    this.#random = random
  }

  static async open({ url, clock }: RedisScene, random: Random): Promise<Processes> {
    const clients = Array.from({ length: 4 }, () => new StoppingClient(url))
    const connect = (client: StoppingClient): Promise<RemoteLeaderboards> =>
      connectLeaderboards(client.redis as unknown as RedisClient, { clock: clock.read })
    return new Processes(clients, await Promise.all(clients.map(connect)), random)
  }

  async changeAtOnce(): Promise<void> {
    const random = this.#random
    const work = this.#clients.map(async (client, i) => {
      const store = this.#stores[i] as RemoteLeaderboards
      client.begin(random)
      for (let n = 0; n < 3; n++) await swallowing(changeOf(random, i === 0)(store))
    })
    await Promise.all(work)
    for (const client of this.#clients) client.goOn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.close()
    for (const { redis } of this.#clients) await redis.quit()
  }
}

/** A connection that is late now and then, and that breaks before or behind a call. */
class StoppingClient {
  readonly redis: Redis
  #left = Number.POSITIVE_INFINITY
  #random: Random | undefined

  constructor(url: string) {
    this.redis = new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
    const call = this.redis.callBuffer.bind(this.redis)
    this.redis.callBuffer = (async (...args: Parameters<typeof call>) => {
      for (let n = this.#random?.below(6) ?? 0; n > 0; n--) await this.redis.ping()
      if (this.#left < 1) throw new Error('stopped')
      const answer = await call(...args)
      if (--this.#left < 1) throw new Error('stopped')
      return answer
    }) as typeof call
  }

  begin(random: Random): void {
    this.#random = random
    this.#left = random.chance(0.5) ? random.below(60) : Number.POSITIVE_INFINITY
  }

  goOn(): void {
    this.#left = Number.POSITIVE_INFINITY
  }
}

function changeOf(
  random: Random,
  isMover: boolean,
): (store: RemoteLeaderboards) => Promise<unknown> {
  const [id, to, board] = [random.pick(PLAYERS), random.pick(PLAYERS), random.pick(BOARDS)]
  const name = random.pick(NAMES)
  if (isMover || random.chance(0.1)) return async (store) => id !== to && store.movePlayer(id, to)
  return random.pick<(store: RemoteLeaderboards) => Promise<unknown>>([
    (store) => store.setProfile(id, random.pick([{ name }, { name: null }, {}])),
    (store) => store.rename(id, random.pick([name, id])),
    async (store) => (await store.openBoard(board)).remove(id),
    async (store) => (await store.openBoard(board)).submit(id, 1),
    ...[2, 3, 4].map((score) => async (store: RemoteLeaderboards) => {
      return (await store.openBoard(board)).submit(id, score, { name })
    }),
    (store) => store.erase(id),
  ])
}

/** Whoever shows a name owns it: nobody else shows it, nor gets it. */
async function expectOwners({ store }: RedisScene): Promise<void> {
  const owners = new Map<string, string>()
  for (const id of PLAYERS) {
    const profile = await store.profile(id)
    const entries = await store.boardsOf(id)
    for (const name of [profile?.name, ...entries.map(({ entry }) => entry.name)]) {
      if (name === undefined || name === id) continue
      expect([name, owners.get(foldName(name)) ?? id]).toEqual([name, id])
      owners.set(foldName(name), id)
    }
  }
  for (const [name, id] of owners)
    expect([name, id, await problemIn(() => store.rename('stranger', name))]).toEqual([
      ...[name, id, 'NAME_TAKEN'],
    ])
}

async function swallowing(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => expect(ALLOWED, String(error)).toContain(error.code))
}
