/**
 * The trivially right leaderboard: plain arrays, sorted plainly. Written from the words of the
 * contract, not from the code, with the same names and arguments as the library, so that one call
 * can be made on both.
 *
 * @module
 */

import type {
  BanOptions,
  BoardEntry,
  BoardInfo,
  BoardSettings,
  Entry,
  Metadata,
  Mode,
  Passed,
  RankOptions,
  Score,
  ScoreColumn,
  Submission,
  SubmitAnswer,
  SubmitOptions,
} from '../../src/index.ts'
import { checkPlayerId, ModelView } from './model-view.ts'
import { entryOf, newRow, type Row, sorted } from './rows.ts'
import {
  cellsOf,
  checkedScore,
  compareScores,
  ModelError,
  type Shape,
  sumOfScores,
} from './scores.ts'

const FUTURE_ALLOWANCE_MICROS = 300_000_000
const METADATA_BYTES_MAX = 1024

/** What a submit is to answer beside the score. */
type AnswerOptions = Pick<SubmitOptions, 'rankMode' | 'ranks' | 'passed'>

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
  score: Score
  name?: string | undefined
  at?: number | undefined
  metadata?: Metadata | undefined
}

/** What becomes of the submits of those who are banned. */
type Bans = Map<string, 'refuse' | 'keep'>

/** A store of boards. */
export class Model {
  readonly time = new ModelTime()
  readonly #boards = new Map<string, ModelBoard>()
  readonly #bans: Bans = new Map()

  /** @throws {ModelError} `NO_BOARD`. */
  board(name: string): ModelBoard {
    const board = this.#boards.get(name)
    if (board === undefined || board.isDropped) throw new ModelError('NO_BOARD')
    return board
  }

  createBoard(name: string, settings: BoardSettings): void {
    const board = this.#boards.get(name)
    if (board === undefined || board.isDropped)
      this.#boards.set(name, new ModelBoard(this.time, { settings, bans: this.#bans }))
  }

  dropBoard(name: string): void {
    this.board(name).isDropped = true
  }

  /** The board of a handle that was opened before the board was dropped. */
  handle(name: string): ModelBoard {
    return this.#boards.get(name) as ModelBoard
  }

  boards(): BoardInfo[] {
    return this.#there().map(([name, board]) => board.infoOf(name))
  }

  boardsOf(playerId: string, options: RankOptions = {}): BoardEntry[] {
    checkPlayerId(playerId)
    return this.#there().flatMap(([board, there]) => {
      const entry = there.get(playerId, options)
      return entry === undefined ? [] : [{ board, entry }]
    })
  }

  rename(playerId: string, name: string): number {
    checkPlayerId(playerId)
    checkPlayerId(name)
    return this.#there().filter(([, board]) => board.rename(playerId, name)).length
  }

  removePlayer(playerId: string): number {
    checkPlayerId(playerId)
    return this.#there().filter(([, board]) => board.remove(playerId)).length
  }

  ban(playerId: string, { submits = 'refuse' }: BanOptions = {}): string[] {
    checkPlayerId(playerId)
    this.#bans.set(playerId, submits)
    return this.#there().flatMap(([name, board]) => (board.hide(playerId) ? [name] : []))
  }

  unban(playerId: string): boolean {
    checkPlayerId(playerId)
    if (!this.#bans.delete(playerId)) return false
    for (const [, board] of this.#there()) board.show(playerId)
    return true
  }

  isBanned(playerId: string): boolean {
    return this.#bans.has(playerId)
  }

  /** How many players are stored and not seen, on all boards. */
  get hidden(): number {
    return this.#there().reduce((sum, [, board]) => sum + board.hidden.size, 0)
  }

  #there(): [string, ModelBoard][] {
    const there = [...this.#boards].filter(([, board]) => !board.isDropped)
    return there.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }
}

/** One board. */
export class ModelBoard extends ModelView {
  readonly settings: BoardSettings
  readonly mode: Mode
  isDropped = false
  /** The rows of players who are banned. */
  hidden: Map<string, Row> = new Map()
  readonly #time: ModelTime
  readonly #bans: Bans

  constructor(time: ModelTime, options: { settings: BoardSettings; bans: Bans }) {
    const { settings, bans } = options
    super(shapeOf(settings))
    this.settings = settings
    this.#bans = bans
    this.mode = settings.mode ?? 'set'
    this.#time = time
  }

  protected get nextMicros(): number {
    return this.#time.nextMicros
  }

  infoOf(name: string): BoardInfo {
    const { scoreType, keep } = this.settings
    const { columns } = this.shape
    const { order } = columns[0] as ScoreColumn
    return {
      ...{ name, order, mode: this.mode, size: this.size },
      ...(scoreType === 'int64' && { scoreType }),
      ...(columns.length > 1 && { columns }),
      ...(keep !== undefined && { keep }),
    }
  }

  submit(playerId: string, score: Score, options: SubmitOptions<Score> = {}): SubmitAnswer<Score> {
    const submission = { ...options, playerId, score } as Submission<Score>
    this.#checkSubmission(submission)
    this.#checkThere()
    this.#checkBan(playerId)
    return this.#submit(submission, options)
  }

  submitMany(submissions: Submission<Score>[], options: AnswerOptions = {}): SubmitAnswer<Score>[] {
    submissions.forEach((submission, i) => {
      named(i, () => this.#checkSubmission(submission))
    })
    this.#checkThere()
    submissions.forEach(({ playerId }, i) => {
      named(i, () => this.#checkBan(playerId))
    })
    return this.#allOrNothing(() => {
      return submissions.map((submission, i) => named(i, () => this.#submit(submission, options)))
    })
  }

  remove(playerId: string): boolean {
    checkPlayerId(playerId)
    this.#checkThere()
    const { size } = this
    this.rows = this.rows.filter((row) => row.playerId !== playerId)
    this.#sort()
    return this.hidden.delete(playerId) || this.size < size
  }

  /** Takes a player out of sight. */
  hide(playerId: string): boolean {
    const row = this.seenRow(playerId)
    if (row === undefined) return false
    this.remove(playerId)
    this.hidden.set(playerId, row)
    return true
  }

  /** Gives a player the place back, if there is one. */
  show(playerId: string): void {
    const row = this.hidden.get(playerId)
    this.hidden.delete(playerId)
    if (row === undefined || !this.#hasRoomFor(row)) return
    this.rows.push(row)
    this.#sort()
    this.rows.length = Math.min(this.size, this.keep)
  }

  rename(playerId: string, name: string): boolean {
    const row = this.seenRow(playerId) ?? this.hidden.get(playerId)
    if (row !== undefined) row.name = name
    return row !== undefined
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
      const isLast = changed.findLastIndex((row) => row.playerId === playerId) === i
      return isLast && this.seenRow(playerId) !== undefined
    })
    for (const { playerId, at } of bringers)
      if (at === undefined) this.#learnTime(playerId, options.timeOf(playerId))
    this.#sort()
    return changed.length
  }

  #takeRow({ playerId, score, ...options }: ImportRow, mode: Mode): boolean {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    const submission = { ...Object.fromEntries(given), playerId, score, mode }
    try {
      return this.#submit(submission as Submission<Score>, { ranks: false }).changed
    } catch (cause) {
      throw new ModelError('BAD_ROW', String(cause))
    }
  }

  #allOrNothing<T>(work: () => T): T {
    const rows = this.rows.map((row) => ({ ...row }))
    const hidden = [...this.hidden].map(([id, row]) => [id, { ...row }] as const)
    const { lastMicros } = this.#time
    try {
      return work()
    } catch (error) {
      this.rows = rows
      this.hidden = new Map(hidden)
      this.#time.lastMicros = lastMicros
      throw error
    }
  }

  #learnTime(playerId: string, micros: number): void {
    const { lastMicros, nowMicros } = this.#time
    if (micros <= lastMicros) throw new Error(`${playerId} at ${micros} is not after ${lastMicros}`)
    if (micros < nowMicros) throw new Error(`${playerId} at ${micros} is before now, ${nowMicros}`)
    this.#time.lastMicros = micros
    Object.assign(this.seenRow(playerId) as Row, { micros })
  }

  #submit(submission: Submission<Score>, answer: AnswerOptions): SubmitAnswer<Score> {
    const { playerId } = submission
    if (this.#bans.has(playerId)) return this.#submitUnseen(submission, answer)
    const previous = this.seenRow(playerId)
    this.#checkConditions(submission, previous)
    const { score, isAccepted, isEarlier } = this.#decide(submission, previous)
    const previousScore = previous?.score
    const previousRank = this.#rankFor(playerId, answer)
    const inFront = this.rows.slice(0, previous && previous.ranks.ordinal - 1)
    const isNew = previous === undefined
    const changed = isNew || isEarlier || compareScores(this.shape, score, previous.score) !== 0
    const row = previous ?? newRow(playerId, { score, shape: this.shape, micros: 0 })
    if (changed) {
      const { lastMicros } = this.#time
      const micros = submission.at === undefined ? this.#time.take() : microsOf(submission.at)
      const place = { ...row, score, cells: cellsOf(this.shape, score), micros }
      if (previous === undefined && !this.#hasRoomFor(place)) {
        this.#time.lastMicros = lastMicros
        this.#takeTimeOfRun(submission)
        return this.#refusal(
          { playerId, score: checkedScore(this.shape, submission.score) },
          answer,
        )
      }
      Object.assign(row, place)
      if (previous === undefined) this.rows.push(row)
      this.#sort()
    } else this.#takeTimeOfRun(submission)
    this.#setDetails(row, submission, isAccepted)
    const rank = this.#rankFor(playerId, answer)
    const passed = this.#passed(row, { inFront: changed ? inFront : [], answer })
    this.rows.length = Math.min(this.size, this.keep)
    const created = previous === undefined
    return { playerId, score, previousScore, rank, previousRank, changed, created, ...passed }
  }

  #submitUnseen(submission: Submission<Score>, { passed = 0 }: AnswerOptions): SubmitAnswer<Score> {
    const { playerId, at } = submission
    const previous = this.hidden.get(playerId)
    this.#checkConditions(submission, previous)
    const { score, isAccepted, isEarlier } = this.#decide(submission, previous)
    const previousScore = previous?.score
    const isNew = previous === undefined
    const changed = isNew || isEarlier || compareScores(this.shape, score, previous.score) !== 0
    const row = previous ?? newRow(playerId, { score, shape: this.shape, micros: 0 })
    const micros = !changed ? row.micros : at === undefined ? this.#time.take() : microsOf(at)
    if (!changed) this.#takeTimeOfRun(submission)
    Object.assign(row, { score, cells: cellsOf(this.shape, score), micros })
    this.#setDetails(row, submission, isAccepted)
    this.hidden.set(playerId, row)
    return {
      ...{ playerId, score, previousScore, rank: undefined, previousRank: undefined },
      ...{ changed, created: isNew },
      ...(passed > 0 && { passed: { count: 0, entries: [] } }),
    }
  }

  // A run that changes nothing has a time of its own in the log.
  #takeTimeOfRun({ at }: Submission<Score>): void {
    if (at === undefined) this.#time.take()
  }

  // A newcomer who is not good enough.
  #refusal(
    submit: { playerId: string; score: Score },
    { passed = 0 }: AnswerOptions,
  ): SubmitAnswer<Score> {
    return {
      ...{ playerId: submit.playerId, score: undefined, submitted: submit.score },
      ...{ previousScore: undefined, rank: undefined, previousRank: undefined },
      ...{ changed: false, created: false },
      ...(passed > 0 && { passed: { count: 0, entries: [] } }),
    }
  }

  #setDetails(row: Row, submission: Submission<Score>, isAccepted: boolean): void {
    const { name, metadata } = submission
    if (name !== undefined) row.name = name
    if (metadata === undefined || !isAccepted) return
    const json = JSON.stringify(metadata)
    row.metadata = json === '{}' ? undefined : json
  }

  #passed(
    row: Row,
    submit: { inFront: readonly Row[]; answer: AnswerOptions },
  ): { passed?: Passed<Score> } {
    const { passed: most = 0, rankMode = 'ordinal' } = submit.answer
    if (most === 0) return {}
    const behind = new Set(this.rows.slice(row.ranks.ordinal))
    const rows = submit.inFront.filter((other) => behind.has(other))
    const entries: Entry<Score>[] = rows.slice(0, most).map((row) => entryOf(row, { rankMode }))
    return { passed: { count: rows.length, entries } }
  }

  protected get keep(): number {
    return this.settings.keep ?? Number.POSITIVE_INFINITY
  }

  #hasRoomFor(row: Row): boolean {
    if (this.size < this.keep) return true
    const rows = sorted([...this.rows.map((other) => ({ ...other })), row], this.shape)
    return rows.indexOf(row) < this.keep
  }

  #checkConditions({ only, expected }: Submission<Score>, previous: Row | undefined): void {
    const isExpected =
      expected === undefined ||
      (expected === null && previous === undefined) ||
      (expected !== null &&
        previous !== undefined &&
        compareScores(this.shape, checkedScore(this.shape, expected), previous.score) === 0)
    const isRightOne = only === undefined || (only === 'new') === (previous === undefined)
    if (!isExpected || !isRightOne) throw new ModelError('CONDITION_FAILED')
  }

  #decide(
    submission: Submission<Score>,
    previous: Row | undefined,
  ): { score: Score; isAccepted: boolean; isEarlier: boolean } {
    const { mode = this.mode, at } = submission
    const score = checkedScore(this.shape, submission.score)
    if (mode === 'increment') {
      const sum = sumOfScores(this.shape, previous?.score, score)
      return { score: sum, isAccepted: true, isEarlier: false }
    }
    if (mode !== 'best' || previous === undefined)
      return { score, isAccepted: true, isEarlier: false }
    const difference = compareScores(this.shape, score, previous.score)
    const isEarlier = difference === 0 && at !== undefined && microsOf(at) < previous.micros
    const isBetter = difference < 0
    return {
      score: isBetter ? score : previous.score,
      isAccepted: isBetter || isEarlier,
      isEarlier,
    }
  }

  #rankFor(playerId: string, answer: AnswerOptions): number | undefined {
    return answer.ranks === false ? undefined : this.rank(playerId, answer)
  }

  #sort(): void {
    sorted(this.rows, this.shape)
  }

  #checkBan(playerId: string): void {
    if (this.#bans.get(playerId) === 'refuse') throw new ModelError('BANNED')
  }

  #checkThere(): void {
    if (this.isDropped) throw new ModelError('NO_BOARD')
  }

  #checkSubmission({ playerId, score, at, metadata, expected }: Submission<Score>): void {
    checkPlayerId(playerId)
    checkedScore(this.shape, score)
    if (metadata !== undefined && Buffer.byteLength(JSON.stringify(metadata)) > METADATA_BYTES_MAX)
      throw new RangeError('metadata')
    if (expected !== undefined && expected !== null) checkedScore(this.shape, expected)
    if (at !== undefined && microsOf(at) > this.#time.nowMicros + FUTURE_ALLOWANCE_MICROS)
      throw new ModelError('FUTURE_TIME')
  }
}

function shapeOf({ order = 'descending', scoreType = 'number', columns }: BoardSettings): Shape {
  if (columns === undefined) return { type: scoreType, columns: [{ name: '', order }] }
  const complete = columns.map(({ name, order = 'descending' }) => ({ name, order }))
  return { type: scoreType, columns: complete }
}

function microsOf(at: number): number {
  return Math.round(at * 1000)
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
