/**
 * The types that callers of `ladderdb/redis` see, beside those of the embedded engine. They lead to nothing inside.
 *
 * @module
 */

import type { BoardInfo, BoardSettings, Score, Standing, StoreSettings } from '../words/index.ts'

/**
 * When a change counts as made: `memory`, as soon as the server replies; `replicated`, when a replica has it
 * too; `disk`, when the server has synced it to its disk.
 */
export type RemoteDurability = 'memory' | 'replicated' | 'disk'

/** Settings of a board on a server. */
export interface RemoteBoardSettings extends BoardSettings {
  /**
   * Into how many partitions the board is divided, by player: a power of two up to 64. Default 1. With more a board
   * grows beyond one node of a cluster, and each rank asks every partition.
   */
  partitions?: number | undefined
}

/** A board as `RemoteLeaderboards.boards()` lists it. */
export interface RemoteBoardInfo extends BoardInfo {
  /** Only if there are several. */
  partitions?: number
}

/** Where a score stands; `dense` is undefined on a board of several partitions. */
export type RemoteStanding<S extends Score = number> = Omit<Standing<S>, 'dense'> & {
  dense: number | undefined
}

/** The settings of a whole store on a server; there is no `retention`, for there is no log. */
export type RemoteStoreSettings = Omit<StoreSettings, 'retention'>

/** What is known of a replica. */
export interface ReplicaState {
  address: string
  /** How late it was at most at its last look, milliseconds; undefined if it does not answer. */
  lagMs: number | undefined
  /** How many questions it answered. */
  reads: number
}

/** Sizes of a board on a server, or of all its partitions. */
export interface RemoteBoardSize {
  board: string
  /** Only if there are several. */
  partitions?: number
  entries: number
  /** Distinct scores; only of a board in one slot. */
  scores?: number
  /** Players of the board whom bans hide. */
  hidden: number
  /** Ids of requests whose answers are kept, and some that are forgotten but not yet removed. */
  requests: number
  /** Memory of the keys of the board, or of its partitions, and of its seasons, reckoned by the server from samples. */
  usedBytes: number
  /** Only of a board with windows: its seasons that have entries, and these. */
  seasons?: { count: number; entries: number }
}

/** What `stats` of a store on a server answers. */
export interface RemoteStoreStats {
  /** What all keys begin with. */
  prefix: string
  /** By how much the latest time that a board gave is ahead of the clock now, milliseconds. */
  clockAheadMs: number
  boards: number
  /** Entries on all boards. */
  entries: number
  /** Seasons of windows that have entries, and these. */
  seasons: number
  seasonEntries: number
  /** Memory of the keys of all boards, without the list of names and the bans of all boards. */
  usedBytes: number
  sizes: RemoteBoardSize[]
}
