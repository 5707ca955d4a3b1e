/**
 * A connection to one server by the package `ioredis`.
 *
 * The client must never repeat a write by itself: one whose answer was lost would count twice.
 *
 * @module
 */

import type { Changed, ServerArgument, ServerCall, SingleConnection } from './connection.ts'
import { LIBRARY_NAME } from './function-library.ts'
import {
  connected,
  endClient,
  loadIoredis,
  type RedisClient,
  SOCKET_MS,
  sendTogether,
} from './ioredis-client.ts'
import { type Replication, readReplication } from './replication.ts'
import { checkAddress } from './server-address.ts'
import { errorOfCall } from './server-errors.ts'
import { SharedWait } from './shared-wait.ts'
import { giveLibrary, withLibrary } from './with-library.ts'

const NEVER_TWICE = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
} as const

/**
 * Connects to a server by its address.
 *
 * @throws {TypeError} for an address with parameters.
 * @throws {LadderError} `NO_PACKAGE`, `UNAVAILABLE`, `PERMISSION`.
 */
export async function connectByAddress(address: string): Promise<SingleConnection> {
  return new IoredisConnection(await openClient(address), { isOurs: true })
}

/** Returns a client that is connected. @throws as `connectByAddress`. */
export async function openClient(address: string): Promise<RedisClient> {
  const { Redis } = await loadIoredis()
  const client: RedisClient = new Redis(checkAddress(address), {
    ...NEVER_TWICE,
    socketTimeout: SOCKET_MS,
    lazyConnect: true,
  })
  await connected(client)
  return client
}

/** Uses a client of the caller, who ends it. @throws {TypeError} if it repeats writes. */
export function connectByClient(client: RedisClient): SingleConnection {
  const options = client.options as Partial<typeof NEVER_TWICE>
  for (const name of ['autoResendUnfulfilledCommands', 'maxRetriesPerRequest'] as const)
    if (options[name] !== NEVER_TWICE[name])
      throw new TypeError(
        `Cannot use this client: it repeats writes whose answer was lost, and they would count twice; make it with ${name}: ${NEVER_TWICE[name]}`,
      )
  return new IoredisConnection(client, { isOurs: false })
}

class IoredisConnection implements SingleConnection {
  readonly #client: RedisClient
  readonly #isOurs: boolean
  readonly #wait = new SharedWait((args) => this.#send('WAIT', args, false))
  #loading: Promise<void> | undefined
  #by: object | undefined

  constructor(client: RedisClient, options: { isOurs: boolean }) {
    this.#client = client
    this.#isOurs = options.isOurs
  }

  call(call: ServerCall): Promise<unknown> {
    const { keys, args, isRead, name } = call
    const command = isRead ? 'FCALL_RO' : 'FCALL'
    const all = [`${LIBRARY_NAME}_${name}`, keys.length, ...keys, ...args]
    return withLibrary(
      () => this.#send(command, all, isRead),
      () => this.load(),
    )
  }

  batch(calls: readonly ServerCall[]): Promise<unknown[]> {
    return Promise.all(calls.map((call) => this.call(call)))
  }

  async callReplicated(
    call: ServerCall,
    asked: { replicas: number; timeoutMs: number },
  ): Promise<{ answer: unknown; replicas: number }> {
    const answer = await this.call(call)
    return { answer, replicas: await this.#wait.wait(asked) }
  }

  async change(
    call: ServerCall,
    asked?: { replicas: number; timeoutMs: number },
  ): Promise<Changed> {
    // One that breaks meanwhile answers nothing.
    const by = this.by()
    const answer = await this.call(call)
    return { answer, by, replicas: asked === undefined ? 0 : await this.#wait.wait(asked) }
  }

  // Who does not ask is told nothing: clients of the caller have few listeners.
  by(): object {
    if (this.#by === undefined) {
      this.#by = {}
      this.#client.on('close', () => {
        this.#by = {}
      })
    }
    return this.#by
  }

  async setting(name: string): Promise<(string | undefined)[]> {
    const found = (await this.#send('CONFIG', ['GET', name], true)) as Buffer[]
    return [found[1]?.toString()]
  }

  async replication(): Promise<Replication> {
    return readReplication(String(await this.#send('INFO', ['replication'], true)))
  }

  load(): Promise<void> {
    this.#loading ??= giveLibrary((args) => this.#send('FUNCTION', args, true)).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async close(): Promise<void> {
    if (this.#isOurs) await endClient(this.#client)
  }

  async #send(command: string, args: readonly ServerArgument[], isRead: boolean): Promise<unknown> {
    const { status } = this.#client
    const isSent = status === 'ready' || status === 'wait'
    sendTogether(this.#client)
    try {
      return await this.#client.callBuffer(command, ...args)
    } catch (cause) {
      throw errorOfCall(cause, { isRead, isSent })
    }
  }
}
