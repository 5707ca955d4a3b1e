/**
 * `player`: a player's entries on all boards.
 *
 *     { playerId, boards: [{ board, entry }] }
 *
 * @module
 */

import type { RankMode } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, formatTime, printJson, printTable } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'
import { noEntry } from './rename.ts'

export interface PlayerOptions extends CommonOptions {
  playerId: string
  rankMode: RankMode
}

/** Declares `player`. */
export function playerCommand(cli: Cli): void {
  addCommand(cli, 'player', {
    summary: "a player's entries on all boards",
    example: 'player alice',
  })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .action(runner(cli, runPlayer, ['playerId']))
}

export async function runPlayer(io: Io, options: PlayerOptions): Promise<number> {
  const { playerId, rankMode } = options
  const boards = await withAnyStore({ ...options, access: 'read' }, (store) =>
    store.boardsOf(playerId, { rankMode }),
  )
  if (boards.length === 0) throw noEntry(playerId)
  if (options.json) await printJson(io, { playerId, boards })
  else {
    const columns = [
      { title: 'board' },
      { title: 'rank', align: 'right' } as const,
      { title: 'name' },
      { title: 'score', align: 'right' } as const,
      { title: 'when' },
    ]
    const rows = boards.map(({ board, entry }) => [
      printable(board),
      formatNumber(entry.rank),
      printable(entry.name),
      formatScore(entry.score),
      formatTime(entry.at),
    ])
    await printTable(io, { columns, rows }, options)
  }
  return 0
}
