/**
 * `show`: a player's entry and standing.
 *
 *     { entry: { rank, playerId, name, score, at, metadata? },
 *       standing: { ordinal, competition, dense, better, equal, worse, total, percentile, bucket } }
 *     a board with tiers adds to it   tier, next: { name, rank, score }
 *
 * @module
 */

import type { Entry, Score, Standing } from '../../index.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { type ReadOptions, readBoard } from '../entry-list.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, formatTime, printJson } from '../output.ts'
import { placeFields, placeText } from '../read-place.ts'
import { paint, printable } from '../text.ts'
import { inSeason, inWindow } from '../window.ts'

export interface ShowOptions extends ReadOptions {
  playerId: string
}

/** What is known of a player. */
export interface Card {
  entry: Entry<Score>
  standing: Standing<Score>
}

/** Declares `show`. */
export function showCommand(cli: Cli): void {
  addCommand(cli, 'show', { summary: "a player's entry and standing", example: 'show alice' })
    .argument('<player>', 'id of the player')
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runShow, ['playerId']))
}

export async function runShow(io: Io, options: ShowOptions): Promise<number> {
  const { playerId } = options
  const { entry, standing, place } = await readBoard(options, (view, place) => {
    return { entry: view.get(playerId), standing: view.standing(playerId), place }
  })
  if (entry === undefined || standing === undefined) throw noPlayer(playerId, place)
  if (options.json) await printJson(io, { entry, standing, ...placeFields(place) })
  else {
    const title = paint(titleOf(entry), { io, color: options.color, style: 'bold' })
    const lines = entryLines({ entry, standing })
    await io.print(`${title} · ${placeText(place)}\n${lines.join('\n')}\n`)
  }
  return 0
}

/** Returns a player's name, with the id if they differ. */
export function titleOf({ name, playerId }: Entry<Score>): string {
  return name === playerId ? printable(name) : `${printable(name)} (${printable(playerId)})`
}

/** Returns the lines of a card for people. */
export function entryLines({ entry, standing }: Card): string[] {
  const { ordinal, competition, dense, better, equal, worse, total } = standing
  const { percentile, bucket, tier, next } = standing
  const { metadata } = entry
  // A board in partitions on a server tells no dense rank.
  const denseRank = dense === undefined ? '' : `, dense ${formatNumber(dense)}`
  const ranks = `competition ${formatNumber(competition)}${denseRank}`
  const others = [
    `${formatNumber(better)} better`,
    `${formatNumber(equal - 1)} equal`,
    `${formatNumber(worse)} worse`,
  ]
  return [
    `  rank        ${formatNumber(ordinal)} of ${formatNumber(total)} (${ranks})`,
    `  score       ${formatScore(entry.score)}`,
    `  since       ${formatTime(entry.at)}`,
    `  others      ${others.join(', ')}`,
    `  percentile  ${percentile.toFixed(2)}: the share of the others with a worse score`,
    `  bucket      ${bucket}`,
    ...(tier === undefined ? [] : [`  tier        ${tierText(tier, next)}`]),
    ...(metadata === undefined ? [] : [`  metadata    ${printable(JSON.stringify(metadata))}`]),
  ]
}

function tierText(tier: string, next: Standing<Score>['next']): string {
  if (next === undefined) return printable(tier)
  const { name, rank, score } = next
  const takes = rank === undefined ? '' : `, rank ${formatNumber(rank)} now`
  return `${printable(tier)}; ${printable(name)} takes ${formatScore(score)}${takes}`
}
