/**
 * How much of long work one commit takes: as much as the last ones show to be done in a few milliseconds, for
 * others wait for it.
 *
 *     bites    64 ► 128 ► 256 ► … until one takes BITE_MS, then what fits
 *
 * A bite is never more than twice the one before: the first ones are slow, as nothing is warm.
 *
 * @module
 */

import { BITE_MS } from '../ground/limits.ts'

const LIMIT_FIRST = 64
const GROWTH_MOST = 2

/** The pace of one piece of long work. */
export class WorkPace {
  readonly #limitMax: number
  #limit = LIMIT_FIRST

  /** `limitMax` is the most that a bite takes, however fast it is. */
  constructor(limitMax: number) {
    this.#limitMax = limitMax
  }

  /** How much the next bite may take. */
  get limit(): number {
    return this.#limit
  }

  /** Takes a bite and returns what it says. Whatever a bite takes at most should take the same time. */
  bite<T>(take: (limit: number) => T): T {
    const limit = this.#limit
    const start = performance.now()
    const answer = take(limit)
    const share = BITE_MS / Math.max(performance.now() - start, BITE_MS / GROWTH_MOST)
    this.#limit = Math.min(this.#limitMax, Math.max(LIMIT_FIRST, Math.round(limit * share)))
    return answer
  }
}
