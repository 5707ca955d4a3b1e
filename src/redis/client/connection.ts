/**
 * What the engine asks of a client of Redis: few methods, so that any client can be put behind them.
 *
 * @module
 */

import type { Replication } from './replication.ts'

/** What a function of the library is given. */
export type ServerArgument = string | number | Buffer

/** A call of a function of the library, which runs at one instant. */
export interface ServerCall {
  /** Without the name of the library: `read`, `write` … */
  name: string
  /** All in one slot. */
  keys: readonly string[]
  args: readonly ServerArgument[]
  /** Whether it alters nothing. */
  isRead: boolean
  /** Whether it may be made again if its answer was lost: made twice it does what it does once. */
  isRepeatable?: boolean
}

/** A connection to a server. Every failure is a LadderError. */
export interface Connection {
  /** Makes a call; texts of the answer are buffers. A server without the library is given it first. */
  call(call: ServerCall): Promise<unknown>
  /** Makes calls that do not wait for one another, in one round trip. */
  batch(calls: readonly ServerCall[]): Promise<unknown[]>
  /** Makes a change, and waits until this many replicas have it; tells how many have. */
  callReplicated(
    call: ServerCall,
    asked: { replicas: number; timeoutMs: number },
  ): Promise<{ answer: unknown; replicas: number }>
  /** Returns a setting of each primary. */
  setting(name: string): Promise<(string | undefined)[]>
  /** Gives the server the library if it does not have it. */
  load(): Promise<void>
  /** Waits for what was asked, then ends the connection. */
  close(): Promise<void>
}

/** What became of a change. */
export interface Changed {
  answer: unknown
  /** How many replicas have it; 0 if that was not asked. */
  replicas: number
  /** The connection that answered: another object after each break, and for each node. */
  by: object
}

/** A connection that tells who answered. */
export interface TracedConnection extends Connection {
  /** Makes a change; if asked to, waits until this many replicas have it. */
  change(call: ServerCall, asked?: { replicas: number; timeoutMs: number }): Promise<Changed>
}

/** A connection to one server, not to a cluster. */
export interface SingleConnection extends TracedConnection {
  /** The connection as it is now: another object after each break. */
  by(): object
  /** Returns where the server stands in the stream of changes. */
  replication(): Promise<Replication>
}
