/**
 * Players whom a ban hides on one board, inside one transaction.
 *
 *     visible    record │ entry │ key in the tree
 *     hidden     record with the flag, and nothing else: nobody sees or counts the player
 *
 * The record keeps score, time, name and metadata, so that the player comes back as if never away.
 * Numbers in comments are those of the invariants in FORMAT.md.
 *
 * @module
 */

import { decideSubmit } from '../domain/decide.ts'
import { encodeEntryKey } from '../format/entry-key.ts'
import type { BoardKeys, Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  encodeEntryValue,
  encodePlayerRecord,
  isHiddenRecord,
  type PlayerRecord,
} from '../format/player-record.ts'
import type { RunChain } from '../format/run-chain.ts'
import { toMs } from '../format/time.ts'
import { assert } from '../ground/assert.ts'
import type { Writer } from '../store/store.ts'
import type { PushedOut, Score, SubmitAnswer, SubmitRequest } from '../words/index.ts'
import { atMicrosOf, readStoredPlayer, type StoredPlayer } from './board-reader.ts'
import { type Commit, commitOf } from './commit.ts'
import { detailsOf, type EntryAfterRows, isOther, storedName } from './details.ts'
import type { RunLog } from './run-log.ts'
import type { WindowsDone } from './submit-plan.ts'

/** The board whose players are hidden. */
export interface VisibleBoard {
  readonly board: CatalogEntry
  readonly runs: RunLog
  /** Returns what is stored for a player who has an entry. */
  player(playerId: string): StoredPlayer | undefined
  removeEntry(treeKey: Buffer): number
  putEntry(treeKey: Buffer, value: Buffer): void
  hasRoomFor(treeKey: Buffer): boolean
  removeSurplus(): PushedOut[] | undefined
}

/** The submit of a hidden player that was decided, and changes nothing before it is made. */
export interface HiddenPlan {
  readonly request: SubmitRequest
  readonly player: StoredPlayer | undefined
  readonly entry: EntryAfterRows
  windows: WindowsDone | undefined
}

/** The hidden players of a board, in one transaction. */
export class HiddenPlayers {
  readonly #target: VisibleBoard
  readonly #writer: Writer<Table>
  readonly #keys: BoardKeys
  readonly #commit: Commit

  constructor(target: VisibleBoard, options: { writer: Writer<Table>; keys: BoardKeys }) {
    this.#target = target
    this.#writer = options.writer
    this.#keys = options.keys
    this.#commit = commitOf(options.writer)
  }

  /** Returns what is stored for a player, hidden or not. */
  stored(playerId: string): StoredPlayer | undefined {
    const { shape } = this.#target.board
    return readStoredPlayer(this.#writer, { keys: this.#keys, playerId, shape })
  }

  /** Returns what is stored for a player who is not hidden, and is about to submit. */
  seen(playerId: string): StoredPlayer | undefined {
    const player = this.stored(playerId)
    assert(player?.record.isHidden !== true, '(2) a hidden player gets no entry by a submit')
    return player
  }

  /** Whether a player has an entry. Cost: a read; nothing of the record is decoded but that. */
  isVisible(playerId: string): boolean {
    const value = this.#writer.get('players', this.#keys.player(playerId))
    return value !== undefined && !isHiddenRecord(value)
  }

  /** Takes a player out of sight; false if there is no entry. Cost: O(log n). */
  hide(playerId: string): boolean {
    const player = this.#target.player(playerId)
    if (player === undefined) return false
    this.#commit.willChange()
    this.#target.removeEntry(player.treeKey)
    this.#put(playerId, player.record)
    return true
  }

  /**
   * Gives a hidden player the place back; undefined if the player is not hidden. A full board of the best
   * has no place for one who is worse than all, and who is then the one pushed out; for others it lets the
   * last one go. Cost: O(log n).
   */
  show(playerId: string): { hasPlace: boolean; pushedOut: readonly PushedOut[] } | undefined {
    const player = this.#player(playerId)
    if (player === undefined) return undefined
    const { shape } = this.#target.board
    const { record, score, treeKey } = player
    const atMicros = atMicrosOf(player, shape)
    if (!this.#target.hasRoomFor(treeKey)) {
      this.remove(playerId, { isPushedOut: true })
      return { hasPlace: false, pushedOut: [{ playerId, score, at: toMs(atMicros) }] }
    }
    this.#commit.willChange()
    // (1, 2) The entry comes back with the head and the details of the record.
    this.#target.putEntry(treeKey, encodeEntryValue(this.#keys.entry(treeKey), record))
    const { isHidden: _, ...visible } = record
    this.#putRecord(playerId, visible)
    return { hasPlace: true, pushedOut: this.#target.removeSurplus() ?? [] }
  }

  /**
   * Makes the submit of a player whom nobody is to see: it counts, and shows nowhere. Answers without ranks.
   *
   * @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `CLOCK`, `CORRUPT`; nothing is changed then.
   */
  submit(request: SubmitRequest): SubmitAnswer<Score> {
    return this.make(this.plan(request))
  }

  /** Decides such a submit and changes nothing; throws as {@link submit}. */
  plan(request: SubmitRequest): HiddenPlan {
    const { shape } = this.#target.board
    const player = this.#player(request.playerId)
    const previous = player && { score: player.score, atMicros: atMicrosOf(player, shape) }
    const { score, accepted, moves } = decideSubmit(shape, request, previous)
    const details = detailsOf(request, { player, accepted })
    const atMicros = moves
      ? this.#commit.timeOf(request)
      : (previous?.atMicros ?? request.nowMicros)
    return { request, player, entry: { score, atMicros, ...details, moves }, windows: undefined }
  }

  /** Makes what was planned: nothing refuses it. */
  make(plan: HiddenPlan): SubmitAnswer<Score> {
    const { request, player, entry } = plan
    const { playerId } = request
    const { score, moves, atMicros } = entry
    this.#commit.willChange()
    if (moves) this.#commit.giveTo(request, atMicros)
    this.#putRun(plan)
    return {
      ...{ playerId, score, previousScore: player?.score },
      ...{ rank: undefined, previousRank: undefined },
      ...(request.passedMax > 0 && { passed: { count: 0, entries: [] } }),
      ...{ changed: moves, created: player === undefined },
    }
  }

  #putRun({ request, player, entry, windows }: HiddenPlan): void {
    const { runs } = this.#target
    const { moves } = entry
    const isChange = moves || (player !== undefined && isOther(player.record, entry))
    if (!runs.takes(isChange || windows?.changed === true)) {
      const kept = player === undefined ? runs.keptChain(request.playerId) : undefined
      this.put(request.playerId, entry, kept)
      return
    }
    const chain = player ? player.record.chain : runs.takeChain(request.playerId)
    const atMicros = moves ? entry.atMicros : this.#commit.timeOfRun(request)
    const run = runs.begin(request, chain)
    this.put(request.playerId, entry, run.chain)
    const before = player?.record.head
    const outcome = { before, atMicros, ranks: undefined, isHidden: true, windows: windows?.tail }
    runs.append(run, request, outcome)
  }

  /** Stores what a hidden player has now. */
  put(playerId: string, entry: EntryAfterRows, chain?: RunChain): void {
    const { score, atMicros, name, metadata } = entry
    const { shape } = this.#target.board
    const head = encodeEntryKey({ score, atMicros, playerId }, shape)
    const record = this.stored(playerId)?.record
    // Written over a record that is seen, this one would leave an entry that is nobody's.
    assert(
      record === undefined || record.isHidden === true,
      '(1) only a record that is hidden stays hidden',
    )
    this.#commit.willChange()
    const details = { name: name && storedName(playerId, name), metadata }
    this.#put(playerId, {
      ...record,
      head,
      ...details,
      chain: chain ?? entry.chain ?? record?.chain,
    })
  }

  /** Gives a hidden player a name, undefined for that of the id; false if the player is not hidden. */
  rename(playerId: string, name: string | undefined): boolean {
    const player = this.#player(playerId)
    if (player === undefined) return false
    if (player.record.name === name) return true
    this.#commit.willChange()
    this.#put(playerId, { ...player.record, name })
    return true
  }

  /** Removes what is stored of a hidden player; returns it. */
  remove(
    playerId: string,
    { isPushedOut = false }: { isPushedOut?: boolean } = {},
  ): StoredPlayer | undefined {
    const player = this.#player(playerId)
    if (player === undefined) return undefined
    this.#commit.willChange()
    this.#writer.remove('players', this.#keys.player(playerId))
    const { isHidden: _, ...record } = player.record
    // No run has pushed this one out: 0 is the seq of none.
    const away = isPushedOut ? { seq: 0, record } : undefined
    if (record.chain !== undefined) this.#target.runs.leaveChain(playerId, record.chain, away)
    return player
  }

  #player(playerId: string): StoredPlayer | undefined {
    // Stores that never hid anybody pay nothing.
    if (!this.#commit.uses('hidden players')) return undefined
    const player = this.stored(playerId)
    return player?.record.isHidden === true ? player : undefined
  }

  #put(playerId: string, record: PlayerRecord): void {
    this.#commit.use('hidden players')
    this.#putRecord(playerId, { ...record, isHidden: true })
  }

  #putRecord(playerId: string, record: PlayerRecord): void {
    const key = this.#keys.player(playerId)
    const { headBytes } = this.#target.board.shape
    this.#writer.put('players', key, encodePlayerRecord(key, record, headBytes))
  }
}
