/**
 * Boards on a Redis or Valkey server, for hosts that run one already or outgrow one machine.
 *
 * @example
 * import { connectLeaderboards } from 'ladderdb/redis'
 *
 * await using store = await connectLeaderboards('redis://localhost:6379')
 * const arena = await store.board('arena', { mode: 'best' })
 * const { rank } = await arena.submit('alice', 1500)
 *
 * @module
 */

import { checkFields } from '../calls/options.ts'
import { checkWord, show } from '../calls/values.ts'
import { LadderError } from '../ground/errors.ts'
import { publishAllCalls } from '../measures/published-calls.ts'
import { RemoteBoard } from './board/remote-board.ts'
import { contextOfRemoteView, placeOfRemoteView } from './board/remote-questions.ts'
import type { Connection, SingleConnection } from './client/connection.ts'
import type { RedisClient, RedisClusterClient } from './client/ioredis-client.ts'
import {
  type ClusterConnection,
  connectByAddresses,
  connectByCluster,
} from './client/ioredis-cluster.ts'
import { connectByAddress, connectByClient } from './client/ioredis-connection.ts'
import { RemoteLeaderboards } from './remote-leaderboards.ts'
import { withClusterReplicas } from './replicas/cluster-replicas.ts'
import { withReplicas } from './replicas/open-replicas.ts'
import { RemoteContext } from './slot/remote-context.ts'
import { makeChangesWhole } from './slot/whole-changes.ts'
import { finishMove } from './store/remote-move.ts'
import { contextOfRemote, placeOfRemote } from './store/remote-reports.ts'
import type { RemoteDurability } from './words.ts'

makeChangesWhole(RemoteBoard.prototype, contextOfRemoteView)
makeChangesWhole(RemoteLeaderboards.prototype, contextOfRemote)
publishAllCalls(RemoteBoard.prototype, placeOfRemoteView)
publishAllCalls(RemoteLeaderboards.prototype, placeOfRemote)

export { type ManyOptions, RemoteBoard } from './board/remote-board.ts'
export type { ChangesOptions } from './board/remote-live.ts'
export { RemoteWindow } from './board/remote-window.ts'
export type { RedisClient, RedisClusterClient, RedisNode } from './client/ioredis-client.ts'
export {
  openSortedSet,
  type SortedSet,
  type SortedSetOptions,
  type SortedSetRow,
} from './imports/sorted-set.ts'
export { RemoteLeaderboards } from './remote-leaderboards.ts'
export { REFUSED_CALLS } from './slot/refused-calls.ts'
export type {
  RemoteBoardInfo,
  RemoteBoardSettings,
  RemoteBoardSize,
  RemoteDurability,
  RemoteStanding,
  RemoteStoreSettings,
  RemoteStoreStats,
  ReplicaState,
} from './words.ts'

/** Options of `connectLeaderboards`. */
export interface ConnectOptions {
  /** When a change counts as made. Default `memory`: when the server replies. */
  durability?: RemoteDurability | undefined
  /** What all keys begin with. Default `ld`. */
  prefix?: string | undefined
  /**
   * Who answers questions: `primary` (default), or `replica`, one that is late by at most `maxLagMs`, and never
   * without this store's own changes; the primary if there is none such, or while nobody has asked for a while.
   */
  readFrom?: 'primary' | 'replica' | undefined
  /** How late a replica may be, milliseconds. Default 100. */
  maxLagMs?: number | undefined
  /** Addresses of replicas. Default: those that the primary names. A cluster names its own, always. */
  replicas?: readonly string[] | undefined
  /** Milliseconds since 1970, for tests. Default: the clock of the server. */
  clock?: (() => number) | undefined
}

const MAX_LAG_MS = 100
const LEVELS: readonly RemoteDurability[] = ['memory', 'replicated', 'disk']

/**
 * Connects to a server by its address, to a cluster by the addresses of some nodes, or with a client of ioredis 6
 * (`Redis` or `Cluster`) that the caller made and ends. The server is given the functions of this release if
 * it does not have them. Cost: a few round trips.
 *
 * @throws {TypeError | RangeError} for any other target, for options that do not exist or have a wrong shape, for
 *   an address with parameters other than `family`, and for a client that repeats writes: make it with
 *   `autoResendUnfulfilledCommands: false` and `maxRetriesPerRequest: 0`.
 * @throws {LadderError} `UNAVAILABLE`, `PERMISSION`, `IO`; `NO_PACKAGE` if ioredis is not installed; `UNSUPPORTED`
 *   if the server is not set up for the durability that is asked for, or if replicas are asked for and none is
 *   known, or the target is a cluster.
 * @example
 * const store = await connectLeaderboards('redis://localhost:6379', { prefix: 'games' })
 * const arena = await store.board('arena', { mode: 'best' })
 * await arena.submit('ada', 900)
 * await arena.rank('ada') // 1
 * await store.close()
 */
export async function connectLeaderboards(
  target: string | readonly string[] | RedisClient,
  options: ConnectOptions = {},
): Promise<RemoteLeaderboards> {
  checkTarget(target)
  const checked = checkConnectOptions(options)
  const { durability = 'memory', prefix = 'ld', clock } = checked
  const connection = await connectionTo(target, checked)
  try {
    if (durability === 'disk') await checkDisk(connection)
    await connection.load()
  } catch (error) {
    await connection.close()
    throw error
  }
  return new RemoteLeaderboards(
    new RemoteContext(connection, { durability, prefix, clock, finishMove }),
  )
}

async function connectionTo(
  target: string | readonly string[] | RedisClient,
  options: Partial<ConnectOptions>,
): Promise<Connection> {
  if (typeof target === 'string')
    return readingFrom(await connectByAddress(target), target, options)
  if (isCluster(target)) checkNoAddresses(options)
  if (Array.isArray(target))
    return readingFromCluster(await connectByAddresses(target as readonly string[]), options)
  const client = target as RedisClient | RedisClusterClient
  if ('isCluster' in client && client.isCluster)
    return readingFromCluster(await connectByCluster(client), options)
  return readingFrom(connectByClient(client), undefined, options)
}

// The client takes an empty address for a server on this machine, as if somebody had named that.
function checkTarget(target: unknown): void {
  const isAddress = (value: unknown): boolean => typeof value === 'string' && value !== ''
  if (Array.isArray(target) ? target.length > 0 && target.every(isAddress) : isAddress(target))
    return
  if (typeof (target as RedisClient | null | undefined)?.callBuffer === 'function') return
  throw new TypeError(
    `Cannot connect to ${Array.isArray(target) ? 'such a list' : show(target)}: give an address like 'redis://localhost:6379', those of some nodes of a cluster, or a client of ioredis`,
  )
}

function isCluster(target: readonly string[] | RedisClient): boolean {
  return Array.isArray(target) || ('isCluster' in target && target.isCluster === true)
}

async function readingFrom(
  primary: SingleConnection,
  address: string | undefined,
  { readFrom = 'primary', maxLagMs = MAX_LAG_MS, replicas }: Partial<ConnectOptions>,
): Promise<Connection> {
  if (readFrom === 'primary') return primary
  try {
    return await withReplicas(primary, { address, replicas, maxLagMs })
  } catch (error) {
    await primary.close()
    throw error
  }
}

function readingFromCluster(
  primaries: ClusterConnection,
  { readFrom = 'primary', maxLagMs = MAX_LAG_MS }: Partial<ConnectOptions>,
): Connection {
  return readFrom === 'primary' ? primaries : withClusterReplicas(primaries, { maxLagMs })
}

function checkNoAddresses({ replicas }: Partial<ConnectOptions>): void {
  if (replicas === undefined) return
  throw new TypeError(
    'Cannot use addresses of replicas with a cluster: it names its own; leave out replicas',
  )
}

function checkConnectOptions(options: ConnectOptions): Partial<ConnectOptions> {
  const any = { check: () => undefined }
  const fields = {
    ...{ durability: any, prefix: any, clock: any },
    ...{ readFrom: any, maxLagMs: any, replicas: any },
  } as unknown as Parameters<typeof checkFields>[1]['fields']
  const given = checkFields(options, { fields, what: 'options of connectLeaderboards()' })
  if (given.durability !== undefined) checkWord(given.durability, 'durability', LEVELS)
  if (given.readFrom !== undefined) checkWord(given.readFrom, 'readFrom', ['primary', 'replica'])
  if (given.maxLagMs !== undefined && !(given.maxLagMs > 0))
    throw new RangeError(`Cannot use ${given.maxLagMs} as maxLagMs: it must be above 0`)
  if (given.prefix !== undefined && !/^[\w.:-]{1,64}$/.test(given.prefix))
    throw new RangeError(
      `Cannot use "${given.prefix}" as prefix: it must be letters, digits, _ . : and -, 64 at most`,
    )
  return given
}

async function checkDisk(connection: Connection): Promise<void> {
  const appending = await connection.setting('appendonly')
  const syncing = await connection.setting('appendfsync')
  if (appending.every((on) => on === 'yes') && syncing.every((when) => when === 'always')) return
  throw new LadderError(
    'UNSUPPORTED',
    'Cannot promise durability: "disk": the server does not sync each write; set appendonly yes and appendfsync always, or ask for less',
  )
}
