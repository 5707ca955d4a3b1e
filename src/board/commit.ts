/**
 * The counters of a store: the number of the last commit and the last time that was given. Both only ever
 * move forward: across restarts, across processes, and if the wall clock steps back.
 *
 * @module
 */

import { FIRST_BOARD_ID, type Table } from '../format/keys.ts'
import {
  COUNTERS_KEY,
  type Counters,
  decodeCounters,
  decodeSequence,
  encodeCounters,
  logEndOf,
  withLogEnd,
} from '../format/meta/counters.ts'
import {
  decodeHeader,
  encodeHeader,
  type Feature,
  FORMAT_VERSION,
  featureBit,
  HEADER_KEY,
  type Header,
  isUpgraded,
} from '../format/meta/header.ts'
import { assert } from '../ground/assert.ts'
import { LadderError } from '../ground/errors.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Reader, Writer } from '../store/store.ts'
import type { SubmitRequest } from '../words/index.ts'

type SubmitTime = Pick<SubmitRequest, 'atMicros' | 'givenMicros' | 'nowMicros'>

/** The number and the times of one transaction, and what it must do before it commits. */
export class Commit {
  readonly #counters: Counters
  readonly #writer: Writer<Table>
  readonly #log: { seq: number; committedMicros: number }
  readonly #logBefore: number
  #firstSeq: number
  #header: Header | undefined
  #features = 0
  #changed = false
  #isOneChange = false
  #toldMicros: number | undefined
  #toldBoardId: number | undefined
  /** Whether runs leave no record: those of an import that leaves them out. */
  isUnlogged = false
  /** The present of work that takes long and is one change; undefined: the clock goes on. */
  heldMicros: number | undefined

  constructor(writer: Writer<Table>) {
    this.#writer = writer
    const counters = readCounters(writer)
    this.#counters = { ...counters, sequence: counters.sequence + 1 }
    this.#log = logEndOf(counters)
    this.#logBefore = this.#log.seq
    this.#firstSeq = this.#log.seq + 1
    writer.beforeCommit(() => {
      if (!this.#changed) return
      const { sequence, nextBoardId } = this.#counters
      assert(sequence === counters.sequence + 1, '(13) a commit has the number after the last one')
      assert(Number.isSafeInteger(sequence), '(7) the number of a commit is exact')
      assert(nextBoardId >= counters.nextBoardId, '(13) no board number is given twice')
      assert(this.#log.seq >= this.#logBefore, '(18) seqs rise')
      this.#finish()
    })
  }

  #finish(): void {
    this.#putHeader(FORMAT_VERSION)
    if (this.#log.seq > this.#logBefore)
      this.#counters.tail = withLogEnd(this.#counters.tail, this.#log)
    this.#writer.put('meta', COUNTERS_KEY, encodeCounters(this.#counters))
  }

  // With the first change come the tables and the version of this release, in the same transaction:
  // nothing of a newer form ever lies under an older number, and a crash leaves the old version whole.
  #putHeader(version: number): void {
    // Every commit comes by here, and hardly one has anything to do.
    if (this.#features === 0 && this.#header === undefined) {
      const value = this.#writer.get('meta', HEADER_KEY)
      if (value === undefined || isUpgraded(value)) return
    }
    const header = this.#knownHeader()
    if (header === undefined) return
    const features = (header.features | this.#features) >>> 0
    if (header.version >= version && features === header.features) return
    if (header.version < version) this.#writer.addTables()
    this.#header = { ...header, version: Math.max(version, header.version), features }
    this.#writer.put('meta', HEADER_KEY, encodeHeader(this.#header))
  }

  #knownHeader(): Header | undefined {
    this.#header ??= decodeHeader(this.#writer.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
    return this.#header
  }

  /** Whether the store has come to use a feature. Cost: one read for each transaction. */
  uses(feature: Feature): boolean {
    const bits = (this.#knownHeader()?.features ?? 0) | this.#features
    return (bits & featureBit(feature)) !== 0
  }

  /**
   * Says that the transaction uses a feature, and brings a store of an older version to this one, so that
   * every table is there.
   */
  use(feature: Feature): void {
    this.#features |= featureBit(feature)
    this.#putHeader(FORMAT_VERSION)
  }

  /** The seq of the last record of the log, those of this transaction included. */
  get lastSeq(): number {
    return this.#log.seq
  }

  /** Says that a change begins: the records that follow belong together. */
  beginChange(): void {
    // Of which change a record is that a log tells of, the log says.
    if (!this.#isOneChange && !this.isRepeated) this.#firstSeq = this.#log.seq + 1
  }

  /** Says that all that follows in the transaction belongs to the change that is under way. */
  joinChanges(): void {
    this.#isOneChange = true
  }

  /** Whether changes are made again that a log tells of. */
  get isRepeated(): boolean {
    return this.#toldMicros !== undefined
  }

  /** Says of which change the next record is and when it was committed: a log tells that, which is made again. */
  repeatRecord({ commit, committedMicros }: { commit: number; committedMicros: number }): void {
    this.#firstSeq = commit
    this.#toldMicros = committedMicros
  }

  /**
   * Returns the seq and the place in its change of the next record of the log, which the caller then
   * appends. `micros` is when the change is made; the time of a record is never earlier than the one before.
   */
  nextRecord(micros: number): { seq: number; commitBack: number; committedMicros: number } {
    if (this.#log.seq === this.#logBefore) this.use('log')
    const seq = this.#log.seq + 1
    const committedMicros = this.#toldMicros ?? Math.max(micros, this.#log.committedMicros)
    assert(seq >= this.#firstSeq, '(18) a change begins with its first record')
    this.#log.seq = seq
    this.#log.committedMicros = committedMicros
    return { seq, commitBack: seq - this.#firstSeq, committedMicros }
  }

  /**
   * Leaves seqs out, so that the next record has this one, or the next in turn if that is higher: numbers
   * of before a restore never come again.
   */
  leaveOutUntil(seq: number): void {
    assert(Number.isSafeInteger(seq) && seq > 0, '(18) a seq is a whole number')
    this.use('log')
    this.#log.seq = Math.max(this.#log.seq, seq - 1)
    this.#firstSeq = this.#log.seq + 1
  }

  /** Like {@link nextRecord} for `count` records at once: the places of all, which differ by their seqs alone. */
  nextRecords(
    count: number,
    micros: number,
  ): { firstSeq: number; commit: number; committedMicros: number } {
    assert(count > 0, 'a change has records, or takes no seq')
    const { seq: firstSeq, committedMicros } = this.nextRecord(micros)
    this.#log.seq += count - 1
    return { firstSeq, commit: this.#firstSeq, committedMicros }
  }

  /** Number of the commit that the transaction will be. */
  get sequence(): number {
    return this.#counters.sequence
  }

  /** The last time that the store gave, those of this transaction included. */
  get lastMicros(): number {
    return this.#counters.lastMicros
  }

  /** Must be called before the transaction changes anything. */
  willChange(): void {
    this.#changed = true
    this.#writer.willChange()
  }

  /**
   * Returns the time to give now: that of the wall clock, or a microsecond after the last one. For
   * `count` times in a row the first of them.
   *
   * @throws {LadderError} `CLOCK` if it is later than any time that can be stored.
   */
  nextMicros(nowMicros: number, count = 1): number {
    const micros = Math.max(nowMicros, this.#counters.lastMicros + 1)
    if (micros + count - 1 <= AT_MICROS_MAX) return micros
    throw new LadderError(
      'CLOCK',
      `Cannot give the time ${micros / 1000}: times go up to ${AT_MICROS_MAX / 1000} ms; set the clock right, then rebuild the boards from their players`,
    )
  }

  /** Sets the last time that was given back to now if it is one that cannot be stored. */
  mendTime(nowMicros: number): void {
    if (this.#counters.lastMicros > AT_MICROS_MAX) this.#counters.lastMicros = nowMicros
  }

  /** Notes that a time was given. */
  give(micros: number): void {
    // (13) Two times that the store gives are never equal, across restarts and processes.
    assert(
      micros > this.#counters.lastMicros,
      '(13) a time that is given is later than the last one',
    )
    assert(Number.isInteger(micros) && micros <= AT_MICROS_MAX, '(3) a time can be stored')
    this.#counters.lastMicros = micros
  }

  /**
   * Returns the time of a submit: the one that it names, or that was given to it, or else the next one of the
   * store. Gives none.
   *
   * @throws {LadderError} `CLOCK`.
   */
  timeOf({ atMicros, givenMicros, nowMicros }: SubmitTime): number {
    return atMicros ?? givenMicros ?? this.nextMicros(nowMicros)
  }

  /** Notes that a submit has its time, unless it named one or was given it before. */
  giveTo({ atMicros, givenMicros }: SubmitTime, micros: number): void {
    if (atMicros === undefined && givenMicros === undefined) this.give(micros)
  }

  /**
   * Returns the time of a run that changes nothing for now, and gives it if the caller did not: an undo may
   * let it count, and then it must not tie with another one.
   *
   * @throws {LadderError} `CLOCK`; nothing is changed then.
   */
  timeOfRun(submit: SubmitTime): number {
    const micros = this.timeOf(submit)
    this.giveTo(submit, micros)
    return micros
  }

  /** Returns the last time that was given, or the wall clock if that is later: gives no time. */
  presentMicros(nowMicros: number): number {
    return Math.max(this.heldMicros ?? nowMicros, this.#counters.lastMicros)
  }

  /** Says which number the next new board has: one that lies below all that are given from now on. */
  repeatBoardId(boardId: number): void {
    assert(boardId < this.#counters.nextBoardId, '(6) a number is given once')
    this.#toldBoardId = boardId
  }

  /** Returns the number of a new board; none is ever given twice. */
  newBoardId(): number {
    const told = this.#toldBoardId
    this.#toldBoardId = undefined
    if (told !== undefined) return told
    assert(this.#counters.nextBoardId >= FIRST_BOARD_ID, '(6) numbers of boards begin with 1')
    return this.#counters.nextBoardId++
  }
}

const OWNER = {}

/** Returns the commit of a transaction. */
export function commitOf(writer: Writer<Table>): Commit {
  return writer.local(OWNER, newCommit)
}

function newCommit(writer: Writer<Table>): Commit {
  return new Commit(writer)
}

/** @throws {LadderError} `CORRUPT` if they are missing or damaged. */
export function readCounters(reader: Reader<Table>): Counters {
  return readAs(reader, decodeCounters)
}

/**
 * Returns the number of the last commit.
 *
 * @throws {LadderError} `CORRUPT` if the counters are missing or damaged.
 */
export function readSequence(reader: Reader<Table>): number {
  return readAs(reader, decodeSequence)
}

function readAs<T>(reader: Reader<Table>, decode: (value: Buffer) => T | undefined): T {
  const value = reader.get('meta', COUNTERS_KEY)
  const decoded = value && decode(value)
  if (decoded !== undefined) return decoded
  throw new LadderError(
    'CORRUPT',
    'Cannot read the counters of the store: they are missing or damaged; restore a backup',
  )
}
