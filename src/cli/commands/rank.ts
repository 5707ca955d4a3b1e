/**
 * `rank`: a player's rank, the number alone.
 *
 *     { playerId, rank }
 *
 * @module
 */

import type { RankMode } from '../../index.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface RankCommandOptions extends CommonOptions {
  playerId: string
  rankMode: RankMode
}

/** Declares `rank`. */
export function rankCommand(cli: Cli): void {
  addCommand(cli, 'rank', { summary: "a player's rank, the number alone", example: 'rank alice' })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .action(runner(cli, runRank, ['playerId']))
}

export async function runRank(io: Io, options: RankCommandOptions): Promise<number> {
  const { playerId, rankMode } = options
  const rank = await withStore({ ...options, access: 'read' }, (store) =>
    store.board(options.board).rank(playerId, { rankMode }),
  )
  if (rank === undefined) throw noPlayer(playerId, options.board)
  if (options.json) await printJson(io, { playerId, rank })
  else await printLine(io, String(rank))
  return 0
}
