/**
 * Up to where a log leads from a backup: found, and refused, before anything is written.
 *
 *     backup … lastSeq ──► lastSeq + 1 … last ┊ … the end of the log
 *                          made again         the point asked for
 *
 * @module
 */

import { Gone } from '../embedded/log/gone.ts'
import { REMADE_KINDS } from '../embedded/log/remake.ts'
import { committedMicrosIn } from '../embedded/log/replay.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import type { LogRecord, RestoredPoint } from '../words/index.ts'
import { isSameOrigin, type LogOrigin, type LogSource, otherOrigin } from './log-origin.ts'

/** Where a backup ends. */
export interface BackupEnd {
  origin: LogOrigin
  /** The last record of its log; 0 for none. */
  lastSeq: number
  lastMicros: number
  /** That record; undefined if it was trimmed. */
  lastRecord: string | undefined
}

/** The point that is asked for: one of both. */
export interface AskedPoint {
  seq: number | undefined
  untilMicros: number | undefined
}

/** What is to be done. */
export interface RestorePlan {
  point: RestoredPoint
  /** Hashes of all who are erased in the log, also behind the point. */
  erasures: ReadonlySet<string>
  /** Hashes of those who are erased behind the point, under each id that was theirs there. */
  later: ReadonlySet<string>
  /** Hashes of ids that erased persons gave up with a move in front of the point. */
  givenUp: ReadonlySet<string>
  /** First seqs of changes that are imports. */
  imports: ReadonlySet<number>
}

/**
 * Finds out up to where a log leads.
 *
 * @throws {LadderError} `LOG_TRIMMED` if it begins behind the backup; `LOG_UNUSABLE` if it has a hole, belongs
 *   to another store, does not reach the point, or holds what cannot be made again.
 */
export async function planRestore(
  source: LogSource,
  backup: BackupEnd,
  asked: AskedPoint & { signal?: AbortSignal | undefined },
): Promise<RestorePlan> {
  refuseOther(source, backup)
  refuseEarlier(source, backup, asked)
  const survey = new Survey(source, backup, asked)
  let looked = 0
  for await (const record of source.records(Math.max(0, backup.lastSeq - 1))) {
    if (looked++ % TURN === 0) throwIfAborted(asked)
    survey.add(record)
  }
  refuseOther(source, backup)
  return survey.finish()
}

const TURN = 1000

class Survey {
  readonly #source: LogSource
  readonly #backup: BackupEnd
  readonly #asked: AskedPoint
  readonly #gone: Gone
  readonly #imports = new Set<number>()
  // The last record that the point includes, and the one in front of the change that it belongs to.
  #last: { seq: number; micros: number; commit: number }
  #beforeChange: { seq: number; micros: number }
  #end: number
  #isOverlapping = false
  #isPast = false
  #isSplit = false

  constructor(source: LogSource, backup: BackupEnd, asked: AskedPoint) {
    this.#source = source
    this.#gone = new Gone(backup.origin.storeId)
    this.#backup = backup
    this.#asked = asked
    const { lastSeq: seq, lastMicros: micros } = backup
    this.#last = { seq, micros, commit: seq }
    this.#beforeChange = { seq, micros }
    this.#end = seq
  }

  add(record: LogRecord): void {
    const { seq, commit } = record
    if (seq <= this.#backup.lastSeq) {
      this.#compare(record)
      return
    }
    this.#gone.add(record)
    if (this.#isPast) return
    const isReached = this.#end >= (this.#asked.seq ?? Number.POSITIVE_INFINITY)
    if (seq !== this.#end + 1 && !isReached) throw this.#hole(seq)
    this.#end = seq
    const micros = committedMicrosIn(record)
    if (this.#isBehind(seq, micros)) {
      this.#isPast = true
      this.#isSplit = commit <= this.#last.seq && this.#last.seq > this.#backup.lastSeq
      return
    }
    this.#take(record, micros)
  }

  #take(record: LogRecord, micros: number): void {
    const { seq, commit, kind } = record
    if (!REMADE_KINDS.has(kind)) throw unknownKind(record)
    if (kind === 'rebuild' && Number(record['retimed'] ?? 0) > 0) throw unknownKind(record)
    if (kind === 'import' && record['logged'] === false) throw unlogged(record)
    if (kind === 'import') this.#imports.add(commit)
    if (commit !== this.#last.commit) this.#beforeChange = this.#last
    this.#last = { seq, micros, commit }
  }

  finish(): RestorePlan {
    const { seq, untilMicros } = this.#asked
    const { isTorn, problems, lastSeq = this.#end } = this.#source
    const isDamaged = problems.length > 0
    if (this.#source.origin === undefined && !this.#isOverlapping) throw this.#unknownOrigin()
    const falls = (seq ?? this.#backup.lastSeq) > this.#end || lastSeq < this.#backup.lastSeq
    if (!this.#isPast && falls && !isDamaged) throw this.#tooShort()
    // Whether the last change of a log that was cut off is whole, nothing tells.
    const isCut = !this.#isPast && (isTorn || isDamaged)
    if (isCut && this.#last.commit !== this.#last.seq) this.#isSplit = true
    const { seq: end, micros } = this.#isSplit ? this.#beforeChange : this.#last
    const reachesEnd = !this.#isPast && (seq === undefined ? untilMicros !== undefined : seq > end)
    return {
      point: {
        seq: end,
        at: end === 0 ? undefined : micros / 1000,
        records: end - this.#backup.lastSeq,
        ...(this.#isSplit && { insideChange: true as const }),
        ...(isTorn && reachesEnd && { torn: true as const }),
        ...(isDamaged && reachesEnd && { damaged: [...problems] }),
      },
      ...this.#gone.asOf(end),
      imports: this.#imports,
    }
  }

  #isBehind(seq: number, micros: number): boolean {
    const { seq: asked, untilMicros } = this.#asked
    return (
      (asked !== undefined && seq > asked) || (untilMicros !== undefined && micros >= untilMicros)
    )
  }

  // A log that has the last record of the backup goes on from it, or tells another story.
  #compare(record: LogRecord): void {
    const { lastSeq, lastRecord } = this.#backup
    if (record.seq !== lastSeq || lastRecord === undefined) return
    if (record.kind !== 'erase' && lastRecord !== storyOf(record))
      throw this.#refusal(
        `its record ${lastSeq} is another than that of the backup, so it tells of another history`,
        'name the log that the backup belongs to',
      )
    this.#isOverlapping = true
  }

  #hole(seq: number): LadderError {
    if (this.#end > this.#backup.lastSeq)
      return this.#refusal(
        `it has a hole, records ${this.#end + 1} to ${seq - 1} are missing`,
        `restore up to ${this.#end}, or name another log`,
      )
    return new LadderError(
      'LOG_TRIMMED',
      `Cannot go on from the backup with ${this.#source.what}: it begins with record ${seq}, and the backup ends with ${this.#end}; use a newer backup, or a log that reaches back`,
    )
  }

  #tooShort(): LadderError {
    const { seq } = this.#asked
    const problem =
      this.#end === this.#backup.lastSeq
        ? `it has nothing after record ${this.#backup.lastSeq}, the last one of the backup`
        : `it ends with record ${this.#end}`
    return this.#refusal(
      seq === undefined ? problem : `record ${seq} is asked for, and ${problem}`,
      'ask for a point that it reaches, or name another log',
    )
  }

  #unknownOrigin(): LadderError {
    return this.#refusal(
      'it does not say of which store it is, and has no record that the backup has too',
      'write its lines with ladderdb log --follow --json, which says so in the first one',
    )
  }

  #refusal(problem: string, remedy: string): LadderError {
    return refusal(this.#source, problem, remedy)
  }
}

/** Returns what a record tells whatever came later: an undo may mark it, an erasure take others out of it. */
export function storyOf(record: LogRecord): string {
  const { seq, at, committedAt, kind, commit, board, playerId, submitted } = record
  const told = [seq, at, committedAt, kind, commit, board, playerId, submitted]
  return JSON.stringify(told, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

function refuseOther(source: LogSource, { origin }: BackupEnd): void {
  if (source.origin === undefined || isSameOrigin(source.origin, origin)) return
  throw otherOrigin(source.what, source.origin, origin)
}

function refuseEarlier(source: LogSource, backup: BackupEnd, asked: AskedPoint): void {
  const { seq = backup.lastSeq, untilMicros = Number.POSITIVE_INFINITY } = asked
  if (seq >= backup.lastSeq && (backup.lastSeq === 0 || untilMicros > backup.lastMicros)) return
  throw refusal(
    source,
    `the point asked for lies before the end of the backup, which is record ${backup.lastSeq} of ${new Date(backup.lastMicros / 1000).toISOString()}`,
    'use an older backup',
  )
}

function refusal(source: LogSource, problem: string, remedy: string): LadderError {
  return new LadderError(
    'LOG_UNUSABLE',
    `Cannot go on from the backup with ${source.what}: ${problem}; ${remedy}`,
  )
}

function unknownKind({ seq, kind }: LogRecord): LadderError {
  return new LadderError(
    'LOG_UNUSABLE',
    `Cannot go on from the backup: change ${seq} of the log is of kind "${kind}", which cannot be made again; restore up to ${seq - 1}, or use a newer backup`,
  )
}

function unlogged({ seq, board }: LogRecord): LadderError {
  return new LadderError(
    'LOG_UNUSABLE',
    `Cannot go on from the backup: change ${seq} of the log is an import into board "${board}" whose rows were left out of it; restore up to ${seq - 1}, or use a newer backup`,
  )
}
