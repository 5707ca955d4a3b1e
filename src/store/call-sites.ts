/**
 * The call sites of writes, as far as they cost next to nothing.
 *
 * Taking a stack costs as much as a tenth of a submit. A host that waits for its submits one by one
 * gets the line of each; in a burst only the first ones are taken, and the stack of the others is
 * what V8 still knows of those who wait for them.
 *
 * @module
 */

import { type CallSite, callSiteOf } from '../ground/call-site.ts'

const BURST = 16
const PAUSE_MS = 2

/** The allowance of one store. */
export class CallSites {
  #left = BURST
  #lastMs = 0

  /** Returns where `callee` was called from, undefined if too many were taken of late. */
  take(callee: (...values: never[]) => unknown): CallSite | undefined {
    const now = performance.now()
    this.#left = Math.min(BURST, this.#left + (now - this.#lastMs) / PAUSE_MS)
    this.#lastMs = now
    if (this.#left < 1) return undefined
    this.#left--
    return callSiteOf(callee)
  }
}
