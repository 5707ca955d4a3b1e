/**
 * Whether the log is whole and in order, and whether its undos and the runs that they turned over agree.
 *
 * Numbers in comments are those of the invariants in FORMAT.md.
 *
 * @module
 */

import { BoardsById } from '../embedded/log/board-names.ts'
import { logKey, seqOf } from '../format/log-key.ts'
import { decodeNote, logKindOf, type NoteRecord } from '../format/log-note.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { type Counters, logEndOf } from '../format/meta/counters.ts'
import { printKey } from '../format/print.ts'
import { decodeHistory } from '../format/run-chain.ts'
import { decodeRun, RUN_TAG, type RunRecord } from '../format/run-record.ts'
import { decodeRunWindows } from '../format/run-windows.ts'
import { decodeSeqs } from '../format/seq-list.ts'
import type { Table } from '../format/tables.ts'
import { decodeVarint } from '../format/varint.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { ChainCheck } from './check-chains.ts'
import { checkHistory } from './check-history.ts'
import { checkSeasonHistory } from './check-season-history.ts'
import { INVARIANT } from './invariants.ts'

type Problem = Pick<Finding, 'invariant' | 'problem'>

/**
 * Walks the log and what is kept of players beside it: yields what is wrong with each record, or undefined. Of
 * the boards `runsOf` the runs are made again, too.
 */
export function* checkLog(
  reader: Reader<Table>,
  { counters, runsOf }: { counters: Counters; runsOf: readonly CatalogEntry[] },
): Generator<Finding | undefined> {
  const check = new LogCheck(reader, logEndOf(counters))
  for (const pair of reader.pairs('log', {}))
    yield finding(printKey('log', pair.key), check.problemOf(pair))
  yield finding('end of the log', check.endProblem())
  for (const [seq, problem] of check.unlisted()) yield finding(`record ${seq}`, problem)
  for (const { key, value } of reader.pairs('history', {})) {
    const isForm = decodeHistory(key, value) !== undefined
    const problem = 'it has a wrong checksum or form'
    const board = isForm ? check.boardOf(key) : undefined
    yield finding(
      `history of ${printKey('history', key)}`,
      isForm
        ? board && check.chains.historyProblem(board, { key, value })
        : { invariant: INVARIANT.FORM, problem },
    )
  }
  yield* checkHistory(reader, runsOf)
  yield* checkSeasonHistory(reader, runsOf)
}

/** Returns how many records there are. Cost: O(log n) for each restore that the log has seen. */
export function countRecords(reader: Reader<Table>): number {
  let count = 0
  for (let first = seqFrom(reader, 0); first !== undefined; ) {
    const size = sizeOfRow(reader, first)
    count += size
    first = seqFrom(reader, first + size)
  }
  return count
}

// How many records lie in a row from here on: found by halving, as seqs rise by one up to a restore.
function sizeOfRow(reader: Reader<Table>, first: number): number {
  const isThere = (size: number): boolean =>
    reader.get('log', logKey(first + size - 1)) !== undefined
  let size = 1
  while (isThere(2 * size)) size *= 2
  for (let step = size; step >= 1; step /= 2) if (isThere(size + step)) size += step
  return size
}

function seqFrom(reader: Reader<Table>, seq: number): number | undefined {
  for (const key of reader.keys('log', { start: logKey(seq), limit: 1 })) return seqOf(key)
  return undefined
}

function finding(place: string, problem: Problem | undefined): Finding | undefined {
  return problem && { board: undefined, place, ...problem }
}

class LogCheck {
  readonly chains: ChainCheck
  readonly #boards: BoardsById
  readonly #end: { seq: number; committedMicros: number }
  #last: { seq: number; committedMicros: number } | undefined
  /** What runs say of undos that are still to come: the seqs of the runs, by undo and by what it did. */
  readonly #claims = new Map<string, Set<number>>()

  constructor(reader: Reader<Table>, end: { seq: number; committedMicros: number }) {
    this.#boards = new BoardsById(reader)
    this.chains = new ChainCheck(reader, end.seq)
    this.#end = end
  }

  /** Returns the board of a record of `history`, unless it was dropped. */
  boardOf(key: Buffer): CatalogEntry | undefined {
    const id = decodeVarint(key)?.value
    return id === undefined ? undefined : this.#boards.find(id)
  }

  problemOf(pair: Pair): Problem | undefined {
    const seq = seqOf(pair.key)
    const run = logKindOf(pair.value) === 'submit' ? decodeRun(pair.key, pair.value) : undefined
    const record = run ?? decodeNote(pair.key, pair.value)
    if (seq === undefined || record === undefined) {
      const { committedMicros = 0 } = this.#last ?? {}
      if (seq !== undefined) this.#last = { seq, committedMicros }
      return { invariant: INVARIANT.FORM, problem: 'it has a wrong checksum or form' }
    }
    const problem = this.#orderProblem(seq, record)
    this.#last = { seq, committedMicros: record.committedMicros }
    if (problem !== undefined) return problem
    return run === undefined
      ? this.#noteProblem(seq, record as NoteRecord)
      : this.#runProblem(seq, run)
  }

  // (18) Seqs rise by one but for a restore, times never fall, and no change began before the log.
  #orderProblem(seq: number, record: RunRecord | NoteRecord): Problem | undefined {
    const { committedMicros, commitBack } = record
    const invariant = INVARIANT.LOG
    const last = this.#last
    const isEpoch = 'kind' in record && record.kind === 'restore' && seq > (last?.seq ?? 0)
    if (last !== undefined && seq !== last.seq + 1 && !isEpoch)
      return { invariant, problem: `the record before it is ${last.seq}` }
    if (last !== undefined && committedMicros < last.committedMicros)
      return { invariant, problem: 'it was committed before the record before it' }
    if (commitBack >= seq)
      return { invariant, problem: `its change begins ${commitBack} records before it` }
    return undefined
  }

  #runProblem(seq: number, run: RunRecord): Problem | undefined {
    const board = this.#boards.find(run.boardId)
    if (board === undefined)
      return { invariant: INVARIANT.LOG, problem: `its board ${run.boardId} is not known` }
    const windows = run.tail.get(RUN_TAG.WINDOWS)
    if (windows !== undefined && decodeRunWindows(windows, board.shape.bytes) === undefined)
      return { invariant: INVARIANT.FORM, problem: 'what it did in seasons is damaged' }
    if (run.runBack >= seq)
      return { invariant: INVARIANT.LOG, problem: `its run before is ${run.runBack} records back` }
    // (21) A chain leads to runs of its player.
    const chainProblem = run.runBack > 0 ? this.chains.problemOf(seq - run.runBack, run) : undefined
    if (chainProblem !== undefined) return chainProblem
    // (19) The undo comes later, so it is in the log if the run is.
    for (const tag of [RUN_TAG.UNDONE, RUN_TAG.REVIVED]) {
      const undo = run.tail.get(tag)
      if (undo === undefined) continue
      const claim = `${undo.length === 8 ? undo.readBigUInt64BE() : 'none'} ${tag}`
      const claims = this.#claims.get(claim) ?? new Set<number>()
      this.#claims.set(claim, claims.add(seq))
    }
    const isBoth = run.tail.has(RUN_TAG.UNDONE) && run.tail.has(RUN_TAG.REVIVED)
    return isBoth
      ? { invariant: INVARIANT.UNDOS, problem: 'it is undone, and made to count again' }
      : undefined
  }

  #noteProblem(seq: number, { kind, tail }: NoteRecord): Problem | undefined {
    if (kind !== 'undo') return undefined
    for (const [listed, tag] of [
      [RUN_TAG.UNDID, RUN_TAG.UNDONE],
      [RUN_TAG.REVIVES, RUN_TAG.REVIVED],
    ] as const) {
      const bytes = tail.get(listed)
      const seqs = bytes === undefined ? [] : decodeSeqs(bytes)
      if (seqs === undefined)
        return { invariant: INVARIANT.FORM, problem: 'its list of runs is damaged' }
      const later = seqs.find((run) => run >= seq)
      if (later !== undefined)
        return { invariant: INVARIANT.UNDOS, problem: `it turned record ${later} over` }
      const claims = this.#claims.get(`${seq} ${tag}`)
      for (const run of seqs) claims?.delete(run)
    }
    return undefined
  }

  /** Returns what is wrong with the end, once all records were seen. */
  endProblem(): Problem | undefined {
    const { seq, committedMicros } = this.#end
    if (this.#last === undefined) return undefined
    const invariant = INVARIANT.LOG
    if (this.#last.seq !== seq)
      return { invariant, problem: `the last record is ${this.#last.seq}, the counters say ${seq}` }
    return this.#last.committedMicros > committedMicros
      ? { invariant, problem: 'the last record is later than the counters say' }
      : undefined
  }

  /** Yields the runs whose undo does not list them. */
  *unlisted(): Generator<[number, Problem]> {
    for (const [claim, seqs] of this.#claims)
      for (const seq of seqs) {
        const problem = `no undo ${claim.split(' ')[0]} turned it over`
        yield [seq, { invariant: INVARIANT.UNDOS, problem }]
      }
  }
}
