/**
 * Rules of boards and settings of the store as lines.
 *
 *     rules of board 1 → from 0 to 5000, gains beyond 100 are flagged, 10 a minute, closed
 *     settings → log 7 days, names unique
 *
 * @module
 */

import type { BoardRules, Tier } from '../words/index.ts'
import { decodeRules } from './meta/rules.ts'
import { decodeSettings } from './meta/store-settings.ts'
import { quote, tailText } from './print-words.ts'

/** Returns the rules of a board; undefined if they are damaged. */
export function rulesText(key: Buffer, value: Buffer): string | undefined {
  const record = decodeRules(key, value)
  if (record === undefined) return undefined
  const { min, max, maxGain, perMinute, players, tiers, writes } = record.rules
  const words = [
    ...(min === undefined ? [] : [`min ${min}`]),
    ...(max === undefined ? [] : [`max ${max}`]),
    ...(maxGain === undefined ? [] : [gainText(maxGain)]),
    ...(perMinute === undefined ? [] : [`${perMinute} a minute`]),
    ...(players === undefined ? [] : ['players known']),
    ...(tiers === undefined ? [] : [`tiers ${tiers.map(tierText).join(' and ')}`]),
    ...(writes === undefined ? [] : ['closed']),
  ]
  return `${words.join(', ') || 'none'}${tailText(record.others)}`
}

/** Returns the settings of the store; undefined if they are damaged. */
export function settingsText(value: Buffer): string | undefined {
  const record = decodeSettings(value)
  if (record === undefined) return undefined
  const { logDays, logBytes, requestDays, requestCount, isUnique, isClosed, others } = record
  const words = [
    ...(logDays === undefined ? [] : [`log ${logDays} days`]),
    ...(logBytes === undefined ? [] : [`log ${logBytes} bytes`]),
    ...(requestDays === undefined ? [] : [`requests ${requestDays} days`]),
    ...(requestCount === undefined ? [] : [`requests ${requestCount}`]),
    ...(isUnique ? ['names unique'] : []),
    ...(isClosed ? ['closed'] : []),
  ]
  return `${words.join(', ') || 'none'}${tailText(others)}`
}

function gainText({ by, action }: NonNullable<BoardRules['maxGain']>): string {
  return `gains beyond ${by} are ${action === 'flag' ? 'flagged' : 'refused'}`
}

function tierText({ name, rank, topPercent, score }: Tier): string {
  if (rank !== undefined) return `${quote(name)} to rank ${rank}`
  if (topPercent !== undefined) return `${quote(name)} to ${topPercent} percent`
  return score === undefined ? quote(name) : `${quote(name)} to score ${score}`
}
