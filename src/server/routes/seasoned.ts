/**
 * Reads of a window. Which season is on is found first, so that all of an answer is of the same one, and stands in
 * the answer: `window`, `season`, `from` and `to`.
 *
 * @module
 */

import { isSeasoned } from '../../calls/index.ts'
import { settled } from './derived.ts'
import { type Asked, boardOf, type Route, type SeenSeason, seasonSeen, seenOf } from './route.ts'

/** Whether a route answers of a season too. */
export function isSeasonedRoute({ calls, query, body }: Route): boolean {
  return calls.some(isSeasoned) && Object.hasOwn({ ...query, ...body?.fields }, 'window')
}

/** Returns a route whose answers say of which season they are. */
export function seasonedRoute(route: Route): Route {
  if (!isSeasonedRoute(route)) return route
  return { ...route, run: (asked) => runIn(route, asked) }
}

function runIn(route: Route, asked: Asked): unknown {
  const { window, season: id } = asked.given
  if (window === undefined && id === undefined) return route.run(asked)
  return settled(seenOf(boardOf(asked), asked.given), (seen) =>
    runSeen(route, asked, seen as object),
  )
}

function runSeen(route: Route, asked: Asked, seen: object): unknown {
  const season = seasonSeen(seen)
  if (season === undefined) return route.run(asked)
  const given = { ...asked.given, ...(season.season !== undefined && { season: season.season }) }
  return settled(route.run({ ...asked, given }), (answer) => told(route, season, answer))
}

// A score of several columns is an answer by itself: its fields are the columns.
function told(route: Route, season: SeenSeason, answer: unknown): unknown {
  const isScore = route.answer === 'scoreAt' && !Object.hasOwn(answer as object, 'result')
  return isScore ? answer : { ...season, ...(answer as object) }
}
