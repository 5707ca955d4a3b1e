/**
 * What one player has who was two: pure, so that a move and an undo of what was before it follow one rule.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import type { Mode } from '../words/index.ts'
import { decideScore, type Held } from './decide.ts'

/** What two entries come to. */
export interface Merged extends Held {
  /** Whose metadata it has, if that one has any. */
  source: 'from' | 'to'
}

/**
 * Returns what the entries of two players come to on one board: the better one, of equal ones the earlier; on
 * a board that adds up their sum, which is as late as the later one.
 *
 * @throws {LadderError} `INEXACT` if the sum is not exact.
 */
export function mergeHeld(board: { shape: ScoreShape; mode: Mode }, from: Held, to: Held): Merged {
  const { shape, mode } = board
  if (mode === 'increment') {
    const { score } = decideScore(shape, {
      ...{ mode, score: from.score, atMicros: undefined, previous: to },
    })
    const isFromLater = from.atMicros > to.atMicros
    const { atMicros } = isFromLater ? from : to
    return { score, atMicros, source: isFromLater ? 'from' : 'to' }
  }
  const side = shape.compare(from.score, to.score)
  const isFromBetter = side < 0 || (side === 0 && from.atMicros < to.atMicros)
  const { score, atMicros } = isFromBetter ? from : to
  return { score, atMicros, source: isFromBetter ? 'from' : 'to' }
}
