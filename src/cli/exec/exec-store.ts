/**
 * The store of `exec`, which the first accepted change makes if it is not there.
 *
 * @module
 */

import { LadderError, type Leaderboards, openLeaderboards } from '../../index.ts'
import { isFree, withNewStore } from '../new-store.ts'
import type { CommonOptions } from '../with-store.ts'
import { type ExecTarget, type Operation, targetOf } from './operations.ts'

const ANSWERS_OF_NONE: Readonly<Record<string, unknown>> = {
  bans: [],
  boards: [],
  boardsOf: [],
  hasBoard: false,
}

type StoreOptions = Pick<CommonOptions, 'db' | 'allowNetworkFileSystem'>

/** Opens the store when a line needs it. */
export class ExecStore {
  readonly #options: StoreOptions
  #store: Leaderboards | undefined

  constructor(options: StoreOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#store !== undefined
  }

  /**
   * Runs `work` on the store.
   *
   * @throws {LadderError} `NO_STORE` if there is no store and the operation does not make one.
   */
  use(operation: Operation, work: (target: ExecTarget) => unknown): unknown {
    if (this.#store === undefined && operation.makesStore && isFree(this.#options.db))
      return this.#make(work)
    if (this.#store === undefined && isFree(this.#options.db)) return this.#answerOfNone(operation)
    this.#store ??= this.#open(this.#options.db, false)
    return work(targetOf(this.#store))
  }

  async close(): Promise<void> {
    await this.#store?.close()
  }

  // What is not there has no boards; only what asks for the store itself misses it.
  #answerOfNone({ name, takesBoard }: Operation): unknown {
    if (Object.hasOwn(ANSWERS_OF_NONE, name)) return ANSWERS_OF_NONE[name]
    const { db } = this.#options
    if (takesBoard)
      throw new LadderError(
        'NO_BOARD',
        `Cannot find the board: there is no store at ${db} yet; a submit to board "default" or createBoard makes it`,
      )
    return this.#open(db, false)
  }

  // The change is made in a store beside the path, which takes its place: what is refused leaves none.
  async #make(work: (target: ExecTarget) => unknown): Promise<unknown> {
    const { db } = this.#options
    const made = await withNewStore(db, async (directory) => {
      const store = this.#open(directory, true)
      try {
        return await work(targetOf(store))
      } finally {
        await store.close()
      }
    })
    this.#store = this.#open(db, made === undefined)
    return made === undefined ? work(targetOf(this.#store)) : made.answer
  }

  #open(path: string, create: boolean): Leaderboards {
    const { allowNetworkFileSystem } = this.#options
    return openLeaderboards(path, { create, allowNetworkFileSystem })
  }
}
