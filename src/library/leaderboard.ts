/**
 * One board of a store: its questions, and the changes to it.
 *
 * @module
 */

import { join } from 'node:path'
import { hearErrors, inPath } from '../calls/file-or-stream.ts'
import {
  checkArguments,
  checkCall,
  checkOptionsOf,
  checkRequired,
  checkSubmission,
} from '../calls/options.ts'
import { withRequestOfList } from '../calls/request-ids.ts'
import { checkListSize, inSubmission } from '../calls/submissions.ts'
import { type AskedAnswer, askedAnswer } from '../calls/submit-request.ts'
import { makeChange } from '../embedded/apply.ts'
import type { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { CurrentReader } from '../embedded/readers.ts'
import { submitOf } from '../embedded/submits.ts'
import { forCaller } from '../ground/call-site.ts'
import type { RowSource } from '../rows/source.ts'
import type {
  Entry,
  ImportOptions,
  ImportReport,
  Removed,
  Score,
  ScoreInput,
  SealedOptions,
  Submission,
  SubmitAnswer,
  SubmitManyOptions,
  SubmitOptions,
  SubmitRequest,
} from '../words/index.ts'
import { WindowedView } from './windowed-view.ts'

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
export class Leaderboard<S extends Score = number> extends WindowedView<S> {
  readonly #context: OpenStore
  readonly #source: CurrentReader

  static {
    namedIn = (board) => board.#source.board
  }

  /** @internal */
  constructor(context: OpenStore, board: NamedBoard) {
    const source = new CurrentReader(context, board)
    super(context, source)
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
  submit(
    playerId: string,
    score: ScoreInput<S>,
    options?: SubmitOptions<S>,
  ): Promise<SubmitAnswer<S>> {
    // Not async: that costs a promise, and a failure's stack names the caller either way.
    try {
      const checked = checkCall('submit', arguments, options)
      const submit = this.#submitOf({ ...checked, playerId, score }, askedAnswer(checked))
      const change = { kind: 'submit' as const, board: this.#named, submit }
      return makeChange(this.#context, change) as Promise<SubmitAnswer<S>>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Submits many scores in one transaction: all or nothing, in the order given. Resolves with one
   * answer each, whose ranks are those right after it. At most 10,000; import larger amounts. Each may have a
   * `requestId` of its own, as in `submit`: those made before are answered again, the others are made. Or the
   * list has one: the same list is answered again, and another one under that id is `REQUEST_REUSED`.
   *
   * Cost: O(log n) a submission, and a share of a disk sync.
   *
   * @throws as `submit`; the message names the submission.
   * @example
   * const [first] = await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * first.rank // 1
   * const lap = [{ playerId: 'cat', score: 5 }]
   * await board.submitMany(lap, { requestId: 'lap-3' })
   * const [again] = await board.submitMany(lap, { requestId: 'lap-3' })
   * again.repeated // true
   */
  async submitMany(
    submissions: readonly Submission<S>[],
    options?: SubmitManyOptions,
  ): Promise<SubmitAnswer<S>[]> {
    const checked = checkCall('submitMany', arguments, options)
    const { requestId } = checked
    const asked = askedAnswer(checked)
    checkListSize(submissions.length, asked.passedMax)
    // A hole in the array is a submission of nothing.
    const submits = [...submissions].map((submission, i) => {
      return inSubmission(i, () => {
        const submit = withRequestOfList(checkSubmission(submission), { listId: requestId, i })
        return this.#submitOf(submit, asked)
      })
    })
    const answers: SubmitAnswer<Score>[] = await makeChange(this.#context, {
      kind: 'submitMany',
      board: this.#named,
      submits,
      requestId,
    })
    return answers as SubmitAnswer<S>[]
  }

  /**
   * Takes a player off the board; resolves, when that is durable, with whether there was an entry, there or
   * in a season. Of the seasons of its windows the player leaves those that are not sealed; with
   * `sealed: true` all.
   * Cost: O(log n) and a share of a disk sync.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900)
   * await board.remove('ada') // true
   */
  async remove(playerId: string, options?: SealedOptions): Promise<boolean> {
    const { sealed: isSealedToo = false } = checkCall('remove', arguments, options)
    return (await this.#removed(playerId, isSealedToo)).isFound
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
  async take(playerId: string, options?: SealedOptions): Promise<Entry<S> | undefined> {
    const { sealed: isSealedToo = false } = checkCall('take', arguments, options)
    return (await this.#removed(playerId, isSealedToo)).entry as Entry<S> | undefined
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
      const { assertUnread, formatOfFile } = await import('../rows/source.ts')
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

  #removed(playerId: string, isSealedToo: boolean): Promise<Removed> {
    const change = { kind: 'remove', board: this.#named, playerId, isSealedToo } as const
    return makeChange(this.#context, change)
  }

  #submitOf(submission: Partial<Submission<S>>, asked: AskedAnswer): SubmitRequest {
    const given = submission as Partial<Submission<Score>>
    return submitOf(this.#context, given, { board: this.#named.spec, asked })
  }
}
