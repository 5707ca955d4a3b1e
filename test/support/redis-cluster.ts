/**
 * A cluster of the tests' own: primaries that share the slots evenly, and replicas if asked for, on the loopback.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { freePort, openServer, type TestServer } from './redis-server.ts'

const SLOTS = 16_384
const NODE_TIMEOUT_MS = 1_500
const READY_MS = 60_000

/** A cluster that runs. */
export interface TestCluster {
  urls: readonly string[]
  primaries: readonly TestServer[]
  /** As many for each primary as asked for, in the order of the primaries. */
  replicas: readonly TestServer[]
}

/** Runs `body` with a cluster of three primaries, each with so many replicas. */
export async function withCluster(
  body: (cluster: TestCluster) => Promise<void>,
  options: { replicas?: number } = {},
): Promise<void> {
  const { cluster, end } = await openCluster(options)
  try {
    await body(cluster)
  } finally {
    await end()
  }
}

/** Has one cluster for the tests of a group, which leave its nodes running: each finds them empty. */
export function clusterOfGroup(options: { replicas?: number } = {}): () => TestCluster {
  let opened: OpenCluster | undefined
  beforeAll(async () => {
    opened = await openCluster(options)
  })
  beforeEach(() => opened?.empty())
  afterAll(() => opened?.end())
  return () => (opened as OpenCluster).cluster
}

interface OpenCluster {
  cluster: TestCluster
  empty(): Promise<void>
  end(): Promise<void>
}

// It takes no less than two seconds: as long a node waits before it takes part.
async function openCluster({ replicas = 0 }: { replicas?: number } = {}): Promise<OpenCluster> {
  const opened = await Promise.all(Array.from({ length: 3 * (1 + replicas) }, () => openNode()))
  const servers = opened.map(({ server }) => server)
  const admins = servers.map(({ url }) => new Redis(url))
  for (const admin of admins) admin.on('error', () => undefined)
  const end = async (): Promise<void> => {
    for (const admin of admins) admin.disconnect()
    for (const { end } of opened) await end()
  }
  try {
    await join(admins, opened)
  } catch (error) {
    await end()
    throw error
  }
  const cluster = {
    urls: servers.map(({ url }) => url),
    primaries: servers.slice(0, 3),
    replicas: servers.slice(3),
  }
  const empty = async (): Promise<void> => {
    for (const admin of admins) await admin.flushall().catch(unlessReplica)
  }
  return { cluster, empty, end }
}

/** Passes over the failure of a change that a replica refuses: it has what its primary has, whichever that is now. */
export function unlessReplica(error: Error): void {
  if (!error.message.startsWith('READONLY')) throw error
}

/** Waits until `isTrue` answers so; fails after a minute. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + READY_MS; ; await sleep(40)) {
    if (await isTrue()) return
    if (Date.now() > end) throw new Error('It did not come to that within a minute')
  }
}

const PAUSE_MS = 30

/**
 * Moves a slot from the first node to the second, as redis-cli does it: key by key, so that it is whole on neither for a
 * while. What the keys that leave last end with is `last`.
 */
export async function moveSlot(
  urls: readonly string[],
  slot: number,
  { last = '' }: { last?: string } = {},
): Promise<void> {
  const [from, to] = urls.slice(0, 2).map((url) => new Redis(url)) as [Redis, Redis]
  const [fromId, toId] = (await Promise.all(
    [from, to].map((node) => node.call('CLUSTER', 'MYID')),
  )) as [string, string]
  await until(async () => (await keysIn(from, slot)).length >= 3)
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  const { port } = new URL(urls[1] as string)
  const keys = await keysIn(from, slot)
  const isLast = (key: string): number => (last !== '' && key.endsWith(last) ? 1 : 0)
  for (const key of keys.sort((a, b) => isLast(a) - isLast(b))) {
    await from.call('MIGRATE', '127.0.0.1', port, key, 0, 5_000)
    await sleep(PAUSE_MS)
  }
  for (const node of [to, from]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
  for (const node of [from, to]) node.disconnect()
}

async function keysIn(node: Redis, slot: number): Promise<string[]> {
  return (await node.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
}

interface Node {
  server: TestServer
  end: () => Promise<void>
  busPort: number
}

// A port that was free may be taken a moment later, by a connection of some other process.
async function openNode(attempt = 1): Promise<Node> {
  try {
    return await openNodeOnce()
  } catch (error) {
    if (attempt === 5 || !/already in use|Failed listening/.test(String(error))) throw error
    return openNode(attempt + 1)
  }
}

async function openNodeOnce(): Promise<Node> {
  const busPort = await freePort()
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    'cluster-node-timeout': String(NODE_TIMEOUT_MS),
    // The other partitions go on.
    'cluster-require-full-coverage': 'no',
    'repl-diskless-sync-delay': '0',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  return { ...(await openServer(args)), busPort }
}

async function join(admins: readonly Redis[], nodes: readonly Node[]): Promise<void> {
  for (const [i, admin] of admins.entries()) {
    await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
    if (i >= 3) continue
    const first = Math.floor((i * SLOTS) / 3)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', first, Math.floor(((i + 1) * SLOTS) / 3) - 1)
  }
  for (const { server, busPort } of nodes) {
    const { hostname, port } = new URL(server.url)
    await (admins[0] as Redis).call('CLUSTER', 'MEET', hostname, port, busPort)
  }
  await until(() => everyNode(admins, (info) => info.includes(`known_nodes:${nodes.length}\r`)))
  for (const [i, admin] of admins.entries()) {
    if (i < 3) continue
    const primary = await (admins[i % 3] as Redis).call('CLUSTER', 'MYID')
    await until(async () => {
      try {
        return (await admin.call('CLUSTER', 'REPLICATE', primary as string)) === 'OK'
      } catch {
        return false
      }
    })
    await until(async () => (await admin.info('replication')).includes('master_link_status:up'))
  }
  await until(() => everyNode(admins, (info) => info.includes('cluster_state:ok')))
  // A replica is on the map once the others heard how far it is: further than at the very beginning, where it would be
  // for the ten seconds until its primary says that it is still there.
  for (const admin of admins.slice(0, 3)) await admin.flushall()
  await until(async () => {
    const maps = await Promise.all(admins.map((admin) => admin.call('CLUSTER', 'SLOTS')))
    return maps.every((map) => nodesIn(map as SlotsReply) === nodes.length)
  })
}

type SlotsReply = [first: number, last: number, ...nodes: unknown[]][]

function nodesIn(map: SlotsReply): number {
  return map.reduce((sum, [, , ...nodes]) => sum + nodes.length, 0)
}

async function everyNode(
  admins: readonly Redis[],
  isFine: (info: string) => boolean,
): Promise<boolean> {
  const infos = await Promise.all(admins.map((admin) => admin.call('CLUSTER', 'INFO')))
  return infos.every((info) => isFine(String(info)))
}
