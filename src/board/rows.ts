/**
 * From stored pairs to the entries that callers see.
 *
 * @module
 */

import { decodeEntryKey, firstKeyOf } from '../format/entry-key.ts'
import type { BoardKeys, Table } from '../format/keys.ts'
import { decodeEntryValue } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMs } from '../format/time.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import type { RankTree } from '../rank/rank-tree.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Entry, Metadata, Passed, RankMode, Score } from '../words/index.ts'

/** A stored entry without its rank. */
export interface EntryRow {
  playerId: string
  name: string
  score: Score
  at: number
  /** JSON text. */
  metadata: string | undefined
}

/**
 * Decodes a pair of the table `entries`.
 *
 * @throws {LadderError} `CORRUPT` where its checksum or form is wrong.
 */
export function decodeRow(
  pair: Pair,
  options: { prefixBytes: number; shape: ScoreShape },
): EntryRow {
  const entry = decodeEntryKey(pair.key, options.shape, options.prefixBytes)
  const details = decodeEntryValue(pair.key, pair.value)
  if (entry === undefined || details === undefined) {
    throw new LadderError(
      'CORRUPT',
      `Cannot read entry ${printKey('entries', pair.key, options.shape)}: its checksum or form is wrong; run check, then rebuild or restore`,
    )
  }
  const { playerId, score, atMicros } = entry
  const { name = playerId, metadata } = details
  return { playerId, name, score, at: toMs(atMicros), metadata }
}

/**
 * Returns a row as callers see it.
 *
 * @throws {LadderError} `CORRUPT` where its metadata is not a JSON object.
 */
export function entryOf(row: EntryRow, rank: number): Entry<Score> {
  const { playerId, name, score, at } = row
  const metadata = metadataOf(row)
  if (metadata === undefined) return { rank, playerId, name, score, at }
  return { rank, playerId, name, score, at, metadata }
}

/** @throws {LadderError} `CORRUPT` where it is not a JSON object. */
export function metadataOf({
  playerId,
  metadata,
}: Pick<EntryRow, 'playerId' | 'metadata'>): Metadata | undefined {
  if (metadata === undefined) return undefined
  const problem = `Cannot read the metadata of player "${playerId}": it is not a JSON object; submit it again or restore a backup`
  try {
    const value: unknown = JSON.parse(metadata)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Metadata
  } catch (error) {
    throw new LadderError('CORRUPT', problem, { cause: error })
  }
  throw new LadderError('CORRUPT', problem)
}

/** Rows from `first` on, at most `count`; indexes that do not exist are left out. */
export function readEntries(
  source: { reader: Reader<Table>; keys: BoardKeys; tree: RankTree; shape: ScoreShape },
  query: { first: number; count: number; mode: RankMode },
): Entry<Score>[] {
  const { reader, keys, tree, shape } = source
  const { first, mode } = query
  const limit = Math.min(query.count, tree.count - first)
  if (limit <= 0) return []
  const { start, offset } = tree.seek(first)
  const numbers = new RowNumbers(tree, { index: first, mode, shape })
  const rowOptions = { prefixBytes: keys.prefix.length, shape }
  const rows: EntryRow[] = []
  reader.visit(
    'entries',
    { ...keys.entries(start), offset, limit },
    (key, value) => void rows.push(decodeRow({ key, value }, rowOptions)),
  )
  // Ranks may need the store, which a visitor must not use.
  return rows.map((row) => numbers.number(row))
}

/** Gives rows that follow one another in board order their numbers. */
export class RowNumbers {
  readonly #tree: RankTree
  readonly #mode: RankMode
  readonly #shape: ScoreShape
  #index: number
  #rank = 0
  #score: Score | undefined

  /** `index` is that of the first row. */
  constructor(tree: RankTree, options: { index: number; mode: RankMode; shape: ScoreShape }) {
    this.#tree = tree
    this.#index = options.index
    this.#mode = options.mode
    this.#shape = options.shape
  }

  /** Returns the row as an entry with its rank. */
  number(row: EntryRow): Entry<Score> {
    const place = ++this.#index
    if (this.#mode === 'ordinal') this.#rank = place
    else if (this.#isNewScore(row.score)) this.#rank = this.#rankOfNewScore(row.score, place)
    this.#score = row.score
    return entryOf(row, this.#rank)
  }

  #isNewScore(score: Score): boolean {
    return this.#score === undefined || this.#shape.compare(score, this.#score) !== 0
  }

  // Only the first row may stand inside a group of equal scores: it alone needs a look-up.
  #rankOfNewScore(score: Score, place: number): number {
    if (this.#score === undefined && place > 1)
      return rankOfScore(this.#tree, { score, shape: this.#shape, mode: this.#mode })
    return this.#mode === 'dense' ? this.#rank + 1 : place
  }
}

/** Returns the competition or dense rank of a score. Cost: O(log n). */
export function rankOfScore(
  tree: RankTree,
  options: { score: Score; shape: ScoreShape; mode: RankMode },
): number {
  const first = firstKeyOf(options.score, options.shape)
  return 1 + (options.mode === 'dense' ? tree.groupsBelow(first) : tree.countBelow(first))
}

/**
 * Returns who was passed by an entry that moved: those between the new place and the old one; behind a
 * newcomer, all.
 */
export function passedBy(
  source: Parameters<typeof readEntries>[0],
  asked: { passedMax: number; passedMode: RankMode },
  move: { index: number; previousIndex: number | undefined; size: number },
): Passed<Score> {
  const { passedMax, passedMode } = asked
  assert(move.index < move.size, '(4) an entry that moved stands among those that the tree counts')
  const count = Math.max(0, (move.previousIndex ?? move.size - 1) - move.index)
  const query = { first: move.index + 1, count: Math.min(count, passedMax), mode: passedMode }
  return { count, entries: readEntries(source, query) }
}
