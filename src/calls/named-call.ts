/**
 * A call whose arguments come by their names, as JSON and URLs carry them: read, checked by what they may
 * be in JSON, put in their order, and made.
 *
 * @module
 */

import type { AtUnit } from '../words/index.ts'
import type { CallFields } from './kinds.ts'
import { CALLS, type Call, type CallName } from './table.ts'
import { parseAt, parseTime } from './times.ts'

/** Arguments and options as they came, by their names. */
export type NamedArguments = Record<string, unknown>

/** The older name of an argument. */
const ALIASES: Readonly<Record<string, string>> = { entries: 'submissions' }

/** The ends of a span of time, where they are numbers. */
const SPAN: readonly string[] = ['from', 'to']

/**
 * Makes a call of the table with arguments by their names; `target` is the store, or the board if the call is
 * one of a board. Returns what the call returns, or the value of a property. Cost: that of the call.
 *
 * A read of a board takes `window` too, and perhaps `season`: then it is one of that season.
 *
 * @throws {TypeError | RangeError} for arguments of a wrong shape, and what the call throws or rejects with.
 * @example
 * makeNamedCall(store, 'hasBoard', { given: { name: 'arena' } }) // false
 */
export function makeNamedCall(
  target: object,
  name: CallName,
  asked: { given: NamedArguments; signal?: AbortSignal | undefined },
): unknown {
  const call: Call = CALLS[name]
  const { window, season } = asked.given
  if ((window !== undefined || season !== undefined) && isSeasoned(name)) {
    const { window: _window, season: _season, ...given } = asked.given
    const seen = seasonOfBoard(target, { window, season })
    if (!(seen instanceof Promise)) return makeNamedCall(seen, name, { ...asked, given })
    return seen.then((later: object) => makeNamedCall(later, name, { ...asked, given }))
  }
  const named = readNamed(call, asked.given)
  const member = Reflect.get(target, name) as unknown
  if (typeof member !== 'function') return member
  if (call.whole !== undefined) checkWhole(call, named)
  if (call.whole !== undefined && named['board'] === undefined)
    return Reflect.apply(member, target, [named])
  const values = Object.keys(call.arguments).map((argument) => named[argument])
  return Reflect.apply(member, target, [...values, ...optionsOf(call, named, asked.signal)])
}

/**
 * Whether a call asks a board what a season of it answers too: `window` and `season` then say which one. Cost: a look
 * into the table.
 *
 * @example
 * isSeasoned('top') // true
 */
export function isSeasoned(name: CallName): boolean {
  const { owner, kind, arguments: fields } = CALLS[name]
  return owner === 'board' && kind === 'question' && name !== 'windows' && !('window' in fields)
}

/**
 * Returns the fields of a line, a body or a submission that are given. Null means not given, unless it is a
 * value of its own in this call. Cost: O(fields), and a copy.
 *
 * @example
 * withoutNulls({ playerId: 'ann', score: 5, name: null }) // { playerId: 'ann', score: 5 }
 */
export function withoutNulls<T>(value: T, fields: CallFields = CALLS.submit.options ?? {}): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = Object.entries(value).filter(
    ([name, field]) => field !== null || fields[name]?.takesNull === true,
  )
  return Object.fromEntries(given) as T
}

function seasonOfBoard(
  board: object,
  { window, season }: { window: unknown; season: unknown },
): object {
  const member = Reflect.get(board, 'window') as (...args: unknown[]) => object
  return Reflect.apply(member, board, [window, season])
}

function readNamed(call: Call, given: NamedArguments): NamedArguments {
  const named: NamedArguments = {}
  for (const name of Object.keys(given)) {
    const meant = ALIASES[name] ?? name
    if (meant in named)
      throw new TypeError(`Cannot take both ${meant} and ${name}: they mean the same, give one`)
    const value = given[name]
    named[meant] = isTimeAsText(call, meant, value) ? parseTime(value, meant) : value
  }
  const { submissions } = named
  if (!Array.isArray(submissions)) return withTime(named)
  return { ...named, submissions: submissions.map((one) => withTime(withoutNulls(one))) }
}

function optionsOf(
  call: Call,
  named: NamedArguments,
  signal: AbortSignal | undefined,
): [NamedArguments] | [] {
  if (call.options === undefined) return []
  const names = Object.keys(call.options).filter((name) => named[name] !== undefined)
  const options = Object.fromEntries(names.map((name) => [name, named[name]]))
  return ['signal' in call.options && signal !== undefined ? { ...options, signal } : options]
}

// Without a board, a call that takes one speaks of the whole store, and has other options.
function checkWhole({ whole = {}, options = {} }: Call, named: NamedArguments): void {
  const { board, ...given } = named
  const [what, fields] = board === undefined ? ['the whole store', whole] : ['a board', options]
  for (const name of Object.keys(given))
    if (!Object.hasOwn(fields, name))
      throw new TypeError(
        `Cannot use ${name} for ${what}: it takes ${Object.keys(fields).join(', ')}; without board it is about the whole store`,
      )
}

// The other times than `at`, which alone has a unit. Some calls have players called `from` and `to`.
function isTimeAsText({ options }: Call, name: string, value: unknown): value is string {
  if (typeof value !== 'string' || options === undefined) return false
  const kind = options[name]
  return kind?.isTime === true || (SPAN.includes(name) && kind?.type === 'number')
}

// JSON has no dates: a time may come as a text of ISO 8601.
function withTime<T>(value: T): T {
  const { at, atUnit } = (value ?? {}) as { at?: unknown; atUnit?: AtUnit }
  if (typeof at !== 'string') return value
  return { ...value, at: parseAt(at, atUnit), atUnit: 'ms' }
}
