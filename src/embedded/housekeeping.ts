/**
 * What a store does by itself: it sweeps what a crash in the middle of a drop or an import left.
 *
 * @module
 */

import { IMPORT_SILENCE_MS } from '../ground/limits.ts'
import { listOrphans } from './catalog.ts'
import type { OpenStore } from './open-store.ts'
import { sweepBoard } from './sweep.ts'

/** The work of one open store in the background. */
export class Housekeeping {
  readonly #context: OpenStore
  #work: Promise<void> = Promise.resolve()
  #isEnding = false

  constructor(context: OpenStore) {
    this.#context = context
  }

  /** Whether the store is being closed: long work stops, and the next opening goes on with it. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Begins to sweep the boards that no name leads to, and with `sweepFiles` what lies beside the store. */
  start(sweepFiles: () => Promise<unknown>): void {
    const { store } = this.#context
    if (store.readOnly) return
    this.#work = sweepFiles().then(() => undefined, ignoreUntilNextOpening)
    const aliveMicros = this.#context.nowMicros() - IMPORT_SILENCE_MS * 1000
    for (const { boardId, orphan } of listOrphans(store.current())) {
      if (orphan.state === 'filling' && orphan.lastMicros > aliveMicros) continue
      this.#work = this.#work
        .then(() =>
          sweepBoard(this.#context, boardId, {
            isEnded: () => this.#isEnding,
            onSwept: () => undefined,
          }),
        )
        .catch(ignoreUntilNextOpening)
    }
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#isEnding = true
    await this.#work
  }
}

// What fails here fails for the caller's own writes too, and is told there.
function ignoreUntilNextOpening(): void {}
