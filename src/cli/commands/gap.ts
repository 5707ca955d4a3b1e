/**
 * `gap`: a player's neighbours and how far away they are.
 *
 *     { board, entry, above: { entry, difference } | null, below: … }
 *
 * @module
 */

import type { Gap, Neighbour, Score } from '../../index.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, readBoard, tableOf } from '../entry-list.ts'
import { noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatScore, printJson, printTable } from '../output.ts'
import { inSeason, inWindow } from '../window.ts'

export interface GapOptions extends ListOptions {
  playerId: string
}

/** Declares `gap`. */
export function gapCommand(cli: Cli): void {
  addCommand(cli, 'gap', {
    summary: "a player's neighbours and how far away they are",
    example: 'gap alice',
  })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runGap, ['playerId']))
}

export async function runGap(io: Io, options: GapOptions): Promise<number> {
  const { playerId, rankMode } = options
  const { gap, place } = await readBoard(options, (view, place) => {
    return { gap: view.gap(playerId, { rankMode }), place }
  })
  if (gap === undefined) throw noPlayer(playerId, place)
  if (options.json) await printJson(io, { ...place, ...gap })
  else await printGap(io, gap, options)
  return 0
}

function printGap(io: Io, gap: Gap<Score>, options: GapOptions): Promise<void> {
  const { entry, above, below } = gap
  const isThere = (neighbour: Neighbour<Score> | undefined): neighbour is Neighbour<Score> =>
    neighbour !== undefined
  const entries = [above?.entry, entry, below?.entry].filter((one) => one !== undefined)
  const differences = [
    ...[above].filter(isThere).map(({ difference }) => `${formatScore(difference)} ahead`),
    '',
    ...[below].filter(isThere).map(({ difference }) => `${formatScore(difference)} behind`),
  ]
  const { columns, rows } = tableOf(entries)
  const table = {
    columns: [...columns, { title: 'gap', whole: true }],
    rows: rows.map((row, i) => [...row, differences[i] ?? '']),
    highlight: entries.indexOf(entry),
  }
  return printTable(io, table, options)
}
