/**
 * The questions that a board answers. A {@link Leaderboard} answers them on the newest snapshot, the
 * boards of `Leaderboards.snapshot` all on the same one.
 *
 * @module
 */

import { gapOf, goalOf, groupOf, pageOf, scoreAt } from '../board/questions.ts'
import { checkOneSide } from '../calls/one-side.ts'
import { checkCall, checkLookUp } from '../calls/options.ts'
import { checkBound } from '../calls/scores.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { readRuns } from '../embedded/log/log-reader.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { readSeasonRuns } from '../embedded/seasons/season-runs.ts'
import type { SeasonSource } from '../embedded/seasons/season-source.ts'
import type {
  AroundOptions,
  BetweenOptions,
  BoundOptions,
  Entry,
  Gap,
  Goal,
  GoalOptions,
  Group,
  HistoryOptions,
  LogPage,
  Page,
  PageOptions,
  RankMode,
  RankOptions,
  Score,
  ScoreBound,
} from '../words/index.ts'
import { type ReaderSource, StandingsView, type ViewParts } from './standings-view.ts'

const TOP_DEFAULT = 10
const AROUND = 5
const BETWEEN_DEFAULT = 100
const PAGE_DEFAULT = 50

/** Read access to one board, whose scores are of type `S`. */
export class BoardView<S extends Score = number> extends StandingsView<S> {
  readonly #specOf: () => BoardSpec
  readonly #source: ReaderSource
  readonly #context: OpenStore
  readonly #season: SeasonSource | undefined

  /** @internal */
  constructor(specOf: () => BoardSpec, parts: ViewParts) {
    super(specOf, parts)
    this.#specOf = specOf
    this.#source = parts.source
    this.#context = parts.context
    this.#season = parts.season
  }

  /**
   * Returns a player's entry with its rank, or undefined if there is none. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900, { name: 'Ada' })
   * board.get('ada').name // 'Ada'
   */
  get(playerId: string, options?: RankOptions): Entry<S> | undefined {
    const { rankMode = 'ordinal' } = checkLookUp('get', playerId, options)
    return this.#source().get(playerId, rankMode) as Entry<S> | undefined
  }

  /**
   * Returns the rank of a player, 1 being the best, or undefined if the player has no entry.
   *
   * Reads one snapshot; never waits for a writer. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.rank('ada') // 1
   */
  rank(playerId: string, options?: RankOptions): number | undefined {
    const { rankMode = 'ordinal' } = checkLookUp('rank', playerId, options)
    return this.#source().rank(playerId, rankMode)
  }

  /**
   * Returns the ranks of many players, in the order asked; undefined for one without an entry.
   * Cost: O(k log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.ranks(['nobody', 'ada']) // [undefined, 1]
   */
  ranks(playerIds: readonly string[], options?: RankOptions): (number | undefined)[] {
    const { rankMode = 'ordinal' } = checkCall('ranks', arguments, options)
    const reader = this.#source()
    return playerIds.map((playerId) => reader.rank(playerId, rankMode))
  }

  /**
   * Returns the first `n` entries, 10 by default; for all entries use `entries()`. Cost: O(log n + answer).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.top(3).map((entry) => entry.playerId) // ['ada']
   */
  top(n: number = TOP_DEFAULT, options?: RankOptions): Entry<S>[] {
    const { rankMode = 'ordinal' } = checkCall('top', arguments, options)
    return this.#source().rows(0, n, rankMode) as Entry<S>[]
  }

  /**
   * Returns places `first` to `last`, 1-based and both included; places that do not exist are left
   * out. Places count rows in every rank mode. Cost: O(log n + answer).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.range(1, 100).length // 1
   */
  range(first: number, last: number, options?: RankOptions): Entry<S>[] {
    const { rankMode = 'ordinal' } = checkCall('range', arguments, options)
    return this.#source().rows(first - 1, last - first + 1, rankMode) as Entry<S>[]
  }

  /**
   * Returns the entry at a place, 1 being the first, or undefined. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.entryAt(1).playerId // 'ada'
   */
  entryAt(place: number, options?: RankOptions): Entry<S> | undefined {
    const { rankMode = 'ordinal' } = checkCall('entryAt', arguments, options)
    return this.#source().rows(place - 1, 1, rankMode)[0] as Entry<S> | undefined
  }

  /**
   * Returns the player's entry with those above and below it, 5 each by default; empty if the
   * player has no entry. At the ends of the board the rows are fewer, or with `fill` the window
   * slides so that it keeps min(size, above + 1 + below) rows. Cost: O(log n + answer).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.around('ada', { above: 1, below: 1 }).length // 1
   */
  around(playerId: string, options?: AroundOptions): Entry<S>[] {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('around', arguments, options)
    const { above = AROUND, below = AROUND, fill = false } = asked
    const window = { above, below, fill }
    return this.#source().around(playerId, { ...window, mode }) as Entry<S>[]
  }

  /**
   * Returns the entries with scores from `min` to `max`, in board order, at most 100 by default.
   * An end that is infinite, null or left out is open. If scores have several columns, the first counts. Cost:
   * O(log n + answer), whatever the offset.
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.between(800, 900, { maxExclusive: true }) // []
   */
  between(
    min?: ScoreBound<S> | null,
    max?: ScoreBound<S> | null,
    options?: BetweenOptions,
  ): Entry<S>[] {
    const checked = checkCall('between', arguments, options)
    const { offset = 0, limit = BETWEEN_DEFAULT, rankMode: mode = 'ordinal' } = checked
    const { shape } = this.#specOf()
    const low = checkBound(min ?? -Infinity, shape, 'min')
    const high = checkBound(max ?? Infinity, shape, 'max')
    const window = { ...checked, offset, limit, mode }
    return this.#source().between(low, high, window) as Entry<S>[]
  }

  /**
   * Returns how many entries have scores from `min` to `max`, whose ends may be open as in `between`.
   * Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.countBetween(0, Infinity) // 1
   */
  countBetween(
    min?: ScoreBound<S> | null,
    max?: ScoreBound<S> | null,
    options?: BoundOptions,
  ): number {
    const checked = checkCall('countBetween', arguments, options)
    const { shape } = this.#specOf()
    const low = checkBound(min ?? -Infinity, shape, 'min')
    const high = checkBound(max ?? Infinity, shape, 'max')
    return this.#source().countBetween(low, high, checked)
  }

  /**
   * Iterates all entries in board order on one snapshot, which is held until the end or `break`:
   * the file grows meanwhile, so do not stop in between. Cost: O(1) an entry.
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * for (const entry of board.entries()) entry.rank // 1
   */
  entries(options?: RankOptions): Generator<Entry<S>> {
    const { rankMode = 'ordinal' } = checkCall('entries', arguments, options)
    return this.#entries(rankMode)
  }

  /**
   * Returns a page of at most `limit` entries, 50 by default: the first one, or what comes after
   * or before a cursor of another page. A cursor keeps a place, not a rank: an entry that stays put is
   * neither skipped nor repeated because others moved, and ranks are those of now. Going back from
   * `previous` shows what going forward showed. Cost: O(log n + answer).
   *
   * @throws {LadderError} `BAD_CURSOR` for the cursor of another board, also of one that was dropped
   *   and created again.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const { next } = board.page({ limit: 1 })
   * board.page({ limit: 1, after: next }).entries[0].playerId // 'bob'
   */
  page(options?: PageOptions): Page<S> {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('page', arguments, options)
    const { limit = PAGE_DEFAULT, after, before } = asked
    checkOneSide(asked, 'cursor')
    const { storeId } = this.#context
    const query = { limit, after, before, mode, storeId, season: this.#seasonName() }
    return pageOf(this.#source(), this.#specOf(), query) as Page<S>
  }

  /**
   * Returns the given players, friends perhaps, in board order, each with the rank among them and the
   * one on the board; ids without an entry are listed as missing. An id that is given twice counts
   * once. Cost: O(k log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.among(['ada', 'bob']).missing // ['bob']
   */
  among(playerIds: readonly string[], options?: RankOptions): Group<S> {
    const { rankMode = 'ordinal' } = checkCall('among', arguments, options)
    return groupOf(this.#source(), playerIds, rankMode) as Group<S>
  }

  /**
   * Returns a player's entry with the entries next above and below and how far away their scores are;
   * undefined if there is no entry. Differences are those of the decimals that print: 71.5 is 0.1 ahead of
   * 71.4. One that no double holds is infinite, in JSON null. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * board.gap('bob').above.difference // 200
   */
  gap(playerId: string, options?: RankOptions): Gap<S> | undefined {
    const { rankMode = 'ordinal' } = checkCall('gap', arguments, options)
    return gapOf(this.#source(), playerId, rankMode) as Gap<S> | undefined
  }

  /**
   * Returns the score that holds a rank: in the rank modes `ordinal` and `competition` that of the
   * entry at this place, in `dense` the Nth distinct score for rank N. Undefined if the board does
   * not reach that far, like a full board beyond what it keeps. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.scoreAt(1) // 900
   */
  scoreAt(rank: number, options?: RankOptions): S | undefined {
    const { rankMode = 'ordinal' } = checkCall('scoreAt', arguments, options)
    return scoreAt(this.#source(), rank, rankMode) as S | undefined
  }

  /**
   * Returns what a newcomer, or the player named, needs to get to a rank now, or to a better one. A
   * newcomer ranks behind everyone with the same score, so taking an ordinal rank means beating the score
   * that holds it; a `competition` or `dense` rank is shared by everyone who equals it. On a full board that
   * keeps only the best, a newcomer must beat the last entry at least. A player who holds the rank already,
   * or a better one, needs nothing: `held` says so. The best `topPercent` of n entries, the newcomer
   * included, are the first n × topPercent / 100, rounded down, at least one. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * board.scoreFor({ rank: 2 }).mark // 700
   * board.scoreFor({ rank: 2, rankMode: 'competition' }).score // 700
   */
  scoreFor(goal: GoalOptions): Goal<S> {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('scoreFor', arguments, goal)
    const { rank, topPercent, playerId } = asked
    if ((rank === undefined) === (topPercent === undefined))
      throw new TypeError('Cannot look for a score: give one of rank and topPercent')
    const query = { rank, topPercent, playerId, mode }
    return goalOf(this.#source(), this.#specOf(), query) as Goal<S>
  }

  /**
   * Returns the runs of a player, newest first: every accepted submit, those that `best` refused too,
   * and what each made of the entry. `next` is the `before` of the next page. Runs that were trimmed, and
   * those of an earlier board of this name, are not there. Cost: O(log n + answer), however many runs
   * others made.
   *
   * @throws {LadderError} as reads; `CORRUPT` if a record is damaged.
   * @example
   * await board.submit('ada', 900)
   * await board.submit('ada', 700, { mode: 'best' })
   * board.history('ada').records.map((run) => run.submitted) // [700, 900]
   */
  history(playerId: string, options?: HistoryOptions): LogPage<S> {
    const asked = { ...checkCall('history', arguments, options), playerId }
    const { reader, boardId: id, shape } = this.#source()
    const page =
      this.#season === undefined
        ? readRuns(reader, { ...asked, board: { id, shape } })
        : readSeasonRuns(this.#season, asked)
    return page as LogPage<Score> as LogPage<S>
  }

  #seasonName(): string | undefined {
    const { season } = this.#season?.look() ?? {}
    return season && `${this.#season?.window} ${season.id}`
  }

  *#entries(mode: RankMode): Generator<Entry<S>> {
    yield* this.#source().entries(mode) as Generator<Entry<S>>
  }
}
