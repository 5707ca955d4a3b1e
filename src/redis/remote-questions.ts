/**
 * Questions to a board on a server, one call each.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import { checkBound, checkScore } from '../calls/scores.ts'
import {
  gapFrom,
  goalFrom,
  groupFrom,
  heldGoal,
  holdsRank,
  pageFrom,
  standingFrom,
} from '../domain/answers.ts'
import { settingsInfo } from '../domain/settings.ts'
import { encodeEntryKey, firstKeyOfCells, lastKeyOfCells } from '../format/entry-key.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMicros } from '../format/time.ts'
import type {
  AroundOptions,
  BetweenOptions,
  BoundOptions,
  Entry,
  Gap,
  Goal,
  GoalOptions,
  Group,
  Mode,
  Order,
  Page,
  PageOptions,
  RankMode,
  RankOptions,
  Score,
  ScoreBound,
  ScoreCell,
  ScoreColumn,
  ScoreInput,
  ScoreType,
  Standing,
} from '../words/index.ts'
import type { BoardCalls, Replied } from './board-calls.ts'
import type { ServerArgument } from './connection.ts'
import { badCursor, openPlace, sealPlace } from './place-cursor.ts'
import {
  entryOfRecord,
  type FetchedRows,
  numberOf,
  type PlayerReply,
  type RowsReply,
  rowsOf,
  standingOfReply,
} from './replies.ts'
import { scoreBytes } from './submit-arguments.ts'
import type { RemoteBoardInfo, RemoteStanding } from './words.ts'

const TOP_DEFAULT = 10
const AROUND_DEFAULT = 5
const BETWEEN_DEFAULT = 100
const PAGE_DEFAULT = 50
const ENTRIES_CHUNK = 10_000
const ZERO = Buffer.from([0])

/** Settings, size, entries and ranks of a board on a server. Costs are those of the embedded engine and a round trip. */
export class RemoteQuestions<S extends Score = number> {
  readonly #caller: BoardCalls

  /** @internal */
  constructor(caller: BoardCalls) {
    this.#caller = caller
  }

  get name(): string {
    return this.#caller.spec.name
  }

  get order(): Order {
    return this.#shape.order
  }

  get mode(): Mode {
    return this.#caller.spec.mode
  }

  get scoreType(): ScoreType {
    return this.#shape.type
  }

  /** Undefined if scores are plain. */
  get columns(): readonly ScoreColumn[] | undefined {
    return this.#shape.isPlain ? undefined : this.#shape.columns
  }

  /** How many partitions it has; 1 without any. */
  get partitions(): number {
    return this.#caller.spec.partitions
  }

  /** How many entries it keeps; undefined: all. */
  get keep(): number | undefined {
    return this.#caller.spec.keep
  }

  /** Resolves with the number of entries. */
  async size(): Promise<number> {
    checkArguments('size', [])
    return (await this.#rows('rows', [0, 0, 'ordinal'], 'ordinal')).total
  }

  /** Resolves with settings and size, as `RemoteLeaderboards.boards()` lists them. */
  async info(): Promise<RemoteBoardInfo> {
    const size = await this.size()
    const { partitions } = this
    return { ...settingsInfo(this.#caller.spec), ...(partitions > 1 && { partitions }), size }
  }

  /** Resolves with the entry of a player, or undefined. */
  async get(playerId: string, options?: RankOptions): Promise<Entry<S> | undefined> {
    const { rankMode = 'ordinal' } = checkCall('get', [playerId], options)
    const { players } = await this.#players([playerId], rankMode)
    const [found] = players
    return found && (this.#entryOf(playerId, found) as Entry<S>)
  }

  /** Resolves with the rank of a player, or undefined. */
  async rank(playerId: string, options?: RankOptions): Promise<number | undefined> {
    const { rankMode = 'ordinal' } = checkCall('rank', [playerId], options)
    const { players } = await this.#players([playerId], rankMode)
    return players[0]?.[2]
  }

  /** Resolves with the ranks of many players, in the order asked. */
  async ranks(
    playerIds: readonly string[],
    options?: RankOptions,
  ): Promise<(number | undefined)[]> {
    const { rankMode = 'ordinal' } = checkCall('ranks', [playerIds], options)
    const { players } = await this.#players(playerIds, rankMode)
    return players.map((found) => found?.[2])
  }

  /**
   * Resolves with the three ranks of a player and how many are better, equal and worse, or undefined. With
   * several partitions there is no `dense` rank.
   */
  async standing(playerId: string): Promise<RemoteStanding<S> | undefined> {
    checkArguments('standing', [playerId])
    const { players, size } = await this.#players([playerId], 'all')
    const [found] = players
    return found && this.#standing(standingOfReply(found, size))
  }

  /** Resolves with the standing of a newcomer who reached a score now; undefined if a full board has no place. */
  async standingOf(score: ScoreInput<S>): Promise<RemoteStanding<S> | undefined> {
    checkArguments('standingOf', [score])
    const { context, spec } = this.#caller
    const bytes = scoreBytes(checkScore(score, this.#shape), this.#shape)
    const clock = [context.givenMicros() ?? '', context.seenMicros]
    const { value } = await this.#caller.read('newcomer', [bytes, ...clock])
    const [size, ordinal, better, worse, betterScores] = value as [
      ...[size: number, ordinal: number, better: number, worse: number, betterScores: number],
    ]
    if (ordinal > (spec.keep ?? Infinity)) return undefined
    const counts = { ordinal, better, worse, betterScores, size, newcomers: 1 } as const
    return this.#standing(standingFrom(counts))
  }

  /** Resolves with the first `n` entries, 10 by default. */
  async top(n: number = TOP_DEFAULT, options?: RankOptions): Promise<Entry<S>[]> {
    const { rankMode = 'ordinal' } = checkCall('top', [n], options)
    return this.#entries(0, n, rankMode)
  }

  /** Resolves with places `first` to `last`, both included. */
  async range(first: number, last: number, options?: RankOptions): Promise<Entry<S>[]> {
    const { rankMode = 'ordinal' } = checkCall('range', [first, last], options)
    return this.#entries(first - 1, last - first + 1, rankMode)
  }

  /** Resolves with the entry at a place, or undefined. */
  async entryAt(place: number, options?: RankOptions): Promise<Entry<S> | undefined> {
    const { rankMode = 'ordinal' } = checkCall('entryAt', [place], options)
    return (await this.#entries(place - 1, 1, rankMode))[0]
  }

  /** Resolves with a player's entry and those above and below, 5 each by default; empty without one. */
  async around(playerId: string, options?: AroundOptions): Promise<Entry<S>[]> {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('around', [playerId], options)
    const { above = AROUND_DEFAULT, below = AROUND_DEFAULT, fill = false } = asked
    const args = [playerId, above, below, fill ? '1' : '0', mode]
    return (await this.#rows('around', args, mode)).entries as Entry<S>[]
  }

  /** Resolves with the entries with scores from `min` to `max`, at most 100 by default. */
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
    return rowsOf(rows, this.#shape, mode).entries as Entry<S>[]
  }

  /** Resolves with how many entries have scores from `min` to `max`. */
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
   * Iterates all entries in board order, 10,000 at a time: each of these is of one instant, all of them
   * together are not. An entry that stays put is neither skipped nor repeated.
   */
  async *entries(options?: RankOptions): AsyncGenerator<Entry<S>> {
    const { rankMode = 'ordinal' } = checkCall('entries', [], options)
    for (let after: string | undefined; ; ) {
      const page: Page<S> = await this.#page({ limit: ENTRIES_CHUNK, after }, rankMode)
      yield* page.entries
      if (page.next === undefined) return
      after = page.next
    }
  }

  /** Resolves with a page, 50 entries by default. @throws {LadderError} `BAD_CURSOR`. */
  async page(options?: PageOptions): Promise<Page<S>> {
    const { rankMode = 'ordinal', ...asked } = checkCall('page', [], options)
    if (asked.after !== undefined && asked.before !== undefined)
      throw new TypeError('Cannot go after and before at once: give one cursor')
    return this.#page(asked, rankMode)
  }

  /** Resolves with the given players in board order, and who is missing. */
  async among(playerIds: readonly string[], options?: RankOptions): Promise<Group<S>> {
    const { rankMode = 'ordinal' } = checkCall('among', [playerIds], options)
    const ids = [...new Set(playerIds)]
    const { players } = await this.#players(ids, rankMode)
    const missing = ids.filter((_, i) => players[i] === undefined)
    const found = ids.flatMap((playerId, i) => {
      const reply = players[i]
      return reply === undefined ? [] : [{ playerId, reply }]
    })
    // By what they have: ranks in several partitions are not of one instant.
    found.sort((a, b) => Buffer.compare(this.#keyOf(a), this.#keyOf(b)))
    const rows = found.map(({ playerId, reply }) => this.#entryOf(playerId, reply))
    return { entries: groupFrom(this.#shape, rows, rankMode), missing } as Group<S>
  }

  /** Resolves with how far the neighbours of a player are away, or undefined. */
  async gap(playerId: string, options?: RankOptions): Promise<Gap<S> | undefined> {
    const { rankMode: mode = 'ordinal' } = checkCall('gap', [playerId], options)
    const { entries } = await this.#rows('around', [playerId, 1, 1, '0', mode], mode)
    return gapFrom(this.#shape, entries, playerId) as Gap<S> | undefined
  }

  /** Resolves with the score that holds a rank, or undefined. */
  async scoreAt(rank: number, options?: RankOptions): Promise<S | undefined> {
    const { rankMode = 'ordinal' } = checkCall('scoreAt', [rank], options)
    const { value } = await this.#caller.read('score_at', [rank, rankMode])
    return this.#scoreOf((value as [Buffer | null])[0]) as S | undefined
  }

  /** Resolves with the score that a rank or a percentage takes. */
  async scoreFor(goal: GoalOptions): Promise<Goal<S>> {
    const { rankMode: mode = 'ordinal', ...asked } = checkCall('scoreFor', [], goal)
    const { rank, topPercent, playerId } = asked
    if ((rank === undefined) === (topPercent === undefined))
      throw new TypeError('Cannot look for a score: give one of rank and topPercent')
    const args = [rank ?? '', topPercent ?? '', mode, playerId ?? '']
    const { value } = await this.#caller.read('goal', args)
    const [size, rankText, player, mark, last] = value as [
      ...[size: number, rank: Buffer, player: PlayerReply | null],
      ...[mark: Buffer | null, last: Buffer | null],
    ]
    const wanted = { rank: numberOf(rankText), mode }
    if (player !== null && holdsRank(standingOfReply(player, size) as Standing, wanted))
      return heldGoal(wanted.rank) as Goal<S>
    const isFull = player === null && size === this.keep
    return goalFrom(this.#shape, wanted, {
      mark: this.#scoreOf(mark),
      last: isFull ? this.#scoreOf(last) : undefined,
    }) as Goal<S>
  }

  // What cursors are sealed with, beside the id of the board.
  get #label(): string {
    return `${this.#caller.context.prefix}\0${this.name}`
  }

  get #shape(): ScoreShape {
    return this.#caller.shape
  }

  #standing(found: Standing<Score>): RemoteStanding<S> {
    const { dense, ...others } = found as Standing<S>
    return { ...others, dense: this.partitions > 1 ? undefined : dense }
  }

  async #players(
    playerIds: readonly string[],
    mode: RankMode | 'all',
  ): Promise<{ size: number; players: (PlayerReply | undefined)[] }> {
    const { value } = await this.#caller.read('players', [mode, ...playerIds])
    const [size, players] = value as [number, (PlayerReply | null)[]]
    return { size, players: players.map((found) => found ?? undefined) }
  }

  #keyOf({ playerId, reply }: { playerId: string; reply: PlayerReply }): Buffer {
    return Buffer.concat([reply[0].subarray(0, this.#shape.headBytes), Buffer.from(playerId)])
  }

  #entryOf(playerId: string, [record, , rank]: PlayerReply): Entry<Score> {
    return entryOfRecord(record, { playerId, shape: this.#shape, rank })
  }

  async #rows(
    question: string,
    args: readonly ServerArgument[],
    mode: RankMode,
  ): Promise<FetchedRows & Pick<Replied, 'id'>> {
    const { id, value } = await this.#caller.read(question, args)
    return { id, ...rowsOf(value as RowsReply, this.#shape, mode) }
  }

  async #entries(first: number, count: number, mode: RankMode): Promise<Entry<S>[]> {
    return (await this.#rows('rows', [first, count, mode], mode)).entries as Entry<S>[]
  }

  async #page(asked: Omit<PageOptions, 'rankMode'>, mode: RankMode): Promise<Page<S>> {
    const { limit = PAGE_DEFAULT, after, before } = asked
    const shape = this.#shape
    const { side, key, edge, id: askedId } = this.#place(after, before)
    const { id, entries, first, total } = await this.#rows('page', [side, key, limit, mode], mode)
    if (askedId !== undefined && askedId !== id) throw badCursor(this.name)
    const label = this.#label
    const end = first + entries.length
    return pageFrom({ entries, first, end, total }, (entry) => {
      if (entry === undefined) return sealPlace(label, { id, key: edge })
      const { score, at, playerId } = entry
      const place = encodeEntryKey({ score, atMicros: toMicros(at), playerId }, shape)
      return sealPlace(label, { id, key: place })
    }) as Page<S>
  }

  // `edge` is where a page without entries lies: what is before it is in front of the page.
  #place(
    after: string | undefined,
    before: string | undefined,
  ): { side: string; key: Buffer; edge: Buffer; id: string | undefined } {
    const cursor = after ?? before
    if (cursor === undefined) return { side: 'first', key: ZERO, edge: ZERO, id: undefined }
    const { headBytes } = this.#shape
    const place = openPlace(this.#label, { cursor, headBytes })
    if (place === undefined) throw badCursor(this.name)
    const { id, key } = place
    if (after === undefined) {
      const edge = key.subarray(0, Math.max(headBytes, key.length - 1))
      return { side: 'before', key, edge, id }
    }
    // The least key behind one is the same with a zero byte more.
    const edge = Buffer.concat([key, ZERO])
    return { side: 'after', key: edge, edge, id }
  }

  #scoreOf(bytes: Buffer | null): Score | undefined {
    return bytes === null ? undefined : this.#shape.read(bytes, 0)
  }

  #bounds(min: unknown, max: unknown, bounds: BoundOptions): [Buffer | string, Buffer | string] {
    const low = checkBound(min ?? -Infinity, this.#shape, 'min')
    const high = checkBound(max ?? Infinity, this.#shape, 'max')
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
    return Buffer.concat([Buffer.from('='), keyOf([cell], this.#shape)])
  }
}
