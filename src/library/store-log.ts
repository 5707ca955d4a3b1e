/**
 * The log of a store: its changes in their order.
 *
 * @module
 */

import { checkCall } from '../calls/options.ts'
import { atOf } from '../calls/times.ts'
import { readLog } from '../embedded/log/log-reader.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { LogOptions, LogPage } from '../words/index.ts'

/** What a store tells of its changes. */
export class StoreLog {
  readonly #context: OpenStore

  /** @internal */
  constructor(context: OpenStore) {
    this.#context = context
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
}
