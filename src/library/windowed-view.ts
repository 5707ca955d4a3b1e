/**
 * The windows of a board: its seasons, those that are on and those that are over.
 *
 * @module
 */

import { checkOneSide } from '../calls/one-side.ts'
import { checkArguments, checkCall } from '../calls/options.ts'
import { makeChange } from '../embedded/apply.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { CurrentReader } from '../embedded/readers.ts'
import { tellFinals, tellSeasons, tellWindows } from '../embedded/seasons/season-lists.ts'
import { LiveSeason } from '../embedded/seasons/season-source.ts'
import { checkWindowNamed, windowedBoard } from '../embedded/seasons/windowed-board.ts'
import type {
  FinalsOptions,
  Score,
  SeasonFinal,
  SeasonInfo,
  SeasonsOptions,
  StartedSeason,
  WindowInfo,
} from '../words/index.ts'
import { LiveView } from './live-view.ts'
import { SeasonView } from './season-view.ts'

/** A board that is open, with its windows; scores are of type `S`. */
export class WindowedView<S extends Score = number> extends LiveView<S> {
  readonly #context: OpenStore
  readonly #source: CurrentReader

  /** @internal */
  constructor(context: OpenStore, source: CurrentReader) {
    super(() => source.board.spec, {
      source: () => source.read(),
      context,
      shownOf: () => source.shownSpec(),
    })
    this.#context = context
    this.#source = source
  }

  /**
   * Returns the windows of the board, in the order in which they were added: the season of each that is on,
   * since when, until when and how long it still lasts, and the settings of the window, without what is
   * usual. Before the first `startSeason` of a manual window, `season`, `from`, `to` and `remainingMs` are
   * undefined. Cost: two reads a window.
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * const arena = store.board('arena', { mode: 'best', windows: ['month'] })
   * await arena.submit('ada', 900)
   * arena.windows()[0].window // 'month'
   */
  windows(): WindowInfo[] {
    checkArguments('windows', arguments)
    return tellWindows(this.#board())
  }

  /**
   * Returns the season of a window as a board of its own to read: with the id of a season that one, else the
   * one that is on at each read, which at a border is the next one. It has every read of a board; ranks,
   * counts and percentages are those among the entries of the season, rules and tiers those of the board, and
   * `history` has the runs that the season took. A season that is over and sealed is the final standing.
   *
   * A season without an entry reads like an empty board. The cursors of a season hold after it is sealed, and
   * are refused by every other one. Cost: some reads; a read of the season that is on costs what one of a
   * board does, and a look at the clock.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` for an id that does not exist, of a season that has not begun, or
   *   that left by `retain`: so do the reads of a season that leaves later.
   * @example
   * const arena = store.board('arena', { mode: 'best', windows: ['month'] })
   * await arena.submit('ada', 900)
   * const month = arena.window('month')
   * month.rank('ada') // 1
   * month.sealed // false
   * arena.window('month', month.season).top(1)[0].playerId // 'ada'
   */
  window(window: string, season?: string): SeasonView<S> {
    checkWindowNamed('read a season', window, () => this.#board())
    checkArguments('window', arguments)
    const source = new LiveSeason(this.#context, this.#source, { window, season })
    source.look()
    return new SeasonView<S>(source, this.#context)
  }

  /**
   * Returns the seasons of a window, newest first, from the one that is on; those without an entry too. The
   * next page begins `after` the id of the last one. Cost: some reads a season, also for those in front.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` for `after` or `before`; and as reads.
   * @example
   * const arena = store.board('arena', { windows: [{ name: 'cup', every: 'manual' }] })
   * await store.createBoard('arena')
   * await arena.startSeason('cup', 'spring')
   * await arena.startSeason('cup', 'summer')
   * arena.seasons('cup').map(({ season }) => season) // ['summer', 'spring']
   */
  seasons(window: string, options?: SeasonsOptions): SeasonInfo[] {
    checkWindowNamed('list seasons', window, () => this.#board())
    const asked = checkCall('seasons', arguments, options)
    checkOneSide(asked, 'season')
    return tellSeasons(this.#context, this.#board(), { ...asked, window })
  }

  /**
   * Returns what a player came to in each season of a window that is sealed, newest first: the final score,
   * its time, the rank and among how many. Seasons that left by `retain` are there if the window keeps
   * `finals`. Cost: O(log n) a season, also for those in which the player has no entry.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` for `after` or `before`; and as reads.
   * @example
   * const arena = store.board('arena', { windows: [{ name: 'cup', every: 'manual', graceMs: 0 }] })
   * await store.createBoard('arena')
   * await arena.startSeason('cup', 'spring')
   * await arena.submit('ada', 900)
   * await arena.startSeason('cup', 'summer')
   * arena.finals('ada', 'cup').map(({ season, rank }) => [season, rank]) // [['spring', 1]]
   */
  finals(playerId: string, window: string, options?: FinalsOptions): SeasonFinal<S>[] {
    checkWindowNamed('list finals', window, () => this.#board())
    const asked = checkCall('finals', arguments, options)
    checkOneSide(asked, 'season')
    const finals = tellFinals(this.#context, this.#board(), { ...asked, playerId, window })
    return finals as SeasonFinal<Score>[] as SeasonFinal<S>[]
  }

  /**
   * Begins a season of a window whose `every` is `manual`; the one that is on ends, and is sealed after the
   * grace time of the window. Resolves, when it is durable, with the season and when it began: now, by the
   * store's clock. A board that does not exist is made first, if it was asked for with windows. Cost: a share of
   * a disk sync.
   *
   * @throws {TypeError} if the calendar of the window begins its seasons.
   * @throws {LadderError} `SEASON_EXISTS` if the window had a season of this id before; `NO_WINDOW`,
   *   `NO_BOARD`, and those of writes.
   * @example
   * const arena = store.board('arena', { windows: [{ name: 'cup', every: 'manual' }] })
   * const { season } = await arena.startSeason('cup', 'spring')
   * season // 'spring'
   */
  async startSeason(window: string, season: string): Promise<StartedSeason> {
    checkWindowNamed('start a season', window, () => this.#board())
    checkArguments('startSeason', arguments)
    const { board } = this.#source
    return makeChange(this.#context, { kind: 'startSeason', board, window, season })
  }

  #board() {
    return windowedBoard(this.#context, this.#source)
  }
}
