/**
 * Questions that replicas answer, and when they may.
 *
 *     late      a replica is asked only if it has all that its primary had written `maxLagMs` ago: see replica-group.ts.
 *     own       it has this process's own last change to the board: all that was written when the answer to that change
 *               was there; or, if the connection that answered is still one of the stream that the replica follows, its
 *               answer carries a number of writes that is not lower.
 *     whole     of a slot that moves, no answer is taken that misses keys, or is older than the move: see
 *               cluster-replicas.ts.
 *
 * Whatever else a replica does, fail, hang, refuse or not know the functions, the primary is asked, too.
 *
 * @module
 */

import type { Changed, Connection, ServerCall, TracedConnection } from '../client/connection.ts'
import type { ReplicaState } from '../words.ts'
import { OwnWrites, stateIn } from './own-writes.ts'
import type { Needed, Replica, ReplicaGroup } from './replica-group.ts'

/** Where a question would be answered. */
export interface PlaceOfSlot {
  group: ReplicaGroup
  /** Replicas must have all that was written until then. */
  sinceMs: number
}

/** Primaries with their replicas. */
export interface ReplicaSource {
  readonly primaries: TracedConnection
  /** Returns a question as a replica is asked it; undefined: only the primary answers it. */
  asReplicaCall(call: ServerCall): ServerCall | undefined
  /** Returns where the keys of a call lie; undefined: that is not known now. */
  placeOf(call: ServerCall): PlaceOfSlot | undefined
  /** All that are known. */
  groups(): Iterable<ReplicaGroup>
  /** Ends the connections to replicas. */
  close(): Promise<void>
}

/** What was true when a question was asked. */
interface Asked extends Needed {
  replica: Replica
  freshMs: number
}

/** Primaries with replicas, as one connection. */
export class ReplicaReads implements Connection {
  readonly #source: ReplicaSource
  /** How late a replica may be that is asked. */
  readonly maxLagMs: number
  readonly #clock: () => number
  readonly #own: OwnWrites

  constructor(source: ReplicaSource, options: { maxLagMs: number; clock: () => number }) {
    this.#source = source
    this.maxLagMs = options.maxLagMs
    this.#clock = options.clock
    this.#own = new OwnWrites(options.maxLagMs)
  }

  /** Returns what is known of each replica. */
  replicas(): ReplicaState[] {
    return [...this.#source.groups()].flatMap((group) => group.states())
  }

  async call(call: ServerCall): Promise<unknown> {
    if (!call.isRead) return (await this.#change(call)).answer
    const sent = this.#source.asReplicaCall(call)
    const asked = sent && this.#pick(call)
    if (sent === undefined || asked === undefined) return this.#source.primaries.call(call)
    const { replica } = asked
    try {
      const answer = await within(replica.server.read(sent), this.maxLagMs)
      if (isNew(answer, asked)) {
        replica.reads++
        return answer
      }
    } catch {
      // Whatever is wrong with it, the primary answers, or says what is wrong.
      replica.freshMs = Number.NEGATIVE_INFINITY
    }
    return this.#source.primaries.call(call)
  }

  // A replica that is asked for some of them answers those alone.
  batch(calls: readonly ServerCall[]): Promise<unknown[]> {
    return Promise.all(calls.map((call) => this.call(call)))
  }

  callReplicated(
    call: ServerCall,
    asked: { replicas: number; timeoutMs: number },
  ): Promise<{ answer: unknown; replicas: number }> {
    return this.#change(call, asked)
  }

  setting(name: string): Promise<(string | undefined)[]> {
    return this.#source.primaries.setting(name)
  }

  load(): Promise<void> {
    return this.#source.primaries.load()
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.primaries.close(), this.#source.close()])
  }

  #pick(call: ServerCall): Asked | undefined {
    const place = this.#source.placeOf(call)
    if (place === undefined) return undefined
    place.group.look()
    const needed = { sinceMs: place.sinceMs, own: this.#own.of(call) }
    const replica = place.group.pick(needed)
    return replica && { ...needed, replica, freshMs: replica.freshMs }
  }

  async #change(
    call: ServerCall,
    asked?: { replicas: number; timeoutMs: number },
  ): Promise<Changed> {
    try {
      const changed = await this.#source.primaries.change(call, asked)
      const { answer, by } = changed
      this.#own.note(call, { answer, by, ms: this.#clock() })
      return changed
    } catch (error) {
      // It may have been made all the same, and who asks next wants to know.
      this.#own.note(call, { answer: undefined, ms: this.#clock() })
      throw error
    }
  }
}

// A refusal is old too: that of a board which is not there yet, or is made again.
function isNew(answer: unknown, { own, freshMs }: Asked): boolean {
  const seen = stateIn(answer)
  if (seen === undefined) return false
  if (own === undefined || freshMs > own.ms) return true
  return seen.id === own.state?.id && seen.writes >= own.state.writes
}

// A replica that hangs keeps nobody waiting for longer than it may be late.
function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The replica does not answer')), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
