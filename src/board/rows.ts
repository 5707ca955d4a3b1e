/**
 * From stored pairs to the entries that callers see.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import { decodeEntryKey, firstKeyOf } from '../format/entry-key.ts'
import { decodeEntryValue } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import { toMs } from '../format/time.ts'
import type { RankTree } from '../rank/rank-tree.ts'
import type { Pair } from '../store/store.ts'
import type { Entry, Order, RankMode } from '../types.ts'

/** A stored entry without its rank. */
export interface Row {
  playerId: string
  name: string
  score: number
  at: number
}

/**
 * Decodes a pair of the table `entries`.
 *
 * @throws {LadderError} `CORRUPT` where its checksum or form is wrong.
 */
export function decodeRow(pair: Pair, options: { prefixBytes: number; order: Order }): Row {
  const entry = decodeEntryKey(pair.key, options.order, options.prefixBytes)
  const name = decodeEntryValue(pair.key, pair.value)
  if (entry === undefined || name === null) {
    throw new LadderError(
      'CORRUPT',
      `Cannot read entry ${printKey('entries', pair.key, options.order)}: its checksum or form is wrong; run check, then rebuild or restore`,
    )
  }
  const { playerId, score, atMicros } = entry
  return { playerId, name: name ?? playerId, score, at: toMs(atMicros) }
}

/** Gives rows that follow one another in board order their numbers. */
export class RowNumbers {
  readonly #tree: RankTree
  readonly #mode: RankMode
  readonly #order: Order
  #index: number
  #rank = 0
  #score: number | undefined

  /** `index` is that of the first row. */
  constructor(tree: RankTree, options: { index: number; mode: RankMode; order: Order }) {
    this.#tree = tree
    this.#index = options.index
    this.#mode = options.mode
    this.#order = options.order
  }

  /** Returns the row as an entry with its rank. */
  number(row: Row): Entry {
    const place = ++this.#index
    if (this.#mode === 'ordinal') this.#rank = place
    else if (row.score !== this.#score) this.#rank = this.#rankOfNewScore(row.score, place)
    this.#score = row.score
    const { playerId, name, score, at } = row
    return { rank: this.#rank, playerId, name, score, at }
  }

  // Only the first row may stand inside a group of equal scores: it alone needs a look-up.
  #rankOfNewScore(score: number, place: number): number {
    if (this.#score === undefined && place > 1)
      return rankOfScore(this.#tree, { score, order: this.#order, mode: this.#mode })
    return this.#mode === 'dense' ? this.#rank + 1 : place
  }
}

/** Returns the competition or dense rank of a score. Cost: O(log n). */
export function rankOfScore(
  tree: RankTree,
  options: { score: number; order: Order; mode: RankMode },
): number {
  const first = firstKeyOf(options.score, options.order)
  return 1 + (options.mode === 'dense' ? tree.groupsBelow(first) : tree.countBelow(first))
}
