/**
 * What a route is: a method and a path, who may use it, what it takes, and what it does.
 *
 * @module
 */

import {
  CALLS,
  type Call,
  type CallFields,
  type CallName,
  isSeasoned,
  type NamedArguments,
} from '../../calls/index.ts'
import type { BoardView, Leaderboard, Leaderboards, Score } from '../../index.ts'
import type { BackupMaker } from '../backups/maker.ts'

/** What a key allows; each role may also do what the ones before it may. */
export type Role = 'read' | 'write' | 'admin'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a request asks, read and by names. */
export interface Asked {
  readonly store: Leaderboards
  /** What stands in the path, by the names in the route. */
  readonly path: Readonly<Record<string, string>>
  /** Arguments of the query and of the body. */
  readonly given: NamedArguments
  /** The body, if it is a list. */
  readonly items: readonly unknown[] | undefined
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined
  /** Makes backups; undefined if the server keeps none. */
  readonly backups: BackupMaker | undefined
  /** Returns what is aborted when the caller is gone. */
  readonly signal: () => AbortSignal
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

/** What a body may hold. */
export interface BodyRule {
  readonly fields: CallFields
  /** The fields that must be there. */
  readonly required: readonly string[]
  /** Fields of each item, where a list may come in place of an object. */
  readonly items?: CallFields
}

/** One route. */
export interface Route {
  readonly method: Method
  /** Below /api/v1, with names in braces. */
  readonly path: string
  readonly role: Role
  /** The calls that it makes. */
  readonly calls: readonly CallName[]
  readonly does: string
  /** Whether a signature is enough. */
  readonly maySign?: boolean
  readonly query: CallFields
  readonly body?: BodyRule
  /** Fields of the query that must be there. */
  readonly required?: readonly string[]
  readonly bodyBytesMax?: number
  /** Whether the answer is the same as long as no commit comes: it carries an ETag. */
  readonly isLook: boolean
  /** The name of the schema of its answer. */
  readonly answer: string
  run(asked: Asked): unknown
}

/** Changes that a game makes for its players; all others are for administrators. */
const OF_GAMES: readonly CallName[] = [
  ...(['submit', 'submitMany', 'remove', 'take', 'rename', 'setProfile'] as const),
]

/** Questions that tell of more than the standings. */
const OF_ADMINISTRATORS: readonly CallName[] = ['bans', 'log', 'metrics', 'settings', 'stats']

/** Returns who may make a call. */
export function roleOf(name: CallName): Role {
  const { kind } = CALLS[name]
  if (OF_GAMES.includes(name)) return 'write'
  return kind !== 'question' || OF_ADMINISTRATORS.includes(name) ? 'admin' : 'read'
}

/** Returns a route; who may use it follows from the first of its calls. */
export function routeOf(
  method: Method,
  path: string,
  rest: Omit<Route, 'method' | 'path' | 'role' | 'query' | 'isLook'> &
    Partial<Pick<Route, 'query' | 'isLook'>>,
): Route {
  const [first] = rest.calls
  const role = first === undefined ? 'admin' : roleOf(first)
  return { method, path, role, query: {}, isLook: method === 'GET', ...rest }
}

/** An answer that is not 200. */
export class Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(status: number, body: unknown, headers?: Readonly<Record<string, string>>) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** Returns the board that the path names. */
export function boardOf({ store, path }: Pick<Asked, 'store' | 'path'>): Leaderboard<Score> {
  return store.openBoard(path['board'] ?? '') as Leaderboard<Score>
}

/** Of which season an answer is. */
export interface SeenSeason {
  readonly window: string
  /** Those below are undefined before the first season of a manual window. */
  readonly season: string | undefined
  readonly from: number | undefined
  /** Undefined until the next `startSeason`. */
  readonly to: number | undefined
}

/** Returns which season is read; undefined if it is a whole board. */
export function seasonSeen(seen: object): SeenSeason | undefined {
  // A board has a call of that name, also one on a server.
  const { window, season, from, to } = seen as SeenSeason
  return typeof window === 'string' ? { window, season, from, to } : undefined
}

/** Returns what is read of the board: itself, or the season that a request asks for, which comes later from a server. */
export function seenOf(
  board: Leaderboard<Score>,
  given: { readonly window?: unknown; readonly season?: unknown },
): BoardView<Score> {
  const { window, season } = given as { window: string; season?: string }
  return window === undefined && season === undefined ? board : board.window(window, season)
}

/** Returns what a question to a board takes in JSON, `window` and `season` with it. */
export function questionFields(name: CallName, without: readonly string[] = []): CallFields {
  const call: Call = CALLS[name]
  const season = isSeasoned(name) ? CALLS.window.arguments : {}
  return remoteFields({ ...call.arguments, ...call.options, ...season }, without)
}

/** Returns the fields that JSON can carry. */
export function remoteFields(
  fields: CallFields | undefined,
  without: readonly string[] = [],
): CallFields {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(
      ([name, { type }]) => type !== 'host' && !without.includes(name),
    ),
  )
}
