/**
 * Lists of a board on a server: from its first entry, from a place, around a player, between scores, page by page.
 *
 * @module
 */

import { checkOneSide } from '../../calls/one-side.ts'
import { checkCall } from '../../calls/options.ts'
import { checkBound } from '../../calls/scores.ts'
import { pageFrom } from '../../domain/answers.ts'
import { badCursor } from '../../domain/cursors.ts'
import { encodeEntryKey, firstKeyOfCells, lastKeyOfCells } from '../../format/entry-key.ts'
import { toMicros } from '../../format/time.ts'
import type { LadderError } from '../../ground/errors.ts'
import type {
  AroundOptions,
  BetweenOptions,
  BoundOptions,
  Entry,
  FindOptions,
  Page,
  PageOptions,
  RankMode,
  RankOptions,
  Score,
  ScoreBound,
  ScoreCell,
} from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { type RowsReply, rowsOf } from '../client/replies.ts'
import { openPlace, sealPlace } from '../partitions/place-cursor.ts'
import { type AnsweredRows, askRows } from '../slot/ask-rows.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { findOnServer } from '../slot/remote-find.ts'
import { RemoteQuestions } from './remote-questions.ts'

const TOP_DEFAULT = 10
const AROUND_DEFAULT = 5
const BETWEEN_DEFAULT = 100
const PAGE_DEFAULT = 50
const FIND_DEFAULT = 10
const ENTRIES_CHUNK = 10_000
const ZERO = Buffer.from([0])

/** Lists of a board on a server, and what {@link RemoteQuestions} answers. */
export class RemoteLists<S extends Score = number> extends RemoteQuestions<S> {
  readonly #caller: BoardCalls

  /** @internal */
  constructor(caller: BoardCalls) {
    super(caller)
    this.#caller = caller
  }

  /**
   * Resolves with the first `n` entries, 10 by default, as `Leaderboard.top`. The server answers nobody else
   * meanwhile: for a large board use `page` or `entries`. Cost: one round trip, O(log n + answer).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * const [first] = await board.top(3)
   * first.playerId // 'ada'
   */
  async top(n: number = TOP_DEFAULT, options?: RankOptions): Promise<Entry<S>[]> {
    const { rankMode = 'ordinal' } = checkCall('top', [n], options)
    return this.#entries(0, n, rankMode)
  }

  /**
   * Resolves with places `first` to `last`, 1-based and both included, as `Leaderboard.range`; places that do
   * not exist are left out. Cost: one round trip, O(log n + answer).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * const rows = await board.range(1, 100)
   * rows.length // 1
   */
  async range(first: number, last: number, options?: RankOptions): Promise<Entry<S>[]> {
    const { rankMode = 'ordinal' } = checkCall('range', [first, last], options)
    return this.#entries(first - 1, last - first + 1, rankMode)
  }

  /**
   * Resolves with the entry at a place, 1 being the first, as `Leaderboard.entryAt`, or with undefined. Cost:
   * one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * const { playerId } = await board.entryAt(1)
   * playerId // 'ada'
   */
  async entryAt(place: number, options?: RankOptions): Promise<Entry<S> | undefined> {
    const { rankMode = 'ordinal' } = checkCall('entryAt', [place], options)
    return (await this.#entries(place - 1, 1, rankMode))[0]
  }

  /**
   * Resolves with a player's entry and those above and below it, 5 each by default, as `Leaderboard.around`;
   * empty if the player has no entry. Cost: one round trip, O(log n + answer).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const rows = await board.around('bob', { above: 1, below: 1 })
   * rows.length // 2
   */
  async around(playerId: string, options?: AroundOptions): Promise<Entry<S>[]> {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('around', [playerId], options)
    const { above = AROUND_DEFAULT, below = AROUND_DEFAULT, fill = false } = asked
    const args = [playerId, above, below, fill ? '1' : '0', mode]
    return (await this.#rows('around', args, mode)).entries as Entry<S>[]
  }

  /**
   * Resolves with the entries with scores from `min` to `max`, in board order, at most 100 by default, as
   * `Leaderboard.between`; an end that is infinite, null or left out is open. Cost: one round trip, O(log n +
   * answer), whatever the offset.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await board.between(800, 900, { maxExclusive: true }) // []
   */
  async between(
    min?: ScoreBound<S> | null,
    max?: ScoreBound<S> | null,
    options?: BetweenOptions,
  ): Promise<Entry<S>[]> {
    const checked = checkCall('between', [min, max], options)
    const { offset = 0, limit = BETWEEN_DEFAULT, rankMode: mode = 'ordinal' } = checked
    const bounds = this.#bounds(min, max, checked)
    const { value } = await this.#caller.read('between', [...bounds, offset, limit, mode])
    const [, rows] = value as [number, RowsReply]
    return rowsOf(rows, this.#caller.shape, mode).entries as Entry<S>[]
  }

  /**
   * Resolves with how many entries have scores from `min` to `max`, whose ends may be open as in `between`.
   * Cost: one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await board.countBetween(0, Infinity) // 1
   */
  async countBetween(
    min?: ScoreBound<S> | null,
    max?: ScoreBound<S> | null,
    options?: BoundOptions,
  ): Promise<number> {
    const checked = checkCall('countBetween', [min, max], options)
    const bounds = this.#bounds(min, max, checked)
    const { value } = await this.#caller.read('between', [...bounds, 0, 0, 'ordinal'])
    return (value as [number])[0]
  }

  /**
   * Iterates all entries in board order. They are read in pages of 10,000: each is of one instant, all of them
   * together are not. An entry that stays put is neither skipped nor repeated. Cost: a round trip a page, O(log
   * n) and its entries.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * for await (const { rank } of board.entries()) expect(rank).toBe(1)
   */
  entries(options?: RankOptions): AsyncGenerator<Entry<S>> {
    const { rankMode = 'ordinal' } = checkCall('entries', [], options)
    return this.#pages(rankMode)
  }

  /**
   * Resolves with a page, 50 entries by default, as `Leaderboard.page`: the first one, or what comes after or
   * before a cursor of another page. A cursor keeps a place, not a rank. Cost: one round trip, O(log n +
   * answer).
   *
   * @throws {TypeError} if `after` and `before` are given.
   * @throws {LadderError} `BAD_CURSOR` for the cursor of another board, also of one that was dropped and
   *   created again; and as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const { next } = await board.page({ limit: 1 })
   * const { entries } = await board.page({ limit: 1, after: next })
   * entries[0].playerId // 'bob'
   */
  async page(options?: PageOptions): Promise<Page<S>> {
    const { rankMode = 'ordinal', ...asked } = checkCall('page', [], options)
    checkOneSide(asked, 'cursor')
    return this.#page(asked, rankMode)
  }

  /**
   * Resolves with the players whose name is `name`, then those whose name begins with it, each in board order; ten if
   * not said otherwise. As `Leaderboard.find`: case and Unicode form make no difference, and a player without a name of
   * its own is found by the `playerId`.
   *
   * There is no index of names. The board is walked in bites of 1,000 entries, each of one instant, between which the
   * server answers others; the walk ends if `limit` players have this very name. A player who stays put is neither
   * skipped nor told twice, and what is told of the players is asked for at the end. Cost: O(n), some seconds a million
   * entries, a round trip for 1,000, with partitions to all of them at once, and one more for 1,000 players who are found.
   *
   * @throws {LadderError} `ABORTED` by the signal, and as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('p17', 900, { name: 'Ada Lovelace' })
   * const [found] = await board.find('ada')
   * found.playerId // 'p17'
   */
  async find(name: string, options?: FindOptions): Promise<Entry<S>[]> {
    const { limit = FIND_DEFAULT, signal } = checkCall('find', [name], options)
    return (await findOnServer(this.#caller, { name, limit, signal })) as Entry<S>[]
  }

  // What cursors are sealed with, beside the id of the board.
  get #label(): string {
    return `${this.#caller.context.prefix}\0${this.name}`
  }

  #rows(question: string, args: readonly ServerArgument[], mode: RankMode): Promise<AnsweredRows> {
    return askRows(this.#caller, question, { args, mode })
  }

  async *#pages(rankMode: RankMode): AsyncGenerator<Entry<S>> {
    for (let after: string | undefined; ; ) {
      const page: Page<S> = await this.#page({ limit: ENTRIES_CHUNK, after }, rankMode)
      yield* page.entries
      if (page.next === undefined) return
      after = page.next
    }
  }

  async #entries(first: number, count: number, mode: RankMode): Promise<Entry<S>[]> {
    return (await this.#rows('rows', [first, count, mode], mode)).entries as Entry<S>[]
  }

  async #page(asked: Omit<PageOptions, 'rankMode'>, mode: RankMode): Promise<Page<S>> {
    const { limit = PAGE_DEFAULT, after, before } = asked
    const shape = this.#caller.shape
    const place = this.#place(after, before)
    if (place === undefined) {
      // Whether a cursor is good, only a board can say that is there.
      await this.size()
      throw this.#badCursor()
    }
    const { side, key, edge, id: askedId } = place
    const { id, entries, first, total } = await this.#rows('page', [side, key, limit, mode], mode)
    if (askedId !== undefined && askedId !== id) throw this.#badCursor()
    const label = this.#label
    const end = first + entries.length
    return pageFrom({ entries, first, end, total }, (entry) => {
      if (entry === undefined) return sealPlace(label, { id, key: edge })
      const { score, at, playerId } = entry
      const place = encodeEntryKey({ score, atMicros: toMicros(at), playerId }, shape)
      return sealPlace(label, { id, key: place })
    }) as Page<S>
  }

  // As of the last answer, if it is a season.
  #badCursor(): LadderError {
    return badCursor(this.name, this.#caller.seasonName?.())
  }

  // `edge` is where a page without entries lies: what is before it is in front of the page. Undefined: no cursor of a page.
  #place(
    after: string | undefined,
    before: string | undefined,
  ): { side: string; key: Buffer; edge: Buffer; id: string | undefined } | undefined {
    const cursor = after ?? before
    if (cursor === undefined) return { side: 'first', key: ZERO, edge: ZERO, id: undefined }
    const { headBytes } = this.#caller.shape
    const place = openPlace(this.#label, { cursor, headBytes })
    if (place === undefined) return undefined
    const { id, key } = place
    if (after === undefined) {
      const edge = key.subarray(0, Math.max(headBytes, key.length - 1))
      return { side: 'before', key, edge, id }
    }
    // The least key behind one is the same with a zero byte more.
    const edge = Buffer.concat([key, ZERO])
    return { side: 'after', key: edge, edge, id }
  }

  #bounds(min: unknown, max: unknown, bounds: BoundOptions): [Buffer | string, Buffer | string] {
    const low = checkBound(min ?? -Infinity, this.#caller.shape, 'min')
    const high = checkBound(max ?? Infinity, this.#caller.shape, 'max')
    const { minExclusive = false, maxExclusive = false } = bounds
    // A better end that is left out starts behind its score; a worse one ends before it.
    return this.order === 'descending'
      ? [this.#bound(high, maxExclusive), this.#bound(low, !minExclusive)]
      : [this.#bound(low, minExclusive), this.#bound(high, !maxExclusive)]
  }

  // Of several columns the first one counts.
  #bound(cell: ScoreCell, isBehind: boolean): Buffer | string {
    if (typeof cell === 'number' && !Number.isFinite(cell))
      return cell > 0 === (this.order === 'ascending') ? '+' : '-'
    const keyOf = isBehind ? lastKeyOfCells : firstKeyOfCells
    return Buffer.concat([Buffer.from('='), keyOf([cell], this.#caller.shape)])
  }
}
