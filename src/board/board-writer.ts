/**
 * Changes to one board inside one transaction: player record, ordered entry and rank tree together.
 *
 * Everything that can refuse a submit happens before the first change, so a refused one leaves
 * nothing behind. The tree's changed nodes are written once, before the commit. Numbers in comments are
 * those of the invariants in FORMAT.md.
 *
 * @module
 */

import { decideSubmit } from '../domain/decide.ts'
import { encodeEntryKey } from '../format/entry-key.ts'
import { BoardKeys, keyShapeOf, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { type Details, encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMs } from '../format/time.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import type { Writer } from '../store/store.ts'
import type { Entry, Passed, RankMode, Score, SubmitAnswer, SubmitRequest } from '../words/index.ts'
import {
  atMicrosOf,
  type BoardCache,
  missingTree,
  readPlayer,
  type StoredPlayer,
} from './board-reader.ts'
import { BoardStorageWriter } from './board-storage.ts'
import { type Commit, commitOf } from './commit.ts'
import {
  type After,
  detailsOf,
  type EntryAfterRows,
  readableMetadata,
  stateOf,
  storedName,
} from './details.ts'
import { HiddenPlayers } from './hidden-players.ts'
import { rankOfScore, readEntries } from './rows.ts'

/** What a submit says of places; undefined where it asked for none. */
type Places = Pick<SubmitAnswer<Score>, 'rank' | 'previousRank' | 'passed'>

/** Write access to one board for one transaction. */
export class BoardWriter {
  readonly #writer: Writer<Table>
  readonly board: CatalogEntry
  readonly #keys: BoardKeys
  readonly #commit: Commit
  readonly #shape: ScoreShape
  readonly #storage: BoardStorageWriter
  readonly #tree: RankTreeWriter
  #isSettled = false
  #hidden: HiddenPlayers | undefined

  constructor(writer: Writer<Table>, options: { board: CatalogEntry; cache: BoardCache }) {
    const { board, cache } = options
    this.#writer = writer
    this.board = board
    this.#shape = board.shape
    this.#keys = new BoardKeys(board.id)
    this.#commit = commitOf(writer)
    this.#storage = new BoardStorageWriter(writer, this.#keys)
    const tree = new RankTreeWriter(this.#storage, {
      cache: cache.nodes,
      budget: cache.budget,
      shape: keyShapeOf(board.shape),
      version: this.#commit.sequence,
    })
    if (!tree.refresh()) throw missingTree('write to', board.name)
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

  /** @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `CORRUPT`; nothing is changed then. */
  submit(request: SubmitRequest): SubmitAnswer<Score> {
    const { playerId } = request
    const player = this.#player(playerId)
    const previous = player && { score: player.score, atMicros: atMicrosOf(player, this.#shape) }
    const { score, accepted, moves } = decideSubmit(this.#shape, request, previous)
    const details = detailsOf(request, { player, accepted })
    if (!moves) {
      const places = this.#stay(request, { player: player as StoredPlayer, details })
      return { playerId, score, previousScore: score, ...places, changed: false, created: false }
    }
    const places = this.#move(request, { player, score, details })
    if (places === undefined) return noPlaceFor(request)
    const created = player === undefined
    return { playerId, score, previousScore: player?.score, ...places, changed: true, created }
  }

  /**
   * Gives a player, whose entry `previous` was read in this transaction, the record that many submits at
   * once come to. `keep` is not looked at. Returns the entry if it takes another place: the caller then
   * takes the previous one away and puts this one, in any order of players.
   */
  putRecord(
    playerId: string,
    entry: EntryAfterRows,
    previous: StoredPlayer | undefined,
  ): { treeKey: Buffer; value: Buffer } | undefined {
    const { score, atMicros, name, metadata } = entry
    const details = { name: name === undefined ? undefined : storedName(playerId, name), metadata }
    if (previous !== undefined && !entry.moves) {
      this.#setDetails(playerId, { player: previous, details })
      return undefined
    }
    const treeKey = encodeEntryKey({ score, atMicros, playerId }, this.#shape)
    assert(this.board.keep === undefined, '(12) many rows at once are for boards that keep all')
    this.#commit.willChange()
    this.#putRecordOf(playerId, { treeKey, details })
    this.note(playerId, { before: previous, after: { score, atMicros, details } })
    return { treeKey, value: encodeEntryValue(this.#keys.entry(treeKey), details) }
  }

  /** Puts an entry that {@link putRecord} returned. */
  putEntry(treeKey: Buffer, value: Buffer): void {
    this.#tree.insert(treeKey)
    this.#writer.put('entries', this.#keys.entry(treeKey), value)
  }

  /** Takes the entry away that a player had before {@link putRecord}; returns its index. */
  removeEntry(treeKey: Buffer): number {
    const index = this.#tree.remove(treeKey)
    assert(index >= 0, '(4) an entry that goes stood among those that the tree counts')
    this.#writer.remove('entries', this.#keys.entry(treeKey))
    return index
  }

  /** Returns what is stored for a player who has an entry, or undefined. */
  player(playerId: string): StoredPlayer | undefined {
    return this.#player(playerId)
  }

  /** The players whom a ban hides on this board. */
  get hidden(): HiddenPlayers {
    this.#hidden ??= new HiddenPlayers(this, { writer: this.#writer, keys: this.#keys })
    return this.#hidden
  }

  /** Gives a player a name on this board; returns whether there is such a player. */
  rename(playerId: string, name: string): boolean {
    const player = this.#player(playerId)
    if (player === undefined) return this.hidden.rename(playerId, storedName(playerId, name))
    this.#setDetails(playerId, {
      player,
      details: { ...player.record, name: storedName(playerId, name) },
    })
    return true
  }

  /** Returns the entry that there was, with its rank; also that of a hidden player. */
  remove(playerId: string): Entry<Score> | undefined {
    const player = this.#player(playerId)
    if (player === undefined) return this.#removeHidden(playerId)
    this.#commit.willChange()
    const index = this.removeEntry(player.treeKey)
    this.#writer.remove('players', this.#keys.player(playerId))
    this.note(playerId, { before: player, after: undefined })
    return this.#entryOf(playerId, player, index)
  }

  // The rank is the one that the player would come back to.
  #removeHidden(playerId: string): Entry<Score> | undefined {
    const player = this.hidden.remove(playerId)
    return player && this.#entryOf(playerId, player, this.#tree.countBelow(player.treeKey))
  }

  #entryOf(playerId: string, player: StoredPlayer, index: number): Entry<Score> {
    const { score, record } = player
    const at = toMs(atMicrosOf(player, this.#shape))
    const { name = playerId } = record
    const metadata = readableMetadata(playerId, record)
    const entry = { rank: index + 1, playerId, name, score, at }
    return metadata === undefined ? entry : { ...entry, metadata }
  }

  #finish(action: () => void): void {
    if (!this.#isSettled) action()
  }

  // Takes the player from the old place to the one of the new score; undefined where the board keeps
  // only the best and a newcomer is not among them.
  #move(
    request: SubmitRequest,
    change: { player: StoredPlayer | undefined; score: Score; details: Details },
  ): Places | undefined {
    const { player, score, details } = change
    const { playerId, rankMode } = request
    const atMicros = request.atMicros ?? this.#commit.nextMicros(request.nowMicros)
    const treeKey = encodeEntryKey({ score, atMicros, playerId }, this.#shape)
    if (player === undefined && !this.hasRoomFor(treeKey)) return undefined
    assert(Number.isInteger(atMicros) && atMicros <= AT_MICROS_MAX, '(3) a time can be stored')
    const sizeBefore = this.size
    // (14) From here on nothing refuses.
    this.#commit.willChange()
    if (request.atMicros === undefined) this.#commit.give(atMicros)
    const previousRank = player && this.#rankAt(player.score, rankMode)
    const previousIndex = player && this.removeEntry(player.treeKey)
    // (4) The old key has left the tree and the entries; the new one enters both.
    const index = this.#tree.insert(treeKey)
    const { size } = this
    assert(index < size, '(4) an entry stands among those that the tree counts')
    assert(size === sizeBefore + (player === undefined ? 1 : 0), '(4) one entry goes, one comes')
    this.#put(playerId, { treeKey, details })
    this.note(playerId, { before: player, after: { score, atMicros, details } })
    const places =
      rankMode === 'ordinal'
        ? {
            rank: index + 1,
            previousRank: previousIndex === undefined ? undefined : previousIndex + 1,
          }
        : { rank: this.#rankAt(score, rankMode), previousRank }
    const passed = this.#passed(request, { index, previousIndex })
    this.removeSurplus()
    return passed === undefined ? places : { ...places, passed }
  }

  // The score stays, and with it time and place; only new details are taken.
  #stay(request: SubmitRequest, change: { player: StoredPlayer; details: Details }): Places {
    const { player } = change
    this.#setDetails(request.playerId, change)
    const { rankMode } = request
    const rank =
      rankMode === 'ordinal'
        ? 1 + this.#tree.indexOf(player.treeKey)
        : this.#rankAt(player.score, rankMode)
    const places = { rank, previousRank: rank }
    return request.passedMax > 0 ? { ...places, passed: nobody() } : places
  }

  #setDetails(playerId: string, change: { player: StoredPlayer; details: Details }): void {
    const { player, details } = change
    const { name, metadata } = player.record
    if (details.name === name && details.metadata === metadata) return
    this.#commit.willChange()
    this.#put(playerId, { treeKey: player.treeKey, details })
    const atMicros = atMicrosOf(player, this.#shape)
    this.note(playerId, { before: player, after: { score: player.score, atMicros, details } })
  }

  /** Notes an effect, if anybody wants it. */
  note(
    playerId: string,
    change: { before: StoredPlayer | undefined; after?: After | undefined },
  ): void {
    const { effects } = this.#commit
    if (effects === undefined) return
    const { before, after } = change
    effects.push({
      board: this.board.name,
      playerId,
      before:
        before &&
        stateOf(playerId, {
          score: before.score,
          atMicros: atMicrosOf(before, this.#shape),
          details: before.record,
        }),
      after: after && stateOf(playerId, after),
    })
  }

  #put(playerId: string, entry: { treeKey: Buffer; details: Details }): void {
    const { treeKey, details } = entry
    assert(treeKey.length > this.#shape.headBytes, '(2) a key ends with the id of its player')
    // (1, 2) Entry and record carry the same head and details, and are put in the same transaction.
    const entryKey = this.#keys.entry(treeKey)
    this.#writer.put('entries', entryKey, encodeEntryValue(entryKey, details))
    this.#putRecordOf(playerId, entry)
  }

  #putRecordOf(
    playerId: string,
    { treeKey, details }: { treeKey: Buffer; details: Details },
  ): void {
    const key = this.#keys.player(playerId)
    const { name, metadata } = details
    const record = { head: treeKey, name, metadata }
    this.#writer.put('players', key, encodePlayerRecord(key, record, this.#shape.headBytes))
  }

  // Those between the new place and the old one; behind a newcomer, all.
  #passed(
    request: SubmitRequest,
    move: { index: number; previousIndex: number | undefined },
  ): Passed<Score> | undefined {
    const { passedMax, passedMode } = request
    if (passedMax === 0) return undefined
    const count = Math.max(0, (move.previousIndex ?? this.size - 1) - move.index)
    const source = {
      reader: this.#writer,
      keys: this.#keys,
      tree: this.#tree,
      shape: this.#shape,
    }
    const first = move.index + 1
    const query = { first, count: Math.min(count, passedMax), mode: passedMode }
    return { count, entries: readEntries(source, query) }
  }

  hasRoomFor(treeKey: Buffer): boolean {
    const { keep } = this.board
    if (keep === undefined || this.size < keep) return true
    const last = this.#storage.lastKey()
    return last === undefined || treeKey.compare(last) < 0
  }

  removeSurplus(): void {
    const { keep } = this.board
    if (keep === undefined) return
    // (12) The entry that is one too many is the last.
    while (this.size > keep) {
      const last = this.#storage.lastKey()
      const id = last?.toString('utf8', this.#shape.headBytes)
      if (id === undefined || this.remove(id) === undefined) throw miscounted(this.board.name)
    }
  }

  // The competition or dense rank of a score; ordinal ranks come with the tree's own answers.
  #rankAt(score: Score, mode: RankMode | undefined): number | undefined {
    if (mode === undefined || mode === 'ordinal') return undefined
    return rankOfScore(this.#tree, { score, shape: this.#shape, mode })
  }

  #player(playerId: string): StoredPlayer | undefined {
    return readPlayer(this.#writer, { keys: this.#keys, playerId, shape: this.#shape })
  }
}

function miscounted(name: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot write to board "${name}": its rank tree counts entries that are not there; run check, then rebuild`,
  )
}

// The answer to a newcomer for whom a board of the best has no place.
function noPlaceFor({ playerId, score, passedMax }: SubmitRequest): SubmitAnswer<Score> {
  return {
    ...{ playerId, score: undefined, previousScore: undefined },
    ...{ rank: undefined, previousRank: undefined },
    ...(passedMax > 0 && { passed: nobody() }),
    ...{ changed: false, created: false, submitted: score },
  }
}

// An answer belongs to the caller, who may change it.
function nobody(): Passed<Score> {
  return { count: 0, entries: [] }
}
