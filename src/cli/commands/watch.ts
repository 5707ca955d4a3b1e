/**
 * `watch`: the first entries, or one player, and what changes.
 *
 * On a terminal the screen is taken and given back. On a stream the table is printed once for each
 * change, below a line with the time; with `--json` one line is printed for each:
 *
 *     { sequence, total, entries, changes: [{ playerId, kind, entry, previous }] }
 *
 * The next look waits until the reader has taken the last: a slow one loses states in between, never
 * the last one.
 *
 * @module
 */

import type { RankMode, Score, WatchUpdate } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { parseCount, parseInterval } from '../arguments.ts'
import { addCommand, type Cli, rankMode, runner } from '../command.ts'
import type { ReadOptions } from '../entry-list.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import type { Display } from '../watch/display.ts'
import { inSeason, inWindow, viewOf } from '../window.ts'

export interface WatchCommandOptions extends ReadOptions {
  n?: number | undefined
  /** Watched instead. */
  player?: string
  /** Milliseconds between two looks. */
  interval: number
  /** Updates after which it ends. */
  count?: number
  rankMode: RankMode
}

const INTERVAL_MS = 500
const HELP = `
On a terminal it takes the whole screen; q or Ctrl-C leaves. Elsewhere it prints
the table once for each change; with --json it prints one line:
{ sequence, total, entries, changes: [{ playerId, kind, entry, previous }] }`

/** Declares `watch`. */
export function watchCommand(cli: Cli): void {
  addCommand(cli, 'watch', {
    summary: 'the first entries live, with who moved; also while another process writes',
    example: ['watch 20', 'watch --player alice', 'watch 3 --json --interval 50'],
  })
    .argument('[n]', 'how many; default: 10', parseCount)
    .option('--player <id>', 'watch one player instead')
    .option('--interval <ms>', 'how often to look', parseInterval, INTERVAL_MS)
    .option(
      '--count <k>',
      'end after this many updates; the first one is what is there',
      parseCount,
    )
    .addOption(rankMode())
    .addOption(inWindow())
    .addOption(inSeason())
    .addHelpText('after', HELP)
    .action(runner(cli, runWatch, ['n']))
}

export async function runWatch(io: Io, options: WatchCommandOptions): Promise<number> {
  if (options.n !== undefined && options.player !== undefined)
    throw new CliError('USAGE', 'Cannot watch N and --player at once: give one')
  const { openDisplay } = await import('../watch/display.ts')
  await withAnyStore({ ...options, access: 'read' }, async (store) => {
    const { view, place } = await viewOf(await store.openBoard(options.board), options)
    const subject = { place, playerId: options.player }
    const display = openDisplay(io, options, subject)
    const stop = io.watchReader()
    try {
      const updates = await view.watch({
        ...(options.player === undefined ? { top: options.n ?? 10 } : { playerId: options.player }),
        rankMode: options.rankMode,
        intervalMs: options.interval,
        signal: AbortSignal.any([io.signal, display.signal]),
      })
      await showAll(updates, display, options.count)
    } finally {
      stop()
      await display.close()
    }
  })
  if (io.signal.aborted) throw new CliError('ABORTED', 'Interrupted')
  return 0
}

async function showAll(
  updates: AsyncIterable<WatchUpdate<Score>>,
  display: Display,
  countMax = Number.POSITIVE_INFINITY,
): Promise<void> {
  let count = 0
  for await (const update of updates) {
    await display.show(update)
    count++
    if (count >= countMax) return
  }
}
