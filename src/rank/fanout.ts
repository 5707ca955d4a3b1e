/**
 * How full the nodes and spans of a rank tree get.
 *
 * @module
 */

import { NODE_CHILDREN_MAX, SPAN_KEYS_MAX } from '../ground/limits.ts'

/** How full nodes and spans may get. Tests use small ones. */
export interface Fanout {
  /** Children of a full node, at least 4. */
  childrenMax: number
  /** Keys of a full span, at least 4. */
  keysMax: number
}

export const DEFAULT_FANOUT: Fanout = { childrenMax: NODE_CHILDREN_MAX, keysMax: SPAN_KEYS_MAX }

/** A quarter full is the least, and never one alone: merging earlier would split again soon. */
export function leastOf(most: number): number {
  return Math.max(2, most >>> 2)
}
