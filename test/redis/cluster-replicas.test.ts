/**
 * Questions that the replicas of a cluster answer: beside the embedded engine, behind changes that a replica lacks, while
 * slots move and while replicas take over.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { slotOf } from '../../src/redis/client/key-slots.ts'
import {
  connectLeaderboards,
  type RemoteBoard,
  type RemoteDurability,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { keysOfPartitions } from '../../src/redis/slot/partitions.ts'
import { run, runServing } from '../cli/support.ts'
import { problemOf } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { clusterOfGroup, moveSlot, until, withCluster } from '../support/redis-cluster.ts'
import { describeOnRedis, redisSizeOf, type TestServer } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { TwoEngines } from './two-engines.ts'

const OPERATIONS = redisSizeOf('REDIS_REPLICA_OPERATIONS', { test: 60, whole: 100_000 })
const FAILOVERS = redisSizeOf('REDIS_REPLICA_FAILOVERS', { test: 1, whole: 20 })
/** What players rest between changes while replicas take over. */
const REST_MS = redisSizeOf('REDIS_REST_MS', { test: 500, whole: 0 })
const TIMEOUT_MS = Math.max(120_000, OPERATIONS * 60, FAILOVERS * 60_000)
/** So late that a replica which hears nothing for the time of a test is not left out for that. */
const LATE_MS = 60_000
const PLAYERS = 40

describeOnRedis('replicas of a cluster', () => {
  const cluster = clusterOfGroup({ replicas: 1 })

  test.each([1, 4, 16])(
    `answer as the embedded engine does through ${OPERATIONS} operations: %i partitions`,
    (partitions) =>
      withStore(
        async ({ store, clock }) => {
          const { urls } = cluster()
          const random = new Random(runSeed(`beside replicas, ${partitions}`))
          const connecting = { readFrom: 'replica', maxLagMs: LATE_MS } as const
          const parts = { embedded: store, urls, partitions, connecting, clock, random }
          const engines = await TwoEngines.open(parts)
          await withSeed(random, () => engines.run(OPERATIONS))
          expect(readsOf(engines.remote)).toBeGreaterThan(OPERATIONS / 4)
          await engines.close()
        },
        { durability: 'relaxed' },
      ),
    TIMEOUT_MS,
  )

  // A replica that may not log in to its primary any more answers on, from what it has.
  test.each([1, 4, 16])(
    'that hear nothing show nobody less than the own changes: %i partitions',
    async (partitions) => {
      const { urls, replicas } = cluster()
      await using store = await connectLeaderboards(urls, {
        readFrom: 'replica',
        maxLagMs: LATE_MS,
      })
      const board = await store.board('arena', { partitions })
      const ids = idsOf('p')
      await Promise.all(ids.map((id, i) => board.submit(id, i)))
      await untilRead(store, () => board.among(ids))
      try {
        await Promise.all(replicas.map(deafen))
        const missing: string[] = []
        for (const id of idsOf('q')) {
          await board.submit(id, 1_000)
          if ((await board.get(id)) === undefined) missing.push(id)
          await board.remove(id)
          if ((await board.get(id)) !== undefined) missing.push(`${id} removed`)
        }
        expect(missing).toEqual([])
        await store.dropBoard('arena')
        expect(await store.hasBoard('arena')).toBe(false)
        const again = await store.board('arena', { partitions })
        await again.submit('new', 1)
        expect(await again.rank('new')).toBe(1)
        expect(await again.size()).toBe(1)
      } finally {
        await Promise.all(replicas.map(hearAgain))
      }
    },
    TIMEOUT_MS,
  )

  test('that are late are not asked', async () => {
    const { urls, replicas } = cluster()
    await using writer = await connectLeaderboards(urls)
    await using store = await connectLeaderboards(urls, { readFrom: 'replica' })
    await (await writer.board('arena')).submit('ann', 1)
    const board = await store.openBoard('arena')
    await untilRead(store, () => board.rank('ann'))
    try {
      await Promise.all(replicas.map(deafen))
      await (await writer.openBoard('arena')).submit('bob', 2)
      await sleep(200)
      expect(await board.rank('ann')).toBe(2)
    } finally {
      await Promise.all(replicas.map(hearAgain))
    }
    await untilRead(store, () => board.rank('ann'))
    expect(await board.rank('bob')).toBe(1)
  })

  test('have to be there, and are named by the cluster', async () => {
    const { urls } = cluster()
    const readFrom = 'replica'
    const problem = (options: object): Promise<string | undefined> =>
      codeOf(async () => (await connectLeaderboards(urls, options)).close())
    expect(await problem({ readFrom, replicas: urls })).toBe('TypeError')
    expect(await problem({ readFrom, maxLagMs: 0 })).toBe('RangeError')
    await using store = await connectLeaderboards(urls, { readFrom })
    expect(store.replicas()).toHaveLength(3)
  })

  test('answer who asks over HTTP', async () => {
    const { urls, replicas } = cluster()
    await using store = await connectLeaderboards(urls)
    await (await store.board('arena')).submit('ann', 5)
    await Promise.all(replicas.map((replica) => replica.ask('CONFIG RESETSTAT')))
    const place = `${urls.join(',')}?readFrom=replica&maxLagMs=${LATE_MS}`
    await runServing(['--redis', place, '--json', 'serve', '--port', '0'], async (url) => {
      await until(async () => {
        const ranked = await fetch(`${url}/api/v1/boards/arena/players/ann/rank`)
        expect(await ranked.json()).toEqual({ result: 1 })
        return (await Promise.all(replicas.map(isAsked))).includes(true)
      })
    })
    const { status, stderr } = await run(['--redis', `${urls[0]}?readFrom=nearest`, 'top'])
    expect(status).toBeGreaterThan(0)
    expect(stderr).toContain('readFrom')
  })

  // The last key to go is the one that says that there is a board: a replica would answer that nobody plays.
  test.each([1, 4])('leave no player out while a slot moves: %i partitions', async (partitions) => {
    const { urls } = cluster()
    await using store = await connectLeaderboards(urls, { readFrom: 'replica', maxLagMs: LATE_MS })
    const name = boardOnFirst(partitions)
    const board = await store.board(name, { partitions })
    const ids = idsOf('p')
    await Promise.all(ids.map((id, i) => board.submit(id, i)))
    await untilRead(store, () => board.among(ids))
    let isMoving = true
    const wrong: string[] = []
    const reading = (async () => {
      while (isMoving)
        try {
          const { entries } = await board.among(ids)
          if (entries.length !== PLAYERS) wrong.push(`${entries.length} of all`)
          const rank = await board.rank('p0')
          if (rank !== PLAYERS) wrong.push(`rank ${rank}`)
          const size = await board.size()
          if (size !== PLAYERS) wrong.push(`size ${size}`)
        } catch (error) {
          wrong.push(String(error))
        }
    })()
    await moveSlot(urls, slotOf(keyOf(name, partitions)), { last: ':m' })
    await sleep(200)
    isMoving = false
    await reading
    expect(wrong).toEqual([])
    await untilRead(store, () => board.among(ids))
  })
})

describeOnRedis('replicas of a cluster that take over', () => {
  test(
    `show the own changes, ${FAILOVERS} times by command, ${FAILOVERS} times from one that was killed`,
    () =>
      withCluster(
        async ({ urls, primaries, replicas }) => {
          const pairs = primaries.map((primary, i) => [primary, replicas[i] as TestServer])
          const nextPair = async (i: number, work: (pair: TestPair) => Promise<void>) => {
            const pair = pairs[i % 3] as TestPair
            await work(pair)
            pair.reverse()
          }
          // Nobody takes a slow node for one that is away.
          await setNodeTimeout([...primaries, ...replicas], 60_000)
          const ordered = await readThrough(urls, 'memory', async (reads) => {
            for (let i = 0; i < FAILOVERS; i++) {
              await nextPair(i, ([, replica]) => takeOver(replica))
              await reads()
            }
          })
          expect(ordered).toEqual([])
          await setNodeTimeout([...primaries, ...replicas], 1_500)
          const lost = await readThrough(urls, 'replicated', async (reads) => {
            for (let i = 0; i < FAILOVERS; i++) {
              await nextPair(i, async ([primary, replica]) => {
                await primary.kill()
                await until(() => said(replica, 'role:master'))
                await primary.start()
                await until(() => said(primary, 'master_link_status:up'))
              })
              await reads()
            }
          })
          // Who holds the slots meanwhile: nobody.
          expect(lost.filter((code) => code !== 'UNAVAILABLE')).toEqual([])
        },
        { replicas: 1 },
      ),
    TIMEOUT_MS,
  )
})

type TestPair = [primary: TestServer, replica: TestServer]

/**
 * Changes boards and asks for each change at once, until `work` is done, which is given a way to wait until replicas
 * answer again. Returns the codes of the errors of questions.
 */
async function readThrough(
  urls: readonly string[],
  durability: RemoteDurability,
  work: (reads: () => Promise<void>) => Promise<void>,
): Promise<string[]> {
  await using store = await connectLeaderboards(urls, { readFrom: 'replica', durability })
  const boards = await Promise.all(
    [4, 16].map((partitions) => store.board(`${durability} ${partitions}`, { partitions })),
  )
  let isOver = false
  const lacking: string[] = []
  const codes = new Set<string>()
  const ask = async (board: RemoteBoard, id: string, score: number): Promise<void> => {
    const there = (await board.get(id))?.score
    if (there !== score) lacking.push(`${id} has ${there} for ${score}`)
    if ((await board.rank(id)) === undefined) lacking.push(`${id} has no rank`)
  }
  const asking = boards.flatMap((board) =>
    idsOf('p').map(async (id, i) => {
      for (let score = 1; !isOver; score++) {
        const outcome = await codeOf(() => board.submit(id, score, { ranks: false }))
        const code = outcome ?? (await codeOf(() => ask(board, id, score)))
        if (outcome === undefined && code !== undefined) codes.add(code)
        await sleep(code === undefined ? REST_MS + i : 20 + REST_MS / 5)
      }
    }),
  )
  const reads = async (): Promise<void> => {
    for (const board of boards) await untilRead(store, () => board.among(idsOf('p')))
  }
  await reads()
  await work(reads)
  isOver = true
  await Promise.all(asking)
  expect(lacking).toEqual([])
  expect((await store.check()).findings).toEqual([])
  return [...codes]
}

async function codeOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return problemOf(error)
  }
}

function idsOf(letter: string): string[] {
  return Array.from({ length: PLAYERS }, (_, i) => `${letter}${i}`)
}

function readsOf(store: RemoteLeaderboards): number {
  return store.replicas().reduce((sum, { reads }) => sum + reads, 0)
}

/** Asks until replicas answer. */
async function untilRead(store: RemoteLeaderboards, ask: () => Promise<unknown>): Promise<void> {
  const before = readsOf(store)
  await until(async () => {
    await ask().catch(() => undefined)
    return readsOf(store) > before
  })
}

async function isAsked(server: TestServer): Promise<boolean> {
  return (await server.ask('INFO commandstats')).includes('cmdstat_fcall_ro:')
}

function keyOf(name: string, partitions: number): string {
  const [keys = []] = keysOfPartitions('ld', name, partitions)
  return partitions === 1 ? `ld{${name}}:e` : (keys[0] as string)
}

function boardOnFirst(partitions: number): string {
  const names = Array.from({ length: 100 }, (_, i) => `arena${i}`)
  return names.find((name) => slotOf(keyOf(name, partitions)) < 5_000) as string
}

async function deafen(replica: TestServer): Promise<void> {
  await replica.ask('CONFIG SET masterauth wrong')
  await replica.ask('CLIENT KILL TYPE master')
}

async function hearAgain(replica: TestServer): Promise<void> {
  await replica.ask('CONFIG SET masterauth ""')
  await until(() => said(replica, 'master_link_status:up'))
}

// A node gives up after five seconds, as on a machine that has much to do.
async function takeOver(replica: TestServer): Promise<void> {
  const isPrimary = (): Promise<boolean> => said(replica, 'role:master')
  while (!(await isPrimary())) {
    await replica.ask('CLUSTER FAILOVER')
    for (let i = 0; i < 100 && !(await isPrimary()); i++) await sleep(60)
  }
}

async function setNodeTimeout(servers: readonly TestServer[], ms: number): Promise<void> {
  for (const server of servers) await server.ask(`CONFIG SET cluster-node-timeout ${ms}`)
}

async function said(server: TestServer, words: string): Promise<boolean> {
  return (await server.ask('INFO replication')).includes(words)
}
