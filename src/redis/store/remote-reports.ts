/**
 * What a store of boards on a server tells of itself.
 *
 * @module
 */

import { checkArguments } from '../../calls/options.ts'
import type { PlaceOf } from '../../measures/published-calls.ts'
import { StoreMeasures } from '../../measures/store-measures.ts'
import type { StoreMetrics } from '../../words/index.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { RemoteStoreStats } from '../words.ts'
import { statsOnServer } from './remote-stats.ts'

// Only the class sees what a store knows inside.
let placeIn: (store: RemoteReports) => { store: string; board: undefined }
let endIn: (store: RemoteReports) => void
let contextIn: (store: RemoteReports) => RemoteContext

/** Returns what a store knows of its server. @internal */
export function contextOfRemote(store: object): RemoteContext {
  return contextIn(store as RemoteReports)
}

/**
 * Tells which store an object is.
 *
 * @internal
 */
export const placeOfRemote: PlaceOf = (store) => placeIn(store as RemoteReports)

/**
 * Ends the measuring of a store that was closed.
 *
 * @internal
 */
export function endRemoteMeasures(store: RemoteReports): void {
  endIn(store)
}

/** A store that tells how it does. */
export class RemoteReports {
  readonly #context: RemoteContext
  #measures: StoreMeasures | undefined

  static {
    contextIn = (store) => store.#context
    endIn = (store) => store.#measures?.end()
    placeIn = (store) => ({ store: store.label, board: undefined })
  }

  /** @internal */
  constructor(context: RemoteContext) {
    this.#context = context
  }

  /**
   * How messages of `node:diagnostics_channel` name this store: `redis:` and the prefix of its keys, with a number if
   * this process connected to several.
   */
  get label(): string {
    return this.#context.label
  }

  /**
   * Returns how often each call was made by this process, how often it failed and how long it took until it was
   * answered, as `Leaderboards.metrics`. The first call begins to measure, and answers zeros. Each call is published as
   * `ladderdb:call`, too, and each commit as `ladderdb:commit`: a change to one board, or to a partition of it, with the
   * submissions that came in one list, or rows in one call, as its changes. What concerns all boards, a ban perhaps, is
   * counted as a call alone. What the server does for other processes is not counted; its `INFO
   * commandstats` does that. Cost: some microseconds, no round trip; once it measures, half a microsecond a call.
   *
   * @throws nothing.
   * @example
   * store.metrics().calls // {}
   * await (await store.board('arena')).submit('ada', 900)
   * store.metrics().calls.submit.count // 1
   */
  metrics(): StoreMetrics {
    checkArguments('metrics', arguments)
    this.#measures ??= new StoreMeasures(this.label)
    return this.#measures.answer
  }

  /**
   * Resolves with how many boards, entries and seasons there are, and how much memory each board takes. There is no
   * instant of all of it. Memory is reckoned by `MEMORY USAGE` of the server from 20 samples a key, so it may be off by some
   * percent, and by more if a few players have much larger metadata than others. Cost: two round trips, one more to each
   * slot of each board, and one for 100 seasons of a window; O(keys).
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * const { entries, usedBytes } = await store.stats()
   * entries // 1
   * usedBytes > 100 // true
   */
  async stats(): Promise<RemoteStoreStats> {
    checkArguments('stats', arguments)
    return statsOnServer(this.#context)
  }
}
