/**
 * Making the changes again that a log tells of, in a store that is as it was before them.
 *
 *     record ──► its change, at its time ──► the record that this makes ──► is it the same?
 *
 * Each change takes the seq and the time that it had. The record that it leaves is held against the one of the
 * log: so what comes out is what was, or the work ends at the record from which on it is not. Only two things
 * may be told differently, and then stand as the log has them: places among players of whom the log knows
 * nothing any more, as they were erased, and boards that keep no log.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { commitOf } from '../../board/commit.ts'
import { ownBytes } from '../../format/bytes.ts'
import { logKey } from '../../format/log-key.ts'
import { decodeNote, encodeJson, encodeNote } from '../../format/log-note.ts'
import { decodeRun, encodeRun, RUN_TAG } from '../../format/run-record.ts'
import { decodeRunWindows, encodeRunWindows, type RunWindow } from '../../format/run-windows.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS, type Fields as Tail } from '../../format/tail.ts'
import { toMicros, toMs } from '../../format/time.ts'
import { LadderError, throwIfAborted } from '../../ground/errors.ts'
import { REPLAY_CHUNK } from '../../ground/limits.ts'
import type { Writer } from '../../store/store.ts'
import type { LogKind, LogRecord } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { listsOf, RecordReader } from './records.ts'
import { Remaker } from './remake.ts'
import { isMoveOfErased, remakeAlone, worksAlone } from './remake-alone.ts'

/** The clock of a store whose changes are made again. */
export class ReplayClock {
  /** When the change under way was made. */
  micros = 0

  /** In milliseconds since 1970, as stores ask for it. */
  readonly read = (): number => toMs(this.micros)
}

/** Where and how changes are made again. */
export interface ReplayPlace {
  context: OpenStore
  /** The one that the store was opened with. */
  clock: ReplayClock
  /** Hashes of those who are erased in the log. */
  erasures: ReadonlySet<string>
  /** Changes that are imports, by their first seqs: no rule judged their rows. */
  imports: ReadonlySet<number>
  /** What is to be done where it cannot be made again; by default what helps a restore. */
  remedy?: string
  /** The number that a board had whose creation is made again; undefined: the next one. */
  boardIdOf?: (record: LogRecord) => number | undefined
  /** Whether the log may tell other places than come out: those of a board that was damaged. */
  mayPlacesDiffer?: boolean
  /** Whether anything was passed by that concerned a board. */
  isPartial?: boolean
  signal?: AbortSignal | undefined
  onProgress?: ((work: { done: number; total: number | undefined }) => void) | undefined
}

type Fields = Record<string, unknown>

/** Makes the changes of a log again, one after the other. */
export class Replay {
  readonly #place: ReplayPlace
  readonly #remaker: Remaker
  // Who received something of an erased person: of that the log tells nothing any more.
  readonly #thinned = new Set<unknown>()
  readonly #passedBy = new WeakSet<LogRecord>()
  #waiting: LogRecord[] = []
  #done = 0

  constructor(place: ReplayPlace) {
    this.#place = place
    this.#remaker = new Remaker(place.context)
    // What becomes of seasons the log tells.
    place.context.isReplay = true
  }

  /**
   * Makes the change of the next record. Those of one change are given one after the other.
   *
   * @throws {LadderError} `LOG_UNUSABLE` if what comes out is not what the log tells.
   */
  async add(record: LogRecord): Promise<void> {
    // Nobody reads the store meanwhile: a change may be made in several transactions.
    if (this.#waiting.length >= REPLAY_CHUNK) await this.end()
    if (!worksAlone(record)) {
      this.#waiting.push(record)
      return
    }
    await this.end()
    this.#setClock(record)
    await remakeAlone(this.#place, record, {
      begin: (writer) => repeatRecord(writer, record),
      prove: (writer) => this.#prove(writer, record),
      tell: (writer) => this.#tell(writer, record),
    })
    if (isMoveOfErased(record)) this.#thinned.add(record['to'])
    this.#done++
  }

  /** Passes by a record in its place: its seq is left out. */
  async passBy(record: LogRecord): Promise<void> {
    if (this.#waiting.length >= REPLAY_CHUNK) await this.end()
    this.#passedBy.add(record)
    this.#waiting.push(record)
  }

  /** Makes what was given and not made yet. */
  async end(): Promise<void> {
    const records = this.#waiting
    this.#waiting = []
    if (records.length === 0) return
    throwIfAborted(this.#place)
    await this.#place.context.store.write((writer) => {
      for (const record of records)
        if (this.#passedBy.has(record)) leaveOut(writer, record)
        else this.#make(writer, record)
    })
    this.#done += records.length
    this.#place.onProgress?.({ done: this.#done, total: undefined })
  }

  #make(writer: Writer<Table>, record: LogRecord): void {
    this.#setClock(record)
    repeatRecord(writer, record)
    const isRow = this.#place.imports.has(record.commit)
    const boardId = this.#place.boardIdOf?.(record)
    if (boardId !== undefined) commitOf(writer).repeatBoardId(boardId)
    try {
      this.#remaker.make(writer, record, { isRow })
    } catch (error) {
      throw this.#unlike(record, error instanceof Error ? error.message : String(error), error)
    }
    this.#prove(writer, record)
  }

  #setClock(record: LogRecord): void {
    const { present } = record
    this.#place.clock.micros =
      typeof present === 'number' ? toMicros(present) : committedMicrosIn(record)
  }

  #tell(writer: Writer<Table>, record: LogRecord): void {
    const key = logKey(record.seq)
    commitOf(writer).willChange()
    commitOf(writer).nextRecord(committedMicrosIn(record))
    writer.append('log', key, noteAsTold(key, record))
  }

  #prove(writer: Writer<Table>, record: LogRecord): void {
    const { lastSeq } = commitOf(writer)
    const key = logKey(record.seq)
    const isThinned = this.#isOfThinned(record)
    if (lastSeq === record.seq - 1 && this.#maySayNothing(writer, record)) {
      this.#tell(writer, record)
      return
    }
    if (lastSeq !== record.seq)
      throw this.#unlike(record, `it came to record ${lastSeq} when it was made again`)
    // What such a player has is less than the log tells.
    if (isThinned) return
    const value = ownBytes(writer.get('log', key) as Buffer)
    const made = recordsIn(writer, record).read(record.seq, { key, value })
    const [text, told] = [made, record].map((one) => textOf(one, this.#place))
    // Fields mostly stand in the same order, too.
    if (text === told) return
    const [one, other] = [text, told].map((json) => JSON.parse(json as string) as Fields) as [
      Fields,
      Fields,
    ]
    if (isDeepStrictEqual(one, other)) return
    const differs = fieldsThatDiffer(one, other)
    const allowed = this.#allowedIn(writer, record)
    const wrong = differs.filter((field) => !allowed.has(field))
    if (wrong.length > 0) throw this.#unlike(record, `made again, its ${wrong[0]} is another`)
    writer.put('log', key, asTold(key, value, record))
  }

  #isOfThinned({ kind, playerId, from, to }: LogRecord): boolean {
    const isThinned = [playerId, from, to].some((id) => this.#thinned.has(id))
    if (isThinned && kind === 'move') this.#thinned.add(to)
    return isThinned
  }

  // A change of boards alone of which the log tells nothing: here it alters nothing.
  #maySayNothing(writer: Writer<Table>, record: LogRecord): boolean {
    return record.kind !== 'submit' && this.#allowedIn(writer, record) === LISTS
  }

  #unlike(record: LogRecord, problem: string, cause?: unknown): LadderError {
    const { remedy = REMEDY } = this.#place
    return new LadderError(
      'LOG_UNUSABLE',
      `Cannot make change ${record.seq} of the log (${record.kind}) again: ${problem}; ${remedy}`,
      { cause },
    )
  }

  // Places among players who were erased since, and on boards of which the log tells nothing.
  #allowedIn(writer: Writer<Table>, record: LogRecord): ReadonlySet<string> {
    const isThinned = this.#place.erasures.size > 0
    if (record.kind === 'submit') {
      // The time of a row that changed nothing is that of its line.
      const isRow = this.#place.imports.has(record.commit)
      return new Set([...(isThinned ? PLACES : []), ...(isRow ? ['at', 'committedAt'] : [])])
    }
    if (isThinned || this.#place.isPartial === true) return LISTS
    return listBoards(writer).some(({ log }) => log === 'none') ? LISTS : NOTHING
  }
}

const NOTHING: ReadonlySet<string> = new Set()
const PLACES: readonly string[] = ['rank', 'previousRank', 'pushedOut', 'windows']
const LISTS: ReadonlySet<string> = new Set([
  ...['boards', 'noPlace', 'pushedOut', 'changes', 'seqs', 'revived', 'lost', 'size', 'count'],
  ...['previousRank', 'entries', 'banned', 'from', 'reason'],
])

/** Returns when a record was committed, in microseconds. */
export function committedMicrosIn({ at, committedAt = at }: LogRecord): number {
  return toMicros(committedAt)
}

function leaveOut(writer: Writer<Table>, { seq }: LogRecord): void {
  commitOf(writer).willChange()
  commitOf(writer).leaveOutUntil(seq + 1)
}

/** Says where the next record has its place in the log. */
export function repeatRecord(writer: Writer<Table>, record: LogRecord): void {
  const committedMicros = committedMicrosIn(record)
  commitOf(writer).repeatRecord({ commit: record.commit, committedMicros })
}

const REMEDY = 'restore to a point before it, or from a backup made after it'

// What follows from the entries of others alone.
const PLACED: ReadonlySet<string> = new Set(['rank', 'previousRank', 'size'])

// Whether an undo holds for a run is not known before it comes; JSON has no bigints.
function textOf(
  record: LogRecord,
  { mayPlacesDiffer = false }: Pick<ReplayPlace, 'mayPlacesDiffer'>,
): string {
  const { undone: _, ...rest } = record
  return JSON.stringify(rest, mayPlacesDiffer ? asTextWithoutPlaces : asText)
}

const OWNER = {}

// Boards are looked up once, as long as runs alone are made.
function recordsIn(writer: Writer<Table>, { kind }: LogRecord): RecordReader {
  const known = writer.local(OWNER, () => ({ records: new RecordReader(writer) }))
  if (kind !== 'submit') known.records = new RecordReader(writer)
  return known.records
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function asTextWithoutPlaces(key: string, value: unknown): unknown {
  return PLACED.has(key) ? undefined : asText(key, value)
}

function fieldsThatDiffer(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys({ ...one, ...other }).filter(
    (field) => !isDeepStrictEqual(one[field], other[field]),
  )
}

// What the log tells of a change, in the record that making it again left.
function asTold(key: Buffer, value: Buffer, record: LogRecord): Buffer {
  const run = decodeRun(key, value)
  if (run === undefined) return noteAsTold(key, record, decodeNote(key, value)?.tail)
  const { rank, previousRank = 0, pushedOut, windows } = record
  const tail = new Map(run.tail)
  const inWindows = tail.get(RUN_TAG.WINDOWS)
  if (inWindows !== undefined) {
    const scoreBytes = run.submitted.length
    const made = decodeRunWindows(inWindows, scoreBytes) ?? []
    tail.set(
      RUN_TAG.WINDOWS,
      encodeRunWindows(
        made.map((one) => placedAsTold(one, windows)),
        scoreBytes,
      ),
    )
  }
  if (pushedOut === undefined) tail.delete(RUN_TAG.PUSHED_OUT)
  else tail.set(RUN_TAG.PUSHED_OUT, encodeJson(pushedOut))
  const ranks = rank === undefined ? undefined : { rank, previousRank }
  const atMicros = toMicros(record.at)
  return Buffer.from(encodeRun(key, { ...run, atMicros, ranks, tail }))
}

function placedAsTold(made: RunWindow, windows: LogRecord['windows']): RunWindow {
  const { rank, previousRank = 0 } = windows?.[made.window] ?? {}
  return { ...made, ranks: rank === undefined ? undefined : { rank, previousRank } }
}

const HEAD: ReadonlySet<string> = new Set([
  ...['seq', 'at', 'committedAt', 'kind', 'commit', 'seqs', 'revived'],
])

// Where the runs of a moved player are, the note itself knows best.
function noteAsTold(key: Buffer, record: LogRecord, made: Tail = NO_FIELDS): Buffer {
  const chains = made.get(RUN_TAG.CHAINS)
  const told = Object.entries(record).filter(([field]) => !HEAD.has(field))
  return encodeNote(key, {
    kind: record.kind as Exclude<LogKind, 'submit'>,
    committedMicros: committedMicrosIn(record),
    commitBack: record.seq - record.commit,
    fields: Object.fromEntries(told),
    tail: new Map([
      ...listsOf(record),
      ...(chains === undefined ? [] : [[RUN_TAG.CHAINS, chains] as const]),
    ]),
  })
}
