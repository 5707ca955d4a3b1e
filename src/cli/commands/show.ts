/**
 * `show`: a player's entry and standing.
 *
 *     { entry: { rank, playerId, name, score, at, metadata? },
 *       standing: { ordinal, competition, dense, better, equal, worse, total, percentile } }
 *     a board with tiers adds to it   tier, next: { name, rank, score }
 *
 * @module
 */

import type { Entry, Score, Standing } from '../../index.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, formatTime, printJson } from '../output.ts'
import { paint, printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface ShowOptions extends CommonOptions {
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
    .action(runner(cli, runShow, ['playerId']))
}

export async function runShow(io: Io, options: ShowOptions): Promise<number> {
  const { playerId } = options
  const card = await withStore({ ...options, access: 'read' }, (store) =>
    store.snapshot((view) => {
      const board = view.board<Score>(options.board)
      return { entry: board.get(playerId), standing: board.standing(playerId) }
    }),
  )
  if (card.entry === undefined || card.standing === undefined)
    throw noPlayer(playerId, options.board)
  if (options.json) await printJson(io, card)
  else {
    const title = paint(titleOf(card.entry), { io, color: options.color, style: 'bold' })
    const lines = entryLines({ entry: card.entry, standing: card.standing })
    await io.print(`${title} · ${printable(options.board)}\n${lines.join('\n')}\n`)
  }
  return 0
}

/** Returns a player's name, with the id if they differ. */
export function titleOf({ name, playerId }: Entry<Score>): string {
  return name === playerId ? printable(name) : `${printable(name)} (${printable(playerId)})`
}

/** Returns the lines of a card for people. */
export function entryLines({ entry, standing }: Card): string[] {
  const { ordinal, competition, dense, better, equal, worse, total, percentile } = standing
  const { tier, next } = standing
  const { metadata } = entry
  const ranks = `competition ${formatNumber(competition)}, dense ${formatNumber(dense)}`
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
