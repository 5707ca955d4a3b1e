/**
 * Changes to one board inside one transaction: player record, ordered entry and rank tree together.
 *
 * Everything that can refuse a submit happens before the first change, so a refused one leaves
 * nothing behind. The tree's changed nodes are written once, before the commit. Numbers in comments are
 * those of the invariants in FORMAT.md.
 *
 * @module
 */

import { encodeEntryKey } from '../format/entry-key.ts'
import { BoardKeys, keyShapeOf, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { type Details, encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import type { RunChain } from '../format/run-chain.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { assert } from '../ground/assert.ts'
import { RankTreeWriter } from '../rank/rank-tree-writer.ts'
import type { Writer } from '../store/store.ts'
import type {
  Entry,
  Passed,
  PushedOut,
  RankMode,
  Score,
  SubmitAnswer,
  SubmitRequest,
} from '../words/index.ts'
import {
  type BoardCache,
  miscounted,
  missingTree,
  readPlayer,
  type StoredPlayer,
} from './board-reader.ts'
import { BoardStorageWriter } from './board-storage.ts'
import { type Commit, commitOf } from './commit.ts'
import {
  type EntryAfterRows,
  isOther,
  leavingEntry,
  nobody,
  noPlaceFor,
  type StoredEntry,
  storedName,
} from './details.ts'
import { HiddenPlayers } from './hidden-players.ts'
import { passedBy, rankOfScore } from './rows.ts'
import { RunLog } from './run-log.ts'
import { planSubmit, type SubmitPlan } from './submit-plan.ts'

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
  /** The runs of the board in the log. */
  readonly runs: RunLog
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
    this.runs = new RunLog(writer, { board, keys: this.#keys, commit: this.#commit })
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
    assert(!this.#isSettled, '(4) the work of a writer ends once')
    this.#tree.flush()
    this.#isSettled = true
  }

  /** @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `CLOCK`, `CORRUPT`; nothing is changed then. */
  submit(request: SubmitRequest): SubmitAnswer<Score> {
    return this.make(this.plan(request))
  }

  /**
   * Decides a submit and changes nothing. The plan is made before anything else on this board.
   *
   * @throws {LadderError} as {@link submit}.
   */
  plan(request: SubmitRequest): SubmitPlan {
    const player = this.hidden.seen(request.playerId)
    return planSubmit(request, player, { shape: this.#shape, commit: this.#commit })
  }

  /** Whether what a plan asks for finds a place: a full board of the best has none for the worst. */
  takes({ player, treeKey }: SubmitPlan): boolean {
    return treeKey === undefined || player !== undefined || this.hasRoomFor(treeKey)
  }

  /** Makes what was planned: nothing refuses it. */
  make(plan: SubmitPlan): SubmitAnswer<Score> {
    const { request, player, score, treeKey } = plan
    const { playerId } = request
    if (treeKey === undefined) {
      const places = this.#stay(plan, player as StoredPlayer)
      return { playerId, score, previousScore: score, ...places, changed: false, created: false }
    }
    if (!this.takes(plan)) {
      this.#logNoPlace(plan)
      return noPlaceFor(request)
    }
    const places = this.#move(plan, treeKey)
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
    const { chain = previous?.record.chain } = entry
    assert(previous?.record.isHidden !== true, '(2) rows of a hidden player give no entry')
    const details = { name: name === undefined ? undefined : storedName(playerId, name), metadata }
    if (previous !== undefined && !entry.moves) {
      this.#setDetails(playerId, { player: previous, details, chain })
      return undefined
    }
    const treeKey = encodeEntryKey({ score, atMicros, playerId }, this.#shape)
    assert(this.board.keep === undefined, '(12) many rows at once are for boards that keep all')
    this.#commit.willChange()
    this.#putRecordOf(playerId, { treeKey, details, chain })
    return { treeKey, value: encodeEntryValue(this.#keys.entry(treeKey), details) }
  }

  /** Puts an entry that {@link putRecord} returned. */
  putEntry(treeKey: Buffer, value: Buffer): void {
    this.#assertOpen()
    this.#tree.insert(treeKey)
    this.#writer.put('entries', this.#keys.entry(treeKey), value)
  }

  /** Takes the entry away that a player had before {@link putRecord}; returns its index. */
  removeEntry(treeKey: Buffer): number {
    this.#assertOpen()
    const index = this.#tree.remove(treeKey)
    assert(index >= 0, '(4) an entry that goes stood among those that the tree counts')
    this.#writer.remove('entries', this.#keys.entry(treeKey))
    return index
  }

  /** Returns what is stored for a player who has an entry, or undefined. */
  player(playerId: string): StoredPlayer | undefined {
    return readPlayer(this.#writer, { keys: this.#keys, playerId, shape: this.#shape })
  }

  /** The players whom a ban hides on this board. */
  get hidden(): HiddenPlayers {
    this.#hidden ??= new HiddenPlayers(this, { writer: this.#writer, keys: this.#keys })
    return this.#hidden
  }

  /** Gives a player a name on this board; returns whether there is such a player. */
  rename(playerId: string, name: string): boolean {
    const player = this.player(playerId)
    if (player === undefined) return this.hidden.rename(playerId, storedName(playerId, name))
    const { metadata } = player.record
    this.#setDetails(playerId, { player, details: { name: storedName(playerId, name), metadata } })
    return true
  }

  /**
   * Returns the entry that there was, with its rank; also that of a hidden player. `pushedOutBy` is the seq
   * of the run because of which a full board lets it go.
   */
  remove(playerId: string, pushedOutBy?: number): Entry<Score> | undefined {
    const player = this.player(playerId)
    if (player === undefined) return this.#removeHidden(playerId)
    this.#commit.willChange()
    const index = this.removeEntry(player.treeKey)
    this.#writer.remove('players', this.#keys.player(playerId))
    const { record } = player
    const away = pushedOutBy === undefined ? undefined : { seq: pushedOutBy, record }
    if (record.chain !== undefined) this.runs.leaveChain(playerId, record.chain, away)
    return leavingEntry(playerId, player, { index, shape: this.#shape })
  }

  // The rank is the one that the player would come back to.
  #removeHidden(playerId: string): Entry<Score> | undefined {
    const player = this.hidden.remove(playerId)
    const index = player === undefined ? 0 : this.#tree.countBelow(player.treeKey)
    return player && leavingEntry(playerId, player, { index, shape: this.#shape })
  }

  // The nodes of a settled writer are written: a key that came now would be counted nowhere.
  #assertOpen(): void {
    assert(!this.#isSettled, '(4) a settled writer takes no more entries')
  }

  #finish(action: () => void): void {
    if (!this.#isSettled) action()
  }

  // Takes the player from the old place to the one of the new score.
  #move(plan: SubmitPlan, treeKey: Buffer): Places {
    const { request, player, score, details, atMicros } = plan
    const { playerId, rankMode } = request
    this.#assertOpen()
    const sizeBefore = this.size
    // (14) From here on nothing refuses.
    this.#commit.willChange()
    this.#commit.giveTo(request, atMicros)
    const run = this.runs.takes(true)
      ? this.runs.begin(request, player ? player.record.chain : this.runs.takeChain(playerId))
      : undefined
    const chain = run?.chain ?? (player ? player.record.chain : this.runs.keptChain(playerId))
    const previousRank = player && this.#rankAt(player.score, rankMode)
    const previousIndex = player && this.removeEntry(player.treeKey)
    // (4) The old key has left the tree and the entries; the new one enters both.
    const index = this.#tree.insert(treeKey)
    assert(index < this.size, '(4) an entry stands among those that the tree counts')
    const comes = player === undefined ? 1 : 0
    assert(this.size === sizeBefore + comes, '(4) one entry goes, one comes')
    this.#put(playerId, { treeKey, details, chain })
    const ordinals = {
      rank: index + 1,
      previousRank: previousIndex === undefined ? undefined : previousIndex + 1,
    }
    if (rankMode !== undefined) plan.places = ordinals
    const places =
      rankMode === 'ordinal' ? ordinals : { rank: this.#rankAt(score, rankMode), previousRank }
    const passed = this.#passed(request, { index, previousIndex })
    const pushedOut = this.removeSurplus(run?.seq)
    if (run !== undefined) {
      const { rank, previousRank: rankBefore = 0 } = ordinals
      const ranks = rankMode === undefined ? undefined : { rank, previousRank: rankBefore }
      const before = player?.record.head
      const outcome = { before, atMicros, ranks, pushedOut, windows: plan.windows?.tail }
      this.runs.append(run, request, outcome)
    }
    return passed === undefined ? places : { ...places, passed }
  }

  // The score stays, and with it time and place; only new details are taken.
  #stay(plan: SubmitPlan, player: StoredPlayer): Places {
    const { request, details, windows } = plan
    const { rankMode } = request
    const ordinal = rankMode === undefined ? undefined : 1 + this.#tree.indexOf(player.treeKey)
    const rank = rankMode === 'ordinal' ? ordinal : this.#rankAt(player.score, rankMode)
    if (ordinal !== undefined) plan.places = { rank: ordinal, previousRank: ordinal }
    if (this.runs.takes(isOther(player.record, details) || windows?.changed === true))
      this.#logStay(plan, { player, ordinal })
    else this.#setDetails(request.playerId, { player, details })
    const places = { rank, previousRank: rank }
    return request.passedMax > 0 ? { ...places, passed: nobody() } : places
  }

  // Only the record of the player changes, unless there are new details.
  #logStay(
    { request, details, windows }: SubmitPlan,
    { player, ordinal }: { player: StoredPlayer; ordinal: number | undefined },
  ): void {
    const { playerId } = request
    const atMicros = this.#commit.timeOfRun(request)
    this.#commit.willChange()
    const run = this.runs.begin(request, player.record.chain)
    const entry = { treeKey: player.treeKey, details, chain: run.chain }
    if (isOther(player.record, details)) this.#put(playerId, entry)
    else this.#putRecordOf(playerId, entry)
    const ranks = ordinal === undefined ? undefined : { rank: ordinal, previousRank: ordinal }
    const before = player.record.head
    this.runs.append(run, request, { before, atMicros, ranks, windows: windows?.tail })
  }

  // A newcomer for whom a full board has no place has runs all the same.
  #logNoPlace({ request, windows }: SubmitPlan): void {
    if (!this.runs.takes(windows?.changed === true)) return
    const { playerId } = request
    const atMicros = this.#commit.timeOfRun(request)
    this.#commit.willChange()
    const run = this.runs.begin(request, this.runs.historyOf(playerId)?.chain)
    this.runs.leaveChain(playerId, run.chain)
    const outcome = { before: undefined, atMicros, ranks: undefined, hasNoPlace: true }
    this.runs.append(run, request, { ...outcome, windows: windows?.tail })
  }

  #setDetails(
    playerId: string,
    change: { player: StoredPlayer; details: Details; chain?: RunChain | undefined },
  ): void {
    const { player, details, chain = player.record.chain } = change
    const entry = { treeKey: player.treeKey, details, chain }
    const isNews = isOther(player.record, details)
    if (!isNews && chain !== player.record.chain) this.#putRecordOf(playerId, entry)
    if (!isNews) return
    this.#commit.willChange()
    this.#put(playerId, entry)
  }

  #put(playerId: string, entry: StoredEntry): void {
    const { treeKey, details } = entry
    assert(treeKey.length > this.#shape.headBytes, '(2) a key ends with the id of its player')
    // (1, 2) Entry and record carry the same head and details, and are put in the same transaction.
    const entryKey = this.#keys.entry(treeKey)
    this.#writer.put('entries', entryKey, encodeEntryValue(entryKey, details))
    this.#putRecordOf(playerId, entry)
  }

  #putRecordOf(playerId: string, { treeKey, details, chain }: StoredEntry): void {
    const key = this.#keys.player(playerId)
    const { name, metadata } = details
    const record = { head: treeKey, chain, name, metadata }
    this.#writer.put('players', key, encodePlayerRecord(key, record, this.#shape.headBytes))
  }

  #passed(
    request: SubmitRequest,
    move: { index: number; previousIndex: number | undefined },
  ): Passed<Score> | undefined {
    if (request.passedMax === 0) return undefined
    const parts = { reader: this.#writer, keys: this.#keys, tree: this.#tree, shape: this.#shape }
    return passedBy(parts, request, { ...move, size: this.size })
  }

  hasRoomFor(treeKey: Buffer): boolean {
    const { keep } = this.board
    if (keep === undefined || this.size < keep) return true
    const last = this.#storage.lastKey()
    return last === undefined || treeKey.compare(last) < 0
  }

  removeSurplus(pushedOutBy?: number): PushedOut[] | undefined {
    const { keep } = this.board
    if (keep === undefined || this.size <= keep) return undefined
    const pushedOut: PushedOut[] = []
    // (12) The entry that is one too many is the last.
    while (this.size > keep) {
      const last = this.#storage.lastKey()
      const id = last?.toString('utf8', this.#shape.headBytes)
      const before = this.size
      const entry = id === undefined ? undefined : this.remove(id, pushedOutBy)
      if (entry === undefined) throw miscounted(this.board.name)
      assert(this.size === before - 1, '(12) each one who is pushed out leaves the board')
      pushedOut.push({ playerId: entry.playerId, score: entry.score, at: entry.at })
    }
    return pushedOut
  }

  // The competition or dense rank of a score; ordinal ranks come with the tree's own answers.
  #rankAt(score: Score, mode: RankMode | undefined): number | undefined {
    if (mode === undefined || mode === 'ordinal') return undefined
    return rankOfScore(this.#tree, { score, shape: this.#shape, mode })
  }
}
