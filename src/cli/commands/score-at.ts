/**
 * `score-at`: the score that holds a rank.
 *
 *     { board, rank, score }
 *
 * @module
 */

import type { Score } from '../../index.ts'
import { parsePlace } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import type { ListOptions } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatScore, printJson, printLine } from '../output.ts'
import { withStore } from '../with-store.ts'

export interface ScoreAtOptions extends ListOptions {
  rank: number
}

/** Declares `score-at`. */
export function scoreAtCommand(cli: Cli): void {
  addCommand(cli, 'score-at', { summary: 'the score that holds a rank', example: 'score-at 100' })
    .argument('<rank>', 'rank, from 1 on', parsePlace)
    .addOption(rankMode())
    .action(runner(cli, runScoreAt, ['rank']))
}

export async function runScoreAt(io: Io, options: ScoreAtOptions): Promise<number> {
  const { rank, board, rankMode } = options
  const score = await withStore({ ...options, access: 'read' }, (store) =>
    store.snapshot((view) => view.board<Score>(board).scoreAt(rank, { rankMode })),
  )
  if (score === undefined)
    throw new CliError('NO_PLAYER', `Cannot find rank ${rank}: board "${board}" has fewer`)
  if (options.json) await printJson(io, { board, rank, score })
  else await printLine(io, formatScore(score))
  return 0
}
