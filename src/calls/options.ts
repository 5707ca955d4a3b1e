/**
 * Checks of options: names that a call does not know and values of a wrong type are refused, so that
 * no slip of the pen is a default that nobody wanted.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { RankMode, RankOptions } from '../words/index.ts'
import { COLUMN_FIELDS, RULE_FIELDS, SUBMISSION_FIELDS } from './fields.ts'
import type { CallFields } from './kinds.ts'
import { isPlainObject } from './kinds.ts'
import { nearestName } from './suggest.ts'
import { CALLS, type CallName } from './table.ts'
import { show } from './values.ts'

/**
 * Returns the options of a call, `{}` if none were given. Their names and their values are checked; a
 * value that is undefined is not given.
 *
 * @throws {TypeError | RangeError} that names the option, the call and what is known or allowed.
 */
export function checkOptionsOf<T extends object>(call: CallName, value: T | undefined): Partial<T> {
  if (value === undefined) return {}
  const { options } = CALLS[call]
  return checkFields(value, { fields: options ?? {}, what: `options of ${call}()` })
}

/** Like {@link checkOptionsOf}, for options without which there is nothing to do. */
export function checkRequired<T extends object>(call: CallName, value: T | undefined): Partial<T> {
  const { options = {}, required = [] } = CALLS[call]
  const given = checkFields(value === undefined ? ({} as T) : value, {
    fields: options,
    what: `options of ${call}()`,
  })
  for (const name of required)
    if (given[name as keyof T] === undefined)
      throw new TypeError(
        `Cannot use undefined as ${name}: ${call}() needs one, ${options[name]?.words}`,
      )
  return given
}

/**
 * Returns an argument of a call, checked as the table says.
 *
 * @throws {TypeError | RangeError} that names the argument and what is allowed.
 */
export function checkArgument<T>(call: CallName, name: string, value: T): T {
  const kind = CALLS[call].arguments[name]
  assert(kind !== undefined, `${call}() has an argument ${name}`)
  kind.check(value, name)
  return value
}

/** Returns one of many submissions, which board and door check further. */
export function checkSubmission<T extends object>(value: T): Partial<T> {
  return checkFields(value, { fields: SUBMISSION_FIELDS, what: 'a submission' })
}

/** Returns one column of a board's settings. */
export function checkColumnOf<T extends object>(value: T): Partial<T> {
  return checkFields(value, { fields: COLUMN_FIELDS, what: 'a column' })
}

/** Returns the rules of a rotation. */
export function checkRulesOf<T extends object>(value: T): Partial<T> {
  return checkFields(value, { fields: RULE_FIELDS, what: 'rules' })
}

/** Returns the rank mode of a question. */
export function rankModeOf(call: CallName, options: RankOptions | undefined): RankMode {
  return checkOptionsOf(call, options).rankMode ?? 'ordinal'
}

/** Returns an object whose names and values are what `fields` says. */
export function checkFields<T extends object>(
  value: T,
  rule: { fields: CallFields; what: string },
): Partial<T> {
  const { fields, what } = rule
  if (!isPlainObject(value))
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be an object`)
  // With inherited ones: they are read as well.
  for (const name in value) {
    if (!Object.hasOwn(fields, name)) throw unknownName(name, { names: Object.keys(fields), what })
    if (value[name] !== undefined) fields[name]?.check(value[name], name)
  }
  return value
}

/** Returns the error of a name that is not known, with the one that may be meant. */
export function unknownName(
  name: string,
  rule: { names: readonly string[]; what: string },
): TypeError {
  const { names, what } = rule
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  const known = names.length === 0 ? 'it takes none' : `the names are ${names.join(', ')}`
  return new TypeError(`Cannot use ${show(name)} in ${what}: ${hint}${known}`)
}
