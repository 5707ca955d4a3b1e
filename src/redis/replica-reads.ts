/**
 * Questions that replicas answer, and when they may.
 *
 *     late      how late a replica is, is known by offsets: what the primary had written at a time that this process
 *               knows, the replica has. So it holds on idle boards too, and no clock of a server is trusted.
 *     own       an answer carries the number of writes to its board. One that is older than this process's own last
 *               write to that board is thrown away, and the primary is asked.
 *
 * Whatever else a replica does, fail, hang, refuse or not know the functions, the primary is asked, too.
 *
 * @module
 */

import type { Connection, ServerCall, SingleConnection } from './connection.ts'
import type { ReplicaState } from './words.ts'

interface Replica {
  readonly address: string
  readonly connection: SingleConnection
  /** It has all that the primary had written at this time of this process. */
  freshMs: number
  reads: number
  isBroken: boolean
}

interface OwnWrite {
  id: string
  writes: number
}

/** Offsets of the primary that some replica has not reached yet. */
const MARKS_MAX = 100
/** Looks within the time that a replica may be late. */
const LOOKS = 4

/** A primary with replicas, as one connection. */
export class ReplicaReads implements Connection {
  readonly #primary: SingleConnection
  readonly #replicas: Replica[]
  /** How late a replica may be that is asked. */
  readonly maxLagMs: number
  readonly #clock: () => number
  readonly #own = new Map<string, OwnWrite>()
  readonly #ended = new Map<string, number>()
  #marks: { offset: number; ms: number }[] = []
  #lookedMs = Number.NEGATIVE_INFINITY
  #isLooking = false
  #next = 0

  constructor(
    primary: SingleConnection,
    replicas: readonly { address: string; connection: SingleConnection }[],
    options: { maxLagMs: number; clock?: () => number },
  ) {
    this.#primary = primary
    this.#replicas = replicas.map((one) => ({
      ...one,
      ...{ freshMs: Number.NEGATIVE_INFINITY, reads: 0, isBroken: false },
    }))
    this.maxLagMs = options.maxLagMs
    this.#clock = options.clock ?? (() => performance.now())
  }

  /** Returns what is known of each replica. */
  replicas(): ReplicaState[] {
    const now = this.#clock()
    return this.#replicas.map(({ address, freshMs, isBroken, reads }) => ({
      address,
      lagMs: isBroken || freshMs === Number.NEGATIVE_INFINITY ? undefined : now - freshMs,
      reads,
    }))
  }

  async call(call: ServerCall): Promise<unknown> {
    if (!call.isRead || call.keys.length < BOARD_KEYS) return this.#onPrimary(call)
    this.#look()
    const replica = this.#pick(this.#ended.get(keyOf(call)))
    if (replica === undefined) return this.#primary.call(call)
    try {
      const answer = await within(replica.connection.call(call), this.maxLagMs)
      if (!this.#isOld(call, answer)) {
        replica.reads++
        return answer
      }
    } catch {
      // Whatever is wrong with it, the primary answers, or says what is wrong.
      replica.freshMs = Number.NEGATIVE_INFINITY
    }
    return this.#primary.call(call)
  }

  // A replica that is asked for some of them answers those alone.
  batch(calls: readonly ServerCall[]): Promise<unknown[]> {
    return Promise.all(calls.map((call) => this.call(call)))
  }

  async callReplicated(
    call: ServerCall,
    asked: { replicas: number; timeoutMs: number },
  ): Promise<{ answer: unknown; replicas: number }> {
    return this.#noted(
      call,
      () => this.#primary.callReplicated(call, asked),
      ({ answer }) => answer,
    )
  }

  setting(name: string): Promise<(string | undefined)[]> {
    return this.#primary.setting(name)
  }

  load(): Promise<void> {
    return this.#primary.load()
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#primary, ...this.#replicas.map(({ connection }) => connection)].map((one) =>
        one.close(),
      ),
    )
  }

  #onPrimary(call: ServerCall): Promise<unknown> {
    return this.#noted(
      call,
      () => this.#primary.call(call),
      (answer) => answer,
    )
  }

  async #noted<T>(
    call: ServerCall,
    make: () => Promise<T>,
    answerOf: (made: T) => unknown,
  ): Promise<T> {
    try {
      const made = await make()
      this.#note(call, answerOf(made))
      return made
    } catch (error) {
      // It may have been made all the same, and who asks next wants to know.
      this.#note(call, undefined)
      throw error
    }
  }

  #note(call: ServerCall, answer: unknown): void {
    if (call.isRead || call.keys.length < BOARD_KEYS) return
    const written = stateIn(answer)
    const key = keyOf(call)
    if (written === undefined) {
      // A board that was dropped has no number: a replica must have heard of it since.
      this.#own.delete(key)
      this.#ended.set(key, this.#clock())
    } else {
      const own = this.#own.get(key)
      // Answers may come in another order than writes were made.
      if (own?.id !== written.id || own.writes < written.writes) this.#own.set(key, written)
    }
  }

  // A refusal is old too: that of a board which is not there yet, or is made again.
  #isOld(call: ServerCall, answer: unknown): boolean {
    const seen = stateIn(answer)
    if (seen === undefined) return true
    const own = this.#own.get(keyOf(call))
    return own !== undefined && (seen.id !== own.id || seen.writes < own.writes)
  }

  #pick(since = Number.NEGATIVE_INFINITY): Replica | undefined {
    const oldest = Math.max(since, this.#clock() - this.maxLagMs)
    for (let i = 0; i < this.#replicas.length; i++) {
      const replica = this.#replicas[(this.#next + i) % this.#replicas.length] as Replica
      if (replica.freshMs < oldest) continue
      this.#next = (this.#next + i + 1) % this.#replicas.length
      return replica
    }
    return undefined
  }

  // While questions come, and at no other time.
  #look(): void {
    if (this.#isLooking || this.#clock() - this.#lookedMs < this.maxLagMs / LOOKS) return
    this.#isLooking = true
    this.#lookedMs = this.#clock()
    void this.#lookAll().finally(() => {
      this.#isLooking = false
    })
  }

  async #lookAll(): Promise<void> {
    const ms = this.#clock()
    try {
      const { offset } = await this.#primary.replication()
      this.#marks = [...this.#marks, { offset, ms }].slice(-MARKS_MAX)
    } catch {
      // Nothing is known of it now: the replicas are as late as they were, and later.
      return
    }
    await Promise.all(this.#replicas.map((replica) => this.#lookAt(replica)))
  }

  async #lookAt(replica: Replica): Promise<void> {
    try {
      const { offset, isReplica } = await replica.connection.replication()
      replica.isBroken = !isReplica
      if (!isReplica) return
      for (const mark of this.#marks)
        if (mark.offset <= offset) replica.freshMs = Math.max(replica.freshMs, mark.ms)
    } catch {
      replica.isBroken = true
    }
  }
}

// A replica that hangs keeps nobody waiting for longer than it may be late.
function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The replica does not answer')), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Keys of a board, or of one of its partitions; other calls are of lists of names. */
const BOARD_KEYS = 4

function keyOf({ keys }: ServerCall): string {
  return keys[BOARD_KEYS - 1] as string
}

// Id of the board, last time, answer, number of writes: see read() and write() in ladderdb_1.lua.
function stateIn(answer: unknown): OwnWrite | undefined {
  if (!Array.isArray(answer) || answer.length < 4) return undefined
  const [id, , , writes] = answer as [Buffer, Buffer, unknown, Buffer]
  const text = String(id)
  return text === '!' ? undefined : { id: text, writes: Number(String(writes)) }
}
