/**
 * Primaries of a cluster that are killed under load, and replicas that take over.
 *
 * A replica hears nothing in the last moments of its primary. What is acknowledged with `durability: 'replicated'`
 * is there afterwards; without, the number of those that are lost is told.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  connectLeaderboards,
  type RemoteBoard,
  type RemoteDurability,
} from '../../src/redis/index.ts'
import { type TestCluster, until, withCluster } from '../support/redis-cluster.ts'
import { describeOnRedis, redisSizeOf, type TestServer } from '../support/redis-server.ts'

const KILLS = redisSizeOf('REDIS_KILLS', { test: 1, whole: 25 })
/** What a submitter rests after each submit. */
const REST_MS = redisSizeOf('REDIS_REST_MS', { test: 200, whole: 0 })
const TIMEOUT_MS = 120_000 + KILLS * 60_000
const SUBMITTERS = 30
const DEAF_MS = 300

interface Submitted {
  kept: string[]
  refused: Map<string, number>
}

describeOnRedis('failovers of a cluster', () => {
  test(
    `lose no submit that a replica had, through ${KILLS}`,
    () => withCluster((cluster) => killAll(cluster, 'replicated'), { replicas: 1 }),
    TIMEOUT_MS,
  )

  test.runIf(KILLS > 1)(
    `may lose others, through ${KILLS}`,
    () => withCluster((cluster) => killAll(cluster, 'memory'), { replicas: 1 }),
    TIMEOUT_MS,
  )
})

async function killAll(cluster: TestCluster, durability: RemoteDurability): Promise<void> {
  await using store = await connectLeaderboards(cluster.urls, { durability })
  const board = await store.board('arena', { partitions: 8 })
  const submitted: Submitted = { kept: [], refused: new Map() }
  // Who serves the slots of each shard, and who stands by.
  const pairs = cluster.primaries.map((primary, i): [TestServer, TestServer] => [
    primary,
    cluster.replicas[i] as TestServer,
  ])
  let isOver = false
  const submitters = Array.from({ length: SUBMITTERS }, async (_, i) => {
    for (let n = 0; !isOver; n++) {
      await submitOne(board, `${i}-${n}`, submitted)
      if (REST_MS > 0) await sleep(REST_MS)
    }
  })
  for (let i = 0; i < KILLS; i++) {
    const pair = pairs[i % 3] as [TestServer, TestServer]
    const [primary, replica] = pair
    await sleep(300)
    replica.pause()
    // What is on its way would still be read.
    await primary.ask('CLIENT KILL TYPE replica')
    await sleep(DEAF_MS)
    await primary.kill()
    replica.resume()
    await until(() => isPrimary(replica))
    await until(() => answers(board))
    await primary.start()
    await until(() => isSynchronised(primary))
    pair.reverse()
  }
  isOver = true
  await Promise.all(submitters)
  const { kept, refused } = submitted
  const lost = await lostOf(board, kept)
  console.info(
    `${durability}: ${lost} of ${kept.length} acknowledged submits lost in ${KILLS} failovers; refused: ${JSON.stringify([...refused])}`,
  )
  expect(kept.length).toBeGreaterThan(20 * KILLS)
  if (durability === 'replicated') expect(lost).toBe(0)
  expect([...refused.keys()].filter((code) => !REFUSALS.includes(code))).toEqual([])
  expect((await store.check()).findings).toEqual([])
}

const REFUSALS = ['UNAVAILABLE', 'UNKNOWN', 'NOT_REPLICATED']

async function submitOne(board: RemoteBoard, id: string, submitted: Submitted): Promise<void> {
  const { kept, refused } = submitted
  try {
    await board.submit(id, kept.length, { ranks: false })
    kept.push(id)
  } catch (error) {
    const { code = String(error) } = error as { code?: string }
    refused.set(code, (refused.get(code) ?? 0) + 1)
    await sleep(20 + REST_MS / 2)
  }
}

async function lostOf(board: RemoteBoard, ids: readonly string[]): Promise<number> {
  let lost = 0
  for (let i = 0; i < ids.length; i += 1_000) {
    const { missing } = await board.among(ids.slice(i, i + 1_000))
    lost += missing.length
  }
  return lost
}

async function answers(board: RemoteBoard): Promise<boolean> {
  try {
    return (await board.size()) >= 0
  } catch {
    return false
  }
}

async function isPrimary(server: TestServer): Promise<boolean> {
  return (await server.ask('INFO replication')).includes('role:master')
}

async function isSynchronised(server: TestServer): Promise<boolean> {
  return (await server.ask('INFO replication')).includes('master_link_status:up')
}
