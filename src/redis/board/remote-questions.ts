/**
 * Questions to a board on a server, one call each.
 *
 * @module
 */

import { checkArguments, checkCall } from '../../calls/options.ts'
import { checkScore } from '../../calls/scores.ts'
import {
  gapFrom,
  goalFrom,
  groupFrom,
  heldGoal,
  holdsRank,
  standingFrom,
} from '../../domain/answers.ts'
import { settingsInfo } from '../../domain/settings.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { PlaceOf } from '../../measures/published-calls.ts'
import type {
  BoardRules,
  Entry,
  Gap,
  Goal,
  GoalOptions,
  Group,
  Mode,
  Order,
  RankMode,
  RankOptions,
  Score,
  ScoreColumn,
  ScoreInput,
  ScoreType,
  Standing,
} from '../../words/index.ts'
import {
  entryOfRecord,
  headOf,
  numberOf,
  type PlayerReply,
  standingOfReply,
} from '../client/replies.ts'
import { isForOwnUse } from '../replicas/own-use.ts'
import { askRows } from '../slot/ask-rows.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { rulesOfText, textOfRules } from '../slot/board-rules.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { type TiersReply, withTierTold } from '../slot/standing-tiers.ts'
import { scoreBytes } from '../slot/submit-arguments.ts'
import type { RemoteBoardInfo, RemoteStanding } from '../words.ts'

// Only the class sees what a board knows inside.
let callerIn: (view: object) => BoardCalls

/** Returns the store of a view. @internal */
export function contextOfRemoteView(view: object): RemoteContext {
  return callerIn(view).context
}

/**
 * Tells of which store and board an object is.
 *
 * @internal
 */
export const placeOfRemoteView: PlaceOf = (view) => {
  if (isForOwnUse(view)) return undefined
  const { context, spec } = callerIn(view)
  return { store: context.label, board: spec.name }
}

/**
 * Settings, size, players and ranks of a board on a server. "As `Leaderboard.rank`" says that options, edges
 * and answer are those of this call of the embedded engine.
 *
 * Every read throws `NO_BOARD` if the board was dropped since this handle knew it, `SETTINGS_DIFFER` if there
 * is now one with other settings, `NO_SEASON` if the season left by `retain`, `CORRUPT` if something else wrote
 * to its keys, `CLOSED` after `close`, `UNAVAILABLE` if the server cannot be reached, `PERMISSION` if it
 * refuses this user, and `IO` if it fails otherwise. A board that does not exist yet reads as an empty one.
 *
 * A board of several partitions is asked in all of them, which may take more round trips than are told here; it
 * refuses `dense` ranks with `UNSUPPORTED`.
 */
export class RemoteQuestions<S extends Score = number> {
  readonly #caller: BoardCalls

  static {
    callerIn = (view) => (view as RemoteQuestions<Score>).#caller
  }

  /** @internal */
  constructor(caller: BoardCalls) {
    this.#caller = caller
  }

  /** What the board was opened by. */
  get name(): string {
    return this.#caller.spec.name
  }

  /** Which scores come first. */
  get order(): Order {
    return this.#shape.order
  }

  /** The mode of a submit that names none. */
  get mode(): Mode {
    return this.#caller.spec.mode
  }

  /** What a score is, or each of its columns. */
  get scoreType(): ScoreType {
    return this.#shape.type
  }

  /** The columns of a score; undefined if scores are plain. */
  get columns(): readonly ScoreColumn[] | undefined {
    return this.#shape.isPlain ? undefined : this.#shape.columns
  }

  /** Into how many partitions the board is divided; 1 if it is not. */
  get partitions(): number {
    return this.#caller.spec.partitions
  }

  /** How many entries the board keeps, the best ones; undefined: all. */
  get keep(): number | undefined {
    return this.#caller.spec.keep
  }

  /**
   * Resolves with the number of entries. Cost: one round trip, O(1).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.size() // 0
   */
  async size(): Promise<number> {
    checkArguments('size', arguments)
    return (await askRows(this.#caller, 'rows', { args: [0, 0, 'ordinal'], mode: 'ordinal' })).total
  }

  /**
   * Resolves with settings and size, as `RemoteLeaderboards.boards` lists them. Cost: one round trip, O(1).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * const { mode } = await board.info()
   * mode // 'set'
   */
  async info(): Promise<RemoteBoardInfo> {
    checkArguments('info', arguments)
    const size = await this.size()
    const { partitions } = this
    return { ...settingsInfo(this.#caller.spec), ...(partitions > 1 && { partitions }), size }
  }

  /**
   * Resolves with the rules of the board, those that it has, as `Leaderboard.rules`; altered by `RemoteLeaderboards.alter`.
   * A season has those of its board. Cost: one round trip, O(1).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await store.alter('example', { max: 5000 })
   * await board.rules() // { max: 5000 }
   */
  async rules(): Promise<BoardRules> {
    checkArguments('rules', arguments)
    const { value } = await this.#caller.read('rules', [])
    return rulesOfText(textOfRules(value), this.#shape)
  }

  /**
   * Resolves with a player's entry and its rank, as `Leaderboard.get`, or with undefined if there is no entry.
   * Cost: one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900, { name: 'Ada' })
   * const { name } = await board.get('ada')
   * name // 'Ada'
   */
  async get(playerId: string, options?: RankOptions): Promise<Entry<S> | undefined> {
    const { rankMode = 'ordinal' } = checkCall('get', [playerId], options)
    const { players } = await this.#players([playerId], rankMode)
    const [found] = players
    return found && (this.#entryOf(playerId, found) as Entry<S>)
  }

  /**
   * Resolves with the rank of a player, 1 being the best, as `Leaderboard.rank`, or with undefined if the
   * player has no entry. Cost: one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await board.rank('ada') // 1
   */
  async rank(playerId: string, options?: RankOptions): Promise<number | undefined> {
    const { rankMode = 'ordinal' } = checkCall('rank', [playerId], options)
    const { players } = await this.#players([playerId], rankMode)
    return players[0]?.[2]
  }

  /**
   * Resolves with the ranks of many players, in the order asked, as `Leaderboard.ranks`: undefined for a player
   * without an entry. Cost: one round trip, O(k log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await board.ranks(['nobody', 'ada']) // [undefined, 1]
   */
  async ranks(
    playerIds: readonly string[],
    options?: RankOptions,
  ): Promise<(number | undefined)[]> {
    const { rankMode = 'ordinal' } = checkCall('ranks', [playerIds], options)
    const { players } = await this.#players(playerIds, rankMode)
    return players.map((found) => found?.[2])
  }

  /**
   * Resolves with the three ranks of a player and how many entries are better, equal and worse, as
   * `Leaderboard.standing`, or with undefined if there is no entry. On a board with tiers also the tier and what the
   * next better one takes. With several partitions `dense` is undefined. Cost: one round trip, O(log n) for the player and
   * for each tier.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const { percentile } = await board.standing('ada')
   * percentile // 100
   */
  async standing(playerId: string): Promise<RemoteStanding<S> | undefined> {
    checkArguments('standing', arguments)
    const { players, size, tiers } = await this.#players([playerId], 'all')
    const [found] = players
    if (found === undefined) return undefined
    const { score } = headOf(found[0], this.#shape)
    return this.#standing(standingOfReply(found, size), { told: tiers, score })
  }

  /**
   * Resolves with the standing of a newcomer who reached a score now, as `Leaderboard.standingOf`, or with
   * undefined if the board is full and has no place for it. Cost: one round trip, O(log n), and for each tier as much.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * const { ordinal } = await board.standingOf(900)
   * ordinal // 2
   */
  async standingOf(score: ScoreInput<S>): Promise<RemoteStanding<S> | undefined> {
    checkArguments('standingOf', arguments)
    const { context, spec } = this.#caller
    const checked = checkScore(score, this.#shape)
    const bytes = scoreBytes(checked, this.#shape)
    const clock = [context.givenMicros() ?? '', context.seenMicros]
    const { value } = await this.#caller.read('newcomer', [bytes, ...clock])
    const [size, ordinal, better, worse, betterScores, tiers] = value as [
      ...[size: number, ordinal: number, better: number, worse: number, betterScores: number],
      tiers: TiersReply,
    ]
    if (ordinal > (spec.keep ?? Infinity)) return undefined
    const counts = { ordinal, better, worse, betterScores, size, newcomers: 1 } as const
    return this.#standing(standingFrom(counts), { told: tiers, score: checked })
  }

  /**
   * Resolves with the given players in board order, and with who is missing, as `Leaderboard.among`. Cost: one
   * round trip, O(k log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * const { missing } = await board.among(['ada', 'bob'])
   * missing // ['bob']
   */
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

  /**
   * Resolves with the entries next to a player's and how far away their scores are, as `Leaderboard.gap`, or
   * with undefined if there is no entry. Cost: one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const { above } = await board.gap('bob')
   * above.difference // 200
   */
  async gap(playerId: string, options?: RankOptions): Promise<Gap<S> | undefined> {
    const { rankMode: mode = 'ordinal' } = checkCall('gap', [playerId], options)
    const args = [playerId, 1, 1, '0', mode]
    const { entries } = await askRows(this.#caller, 'around', { args, mode })
    return gapFrom(this.#shape, entries, playerId) as Gap<S> | undefined
  }

  /**
   * Resolves with the score that holds a rank, as `Leaderboard.scoreAt`, or with undefined if the board does
   * not reach that far. Cost: one round trip, O(log n).
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * await board.scoreAt(1) // 900
   */
  async scoreAt(rank: number, options?: RankOptions): Promise<S | undefined> {
    const { rankMode = 'ordinal' } = checkCall('scoreAt', [rank], options)
    const { value } = await this.#caller.read('score_at', [rank, rankMode])
    return this.#scoreOf((value as [Buffer | null])[0]) as S | undefined
  }

  /**
   * Resolves with what a newcomer, or the player named, needs to get to a rank or into the best `topPercent`,
   * as `Leaderboard.scoreFor`. Cost: one round trip, O(log n).
   *
   * @throws {TypeError} unless one of `rank` and `topPercent` is given.
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * const { mark } = await board.scoreFor({ rank: 2 })
   * mark // 700
   */
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

  get #shape(): ScoreShape {
    return this.#caller.shape
  }

  async #standing(
    found: Standing<Score>,
    at: { told: TiersReply | undefined; score: Score },
  ): Promise<RemoteStanding<S>> {
    const { dense, ...others } = (await withTierTold(this.#caller, found, at)) as Standing<S>
    return { ...others, dense: this.partitions > 1 ? undefined : dense }
  }

  async #players(
    playerIds: readonly string[],
    mode: RankMode | 'all',
  ): Promise<{
    size: number
    players: (PlayerReply | undefined)[]
    tiers: TiersReply | undefined
  }> {
    const { value } = await this.#caller.read('players', [mode, ...playerIds])
    const [size, players, tiers] = value as [number, (PlayerReply | null)[], TiersReply?]
    return { size, players: players.map((found) => found ?? undefined), tiers }
  }

  #keyOf({ playerId, reply }: { playerId: string; reply: PlayerReply }): Buffer {
    return Buffer.concat([reply[0].subarray(0, this.#shape.headBytes), Buffer.from(playerId)])
  }

  #entryOf(playerId: string, [record, , rank]: PlayerReply): Entry<Score> {
    return entryOfRecord(record, { playerId, shape: this.#shape, rank })
  }

  #scoreOf(bytes: Buffer | null): Score | undefined {
    return bytes === null ? undefined : this.#shape.read(bytes, 0)
  }
}
