/**
 * What a board of the model answers: plain walks over sorted rows.
 *
 * @module
 */

import type {
  AroundOptions,
  BetweenOptions,
  BoundOptions,
  Entry,
  FindOptions,
  Gap,
  Goal,
  GoalOptions,
  Group,
  Neighbour,
  Page,
  PageOptions,
  RankOptions,
  Score,
  ScoreCell,
  Standing,
} from '../../src/index.ts'
import { byScore, entryOf, newRow, type Row, sorted, standingAmong } from './rows.ts'
import {
  checkedScore,
  compareScores,
  leadOf,
  ModelError,
  neighbourOf,
  type Shape,
} from './scores.ts'

const PLAYER_ID_BYTES_MAX = 512

/** The questions of a board. */
export abstract class ModelView {
  readonly shape: Shape
  protected rows: Row[] = []

  constructor(shape: Shape) {
    this.shape = shape
  }

  /** What the store gives next, in microseconds. */
  protected abstract get nextMicros(): number

  /** How many entries the board holds at most. */
  protected abstract get keep(): number

  get size(): number {
    return this.rows.length
  }

  get(playerId: string, options: RankOptions = {}): Entry<Score> | undefined {
    const row = this.seenRow(playerId)
    return row && entryOf(row, options)
  }

  rank(playerId: string, options: RankOptions = {}): number | undefined {
    return this.seenRow(playerId)?.ranks[options.rankMode ?? 'ordinal']
  }

  ranks(playerIds: string[], options: RankOptions = {}): (number | undefined)[] {
    return playerIds.map((playerId) => this.rank(playerId, options))
  }

  standing(playerId: string): Standing | undefined {
    const row = this.seenRow(playerId)
    return row && standingAmong(this.rows, { row, shape: this.shape })
  }

  // A newcomer comes now, so behind all who have the score already: whoever was given a time ahead of
  // now has not got it yet.
  standingOf(value: Score): Standing | undefined {
    const { shape } = this
    const row = newRow('', { score: checkedScore(shape, value), shape, micros: this.nextMicros })
    const rows = sorted([...this.rows.map((other) => ({ ...other })), row], shape)
    if (rows.indexOf(row) >= this.keep) return undefined
    return standingAmong(rows, { row, shape })
  }

  top(n = 10, options: RankOptions = {}): Entry<Score>[] {
    return this.range(1, n, options)
  }

  range(first: number, last: number, options: RankOptions = {}): Entry<Score>[] {
    return this.rows
      .slice(Math.max(0, first - 1), Math.max(0, last))
      .map((row) => entryOf(row, options))
  }

  entryAt(place: number, options: RankOptions = {}): Entry<Score> | undefined {
    return this.range(place, place, options)[0]
  }

  entries(options: RankOptions = {}): Entry<Score>[] {
    return this.rows.map((row) => entryOf(row, options))
  }

  around(playerId: string, options: AroundOptions = {}): Entry<Score>[] {
    const { above = 5, below = 5, fill = false } = options
    const place = this.rank(playerId)
    if (place === undefined) return []
    let first = place - above
    let last = place + below
    // Slid down from the upper end, then up from the lower one.
    for (; fill && first < 1; first++) last++
    for (; fill && last > this.size; last--) first--
    return this.range(first, last, options)
  }

  between(min: ScoreCell, max: ScoreCell, options: BetweenOptions = {}): Entry<Score>[] {
    const { offset = 0, limit = 100 } = options
    return this.#rowsBetween(min, max, options)
      .slice(offset, offset + limit)
      .map((row) => entryOf(row, options))
  }

  countBetween(min: ScoreCell, max: ScoreCell, options: BoundOptions = {}): number {
    return this.#rowsBetween(min, max, options).length
  }

  /** A cursor is the row as it was, in words. */
  page(options: PageOptions = {}): Page<Score> {
    const { limit = 50, after, before } = options
    const { rows } = this
    let first = 0
    let end = limit
    if (after !== undefined) {
      first = rows.filter((row) => this.#side(row, after) <= 0).length
      end = first + limit
    } else if (before !== undefined) {
      end = rows.filter((row) => this.#side(row, before) < 0).length
      first = Math.max(0, end - limit)
    }
    const shown = rows.slice(first, end)
    return {
      entries: shown.map((row) => entryOf(row, options)),
      total: rows.length,
      next: end < rows.length ? cursorOf(shown.at(-1)) : undefined,
      previous: first > 0 ? cursorOf(shown[0]) : undefined,
    }
  }

  find(name: string, { limit = 10 }: FindOptions = {}): Entry<Score>[] {
    const wanted = foldedOf(name)
    const names = this.entries().map((entry) => ({ entry, folded: foldedOf(entry.name) }))
    const begun = names.filter(({ folded }) => folded.startsWith(wanted))
    const isWhole = ({ folded }: { folded: string }): boolean => folded === wanted
    const found = [...begun.filter(isWhole), ...begun.filter((one) => !isWhole(one))]
    return found.slice(0, limit).map(({ entry }) => entry)
  }

  among(playerIds: string[], options: RankOptions = {}): Group<Score> {
    const ids = [...new Set(playerIds)]
    for (const playerId of ids) checkPlayerId(playerId)
    const friends = sorted(
      this.rows.filter(({ playerId }) => ids.includes(playerId)).map((row) => ({ ...row })),
      this.shape,
    )
    const entries = friends.map((friend) => {
      const groupRank = friend.ranks[options.rankMode ?? 'ordinal']
      return { ...(this.get(friend.playerId, options) as Entry<Score>), groupRank }
    })
    return { entries, missing: ids.filter((playerId) => this.seenRow(playerId) === undefined) }
  }

  gap(playerId: string, options: RankOptions = {}): Gap<Score> | undefined {
    const row = this.seenRow(playerId)
    if (row === undefined) return undefined
    const { ordinal } = row.ranks
    const above = this.rows[ordinal - 2]
    const below = this.rows[ordinal]
    const neighbour = (other: Row, difference: Score): Neighbour<Score> => {
      return { entry: entryOf(other, options), difference }
    }
    return {
      entry: entryOf(row, options),
      above: above && neighbour(above, leadOf(this.shape, above.score, row.score)),
      below: below && neighbour(below, leadOf(this.shape, row.score, below.score)),
    }
  }

  scoreAt(rank: number, options: RankOptions = {}): Score | undefined {
    return scoreOfRank(this.rows, rank, options)
  }

  /** Percentages have one digit after the point at most, so that they can be counted in whole. */
  scoreFor(goal: GoalOptions): Goal<Score> {
    const { playerId, topPercent = 0, rankMode = 'ordinal' } = goal
    const others = this.rows.filter((row) => row.playerId !== playerId).map((row) => ({ ...row }))
    sorted(others, this.shape)
    const share = Math.floor(((others.length + 1) * Math.round(topPercent * 10)) / 1000)
    const rank = goal.rank ?? Math.max(1, share)
    const now = playerId === undefined ? undefined : this.rank(playerId, goal)
    const nothing = { rank, score: undefined, mark: undefined, mustBeat: false }
    if (now !== undefined && now <= rank) return { ...nothing, held: true }
    // Who is as good as the last of those whom a full board keeps comes too late.
    const last = others[this.keep - 1]?.score
    const mark = scoreOfRank(others, rank, goal) ?? last
    if (mark === undefined) return nothing
    const isLast = last !== undefined && compareScores(this.shape, mark, last) === 0
    const mustBeat = rankMode === 'ordinal' || isLast
    const score = mustBeat ? neighbourOf(this.shape, mark, 'better') : mark
    return { rank, score, mark, mustBeat }
  }

  protected seenRow(playerId: string): Row | undefined {
    checkPlayerId(playerId)
    return this.rows.find((row) => row.playerId === playerId)
  }

  // Negative where the row stands in front of the cursor.
  #side(row: Row, cursor: string): number {
    const place = PLACES.get(cursor)
    if (place === undefined) throw new ModelError('BAD_CURSOR')
    return (
      byScore(this.shape, row, place) ||
      row.micros - place.micros ||
      Buffer.compare(row.bytes, place.bytes)
    )
  }

  #rowsBetween(min: ScoreCell, max: ScoreCell, options: BoundOptions): Row[] {
    return this.rows.filter(({ cells: [cell] }) => {
      if (cell === undefined) return false
      const isHighEnough = options.minExclusive ? cell > min : cell >= min
      const isLowEnough = options.maxExclusive ? cell < max : cell <= max
      return isHighEnough && isLowEnough
    })
  }
}

// Where the cursors of the model stand.
const PLACES = new Map<string, Row>()

function cursorOf(row: Row | undefined): string | undefined {
  if (row === undefined) return 'beside no row'
  const cursor = `place ${PLACES.size}`
  PLACES.set(cursor, { ...row })
  return cursor
}

function scoreOfRank(rows: Row[], rank: number, { rankMode }: RankOptions): Score | undefined {
  if (rankMode !== 'dense') return rows[rank - 1]?.score
  return rows.find((row) => row.ranks.dense === rank)?.score
}

export function checkPlayerId(playerId: unknown): void {
  if (typeof playerId !== 'string') throw new TypeError('playerId')
  const bytes = Buffer.from(playerId)
  if (bytes.length === 0 || bytes.length > PLAYER_ID_BYTES_MAX) throw new RangeError('playerId')
  if (bytes.toString() !== playerId) throw new RangeError('playerId')
}

function foldedOf(text: string): string {
  return text.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC')
}
