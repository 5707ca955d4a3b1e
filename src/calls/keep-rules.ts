/**
 * The check of a rotation, which removes backups: whatever it is given, it either knows what to keep or
 * removes nothing.
 *
 * @module
 */

import type { KeepRules, RotateOptions } from '../words/index.ts'
import { checkOptions, checkWhole, show } from './values.ts'

const RULES: readonly (keyof KeepRules)[] = ['keep', 'daily', 'weekly', 'monthly']
const OPTIONS: readonly (keyof RotateOptions)[] = ['storeId', 'rules', 'made', 'signal']

/** Returns the options of a rotation. */
export function checkRotation(value: RotateOptions | undefined): RotateOptions {
  if (value === undefined)
    throw new TypeError(
      'Cannot rotate backups: there must be { storeId, rules }; nothing was removed',
    )
  const options = checkOptions(value) as RotateOptions
  refuseOthers(options, OPTIONS, 'options')
  const { storeId, made, signal } = options
  if (typeof storeId !== 'string' || storeId === '')
    throw new TypeError(
      `Cannot use ${show(storeId)} as storeId: it must be the storeId of a manifest, of backup() or of stats()`,
    )
  if (made !== undefined && (typeof made !== 'string' || made === ''))
    throw new TypeError(`Cannot use ${show(made)} as made: it must be the path of a backup`)
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError('Cannot use this signal: it must be an AbortSignal')
  return { ...options, rules: checkKeepRules(options.rules) }
}

/** Returns rules that keep something. */
function checkKeepRules(value: unknown): KeepRules {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(
      `Cannot use ${show(value)} as rules: it must be an object like { daily: 7 }`,
    )
  const rules = value as KeepRules
  refuseOthers(rules, RULES, 'rules')
  const given = RULES.filter((name) => rules[name] !== undefined)
  const counts = given.map((name) => checkWhole(rules[name], `rule ${name}`))
  if (counts.some((count) => count > 0)) return rules
  throw new RangeError(
    `Cannot rotate backups by rules that keep none: give one of ${RULES.join(', ')} at least 1; nothing was removed`,
  )
}

function refuseOthers(value: object, names: readonly string[], what: string): void {
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue
    const meant = names.find((known) => resembles(name, known))
    const hint = meant === undefined ? '' : `did you mean ${meant}? `
    throw new TypeError(
      `Cannot use ${show(name)} in ${what}: ${hint}the names are ${names.join(', ')}`,
    )
  }
}

// The command line says --keep-daily, for which the library's name is daily.
function resembles(name: string, known: string): boolean {
  const bare = name.replace(/^keep[-_]?(?=.)/i, '').toLowerCase()
  return bare === known.toLowerCase() || bare.startsWith(known.slice(0, 3).toLowerCase())
}
