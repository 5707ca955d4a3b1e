/**
 * Changes that reach seasons: the option for sealed ones, and the seasons that are told.
 *
 * @module
 */

import { type AnyBoard, ifOffered } from './any-store.ts'
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
export async function seasonsWith(
  board: AnyBoard,
  playerId: string,
  { sealed = false }: { sealed?: boolean },
): Promise<SeasonWith[]> {
  const found: SeasonWith[] = []
  for (const { window } of await ifOffered(() => board.windows(), []))
    for (const { season, sealed: isSealed } of await board.seasons(window, {
      limit: SEASONS_MAX,
    })) {
      if (isSealed && !sealed) continue
      const view = await board.window(window, season)
      if ((await view.get(playerId)) !== undefined)
        found.push({ board: board.name, window, season })
    }
  return found
}
