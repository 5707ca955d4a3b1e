/**
 * Records of the log as they are answered.
 *
 * @module
 */

import { decideScore } from '../../domain/decide.ts'
import { ownBytes } from '../../format/bytes.ts'
import { readMicros } from '../../format/entry-key.ts'
import type { Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import { decodeJson, decodeNote, logKindOf, type NoteRecord } from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { decodeRun, RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { decodeRunWindows, type RunWindow } from '../../format/run-windows.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { decodeSeqs, encodeSeqs } from '../../format/seq-list.ts'
import { type Fields, NO_FIELDS } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader } from '../../store/store.ts'
import type { LogRecord, LogWindow, Metadata, PushedOut, Score } from '../../words/index.ts'
import { BoardsById } from './board-names.ts'

/** What a run made of an entry. */
interface RunResult {
  submitted: Score
  previous: { score: Score; atMicros: number } | undefined
  /** Undefined if a full board had no place. */
  score: Score | undefined
  /** Whether the entry took another score or time. */
  changed: boolean
}

// What a run made of what was before it is not stored: both say it.
function resultOf(shape: ScoreShape, run: RunRecord): RunResult {
  const { before, mode, atMicros, isAtGiven } = run
  const submitted = scoreIn(shape, run.submitted)
  const previous =
    before === undefined
      ? undefined
      : {
          score: scoreIn(shape, before),
          atMicros: readMicros(Buffer.from(before), shape.bytes),
        }
  if (run.hasNoPlace) return { submitted, previous, score: undefined, changed: false }
  const at = isAtGiven ? atMicros : undefined
  const decided = decideScore(shape, { mode, score: submitted, atMicros: at, previous })
  return { submitted, previous, score: decided.score, changed: decided.moves }
}

/** Makes records of what is stored, with the boards of one snapshot. */
export class RecordReader {
  readonly boards: BoardsById
  readonly #reader: Reader<Table>

  constructor(reader: Reader<Table>) {
    this.#reader = reader
    this.boards = new BoardsById(reader)
  }

  /** Returns the record of a key and its value. */
  read(seq: number, pair: { key: Buffer; value: Buffer }): LogRecord {
    const run = logKindOf(pair.value) === 'submit' ? decodeRun(pair.key, pair.value) : undefined
    if (run !== undefined) return this.runRecord(seq, run)
    const note = decodeNote(pair.key, pair.value)
    if (note === undefined) throw damagedLog(seq)
    return noteRecord(seq, note)
  }

  /** Returns a run as it is answered. */
  runRecord(seq: number, run: RunRecord): LogRecord {
    const board = this.boards.find(run.boardId)
    if (board === undefined) throw damagedLog(seq)
    const { submitted, previous, score, changed } = resultOf(board.shape, run)
    const at = toMs(run.atMicros)
    return {
      ...headOf(seq, run),
      at,
      ...(run.isAtGiven && { atGiven: true as const }),
      kind: 'submit',
      commit: seq - run.commitBack,
      board: board.name,
      playerId: run.playerId,
      submitted,
      mode: run.mode,
      ...(score !== undefined && { score }),
      ...(previous !== undefined && { previousScore: previous.score }),
      ...ranksOf(run),
      changed,
      plays: run.plays,
      wins: run.wins,
      ...(run.won && { won: true }),
      ...(run.name !== undefined && { name: run.name }),
      ...metadataOfRun(run),
      ...(run.isHidden && { hidden: true }),
      ...fieldsOfTail(run.tail),
      ...windowsOf(seq, board.shape, run),
    }
  }

  /** Returns the run of a seq, or undefined if it was trimmed or is not a run. */
  run(seq: number, key: Buffer): RunRecord | undefined {
    const value = this.#reader.get('log', key)
    if (value === undefined || logKindOf(value) !== 'submit') return undefined
    const run = decodeRun(key, ownBytes(value))
    if (run === undefined) throw damagedLog(seq)
    return run
  }
}

/** Returns whose a run is, and on which board; nothing if it was trimmed or is not a run. */
export function runOf(reader: Reader<Table>, seq: number): { board?: string; playerId?: string } {
  const records = new RecordReader(reader)
  const run = records.run(seq, logKey(seq))
  if (run === undefined) return {}
  return { board: boardOfRun(records.boards, seq, run).name, playerId: run.playerId }
}

/** Returns the error for a record that cannot be read. */
export function damagedLog(seq: number): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read record ${seq} of the log: it is damaged, or its board is not known; run check, then restore`,
  )
}

/** Returns the board that a run is about. */
export function boardOfRun(boards: BoardsById, seq: number, run: RunRecord): CatalogEntry {
  const board = boards.find(run.boardId)
  if (board === undefined) throw damagedLog(seq)
  return board
}

function noteRecord(seq: number, note: NoteRecord): LogRecord {
  const { kind, committedMicros, commitBack, fields, tail } = note
  const committedAt = toMs(committedMicros)
  // A border that passed while nothing ran is told of later.
  const { at = committedAt } = fields as { at?: number }
  return {
    seq,
    ...(at !== committedAt && { committedAt }),
    at,
    kind,
    commit: seq - commitBack,
    ...fields,
    ...fieldsOfTail(tail),
  }
}

function headOf(
  seq: number,
  { committedMicros, atMicros }: { committedMicros: number; atMicros: number },
): Pick<LogRecord, 'seq' | 'committedAt'> {
  return { seq, ...(committedMicros !== atMicros && { committedAt: toMs(committedMicros) }) }
}

function ranksOf({ ranks }: RunRecord): Pick<LogRecord, 'rank' | 'previousRank'> {
  if (ranks === undefined) return {}
  const { rank, previousRank } = ranks
  return { rank, ...(previousRank > 0 && { previousRank }) }
}

function metadataOfRun({ metadata }: RunRecord): Pick<LogRecord, 'metadata'> {
  if (metadata === undefined) return {}
  return { metadata: metadata === null ? null : (JSON.parse(metadata) as Metadata) }
}

function fieldsOfTail(tail: Fields): Partial<LogRecord> {
  if (tail.size === 0) return {}
  const undone = tail.get(RUN_TAG.UNDONE)
  const pushedOut = tail.get(RUN_TAG.PUSHED_OUT)
  const flags = tail.get(RUN_TAG.FLAGS)
  const requestId = tail.get(RUN_TAG.REQUEST_ID)
  const undid = tail.get(RUN_TAG.UNDID)
  const revives = tail.get(RUN_TAG.REVIVES)
  return {
    ...(pushedOut && { pushedOut: decodeJson(pushedOut.toString()) as PushedOut[] }),
    ...(requestId && { requestId: requestId.toString() }),
    ...(flags && { flags: decodeJson(flags.toString()) as string[] }),
    ...(undone && { undone: Number(undone.readBigUInt64BE()) }),
    ...(undid && { seqs: decodeSeqs(undid) ?? [] }),
    ...(revives && { revived: decodeSeqs(revives) ?? [] }),
  }
}

/** Returns the seqs that a record lists, as its tail keeps them. */
export function listsOf({ seqs = [], revived = [] }: LogRecord): Fields {
  const fields = new Map<number, Buffer>()
  if (seqs.length > 0) fields.set(RUN_TAG.UNDID, encodeSeqs(seqs))
  if (revived.length > 0) fields.set(RUN_TAG.REVIVES, encodeSeqs(revived))
  return fields.size === 0 ? NO_FIELDS : fields
}

// A run of a board without windows has no such field.
function windowsOf(
  seq: number,
  shape: ScoreShape,
  { tail }: RunRecord,
): Pick<LogRecord, 'windows'> {
  const bytes = tail.get(RUN_TAG.WINDOWS)
  if (bytes === undefined) return {}
  const windows = decodeRunWindows(bytes, shape.bytes)
  if (windows === undefined) throw damagedLog(seq)
  return {
    windows: Object.fromEntries(windows.map((one) => [one.window, logWindowOf(shape, one)])),
  }
}

function logWindowOf(shape: ScoreShape, window: RunWindow): LogWindow {
  const { season, before, ranks, isChanged, isSealed, hasNoPlace } = window
  if (isSealed) return { season, sealed: true }
  return {
    season,
    ...(ranks !== undefined && !hasNoPlace && { rank: ranks.rank }),
    ...(ranks !== undefined && ranks.previousRank > 0 && { previousRank: ranks.previousRank }),
    ...(before !== undefined && { previousScore: scoreIn(shape, before) }),
    changed: isChanged,
  }
}

/** Returns the score in bytes of the log. */
export function scoreIn(shape: ScoreShape, bytes: Uint8Array): Score {
  const score = shape.read(Buffer.from(bytes), 0)
  if (score !== undefined) return score
  throw new LadderError(
    'CORRUPT',
    'Cannot read a run of the log: its score is not valid; run check, then restore',
  )
}
