/**
 * How often and how fast a store and its boards are asked.
 *
 * @module
 */

import { checkArguments } from '../calls/options.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { PlaceOf } from '../measures/published-calls.ts'
import { StoreMeasures } from '../measures/store-measures.ts'
import type { StoreMetrics } from '../words/index.ts'

// Only the class sees what a store knows inside.
let placeIn: (store: MeasuredStore) => { store: string; board: undefined }
let endIn: (store: MeasuredStore) => void

/**
 * Tells which store an object is.
 *
 * @internal
 */
export const placeOfStore: PlaceOf = (store) => placeIn(store as MeasuredStore)

/**
 * Ends the measuring of a store that was closed.
 *
 * @internal
 */
export function endMeasures(store: MeasuredStore): void {
  endIn(store)
}

/** A store that can be measured. */
export class MeasuredStore {
  readonly #context: OpenStore
  #measures: StoreMeasures | undefined

  static {
    endIn = (store) => store.#measures?.end()
    placeIn = (store) => ({ store: store.#context.store.path, board: undefined })
  }

  /** @internal */
  constructor(context: OpenStore) {
    this.#context = context
  }

  /**
   * Returns how often each call was made, how often it failed and how long it took, and how many changes shared
   * a commit, in this process. The first call begins to measure, and answers zeros; until then nothing is
   * measured and nothing costs. Whatever should be told to other tools is published through
   * `node:diagnostics_channel`: each call as `ladderdb:call`, each commit as `ladderdb:commit`. Iterations like
   * `watch` are not timed. Cost: some microseconds; once it measures, half a microsecond a call.
   *
   * @throws {TypeError} for arguments: it takes none.
   * @example
   * store.metrics().calls // {}
   * await store.board('arena').submit('ada', 900)
   * store.metrics().calls.submit.count // 1
   */
  metrics(): StoreMetrics {
    checkArguments('metrics', arguments)
    this.#measures ??= new StoreMeasures(this.#context.store.path)
    return this.#measures.answer
  }
}
