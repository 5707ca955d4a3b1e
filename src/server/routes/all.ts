/**
 * All routes of the interface, those with a shape of their own first.
 *
 * @module
 */

import { CALLS, type Call, type CallName } from '../../calls/index.ts'
import { BACKUP_ROUTES } from './backups.ts'
import { derivedRoute } from './derived.ts'
import type { Route } from './route.ts'
import { SCORE_ROUTES } from './scores.ts'
import { seasonedRoute } from './seasoned.ts'
import { BOARD_ROUTES, PLAYER_ROUTES, STORE_ROUTES } from './special.ts'

const OWN_ROUTES: readonly Route[] = [
  ...[...BOARD_ROUTES, ...SCORE_ROUTES, ...PLAYER_ROUTES],
  ...[...STORE_ROUTES, ...BACKUP_ROUTES],
]

/** Calls whose route of their own does not take the place of the derived one. */
const BOTH: readonly CallName[] = ['profile', 'rules', 'standing', 'top']

const BARE_ROUTES: readonly Route[] = [
  ...OWN_ROUTES,
  ...(Object.entries(CALLS) as [CallName, Call][])
    .filter(([name, call]) => call.isRemote && (BOTH.includes(name) || !hasOwnRoute(name)))
    .map(([name]) => derivedRoute(name)),
]

/** All routes. */
export const ROUTES: readonly Route[] = BARE_ROUTES.map(seasonedRoute)

function hasOwnRoute(name: CallName): boolean {
  return OWN_ROUTES.some(({ calls }) => calls.includes(name))
}
