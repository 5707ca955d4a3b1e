/**
 * The demo for people, in 80 columns.
 *
 * @module
 */

import { entryLines, titleOf } from '../commands/show.ts'
import { tableOf } from '../entry-list.ts'
import type { Io } from '../io.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatTable,
  formatTime,
} from '../output.ts'
import { paint, printable } from '../text.ts'
import type { DemoFacts } from './facts.ts'
import type { SeasonFacts, SeasonStanding } from './seasons.ts'

/** Where the demo's board is shown, and what the person may type next. */
export interface Scene {
  color: boolean
  board: string
  /** Path of the season, as it can be typed. */
  file: string
}

/** What stands above everything, before the season is loaded. */
export function titleLine(io: Io, { color }: Scene): string {
  const name = paint('ladderdb demo', { io, color, style: 'bold' })
  return `${name}: a simulated season of an arcade game, in a temporary store\n`
}

/** Returns all that the demo shows after its title. */
export async function describeDemo(io: Io, facts: DemoFacts, scene: Scene): Promise<string> {
  const heading = (text: string): string => paint(text, { io, color: scene.color, style: 'bold' })
  const { loaded, player, update } = facts
  const rate = Math.round(loaded.rows / (loaded.ms / 1000) / 1000) * 1000
  return [
    `Loaded ${formatNumber(loaded.rows)} results of ${formatNumber(loaded.players)} players ` +
      `in ${formatDuration(loaded.ms)} (${formatNumber(rate)} a second), all on disk`,
    '',
    heading('Top ten'),
    await formatTable(tableOf(facts.top), { io, color: scene.color, indent: '  ' }),
    heading(`Player ${titleOf(player.entry)}`),
    ...entryLines(player),
    '',
    await formatTable(neighbourhoodOf(player), { io, color: scene.color, indent: '  ' }),
    heading('Live update'),
    ...updateLines(update),
    '',
    heading('Seasons'),
    ...(await seasonLines(facts.seasons, { io, color: scene.color })),
    '',
    heading('Statistics'),
    ...statisticsLines(facts.statistics),
    '',
    heading('Edge cases'),
    ...edgeLines(facts.edges),
    '',
    heading('How long each step took'),
    ...timingLines(facts.timings),
    '',
    heading('Try next'),
    ...nextLines(facts, scene),
    '',
  ].join('\n')
}

function neighbourhoodOf(player: DemoFacts['player']): ReturnType<typeof tableOf> & {
  highlight: number
} {
  const { playerId } = player.entry
  const highlight = player.around.findIndex((entry) => entry.playerId === playerId)
  return { ...tableOf(player.around), highlight }
}

function updateLines({ answer, ms }: DemoFacts['update']): string[] {
  const { playerId, score, previousScore, rank, previousRank } = answer
  const before = `${formatNumber(previousScore ?? 0)} points, rank ${formatNumber(previousRank ?? 0)}`
  const after = `${formatNumber(score ?? 0)} points, rank ${formatNumber(rank ?? 0)}`
  return [
    `  ${printable(playerId)} before   ${before}`,
    `  ${printable(playerId)} after    ${after}, on disk after ${formatDuration(ms)}`,
  ]
}

async function seasonLines(
  { week, month, lastMonth, finals }: SeasonFacts,
  options: { io: Io; color: boolean },
): Promise<string[]> {
  const tableOfTop = async ({ top }: SeasonStanding): Promise<string> =>
    (await formatTable(tableOf(top), { ...options, indent: '    ' })).trimEnd()
  const until = ({ to }: SeasonStanding): string =>
    `until ${formatTime(to).replace(':00.000Z', 'Z')}`
  const titleOf = (what: string, standing: SeasonStanding): string =>
    `  ${what.padEnd(12)}${standing.season}, ${formatCount(standing.size, 'player')}`
  const weeks = finals.weeks.map(({ season, rank }) => `${season} #${formatNumber(rank)}`)
  return [
    `${titleOf('this week', week)}, ${until(week)}`,
    await tableOfTop(week),
    `${titleOf('this month', month)}, ${until(month)}`,
    await tableOfTop(month),
    `${titleOf('last month', lastMonth)}, ${lastMonth.sealed ? 'sealed: the final standing' : 'not sealed yet'}`,
    await tableOfTop(lastMonth),
    `  finals of ${printable(finals.playerId)} in weeks, newest first:`,
    `    ${weeks.join(' · ')}`,
  ]
}

function statisticsLines(statistics: DemoFacts['statistics']): string[] {
  const { entries, distinctScores, median, best10Percent, best1Percent } = statistics
  return [
    `  players     ${formatNumber(entries)} with ${formatNumber(distinctScores)} distinct scores`,
    `  scores      median ${formatNumber(median)}, best 10 % from ${formatNumber(best10Percent)}, best 1 % from ${formatNumber(best1Percent)}`,
    `  store       ${formatBytes(statistics.fileBytes)}, rank tree of height ${statistics.treeHeight}`,
  ]
}

function edgeLines({ unknown, worse, tie }: DemoFacts['edges']): string[] {
  const lines = [
    `  unknown player   ${printable(unknown.playerId)} has ${unknown.rank === undefined ? 'no rank, which is not an error' : `rank ${unknown.rank}`}`,
    `  worse score      10 is refused: ${formatNumber(worse.score ?? 0)} and rank ${formatNumber(worse.rank ?? 0)} stay on a board of bests`,
  ]
  const [first, second] = tie
  if (first === undefined || second === undefined) return lines
  const ranksOf = (kind: 'ordinal' | 'competition' | 'dense'): string =>
    `${kind} ${formatNumber(first.standing[kind])} and ${formatNumber(second.standing[kind])}`
  return [
    ...lines,
    `  tie              ${titleOf(first.entry)} and ${titleOf(second.entry)}`,
    `                   both have ${formatNumber(first.entry.score)}; who got there first stays ahead:`,
    `                   ${formatTime(first.entry.at)} before ${formatTime(second.entry.at)}`,
    `                   ${ranksOf('ordinal')} · ${ranksOf('competition')} · ${ranksOf('dense')}`,
  ]
}

function timingLines(timings: DemoFacts['timings']): string[] {
  return timings.map(({ what, ms }) => `  ${what.padEnd(24)}${formatDuration(ms).padStart(8)}`)
}

function nextLines(facts: DemoFacts, { board, file }: Scene): string[] {
  const { playerId } = facts.player.entry
  return [
    `  npx ladderdb --board ${board} import ${file} --mode best`,
    `  npx ladderdb --board ${board} top 20`,
    `  npx ladderdb --board ${board} around ${playerId}`,
    `  npx ladderdb --board ${board} submit ${playerId} 70000`,
    '  npx ladderdb --help',
    '  npx ladderdb demo --serve     the live page, with players who go on playing',
  ]
}
