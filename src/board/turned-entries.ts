/**
 * Entries as an undo leaves them, on one board inside one transaction.
 *
 * What an entry becomes is decided before (embedded/log/undo.ts); here it is put, with the chain of the
 * player's runs. Numbers in comments are those of the invariants in FORMAT.md.
 *
 * @module
 */

import { encodeEntryKey } from '../format/entry-key.ts'
import { BoardKeys } from '../format/keys.ts'
import { logKey } from '../format/log-key.ts'
import { encodeEntryValue, encodePlayerRecord, type PlayerRecord } from '../format/player-record.ts'
import { HISTORY_TAG, type RunChain } from '../format/run-chain.ts'
import { PLAYS_MAX } from '../format/run-record.ts'
import type { Table } from '../format/tables.ts'
import { type Fields, NO_FIELDS } from '../format/tail.ts'
import type { Writer } from '../store/store.ts'
import type { StoredPlayer } from './board-reader.ts'
import type { BoardWriter } from './board-writer.ts'
import { type Commit, commitOf } from './commit.ts'
import type { After } from './details.ts'
import { withField, withoutState } from './run-log.ts'

/** What an undo makes of one player. */
export interface TurnedPlayer {
  playerId: string
  player: StoredPlayer | undefined
  /** Undefined if nothing is left. */
  after: After | undefined
  isHidden: boolean
  /** Whether the entry becomes another one, comes or goes. */
  isOther: boolean
  /** How many plays and wins more. */
  plays: number
  wins: number
  /** The oldest run that was turned over, if one of this player was. */
  oldest: number | undefined
  /** The run that pushes the player out, if that is why nothing is left. */
  pushedOutBy: number | undefined
}

/** Puts what an undo leaves. */
export class TurnedEntries {
  readonly #board: BoardWriter
  readonly #writer: Writer<Table>
  readonly #keys: BoardKeys
  readonly #commit: Commit
  readonly #undo: number

  /** `undo` is the seq of the undo. */
  constructor(board: BoardWriter, { writer, undo }: { writer: Writer<Table>; undo: number }) {
    this.#board = board
    this.#writer = writer
    this.#keys = new BoardKeys(board.board.id)
    this.#commit = commitOf(writer)
    this.#undo = undo
  }

  /** Takes the entry away that changes or goes. All are taken away before the first one is put. */
  takeAway({ playerId, player, isOther, after }: TurnedPlayer): void {
    if (player === undefined || !isOther) return
    if (player.record.isHidden !== true) this.#board.removeEntry(player.treeKey)
    if (after === undefined) this.#writer.remove('players', this.#keys.player(playerId))
  }

  /** Puts the entry and the chain. */
  put(turned: TurnedPlayer): void {
    const { playerId, player, after, plays, wins, isOther } = turned
    const history = this.#board.runs.historyOf(playerId)
    const chain = withPlays(player?.record.chain ?? history?.chain, { plays, wins })
    const tail = this.#tailOf(turned, history?.tail ?? NO_FIELDS)
    const isStored = isOther ? after !== undefined : player !== undefined
    if (isOther && after !== undefined) this.#putEntry(turned, after, chain)
    else if (isStored && (plays !== 0 || wins !== 0))
      this.#putRecord(playerId, { ...(player as StoredPlayer).record, chain })
    this.#board.runs.putHistory(playerId, { chain: isStored ? undefined : chain, tail })
  }

  /** Notes for a board of the best that an undo changed what was before which runs. */
  noteOldest(players: readonly TurnedPlayer[]): void {
    const { runs } = this.#board
    const { chain, tail } = runs.historyOf('') ?? { chain: undefined, tail: NO_FIELDS }
    const known = seqOfField(tail.get(HISTORY_TAG.TURNED))
    const oldest = players.reduce((least, one) => Math.min(least, one.oldest ?? least), known)
    if (oldest === known) return
    runs.putHistory('', { chain, tail: withField(tail, HISTORY_TAG.TURNED, logKey(oldest)) })
  }

  // What is kept of one who leaves says why: only an undo leaves an entry that its runs can bring back.
  #tailOf(turned: TurnedPlayer, before: Fields): Fields {
    const { player, after, isOther, pushedOutBy, oldest } = turned
    const known = before.get(HISTORY_TAG.TURNED)
    const turnedSeq = Math.min(oldest ?? Number.POSITIVE_INFINITY, seqOfField(known))
    const tail = Number.isFinite(turnedSeq)
      ? withField(before, HISTORY_TAG.TURNED, logKey(turnedSeq))
      : before
    if (!isOther) return tail
    if (after !== undefined) return withoutState(tail)
    if (player === undefined) return tail
    const { record } = player
    const tag = pushedOutBy === undefined ? HISTORY_TAG.EMPTIED : HISTORY_TAG.AWAY
    const seq = pushedOutBy ?? this.#undo
    const state = this.#board.runs.stateOf(turned.playerId, { seq, record })
    return withField(withoutState(tail), tag, state)
  }

  #putEntry(turned: TurnedPlayer, after: After, chain: RunChain | undefined): void {
    const { playerId, isHidden } = turned
    const { score, atMicros, details } = after
    const treeKey = encodeEntryKey({ score, atMicros, playerId }, this.#board.board.shape)
    const record = { head: treeKey, chain, ...details }
    if (isHidden) {
      this.#commit.use('hidden players')
      this.#putRecord(playerId, { ...record, isHidden })
      return
    }
    // (1, 2) Entry and record carry the same head and details.
    this.#board.putEntry(treeKey, encodeEntryValue(this.#keys.entry(treeKey), details))
    this.#putRecord(playerId, record)
  }

  #putRecord(playerId: string, record: PlayerRecord): void {
    const key = this.#keys.player(playerId)
    const { headBytes } = this.#board.board.shape
    this.#writer.put('players', key, encodePlayerRecord(key, record, headBytes))
  }
}

function withPlays(
  chain: RunChain | undefined,
  { plays, wins }: { plays: number; wins: number },
): RunChain | undefined {
  if (chain === undefined) return undefined
  const allPlays = Math.min(Math.max(0, chain.plays + plays), PLAYS_MAX)
  return { ...chain, plays: allPlays, wins: Math.min(Math.max(0, chain.wins + wins), allPlays) }
}

function seqOfField(field: Buffer | undefined): number {
  return field === undefined ? Number.POSITIVE_INFINITY : Number(field.readBigUInt64BE())
}
