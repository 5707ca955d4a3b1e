/**
 * What the runs that are left give to a player: a replay of them in the order of their seqs.
 *
 *     … ─ run ─ run ─ [ run without an entry before ] ─ run ─ run ─ run     newest
 *                       └──────── the segment, which begins from nothing ────────┘
 *
 * What lies before the segment has no effect: the player left the board in between. An undo that leaves
 * nothing of a player is not such an end; the run behind it says so (GOES_ON). A walk stops early where no run
 * before was ever turned over: what the run had before it is still what the runs before give.
 *
 * @module
 */

import { readStoredPlayer, type StoredPlayer } from '../../board/board-reader.ts'
import { readHistory, unloggedSeqOf } from '../../board/run-log.ts'
import { decideScore } from '../../domain/decide.ts'
import { readMicros } from '../../format/entry-key.ts'
import { BoardKeys } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { type Details, decodePlayerRecord, type PlayerRecord } from '../../format/player-record.ts'
import { HISTORY_TAG, type HistoryRecord } from '../../format/run-chain.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { Table } from '../../format/tables.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader } from '../../store/store.ts'
import type { Score } from '../../words/index.ts'
import { nameOfReturning } from '../moderation/profiles.ts'
import { scoreIn } from './records.ts'
import { runsOf } from './runs.ts'
import { isSeasonWithRuns } from './season-board.ts'
import { isUndone, seqIn, type Turn } from './undo-selection.ts'

/** What a player has after some runs; undefined: nothing. */
export interface Left {
  score: Score
  atMicros: number
  /** JSON text. */
  metadata: string | undefined
}

/** What is stored of a player on a board. */
export interface Known {
  player: StoredPlayer | undefined
  history: HistoryRecord | undefined
  /** The record of one who is away: pushed out, or left by an undo. */
  away: PlayerRecord | undefined
  /** Whether an undo alone made the player leave. */
  isEmptied: boolean
}

/** Returns what is stored of a player. */
export function knownOf(reader: Reader<Table>, board: CatalogEntry, playerId: string): Known {
  const keys = new BoardKeys(board.id)
  const player = readStoredPlayer(reader, { keys, playerId, shape: board.shape })
  const key = keys.player(playerId)
  const history = readHistory(reader, key)
  const emptied = history?.tail.get(HISTORY_TAG.EMPTIED)
  const state = emptied ?? history?.tail.get(HISTORY_TAG.AWAY)
  const { headBytes } = board.shape
  const away = state && decodePlayerRecord(key, state.subarray(8), headBytes)
  return { player, history, away, isEmptied: emptied !== undefined }
}

/** Returns what the runs of a player give once some are turned over. */
export function replayPlayer(
  reader: Reader<Table>,
  place: { board: CatalogEntry; playerId: string; known: Known },
  turns: readonly Turn[],
): Left | undefined {
  const { board, playerId, known } = place
  // A player who left otherwise begins from nothing.
  if (known.player === undefined && !known.isEmptied) return undefined
  const turned = new Map(turns.map((turn) => [turn.seq, turn]))
  const { runs, base } = segmentOf(reader, place, turns[0]?.seq ?? 0)
  let held = base
  for (const { seq, run } of runs) {
    if (turned.get(seq)?.isUndone ?? isUndone(run)) continue
    held = replayed(board, { playerId, run, held })
  }
  return held
}

/**
 * Returns what a run makes of what its player has.
 *
 * @throws {LadderError} `INEXACT`.
 */
export function replayed(
  board: CatalogEntry,
  step: { playerId: string; run: RunRecord; held: Left | undefined },
): Left {
  const { run, held } = step
  const decided = decisionOf(board, step)
  const takesMetadata = decided.accepted && run.metadata !== undefined
  return {
    score: decided.score,
    atMicros: decided.moves || held === undefined ? run.atMicros : held.atMicros,
    metadata: takesMetadata ? (run.metadata ?? undefined) : held?.metadata,
  }
}

function decisionOf(
  { name, shape }: CatalogEntry,
  { playerId, run, held }: { playerId: string; run: RunRecord; held: Left | undefined },
): ReturnType<typeof decideScore> {
  const { mode, isAtGiven, atMicros: at, submitted } = run
  const atMicros = isAtGiven ? at : undefined
  try {
    const score = scoreIn(shape, submitted)
    return decideScore(shape, { mode, score, atMicros, previous: held })
  } catch (error) {
    if (!(error instanceof LadderError) || error.code !== 'INEXACT') throw error
    throw new LadderError(
      'INEXACT',
      `Cannot undo: what is left of player "${playerId}" on board "${name}" has no exact sum; nothing is changed, leave out runs of that player`,
      { cause: error },
    )
  }
}

function unknownMetadata({ name }: CatalogEntry, playerId: string): LadderError {
  return new LadderError(
    'LOG_OFF',
    `Cannot undo: an import into board "${name}" left no record of its rows, so the metadata of player "${playerId}" before later runs are not known; nothing is changed, submit what is right`,
  )
}

interface Segment {
  /** Oldest first. */
  runs: { seq: number; run: RunRecord }[]
  base: Left | undefined
}

function segmentOf(
  reader: Reader<Table>,
  { board, playerId, known }: { board: CatalogEntry; playerId: string; known: Known },
  oldestTurned: number,
): Segment {
  const { player, history } = known
  const turnedBefore = history && seqIn(history.tail, HISTORY_TAG.TURNED)
  const isFirstTurn = turnedBefore === undefined || turnedBefore >= oldestTurned
  const runs: Segment['runs'] = []
  let hasMetadata = false
  let isTrimmed = true
  let settled: number | undefined
  const unlogged = unloggedSeqOf(reader, (isSeasonWithRuns(board) ? board.parent : board).id)
  for (const { seq, run } of runsOf(reader, { board, playerId })) {
    // What the player had behind an import without records, the first run after it says.
    if (seq < unlogged) {
      isTrimmed = false
      if (hasMetadata && settled === undefined) throw unknownMetadata(board, playerId)
      break
    }
    runs.push({ seq, run })
    hasMetadata ||= run.metadata !== undefined
    if (beginsFromNothing(run)) return { runs: runs.reverse(), base: undefined }
    const isSettled = !hasMetadata && player !== undefined
    isTrimmed = !(isFirstTurn && isSettled && seq <= oldestTurned)
    if (isTrimmed) continue
    if (!isSeasonWithRuns(board)) break
    settled ??= runs.length
  }
  // Undos that did not reach a sealed season are not noted there: it is made again from its beginning, if it can.
  if (settled !== undefined) {
    runs.length = settled
    isTrimmed = false
    hasMetadata = false
  }
  runs.reverse()
  const first = runs[0]
  if (first === undefined) return { runs, base: undefined }
  const about = { board, playerId, known, hasMetadata, isTrimmed }
  return { runs, base: baseOf(first, about) }
}

/** Whether a run had no entry before it, and for another reason than an undo. */
export function beginsFromNothing(run: RunRecord): boolean {
  return run.before === undefined && !run.tail.has(RUN_TAG.GOES_ON)
}

// What the player had before the first run that is looked at.
function baseOf(
  { seq, run }: { seq: number; run: RunRecord },
  about: {
    board: CatalogEntry
    playerId: string
    known: Known
    hasMetadata: boolean
    isTrimmed: boolean
  },
): Left | undefined {
  const { board, playerId, known, hasMetadata, isTrimmed } = about
  const kept = isTrimmed ? baselineOf(known, { board, playerId, seq }) : undefined
  if (kept !== undefined) return kept.held
  if (run.before === undefined) return undefined
  // No run that is looked at says anything of metadata: those that there are were there before.
  const metadata = hasMetadata ? undefined : (known.player?.record ?? known.away)?.metadata
  return { ...heldIn(board.shape, run.before), metadata }
}

/** Returns score and time of a head. */
export function heldIn(shape: ScoreShape, head: Uint8Array): { score: Score; atMicros: number } {
  return { score: scoreIn(shape, head), atMicros: readMicros(Buffer.from(head), shape.bytes) }
}

/** Returns what trimmed runs left, if they left other things than the oldest run says. */
export function baselineOf(
  { history }: Known,
  { board, playerId, seq }: { board: CatalogEntry; playerId: string; seq: number },
): { held: Left | undefined } | undefined {
  const field = history?.tail.get(HISTORY_TAG.BASELINE)
  if (field === undefined || field.length < 8) return undefined
  if (Number(field.readBigUInt64BE()) > seq) return undefined
  if (field.length === 8) return { held: undefined }
  const { shape } = board
  const key = new BoardKeys(board.id).player(playerId)
  const record = decodePlayerRecord(key, field.subarray(8), shape.headBytes)
  if (record === undefined) return undefined
  return { held: { ...heldIn(shape, record.head), metadata: record.metadata } }
}

/** Returns the name that a player has on a board or in a season, or had: who comes back to a season has that of the board. */
export function nameOn(
  reader: Reader<Table>,
  board: CatalogEntry,
  { playerId, known }: { playerId: string; known: Known },
): Details['name'] {
  if (!isSeasonWithRuns(board) || known.player !== undefined) return nameOf(reader, playerId, known)
  const onBoard = knownOf(reader, board.parent, playerId)
  const isKnown = onBoard.player !== undefined || onBoard.away !== undefined
  return nameOf(reader, playerId, isKnown ? onBoard : known)
}

function nameOf(reader: Reader<Table>, playerId: string, { player, away }: Known): Details['name'] {
  // One who comes back has the name of now, and none that is somebody else's.
  return player === undefined ? nameOfReturning(reader, playerId, away?.name) : player.record.name
}
