/**
 * The trivially right leaderboard: plain arrays, sorted plainly. Written from the words of the
 * contract, not from the code, with the same names and arguments as the library, so that one call
 * can be made on both.
 *
 * @module
 */

import type {
  AroundOptions,
  BetweenOptions,
  BoardInfo,
  BoundOptions,
  Entry,
  Mode,
  Order,
  RankOptions,
  Standing,
  Submission,
  SubmitAnswer,
  SubmitOptions,
} from '../../src/index.ts'
import {
  entryOf,
  isBetter,
  ModelError,
  newRow,
  type Row,
  sorted,
  standingAmong,
  sumOf,
} from './rows.ts'

const PLAYER_ID_BYTES_MAX = 512
const FUTURE_ALLOWANCE_MICROS = 300_000_000

/** Which time the store gives next, and how far ahead a caller's time may be. */
export class ModelTime {
  /** The wall clock, microseconds since 1970. */
  nowMicros = 0
  /** The last time given. */
  lastMicros = 0

  get nextMicros(): number {
    return Math.max(this.nowMicros, this.lastMicros + 1)
  }

  take(): number {
    this.lastMicros = this.nextMicros
    return this.lastMicros
  }
}

/** One row of an import. */
export interface ImportRow {
  playerId: string
  score: number
  name: string | undefined
  at: number | undefined
}

/** A store of boards. */
export class Model {
  readonly time = new ModelTime()
  readonly #boards = new Map<string, ModelBoard>()

  /** @throws {ModelError} `NO_BOARD`. */
  board(name: string): ModelBoard {
    const board = this.#boards.get(name)
    if (board === undefined || board.isDropped) throw new ModelError('NO_BOARD')
    return board
  }

  createBoard(name: string, settings: { order: Order; mode: Mode }): void {
    const board = this.#boards.get(name)
    if (board === undefined || board.isDropped)
      this.#boards.set(name, new ModelBoard(this.time, settings))
  }

  dropBoard(name: string): void {
    this.board(name).isDropped = true
  }

  /** The board of a handle that was opened before the board was dropped. */
  handle(name: string): ModelBoard {
    return this.#boards.get(name) as ModelBoard
  }

  boards(): BoardInfo[] {
    const there = [...this.#boards].filter(([, board]) => !board.isDropped)
    const infos = there.map(([name, { order, mode, size }]) => ({ name, order, mode, size }))
    return infos.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  }
}

/** One board. */
export class ModelBoard {
  readonly order: Order
  readonly mode: Mode
  isDropped = false
  readonly #time: ModelTime
  #rows: Row[] = []

  constructor(time: ModelTime, settings: { order: Order; mode: Mode }) {
    this.order = settings.order
    this.mode = settings.mode
    this.#time = time
  }

  get size(): number {
    return this.#rows.length
  }

  submit(playerId: string, score: number, options: SubmitOptions = {}): SubmitAnswer {
    this.#checkSubmission({ ...options, playerId, score })
    this.#checkThere()
    return this.#submit({ ...options, playerId, score }, options)
  }

  submitMany(
    submissions: Submission[],
    options: Pick<SubmitOptions, 'rankMode' | 'ranks'> = {},
  ): SubmitAnswer[] {
    submissions.forEach((submission, i) => {
      named(i, () => this.#checkSubmission(submission))
    })
    this.#checkThere()
    return this.#allOrNothing(() => {
      return submissions.map((submission, i) => named(i, () => this.#submit(submission, options)))
    })
  }

  remove(playerId: string): boolean {
    checkPlayerId(playerId)
    this.#checkThere()
    const { size } = this
    this.#rows = this.#rows.filter((row) => row.playerId !== playerId)
    this.#sort()
    return this.size < size
  }

  get(playerId: string, options: RankOptions = {}): Entry | undefined {
    const row = this.#find(playerId)
    return row && entryOf(row, options)
  }

  rank(playerId: string, options: RankOptions = {}): number | undefined {
    return this.get(playerId, options)?.rank
  }

  ranks(playerIds: string[], options: RankOptions = {}): (number | undefined)[] {
    return playerIds.map((playerId) => this.rank(playerId, options))
  }

  standing(playerId: string): Standing | undefined {
    const row = this.#find(playerId)
    return row && standingAmong(this.#rows, { row, order: this.order })
  }

  // A newcomer comes now, so behind all who have the score already: whoever was given a time ahead of
  // now has not got it yet.
  standingOf(score: number): Standing {
    checkScore(score)
    const row = newRow('', { score: score + 0, micros: this.#time.nextMicros })
    const rows = sorted([...this.#rows.map((other) => ({ ...other })), row], this.order)
    return standingAmong(rows, { row, order: this.order })
  }

  top(n = 10, options: RankOptions = {}): Entry[] {
    return this.range(1, n, options)
  }

  range(first: number, last: number, options: RankOptions = {}): Entry[] {
    return this.#rows
      .slice(Math.max(0, first - 1), Math.max(0, last))
      .map((row) => entryOf(row, options))
  }

  entryAt(place: number, options: RankOptions = {}): Entry | undefined {
    return this.range(place, place, options)[0]
  }

  entries(options: RankOptions = {}): Entry[] {
    return this.#rows.map((row) => entryOf(row, options))
  }

  around(playerId: string, options: AroundOptions = {}): Entry[] {
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

  between(min: number, max: number, options: BetweenOptions = {}): Entry[] {
    const { offset = 0, limit = 100 } = options
    return this.#rowsBetween(min, max, options)
      .slice(offset, offset + limit)
      .map((row) => entryOf(row, options))
  }

  countBetween(min: number, max: number, options: BoundOptions = {}): number {
    return this.#rowsBetween(min, max, options).length
  }

  /**
   * Submits rows in order; returns how many changed a score. The times that the rows lack are the
   * store's to give: `timeOf` says, in microseconds, what it gave a player. They must be later than
   * all that it gave before, not lie in the past, and rise from row to row.
   *
   * @throws {ModelError} `BAD_ROW`; nothing is changed then.
   */
  importRows(
    rows: ImportRow[],
    options: { mode: Mode; timeOf: (playerId: string) => number },
  ): number {
    const { lastMicros } = this.#time
    const changed = this.#allOrNothing(() => rows.filter((row) => this.#takeRow(row, options.mode)))
    this.#time.lastMicros = lastMicros
    // Of a player's rows the last one that changed the score says the time.
    const bringers = changed.filter(({ playerId }, i) => {
      return changed.findLastIndex((row) => row.playerId === playerId) === i
    })
    for (const { playerId, at } of bringers)
      if (at === undefined) this.#learnTime(playerId, options.timeOf(playerId))
    this.#sort()
    return changed.length
  }

  #takeRow({ playerId, score, name, at }: ImportRow, mode: Mode): boolean {
    const submission: Submission = { playerId, score, mode }
    if (name !== undefined) submission.name = name
    if (at !== undefined) submission.at = at
    try {
      return this.#submit(submission, { ranks: false }).changed
    } catch (cause) {
      throw new ModelError('BAD_ROW', String(cause))
    }
  }

  #allOrNothing<T>(work: () => T): T {
    const rows = this.#rows.map((row) => ({ ...row }))
    const { lastMicros } = this.#time
    try {
      return work()
    } catch (error) {
      this.#rows = rows
      this.#time.lastMicros = lastMicros
      throw error
    }
  }

  #learnTime(playerId: string, micros: number): void {
    const { lastMicros, nowMicros } = this.#time
    if (micros <= lastMicros) throw new Error(`${playerId} at ${micros} is not after ${lastMicros}`)
    if (micros < nowMicros) throw new Error(`${playerId} at ${micros} is before now, ${nowMicros}`)
    this.#time.lastMicros = micros
    Object.assign(this.#find(playerId) as Row, { micros })
  }

  #submit(submission: Submission, answer: Pick<SubmitOptions, 'rankMode' | 'ranks'>): SubmitAnswer {
    const { playerId, name } = submission
    const previous = this.#find(playerId)
    const score = this.#decide(submission, previous?.score)
    const previousScore = previous?.score
    const previousRank = this.#rankFor(playerId, answer)
    const changed = score !== previousScore
    const row = previous ?? newRow(playerId, { score, micros: 0 })
    if (previous === undefined) this.#rows.push(row)
    if (name !== undefined) row.name = name
    if (changed) {
      row.score = score
      row.micros = submission.at === undefined ? this.#time.take() : microsOf(submission.at)
      this.#sort()
    }
    const rank = this.#rankFor(playerId, answer)
    const created = previous === undefined
    return { playerId, score, previousScore, rank, previousRank, changed, created }
  }

  #decide({ score, mode = this.mode }: Submission, previous: number | undefined): number {
    if (mode === 'increment') return sumOf(previous ?? 0, score)
    if (mode === 'best' && previous !== undefined && !isBetter(score, previous, this.order))
      return previous
    return score + 0
  }

  #rankFor(
    playerId: string,
    answer: Pick<SubmitOptions, 'rankMode' | 'ranks'>,
  ): number | undefined {
    return answer.ranks === false ? undefined : this.rank(playerId, answer)
  }

  #find(playerId: string): Row | undefined {
    checkPlayerId(playerId)
    return this.#rows.find((row) => row.playerId === playerId)
  }

  #sort(): void {
    sorted(this.#rows, this.order)
  }

  #checkThere(): void {
    if (this.isDropped) throw new ModelError('NO_BOARD')
  }

  #checkSubmission({ playerId, score, at }: Submission): void {
    if (at !== undefined && microsOf(at) > this.#time.nowMicros + FUTURE_ALLOWANCE_MICROS)
      throw new ModelError('FUTURE_TIME')
    checkPlayerId(playerId)
    checkScore(score)
  }

  #rowsBetween(min: number, max: number, options: BoundOptions): Row[] {
    return this.#rows.filter(({ score }) => {
      const isHighEnough = options.minExclusive ? score > min : score >= min
      const isLowEnough = options.maxExclusive ? score < max : score <= max
      return isHighEnough && isLowEnough
    })
  }
}

function microsOf(at: number): number {
  return Math.round(at * 1000)
}

function checkPlayerId(playerId: unknown): void {
  if (typeof playerId !== 'string') throw new TypeError('playerId')
  const bytes = Buffer.from(playerId)
  if (bytes.length === 0 || bytes.length > PLAYER_ID_BYTES_MAX) throw new RangeError('playerId')
  if (bytes.toString() !== playerId) throw new RangeError('playerId')
}

function checkScore(score: unknown): void {
  if (typeof score !== 'number') throw new TypeError('score')
  if (!Number.isFinite(score)) throw new RangeError('score')
}

// Says which of many submissions an error is about.
function named<T>(i: number, submit: () => T): T {
  try {
    return submit()
  } catch (error) {
    if (error instanceof Error) error.message = `Submission ${i}: ${error.message}`
    throw error
  }
}
