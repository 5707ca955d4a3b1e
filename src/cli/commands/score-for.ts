/**
 * `score-for`: what is needed to get to a rank, or among the best P percent, now.
 *
 *     { board, rank, score, mark, mustBeat }   and held: true for a player who is there already
 *
 * @module
 */

import type { Goal, Score } from '../../index.ts'
import { parsePlace, parseShare } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, readBoard } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, printJson, printLine } from '../output.ts'
import { inSeason, inWindow } from '../window.ts'

export interface ScoreForOptions extends ListOptions {
  rank?: number
  topPercent?: number
  player?: string
}

/** Declares `score-for`. */
export function scoreForCommand(cli: Cli): void {
  addCommand(cli, 'score-for', {
    summary: 'what is needed to get to a rank now',
    example: 'score-for --rank 100 --player alice',
  })
    .option('--rank <n>', 'the rank', parsePlace)
    .option('--top-percent <p>', 'instead: to be among this best share, in percent', parseShare)
    .option('--player <id>', 'as seen by this player, whose own entry is ignored')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runScoreFor))
}

export async function runScoreFor(io: Io, options: ScoreForOptions): Promise<number> {
  const { rank, topPercent, player, rankMode } = options
  const { goal, place } = await readBoard(options, (view, place) => {
    const goal = view.scoreFor({
      rankMode,
      ...(rank !== undefined && { rank }),
      ...(topPercent !== undefined && { topPercent }),
      ...(player !== undefined && { playerId: player }),
    })
    return { goal, place }
  })
  if (options.json) await printJson(io, { ...place, ...goal })
  else await printLine(io, describe(goal))
  return 0
}

function describe({ rank, score, mark, mustBeat, held }: Goal<Score>): string {
  const place = `rank ${formatNumber(rank)}`
  if (held) return `${place}: held already`
  if (mark === undefined) return `${place}: any score will do`
  if (score === undefined)
    return `${place}: not possible, ${formatScore(mark)} is the best score there is`
  return `${place}: ${mustBeat ? 'better than' : 'at least'} ${formatScore(mark)}`
}
