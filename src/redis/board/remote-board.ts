/**
 * One board on a server: the words of the embedded engine, whose answers come later.
 *
 * Every call is one call of a function, which sees and leaves the board at one instant.
 *
 * @module
 */

import { bannedError } from '../../calls/bans.ts'
import { hearErrors, inPath } from '../../calls/file-or-stream.ts'
import {
  checkArguments,
  checkCall,
  checkOptionsOf,
  checkRequired,
  checkSubmission,
} from '../../calls/options.ts'
import { listReusedError, reusedError, withRequestOfList } from '../../calls/request-ids.ts'
import { checkListSize, inSubmission } from '../../calls/submissions.ts'
import { type AskedAnswer, askedAnswer, requestOf } from '../../calls/submit-request.ts'
import { show } from '../../calls/values.ts'
import { closedBoard, closedStore } from '../../domain/rules.ts'
import { forCaller } from '../../ground/call-site.ts'
import type { RowSource } from '../../rows/source.ts'
import type {
  Entry,
  ImportOptions,
  ImportReport,
  Score,
  ScoreInput,
  SealedOptions,
  Submission,
  SubmitAnswer,
  SubmitManyOptions,
  SubmitOptions,
  SubmitRequest,
} from '../../words/index.ts'
import type { KnownImport } from '../imports/remote-import.ts'
import { RefusedByServer } from '../slot/board-caller.ts'
import type { BoardCalls, SubmitList } from '../slot/board-calls.ts'
import { refuseCalls, unsupported } from '../slot/refused-calls.ts'
import { ruleError } from '../slot/rule-refusals.ts'
import { refusedError, type SubmitReply, submitAnswer } from '../slot/submit-arguments.ts'
import { knowsWindows, seasonOverError } from '../slot/window-words.ts'
import { removeFrom } from '../store/remove-player.ts'
import { clockError, RemoteWindows } from './remote-windows.ts'

/** Options of `submitMany`. */
export type ManyOptions = SubmitManyOptions & {
  /** Whether all are made or none. Default true. */
  atomic?: boolean | undefined
}

/** One board on a server, whose scores are of type `S`. Get it from `RemoteLeaderboards.board`. */
export class RemoteBoard<S extends Score = number> extends RemoteWindows<S> {
  readonly #caller: BoardCalls

  static {
    refuseCalls(RemoteBoard.prototype, ['history'])
  }

  /** @internal */
  constructor(caller: BoardCalls) {
    super(caller)
    this.#caller = caller
  }

  /**
   * Submits a score; resolves with score and rank before and after, when the change is as durable as the store was
   * connected for. As `Leaderboard.submit`, without `won`. On a board with windows, the board and the season of each
   * window take it at one instant.
   *
   * If the answer to a submit with a `requestId` is lost on the way, the submit is made again, for some seconds. It
   * counts once, and the answer may then say `repeated: true`. Each board keeps its ids for a day, the last million
   * of them.
   *
   * Cost: one round trip, O(log n) on the server for the board and for each window. The first submit behind a border
   * that this process did not expect takes one round trip more.
   *
   * On a board of several partitions an id belongs to its player: the same id of another player is another submit.
   * Each partition keeps a million ids. Cost there: one round trip; one more if ranks are asked for, to all
   * partitions, for the board and for each window; and one more for ranks under a `requestId`. Each process asks the
   * home of the board once about each season: two round trips more.
   *
   * On a board with `maxGain`, a gain between numbers that are not whole, and that is next to the bound, takes one round
   * trip more: it is reckoned here.
   *
   * @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `REQUEST_REUSED`, `BANNED`, `FUTURE_TIME`, `CLOCK`; by the rules
   *   of the board `OUT_OF_RANGE`, `SUSPICIOUS`, `RATE_LIMITED`, `CLOSED_FOR_WRITES`; `NO_BOARD`, `NO_WINDOW`, `SEASON_OVER`, `SETTINGS_DIFFER`, `UNSUPPORTED`; `CLOSED`, `PERMISSION`, `IO`;
   *   `UNAVAILABLE` if nothing was changed, `UNKNOWN` if that cannot be told, `NOT_REPLICATED` if the primary
   *   alone has the change.
   * @example
   * await board.submit('ada', 900)
   * const { rank, previousScore } = await board.submit('ada', 950, { mode: 'best', requestId: 'run-17' })
   * previousScore // 900
   */
  async submit(
    playerId: string,
    score: ScoreInput<S>,
    options?: SubmitOptions<S>,
  ): Promise<SubmitAnswer<S>> {
    const checked = checkCall('submit', [playerId, score], options)
    const submit = this.#requestOf({ ...checked, playerId, score }, askedAnswer(checked))
    refuseOptions(checked)
    const meant = namesMeant([submit])
    if (!knowsWindows(this.#caller.spec, meant)) await this.#caller.knowWindows(meant)
    const [answer] = await this.#submitAll([submit], { within: (_, work) => work() })
    return answer as SubmitAnswer<S>
  }

  /**
   * Submits many scores, all or nothing, at one instant; resolves with one answer each. As `Leaderboard.submitMany`.
   * Cost: one round trip, O(log n) a submission, in which the server answers nobody else.
   *
   * A board of several partitions takes a list with `atomic: false` only: all or nothing in each partition, so
   * that one partition may make its part while another refuses. Ranks are those of a reading after all changes.
   * Under one `requestId` the same list may be sent until all of it is made; a partition that knows the id
   * refuses another list.
   *
   * @throws {TypeError | RangeError} for a list of a wrong shape, and one of more than 10,000.
   * @throws {LadderError} as `submit`; the message names the submission.
   * @example
   * const [first] = await board.submitMany([{ playerId: 'ada', score: 900 }, { playerId: 'bob', score: 700 }])
   * first.rank // 1
   */
  async submitMany(
    submissions: readonly Submission<S>[],
    options?: ManyOptions,
  ): Promise<SubmitAnswer<S>[]> {
    const { isAtomic, rest } = withoutAtomic(options)
    const checked = checkCall('submitMany', [submissions], rest)
    const { requestId: listId } = checked
    const asked = askedAnswer(checked)
    checkListSize(submissions.length, asked.passedMax)
    // A hole in the array is a submission of nothing.
    const submits = [...submissions].map((submission, i) =>
      inSubmission(i, () => {
        const one = withRequestOfList(checkSubmission(submission), { listId, i })
        const submit = this.#requestOf(one, asked)
        refuseOptions({ ...checked, ...submission })
        return submit
      }),
    )
    if (submits.length === 0) {
      // Who submits nothing is told if the board is gone.
      await this.size()
      return []
    }
    if (isAtomic && this.partitions > 1)
      throw unsupported(
        'submit many at one instant',
        'the board lies in partitions; use atomic: false, or partitions: 1',
      )
    const meant = namesMeant(submits)
    if (!knowsWindows(this.#caller.spec, meant)) await this.#caller.knowWindows(meant)
    return (await this.#submitAll(submits, {
      list: checked,
      within: inSubmission,
    })) as SubmitAnswer<S>[]
  }

  /**
   * Takes a player off the board and off the seasons of its windows that are not sealed, with `sealed: true`
   * off all seasons. Resolves with whether there was an entry. As `Leaderboard.remove`. Cost: one round trip,
   * O(log n) for the board and each season.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900)
   * await board.remove('ada') // true
   */
  async remove(playerId: string, options?: SealedOptions): Promise<boolean> {
    const { sealed = false } = checkCall('remove', [playerId], options)
    const asked = { sealed, asked: 'alone', isOfAll: false } as const
    return (await removeFrom(this.#caller, playerId, asked)).isFound
  }

  /**
   * Takes a player off the board like `remove`; resolves with the entry that there was and its ordinal rank, or with
   * undefined. Cost: as `remove`.
   *
   * @throws {LadderError} as `submit`.
   * @example
   * await board.submit('ada', 900)
   * const { score } = await board.take('ada')
   * score // 900
   */
  async take(playerId: string, options?: SealedOptions): Promise<Entry<S> | undefined> {
    const { sealed = false } = checkCall('take', [playerId], options)
    const asked = { sealed, asked: 'and rank', isOfAll: false } as const
    const { entry } = await removeFrom(this.#caller, playerId, asked)
    return entry as Entry<S> | undefined
  }

  /**
   * Feeds the rows of a file, by its path or as a stream of bytes or text, to the board as submits without answers,
   * in the order of their lines. As `Leaderboard.importFrom`, with the same formats, options and words for bad rows,
   * and with `rules: true` by the rules of the board; no row leaves a record, as there is no log.
   *
   * All rows are read and checked first: if one of them cannot be read, nothing is stored. Then 250 at a time
   * are stored, and others see the board between; it is **not** all or nothing. An import stops if the sum of
   * an increment is not exact, if the signal is aborted, or if the server is lost; the error says how many rows
   * are stored. The same file with the same options then goes on behind them with `resume: true`. Without
   * `resume` it is refused, so that no row counts twice. With `resume`, one of the last hundred imports that came to
   * its end is not made again. If the answer to a call is lost, the call is made
   * again, for some seconds, and counts once. The file must not change until it is imported; a stream is first
   * copied to the system's directory for temporary files.
   *
   * On a board with windows a row goes to the season of each window that its time lies in, too, as in the embedded
   * engine. Seasons that are open when the import begins take all their rows, even if they are sealed for others before
   * its end; sealed seasons that are empty when their first row comes are filled. `sealed` counts the rows that went to
   * the board alone.
   *
   * Each partition stores its own rows in the order of their lines; which sealed seasons are filled holds for all of
   * them, and a row without a time has that of its line. Cost: two readings of the file, and a round trip
   * for 250 rows, O(log n) a row, in which the server answers nobody else.
   *
   * @throws {LadderError} `BAD_ROW`, `SETTINGS_DIFFER`, `EXISTS` if an import of this file stopped half way,
   *   `BUSY` if one is under way, and as `submit`.
   * @example
   * await board.importFrom(['playerId,score\n', 'ada,900\n'], { format: 'csv' })
   * await board.rank('ada') // 1
   */
  importFrom(source: RowSource | URL, options?: ImportOptions): Promise<ImportReport> {
    return forCaller(undefined, async () => {
      checkArguments('importFrom', [source, options])
      hearErrors(source)
      const from = inPath(source, 'import')
      const { assertUnread, formatOfFile } = await import('../../rows/source.ts')
      const given = checkOptionsOf('importFrom', options)
      const format = given.format ?? formatOfFile(from)
      const checked = checkRequired('importFrom', { ...given, format }) as KnownImport
      const { importOnServer } = await import('../imports/remote-import.ts')
      return importOnServer(this.#caller, { source: assertUnread(from), options: checked })
    })
  }

  // `within` says of which submission an error is.
  async #submitAll(
    submits: readonly SubmitRequest[],
    call: { within: (i: number, work: () => never) => never; list?: SubmitList },
  ): Promise<SubmitAnswer<Score>[]> {
    const { shape } = this.#caller
    const { within, list } = call
    try {
      const replies = await this.#caller.submit(submits, list)
      return submits.map((submit, i) => submitAnswer(submit, replies[i] as SubmitReply, shape))
    } catch (error) {
      if (!(error instanceof RefusedByServer)) throw error
      if (error.code === 'LIST_REUSED') throw listReusedError(list?.requestId as string)
      const [index] = error.found as [number]
      return within(index, () => {
        throw this.#refusal(submits[index] as SubmitRequest, error)
      })
    }
  }

  #refusal(submit: SubmitRequest, { code, found }: RefusedByServer): Error {
    const { spec } = this.#caller
    const [, head, ...rest] = found as [number, Buffer | null, ...unknown[]]
    if (code === 'CLOCK') return clockError()
    if (code === 'CLOSED_FOR_WRITES') return closedStore()
    if (code === 'BANNED')
      return bannedError(submit.playerId, { board: spec.name, untilMicros: Number(head) })
    if (code === 'CLOSED_BOARD') return closedBoard(spec.name)
    if (code === 'RULE') return ruleError(submit, { head, found: rest }, spec.shape)
    if (code === 'REQUEST_REUSED') return reusedError(submit.requestId as string)
    if (code === 'SEASON_OVER')
      return seasonOverError(spec, submit, rest as unknown as Parameters<typeof seasonOverError>[2])
    return refusedError(submit, { code, head, rest: rest as Buffer[] }, spec.shape)
  }

  #requestOf(submission: Partial<Submission<S>>, asked: AskedAnswer): SubmitRequest {
    const { context, spec: board } = this.#caller
    const request = requestOf(submission as Partial<Submission<Score>>, {
      ...{ board, asked, nowMicros: context.wallMicros() },
      futureAllowanceMs: context.futureAllowanceMs,
    })
    return request
  }
}

// The windows of the seasons that submits are meant for.
function namesMeant(submits: readonly SubmitRequest[]): string[] {
  return submits.flatMap(({ season }) => (season === undefined ? [] : Object.keys(season)))
}

function withoutAtomic(options: ManyOptions | undefined): {
  isAtomic: boolean
  rest: ManyOptions | undefined
} {
  if (typeof options !== 'object' || options === null || !('atomic' in options))
    return { isAtomic: true, rest: options }
  const { atomic = true, ...rest } = options
  if (typeof atomic !== 'boolean')
    throw new TypeError(`Cannot use ${show(atomic)} as atomic: it must be true or false`)
  return { isAtomic: atomic, rest }
}

// What would be left out in silence is refused.
function refuseOptions(options: Pick<Partial<SubmitOptions>, 'won'>): void {
  if (options.won !== undefined) throw unsupported('use won', 'boards on a server keep no log')
}
