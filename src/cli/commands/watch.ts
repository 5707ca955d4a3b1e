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

import type { Leaderboard, RankMode, Score, WatchUpdate } from '../../index.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatTime, paint, printJson } from '../output.ts'
import { render, type Subject } from '../watch/render.ts'
import { hasScreen, Screen } from '../watch/screen.ts'
import { nextState } from '../watch/state.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface WatchCommandOptions extends CommonOptions {
  n?: number | undefined
  /** Watched instead. */
  player?: string
  /** Milliseconds between two looks. */
  interval: number
  /** Updates after which it ends. */
  count?: number
  rankMode: RankMode
}

/** What updates are shown on. */
interface Display {
  show(update: WatchUpdate<Score>): Promise<void>
  /** Aborted when there is nobody to show anything to. */
  signal: AbortSignal
  close(): Promise<void>
}

export async function runWatch(io: Io, options: WatchCommandOptions): Promise<number> {
  if (options.n !== undefined && options.player !== undefined)
    throw new CliError('USAGE', 'Cannot watch N and --player at once: give one')
  await withStore({ ...options, access: 'read' }, async (store) => {
    const board = store.board(options.board) as Leaderboard<Score>
    const subject = { board: board.name, playerId: options.player }
    const display = openDisplay(io, options, subject)
    const stop = io.watchReader()
    try {
      const updates = board.watch({
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

function openDisplay(io: Io, options: WatchCommandOptions, subject: Subject): Display {
  const { json, color } = options
  if (json) return streamOf(io, (update) => printJson(io, update))
  if (hasScreen(io)) return new Screen(io, { color, subject })
  return streamOf(io, (update) => printBlock(io, { update, subject, color }))
}

function streamOf(io: Io, show: Display['show']): Display {
  return { show, signal: io.closed, close: async () => undefined }
}

async function printBlock(
  io: Io,
  block: { update: WatchUpdate<Score>; subject: Subject; color: boolean },
): Promise<void> {
  const { update, subject, color } = block
  const now = Date.now()
  const lines = render(nextState(undefined, update, now), subject, {
    columns: Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    paint: (text, style) => paint(text, { io, color, style }),
  })
  await io.print([`--- ${formatTime(now)}`, ...lines, ''].join('\n'))
}
