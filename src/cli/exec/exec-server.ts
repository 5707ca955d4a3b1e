/**
 * The store of `exec` on a server. Boards that were opened stay so: each line is one round trip.
 *
 * @module
 */

import type { RemoteBoard, RemoteLeaderboards } from '../../redis/index.ts'
import type { AnyStore } from '../any-store.ts'
import { openServer } from '../server-place.ts'
import { type ExecTarget, noBoardYet, type Operation } from './operations.ts'

type OpenBoard = RemoteBoard<never>

/** Keeps a connection for all lines. */
export class ExecServer implements ExecTarget {
  readonly #store: RemoteLeaderboards
  readonly #boards = new Map<string, Promise<OpenBoard>>()

  /** Connects. */
  static async open(server: string): Promise<ExecServer> {
    return new ExecServer(await openServer(server))
  }

  private constructor(store: RemoteLeaderboards) {
    this.#store = store
  }

  get isOpen(): boolean {
    return true
  }

  get store(): AnyStore {
    return this.#store as unknown as AnyStore
  }

  /** Runs `work` on the store. What is opened may be dropped by anybody: then the next line opens it again. */
  async use(operation: Operation, work: (target: ExecTarget) => unknown): Promise<unknown> {
    try {
      return await work(this)
    } catch (error) {
      if ((error as { code?: unknown }).code === 'NO_BOARD') this.#boards.clear()
      throw error
    } finally {
      if (operation.name === 'dropBoard') this.#boards.clear()
    }
  }

  board(name: string, mayMake: boolean): Promise<object> {
    // One that the first submit may make is there for reads only when it is made.
    const key = `${mayMake ? 'made' : 'open'} ${name}`
    const known = this.#boards.get(key)
    if (known !== undefined) return known
    const opening = mayMake ? this.#store.board(name) : this.#opened(name)
    this.#boards.set(key, opening as Promise<OpenBoard>)
    opening.catch(() => this.#boards.delete(key))
    return opening
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #opened(name: string): Promise<object> {
    try {
      return await this.#store.openBoard(name)
    } catch (error) {
      const isMissing = (error as { code?: unknown }).code === 'NO_BOARD'
      throw isMissing ? noBoardYet(name) : error
    }
  }
}
