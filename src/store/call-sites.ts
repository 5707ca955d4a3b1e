/**
 * The call sites of writes, as far as they cost next to nothing.
 *
 * Taking a stack costs as much as a tenth of a submit. A caller that waits for a submit gets its line without
 * that: V8 knows those who wait. So stacks are taken for those who do not, and of many in a row only of
 * the first ones.
 *
 * @module
 */

import { type CallSite, callSiteOf } from '../ground/call-site.ts'

const BURST = 16
const PAUSE_MS = 20

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
