/**
 * Checks of options: names that a call does not know and values of a wrong type are refused, so that
 * no slip of the pen is a default that nobody wanted.
 *
 * @module
 */

import { COLUMN_FIELDS, SUBMISSION_FIELDS } from './fields.ts'
import type { CallFields, Kind } from './kinds.ts'
import { isPlainObject } from './kinds.ts'
import {
  GAIN_FIELDS,
  REQUEST_FIELDS,
  RETENTION_FIELDS,
  STORE_FIELDS,
  TIER_FIELDS,
} from './rule-fields.ts'
import { nearestName } from './suggest.ts'
import { CALLS, type Call, type CallName } from './table.ts'
import { show } from './values.ts'
import { RULE_FIELDS } from './work-fields.ts'

interface Argument {
  readonly name: string
  readonly kind: Kind
  readonly isOptional: boolean
}

/** A call of the table, laid out for quick checks: they stand before every look-up. */
interface Prepared {
  readonly arguments: readonly Argument[]
  readonly options: CallFields | undefined
  readonly required: readonly string[] | undefined
  /** Its options in words. */
  readonly what: string
}

// A map: as quick whichever call is asked for, which an object with a hundred names is not.
const PREPARED = new Map(
  (Object.entries(CALLS) as [CallName, Call][]).map(([name, call]) => [name, prepare(name, call)]),
)

function preparedOf(call: CallName): Prepared {
  return PREPARED.get(call) as Prepared
}

function prepare(name: CallName, call: Call): Prepared {
  const { optional = [], options, required } = call
  const fields = Object.entries(call.arguments).map(([argument, kind]) => {
    return { name: argument, kind, isOptional: optional.includes(argument) }
  })
  return { arguments: fields, options, required, what: `options of ${name}()` }
}

/**
 * Returns the options of a call, `{}` if none were given. Their names and their values are checked; a
 * value that is undefined is not given.
 *
 * @throws {TypeError | RangeError} that names the option, the call and what is known or allowed.
 */
export function checkOptionsOf<T extends object>(call: CallName, value: T | undefined): Partial<T> {
  if (value === undefined) return {}
  const { options = {}, what } = preparedOf(call)
  return checkFields(value, { fields: options, what })
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
 * Checks all that a call was given: its arguments, then its options, which it returns. A call without
 * options refuses them; what else stands behind the last argument does no harm, as `map` adds some.
 *
 * @throws {TypeError | RangeError} that names the argument or the option, and what is allowed.
 */
export function checkCall<T extends object>(
  call: CallName,
  given: ArrayLike<unknown>,
  options: T | undefined,
): Partial<T> {
  checkArguments(call, given)
  if (preparedOf(call).required !== undefined) return checkRequired(call, options)
  return options === undefined ? {} : checkOptionsOf(call, options)
}

/**
 * Like {@link checkCall}, for a look-up with one argument and options: all arguments in one object cost some
 * 3 % of a rank.
 */
export function checkLookUp<T extends object>(
  call: CallName,
  given: unknown,
  options: T | undefined,
): Partial<T> {
  const { kind, name } = preparedOf(call).arguments[0] as Argument
  kind.check(given, name)
  return options === undefined ? {} : checkOptionsOf(call, options)
}

/** Checks the arguments of a call, and that one without options is given none. */
export function checkArguments(call: CallName, given: ArrayLike<unknown>): void {
  const { arguments: fields, options, what } = preparedOf(call)
  for (let i = 0; i < fields.length; i++) {
    const { name, kind, isOptional } = fields[i] as Argument
    if (!(isOptional && given[i] === undefined)) kind.check(given[i], name)
  }
  if (options === undefined) refuseOptions(given[fields.length], what)
}

/** Refuses options of a call that takes none. Only an object with fields can be options. */
export function refuseOptions(value: unknown, what: string): void {
  if (value !== undefined && isPlainObject(value)) checkFields(value, { fields: {}, what })
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

// What stands inside of rules and of settings of the store.
const PARTS: Readonly<Record<PartName, { fields: CallFields; what: string }>> = {
  maxGain: { fields: GAIN_FIELDS, what: 'maxGain' },
  tier: { fields: TIER_FIELDS, what: 'a tier' },
  settings: { fields: STORE_FIELDS, what: 'settings of the store' },
  retention: { fields: RETENTION_FIELDS, what: 'retention' },
  requests: { fields: REQUEST_FIELDS, what: 'requests' },
}

/** Returns a part of rules or of settings. */
export function checkPartOf<T extends object>(part: PartName, value: T): Partial<T> {
  return checkFields(value, PARTS[part])
}

type PartName = 'maxGain' | 'tier' | 'settings' | 'retention' | 'requests'

/**
 * Returns an object whose names and values are what `fields` says. Cost: O(fields).
 *
 * @throws {TypeError | RangeError} that names the field and `what`, and what is known or allowed.
 * @example
 * checkFields({ limit: 5 }, { fields: CALLS.page.options, what: 'a query' }) // { limit: 5 }
 */
export function checkFields<T extends object>(
  value: T,
  rule: { fields: CallFields; what: string },
): Partial<T> {
  const { fields, what } = rule
  if (!isPlainObject(value))
    throw new TypeError(
      `Cannot use ${show(value)} as ${what}: it must be an object with ${Object.keys(fields).join(', ')}`,
    )
  // With inherited ones: they are read as well.
  for (const name in value) {
    if (!Object.hasOwn(fields, name)) throw unknownName(name, { names: Object.keys(fields), what })
    if (value[name] !== undefined) fields[name]?.check(value[name], name)
  }
  return value
}

/**
 * Returns the error of a name that is not known, with the one that may be meant. Cost: O(names).
 *
 * @example
 * const error = unknownName('limt', { names: ['limit'], what: 'a query' })
 * error.message // 'Cannot use "limt" in a query: did you mean "limit"? the names are limit'
 */
export function unknownName(
  name: string,
  rule: { names: readonly string[]; what: string },
): TypeError {
  const { names, what } = rule
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  const known = names.length === 0 ? 'it takes no options' : `the names are ${names.join(', ')}`
  return new TypeError(`Cannot use ${show(name)} in ${what}: ${hint}${known}`)
}
