/**
 * The rows of an import on their way into the log: one record each, in the order of their lines.
 *
 *     rows by player ──► drafts (format/run-draft.ts) ──sorted by place──► records, in the last transaction
 *
 * The places of rows are known before the first one is folded: a row that leaves no record takes no seq.
 *
 * @module
 */

import { type Commit, commitOf } from '../board/commit.ts'
import type { KeptChain } from '../board/run-log.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { Table } from '../format/keys.ts'
import type { RunChain } from '../format/run-chain.ts'
import { finishRun, type RunBefore, writeRunDraft } from '../format/run-draft.ts'
import { PLAYS_MAX } from '../format/run-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { assert } from '../ground/assert.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { IMPORT_CHUNK_ROWS } from '../ground/limits.ts'
import type { Writer } from '../store/store.ts'
import type { Mode } from '../words/index.ts'
import { PairSpool } from './fill/pair-spool.ts'
import type { RowStep } from './fold-rows.ts'
import type { LeftOut } from './left-out.ts'
import type { Work } from './work.ts'

const PLACE_BYTES = 6
const NO_RUN: RunBefore = { seq: 0 }

/** What a player has before the first row. */
export interface PlayerBefore {
  chain: KeptChain | undefined
  /** The seq of the run that the chain leads to. */
  lastSeq: number
  isHidden: boolean
}

/** The records of one import. */
export class RowLog {
  readonly #drafts: PairSpool
  readonly #leftOut: LeftOut
  readonly #boardId: number
  readonly #mode: Mode
  readonly #shape: ScoreShape
  readonly #firstSeq: number | undefined
  #player: PlayerBefore | undefined
  #before = NO_RUN
  #plays = 0
  #wins = 0

  /**
   * `firstSeq` is what the first row will have; undefined if that is not known yet: then the chains that
   * lead to the rows count from it.
   */
  constructor(
    work: Work,
    options: { boardId: number; leftOut: LeftOut; firstSeq?: number | undefined },
  ) {
    const { scratch, runBytes: bytesMax, board, mode } = work
    this.#drafts = new PairSpool({ scratch, order: 'keys', bytesMax })
    this.#boardId = options.boardId
    this.#leftOut = options.leftOut
    this.#firstSeq = options.firstSeq
    this.#mode = mode
    this.#shape = board.spec.shape
  }

  /** How many rows leave a record. */
  get count(): number {
    return this.#drafts.count
  }

  /** Bytes of what goes into the log, about. */
  get bytes(): number {
    return this.#drafts.bytes
  }

  /** Says whose rows come next. */
  begin(player: PlayerBefore | undefined): void {
    const { chain, lastSeq = 0 } = player ?? {}
    this.#player = player
    this.#before = chain === undefined ? NO_RUN : { seq: lastSeq }
    this.#plays = chain?.plays ?? 0
    this.#wins = chain?.wins ?? 0
  }

  /** Takes the next row of the player. A promise must be waited for. */
  add(step: RowStep): Promise<void> | undefined {
    const { row, id, idBytes, previous, atMicros } = step
    if (this.#leftOut.has(row.row)) return undefined
    const place = this.#leftOut.placeOf(row.row)
    this.#plays = Math.min(this.#plays + 1, PLAYS_MAX)
    const chain = this.#player?.chain
    const isFirst = !('place' in this.#before)
    const draft = {
      boardId: this.#boardId,
      id,
      idBytes,
      mode: this.#mode,
      score: row.score,
      previous,
      atMicros,
      isAtGiven: row.atMicros !== undefined,
      isHidden: this.#player?.isHidden === true,
      goesOn: isFirst && previous === undefined && chain?.goesOn === true,
      plays: this.#plays,
      wins: this.#wins,
      before: this.#before,
      name: row.name,
      metadata: row.metadata,
    }
    this.#before = { place }
    this.#drafts.add((slab, at) => {
      const keyEnd = at + PLACE_BYTES
      slab.writeUIntBE(place, at, PLACE_BYTES)
      return { keyEnd, end: writeRunDraft(slab, keyEnd, { draft, shape: this.#shape }) }
    })
    return this.#drafts.isFull ? this.#drafts.spill() : undefined
  }

  /** What leads to the player's runs after these rows; undefined if there are none. */
  get chain(): RunChain | undefined {
    const before = this.#before
    if (!('place' in before)) return this.#player?.chain
    const [plays, wins] = [this.#plays, this.#wins]
    if (this.#firstSeq === undefined) return { last: before.place, isRelative: true, plays, wins }
    return { last: this.#firstSeq + before.place, isRelative: false, plays, wins }
  }

  /** Appends all records, as one change; returns the seq of the first one, undefined if there is none. */
  async append(
    context: OpenStore,
    writer: Writer<Table>,
    { options }: Work,
  ): Promise<number | undefined> {
    const { count } = this
    if (count === 0) return undefined
    const commit = commitOf(writer)
    commit.willChange()
    const places = placesOf(commit, count, context.nowMicros())
    const { firstSeq, committedMicros } = places
    assert(this.#firstSeq === undefined || this.#firstSeq === firstSeq, 'the rows come next')
    let place = 0
    await this.#drafts.visit(({ slab, start, keyEnd, end }) => {
      if (place % IMPORT_CHUNK_ROWS === 0) throwIfAborted(options)
      assert(slab.readUIntBE(start, PLACE_BYTES) === place, 'places follow one another')
      const seq = firstSeq + place++
      const commitBack = seq - places.commit
      const draft = { bytes: slab, start: keyEnd, end }
      const { key, value } = finishRun(draft, { seq, committedMicros, commitBack, firstSeq })
      writer.append('log', key, value)
      return undefined
    }, IMPORT_CHUNK_ROWS)
    throwIfAborted(options)
    return firstSeq
  }
}

function placesOf(
  commit: Commit,
  count: number,
  nowMicros: number,
): ReturnType<Commit['nextRecords']> {
  return commit.nextRecords(count, commit.presentMicros(nowMicros))
}

/** Whether rows leave records: the board has a log, and the import is not to leave it out. */
export function isLogged({ board, options }: Work): boolean {
  return board.spec.log !== 'none' && options.log !== false
}

/** Whether it must be found out beforehand which rows leave none. */
export function mustSurvey({ board, mode, options }: Work): boolean {
  // Of the modes only increments refuse a row because of those before it, and then all end if none is skipped.
  return board.spec.log === 'changes' || (options.skipBad === true && mode === 'increment')
}
