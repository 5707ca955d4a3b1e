/**
 * What the library publishes of its own work, through `node:diagnostics_channel`.
 *
 *     ladderdb:call     each call of a board or a store, when it is answered
 *     ladderdb:commit   each commit, when it is durable
 *
 * Nobody who listens costs nothing: a call then looks at one flag.
 *
 * @module
 */

import { type Channel, channel } from 'node:diagnostics_channel'

/** A call that was answered. */
export interface CallMessage {
  /** Its name in the library. */
  call: string
  /** The directory of the store; of boards on a server the `label` of the store. */
  store: string
  /** Undefined for a call of the whole store. */
  board: string | undefined
  /** How long it took, of a change until it was durable. */
  ms: number
  /** What it threw or rejected with; undefined if it was answered. */
  error: unknown
}

/** A commit that is durable. */
export interface CommitMessage {
  /** As in {@link CallMessage}. */
  store: string
  /** How many changes share it. */
  changes: number
  /** From its beginning until it was durable. */
  ms: number
}

/** Publishes each {@link CallMessage}. */
export const CALL_CHANNEL: Channel = channel('ladderdb:call')

/** Publishes each {@link CommitMessage}. */
export const COMMIT_CHANNEL: Channel = channel('ladderdb:commit')
