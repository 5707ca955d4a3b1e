/**
 * A connection to a cluster by the package `ioredis`, which knows where each slot lies.
 *
 * A node that answers with a redirection has done nothing, so it is followed. A change whose connection broke is never
 * repeated, and is waited for on the node that made it only.
 *
 * @module
 */

import { setTimeout as later } from 'node:timers/promises'
import { LadderError } from '../../ground/errors.ts'
import type { Changed, ServerArgument, ServerCall, TracedConnection } from './connection.ts'
import { LIBRARY_NAME } from './function-library.ts'
import {
  connected,
  endClient,
  loadIoredis,
  type RedisClient,
  type RedisClusterClient,
  type RedisNode,
  SOCKET_MS,
  sendTogether,
} from './ioredis-client.ts'
import { slotOf } from './key-slots.ts'
import { type Replication, readReplication } from './replication.ts'
import { checkAddress } from './server-address.ts'
import { errorOfCall } from './server-errors.ts'
import { SharedWait } from './shared-wait.ts'
import { giveLibrary, withLibrary } from './with-library.ts'

const NEVER_TWICE = { retryDelayOnFailover: 0 } as const
const SLOTS_REFRESH_MS = 1_000

// Waits of 10, 20, 40 ms … between tries: five seconds, in which a slot of small boards has moved.
const REDIRECTIONS_MAX = 9
const PAUSE_MS = 10

/** How often the map of slots is asked for again, with the same waits, if no node is known: 0.6 s in all. */
const HOLES_MAX = 5

/**
 * Connects to a cluster by the addresses of some of its nodes. User, password and TLS are those of the first.
 *
 * @throws {LadderError} `NO_PACKAGE`, `UNAVAILABLE`, `PERMISSION`.
 */
export async function connectByAddresses(addresses: readonly string[]): Promise<ClusterConnection> {
  const { Cluster } = await loadIoredis()
  const urls = addresses.map((address) => new URL(checkAddress(address)))
  const [first] = urls
  const nodes = urls.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 6379) }))
  const client: RedisClusterClient = new Cluster(nodes, {
    ...NEVER_TWICE,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    lazyConnect: true,
    redisOptions: {
      autoResendUnfulfilledCommands: false,
      socketTimeout: SOCKET_MS,
      ...(first?.username && { username: decodeURIComponent(first.username) }),
      ...(first?.password && { password: decodeURIComponent(first.password) }),
      ...(first?.protocol === 'rediss:' && { tls: {} }),
    },
  })
  await connected(client)
  return new ClusterConnection(client, { isOurs: true })
}

/** Uses a cluster client of the caller, who ends it. @throws {TypeError} if it repeats writes. */
export async function connectByCluster(client: RedisClusterClient): Promise<ClusterConnection> {
  const options = client.options as {
    retryDelayOnFailover?: number
    clusterNodeRetryStrategy?: unknown
  }
  if (options.retryDelayOnFailover !== 0 || typeof options.clusterNodeRetryStrategy === 'function')
    throw new TypeError(
      'Cannot use this cluster client: it repeats writes whose answer was lost, and they would count twice; make it with retryDelayOnFailover: 0 and without clusterNodeRetryStrategy',
    )
  await isReady(client)
  return new ClusterConnection(client, { isOurs: false })
}

async function isReady(client: RedisClusterClient): Promise<void> {
  if (client.status === 'wait') await client.connect()
  if (client.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    client.once('close', () => reject(unreachable('none of its nodes answers')))
  })
}

function unreachable(problem: string): LadderError {
  return new LadderError(
    'UNAVAILABLE',
    `Cannot reach the cluster: ${problem}; nothing was changed, try again`,
  )
}

/** A primary, and the addresses of its replicas. */
export interface ShardNodes {
  primary: RedisNode
  replicas: readonly string[]
}

/** A connection to the nodes of a cluster. */
export class ClusterConnection implements TracedConnection {
  readonly #client: RedisClusterClient
  readonly #isOurs: boolean
  readonly #waits = new Map<RedisNode, SharedWait>()
  #loading: Promise<void> | undefined
  #refreshing: Promise<void> | undefined

  constructor(client: RedisClusterClient, options: { isOurs: boolean }) {
    this.#client = client
    this.#isOurs = options.isOurs
  }

  async call(call: ServerCall): Promise<unknown> {
    return call.isRead ? this.#read(call) : (await this.#write(call)).answer
  }

  batch(calls: readonly ServerCall[]): Promise<unknown[]> {
    return Promise.all(calls.map((call) => this.call(call)))
  }

  async callReplicated(
    call: ServerCall,
    asked: { replicas: number; timeoutMs: number },
  ): Promise<{ answer: unknown; replicas: number }> {
    return this.change(call, asked)
  }

  async change(
    call: ServerCall,
    asked?: { replicas: number; timeoutMs: number },
  ): Promise<Changed> {
    const { answer, node } = await this.#write(call)
    // A node that is lost is another one when it is back.
    const replicas = asked === undefined ? 0 : await this.#waitOf(node).wait(asked)
    return { answer, replicas, by: node }
  }

  /** The primaries that are known. */
  primaries(): RedisNode[] {
    return this.#client.nodes('master')
  }

  /** Returns who holds a slot, as the map says it; undefined if that node is not known. */
  nodesOf(slot: number): ShardNodes | undefined {
    return this.#shardOf(this.#client.slots[slot] ?? [])
  }

  /** Returns all primaries that hold slots. */
  shards(): ShardNodes[] {
    const shards = new Map<RedisNode, ShardNodes>()
    // The slots of a range share a list.
    for (const addresses of new Set(this.#client.slots)) {
      const shard = addresses && this.#shardOf(addresses)
      if (shard !== undefined) shards.set(shard.primary, shard)
    }
    return [...shards.values()]
  }

  /** Returns the connection to a replica; undefined without one. */
  replicaAt(address: string): RedisNode | undefined {
    return nodeAt(address, this.#client.nodes('slave'))
  }

  /** Asks a replica. */
  readOn(node: RedisNode, call: ServerCall): Promise<unknown> {
    return this.#send(node, commandOf(call), true)
  }

  /** Returns where a node stands in the stream of changes. */
  async replicationOf(node: RedisNode): Promise<Replication> {
    // Without another look at the map: this is asked all the time, and nodes may be away for long.
    return readReplication(String(await node.callBuffer('info', 'replication')))
  }

  async setting(name: string): Promise<(string | undefined)[]> {
    const found = await Promise.all(
      this.#client.nodes('master').map((node) => this.#send(node, ['config', 'GET', name], true)),
    )
    return found.map((pair) => (pair as Buffer[])[1]?.toString())
  }

  load(): Promise<void> {
    this.#loading ??= Promise.all(
      this.#client
        .nodes('master')
        .map((node) => giveLibrary((args) => this.#send(node, ['function', ...args], true))),
    )
      .then(() => undefined)
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }

  async close(): Promise<void> {
    if (this.#isOurs) await endClient(this.#client)
  }

  // The package follows redirections, and knows no way to tell which node answered.
  #read(call: ServerCall): Promise<unknown> {
    const node = this.#knownNodeOf(call.keys[0] as string)
    return this.#withLibrary(() => {
      if (node !== undefined) sendTogether(node)
      return this.#send(this.#client, commandOf(call), true)
    })
  }

  async #write(call: ServerCall): Promise<{ answer: unknown; node: RedisNode }> {
    const command = commandOf(call)
    for (let i = 1; ; i++) {
      const node = await this.#nodeOf(call.keys[0] as string)
      try {
        return { answer: await this.#withLibrary(() => this.#send(node, command, false)), node }
      } catch (error) {
        // The node does not hold the slot any more, or not all of it, and has done nothing.
        if (!isRedirection((error as Error).cause) || i > REDIRECTIONS_MAX) throw error
        await this.#refresh()
        // A slot that is being moved is whole on neither node.
        if (!isMoved(error)) await later(PAUSE_MS * 2 ** (i - 1))
      }
    }
  }

  // A node that cannot be given the functions may be none of the call.
  #withLibrary(call: () => Promise<unknown>): Promise<unknown> {
    return withLibrary(call, () => this.load().catch(() => undefined))
  }

  async #send(
    client: RedisClient,
    [command, ...args]: readonly [string, ...ServerArgument[]],
    isRead: boolean,
  ): Promise<unknown> {
    // A node that is not connected yet is asked when it is, or not at all.
    const isSent = client.status === 'ready'
    const { status } = this.#client
    try {
      // Without the map of slots calls would wait for it, however long.
      if (status !== 'ready') throw new Error(`the cluster is not ready: ${status}`)
      sendTogether(client)
      return await client.callBuffer(command, ...args)
    } catch (cause) {
      const error = errorOfCall(cause, { isRead, isSent })
      if (error.code === 'UNAVAILABLE' || error.code === 'UNKNOWN') this.#refresh()
      throw error
    }
  }

  // Right after a node came or went, the map of slots has holes for a moment.
  async #nodeOf(key: string): Promise<RedisNode> {
    for (let i = 0; ; i++) {
      const node = this.#knownNodeOf(key)
      if (node !== undefined) return node
      if (i > HOLES_MAX) throw unreachable('no node holds the slot of the board')
      if (i > 0) await later(PAUSE_MS * 2 ** i)
      await this.#refresh()
    }
  }

  #knownNodeOf(key: string): RedisNode | undefined {
    return this.nodesOf(slotOf(key))?.primary
  }

  #shardOf([address, ...replicas]: readonly string[]): ShardNodes | undefined {
    const primary = address === undefined ? undefined : nodeAt(address, this.primaries())
    return primary && { primary, replicas }
  }

  #waitOf(node: RedisNode): SharedWait {
    let wait = this.#waits.get(node)
    if (wait === undefined) {
      // Nodes that are gone are let go.
      const nodes = new Set(this.#client.nodes('master'))
      for (const known of this.#waits.keys()) if (!nodes.has(known)) this.#waits.delete(known)
      wait = new SharedWait((args) => this.#send(node, ['wait', ...args], false))
      this.#waits.set(node, wait)
    }
    return wait
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= new Promise<void>((resolve) => {
      this.#client.refreshSlotsCache(() => resolve())
    }).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }
}

function nodeAt(address: string, nodes: readonly RedisNode[]): RedisNode | undefined {
  return nodes.find(({ options: { host, port } }) => `${host}:${port}` === address)
}

function isMoved(error: unknown): boolean {
  return /^MOVED /.test(((error as Error).cause as Error).message)
}

function isRedirection(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|TRYAGAIN) /.test(error.message)
}

function commandOf({ name, keys, args, isRead }: ServerCall): [string, ...ServerArgument[]] {
  const command = isRead ? 'fcall_ro' : 'fcall'
  return [command, `${LIBRARY_NAME}_${name}`, keys.length, ...keys, ...args]
}
