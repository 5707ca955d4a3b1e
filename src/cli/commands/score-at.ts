/**
 * `score-at`: the score that holds a rank.
 *
 *     { board, rank, score }
 *
 * @module
 */

import { parsePlace } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, readBoard } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatScore, printJson, printLine } from '../output.ts'
import { placeName } from '../read-place.ts'
import { inSeason, inWindow } from '../window.ts'

export interface ScoreAtOptions extends ListOptions {
  rank: number
}

/** Declares `score-at`. */
export function scoreAtCommand(cli: Cli): void {
  addCommand(cli, 'score-at', { summary: 'the score that holds a rank', example: 'score-at 100' })
    .argument('<rank>', 'rank, from 1 on', parsePlace)
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runScoreAt, ['rank']))
}

export async function runScoreAt(io: Io, options: ScoreAtOptions): Promise<number> {
  const { rank, rankMode } = options
  const { score, place } = await readBoard(options, (view, place) => {
    return { score: view.scoreAt(rank, { rankMode }), place }
  })
  if (score === undefined)
    throw new CliError('NO_PLAYER', `Cannot find rank ${rank}: ${placeName(place)} has fewer`)
  if (options.json) await printJson(io, { ...place, rank, score })
  else await printLine(io, formatScore(score))
  return 0
}
