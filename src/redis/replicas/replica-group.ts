/**
 * A primary with its replicas, and how late each of them is.
 *
 * That is known by offsets in the stream of changes: what the primary had written at a time that this process knows, the
 * replica has. So it holds on idle boards too, and no clock of a server is trusted. Offsets of two streams are not
 * compared: after a failover, nothing is known until the new primary was asked and a replica follows its stream.
 *
 * @module
 */

import type { ServerCall } from '../client/connection.ts'
import type { Replication } from '../client/replication.ts'
import type { ReplicaState } from '../words.ts'
import type { OwnWrite } from './own-writes.ts'

/** A server that is asked where it stands. */
export interface AskedServer {
  /** Its connection, another object after each break; undefined without one. */
  by(): object | undefined
  replication(): Promise<Replication>
}

/** A server that answers questions. */
export interface AskedReplica extends AskedServer {
  readonly address: string
  read(call: ServerCall): Promise<unknown>
}

/** A replica, and what is known of it. */
export interface Replica {
  readonly server: AskedReplica
  /** It has all that the primary had written at this time of this process. */
  freshMs: number
  /** The connection by which that is known. */
  by: object | undefined
  reads: number
  isBroken: boolean
}

/** What a replica must have. */
export interface Needed {
  /** All that was written until then. */
  sinceMs: number
  own: OwnWrite | undefined
}

/** Offsets of the primary that some replica has not reached yet. */
const MARKS_MAX = 100
/** Looks within the time that a replica may be late. */
const LOOKS = 4
const LOOK_MS_MAX = 250

/**
 * For how long after a look the primary's connection is taken to be one of the same stream. A node that lost its slots
 * and has them again, with another stream and the same connection, needs two elections, and each takes longer than half
 * a second.
 */
const TRUST_MS = 1_000

const NEVER = Number.NEGATIVE_INFINITY

/** A primary with its replicas. */
export class ReplicaGroup {
  readonly #primary: AskedServer
  readonly #maxLagMs: number
  readonly #clock: () => number
  #replicas: Replica[] = []
  #stream: { name: string; by: object; ms: number } | undefined
  #marks: { offset: number; ms: number }[] = []
  #lookedMs = NEVER
  #isLooking = false
  #next = 0

  constructor(primary: AskedServer, options: { maxLagMs: number; clock: () => number }) {
    this.#primary = primary
    this.#maxLagMs = options.maxLagMs
    this.#clock = options.clock
  }

  /** Has these replicas from now on; of those that it had before it goes on to know what it knew. */
  setReplicas(servers: readonly AskedReplica[]): void {
    const known = this.#replicas
    if (servers.length === known.length && servers.every((one, i) => one === known[i]?.server))
      return
    this.#replicas = servers.map(
      (server) =>
        known.find((one) => one.server === server) ?? {
          server,
          freshMs: NEVER,
          by: undefined,
          reads: 0,
          isBroken: false,
        },
    )
  }

  /** Returns what is known of each replica. */
  states(): ReplicaState[] {
    const now = this.#clock()
    return this.#replicas.map(({ server: { address }, freshMs, isBroken, reads }) => ({
      ...{ address, reads },
      lagMs: isBroken || freshMs === NEVER ? undefined : now - freshMs,
    }))
  }

  /** Returns a replica that may be asked, each in its turn; undefined if there is none. */
  pick({ sinceMs, own }: Needed): Replica | undefined {
    const oldestMs = Math.max(sinceMs, this.#clock() - this.#maxLagMs)
    // Numbers of writes say which is later on one stream only; on another one the time decides.
    const isNumbered = own?.state !== undefined && this.#isOfStream(own.by)
    const leastMs = isNumbered ? oldestMs : Math.max(oldestMs, own?.ms ?? NEVER)
    for (let i = 0; i < this.#replicas.length; i++) {
      const replica = this.#replicas[(this.#next + i) % this.#replicas.length] as Replica
      if (replica.freshMs <= leastMs || replica.by !== replica.server.by()) continue
      this.#next = (this.#next + i + 1) % this.#replicas.length
      return replica
    }
    return undefined
  }

  /** Asks where all stand, if that is long enough ago: while questions come, and at no other time. */
  look(): void {
    const pauseMs = Math.min(this.#maxLagMs / LOOKS, LOOK_MS_MAX)
    if (this.#isLooking || this.#clock() - this.#lookedMs < pauseMs) return
    this.#isLooking = true
    this.#lookedMs = this.#clock()
    void this.#lookAll().finally(() => {
      this.#isLooking = false
    })
  }

  #isOfStream(by: object | undefined): boolean {
    const stream = this.#stream
    return stream !== undefined && stream.by === by && this.#clock() - stream.ms <= TRUST_MS
  }

  async #lookAll(): Promise<void> {
    const ms = this.#clock()
    const by = this.#primary.by()
    try {
      const { stream, offset, isPrimary } = await this.#primary.replication()
      if (!isPrimary || by === undefined || by !== this.#primary.by()) {
        this.#forget()
        return
      }
      if (stream !== this.#stream?.name) this.#forget()
      this.#stream = { name: stream, by, ms }
      this.#marks = [...this.#marks, { offset, ms }].slice(-MARKS_MAX)
    } catch {
      // Nothing is known of it now: the replicas are as late as they were, and later.
      return
    }
    await Promise.all(this.#replicas.map((replica) => this.#lookAt(replica)))
  }

  #forget(): void {
    this.#stream = undefined
    this.#marks = []
    for (const replica of this.#replicas) replica.freshMs = NEVER
  }

  async #lookAt(replica: Replica): Promise<void> {
    const by = replica.server.by()
    try {
      const { stream, offset, isReplica } = await replica.server.replication()
      const isOurs = isReplica && stream === this.#stream?.name
      replica.isBroken = !isOurs
      if (!isOurs || replica.by !== by) replica.freshMs = NEVER
      replica.by = by
      if (!isOurs) return
      for (const mark of this.#marks)
        if (mark.offset <= offset) replica.freshMs = Math.max(replica.freshMs, mark.ms)
    } catch {
      replica.isBroken = true
    }
  }
}
