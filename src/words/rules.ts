/**
 * The words for rules: what a board takes, what holds for a whole store, and what is known of players.
 *
 * Unlike settings, rules can be altered at any time.
 *
 * @module
 */

import type { Metadata } from './entries.ts'
import type { Score, ScoreBound, ScoreCell } from './scores.ts'
import type { WindowAlterations, WindowInfo } from './seasons.ts'

/** What becomes of a submit that gains too much: it is taken and flagged for review, or refused. */
export type GainAction = 'flag' | 'refuse'

/** Whether submits, imports and removals are taken. Reads, moderation and drops always are. */
export type Writes = 'open' | 'closed'

/** The largest gain of one submit, by the board's order and the first column of its scores. */
export interface MaxGain {
  by: ScoreCell
  action: GainAction
}

/**
 * A tier of a board: those up to a rank, the best `topPercent`, or those with a score at least as good.
 * All but the last have one of these, and the last has none: it holds everybody else.
 */
export interface Tier {
  name: string
  /** A competition rank. */
  rank?: number | undefined
  /** Up to rank max(1, ⌊total × topPercent ÷ 100⌋), of all entries. */
  topPercent?: number | undefined
  /** The worst score that is still inside; of several columns the first. */
  score?: ScoreCell | undefined
}

/** The rules of a board; those that it does not have are not there. */
export interface BoardRules {
  /** The least score that a submit may come to; of several columns the first. */
  min?: ScoreCell
  /** The greatest. */
  max?: ScoreCell
  maxGain?: MaxGain
  /** How many submits of one player are taken in any 60 seconds. A move takes none along, an erasure forgets them. */
  perMinute?: number
  /** Only players with a profile may submit. */
  players?: 'known'
  /** Best first. */
  tiers?: readonly Tier[]
  writes?: 'closed'
}

/** What holds for a board from now on: its rules, and its windows if the alteration names some. */
export interface AlteredBoard extends BoardRules {
  windows?: WindowInfo[]
}

/** What to alter of the rules of a board: null takes a rule away, those that are not named stay. */
export interface BoardAlteration {
  min?: ScoreCell | null | undefined
  max?: ScoreCell | null | undefined
  maxGain?: MaxGain | null | undefined
  /** From 1 to 1,000. */
  perMinute?: number | null | undefined
  players?: 'known' | null | undefined
  tiers?: readonly Tier[] | null | undefined
  /** `open` takes `closed` away. */
  writes?: Writes | null | undefined
  /** Windows to add, to alter and to take away. Unlike rules, all that a season is made of is fixed. */
  windows?: WindowAlterations | undefined
}

/** How long the log is kept: until one of both is reached. */
export interface Retention {
  /** Default 30. */
  days: number
  /** Default 1 GiB. */
  bytes: number
}

/** How long request ids are known: until one of both is reached. */
export interface RequestRetention {
  /** Default 1. */
  days: number
  /** Default 1,000,000. */
  count: number
}

/** The settings of a whole store, complete. */
export interface StoreSettings {
  retention: Retention
  requests: RequestRetention
  /** Whether a name belongs to one player only. Default `free`. */
  names: 'unique' | 'free'
  writes: Writes
}

/** What to alter of a store's settings: null brings the default back, those that are not named stay. */
export interface StoreAlteration {
  retention?: Partial<Retention> | null | undefined
  requests?: Partial<RequestRetention> | null | undefined
  names?: StoreSettings['names'] | null | undefined
  writes?: Writes | null | undefined
}

/** What is known of a player, whatever the board. */
export interface Profile {
  playerId: string
  /** What every board shows; the `playerId` if none was given. */
  name: string
  /** An https address. Only if there is one. */
  avatar?: string
  /** Only if there is any. */
  metadata?: Metadata
}

/** What to set of a profile: null takes a field away, those that are not named stay. */
export interface ProfileOptions {
  name?: string | null | undefined
  /** An https address of at most 2,048 characters. */
  avatar?: string | null | undefined
  /** A JSON object of at most 4,096 bytes as text; takes the place of the old one. */
  metadata?: Metadata | null | undefined
}

/** What a profile is to become, checked: undefined stays, null goes. */
export interface ProfileChange {
  name: string | null | undefined
  avatar: string | null | undefined
  /** JSON text of an object. */
  metadata: string | null | undefined
}

/** What the next better tier takes. */
export interface NextTier<S extends Score = number> {
  name: string
  /** The competition rank that it goes to now; undefined for a tier that goes by score. */
  rank: number | undefined
  /** The score that gets there now; of a tier that goes by score that of the first column. */
  score: S | ScoreBound<S>
}

/** How a flag is resolved: the run stays as it is, or is taken back as if nobody had played it. */
export type Verdict = 'accepted' | 'undone'

/** Options of `resolve`. */
export interface ResolveOptions {
  verdict: Verdict
  reason?: string | undefined
  actor?: string | undefined
}
