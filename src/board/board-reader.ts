/**
 * Every question about one board, answered on one snapshot.
 *
 * Arguments were checked by the caller. Indexes are 0-based here, ranks are 1-based.
 *
 * @module
 */

import { standingFrom } from '../domain/answers.ts'
import { copyBytes, joinBytes } from '../format/bytes.ts'
import {
  encodeEntryKey,
  firstKeyOf,
  firstKeyOfCells,
  lastKeyOf,
  lastKeyOfCells,
  readMicros,
} from '../format/entry-key.ts'
import { BoardKeys, keyShapeOf, type Table } from '../format/keys.ts'
import {
  decodePlayerRecord,
  isHiddenRecord,
  type PlayerRecord,
  readRecordHead,
} from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMs } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import type { NodeCache } from '../rank/node.ts'
import { ELSEWHERE, type GroupAmongAll, RankTree } from '../rank/rank-tree.ts'
import type { SpanBudget } from '../rank/span-budget.ts'
import type { Seek } from '../rank/tree-storage.ts'
import type { Reader } from '../store/store.ts'
import type { BoundOptions, Entry, RankMode, Score, ScoreCell, Standing } from '../words/index.ts'
import { BoardStorage } from './board-storage.ts'
import { decodeRow, entryOf, RowNumbers, rankOfScore, readEntries } from './rows.ts'

/** What all readers of a board share: decoded nodes, and the budget of the store. */
export interface BoardCache {
  nodes: NodeCache
  budget: SpanBudget
}

/** A stored player: the record and the key that its head and id make. */
export interface StoredPlayer {
  record: PlayerRecord
  score: Score
  treeKey: Buffer
}

/** Ranks in every mode. */
export type AllRanks = Record<RankMode, number>

/** A score and the place among the ordered keys where it was found. */
interface KnownScore extends Seek {
  score: Score
}

const KNOWN_SCORES_MAX = 32

/** Reads of one board on one snapshot. */
export class BoardReader {
  readonly boardId: number
  readonly shape: ScoreShape
  readonly #reader: Reader<Table>
  readonly #keys: BoardKeys
  readonly #tree: RankTree
  readonly #scores = new Map<number, KnownScore>()
  // By the size of the playerId; overwritten by the next look-up.
  readonly #treeKeys: Buffer[] = []

  constructor(
    reader: Reader<Table>,
    options: { boardId: number; shape: ScoreShape; cache: BoardCache },
  ) {
    this.boardId = options.boardId
    this.shape = options.shape
    this.#reader = reader
    this.#keys = new BoardKeys(options.boardId)
    const { nodes, budget } = options.cache
    this.#tree = new RankTree(new BoardStorage(reader, this.#keys), {
      cache: nodes,
      budget,
      shape: keyShapeOf(options.shape),
    })
  }

  /** Takes note of a new snapshot; false where the board is not there any more. */
  refresh(): boolean {
    return this.#tree.refresh()
  }

  get size(): number {
    return this.#tree.count
  }

  /** Number of distinct scores. */
  get scores(): number {
    return this.#tree.groupCount
  }

  /** The snapshot. */
  get reader(): Reader<Table> {
    return this.#reader
  }

  get tree(): RankTree {
    return this.#tree
  }

  get(playerId: string, mode: RankMode): Entry<Score> | undefined {
    const player = this.player(playerId)
    return player && this.entryOf(playerId, player, mode)
  }

  /** Returns the entry of a player who was read here. */
  entryOf(playerId: string, player: StoredPlayer, mode: RankMode): Entry<Score> {
    const { score, record } = player
    const { name = playerId, metadata } = record
    const at = toMs(readMicros(record.head, this.shape.bytes))
    return entryOf({ playerId, name, score, at, metadata }, this.#rank(player, mode))
  }

  rank(playerId: string, mode: RankMode): number | undefined {
    if (mode === 'ordinal') return this.#ordinalRank(playerId)
    const player = this.player(playerId)
    return player && this.#rank(player, mode)
  }

  // What players ask most: nothing of the record is decoded but what makes the key.
  #ordinalRank(playerId: string): number | undefined {
    const key = this.#keys.player(playerId)
    const value = this.#reader.get('players', key)
    if (value === undefined) return undefined
    const { headBytes } = this.shape
    const start = this.#keys.prefix.length
    const count = key.length - start
    this.#treeKeys[count] ??= Buffer.alloc(headBytes + count)
    const treeKey = this.#treeKeys[count]
    if (!readRecordHead({ key, value }, treeKey, headBytes)) throw damagedRecord(playerId)
    if (isHiddenRecord(value)) return undefined
    copyBytes({ bytes: key, start, count }, treeKey, headBytes)
    return 1 + this.#tree.indexOf(treeKey)
  }

  /** Returns all ranks of a player who was read here. Cost: that of two or three. */
  ranksOf(player: StoredPlayer): AllRanks {
    const ordinal = this.#rank(player, 'ordinal')
    const { start, groups } = this.#tree.groupOf(player.treeKey)
    const first = firstKeyOf(player.score, this.shape)
    const competition = 1 + (start ?? this.#tree.countBelow(first))
    return { ordinal, competition, dense: 1 + (groups ?? this.#tree.groupsBelow(first)) }
  }

  standing(playerId: string): Standing | undefined {
    const player = this.player(playerId)
    return player && this.standingOfPlayer(player)
  }

  standingOfPlayer(player: StoredPlayer): Standing {
    const ordinal = this.#rank(player, 'ordinal')
    const group = this.#tree.groupOf(player.treeKey)
    return this.#standing(player.score, { ordinal, newcomers: 0, group })
  }

  /**
   * The standing of a newcomer who reaches `score` at `atMicros`; undefined if a board that keeps the best
   * `keep` has no place for it.
   */
  standingOf(
    score: Score,
    newcomer: { atMicros: number; keep: number | undefined },
  ): Standing | undefined {
    const { atMicros, keep = Number.POSITIVE_INFINITY } = newcomer
    const key = encodeEntryKey({ score, atMicros, playerId: '' }, this.shape)
    const ordinal = 1 + this.#tree.countBelow(key)
    if (ordinal > keep) return undefined
    return this.#standing(score, { ordinal, newcomers: 1, group: ELSEWHERE })
  }

  /**
   * Returns the score at a place, 1 being the best, or undefined if there is none. What was asked before is known
   * as long as the keys around it are the same: borders of tiers are asked for again and again.
   */
  scoreOfPlace(place: number): Score | undefined {
    if (place < 1 || place > this.size) return undefined
    const { start, offset, version } = this.#tree.seek(place - 1)
    const known = this.#scores.get(place)
    if (known?.version === version && known.offset === offset && isSame(known.start, start))
      return copyOf(known.score)
    const score = this.rows(place - 1, 1, 'ordinal')[0]?.score
    if (score === undefined) return undefined
    if (this.#scores.size >= KNOWN_SCORES_MAX) this.#scores.clear()
    this.#scores.set(place, { start, offset, version, score })
    return copyOf(score)
  }

  /** Rows from `first` on, at most `count`; indexes that do not exist are left out. */
  rows(first: number, count: number, mode: RankMode): Entry<Score>[] {
    const source = {
      reader: this.#reader,
      keys: this.#keys,
      tree: this.#tree,
      shape: this.shape,
    }
    return readEntries(source, { first, count, mode })
  }

  *entries(mode: RankMode): Generator<Entry<Score>> {
    const numbers = new RowNumbers(this.#tree, { index: 0, mode, shape: this.shape })
    const rowOptions = { prefixBytes: this.#keys.prefix.length, shape: this.shape }
    for (const pair of this.#reader.scan('entries', this.#keys.all()))
      yield numbers.number(decodeRow(pair, rowOptions))
  }

  around(
    playerId: string,
    options: { above: number; below: number; fill: boolean; mode: RankMode },
  ): Entry<Score>[] {
    const player = this.player(playerId)
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
    min: ScoreCell,
    max: ScoreCell,
    options: BoundOptions & { offset: number; limit: number; mode: RankMode },
  ): Entry<Score>[] {
    const { first, end } = this.#indexesBetween(min, max, options)
    const start = first + options.offset
    return this.rows(start, Math.min(options.limit, end - start), options.mode)
  }

  countBetween(min: ScoreCell, max: ScoreCell, options: BoundOptions): number {
    const { first, end } = this.#indexesBetween(min, max, options)
    return Math.max(0, end - first)
  }

  #indexesBetween(
    min: ScoreCell,
    max: ScoreCell,
    bounds: BoundOptions,
  ): { first: number; end: number } {
    const low = { score: min, excluded: bounds.minExclusive === true }
    const high = { score: max, excluded: bounds.maxExclusive === true }
    const [best, worst] = this.shape.order === 'descending' ? [high, low] : [low, high]
    // A better end that is left out starts behind its score; a worse one ends before it.
    const first = this.#countBelowCell(best.score, best.excluded ? 'behind' : 'before')
    const end = this.#countBelowCell(worst.score, worst.excluded ? 'before' : 'behind')
    return { first, end }
  }

  // Of several columns the first one counts.
  #countBelowCell(cell: ScoreCell, side: 'before' | 'behind'): number {
    if (typeof cell === 'number' && !Number.isFinite(cell))
      return cell > 0 === (this.shape.order === 'ascending') ? this.size : 0
    const keyOf = side === 'before' ? firstKeyOfCells : lastKeyOfCells
    return this.#tree.countBelow(keyOf([cell], this.shape))
  }

  // What the group does not say is looked up by the score.
  #standing(
    score: Score,
    at: { ordinal: number; newcomers: 0 | 1; group: GroupAmongAll },
  ): Standing {
    const { size } = this
    const { ordinal, newcomers, group } = at
    const first = firstKeyOf(score, this.shape)
    const behind = group.end ?? this.#tree.countBelow(lastKeyOf(score, this.shape))
    return standingFrom({
      ordinal,
      newcomers,
      size,
      better: group.start ?? this.#tree.countBelow(first),
      worse: size - behind,
      betterScores: group.groups ?? this.#tree.groupsBelow(first),
    })
  }

  #rank(player: StoredPlayer, mode: RankMode): number {
    if (mode === 'ordinal') return 1 + this.#tree.indexOf(player.treeKey)
    const { treeKey, score } = player
    if (mode === 'competition')
      return 1 + this.#tree.startOfGroup(treeKey, firstKeyOf(score, this.shape))
    const { groups } = this.#tree.groupOf(treeKey)
    if (groups !== undefined) return 1 + groups
    return rankOfScore(this.#tree, { score, shape: this.shape, mode })
  }

  /** Returns what is stored for a player who has an entry, or undefined. */
  player(playerId: string): StoredPlayer | undefined {
    return readPlayer(this.#reader, { keys: this.#keys, playerId, shape: this.shape })
  }
}

/**
 * Returns what is stored for a player who has an entry, or undefined: the hidden are as if they were not
 * there.
 *
 * @throws {LadderError} `CORRUPT` where the record is damaged.
 */
export function readPlayer(
  reader: Reader<Table>,
  options: { keys: BoardKeys; playerId: string; shape: ScoreShape },
): StoredPlayer | undefined {
  const player = readStoredPlayer(reader, options)
  return player?.record.isHidden === true ? undefined : player
}

/** Like {@link readPlayer}, for those who must know of the hidden too. */
export function readStoredPlayer(
  reader: Reader<Table>,
  options: { keys: BoardKeys; playerId: string; shape: ScoreShape },
): StoredPlayer | undefined {
  const { playerId, shape } = options
  const key = options.keys.player(playerId)
  const value = reader.get('players', key)
  if (value === undefined) return undefined
  const record = decodePlayerRecord(key, value, shape.headBytes)
  const score = record && shape.read(record.head, 0)
  if (record === undefined || score === undefined) throw damagedRecord(playerId)
  return {
    record,
    score,
    treeKey: joinBytes(record.head, key.subarray(options.keys.prefix.length)),
  }
}

/** Returns when a stored player reached the score, in microseconds. */
export function atMicrosOf(player: StoredPlayer, shape: ScoreShape): number {
  return readMicros(player.record.head, shape.bytes)
}

/** Returns the error for a board of the catalog that has no rank tree. */
export function missingTree(action: string, name: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot ${action} board "${name}": its rank tree is missing; run rebuild`,
  )
}

/** Returns the error for a tree that counts entries that are not there. */
export function miscounted(name: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot write to board "${name}": its rank tree counts entries that are not there; run check, then rebuild`,
  )
}

function damagedRecord(playerId: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read the record of player "${playerId}": its checksum or form is wrong; run check, then restore`,
  )
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}

// Callers may change what they get.
function copyOf(score: Score): Score {
  return typeof score === 'object' ? { ...score } : score
}
