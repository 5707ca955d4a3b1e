/**
 * Which runs an undo turns over.
 *
 *     a player is named   the runs of that player, by the chain of each board
 *     seqs are named      these records
 *     or else             every record between two times
 *
 * A run that is undone already is passed over. An undo, which only its seq can name, turns over the runs
 * that still are as it left them.
 *
 * @module
 */

import { unloggedSeqOf } from '../../board/run-log.ts'
import { noBoard } from '../../calls/no-board.ts'
import { ownBytes } from '../../format/bytes.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { committedMicrosOf, decodeRun, RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { decodeSeqs } from '../../format/seq-list.ts'
import type { Table } from '../../format/tables.ts'
import type { Fields } from '../../format/tail.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader } from '../../store/store.ts'
import type { AskedUndo } from '../../words/index.ts'
import { findBoard, listBoards } from '../catalog.ts'
import { firstSince, type LogSpan } from './log-reader.ts'
import { damagedLog } from './records.ts'
import { chainStart, type PlacedRun, runsOf } from './runs.ts'

/** A run that an undo turns over. */
export interface Turn {
  seq: number
  run: RunRecord
  /** Whether it is undone afterwards. */
  isUndone: boolean
}

/** What an undo turns over. */
export interface Selection {
  /** In order of seq. */
  turns: Turn[]
  /** The boards that the runs are on, by their numbers. */
  boards: ReadonlyMap<number, CatalogEntry>
  /** The boards that are left out because they keep no log. */
  skipped: string[]
}

/** What is asked of which log. */
interface Search {
  reader: Reader<Table>
  span: LogSpan
  asked: AskedUndo
  boards: ReadonlyMap<number, CatalogEntry>
  /** The runs of the player who is named, on each board, as far as they were asked for. */
  own: Map<number, ReadonlySet<number>>
}

/**
 * Returns the runs that an undo turns over.
 *
 * @throws {LadderError} `NO_BOARD`, `LOG_OFF`, `LOG_TRIMMED`, `NOT_UNDOABLE`, `CORRUPT`.
 */
export function selectRuns(reader: Reader<Table>, span: LogSpan, asked: AskedUndo): Selection {
  const all = asked.board === undefined ? listBoards(reader) : [boardNamed(reader, asked.board)]
  const boards = new Map(all.filter(({ log }) => log !== 'none').map((board) => [board.id, board]))
  const search = { reader, span, asked, boards, own: new Map() }
  const turns =
    asked.seqs !== undefined
      ? turnsOfSeqs(search, asked.seqs)
      : asked.playerId !== undefined
        ? turnsOfPlayer(search, asked.playerId)
        : turnsOfTime(search)
  const isWide = asked.board === undefined && asked.seqs === undefined
  const skipped = isWide ? all.filter(({ log }) => log === 'none').map(({ name }) => name) : []
  refuseUnlogged(reader, boards, turns)
  return { turns: turns.sort((a, b) => a.seq - b.seq), boards, skipped }
}

// What an import made of a run before it, only its rows could say.
function refuseUnlogged(
  reader: Reader<Table>,
  boards: ReadonlyMap<number, CatalogEntry>,
  turns: readonly Turn[],
): void {
  for (const { id, name } of boards.values()) {
    const unlogged = unloggedSeqOf(reader, id)
    const turn = turns.find(({ seq, run }) => run.boardId === id && seq < unlogged)
    if (turn === undefined) continue
    throw new LadderError(
      'LOG_OFF',
      `Cannot undo run ${turn.seq} on board "${name}": an import after it, record ${unlogged}, left no record of its rows; nothing is changed, name later runs or submit the right score`,
    )
  }
}

/** Returns the runs that an undo turned over, of which the log tells: those that were erased since are gone. */
export function listedRuns(
  reader: Reader<Table>,
  listed: { undone: readonly number[]; revived: readonly number[] },
): Selection {
  const boards = new Map(listBoards(reader).map((board) => [board.id, board]))
  const turnOf = (seq: number, goes: boolean): Turn[] => {
    if (isErased(reader, seq)) return []
    const run = runAt(reader, seq)
    return run === undefined ? [] : [{ seq, run, isUndone: goes }]
  }
  const turns = [
    ...listed.undone.flatMap((seq) => turnOf(seq, true)),
    ...listed.revived.flatMap((seq) => turnOf(seq, false)),
  ]
  return { turns: turns.sort((a, b) => a.seq - b.seq), boards, skipped: [] }
}

function boardNamed(reader: Reader<Table>, name: string): CatalogEntry {
  const board = findBoard(reader, name)
  if (board === undefined) throw noBoard(name)
  if (board.log !== 'none') return board
  throw new LadderError(
    'LOG_OFF',
    `Cannot undo runs on board "${name}": it was created with log "none", so nothing is known of them; nothing is changed`,
  )
}

function turnsOfPlayer(search: Search, playerId: string): Turn[] {
  const { reader, span, asked, boards } = search
  const turns: Turn[] = []
  for (const board of boards.values()) {
    // What the runs lead on to is in the log, or was trimmed.
    let next = chainStart(reader, { board, playerId })
    for (const { seq, run } of runsOf(reader, { board, playerId })) {
      next = run.runBack === 0 ? undefined : seq - run.runBack
      if (run.committedMicros < (asked.fromMicros ?? 0)) break
      if (isAsked(search, run, playerId) && !isUndone(run)) turns.push({ seq, run, isUndone: true })
    }
    if (next !== undefined && next < span.first)
      refuseTrimmed(search, `runs of player "${playerId}" on board "${board.name}"`)
  }
  return turns
}

// With `from` alone, what is older than the log is not asked for.
function turnsOfTime(search: Search): Turn[] {
  const { reader, span, asked, boards } = search
  const { fromMicros, toMicros } = asked
  const first = fromMicros === undefined ? span.first : firstSince(reader, span, fromMicros)
  const end = toMicros === undefined ? span.last + 1 : firstSince(reader, span, toMicros)
  if (fromMicros !== undefined) refuseTrimmed(search, 'runs of that time')
  const turns: Turn[] = []
  let isBoardBorn = false
  if (first < end)
    for (const { key, value } of reader.pairs('log', { start: logKey(first), end: logKey(end) })) {
      const seq = seqOf(key) ?? 0
      if (logKindOf(value) !== 'submit') {
        isBoardBorn ||= isBirth(search, key, value)
        continue
      }
      const run = decodeRun(key, value)
      if (run === undefined) throw damagedLog(seq)
      if (boards.has(run.boardId) && !isUndone(run)) turns.push({ seq, run, isUndone: true })
    }
  if (fromMicros === undefined && !isBoardBorn)
    refuseTrimmed(search, `runs of board "${asked.board}"`)
  return turns
}

// Runs of a board that came into being behind the cut are all in the log.
function isBirth({ asked }: Search, key: Buffer, value: Buffer): boolean {
  if (logKindOf(value) !== 'create') return false
  return decodeNote(key, value)?.fields['board'] === asked.board
}

function turnsOfSeqs(search: Search, seqs: readonly number[]): Turn[] {
  const turns = new Map<number, Turn>()
  for (const seq of new Set(seqs)) {
    const value = valueNamed(search, seq)
    const key = logKey(seq)
    if (logKindOf(value) === 'submit') {
      const run = decodeRun(key, value)
      if (run === undefined) throw damagedLog(seq)
      if (!search.boards.has(run.boardId) && search.asked.board === undefined) throw gone(seq)
      if (isAskedOf(search, { seq, run }) && !isUndone(run))
        turns.set(seq, { seq, run, isUndone: true })
      continue
    }
    const note = decodeNote(key, value)
    if (note === undefined) throw damagedLog(seq)
    if (note.kind !== 'undo') throw notUndoable(seq, `it is a change of kind "${note.kind}"`)
    for (const turn of turnsOfUndo(search, seq, note.tail)) turns.set(turn.seq, turn)
  }
  return [...turns.values()]
}

// What another undo turned over since then is its own.
function turnsOfUndo(search: Search, undo: number, tail: Fields): Turn[] {
  const turns: Turn[] = []
  for (const [listed, tag, isUndone] of [
    [RUN_TAG.UNDID, RUN_TAG.UNDONE, false],
    [RUN_TAG.REVIVES, RUN_TAG.REVIVED, true],
  ] as const) {
    const bytes = tail.get(listed)
    const seqs = bytes === undefined ? [] : decodeSeqs(bytes)
    if (seqs === undefined) throw damagedLog(undo)
    for (const seq of seqs) {
      // Of an erased person there is nothing to turn over.
      if (isErased(search.reader, seq)) continue
      const run = runAt(search.reader, seq)
      if (run === undefined) throw trimmed(search.span, `runs of undo ${undo}`)
      if (seqIn(run.tail, tag) === undo && isAskedOf(search, { seq, run }))
        turns.push({ seq, run, isUndone })
    }
  }
  return turns
}

function valueNamed({ reader, span }: Search, seq: number): Buffer {
  const value = reader.get('log', logKey(seq))
  if (value !== undefined) return ownBytes(value)
  if (seq > 0 && seq < span.first && seq <= span.last)
    throw trimmed(span, `change ${seq}`, 'it is not')
  throw notUndoable(seq, 'there is no such record')
}

// Runs follow who was moved, though they keep the id that they were made with.
function isAskedOf(search: Search, { seq, run }: PlacedRun): boolean {
  const { playerId } = search.asked
  const isOwn = playerId === undefined || ownSeqs(search, run.boardId, playerId).has(seq)
  return isOwn && isAsked(search, run, playerId)
}

function ownSeqs(search: Search, boardId: number, playerId: string): ReadonlySet<number> {
  const known = search.own.get(boardId)
  if (known !== undefined) return known
  const board = search.boards.get(boardId)
  const runs = board === undefined ? [] : [...runsOf(search.reader, { board, playerId })]
  const seqs = new Set(runs.map(({ seq }) => seq))
  search.own.set(boardId, seqs)
  return seqs
}

function isAsked({ asked, boards }: Search, run: RunRecord, owner = run.playerId): boolean {
  const { playerId, fromMicros = 0, toMicros = Number.POSITIVE_INFINITY } = asked
  if (!boards.has(run.boardId)) return false
  if (playerId !== undefined && owner !== playerId) return false
  return run.committedMicros >= fromMicros && run.committedMicros < toMicros
}

/** Whether an undo holds for a run. */
export function isUndone(run: RunRecord): boolean {
  return run.tail.has(RUN_TAG.UNDONE)
}

/** Returns a seq in a tail, or undefined. */
export function seqIn(fields: Fields, tag: number): number | undefined {
  const field = fields.get(tag)
  return field?.length === 8 ? Number(field.readBigUInt64BE()) : undefined
}

function isErased(reader: Reader<Table>, seq: number): boolean {
  const value = reader.get('log', logKey(seq))
  return value !== undefined && logKindOf(value) === 'erase'
}

/** Returns a run, or undefined if it is not in the log any more. */
export function runAt(reader: Reader<Table>, seq: number): RunRecord | undefined {
  const key = logKey(seq)
  const value = reader.get('log', key)
  if (value === undefined) return undefined
  const run = decodeRun(key, ownBytes(value))
  if (run === undefined) throw damagedLog(seq)
  return run
}

// Runs that were committed before the oldest record are asked for, unless `from` says otherwise.
function refuseTrimmed({ reader, span, asked }: Search, what: string): void {
  if (span.first <= 1) return
  const value = reader.get('log', logKey(span.first))
  const oldestMicros = value === undefined ? Number.POSITIVE_INFINITY : committedMicrosOf(value)
  if (asked.fromMicros === undefined || asked.fromMicros < oldestMicros) throw trimmed(span, what)
}

function trimmed(span: LogSpan, what: string, they = 'they are not all'): LadderError {
  return new LadderError(
    'LOG_TRIMMED',
    `Cannot undo ${what}: ${they} in the log any more; its oldest record is ${span.first}; name a later time, or seqs`,
  )
}

function gone(seq: number): LadderError {
  return notUndoable(seq, 'its board was dropped')
}

function notUndoable(seq: number, problem: string): LadderError {
  return new LadderError(
    'NOT_UNDOABLE',
    `Cannot undo change ${seq}: ${problem}; undo takes the seqs of submits and of undos, nothing is changed`,
  )
}
