/**
 * The checks of what `alter` and `setProfile` take.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import { PROFILE_METADATA_BYTES_MAX, TIERS_MAX } from '../ground/limits.ts'
import type {
  BoardAlteration,
  BoardRules,
  MaxGain,
  ProfileChange,
  ProfileOptions,
  ScoreCell,
  StoreAlteration,
  Tier,
} from '../words/index.ts'
import { isPlainObject } from './kinds.ts'
import { checkCall, checkPartOf } from './options.ts'
import { checkFirstCell } from './scores.ts'
import { checkAvatar, checkMetadata, checkName } from './values.ts'

/** An alteration of rules without that of windows, which is one of its own. */
export type RuleAlteration = Omit<BoardAlteration, 'windows'>

/** Returns an alteration of rules, whose names and types are checked, with the scores of the board. */
export function checkAlteration(alteration: BoardAlteration, shape: ScoreShape): RuleAlteration {
  const { windows: _windows, ...rules } = alteration
  const { min, max, maxGain, tiers } = rules
  return {
    ...rules,
    ...(min != null && { min: checkFirstCell(min, shape, 'min') }),
    ...(max != null && { max: checkFirstCell(max, shape, 'max') }),
    ...(maxGain != null && { maxGain: checkMaxGain(maxGain, shape) }),
    ...(tiers != null && { tiers: checkTiers(tiers, shape) }),
  }
}

/** @throws {RangeError} if no score can meet both bounds. */
export function checkBounds({ min, max }: BoardRules): void {
  if (min === undefined || max === undefined || min <= max) return
  throw new RangeError(`Cannot use min ${min} with max ${max}: min must not be above max`)
}

/**
 * Returns a copy of what `alter` takes, down to the fields of a tier or a calendar: the caller may change what it gave.
 * What is not a plain object or array stays what it is, for the board to refuse by name.
 */
export function copyOfParts<T>(value: T, depth = 4): T {
  if (depth === 0) return value
  if (Array.isArray(value)) return value.map((item) => copyOfParts(item, depth - 1)) as T
  if (!isPlainObject(value)) return value
  const fields = Object.entries(value as object).map(([name, field]) => [
    name,
    copyOfParts(field, depth - 1),
  ])
  return Object.fromEntries(fields) as T
}

/** Returns settings of the store, checked to their parts. */
export function checkStoreAlteration(value: StoreAlteration): StoreAlteration {
  const { retention, requests } = checkPartOf('settings', value)
  if (retention != null) checkPartOf('retention', retention)
  if (requests != null) checkPartOf('requests', requests)
  return value
}

/** Refuses rules beside settings of the store. @throws {TypeError} */
export function refuseSecond(rules: unknown): void {
  if (rules === undefined) return
  throw new TypeError(
    'Cannot use two objects: alter() takes the name of a board and its rules, or settings of the store alone',
  )
}

/** Returns what `setProfile` was given. */
export function checkProfile(
  given: ArrayLike<unknown>,
  options: ProfileOptions | undefined,
): ProfileChange {
  const { name, avatar, metadata } = checkCall('setProfile', given, options)
  return {
    name: name == null ? name : checkName(name),
    avatar: avatar == null ? avatar : checkAvatar(avatar),
    metadata: metadata == null ? metadata : checkMetadata(metadata, PROFILE_METADATA_BYTES_MAX),
  }
}

const LIMITS = ['rank', 'topPercent', 'score'] as const

function checkMaxGain(value: MaxGain, shape: ScoreShape): MaxGain {
  const { by, action } = checkPartOf('maxGain', value)
  if (action === undefined)
    throw new TypeError('Cannot use maxGain without action: it must be flag, refuse')
  const gain = checkFirstCell(by, shape, 'by of maxGain')
  if (gain >= 0) return { by: gain, action }
  throw new RangeError(`Cannot use ${gain} as by of maxGain: it must be 0 or more`)
}

function checkTiers(value: readonly Tier[], shape: ScoreShape): Tier[] {
  if (value.length === 0 || value.length > TIERS_MAX)
    throw new RangeError(
      `Cannot use ${value.length} tiers: there must be 1 to ${TIERS_MAX}; null removes them`,
    )
  // Copied, so that a hole in the array is a tier of nothing.
  const tiers = [...value].map((tier, i) =>
    checkTier(tier, { shape, isLast: i === value.length - 1 }),
  )
  const names = new Set(tiers.map(({ name }) => name))
  if (names.size < tiers.length)
    throw new RangeError('Cannot use two tiers of the same name: give each its own')
  checkOrder(tiers, shape)
  return tiers
}

function checkTier(value: Tier, place: { shape: ScoreShape; isLast: boolean }): Tier {
  const { name, rank, topPercent, score } = checkPartOf('tier', value)
  if (name === undefined) throw new TypeError('Cannot use a tier without a name: give it one')
  const limits = [rank, topPercent, score].filter((limit) => limit !== undefined).length
  if (place.isLast && limits > 0)
    throw new RangeError(
      `Cannot use tier "${name}" as the last one: it holds all other players, give it no limit`,
    )
  if (!place.isLast && limits !== 1)
    throw new RangeError(
      `Cannot use tier "${name}": it must have one of rank, topPercent and score; only the last tier has none`,
    )
  if (rank !== undefined) return { name, rank }
  if (topPercent !== undefined) return { name, topPercent }
  if (score === undefined) return { name }
  return { name, score: checkFirstCell(score, place.shape, `score of tier "${name}"`) }
}

// A tier that is no wider than one before it, of the same kind of limit, would never hold anybody.
function checkOrder(tiers: readonly Tier[], shape: ScoreShape): void {
  const widest: Partial<Record<(typeof LIMITS)[number], Tier>> = {}
  for (const tier of tiers)
    for (const limit of LIMITS) {
      if (tier[limit] === undefined) continue
      const before = widest[limit]
      widest[limit] = tier
      const isReversed = limit === 'score' && shape.order === 'descending'
      const [less, more] = isReversed ? [tier, before] : [before, tier]
      if (grows(less?.[limit], more?.[limit])) continue
      throw new RangeError(
        `Cannot use tier "${tier.name}" after "${before?.name}": it must hold more players; the best tier comes first`,
      )
    }
}

function grows(a: ScoreCell | undefined, b: ScoreCell | undefined): boolean {
  return a === undefined || b === undefined || a < b
}
