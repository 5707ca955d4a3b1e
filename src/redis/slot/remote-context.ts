/**
 * What all boards of a connected store share: the connection, the clock, and how durable a change is.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { setTimeout as later } from 'node:timers/promises'
import { readClock } from '../../calls/clock.ts'
import { toMicros } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import { FUTURE_ALLOWANCE_MS } from '../../ground/limits.ts'
import type { Connection, ServerArgument, ServerCall } from '../client/connection.ts'
import { ReplicaReads } from '../replicas/replica-reads.ts'
import type { RemoteDurability, ReplicaState } from '../words.ts'
import { keysOfAll } from './board-keys.ts'

const REPLICATED_MS = 1_000

/** How long a change that may be made again is tried: a failover takes some seconds. */
const REPEAT_MS = 10_000
const PAUSE_MS = 10
const PAUSE_MS_MAX = 250

/** How many stores of a prefix this process connected to. */
const connected = new Map<string, number>()

/** What a board is told of the store before it is made. */
export interface ToldFirst {
  /** Bans of all boards: ids of players and bans by turns. */
  bans: readonly Buffer[]
  /** The settings of the store as boards are told them; empty if they are the usual ones. */
  settings: string
  /** The version up to which profiles are known; empty before the first one. */
  people: string
}

/** What a slot does not know how to do, and a store does. */
type FinishMove = (context: RemoteContext, id: string, asked: string) => Promise<void>

/** An open connection with what was asked of it. */
export class RemoteContext {
  readonly prefix: string
  /** How messages name the store. */
  readonly label: string
  readonly futureAllowanceMs: number = FUTURE_ALLOWANCE_MS
  readonly #connection: Connection
  readonly #durability: RemoteDurability
  readonly #clock: (() => number) | undefined
  readonly #finishMove: FinishMove
  /** The change that is under way, and whether no replica had a part of it. */
  readonly #change = new AsyncLocalStorage<{ isMissed: boolean }>()
  #seenMicros = 0
  #isClosed = false

  constructor(
    connection: Connection,
    options: {
      prefix: string
      durability: RemoteDurability
      clock: (() => number) | undefined
      finishMove: FinishMove
    },
  ) {
    this.#connection = connection
    this.prefix = options.prefix
    this.#durability = options.durability
    this.#clock = options.clock
    this.#finishMove = options.finishMove
    this.label = labelOf(options.prefix)
  }

  /** The time that the caller's clock gives; undefined: the server's is used. @throws as `readClock`. */
  givenMicros(): number | undefined {
    return this.#clock && toMicros(readClock(this.#clock))
  }

  /** The wall clock of this process, by which a time far in the future is refused. */
  wallMicros(): number {
    return this.givenMicros() ?? toMicros(Date.now())
  }

  /** The latest time that this process was answered: what it submits next is later, on every board. */
  get seenMicros(): number {
    return this.#seenMicros
  }

  /** The present as far as this process knows: near enough, for a function says if another season is on. */
  get presentMicros(): number {
    return Math.max(this.wallMicros(), this.#seenMicros)
  }

  noteSeen(micros: number): void {
    if (micros > this.#seenMicros) this.#seenMicros = micros
  }

  /** Returns an id that no board has had. */
  newId(): string {
    return randomBytes(8).toString('hex')
  }

  /** Makes a call; a change is answered when it is as durable as was asked. */
  async call(call: ServerCall): Promise<unknown> {
    this.assertOpen()
    const change = this.#change.getStore()
    // What no replica had once, none is waited for again.
    if (call.isRead || this.#durability !== 'replicated' || change?.isMissed === true)
      return this.#again(call, () => this.#connection.call(call))
    const asked = { replicas: 1, timeoutMs: REPLICATED_MS }
    const { answer, replicas } = await this.#again(call, () =>
      this.#connection.callReplicated(call, asked),
    )
    if (replicas < 1 && change === undefined) throw notReplicated()
    if (replicas < 1 && change !== undefined) change.isMissed = true
    return answer
  }

  /**
   * Makes a change that may take several calls, all of them, and then says if no replica had some of it: half a
   * change would be left otherwise, which is told as made.
   *
   * @throws {LadderError} `NOT_REPLICATED`, and what `work` throws.
   */
  wholeChange<T>(work: () => Promise<T>): Promise<T> {
    if (this.#durability !== 'replicated' || this.#change.getStore() !== undefined) return work()
    const change = { isMissed: false }
    return replicated(change, this.#change.run(change, work))
  }

  /** Asks what mends something on its way: whether a replica has that is not told. */
  mending<T>(work: () => Promise<T>): Promise<T> {
    if (this.#durability !== 'replicated') return work()
    return this.#change.run({ isMissed: false }, work)
  }

  /** Makes calls that do not wait for one another. */
  batch(calls: readonly ServerCall[]): Promise<unknown[]> {
    this.assertOpen()
    return this.#connection.batch(calls)
  }

  /** Puts a name on the list of all, before the first change to its board; returns what that is to be told first. */
  async claim(name: string): Promise<ToldFirst> {
    const reply = await this.ofAll('claim', [name, this.givenMicros() ?? ''])
    const [bans, settings, people] = reply as [Buffer[], Buffer, Buffer]
    return { bans, settings: settings.toString(), people: people.toString() }
  }

  /** Returns the names of all boards, and of some that are not there, in the order of their bytes. */
  async names(): Promise<string[]> {
    const found = (await this.ofAll('names', [], { isRead: true })) as Buffer[]
    return found
      .map((name) => name.toString())
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  /** Returns what is known of the replicas that are read from. */
  replicas(): ReplicaState[] {
    return this.#connection instanceof ReplicaReads ? this.#connection.replicas() : []
  }

  /** How late an answer may be, milliseconds. */
  get lagMs(): number {
    return this.#connection instanceof ReplicaReads ? this.#connection.maxLagMs : 0
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#connection.close()
  }

  assertOpen(): void {
    if (this.#isClosed)
      throw new LadderError('CLOSED', 'Cannot use the store: it was closed; connect again')
  }

  /** Makes the rest of a move of players whose caller was stopped. */
  finishMove(id: string, asked: string): Promise<void> {
    return this.#finishMove(this, id, asked)
  }

  /** Makes a call of what concerns all boards. */
  ofAll(
    name: string,
    args: readonly ServerArgument[],
    { isRead = false }: { isRead?: boolean } = {},
  ): Promise<unknown> {
    return this.call({ name, keys: keysOfAll(this.prefix), args, isRead })
  }

  // What may be made again is, for a while, if the way to the server breaks under it.
  async #again<T>({ isRepeatable }: ServerCall, work: () => Promise<T>): Promise<T> {
    if (isRepeatable !== true) return work()
    const endMs = performance.now() + REPEAT_MS
    let unknown: unknown
    for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
      try {
        return await work()
      } catch (error) {
        const { code } = error as LadderError
        if (code === 'UNKNOWN') unknown ??= error
        else if (code !== 'UNAVAILABLE' || unknown === undefined) throw error
        if (this.#isClosed || performance.now() >= endMs) throw unknown
      }
      await later(pauseMs)
    }
  }
}

function labelOf(prefix: string): string {
  const number = (connected.get(prefix) ?? 0) + 1
  connected.set(prefix, number)
  return number === 1 ? `redis:${prefix}` : `redis:${prefix}#${number}`
}

async function replicated<T>(change: { isMissed: boolean }, answer: Promise<T>): Promise<T> {
  const value = await answer
  if (change.isMissed) throw notReplicated()
  return value
}

function notReplicated(): LadderError {
  return new LadderError(
    'NOT_REPLICATED',
    `Cannot say that the change is safe: no replica had it within ${REPLICATED_MS} ms; it is made on the primary, and a failover may forget it`,
  )
}
