/**
 * One board of a store: its questions, and the changes to it.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { BoardReader } from '../board/board-reader.ts'
import type { SubmitRequest } from '../board/board-writer.ts'
import { readCounters } from '../board/commit.ts'
import { checkScore } from '../calls/scores.ts'
import {
  checkAt,
  checkMetadata,
  checkMode,
  checkName,
  checkOptions,
  checkOptionsOf,
  checkPlayerId,
  checkWhole,
  checkWord,
  rankModeOf,
} from '../calls/values.ts'
import { type BoardSpec, settingsError } from '../domain/settings.ts'
import { findBoard, noBoard } from '../embedded/catalog.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { type Look, watch } from '../embedded/watch.ts'
import { NO_BOARD_ID, type Table } from '../format/keys.ts'
import { LadderError } from '../ground/errors.ts'
import { PASSED_MAX, PASSED_TOGETHER_MAX, SUBMIT_MANY_MAX, WATCH_MAX } from '../ground/limits.ts'
import type { Reader } from '../store/store.ts'
import type {
  ExportOptions,
  ExportReport,
  ImportOptions,
  ImportReport,
  Score,
  ScoreInput,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  WatchOptions,
  WatchUpdate,
} from '../words/index.ts'
import { BoardView } from './board-view.ts'

const WATCH_DEFAULT = 10
const WATCH_INTERVAL_MS = 100
const FORMATS = ['csv', 'ndjson'] as const
const CONDITIONS = ['new', 'existing'] as const

/** One board, whose scores are of type `S`. Get it from `Leaderboards.board`. */
export class Leaderboard<S extends Score = number> extends BoardView<S> {
  readonly #context: OpenStore
  readonly #source: CurrentReader

  /** @internal */
  constructor(context: OpenStore, board: BoardSpec & { creation: Promise<unknown> | undefined }) {
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
   * @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `FUTURE_TIME`, `NO_BOARD`, `SETTINGS_DIFFER`, `READ_ONLY`,
   *   `CLOSED`, `DISK_FULL`, `IO`, `CORRUPT`. Nothing is changed then.
   * @example
   * await board.submit('ada', 900)
   * const { rank, previousScore } = await board.submit('ada', 950, { mode: 'best' })
   * previousScore // 900
   */
  async submit(
    playerId: string,
    score: ScoreInput<S>,
    options?: SubmitOptions<S>,
  ): Promise<SubmitAnswer<S>> {
    const request = this.#requestOf(
      { ...checkOptionsOf('submit', options), playerId, score },
      answerOf(options),
    )
    const answer = this.#context.store.write((writer) =>
      this.#context.writerOf(writer, this.spec).submit(request),
    )
    return answer as Promise<SubmitAnswer<S>>
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
    submissions: readonly Submission<S>[],
    options?: Pick<SubmitOptions<S>, 'rankMode' | 'ranks' | 'passed'>,
  ): Promise<SubmitAnswer<S>[]> {
    if (!Array.isArray(submissions))
      throw new TypeError('Cannot submit: the submissions must be an array')
    if (submissions.length > SUBMIT_MANY_MAX) {
      throw new RangeError(
        `Cannot submit ${submissions.length} scores at once: at most ${SUBMIT_MANY_MAX}; split them, or import them`,
      )
    }
    const asked = answerOf(checkOptionsOf('submitMany', options))
    if (asked.passedMax * submissions.length > PASSED_TOGETHER_MAX)
      throw new RangeError(
        `Cannot tell ${asked.passedMax} passed players of each of ${submissions.length} submits: at most ${PASSED_TOGETHER_MAX} in all; ask for fewer, or split them`,
      )
    // A hole in the array is a submission of nothing.
    const requests = [...submissions].map((submission, i) => {
      return named(i, () =>
        this.#requestOf(checkOptionsOf('submission', submission, 'a submission'), asked),
      )
    })
    const answers = this.#context.store.write((writer) => {
      const board = this.#context.writerOf(writer, this.spec)
      return requests.map((request, i) => named(i, () => board.submit(request)))
    })
    return answers as Promise<SubmitAnswer<S>[]>
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
      this.#context.writerOf(writer, this.spec).remove(checked),
    )
  }

  /**
   * Feeds the rows of a CSV or NDJSON stream to the board, in order, as submits without answers.
   *
   * A bad row stops it with its line number and nothing is imported, unless `skipBad` is set. An
   * empty board is filled in bulk and shows the result at once at the end; into another one the rows
   * go in many commits, which a crash can end half way, and so can a sum that leaves the exact range
   * because of submits meanwhile, or because a board of the best has pushed its player out. Others can
   * write meanwhile.
   *
   * @throws {LadderError} `BAD_ROW` and those of `submit`.
   */
  async importFrom(
    source: Readable | AsyncIterable<Uint8Array>,
    options: ImportOptions,
  ): Promise<ImportReport> {
    hearErrors(source)
    checkFormat(options)
    const { importRows } = await import('../transfer/import.ts')
    return importRows(this.#context, { board: this.spec, source, options })
  }

  /**
   * Writes all entries in board order, on one snapshot, to a stream, which is ended.
   *
   * @throws {LadderError} as reads; errors of the stream as they are.
   */
  async exportTo(target: Writable, options: ExportOptions): Promise<ExportReport> {
    hearErrors(target)
    checkFormat(options)
    const { exportBoard } = await import('../transfer/export.ts')
    return exportBoard(this, { target, options })
  }

  /**
   * Watches the first entries, ten where not said, or one player: yields what is there now, then,
   * after commits that changed any of it, what is there and what changed since the last update.
   *
   * Commits of other processes count too. Several commits may come as one update, and a slow consumer
   * loses states in between, never the last one; no writer waits. Ends when the signal is aborted or
   * the store is closed. Cost: microseconds at each interval, and a `top` after a commit.
   *
   * @throws {LadderError} as reads: `NO_BOARD` where the board was dropped.
   * @example
   * await board.submit('ada', 900)
   * for await (const { entries, changes } of board.watch({ top: 3 })) {
   *   entries[0].playerId // 'ada'
   *   break
   * }
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchUpdate<S>, void, undefined> {
    const {
      top,
      playerId,
      signal,
      intervalMs = WATCH_INTERVAL_MS,
    } = checkOptionsOf('watch', options)
    if (top !== undefined && playerId !== undefined)
      throw new TypeError('Cannot watch top and playerId at once: give one')
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw new TypeError('Cannot watch with this signal: it must be an AbortSignal')
    const mode = rankModeOf(options)
    const count = checkWhole(top ?? WATCH_DEFAULT, 'top', { least: 1, most: WATCH_MAX })
    const id = playerId === undefined ? undefined : checkPlayerId(playerId)
    const look = (): Look => {
      const reader = this.#source.read()
      const player = id === undefined ? undefined : reader.get(id, mode)
      return {
        sequence: readCounters(this.#context.store.current()).sequence,
        total: reader.size,
        entries: id === undefined ? reader.rows(0, count, mode) : player ? [player] : [],
      }
    }
    const updates = watch(
      { sequence: () => this.#context.sequence(), look },
      {
        intervalMs: checkWhole(intervalMs, 'intervalMs', { least: 10, most: 2 ** 31 - 1 }),
        signal,
      },
    )
    return updates as AsyncGenerator<WatchUpdate<S>, void, undefined>
  }

  #requestOf(submission: Partial<Submission<S>>, asked: AskedAnswer): SubmitRequest {
    const { name, mode, at, metadata, only, expected } = submission
    const { shape } = this.spec
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
      score: checkScore(submission.score, shape),
      name: name === undefined ? undefined : checkName(name),
      metadata: metadata === undefined ? undefined : checkMetadata(metadata),
      mode: mode === undefined ? this.mode : checkMode(mode),
      only: only === undefined ? undefined : checkWord(only, 'only', CONDITIONS),
      expected: expected === undefined ? undefined : checkScore(expected, shape, 'expected'),
      atMicros,
      nowMicros,
      ...asked,
    }
  }
}

/** What a submit is to answer beside the score. */
type AskedAnswer = Pick<SubmitRequest, 'rankMode' | 'passedMax' | 'passedMode'>

function answerOf(
  options: Pick<SubmitOptions<Score>, 'rankMode' | 'ranks' | 'passed'> | undefined,
): AskedAnswer {
  const { ranks = true, passed = 0 } = checkOptions(options)
  const mode = rankModeOf(options)
  return {
    rankMode: ranks ? mode : undefined,
    passedMax: checkWhole(passed, 'passed', { most: PASSED_MAX }),
    passedMode: mode,
  }
}

// The newest snapshot of a board, which is looked up again by its name where it was dropped.
class CurrentReader {
  readonly #context: OpenStore
  readonly #board: BoardSpec
  isCreating: boolean
  #generation = 0
  #reader: BoardReader | undefined

  constructor(context: OpenStore, board: BoardSpec & { creation: Promise<unknown> | undefined }) {
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
      if (!this.#reader?.refresh()) {
        // Another process may have dropped the board: its number never comes back.
        if (this.#reader !== undefined) this.#context.forget(this.#reader.boardId)
        this.#reader = this.#find(current)
      }
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
      shape: this.#board.shape,
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

function checkFormat(options: { format: string }): void {
  checkWord(checkOptions(options).format, 'format', FORMATS)
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
