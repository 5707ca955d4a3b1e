/**
 * The log of a store: its changes in their order.
 *
 * @module
 */

import { readSequence } from '../board/commit.ts'
import { checkCall } from '../calls/options.ts'
import { atOf } from '../calls/times.ts'
import { follow } from '../embedded/log/follow.ts'
import { logSpan, readLog } from '../embedded/log/log-reader.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { SnapshotMemo } from '../embedded/snapshot-memo.ts'
import { FOLLOW_INTERVAL_MS } from '../ground/limits.ts'
import type { FollowOptions, LogOptions, LogPage, LogRecord } from '../words/index.ts'
import { MeasuredStore } from './measured-store.ts'

/** What a store tells of its changes. */
export class StoreLog extends MeasuredStore {
  readonly #context: OpenStore
  readonly #sequence = new SnapshotMemo(readSequence)

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
  }

  /**
   * The number of the last commit, of any process. As long as it stays, every read of the store answers the
   * same: caches and look-outs go by it. Cost: one read.
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`.
   * @example
   * const before = store.sequence
   * await store.board('arena').submit('ada', 900)
   * store.sequence > before // true
   */
  get sequence(): number {
    return this.#sequence.get(this.#context.store.current(), '')
  }

  /**
   * Returns records of the log: every change that altered the store, in the order of their `seq`. With
   * `before` and without `after` the newest come first. Cost: O(log n + answer) by `seq` and time; with
   * `board`, `playerId` or `kinds` the records in between are looked at too, 20,000 a page at most: such a
   * page may be short, or empty, and leads on with `next`.
   *
   * @throws {LadderError} `CORRUPT` if a record is damaged, `CLOSED`.
   * @example
   * await store.board('arena').submit('ada', 900)
   * store.log({ kinds: ['submit'] }).records[0].submitted // 900
   */
  log(options?: LogOptions): LogPage {
    const { from, to, ...asked } = checkCall('log', arguments, options)
    return readLog(this.#context.store.current(), {
      ...asked,
      ...(from !== undefined && { from: atOf(from) }),
      ...(to !== undefined && { to: atOf(to) }),
    })
  }

  /**
   * Yields the records of the log behind `after`, then those of each commit as it comes, of every process: in
   * the order of their `seq`, none left out and none told twice. Without `after` it begins with the next change
   * after this call. A consumer that keeps the `seq` of the last record it has worked on resumes there with
   * `after`; 0 begins with the first record of the store. Ends when the signal is aborted or the store is closed.
   *
   * A consumer may take as long as it likes: it holds no snapshot, and no writer waits. While it is in
   * progress the process that it runs in trims nothing that it has yet to read, until the log is twice what
   * the retention allows. Trimming by other processes goes by the retention alone.
   *
   * Cost: a look at one record at each interval; O(records), also of those not asked for, in chunks of 1,000 with
   * turns of the event loop.
   *
   * @throws {LadderError} while it is iterated: `LOG_TRIMMED` if records behind `after` are not there any more,
   *   with the oldest `seq` that is; `LOG_AHEAD` if `after` is beyond the log or was taken back by a restore;
   *   `CORRUPT`, `CLOSED` if the store was closed before.
   * @example
   * await store.board('arena').submit('ada', 900)
   * for await (const { seq, kind } of store.follow({ after: 0 })) {
   *   if (kind === 'submit') break
   * }
   */
  follow(options?: FollowOptions): AsyncGenerator<LogRecord, void, undefined> {
    const asked = checkCall('follow', arguments, options)
    const { after, intervalMs = FOLLOW_INTERVAL_MS, signal } = asked
    return follow(this.#context, {
      ...asked,
      after: after ?? logSpan(this.#context.store.current()).last,
      ...{ intervalMs, signal },
    })
  }
}
