/**
 * Every question about one board, answered on one snapshot.
 *
 * Arguments were checked by the caller. Indexes are 0-based here, ranks are 1-based.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import { encodeEntryKey, firstKeyOf, lastKeyOf, readMicros } from '../format/entry-key.ts'
import { decodePlayerRecord, type PlayerRecord } from '../format/player-record.ts'
import { readScore, SCORE_BYTES } from '../format/score.ts'
import { toMs } from '../format/time.ts'
import { type NodeCache, RankTree } from '../rank/rank-tree.ts'
import type { SpanBudget } from '../rank/span.ts'
import type { Reader } from '../store/store.ts'
import type { BoundOptions, Entry, Order, RankMode, Standing } from '../types.ts'
import { BoardStorage } from './board-storage.ts'
import { decodeRow, type Row, RowNumbers, rankOfScore } from './rows.ts'
import { BoardKeys, ENTRY_SHAPE, type Table } from './tables.ts'

/** What all readers of a board share: decoded nodes, and the budget of the store. */
export interface BoardCache {
  nodes: NodeCache
  budget: SpanBudget
}

/** A stored player: the record and the key that its head and id make. */
export interface StoredPlayer {
  record: PlayerRecord
  score: number
  treeKey: Buffer
}

/** Reads of one board on one snapshot. */
export class BoardReader {
  readonly boardId: number
  readonly order: Order
  readonly #reader: Reader<Table>
  readonly #keys: BoardKeys
  readonly #tree: RankTree

  constructor(
    reader: Reader<Table>,
    options: { boardId: number; order: Order; cache: BoardCache },
  ) {
    this.boardId = options.boardId
    this.order = options.order
    this.#reader = reader
    this.#keys = new BoardKeys(options.boardId)
    const { nodes, budget } = options.cache
    this.#tree = new RankTree(new BoardStorage(reader, this.#keys), {
      cache: nodes,
      budget,
      shape: ENTRY_SHAPE,
    })
  }

  /** Takes note of a new snapshot; false where the board is not there any more. */
  refresh(): boolean {
    return this.#tree.refresh()
  }

  get size(): number {
    return this.#tree.count
  }

  get tree(): RankTree {
    return this.#tree
  }

  get(playerId: string, mode: RankMode): Entry | undefined {
    const player = this.#player(playerId)
    if (player === undefined) return undefined
    const { score, record } = player
    const at = toMs(readMicros(record.head, SCORE_BYTES))
    return { rank: this.#rank(player, mode), playerId, name: record.name ?? playerId, score, at }
  }

  rank(playerId: string, mode: RankMode): number | undefined {
    const player = this.#player(playerId)
    return player && this.#rank(player, mode)
  }

  standing(playerId: string): Standing | undefined {
    const player = this.#player(playerId)
    if (player === undefined) return undefined
    return this.#standing(player.score, { ordinal: this.#rank(player, 'ordinal'), newcomers: 0 })
  }

  /** The standing of a newcomer who reaches `score` at `atMicros`. */
  standingOf(score: number, atMicros: number): Standing {
    const key = encodeEntryKey({ score, atMicros, playerId: '' }, this.order)
    return this.#standing(score, { ordinal: 1 + this.#tree.countBelow(key), newcomers: 1 })
  }

  /** Rows from `first` on, at most `count`; indexes that do not exist are left out. */
  rows(first: number, count: number, mode: RankMode): Entry[] {
    const limit = Math.min(count, this.size - first)
    if (limit <= 0) return []
    const { start, offset } = this.#tree.seek(first)
    const numbers = new RowNumbers(this.#tree, { index: first, mode, order: this.order })
    const rows: Row[] = []
    const options = this.#rowOptions()
    this.#reader.visit(
      'entries',
      { ...this.#keys.entries(start), offset, limit },
      (key, value) => void rows.push(decodeRow({ key, value }, options)),
    )
    // Ranks may need the store, which a visitor must not use.
    return rows.map((row) => numbers.number(row))
  }

  *entries(mode: RankMode): Generator<Entry> {
    const numbers = new RowNumbers(this.#tree, { index: 0, mode, order: this.order })
    for (const pair of this.#reader.scan('entries', this.#keys.all()))
      yield numbers.number(decodeRow(pair, this.#rowOptions()))
  }

  around(
    playerId: string,
    options: { above: number; below: number; fill: boolean; mode: RankMode },
  ): Entry[] {
    const player = this.#player(playerId)
    if (player === undefined) return []
    const { above, below } = options
    const index = this.#tree.indexOf(player.treeKey)
    if (!options.fill) {
      const first = Math.max(0, index - above)
      return this.rows(first, index + below + 1 - first, options.mode)
    }
    const count = Math.min(this.size, above + 1 + below)
    const first = Math.max(0, Math.min(index - above, this.size - count))
    return this.rows(first, count, options.mode)
  }

  between(
    min: number,
    max: number,
    options: BoundOptions & { offset: number; limit: number; mode: RankMode },
  ): Entry[] {
    const { first, end } = this.#indexesBetween(min, max, options)
    const start = first + options.offset
    return this.rows(start, Math.min(options.limit, end - start), options.mode)
  }

  countBetween(min: number, max: number, options: BoundOptions): number {
    const { first, end } = this.#indexesBetween(min, max, options)
    return Math.max(0, end - first)
  }

  #indexesBetween(min: number, max: number, bounds: BoundOptions): { first: number; end: number } {
    const low = { score: min, excluded: bounds.minExclusive === true }
    const high = { score: max, excluded: bounds.maxExclusive === true }
    const [best, worst] = this.order === 'descending' ? [high, low] : [low, high]
    // A better end that is left out starts behind its score; a worse one ends before it.
    const first = this.#countBelowScore(best.score, best.excluded ? 'behind' : 'before')
    const end = this.#countBelowScore(worst.score, worst.excluded ? 'before' : 'behind')
    return { first, end }
  }

  #countBelowScore(score: number, side: 'before' | 'behind'): number {
    if (!Number.isFinite(score)) return score > 0 === (this.order === 'ascending') ? this.size : 0
    const key = side === 'before' ? firstKeyOf(score, this.order) : lastKeyOf(score, this.order)
    return this.#tree.countBelow(key)
  }

  #standing(score: number, at: { ordinal: number; newcomers: number }): Standing {
    const first = firstKeyOf(score, this.order)
    const better = this.#tree.countBelow(first)
    const behind = this.#tree.countBelow(lastKeyOf(score, this.order))
    const worse = this.size - behind
    const total = this.size + at.newcomers
    return {
      ordinal: at.ordinal,
      competition: better + 1,
      dense: this.#tree.groupsBelow(first) + 1,
      better,
      equal: behind - better + at.newcomers,
      worse,
      total,
      percentile: total === 1 ? 100 : (100 * worse) / (total - 1),
    }
  }

  #rank(player: StoredPlayer, mode: RankMode): number {
    if (mode === 'ordinal') return 1 + this.#tree.indexOf(player.treeKey)
    return rankOfScore(this.#tree, { score: player.score, order: this.order, mode })
  }

  #player(playerId: string): StoredPlayer | undefined {
    return readPlayer(this.#reader, { keys: this.#keys, playerId, order: this.order })
  }

  #rowOptions(): { prefixBytes: number; order: Order } {
    return { prefixBytes: this.#keys.prefix.length, order: this.order }
  }
}

/**
 * Returns what is stored for a player, or undefined.
 *
 * @throws {LadderError} `CORRUPT` where the record is damaged.
 */
export function readPlayer(
  reader: Reader<Table>,
  options: { keys: BoardKeys; playerId: string; order: Order },
): StoredPlayer | undefined {
  const { playerId, order } = options
  const key = options.keys.player(playerId)
  const value = reader.get('players', key)
  if (value === undefined) return undefined
  const record = decodePlayerRecord(key, value)
  const score = record === undefined ? Number.NaN : readScore(record.head, 0, order)
  if (record === undefined || !Number.isFinite(score)) {
    throw new LadderError(
      'CORRUPT',
      `Cannot read the record of player "${playerId}": its checksum or form is wrong; run check, then restore`,
    )
  }
  return {
    record,
    score,
    treeKey: Buffer.concat([record.head, key.subarray(options.keys.prefix.length)]),
  }
}
