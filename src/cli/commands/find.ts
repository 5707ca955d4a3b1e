/**
 * `find`: players by their names. Those whose name is the one given come first, then those whose name
 * begins with it, each in board order; case and Unicode form make no difference.
 *
 *     { board, total, entries: [ … ] }      `total` counts the entries of the whole board
 *
 * @module
 */

import { countOf, withAnyStore } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { type EntryList, printList, type ReadOptions } from '../entry-list.ts'
import type { Io } from '../io.ts'
import { formatNumber } from '../output.ts'
import { printable } from '../text.ts'
import { inSeason, inWindow, viewOf } from '../window.ts'

export interface FindCommandOptions extends ReadOptions {
  name: string
  limit: number
}

const LIMIT_DEFAULT = 10

/** Declares `find`. */
export function findCommand(cli: Cli): void {
  addCommand(cli, 'find', {
    summary: 'players by name, or by how it begins',
    example: 'find ali --limit 20',
  })
    .argument('<name>', 'name or its beginning; upper and lower case count as the same')
    .option('--limit <n>', 'most players', parseCount, LIMIT_DEFAULT)
    .addOption(inWindow())
    .addOption(inSeason())
    .action(runner(cli, runFind, ['name']))
}

export async function runFind(io: Io, options: FindCommandOptions): Promise<number> {
  const { name, limit } = options
  const list = await withAnyStore(
    { ...options, access: 'read' },
    async (store): Promise<EntryList> => {
      const { view, place } = await viewOf(await store.openBoard(options.board), options)
      const entries = await view.find(name, { limit, signal: io.signal })
      return { ...place, total: await countOf(view), entries }
    },
  )
  await printList(io, options, { list, title: titleOf(list, options) })
  return 0
}

function titleOf({ entries }: EntryList, { name, limit }: FindCommandOptions): string {
  const what = `named ${printable(name)} …`
  if (entries.length === 0) return `nobody ${what}`
  // Whether there are more was not looked for.
  const count = formatNumber(entries.length)
  return entries.length < limit ? `${count} ${what}` : `the first ${count} ${what} (--limit)`
}
