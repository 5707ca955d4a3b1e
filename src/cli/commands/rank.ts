/**
 * `rank`: a player's rank, the number alone.
 *
 *     { playerId, rank }
 *
 * @module
 */

import type { RankMode } from '../../index.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { readBoard } from '../entry-list.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { placeFields } from '../read-place.ts'
import { inSeason, inWindow, type WindowOptions } from '../window.ts'
import type { CommonOptions } from '../with-store.ts'

export interface RankCommandOptions extends CommonOptions, WindowOptions {
  playerId: string
  rankMode: RankMode
}

/** Declares `rank`. */
export function rankCommand(cli: Cli): void {
  addCommand(cli, 'rank', { summary: "a player's rank, the number alone", example: 'rank alice' })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runRank, ['playerId']))
}

export async function runRank(io: Io, options: RankCommandOptions): Promise<number> {
  const { playerId, rankMode } = options
  const { rank, place } = await readBoard(options, (view, place) => {
    return { rank: view.rank(playerId, { rankMode }), place }
  })
  if (rank === undefined) throw noPlayer(playerId, place)
  if (options.json) await printJson(io, { playerId, rank, ...placeFields(place) })
  else await printLine(io, String(rank))
  return 0
}
