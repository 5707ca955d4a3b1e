/**
 * The check of a rotation, which removes backups: whatever it is given, it either knows what to keep or
 * removes nothing.
 *
 * @module
 */

import type { KeepRules, RotateOptions } from '../words/index.ts'
import { checkRequired, checkRulesOf } from './options.ts'
import { RULE_FIELDS } from './work-fields.ts'

const RULES = Object.keys(RULE_FIELDS) as (keyof KeepRules)[]

/** Returns the options of a rotation. */
export function checkRotation(value: RotateOptions | undefined): RotateOptions {
  if (value === undefined)
    throw new TypeError('Cannot rotate backups: give { storeId, rules }; nothing was removed')
  const options = checkRequired('rotateBackups', value) as RotateOptions
  return { ...options, rules: checkKeepRules(options.rules) }
}

/**
 * Returns rules that keep something. Cost: a glance at each rule.
 *
 * @throws {TypeError | RangeError} for a rule that is not known or no whole number, and for rules that keep nothing.
 * @example
 * checkKeepRules({ daily: 7 }) // { daily: 7 }
 */
export function checkKeepRules(value: KeepRules): KeepRules {
  const rules = checkRulesOf(value)
  if (RULES.some((name) => (rules[name] ?? 0) > 0)) return rules
  throw new RangeError(
    `Cannot rotate backups: the rules keep none; set one of ${RULES.join(', ')} to 1 or more; nothing was removed`,
  )
}
