/**
 * What can be altered: the rules of a board, the settings of a store, profiles, and the flags of runs.
 *
 * @module
 */

import { PER_MINUTE_MAX } from '../ground/limits.ts'
import type {
  BoardAlteration,
  MaxGain,
  ProfileOptions,
  RequestRetention,
  ResolveOptions,
  Retention,
  StoreAlteration,
  Tier,
} from '../words/index.ts'
import {
  ACTOR,
  AVATAR,
  DAYS,
  type FieldsOf,
  LIST,
  METADATA,
  NAME,
  OBJECT,
  orNull,
  PERCENT,
  REASON,
  SCORE,
  TIER_NAME,
  WINDOWS,
  whole,
  word,
} from './kinds.ts'

const WRITES = orNull(word('open', 'closed'))

/** What `alter` takes for a board. The board judges scores, and tiers as a whole. */
export const ALTER_FIELDS: FieldsOf<BoardAlteration> = {
  min: orNull(SCORE),
  max: orNull(SCORE),
  maxGain: orNull(OBJECT),
  perMinute: orNull(whole({ least: 1, most: PER_MINUTE_MAX })),
  players: orNull(word('known')),
  tiers: orNull(LIST),
  writes: WRITES,
  windows: WINDOWS,
}

export const GAIN_FIELDS: FieldsOf<MaxGain> = { by: SCORE, action: word('flag', 'refuse') }

export const TIER_FIELDS: FieldsOf<Tier> = {
  name: TIER_NAME,
  rank: whole({ least: 1 }),
  topPercent: PERCENT,
  score: SCORE,
}

/** What `alter` takes for the whole store. */
export const STORE_FIELDS: FieldsOf<StoreAlteration> = {
  retention: orNull(OBJECT),
  requests: orNull(OBJECT),
  names: orNull(word('unique', 'free')),
  writes: WRITES,
}

export const RETENTION_FIELDS: FieldsOf<Retention> = { days: DAYS, bytes: whole() }
export const REQUEST_FIELDS: FieldsOf<RequestRetention> = { days: DAYS, count: whole() }

export const PROFILE_FIELDS: FieldsOf<ProfileOptions> = {
  name: orNull(NAME),
  avatar: orNull(AVATAR),
  metadata: orNull(METADATA),
}

export const RESOLVE_FIELDS: FieldsOf<ResolveOptions> = {
  verdict: word('accepted', 'undone'),
  reason: REASON,
  actor: ACTOR,
}
