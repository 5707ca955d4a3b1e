/**
 * The words for moderation: bans, moves and erasures.
 *
 * @module
 */

import type { NamedSeason, SealedOptions, SeasonReach } from './seasons.ts'

/** What becomes of the submits of a banned player: refused with `BANNED`, or taken and shown nowhere. */
export type BannedSubmits = 'refuse' | 'keep'

/** Options of a ban. */
export interface BanOptions extends SealedOptions {
  /** The board that the player is banned from. Default: all, also those made later. */
  board?: string | undefined
  reason?: string | undefined
  /** Who banned. */
  actor?: string | undefined
  /** When the ban ends by itself, milliseconds since 1970 UTC. Default: never. */
  until?: number | undefined
  /** Default: `refuse`. */
  submits?: BannedSubmits | undefined
}

/** Options of the end of a ban. */
export interface UnbanOptions extends SealedOptions {
  /** The board whose ban is lifted. Default: every ban of the player. */
  board?: string | undefined
  reason?: string | undefined
  /** Who lifted it. */
  actor?: string | undefined
}

/** A ban. */
export interface Ban {
  playerId: string
  /** Absent: all boards. */
  board?: string
  reason?: string
  actor?: string
  /** Milliseconds since 1970 UTC. */
  since: number
  /** Absent: it has no end. */
  until?: number
  submits: BannedSubmits
  /** Whether it took the player out of sealed seasons too: its end brings back to these. */
  sealed?: true
}

/** The answer of a ban. */
export interface BanAnswer extends Ban {
  /** The record in the log; absent if the player was banned in exactly this way before. */
  seq?: number
  /** The boards that the player left by it. */
  boards: string[]
  /** The seasons of boards that the player left by it; absent if there are none. */
  seasons?: NamedSeason[]
}

/** Who moved a player, and why. */
export interface MoveOptions extends SealedOptions {
  reason?: string | undefined
  actor?: string | undefined
}

/** The answer of a move. */
export interface MoveAnswer {
  from: string
  to: string
  /** The record in the log; absent if there was nothing to move. */
  seq?: number
  /** The boards on which there was something to move. */
  boards: string[]
  /** The seasons of boards in which there was something to move; absent if there are none. */
  seasons?: NamedSeason[]
}

/** Options of an erasure. */
export interface EraseOptions {
  /** A directory of backups, to be told which of them still hold the player. */
  backups?: string | URL | undefined
}

/** The answer of an erasure. */
export interface EraseAnswer {
  /** The record in the log, which holds a hash of the id and nothing else; absent if that was there already. */
  seq?: number
  /** Whether anything of the player was there, on boards, in the log or beside them. */
  found: boolean
  /** The boards on which the player had an entry, hidden or not. */
  boards: string[]
  /** How many records of the log, of which stays only that there was one. */
  records: number
  /** With `backups`: the paths of those that still hold the player. */
  heldBy?: string[]
}

/** A ban to be made; its arguments are checked. */
export interface AskedBan extends SeasonReach {
  playerId: string
  board: string | undefined
  reason: string | undefined
  actor: string | undefined
  untilMicros: number | undefined
  submits: BannedSubmits
  /** By when the sealed seasons were sealed that it takes, as its record says; by default now. */
  sealedByMicros?: number | undefined
  nowMicros: number
}

/** Bans to be lifted. */
export interface AskedUnban extends SeasonReach {
  playerId: string
  /** Undefined: every ban of the player. */
  board: string | undefined
  reason: string | undefined
  actor: string | undefined
  nowMicros: number
}

/** A move to be made; its arguments are checked. */
export interface AskedMove extends SeasonReach {
  from: string
  to: string
  reason: string | undefined
  actor: string | undefined
  nowMicros: number
}
