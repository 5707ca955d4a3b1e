/**
 * The addresses that there are, and what is said of a request that none of them takes.
 *
 * @module
 */

import { shorten } from '../../calls/index.ts'
import { LIVE_ROUTE } from '../live/subject.ts'
import { HttpError } from '../problem.ts'
import { ROUTES } from './all.ts'

/** What all paths of routes begin with. */
export const BASE = '/api/v1'

const ALL = [...ROUTES, LIVE_ROUTE]

/** The methods of each address. */
const METHODS: readonly (readonly [pattern: RegExp, methods: readonly string[]])[] = [
  ...new Set(ALL.map(({ path }) => path)),
].map((path) => [
  new RegExp(`^${BASE}${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  ALL.filter((route) => route.path === path).map(({ method }) => method),
])

/** Returns what is wrong with a request that no route takes: its method, or its address. */
export function notTaken(method: string, path: string): HttpError {
  const found = METHODS.find(([pattern]) => pattern.test(path))
  if (found === undefined)
    return new HttpError(
      'NO_ROUTE',
      `Cannot find ${shorten(path, 100)}: there is no such address; /openapi.json lists all`,
    )
  const [, methods] = found
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
  return new HttpError(
    'METHOD_NOT_ALLOWED',
    `Cannot ${shorten(method, 20)} this address: it takes ${allowed.join(', ')}`,
    { headers: { Allow: allowed.join(', ') } },
  )
}
