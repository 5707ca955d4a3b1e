/**
 * What a board says of itself, of its rules, and of where a score stands by them.
 *
 * @module
 */

import type { BoardReader } from '../board/board-reader.ts'
import { readCounters } from '../board/commit.ts'
import { withTier } from '../board/questions.ts'
import { checkArguments } from '../calls/options.ts'
import { checkScore } from '../calls/scores.ts'
import { type BoardSpec, settingsInfo } from '../domain/settings.ts'
import { KnownRules, readRules } from '../embedded/moderation/rules.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { SeasonSource } from '../embedded/seasons/season-source.ts'
import type { PlaceOf } from '../measures/published-calls.ts'
import type { BoardInfo, BoardRules, Score, ScoreInput, Standing, Tier } from '../words/index.ts'
import { SettingsView } from './settings-view.ts'

/**
 * Where a view gets its snapshot from.
 *
 * @internal
 */
export type ReaderSource = () => BoardReader

/**
 * What a view reads with.
 *
 * @internal
 */
export interface ViewParts {
  source: ReaderSource
  context: OpenStore
  /** Settings as they are shown: with the windows that the board has. */
  shownOf?: (() => BoardSpec) | undefined
  /** Where the season comes from, if it is one of a window that is read. */
  season?: SeasonSource | undefined
}

// Only the class sees what a board knows inside.
let placeIn: (view: StandingsView<Score>) => { store: string; board: string }

/**
 * Tells of which store and board an object is.
 *
 * @internal
 */
export const placeOfView: PlaceOf = (view) => placeIn(view as StandingsView<Score>)

/** Settings, size, rules and standings of one board, whose scores are of type `S`. */
export class StandingsView<S extends Score = number> extends SettingsView {
  readonly #specOf: () => BoardSpec
  readonly #shownOf: () => BoardSpec
  readonly #source: ReaderSource
  readonly #context: OpenStore
  readonly #known = new KnownRules()
  readonly #season: SeasonSource | undefined

  static {
    placeIn = (view) => ({ store: view.#context.store.path, board: view.name })
  }

  /** @internal */
  constructor(specOf: () => BoardSpec, parts: ViewParts) {
    super(specOf, parts.shownOf)
    this.#shownOf = parts.shownOf ?? specOf
    this.#specOf = specOf
    this.#source = parts.source
    this.#context = parts.context
    this.#season = parts.season
  }

  /**
   * The settings and the size, as `Leaderboards.boards()` lists them. Cost: O(1).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * board.info.mode // 'set'
   */
  get info(): BoardInfo {
    return { ...settingsInfo(this.#shownOf()), size: this.size }
  }

  /**
   * Returns the rules of the board, those that it has; altered by `Leaderboards.alter`. Cost: one read.
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * await store.alter('example', { max: 5000 })
   * board.rules() // { max: 5000 }
   */
  rules(): BoardRules {
    checkArguments('rules', arguments)
    const source = this.#source()
    return readRules(source.reader, this.#ruled(source))
  }

  #tiersOf(source: BoardReader): readonly Tier[] | undefined {
    return this.#known.read(source.reader, this.#ruled(source)).tiers
  }

  // A season has the rules of its board.
  #ruled({ boardId }: BoardReader): { id: number; name: string } {
    return { id: this.#season?.look().from.board.id ?? boardId, name: this.name }
  }

  /**
   * Number of entries. Cost: O(1).
   *
   * @throws {LadderError} as every read: `CLOSED` after close(), `NO_BOARD` after the board was
   *   dropped, `CORRUPT` if stored data is damaged.
   * @example
   * board.size // 0
   */
  get size(): number {
    return this.#source().size
  }

  /**
   * Returns the three ranks of a player, how many entries are better, equal and worse, and the
   * percentile: the share of the others with a strictly worse score; and the bucket, like `top 5 %`; undefined
   * if there is no entry. On a board with tiers also the tier, and what the next better one takes now. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * board.standing('ada').percentile // 100
   */
  standing(playerId: string): Standing<S> | undefined {
    checkArguments('standing', arguments)
    const reader = this.#source()
    const player = reader.player(playerId)
    if (player === undefined) return undefined
    const standing = reader.standingOfPlayer(player)
    const { score } = player
    return withTier(reader, standing, { tiers: this.#tiersOf(reader), score }) as Standing<S>
  }

  /**
   * Returns the standing of a newcomer who reached `score` now: behind those who have it already.
   * `equal` and `total` count the newcomer too. Undefined if the board keeps only the best, is full, and
   * has no place for the score. Cost: O(log n).
   *
   * @throws {LadderError} `CLOSED`, `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await board.submit('ada', 900)
   * board.standingOf(900)?.ordinal // 2
   */
  standingOf(score: ScoreInput<S>): Standing<S> | undefined {
    checkArguments('standingOf', arguments)
    const checked = checkScore(score, this.#specOf().shape)
    const reader = this.#source()
    const { lastMicros } = readCounters(this.#context.store.current())
    const atMicros = Math.max(this.#context.nowMicros(), lastMicros + 1)
    const standing = reader.standingOf(checked, { atMicros, keep: this.keep })
    if (standing === undefined) return undefined
    const tiers = this.#tiersOf(reader)
    return withTier(reader, standing, { tiers, score: checked }) as Standing<S>
  }
}
