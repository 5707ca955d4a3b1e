/**
 * Changes that reach seasons: the option for sealed ones, and the seasons that are told.
 *
 * @module
 */

import type { Leaderboard, Score } from '../index.ts'
import { formatCount } from './output.ts'

/** An option of `Command.option()`: changes do not touch final standings unless they are told to. */
export const SEALED_OPTION = [
  '--sealed',
  'change sealed seasons too, whose standings are final',
] as const

/** Returns it as the library takes it. */
export function sealedOf({ sealed }: { sealed?: boolean }): { sealed?: true } {
  return sealed === true ? { sealed } : {}
}

/** Returns how many seasons a change reached, in words; empty if none. */
export function inSeasons(seasons: readonly unknown[] = []): string {
  return seasons.length === 0 ? '' : `in ${formatCount(seasons.length, 'season')}`
}

/** A season of a board that has a player. */
export interface SeasonWith {
  board: string
  window: string
  season: string
}

const SEASONS_MAX = 1_000

/** Returns the seasons that show a player, of those that a change reaches. Cost: a read for each. */
export function seasonsWith(
  board: Leaderboard<Score>,
  playerId: string,
  { sealed = false }: { sealed?: boolean },
): SeasonWith[] {
  return board.windows().flatMap(({ window }) =>
    board
      .seasons(window, { limit: SEASONS_MAX })
      .filter((season) => sealed || !season.sealed)
      .filter(({ season }) => board.window(window, season).get(playerId) !== undefined)
      .map(({ season }) => ({ board: board.name, window, season })),
  )
}
