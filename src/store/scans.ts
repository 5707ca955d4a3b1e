/**
 * Iterations that may be suspended while the event loop goes on.
 *
 * If a cursor moves after its file was closed, LMDB ends the process by a signal. So closing first
 * ends every such iteration, and one that is continued later raises `CLOSED`. Wall 9 of DESIGN.md.
 *
 * @module
 */

import type { LadderError } from '../ground/errors.ts'

/** The suspended iterations of one store. */
export class Scans {
  readonly #closedError: () => LadderError
  readonly #open = new Set<{ end: () => void }>()
  #isEnded = false

  constructor(closedError: () => LadderError) {
    this.#closedError = closedError
  }

  /** Iterates `items` until they are through or all iterations are ended. */
  *endable<T>(items: Iterable<T>): Generator<T> {
    this.assertRunning()
    const iterator = items[Symbol.iterator]()
    const scan = { end: () => void iterator.return?.() }
    this.#open.add(scan)
    try {
      for (;;) {
        this.assertRunning()
        const { value, done } = iterator.next()
        if (done) return
        yield value
      }
    } finally {
      // Where all were ended, this one was too: its cursor is gone.
      if (this.#open.delete(scan)) scan.end()
    }
  }

  /** @throws {LadderError} `CLOSED` after {@link endAll}. */
  assertRunning(): void {
    if (this.#isEnded) throw this.#closedError()
  }

  /** Takes the cursor from every iteration. */
  endAll(): void {
    this.#isEnded = true
    for (const scan of this.#open) scan.end()
    this.#open.clear()
  }
}
