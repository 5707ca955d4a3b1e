/**
 * Records of rules, settings and players: what was stored comes back, and no flipped byte passes.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { decodeRules, encodeRules, rulesKey } from '../../src/format/meta/rules.ts'
import {
  decodeSettings,
  encodeSettings,
  type SettingsRecord,
} from '../../src/format/meta/store-settings.ts'
import { decodeProfile, encodeProfile, profileKey } from '../../src/format/people/profile.ts'
import {
  decodeSubmitTimes,
  encodeSubmitTimes,
  submitTimesKey,
} from '../../src/format/people/submit-times.ts'
import type { BoardRules } from '../../src/index.ts'

const NONE = new Map<number, Buffer>()

const RULES: BoardRules[] = [
  { min: -5.5 },
  { max: 2n ** 63n - 1n },
  { min: -(2n ** 63n), maxGain: { by: 0n, action: 'refuse' } },
  { maxGain: { by: 1e308, action: 'flag' }, perMinute: 1000 },
  { players: 'known', writes: 'closed', tiers: [{ name: 'é'.repeat(32) }] },
  { tiers: [{ name: 'a', rank: 1 }, { name: 'b', topPercent: 0.1 }, { name: 'c' }] },
  { tiers: [{ name: 'a', score: -1 }, { name: 'b', score: -9n }, { name: 'c' }] },
]

test.each(RULES.map((rules) => [rules]))('rules come back as they were: %o', (rules) => {
  const key = rulesKey(7)
  const value = encodeRules(key, { rules, others: NONE }) as Buffer
  expect(decodeRules(key, value)).toEqual({ rules, others: NONE })
  for (let i = 0; i < value.length; i++) {
    const damaged = Buffer.from(value)
    damaged[i] = (damaged[i] as number) ^ 1
    expect(decodeRules(key, damaged)).toBeUndefined()
  }
  expect(decodeRules(rulesKey(8), value)).toBeUndefined()
})

test('a release keeps the rules and the settings that it does not know', () => {
  const others = new Map([[99, Buffer.from('later')]])
  const key = rulesKey(1)
  const rules = encodeRules(key, { rules: {}, others }) as Buffer
  expect(decodeRules(key, rules)).toEqual({ rules: {}, others })
  expect(encodeRules(key, { rules: {}, others: NONE })).toBeUndefined()
  const usual: SettingsRecord = {
    ...{ logDays: undefined, logBytes: undefined, requestDays: 0, requestCount: 0 },
    ...{ isUnique: false, isClosed: true, others },
  }
  expect(decodeSettings(encodeSettings(usual) as Buffer)).toEqual(usual)
  const profile = { name: undefined, avatar: undefined, metadata: '{"a":1}', others }
  const player = profileKey('ada')
  expect(decodeProfile(player, encodeProfile(player, profile))).toEqual(profile)
  const bare = { name: undefined, avatar: undefined, metadata: undefined, others: NONE }
  expect(decodeProfile(player, encodeProfile(player, bare))).toEqual(bare)
})

test('times of submits are refused if they do not ascend or leave their minute', () => {
  const key = submitTimesKey(1, 2, 'ada')
  expect(decodeSubmitTimes(key, encodeSubmitTimes(key, [0, 5, 5, 59_999_999]))).toEqual([
    ...[0, 5, 5, 59_999_999],
  ])
  for (const times of [[], [5, 4], [60_000_000]])
    expect(decodeSubmitTimes(key, encodeSubmitTimes(key, times))).toBeUndefined()
})
