/**
 * One board of a store: its questions, and the changes to it.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readCounters } from '../board/commit.ts'
import {
  checkArguments,
  checkCall,
  checkOptionsOf,
  checkRequired,
  checkSubmission,
} from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import { inSubmission } from '../calls/submissions.ts'
import { NameSearch } from '../domain/find.ts'
import { makeChange } from '../embedded/apply.ts'
import type { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { CurrentReader } from '../embedded/readers.ts'
import { type AskedAnswer, submitOf } from '../embedded/submits.ts'
import { type Look, watch } from '../embedded/watch.ts'
import { forCaller } from '../ground/call-site.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { PASSED_TOGETHER_MAX, SUBMIT_MANY_MAX } from '../ground/limits.ts'
import type { KnownExport } from '../transfer/export.ts'
import type { RowSource } from '../transfer/source.ts'
import type {
  Entry,
  ExportOptions,
  ExportReport,
  FindOptions,
  ImportOptions,
  ImportReport,
  Score,
  ScoreInput,
  Submission,
  SubmitAnswer,
  SubmitOptions,
  SubmitRequest,
  WatchOptions,
  WatchUpdate,
} from '../words/index.ts'
import { BoardView } from './board-view.ts'

const WATCH_DEFAULT = 10
const FIND_DEFAULT = 10

/** Entries between two turns of the event loop: about a millisecond. */
const FIND_TURN = 1_000
const WATCH_INTERVAL_MS = 100

// Only the class sees what a board knows inside; only the library gets it.
let namedIn: (board: Leaderboard) => NamedBoard

/**
 * Returns what a handle of a board knows of it.
 *
 * @internal
 */
export function namedOf(board: Leaderboard): NamedBoard {
  return namedIn(board)
}

/** One board, whose scores are of type `S`. Get it from `Leaderboards.board`. */
export class Leaderboard<S extends Score = number> extends BoardView<S> {
  readonly #context: OpenStore
  readonly #source: CurrentReader

  static {
    namedIn = (board) => board.#source.board
  }

  /** @internal */
  constructor(context: OpenStore, board: NamedBoard) {
    const source = new CurrentReader(context, board)
    super(() => source.board.spec, { source: () => source.read(), context })
    this.#context = context
    this.#source = source
  }

  get #named(): NamedBoard {
    return this.#source.board
  }

  /**
   * Submits a score and resolves, when it is durable, with the score and rank before and after.
   *
   * If the mode refuses the score, nothing changes but a new `name`. If it takes the score and finds it
   * equal (`set` of the same score, an increment of 0), time and rank stay, and given `metadata` replace
   * the old. In mode `best` an equal score with an earlier given `at` takes that time, so that two lists
   * merge in either order. A newcomer for whom a full board that keeps only the best has no place gets
   * `score: undefined`, and `submitted` says what came in.
   *
   * A submit with a `requestId` counts once on its board: the same submit under the same id, at once, later,
   * by another process or after a crash, changes nothing and gets the first answer again, with
   * `repeated: true`. An id stays free if its submit is refused, and is forgotten after a day, or when a
   * million others came after it.
   *
   * The first accepted submit creates a board that does not exist. Submits made close together share a
   * commit, and each answer is what held right after that submit. Cost: O(log n) and a share of a disk
   * sync.
   *
   * @throws {TypeError | RangeError} for arguments of a wrong shape; the promise rejects.
   * @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `REQUEST_REUSED`, `FUTURE_TIME`, `NO_BOARD`,
   *   `SETTINGS_DIFFER`, `READ_ONLY`, `CLOSED`, `DISK_FULL`, `IO`, `CORRUPT`; by a rule of the board
   *   `OUT_OF_RANGE`, `SUSPICIOUS`, `UNKNOWN_PLAYER`, `RATE_LIMITED` with `retryAfterMs` on the error,
   *   `CLOSED_FOR_WRITES`; `NAME_TAKEN` where names are unique; `BANNED`. Nothing is changed then.
   * @example
   * await board.submit('ada', 900)
   * const { rank, previousScore } = await board.submit('ada', 950, { mode: 'best' })
   * previousScore // 900
   * await board.submit('ada', 10, { mode: 'increment', requestId: 'run-17' })
   * const again = await board.submit('ada', 10, { mode: 'increment', requestId: 'run-17' })
   * again.repeated // true
   * board.get('ada').score // 960
   */
  async submit(
    playerId: string,
    score: ScoreInput<S>,
    options?: SubmitOptions<S>,
  ): Promise<SubmitAnswer<S>> {
    const checked = checkCall('submit', arguments, options)
    const submit = this.#submitOf({ ...checked, playerId, score }, answerOf(checked))
    // Awaited: a promise that is returned as it is takes three turns of the queue instead of one, and hides
    // who waits from the stack of a failure.
    const answer: SubmitAnswer<Score> = await makeChange(this.#context, {
      kind: 'submit',
      board: this.#named,
      submit,
    })
    return answer as SubmitAnswer<S>
  }

  /**
   * Submits many scores in one transaction: all or nothing, in the order given. Resolves with one
   * answer each, whose ranks are those right after it. At most 10,000; import larger amounts. Each may have a
   * `requestId` of its own, as in `submit`: those made before are answered again, the others are made.
   *
   * Cost: O(log n) a submission, and a share of a disk sync.
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
    const asked = answerOf(checkCall('submitMany', arguments, options))
    if (submissions.length > SUBMIT_MANY_MAX) {
      throw new RangeError(
        `Cannot submit ${submissions.length} scores at once: at most ${SUBMIT_MANY_MAX}; split them, or import them`,
      )
    }
    if (asked.passedMax * submissions.length > PASSED_TOGETHER_MAX)
      throw new RangeError(
        `Cannot tell ${asked.passedMax} passed players of each of ${submissions.length} submits: at most ${PASSED_TOGETHER_MAX} in all; ask for fewer, or split them`,
      )
    // A hole in the array is a submission of nothing.
    const submits = [...submissions].map((submission, i) => {
      return inSubmission(i, () => this.#submitOf(checkSubmission(submission), asked))
    })
    const answers: SubmitAnswer<Score>[] = await makeChange(this.#context, {
      kind: 'submitMany',
      board: this.#named,
      submits,
    })
    return answers as SubmitAnswer<S>[]
  }

  /**
   * Takes a player off the board; resolves, when that is durable, with whether there was an entry.
   * Cost: O(log n) and a share of a disk sync.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900)
   * await board.remove('ada') // true
   */
  async remove(playerId: string): Promise<boolean> {
    checkArguments('remove', arguments)
    return (await this.take(playerId)) !== undefined
  }

  /**
   * Takes a player off the board like `remove`; resolves with the entry that there was and its ordinal
   * rank, so that it can be put back, or with undefined. Cost: O(log n) and a share of a disk sync.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900, { at: 1_790_000_000_000 })
   * const { score, at } = await board.take('ada')
   * await board.submit('ada', score, { at })
   * board.rank('ada') // 1
   */
  async take(playerId: string): Promise<Entry<S> | undefined> {
    checkArguments('take', arguments)
    const change = { kind: 'remove', board: this.#named, playerId } as const
    const entry = makeChange(this.#context, change)
    return entry as Promise<Entry<Score> | undefined> as Promise<Entry<S> | undefined>
  }

  /**
   * Feeds the rows of a CSV or NDJSON file, by its path or as a stream of bytes or text, to the board as
   * submits without answers, in the order of their lines: all of them, or none.
   *
   * A bad row ends it with its line number, unless `skipBad` is set. After an error, an abort, a full disk
   * or a crash at any moment nothing is imported; readers see the board before or the board after. If no
   * row can be used, no board is made, except by the NDJSON export of an empty one.
   *
   * The first line of an NDJSON export carries the settings of its board: a board that does not exist is
   * made with them, and a file that contradicts the board, or what it was asked for with, is refused.
   *
   * An empty board is filled in bulk while others write. Into a board with entries, or one with `keep`,
   * all rows go in one transaction: other writers wait, those of other processes get `BUSY` after a
   * minute. Each row leaves a record in the log, and a record `import` with the answer ends their change;
   * `log: false` leaves the rows out. They come into the log in one transaction, for which other writers wait.
   * Cost: processor time of some 9 s per million rows into an empty board, 18 s into a board of a million.
   * Memory of the process's own stays below 400 MB at any size of an import into an empty board whose rows are
   * left out of the log; with them it can be some 600 MB more, pages that are kept until the commit;
   * what counts as resident can be more by pages of the store's file, which the system takes back when it
   * needs room. Rows that do not fit into memory go to temporary files in the store's directory: about as many
   * bytes as the rows have, twice for their entries, removed at the end.
   *
   * @example
   * await board.importFrom(['playerId,score\n', 'ada,900\n'], { format: 'csv' })
   * board.rank('ada') // 1
   * @throws {LadderError} `BAD_ROW`, `SETTINGS_DIFFER` and those of `submit`.
   */
  importFrom(source: RowSource | URL, options?: ImportOptions): Promise<ImportReport> {
    return forCaller(undefined, async () => {
      checkArguments('importFrom', arguments)
      hearErrors(source)
      const from = inPath(source, 'import')
      const { assertUnread, formatOfFile } = await import('../transfer/source.ts')
      const given = checkOptionsOf('importFrom', options)
      const format = given.format ?? formatOfFile(from)
      const checked = checkRequired('importFrom', { ...given, format })
      const [{ leftoverName }, { importRows }] = await Promise.all([
        import('../backup/debris.ts'),
        import('../transfer/import.ts'),
      ])
      const scratchPath = join(this.#context.store.path, leftoverName('.importing'))
      return importRows(this.#context, {
        board: this.#named,
        source: assertUnread(from),
        options: checked as Parameters<typeof importRows>[1]['options'],
        scratchPath,
      })
    })
  }

  /**
   * Writes all entries in board order, on one snapshot, to a file by its path, or to a stream, which is
   * ended.
   *
   * The name of a file says its format, and `.gz` whether it is packed, unless the options do. The file
   * appears when it is whole and on the disk; if the export fails, nothing is left. A file that exists is
   * refused, or with `force: true` replaced. A stream needs `format`.
   *
   * Cost: O(n), with turns for the event loop; memory does not depend on n.
   *
   * @throws {LadderError} as reads; `EXISTS` for a file; `DISK_FULL`, `PERMISSION`, `IO` for a
   *   file or a stream; a stream's errors of other kinds as they are.
   * @example
   * await board.submit('ada', 900)
   * await board.submit('bob', 800)
   * await board.exportTo(`${path}.csv`, { top: 1 }) // { exported: 1 }
   * const { exported } = await board.exportTo(createWriteStream(`${path}.txt`), { format: 'csv' })
   * exported // 2
   */
  exportTo(target: Writable | string | URL, options?: ExportOptions): Promise<ExportReport> {
    return forCaller(undefined, async () => {
      checkArguments('exportTo', arguments)
      hearErrors(target)
      const to = inPath(target, 'export')
      const { formatOfFile } = await import('../transfer/source.ts')
      const given = checkOptionsOf('exportTo', options)
      const format = given.format ?? formatOfFile(to)
      const checked = checkRequired('exportTo', { ...given, format }) as KnownExport
      const { exportBoard } = await import('../transfer/export.ts')
      return exportBoard(this.#named, { view: this, target: to, options: checked })
    })
  }

  /**
   * Finds players by their names: those whose name is `name` come first, then those whose name begins
   * with it, each in board order; ten if not said otherwise. Case and Unicode form make no difference
   * (`ZOË`, `zoë`). A player without a name of its own is found by the `playerId`. Ranks are ordinal.
   *
   * Reads every entry on one snapshot, as there is no index of names. Cost: O(n), about a second a
   * million entries, with turns for the event loop.
   *
   * @throws {LadderError} `ABORTED` by the signal, and those of reads.
   * @example
   * await board.submit('p17', 900, { name: 'Ada Lovelace' })
   * const [found] = await board.find('ada')
   * found.playerId // 'p17'
   */
  async find(name: string, options?: FindOptions): Promise<Entry<S>[]> {
    const { limit = FIND_DEFAULT, signal } = checkCall('find', arguments, options)
    const search = new NameSearch<Entry<S>>(name, limit)
    let done = 0
    for (const entry of this.entries()) {
      search.take(entry)
      if (search.isFull) break
      if (++done % FIND_TURN !== 0) continue
      await nextTurn()
      throwIfAborted({ signal })
    }
    return search.found()
  }

  /**
   * Watches the first entries, ten by default, or one player: yields what is there now, then,
   * after commits that changed any of it, what is there and what changed since the last update.
   *
   * Commits of other processes count too. Several commits may come as one update, and a slow consumer
   * loses states in between, never the last one; no writer waits. Ends when the signal is aborted or
   * the store is closed; one that begins after `close` is refused. Cost: microseconds at each interval, and a `top` after a commit.
   *
   * @throws {LadderError} as reads: `NO_BOARD` if the board was dropped, `CLOSED` after `close`.
   * @example
   * await board.submit('ada', 900)
   * for await (const { entries, changes } of board.watch({ top: 3 })) {
   *   entries[0].playerId // 'ada'
   *   break
   * }
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchUpdate<S>, void, undefined> {
    const {
      top = WATCH_DEFAULT,
      playerId: id,
      signal,
      intervalMs = WATCH_INTERVAL_MS,
      rankMode: mode = 'ordinal',
    } = checkCall('watch', arguments, options)
    if (options?.top !== undefined && id !== undefined)
      throw new TypeError('Cannot watch top and playerId at once: give one')
    const look = (): Look => {
      const reader = this.#source.read()
      const player = id === undefined ? undefined : reader.get(id, mode)
      return {
        sequence: readCounters(this.#context.store.current()).sequence,
        total: reader.size,
        entries: id === undefined ? reader.rows(0, top, mode) : player ? [player] : [],
      }
    }
    const updates = watch(
      { sequence: () => this.#context.sequence(), look },
      { intervalMs, signal },
    )
    return updates as AsyncGenerator<WatchUpdate<S>, void, undefined>
  }

  #submitOf(submission: Partial<Submission<S>>, asked: AskedAnswer): SubmitRequest {
    const given = submission as Partial<Submission<Score>>
    return submitOf(this.#context, given, { board: this.#named.spec, asked })
  }
}

function answerOf(
  options: Pick<SubmitOptions<Score>, 'rankMode' | 'ranks' | 'passed'>,
): AskedAnswer {
  const { rankMode = 'ordinal', ranks = true, passed = 0 } = options
  return { rankMode: ranks ? rankMode : undefined, passedMax: passed, passedMode: rankMode }
}

// Text of a file in place of its path is the likely slip.
function inPath<T>(file: T | string | URL, act: string): T | string {
  if (typeof file !== 'string' && !(file instanceof URL)) return file
  const path = checkPath(file, act, 'file')
  if (!/[\r\n]/.test(path)) return path
  throw new TypeError(
    `Cannot ${act}: the file is text of several lines, it must be a path; for text pass [text]`,
  )
}

// A stream may fail before anything reads or writes it; it keeps the error for the first that does, but
// without a listener the process would end.
function hearErrors(stream: unknown): void {
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
}
