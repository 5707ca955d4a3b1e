/**
 * Changes to one board inside one transaction: player record, ordered entry and rank tree together.
 *
 * Everything that can refuse a submit happens before the first change, so a refused one leaves
 * nothing behind. The tree's changed nodes are written once, before the commit.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import { encodeEntryKey, HEAD_BYTES, readMicros } from '../format/entry-key.ts'
import { encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import { SCORE_BYTES } from '../format/score.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import type { Writer } from '../store/store.ts'
import type { Mode, RankMode, SubmitAnswer } from '../types.ts'
import { type BoardCache, readPlayer, type StoredPlayer } from './board-reader.ts'
import { BoardStorageWriter } from './board-storage.ts'
import type { CatalogEntry } from './catalog.ts'
import { type CommitClock, clockOf } from './commit-clock.ts'
import { decideScore } from './decide.ts'
import { rankOfScore } from './rows.ts'
import { BoardKeys, ENTRY_SHAPE, type Table } from './tables.ts'

/** A submit whose arguments are checked and complete. */
export interface SubmitRequest {
  playerId: string
  score: number
  /** Undefined keeps the name. */
  name: string | undefined
  mode: Mode
  /** Undefined: the next time of the store. */
  atMicros: number | undefined
  /** The wall clock. */
  nowMicros: number
  /** Undefined: answer without ranks. */
  rankMode: RankMode | undefined
}

/** Ranks before and after a submit; undefined where it asked for none. */
type Ranks = Pick<SubmitAnswer, 'rank' | 'previousRank'>

/** Write access to one board for one transaction. */
export class BoardWriter {
  readonly #writer: Writer<Table>
  readonly board: CatalogEntry
  readonly #keys: BoardKeys
  readonly #clock: CommitClock
  readonly #tree: RankTreeWriter
  #isSettled = false

  constructor(writer: Writer<Table>, options: { board: CatalogEntry; cache: BoardCache }) {
    const { board, cache } = options
    this.#writer = writer
    this.board = board
    this.#keys = new BoardKeys(board.id)
    this.#clock = clockOf(writer)
    const storage = new BoardStorageWriter(writer, this.#keys)
    const tree = new RankTreeWriter(storage, {
      cache: cache.nodes,
      budget: cache.budget,
      shape: ENTRY_SHAPE,
      version: this.#clock.sequence,
    })
    if (!tree.refresh())
      throw new LadderError(
        'CORRUPT',
        `Cannot write to board "${board.name}": its rank tree is missing; run rebuild`,
      )
    writer.beforeCommit(() => this.#finish(() => tree.flush()))
    writer.afterCommit(() => this.#finish(() => tree.publish()))
    this.#tree = tree
  }

  get size(): number {
    return this.#tree.count
  }

  /**
   * Puts the changed nodes at once and ends the work of this writer: what follows in the transaction
   * replaces the tree or the board, and reads what is stored.
   */
  settle(): void {
    this.#tree.flush()
    this.#isSettled = true
  }

  /** @throws {LadderError} `INEXACT`, `CORRUPT`; nothing is changed then. */
  submit(request: SubmitRequest): SubmitAnswer {
    const { playerId, mode, score: submitted } = request
    const player = this.#player(playerId)
    const score = decideScore({
      mode,
      order: this.board.order,
      score: submitted,
      previous: player?.score,
    })
    const changed = player === undefined || score !== player.score
    const ranks = changed ? this.#move(request, { player, score }) : this.#stay(request, player)
    return {
      playerId,
      score,
      previousScore: player?.score,
      ...ranks,
      changed,
      created: player === undefined,
    }
  }

  /** Returns whether there was such a player. */
  remove(playerId: string): boolean {
    const player = this.#player(playerId)
    if (player === undefined) return false
    this.#clock.willChange()
    this.#removeEntry(player)
    this.#writer.remove('players', this.#keys.player(playerId))
    return true
  }

  #finish(action: () => void): void {
    if (!this.#isSettled) action()
  }

  // Takes the player from the old place to the one of the new score.
  #move(
    request: SubmitRequest,
    change: { player: StoredPlayer | undefined; score: number },
  ): Ranks {
    const { player, score } = change
    const { playerId, rankMode } = request
    const atMicros = this.#time(request)
    const treeKey = encodeEntryKey({ score, atMicros, playerId }, this.board.order)
    const record = { head: treeKey.subarray(0, HEAD_BYTES), name: nameOf(request, player) }
    this.#clock.willChange()
    const previousRank = player && this.#rankAt(player.score, rankMode)
    const previousIndex = player && this.#removeEntry(player)
    const index = this.#tree.insert(treeKey)
    this.#put(playerId, { treeKey, record, score })
    if (rankMode !== 'ordinal') return { rank: this.#rankAt(score, rankMode), previousRank }
    return {
      rank: index + 1,
      previousRank: previousIndex === undefined ? undefined : previousIndex + 1,
    }
  }

  // The score stays, and with it time and place; only a new name is taken.
  #stay(request: SubmitRequest, player: StoredPlayer): Ranks {
    const name = nameOf(request, player)
    if (name !== player.record.name) {
      this.#clock.willChange()
      this.#put(request.playerId, { ...player, record: { head: player.record.head, name } })
    }
    const { rankMode } = request
    const rank =
      rankMode === 'ordinal'
        ? 1 + this.#tree.indexOf(player.treeKey)
        : this.#rankAt(player.score, rankMode)
    return { rank, previousRank: rank }
  }

  #put(playerId: string, player: StoredPlayer): void {
    const entryKey = this.#keys.entry(player.treeKey)
    this.#writer.put('entries', entryKey, encodeEntryValue(entryKey, player.record.name))
    const key = this.#keys.player(playerId)
    this.#writer.put('players', key, encodePlayerRecord(key, player.record))
  }

  // Returns the index that the entry had.
  #removeEntry(player: StoredPlayer): number {
    const index = this.#tree.remove(player.treeKey)
    this.#writer.remove('entries', this.#keys.entry(player.treeKey))
    return index
  }

  #time(request: SubmitRequest): number {
    if (request.atMicros !== undefined) return request.atMicros
    const micros = this.#clock.nextMicros(request.nowMicros)
    this.#clock.give(micros)
    return micros
  }

  // The competition or dense rank of a score; ordinal ranks come with the tree's own answers.
  #rankAt(score: number, mode: RankMode | undefined): number | undefined {
    if (mode === undefined || mode === 'ordinal') return undefined
    return rankOfScore(this.#tree, { score, order: this.board.order, mode })
  }

  #player(playerId: string): StoredPlayer | undefined {
    return readPlayer(this.#writer, { keys: this.#keys, playerId, order: this.board.order })
  }
}

// A name equal to the id is what a player without a name has: it is not stored.
function nameOf(request: SubmitRequest, player: StoredPlayer | undefined): string | undefined {
  if (request.name === undefined) return player?.record.name
  return request.name === request.playerId ? undefined : request.name
}

/** Returns when a stored player reached the score, in microseconds. */
export function atMicrosOf(player: StoredPlayer): number {
  return readMicros(player.record.head, SCORE_BYTES)
}
