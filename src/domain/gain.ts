/**
 * What a window with `value: 'gain'` counts: how much a score rose.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import type { Score } from '../words/index.ts'

/** Returns what a score rose by, from what a player had before: never less than nothing. */
export function riseOf(shape: ScoreShape, before: Score | undefined, after: Score): Score {
  if (typeof after === 'bigint') {
    const rise = after - ((before as bigint | undefined) ?? 0n)
    return rise > 0n ? rise : 0n
  }
  const rise = (after as number) - ((before as number | undefined) ?? 0)
  return rise > 0 ? rise : zeroOf(shape)
}

/** Returns the score of nothing. */
export function zeroOf({ type }: ScoreShape): Score {
  return type === 'int64' ? 0n : 0
}
