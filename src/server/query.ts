/**
 * Arguments of a request by their names: from its query, which has texts, and from its body.
 *
 * @module
 */

import {
  type CallFields,
  type Kind,
  type NamedArguments,
  unknownName,
  valueOfText,
  withoutNulls,
} from '../calls/index.ts'
import type { Leaderboard, Score } from '../index.ts'
import { ANSWER_ENTRIES_MAX, QUERY_CHARACTERS_MAX, QUESTION_PLAYERS_MAX } from './limits.ts'
import { HttpError } from './problem.ts'
import type { Route } from './routes/route.ts'

/** Arguments that say how many entries an answer may have. */
const COUNTS: readonly string[] = ['limit', 'n', 'above', 'below']

/**
 * Returns the arguments that a query gives. `board` tells how scores are written; it is asked for only if
 * there is one.
 *
 * @throws {TypeError | RangeError} for a name that the route does not know, or a value of a wrong type.
 */
export function readQuery(
  search: string,
  asked: { route: Route; board: () => Leaderboard<Score> | undefined },
): NamedArguments {
  if (search === '' || search === '?') return {}
  checkSearch(search)
  const { route, board } = asked
  const given = new Map<string, unknown>()
  for (const [name, text] of new URLSearchParams(search)) {
    const kind = kindOf(route.query, name, `the query of ${route.method} ${route.path}`)
    const isScore = kind.type === 'score'
    const read = (one: string, of: Kind) =>
      valueOfText(one, { name, kind: of, board: isScore ? board() : undefined })
    const value = kind.type === 'list' ? itemsOf(text, kind, read) : read(text, kind)
    const before = given.get(name)
    if (before !== undefined && !Array.isArray(before))
      throw new TypeError(`Cannot use ${name} twice: give it once`)
    given.set(name, Array.isArray(before) ? [...before, ...(value as unknown[])] : value)
  }
  return Object.fromEntries(given)
}

/** Returns the arguments that a body gives; a list where the route takes one. */
export function readArguments(
  body: unknown,
  route: Route,
): { given: NamedArguments; items: unknown[] | undefined } {
  const { fields = {}, items } = route.body ?? {}
  if (Array.isArray(body) && items !== undefined) return { given: {}, items: body }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new TypeError(
      `Cannot use the body: it must be an object${items === undefined ? '' : ', or an array of them'}`,
    )
  for (const name of Object.keys(body))
    kindOf(fields, name, `the body of ${route.method} ${route.path}`)
  return { given: withoutNulls(body as NamedArguments, fields), items: undefined }
}

/** @throws {RangeError} if an answer would have more entries than the server gives at once. */
export function checkSize(given: NamedArguments): void {
  for (const name of COUNTS) {
    const value = given[name]
    if (typeof value === 'number' && value > ANSWER_ENTRIES_MAX) throw tooMany(name, value)
  }
  const { first, last, playerIds } = given
  if (typeof first === 'number' && typeof last === 'number' && last - first >= ANSWER_ENTRIES_MAX)
    throw tooMany('last', last)
  if (Array.isArray(playerIds) && playerIds.length > QUESTION_PLAYERS_MAX)
    throw new RangeError(
      `Cannot ask for ${playerIds.length} players at once: at most ${QUESTION_PLAYERS_MAX} are allowed`,
    )
}

function tooMany(name: string, value: number): RangeError {
  return new RangeError(
    `Cannot use ${value} as ${name}: an answer has at most ${ANSWER_ENTRIES_MAX} entries; ask for pages`,
  )
}

function kindOf(fields: CallFields, name: string, what: string): Kind {
  if (Object.hasOwn(fields, name)) return fields[name] as Kind
  throw unknownName(name, { names: Object.keys(fields), what })
}

// Words and numbers have no commas in them.
function itemsOf(text: string, kind: Kind, read: (one: string, of: Kind) => unknown): unknown[] {
  const { item = kind } = kind
  return text.split(',').map((one) => read(one.trim(), item))
}

function checkSearch(search: string): void {
  if (search.length > QUERY_CHARACTERS_MAX)
    throw new HttpError(
      'TOO_LARGE',
      `Cannot read the query: it has ${search.length} characters; at most ${QUERY_CHARACTERS_MAX} are allowed`,
    )
  checkEscapes(search, 'query')
}

/** @throws {TypeError} for a percent sign that begins no character of UTF-8. */
export function checkEscapes(text: string, what: string): void {
  if (!text.includes('%') || isDecodable(text)) return
  throw new TypeError(
    `Cannot read the ${what}: a % in it does not begin a character of UTF-8; write a % itself as %25`,
  )
}

// The lengths are compared because the bundler leaves out a call whose answer nobody takes.
function isDecodable(escaped: string): boolean {
  try {
    return decodeURIComponent(escaped).length < escaped.length
  } catch {
    return false
  }
}
