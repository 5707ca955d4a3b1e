/**
 * `among`: some players, friends perhaps, ranked among themselves.
 *
 *     { board, entries: [{ rank, playerId, name, score, at, groupRank }], missing: [ … ] }
 *
 * @module
 */

import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type ListOptions, readBoard, tableOf } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatCount, formatNumber, printJson, printLine, printTable } from '../output.ts'
import { placeText } from '../read-place.ts'
import { printable } from '../text.ts'
import { inSeason, inWindow } from '../window.ts'

export interface AmongOptions extends ListOptions {
  playerIds: string[]
}

/** Declares `among`. */
export function amongCommand(cli: Cli): void {
  addCommand(cli, 'among', {
    summary: 'some players, friends perhaps, ranked among themselves',
    example: 'among alice bob charlie',
  })
    .argument('<player...>', 'ids of the players')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runAmong, ['playerIds']))
}

export async function runAmong(io: Io, options: AmongOptions): Promise<number> {
  const { playerIds, rankMode } = options
  const { group, place } = await readBoard(options, (view, place) => {
    return { group: view.among(playerIds, { rankMode }), place }
  })
  const { entries, missing } = group
  if (options.json) {
    await printJson(io, { ...place, entries, missing })
    return 0
  }
  const count = formatCount(entries.length, 'player')
  await printLine(io, `${placeText(place)}: among ${count}`)
  if (entries.length > 0) {
    const { columns, rows } = tableOf(entries)
    await printTable(
      io,
      {
        columns: [{ title: 'among', align: 'right' }, ...columns],
        rows: rows.map((row, i) => [formatNumber(entries[i]?.groupRank ?? 0), ...row]),
      },
      options,
    )
  }
  if (missing.length > 0) await printLine(io, `no entry: ${missing.map(printable).join(', ')}`)
  return 0
}
