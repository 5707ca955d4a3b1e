/**
 * What a request to watch asks for: `top=N`, or `player=ID`.
 *
 * @module
 */

import { CALLS, type CallFields, type Kind } from '../../calls/index.ts'
import type { RankMode } from '../../index.ts'
import { readQuery } from '../query.ts'
import { type Route, routeOf } from '../routes/route.ts'
import type { LiveSubject } from './topic.ts'

const { top, playerId, rankMode } = CALLS.watch.options as Record<string, Kind>
const TOP_DEFAULT = 10
const FIELDS = { top, player: playerId, rankMode, ...CALLS.window.arguments } as CallFields

/** The route of watching, as others have theirs. */
export const LIVE_ROUTE: Route = routeOf('GET', '/boards/{board}/live', {
  calls: ['watch'],
  does: 'the first entries, or a player, and what changes, as it changes',
  query: FIELDS,
  isLook: false,
  answer: 'LiveUpdate',
  run: () => undefined,
})

/**
 * Returns what a query asks to watch.
 *
 * @throws {TypeError | RangeError} if it asks for both, or for what is not known.
 */
export function subjectOf(board: string, search: string): LiveSubject {
  const asked = readQuery(search, { route: LIVE_ROUTE, board: () => undefined })
  for (const [name, value] of Object.entries(asked)) FIELDS[name]?.check(value, name)
  if (asked['top'] !== undefined && asked['player'] !== undefined)
    throw new TypeError('Cannot watch top and player at once: give one')
  return {
    board,
    top: (asked['top'] as number | undefined) ?? TOP_DEFAULT,
    playerId: asked['player'] as string | undefined,
    window: asked['window'] as string | undefined,
    season: asked['season'] as string | undefined,
    rankMode: (asked['rankMode'] as RankMode | undefined) ?? 'ordinal',
  }
}
