/**
 * The runs of one board in the log, inside one transaction.
 *
 *     begin ──► seq, chain of the player ──► (the caller puts the player's record with it) ──► append
 *
 * The chain of a player with an entry lies in the player's record; that of one without, in `history`.
 *
 * @module
 */

import { ownBytes } from '../format/bytes.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import { logKey, seqOf as seqOfKey } from '../format/log-key.ts'
import { encodeJson } from '../format/log-note.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { encodePlayerRecord, type PlayerRecord } from '../format/player-record.ts'
import {
  decodeHistory,
  encodeHistory,
  HISTORY_TAG,
  type HistoryRecord,
  type RunChain,
} from '../format/run-chain.ts'
import { encodeRun, PLAYS_MAX, RUN_TAG, type RunRecord } from '../format/run-record.ts'
import { type Fields, NO_FIELDS } from '../format/tail.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import type { Reader, Writer } from '../store/store.ts'
import type { PushedOut, SubmitRequest } from '../words/index.ts'
import type { Commit } from './commit.ts'

/** A run that has its place in the log. */
export interface LoggedRun {
  seq: number
  commitBack: number
  committedMicros: number
  /** How many records the player's run before lies before it; 0: there is none. */
  runBack: number
  /** What leads to the player's runs after it. */
  chain: RunChain
  /** Whether the player has no entry because runs were undone. */
  goesOn: boolean
}

/** A chain out of `history`. */
export interface KeptChain extends RunChain {
  /** Whether the player left by an undo, and by nothing else. */
  goesOn?: boolean
}

/** What a run did. */
export interface RunOutcome {
  /** The head of the entry before; undefined for a newcomer. */
  before: Buffer | undefined
  atMicros: number
  /** Ordinal, 0 for none; undefined if no ranks were asked for. */
  ranks: { rank: number; previousRank: number } | undefined
  hasNoPlace?: boolean
  isHidden?: boolean
  pushedOut?: readonly PushedOut[] | undefined
  /** What it did in the windows of the board, as the log has it. */
  windows?: Buffer | undefined
}

/** Writes the runs of one board. */
export class RunLog {
  readonly #writer: Writer<Table>
  readonly #keys: BoardKeys
  readonly #commit: Commit
  readonly #board: CatalogEntry
  readonly #submitted: Buffer
  #filledSeq: number | undefined

  constructor(
    writer: Writer<Table>,
    options: { board: CatalogEntry; keys: BoardKeys; commit: Commit },
  ) {
    this.#writer = writer
    this.#keys = options.keys
    this.#commit = options.commit
    this.#board = options.board
    this.#submitted = Buffer.alloc(options.board.shape.bytes)
  }

  /** Whether a submit that changes something, or nothing, leaves a record. */
  takes(isChange: boolean): boolean {
    // What a season takes is told by the run of its board.
    if (this.#commit.isUnlogged || this.#board.season !== undefined) return false
    // What the log tells of has a record, whatever it changes here.
    if (this.#commit.isRepeated) return true
    return this.#board.log === 'all' || (isChange && this.#board.log === 'changes')
  }

  /**
   * Gives a run its place in the log. `chain` leads to the player's runs before. The caller has announced a
   * change, and then calls {@link append}.
   */
  begin({ nowMicros, won }: SubmitRequest, chain: KeptChain | undefined): LoggedRun {
    const place = this.#commit.nextRecord(this.#commit.presentMicros(nowMicros))
    const { seq, commitBack, committedMicros } = place
    const runBack = chain === undefined ? 0 : seq - this.seqOf(chain)
    assert(chain === undefined || runBack > 0, '(21) the run before lies in front of this one')
    const plays = Math.min((chain?.plays ?? 0) + 1, PLAYS_MAX)
    const wins = (chain?.wins ?? 0) + (won ? 1 : 0)
    const next = { last: seq, isRelative: false, plays, wins }
    return {
      seq,
      commitBack,
      committedMicros,
      runBack,
      chain: next,
      goesOn: chain?.goesOn === true,
    }
  }

  /** Appends the record of a run. */
  append(run: LoggedRun, request: SubmitRequest, outcome: RunOutcome): void {
    const { shape, id: boardId } = this.#board
    assert(run.seq <= this.#commit.lastSeq, '(18) a record has a seq that was taken')
    shape.write(this.#submitted, 0, request.score)
    // One literal: objects that are put together of others cost microseconds.
    const record: RunRecord = {
      committedMicros: run.committedMicros,
      commitBack: run.commitBack,
      boardId,
      playerId: request.playerId,
      mode: request.mode,
      submitted: this.#submitted,
      before: outcome.before,
      atMicros: outcome.atMicros,
      isAtGiven: request.atMicros !== undefined,
      ranks: outcome.ranks,
      plays: run.chain.plays,
      wins: run.chain.wins,
      won: request.won,
      runBack: run.runBack,
      name: request.isProfileName === true ? request.rowName : request.name,
      metadata: request.metadata,
      hasNoPlace: outcome.hasNoPlace ?? false,
      isHidden: outcome.isHidden ?? false,
      tail: tailOf(outcome, { request, goesOn: run.goesOn }),
    }
    const key = logKey(run.seq)
    this.#writer.append('log', key, encodeRun(key, record))
  }

  /** Returns what is kept for a player beside an entry, or undefined. */
  historyOf(playerId: string): HistoryRecord | undefined {
    return readHistory(this.#writer, this.#keys.player(playerId))
  }

  /** Returns the chain of a newcomer, which lies in `history`. */
  chainOf(playerId: string): KeptChain | undefined {
    if (!this.#commit.uses('log')) return undefined
    const record = this.historyOf(playerId)
    return record?.chain && { ...record.chain, goesOn: record.tail.has(HISTORY_TAG.EMPTIED) }
  }

  /** Takes the chain of a newcomer out of `history`: it is to lie in the player's record. */
  takeChain(playerId: string): KeptChain | undefined {
    if (!this.#commit.uses('log')) return undefined
    const record = this.historyOf(playerId)
    if (record === undefined) return undefined
    const { chain, tail } = record
    this.putHistory(playerId, { chain: undefined, tail: withoutState(tail) })
    return chain && { ...chain, goesOn: tail.has(HISTORY_TAG.EMPTIED) }
  }

  /** Forgets how a player left a season, who comes back or is removed; whether it was by an undo, and by nothing else. */
  forgetLeaving(playerId: string): boolean {
    if (!this.#commit.uses('log')) return false
    const record = this.historyOf(playerId)
    if (record === undefined) return false
    this.putHistory(playerId, { ...record, tail: withoutState(record.tail) })
    return record.tail.has(HISTORY_TAG.EMPTIED)
  }

  /** Takes the chain of a newcomer whose run leaves no record out of `history`, if there can be one. */
  keptChain(playerId: string): KeptChain | undefined {
    return this.#commit.isUnlogged ? this.takeChain(playerId) : undefined
  }

  /** Leaves the chain of a player without an entry in `history`. */
  leaveChain(
    playerId: string,
    chain: RunChain,
    away?: { seq: number; record: PlayerRecord },
  ): void {
    const tail = this.historyOf(playerId)?.tail ?? NO_FIELDS
    // What a player had who was pushed out stays known if a later run finds no place.
    const state = away && this.stateOf(playerId, away)
    const left = state === undefined ? tail : withField(tail, HISTORY_TAG.AWAY, state)
    this.putHistory(playerId, { chain, tail: left })
  }

  /** Forgets a player whose runs are another's now, or nobody's. */
  forget(playerId: string): void {
    if (this.#commit.uses('log')) this.#writer.remove('history', this.#keys.player(playerId))
  }

  /** Notes the last move of a player: runs in front of it are those that it leads to, or another's. */
  noteMove(playerId: string, seq: number): void {
    const record = this.historyOf(playerId)
    const tail = withField(record?.tail ?? NO_FIELDS, HISTORY_TAG.MOVED, logKey(seq))
    this.putHistory(playerId, { chain: record?.chain, tail })
  }

  /** Returns the record that a player had, and the change by which it went, as a field of `history`. */
  stateOf(playerId: string, { seq, record }: { seq: number; record: PlayerRecord }): Buffer {
    const { headBytes } = this.#board.shape
    const value = encodePlayerRecord(this.#keys.player(playerId), record, headBytes)
    return Buffer.concat([logKey(seq), value])
  }

  /** Puts what is kept of a player beside an entry, or removes it if that is nothing. */
  putHistory(playerId: string, record: HistoryRecord): void {
    const key = this.#keys.player(playerId)
    if (record.chain === undefined && record.tail.size === 0) this.#writer.remove('history', key)
    else this.#writer.put('history', key, encodeHistory(key, record))
  }

  /** Returns the seq of the newest run of a chain. */
  seqOf(chain: RunChain): number {
    if (!chain.isRelative) return chain.last
    this.#filledSeq ??= filledSeqOf(this.#writer, this.#keys)
    return this.#filledSeq + chain.last
  }
}

/** Returns the seq of the newest run of a chain. */
export function lastSeqOf(reader: Reader<Table>, keys: BoardKeys, chain: RunChain): number {
  return chain.isRelative ? filledSeqOf(reader, keys) + chain.last : chain.last
}

/** Returns what is kept for a player beside an entry, by the key of the player's record, or undefined. */
export function readHistory(reader: Reader<Table>, key: Buffer): HistoryRecord | undefined {
  const value = reader.get('history', key)
  if (value === undefined) return undefined
  const record = decodeHistory(key, ownBytes(value))
  if (record !== undefined) return record
  throw new LadderError(
    'CORRUPT',
    'Cannot read the history of a player: the record is damaged; run check, then restore',
  )
}

/** Returns the seq of the last import into a board whose rows left no record; 0 if there was none. */
export function unloggedSeqOf(reader: Reader<Table>, boardId: number): number {
  const field = readHistory(reader, new BoardKeys(boardId).prefix)?.tail.get(HISTORY_TAG.UNLOGGED)
  return field === undefined ? 0 : (seqOfKey(field) ?? 0)
}

/** Notes that an import into a board left no record of its rows. */
export function noteUnlogged(writer: Writer<Table>, boardId: number, seq: number): void {
  const key = new BoardKeys(boardId).prefix
  const record = readHistory(writer, key)
  const tail = withField(record?.tail ?? NO_FIELDS, HISTORY_TAG.UNLOGGED, logKey(seq))
  writer.put('history', key, encodeHistory(key, { chain: undefined, tail }))
}

// Seqs of the rows that filled a board count from here.
function filledSeqOf(reader: Reader<Table>, keys: BoardKeys): number {
  const field = readHistory(reader, keys.prefix)?.tail.get(HISTORY_TAG.FILLED)
  assert(field?.length === 8, 'a board whose chains are relative says what they count from')
  return Number(field.readBigUInt64BE())
}

function tailOf(
  { pushedOut = [], windows }: RunOutcome,
  { request, goesOn }: { request: SubmitRequest; goesOn: boolean },
): Fields {
  const { flags = [], requestId } = request
  const isPlain = pushedOut.length + flags.length === 0 && requestId === undefined && !goesOn
  if (isPlain && windows === undefined) return NO_FIELDS
  const fields = new Map<number, Buffer>()
  if (pushedOut.length > 0) fields.set(RUN_TAG.PUSHED_OUT, encodeJson(pushedOut))
  if (flags.length > 0) fields.set(RUN_TAG.FLAGS, encodeJson(flags))
  if (requestId !== undefined) fields.set(RUN_TAG.REQUEST_ID, Buffer.from(requestId))
  if (windows !== undefined) fields.set(RUN_TAG.WINDOWS, windows)
  if (goesOn) fields.set(RUN_TAG.GOES_ON, Buffer.alloc(0))
  return fields
}

/** Returns fields without those that tell how a player left. */
export function withoutState(fields: Fields): Fields {
  return withField(withField(fields, HISTORY_TAG.AWAY), HISTORY_TAG.EMPTIED)
}

/** Returns fields with one of them set, or without it. */
export function withField(fields: Fields, tag: number, value?: Buffer): Fields {
  if (value === undefined && !fields.has(tag)) return fields
  const all = new Map(fields)
  if (value === undefined) all.delete(tag)
  else all.set(tag, value)
  return all
}
