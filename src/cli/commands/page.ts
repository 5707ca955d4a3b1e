/**
 * `page`: a page of entries, and the cursors of its neighbours.
 *
 *     { board, total, entries: [ … ], next, previous }
 *
 * @module
 */

import { countOf } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import { type EntryList, type ListOptions, printList, readBoard } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber, printJson, printLine } from '../output.ts'
import { placeFields, placeFlags } from '../read-place.ts'
import { shellWord } from '../text.ts'
import { inSeason, inWindow } from '../window.ts'
import { storeFlags } from '../with-store.ts'

export interface PageCommandOptions extends ListOptions {
  limit: number
  after?: string
  before?: string
}

const LIMIT_DEFAULT = 50

/** Declares `page`. */
export function pageCommand(cli: Cli): void {
  addCommand(cli, 'page', {
    summary: 'a page of entries, with the cursors of the next and the one before',
    example: 'page --limit 100 --after CURSOR',
  })
    .option('--limit <n>', 'most entries', parseCount, LIMIT_DEFAULT)
    .option('--after <cursor>', 'continue after a page: the cursor that it gave as next')
    .option('--before <cursor>', 'go back before a page: the cursor that it gave as previous')
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runPage))
}

export async function runPage(io: Io, options: PageCommandOptions): Promise<number> {
  const { limit, after, before, rankMode } = options
  const { page, place, total } = await readBoard(options, (view, place) => {
    const page = view.page({
      limit,
      rankMode,
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    })
    return { page, place, total: countOf(view) }
  })
  const { next, previous, entries } = page
  const list: EntryList = { ...place, total, entries }
  if (options.json) {
    await printJson(io, {
      board: place.board,
      ...placeFields(place),
      total,
      entries,
      next,
      previous,
    })
    return 0
  }
  const title = `${formatNumber(list.entries.length)} of ${formatNumber(list.total)}`
  await printList(io, options, { list, title })
  const store = `ladderdb ${storeFlags(options)} --board ${shellWord(options.board)}`
  const command = `${store} page${placeFlags(list)} --limit ${limit}`
  if (previous !== undefined) await printLine(io, `before: ${command} --before ${previous}`)
  if (next !== undefined) await printLine(io, `next:   ${command} --after ${next}`)
  return 0
}
