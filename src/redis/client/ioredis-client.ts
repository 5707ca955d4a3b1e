/**
 * What is used of a client of ioredis, and how the package is loaded, which only those need who use this engine.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import { errorOfCall } from './server-errors.ts'

/** What is used of a client of ioredis. */
export interface RedisClient {
  readonly status: string
  readonly options: object
  /** The way to the server; none before the first connection, and none of a whole cluster. */
  readonly stream?: { cork(): void; uncork(): void; readonly writableCorked: number } | undefined
  callBuffer(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>
  connect(): Promise<void>
  quit(): Promise<unknown>
  disconnect(): void
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown
}

/** What is used of a cluster client of ioredis. */
export interface RedisClusterClient extends RedisClient {
  readonly isCluster: boolean
  /** The addresses of the nodes that hold each slot, the primary first. */
  readonly slots: readonly (readonly string[])[]
  nodes(role: 'master' | 'slave'): RedisNode[]
  once(event: 'ready' | 'close', listener: () => void): unknown
  refreshSlotsCache(callback: (error?: Error | null) => void): void
}

/** One node of a cluster, as its client knows it. */
export interface RedisNode extends RedisClient {
  readonly options: {
    host?: string | undefined
    port?: number | undefined
    /** Whether it is known as a replica. */
    readOnly?: boolean | undefined
  }
}

/** What is used of the package. */
export interface Ioredis {
  Redis: new (address: string, options: object) => RedisClient
  Cluster: new (nodes: { host: string; port: number }[], options: object) => RedisClusterClient
}

/** A server that says nothing for so long is taken for gone: its calls fail, and it is connected to again. */
export const SOCKET_MS = 10_000

/** Loads the package. @throws {LadderError} `NO_PACKAGE`. */
export async function loadIoredis(): Promise<Ioredis> {
  try {
    return (await import('ioredis')) as unknown as Ioredis
  } catch (cause) {
    throw new LadderError(
      'NO_PACKAGE',
      'Cannot connect to Redis: the package ioredis is not installed; run npm install ioredis@6',
      { cause },
    )
  }
}

/**
 * Connects a client of our own. From then on each call tells its own failure.
 *
 * @throws {LadderError} `UNAVAILABLE`, `PERMISSION`, `IO`.
 */
export async function connected(client: RedisClient): Promise<void> {
  // The promise only says that the connection is closed. If the database of the address cannot be selected, the client
  // connects all the same, and goes on in database 0.
  let reason: unknown
  client.on('error', (error) => {
    reason = error
  })
  await client.connect().catch((cause: unknown) => {
    reason ??= cause
  })
  if (reason === undefined) return
  client.disconnect()
  throw errorOfCall(reason, { isRead: true, isSent: false })
}

/**
 * Lets what is asked in this turn leave in one piece. The client writes each call by itself, which costs more than the
 * call: of ten pings at once it takes half the processor time here, and three fourths on the server.
 */
export function sendTogether({ stream }: RedisClient): void {
  if (stream === undefined || stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

/** Ends a client of our own, also one that was lost before. */
export async function endClient(client: RedisClient): Promise<void> {
  try {
    await client.quit()
  } catch {
    client.disconnect()
  }
}
