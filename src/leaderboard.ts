/**
 * One board of a store: its questions, and the changes to it.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import {
  checkAt,
  checkMode,
  checkName,
  checkOptions,
  checkPlayerId,
  checkRankMode,
  checkScore,
} from './arguments.ts'
import { BoardReader } from './board/board-reader.ts'
import type { SubmitRequest } from './board/board-writer.ts'
import { findBoard, noBoard, settingsError } from './board/catalog.ts'
import type { StoreContext } from './board/context.ts'
import { NO_BOARD_ID, type Table } from './board/tables.ts'
import { BoardView } from './board-view.ts'
import { LadderError } from './errors.ts'
import { SUBMIT_MANY_MAX } from './limits.ts'
import type { Reader } from './store/store.ts'
import type {
  ExportOptions,
  ExportReport,
  ImportOptions,
  ImportReport,
  Mode,
  Order,
  RankMode,
  Submission,
  SubmitAnswer,
  SubmitOptions,
} from './types.ts'

/** One board. Get it from `Leaderboards.board`. */
export class Leaderboard extends BoardView {
  readonly #context: StoreContext
  readonly #source: CurrentReader

  /** @internal */
  constructor(
    context: StoreContext,
    board: { name: string; order: Order; mode: Mode; creation: Promise<unknown> | undefined },
  ) {
    const source = new CurrentReader(context, board)
    super(board, { source: () => source.read(), context })
    this.#context = context
    this.#source = source
    // A failed creation is told by the calls that need the board: their jobs stand behind it.
    board.creation?.then(
      () => source.created(),
      () => source.created(),
    )
  }

  /** Whether the commit that creates the board is under way. @internal */
  get isCreating(): boolean {
    return this.#source.isCreating
  }

  /**
   * Submits a score and resolves, when it is durable, with the score and rank before and after.
   *
   * The score stays as it is where the mode refuses the new one or nothing differs; then time, rank
   * and everything but a new `name` stay too. Submits made close together share a commit, and each
   * answer is what held right after that submit. Cost: O(log n) and a share of a disk sync.
   *
   * @throws {TypeError | RangeError} for arguments of a wrong shape; the promise rejects.
   * @throws {LadderError} `INEXACT`, `FUTURE_TIME`, `NO_BOARD`, `SETTINGS_DIFFER`, `READ_ONLY`,
   *   `CLOSED`, `DISK_FULL`, `IO`, `CORRUPT`. Nothing is changed then.
   * @example
   * await board.submit('ada', 900)
   * const { rank, previousScore } = await board.submit('ada', 950, { mode: 'best' })
   * previousScore // 900
   */
  async submit(playerId: string, score: number, options?: SubmitOptions): Promise<SubmitAnswer> {
    const { rankMode, ranks = true } = checkOptions(options)
    const mode = rankMode === undefined ? 'ordinal' : checkRankMode(rankMode)
    const request = this.#requestOf({ ...options, playerId, score }, ranks ? mode : undefined)
    return this.#context.store.write((writer) =>
      this.#context.writerOf(writer, this).submit(request),
    )
  }

  /**
   * Submits many scores in one transaction: all or nothing, in the order given. Resolves with one
   * answer each, whose ranks are those right after it. At most 10,000; import larger amounts.
   *
   * @throws as `submit`; the message names the submission.
   * @example
   * const [first] = await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * first.rank // 1
   */
  async submitMany(
    submissions: readonly Submission[],
    options?: Pick<SubmitOptions, 'rankMode' | 'ranks'>,
  ): Promise<SubmitAnswer[]> {
    if (!Array.isArray(submissions))
      throw new TypeError('Cannot submit: the submissions must be an array')
    if (submissions.length > SUBMIT_MANY_MAX) {
      throw new RangeError(
        `Cannot submit ${submissions.length} scores at once: at most ${SUBMIT_MANY_MAX}; split them, or import them`,
      )
    }
    const { rankMode, ranks = true } = checkOptions(options)
    const mode = rankMode === undefined ? 'ordinal' : checkRankMode(rankMode)
    const requests = submissions.map((submission, i) => {
      return named(i, () =>
        this.#requestOf(checkOptions(submission, 'a submission'), ranks ? mode : undefined),
      )
    })
    return this.#context.store.write((writer) => {
      const board = this.#context.writerOf(writer, this)
      return requests.map((request, i) => named(i, () => board.submit(request)))
    })
  }

  /**
   * Takes a player off the board; resolves, when that is durable, with whether there was an entry.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900)
   * await board.remove('ada') // true
   */
  async remove(playerId: string): Promise<boolean> {
    const checked = checkPlayerId(playerId)
    return this.#context.store.write((writer) =>
      this.#context.writerOf(writer, this).remove(checked),
    )
  }

  /**
   * Feeds the rows of a CSV or NDJSON stream to the board, in order, as submits without answers.
   *
   * A bad row stops it with its line number and nothing is imported, unless `skipBad` is set. An
   * empty board is filled in bulk and shows the result at once at the end; into another one the rows
   * go in many commits, and only a crash can end it half way. Others can write meanwhile.
   *
   * @throws {LadderError} `BAD_ROW` and those of `submit`.
   */
  async importFrom(
    source: Readable | AsyncIterable<Uint8Array>,
    options: ImportOptions,
  ): Promise<ImportReport> {
    hearErrors(source)
    const { importRows } = await import('./transfer/import-rows.ts')
    return importRows(this.#context, { board: this, source, options })
  }

  /**
   * Writes all entries in board order, on one snapshot, to a stream, which is ended.
   *
   * @throws {LadderError} as reads; errors of the stream as they are.
   */
  async exportTo(target: Writable, options: ExportOptions): Promise<ExportReport> {
    hearErrors(target)
    const { exportBoard } = await import('./transfer/export-board.ts')
    return exportBoard(this, { target, options })
  }

  #requestOf(submission: Partial<Submission>, rankMode: RankMode | undefined): SubmitRequest {
    const { name, mode, at } = submission
    const nowMicros = this.#context.nowMicros()
    const atMicros = at === undefined ? undefined : checkAt(at)
    if (atMicros !== undefined && atMicros > nowMicros + this.#context.futureAllowanceMs * 1000) {
      throw new LadderError(
        'FUTURE_TIME',
        `Cannot submit at ${at}: that is later than now, ${nowMicros / 1000}, by more than the allowed ${this.#context.futureAllowanceMs} ms; check the clock and the unit`,
      )
    }
    return {
      playerId: checkPlayerId(submission.playerId),
      score: checkScore(submission.score),
      name: name === undefined ? undefined : checkName(name),
      mode: mode === undefined ? this.mode : checkMode(mode),
      atMicros,
      nowMicros,
      rankMode,
    }
  }
}

// The newest snapshot of a board, which is looked up again by its name where it was dropped.
class CurrentReader {
  readonly #context: StoreContext
  readonly #board: { name: string; order: Order; mode: Mode }
  isCreating: boolean
  #generation = 0
  #reader: BoardReader | undefined

  constructor(
    context: StoreContext,
    board: { name: string; order: Order; mode: Mode; creation: Promise<unknown> | undefined },
  ) {
    this.#context = context
    this.#board = board
    this.isCreating = board.creation !== undefined
  }

  created(): void {
    this.isCreating = false
    this.#generation = 0
  }

  read(): BoardReader {
    const current = this.#context.store.current()
    if (this.#reader === undefined || current.generation !== this.#generation) {
      this.#reader = this.#reader?.refresh() ? this.#reader : this.#find(current)
      this.#generation = current.generation
    }
    return this.#reader
  }

  #find(current: Reader<Table>): BoardReader {
    const found = findBoard(current, this.#board.name)
    if (found === undefined && !this.isCreating) throw noBoard(this.#board.name)
    const error = found && settingsError(found, this.#board)
    if (error !== undefined) throw error
    const boardId = found?.id ?? NO_BOARD_ID
    const reader = new BoardReader(current, {
      boardId,
      order: this.#board.order,
      cache: this.#context.cacheOf(boardId),
    })
    if (!reader.refresh() && found !== undefined) {
      throw new LadderError(
        'CORRUPT',
        `Cannot read board "${found.name}": its rank tree is missing; run rebuild`,
      )
    }
    return reader
  }
}

// A stream may fail before anything reads or writes it; it keeps the error for whoever does, but
// without a listener the process would end.
function hearErrors(stream: object): void {
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
}

// Says which of many submissions an error is about.
function named<T>(i: number, submit: () => T): T {
  try {
    return submit()
  } catch (error) {
    if (error instanceof LadderError)
      throw new LadderError(error.code, `Submission ${i}: ${error.message}`, { cause: error })
    if (error instanceof TypeError) throw new TypeError(`Submission ${i}: ${error.message}`)
    if (error instanceof RangeError) throw new RangeError(`Submission ${i}: ${error.message}`)
    throw error
  }
}
