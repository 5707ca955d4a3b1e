/**
 * The second process on a store, as its parent sees it.
 *
 * @module
 */

import type { ChildProcess } from 'node:child_process'
import { type Call, type Outcome, problemOf } from './calls.ts'
import { ask, kill, messageOf, startChild } from './child.ts'

/** A process that makes calls on the store at `path`. */
export class SecondProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(path: string): Promise<SecondProcess> {
    const child = startChild('second-process.js', path)
    await messageOf(child)
    return new SecondProcess(child)
  }

  /** Makes calls, consecutive writes at once, and returns what came of each. */
  async make(nowMs: number, calls: readonly Call[]): Promise<Outcome[]> {
    const answer = await ask(this.#child, { nowMs, calls })
    return (answer as ({ error: Error } | { value: unknown })[]).map((outcome) => {
      return 'error' in outcome ? { error: problemOf(outcome.error) } : outcome
    })
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    await kill(this.#child)
  }
}
