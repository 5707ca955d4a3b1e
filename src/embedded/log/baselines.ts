/**
 * What the runs that are trimmed leave of their players, if the runs that stay do not say it.
 *
 *     trimmed … run ─ run ─ run │ run ─ run …          the oldest run that stays has what was before it
 *                               └─ but as it was then, before any undo, and without metadata
 *
 * So a baseline is kept only of players of whom a run is trimmed that an undo has turned over, that came with
 * metadata, or that somebody made who became this player; and, from then on, of the runs that follow, until one
 * begins from nothing. It says from which seq on it holds, and lies in the player's record of `history`.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { readHistory, withField } from '../../board/run-log.ts'
import { encodeEntryKey } from '../../format/entry-key.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { encodePlayerRecord } from '../../format/player-record.ts'
import { encodeHistory, HISTORY_TAG } from '../../format/run-chain.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Writer } from '../../store/store.ts'
import { listBoards } from '../catalog.ts'
import { ownerOf, runsOf } from './runs.ts'
import {
  baselineOf,
  beginsFromNothing,
  heldIn,
  knownOf,
  type Left,
  replayed,
} from './undo-replay.ts'
import { isUndone } from './undo-selection.ts'

/** What is left of one player. */
interface Baseline {
  board: CatalogEntry
  playerId: string
  held: Left | undefined
  /** Whether it is, or must be, stored. */
  isKept: boolean
  wasKept: boolean
  /** The seq from which on it holds. */
  from: number
}

/** Folds runs that are being trimmed, oldest first, in one transaction. */
export class Baselines {
  readonly #writer: Writer<Table>
  readonly #boards: ReadonlyMap<number, CatalogEntry>
  readonly #baselines = new Map<string, Baseline>()

  constructor(writer: Writer<Table>) {
    this.#writer = writer
    this.#boards = new Map(listBoards(writer).map((board) => [board.id, board]))
  }

  /** Takes a run that is trimmed. */
  take(seq: number, run: RunRecord): void {
    const board = this.#boards.get(run.boardId)
    // Of a board that was dropped nothing can be undone; who found no place has nothing.
    if (board === undefined || run.hasNoPlace) return
    const playerId = ownerOf(this.#writer, board, { seq, playerId: run.playerId })
    const baseline = this.#of(board, playerId, seq)
    const isOwn = playerId === run.playerId
    if (isOwn && beginsFromNothing(run)) Object.assign(baseline, { held: undefined, isKept: false })
    else if (!baseline.isKept) baseline.held = this.#before(baseline, run)
    baseline.held = afterOf(baseline, run)
    baseline.from = seq + 1
    baseline.isKept ||= !isOwn || isTurned(run) || run.metadata !== undefined
  }

  /** Puts what is to be kept. */
  put(): void {
    for (const baseline of this.#baselines.values())
      if (baseline.isKept || baseline.wasKept) this.#put(baseline)
  }

  #of(board: CatalogEntry, playerId: string, seq: number): Baseline {
    const name = `${board.id} ${playerId}`
    const known = this.#baselines.get(name)
    if (known !== undefined) return known
    const stored = knownOf(this.#writer, board, playerId)
    const kept = baselineOf(stored, { board, playerId, seq })
    const isKept = kept !== undefined
    const wasKept = stored.history?.tail.has(HISTORY_TAG.BASELINE) === true
    const baseline = { board, playerId, held: kept?.held, isKept, wasKept, from: seq }
    this.#baselines.set(name, baseline)
    return baseline
  }

  // No run that was trimmed brought metadata. If no other did, those that there are came otherwise, and were there.
  #before({ board, playerId }: Baseline, run: RunRecord): Left | undefined {
    if (run.before === undefined) return undefined
    const held = heldIn(board.shape, run.before)
    if (!isTurned(run)) return { ...held, metadata: undefined }
    for (const { run: other } of runsOf(this.#writer, { board, playerId }))
      if (other.metadata !== undefined) return { ...held, metadata: undefined }
    const { player, away } = knownOf(this.#writer, board, playerId)
    return { ...held, metadata: (player?.record ?? away)?.metadata }
  }

  #put({ board, playerId, held, isKept, from }: Baseline): void {
    const key = new BoardKeys(board.id).player(playerId)
    const record = readHistory(this.#writer, key)
    const state = held === undefined ? Buffer.alloc(0) : stateOf(key, { board, playerId, held })
    const field = isKept ? Buffer.concat([logKey(from), state]) : undefined
    const tail = withField(record?.tail ?? NO_FIELDS, HISTORY_TAG.BASELINE, field)
    const chain = record?.chain
    commitOf(this.#writer).willChange()
    if (chain === undefined && tail.size === 0) this.#writer.remove('history', key)
    else this.#writer.put('history', key, encodeHistory(key, { chain, tail }))
  }
}

function stateOf(
  key: Buffer,
  { board, playerId, held }: { board: CatalogEntry; playerId: string; held: Left },
): Buffer {
  const { score, atMicros, metadata } = held
  const head = encodeEntryKey({ score, atMicros, playerId }, board.shape)
  return encodePlayerRecord(key, { head, name: undefined, metadata }, board.shape.headBytes)
}

// A sum that is not exact can be no part of an undo either: what was before the next run holds.
function afterOf({ board, playerId, held }: Baseline, run: RunRecord): Left | undefined {
  if (isUndone(run)) return held
  try {
    return replayed(board, { playerId, run, held })
  } catch (error) {
    if (error instanceof LadderError && error.code === 'INEXACT') return held
    throw error
  }
}

function isTurned({ tail }: RunRecord): boolean {
  return tail.has(RUN_TAG.UNDONE) || tail.has(RUN_TAG.REVIVED)
}
