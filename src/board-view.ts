/**
 * The questions that a board answers. A {@link Leaderboard} answers them on the newest snapshot, the
 * boards of `Leaderboards.snapshot` all on the same one.
 *
 * @module
 */

import {
  checkBound,
  checkOptions,
  checkPlayerId,
  checkRankMode,
  checkScore,
  checkWhole,
} from './arguments.ts'
import type { BoardReader } from './board/board-reader.ts'
import { readClock } from './board/commit-clock.ts'
import type { StoreContext } from './board/context.ts'
import type {
  AroundOptions,
  BetweenOptions,
  BoundOptions,
  Entry,
  Mode,
  Order,
  RankMode,
  RankOptions,
  Standing,
} from './types.ts'

const TOP_DEFAULT = 10
const AROUND_DEFAULT = 5
const BETWEEN_DEFAULT = 100

/** Where a view gets its snapshot from. */
export type ReaderSource = () => BoardReader

/** Read access to one board. */
export class BoardView {
  readonly name: string
  readonly order: Order
  /** The mode of a submit that names none. */
  readonly mode: Mode
  readonly #source: ReaderSource
  readonly #context: StoreContext

  /** @internal */
  constructor(
    board: { name: string; order: Order; mode: Mode },
    parts: { source: ReaderSource; context: StoreContext },
  ) {
    this.name = board.name
    this.order = board.order
    this.mode = board.mode
    this.#source = parts.source
    this.#context = parts.context
  }

  /**
   * Number of entries. Cost: O(1).
   *
   * @throws {LadderError} as every read: `CLOSED` after close(), `NO_BOARD` after the board was
   *   dropped, `CORRUPT` where stored data is damaged.
   */
  get size(): number {
    return this.#source().size
  }

  /**
   * Returns a player's entry with its rank, or undefined if there is none. Cost: O(log n).
   *
   * @example
   * await board.submit('ada', 900, { name: 'Ada' })
   * board.get('ada').name // 'Ada'
   */
  get(playerId: string, options?: RankOptions): Entry | undefined {
    return this.#source().get(checkPlayerId(playerId), rankModeOf(options))
  }

  /**
   * Returns the rank of a player, 1 being the best, or undefined if the player has no entry.
   *
   * Reads one snapshot; never waits for a writer. Cost: O(log n).
   *
   * @example
   * await board.submit('ada', 900)
   * board.rank('ada') // 1
   */
  rank(playerId: string, options?: RankOptions): number | undefined {
    return this.#source().rank(checkPlayerId(playerId), rankModeOf(options))
  }

  /**
   * Returns the ranks of many players, in the order asked; undefined where there is no entry.
   * Cost: O(k log n).
   *
   * @example
   * await board.submit('ada', 900)
   * board.ranks(['nobody', 'ada']) // [undefined, 1]
   */
  ranks(playerIds: readonly string[], options?: RankOptions): (number | undefined)[] {
    if (!Array.isArray(playerIds))
      throw new TypeError('Cannot look up ranks: playerIds must be an array of strings')
    const mode = rankModeOf(options)
    const ids = playerIds.map(checkPlayerId)
    const reader = this.#source()
    return ids.map((playerId) => reader.rank(playerId, mode))
  }

  /**
   * Returns the three ranks of a player, how many entries are better, equal and worse, and the
   * percentile: the share of the others with a strictly worse score; undefined if there is no entry.
   * Cost: O(log n).
   *
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * board.standing('ada').percentile // 100
   */
  standing(playerId: string): Standing | undefined {
    return this.#source().standing(checkPlayerId(playerId))
  }

  /**
   * Returns the standing of a newcomer who reached `score` now: behind those who have it already.
   * `equal` and `total` count the newcomer too. Cost: O(log n).
   *
   * @example
   * await board.submit('ada', 900)
   * board.standingOf(900).ordinal // 2
   */
  standingOf(score: number): Standing {
    const checked = checkScore(score)
    const reader = this.#source()
    const { lastMicros } = readClock(this.#context.store.current())
    return reader.standingOf(checked, Math.max(this.#context.nowMicros(), lastMicros + 1))
  }

  /**
   * Returns the first `n` entries, 10 where not said. Cost: O(log n + answer).
   *
   * @example
   * await board.submit('ada', 900)
   * board.top(3).map((entry) => entry.playerId) // ['ada']
   */
  top(n: number = TOP_DEFAULT, options?: RankOptions): Entry[] {
    return this.#source().rows(0, checkWhole(n, 'n'), rankModeOf(options))
  }

  /**
   * Returns places `first` to `last`, 1-based and both included; places that do not exist are left
   * out. Places count rows in every rank mode. Cost: O(log n + answer).
   *
   * @example
   * await board.submit('ada', 900)
   * board.range(1, 100).length // 1
   */
  range(first: number, last: number, options?: RankOptions): Entry[] {
    const start = checkWhole(first, 'first', 1)
    return this.#source().rows(start - 1, checkWhole(last, 'last') - start + 1, rankModeOf(options))
  }

  /**
   * Returns the entry at a place, 1 being the first, or undefined. Cost: O(log n).
   *
   * @example
   * await board.submit('ada', 900)
   * board.entryAt(1).playerId // 'ada'
   */
  entryAt(place: number, options?: RankOptions): Entry | undefined {
    return this.#source().rows(checkWhole(place, 'place', 1) - 1, 1, rankModeOf(options))[0]
  }

  /**
   * Returns the player's entry with those above and below it, 5 each where not said; empty if the
   * player has no entry. At the ends of the board the rows are fewer, or with `fill` the window
   * slides so that it keeps min(size, above + 1 + below) rows. Cost: O(log n + answer).
   *
   * @example
   * await board.submit('ada', 900)
   * board.around('ada', { above: 1, below: 1 }).length // 1
   */
  around(playerId: string, options?: AroundOptions): Entry[] {
    const { above = AROUND_DEFAULT, below = AROUND_DEFAULT, fill = false } = checkOptions(options)
    const window = {
      above: checkWhole(above, 'above'),
      below: checkWhole(below, 'below'),
      fill: Boolean(fill),
    }
    return this.#source().around(checkPlayerId(playerId), { ...window, mode: rankModeOf(options) })
  }

  /**
   * Returns the entries with scores from `min` to `max`, in board order, at most 100 where not said.
   * Either end may be infinite. Cost: O(log n + answer), whatever the offset.
   *
   * @example
   * await board.submit('ada', 900)
   * board.between(800, 900, { maxExclusive: true }) // []
   */
  between(min: number, max: number, options?: BetweenOptions): Entry[] {
    const { offset = 0, limit = BETWEEN_DEFAULT } = checkOptions(options)
    const page = { offset: checkWhole(offset, 'offset'), limit: checkWhole(limit, 'limit') }
    return this.#source().between(checkBound(min, 'min'), checkBound(max, 'max'), {
      ...options,
      ...page,
      mode: rankModeOf(options),
    })
  }

  /**
   * Returns how many entries have scores from `min` to `max`. Cost: O(log n).
   *
   * @example
   * await board.submit('ada', 900)
   * board.countBetween(0, Infinity) // 1
   */
  countBetween(min: number, max: number, options?: BoundOptions): number {
    return this.#source().countBetween(
      checkBound(min, 'min'),
      checkBound(max, 'max'),
      checkOptions(options),
    )
  }

  /**
   * Iterates all entries in board order on one snapshot, which is held until the end or `break`:
   * the file grows meanwhile, so do not stop in between. Cost: O(1) an entry.
   *
   * @example
   * await board.submit('ada', 900)
   * for (const entry of board.entries()) entry.rank // 1
   */
  *entries(options?: RankOptions): Generator<Entry> {
    yield* this.#source().entries(rankModeOf(options))
  }
}

function rankModeOf(options: RankOptions | undefined): RankMode {
  const { rankMode } = checkOptions(options)
  return rankMode === undefined ? 'ordinal' : checkRankMode(rankMode)
}
