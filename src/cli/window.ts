/**
 * The options of every command that reads a board: of which window, and of which of its seasons.
 *
 *     --window month                       the season that is on
 *     --window month --season 2026-10      that one
 *
 * With them, a document has the fields   window, season   too; season is null before the first one of a
 * manual window.
 *
 * @module
 */

import { Option } from 'commander'
import type { Leaderboard, LiveView, Score, SnapshotBoard } from '../index.ts'
import type { AnyBoard, AnyView } from './any-store.ts'
import { CliError } from './failures.ts'
import type { ReadPlace } from './read-place.ts'

/** Which window of the board, and which season of it. */
export interface WindowOptions {
  window?: string
  season?: string
}

/** What a command reads, and where that is. */
interface Viewed<View> {
  view: View
  place: ReadPlace
}

/** Returns the option that names a window. */
export function inWindow(): Option {
  return new Option('--window <name>', 'of this window: the season that is on')
}

/** Returns the option that names a season. */
export function inSeason(): Option {
  return new Option('--season <id>', 'with --window: this season')
}

/** Returns what a command reads of an open board: the board, or the season that the options name. */
export function viewIn(board: Leaderboard<Score>, options: WindowOptions): Viewed<LiveView<Score>> {
  const window = windowOf(options)
  if (window === undefined) return { view: board, place: { board: board.name } }
  const view = board.window(window, options.season)
  return { view, place: { board: board.name, window, season: view.season ?? null } }
}

/** The same of a board in a snapshot. */
export function viewAt(board: SnapshotBoard<Score>, options: WindowOptions): Viewed<AnyView> {
  // Its answers are there at once, as they may be.
  return viewIn(board as unknown as Leaderboard<Score>, options) as unknown as Viewed<AnyView>
}

/** The same of a board that may lie on a server. */
export async function viewOf(board: AnyBoard, options: WindowOptions): Promise<Viewed<AnyView>> {
  const window = windowOf(options)
  if (window === undefined) return { view: board, place: { board: board.name } }
  const view = await board.window(window, options.season)
  return { view, place: { board: board.name, window, season: view.season ?? null } }
}

function windowOf({ window, season }: WindowOptions): string | undefined {
  if (window !== undefined || season === undefined) return window
  throw new CliError(
    'USAGE',
    `Cannot read season "${season}": it does not say of which window; add --window NAME`,
  )
}
