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
  encodeCounters,
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
import type { Effect } from '../words/index.ts'

/** The number and the times of one transaction, and what it must do before it commits. */
export class Commit {
  readonly #counters: Counters
  readonly #writer: Writer<Table>
  #changed = false
  #features: number | undefined
  /** Where the change under way notes what it does; undefined if nobody asks. */
  effects: Effect[] | undefined

  constructor(writer: Writer<Table>) {
    this.#writer = writer
    const counters = readCounters(writer)
    this.#counters = { ...counters, sequence: counters.sequence + 1 }
    writer.beforeCommit(() => {
      if (!this.#changed) return
      assert(this.sequence > counters.sequence, '(13) a commit has a number above the last one')
      upgradeHeader(writer, this.#features ?? 0)
      writer.put('meta', COUNTERS_KEY, encodeCounters(this.#counters))
    })
  }

  /** Number of the commit that the transaction will be. */
  get sequence(): number {
    return this.#counters.sequence
  }

  /** Must be called before the transaction changes anything. */
  willChange(): void {
    this.#changed = true
    this.#writer.willChange()
  }

  /** Whether the store has come to use a feature, in this transaction or before. */
  uses(feature: Feature): boolean {
    return (this.#featureBits() & featureBit(feature)) !== 0
  }

  /** Says that the transaction, which changes something, uses a feature: the header says so from then on. */
  use(feature: Feature): void {
    this.#features = this.#featureBits() | featureBit(feature)
  }

  #featureBits(): number {
    this.#features ??= headerOf(this.#writer)?.features ?? 0
    return this.#features
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

  presentMicros(nowMicros: number): number {
    return nowMicros
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

  /** Returns the number of a new board; none is ever given twice. */
  newBoardId(): number {
    assert(this.#counters.nextBoardId >= FIRST_BOARD_ID, '(6) numbers of boards begin with 1')
    return this.#counters.nextBoardId++
  }
}

const OWNER = {}

/** Returns the commit of a transaction. */
export function commitOf(writer: Writer<Table>): Commit {
  return writer.local(OWNER, () => new Commit(writer))
}

// With the first change come the tables and the version of this release, in the same transaction:
// nothing of a newer form ever lies under an older number, and a crash leaves the old version whole.
function upgradeHeader(writer: Writer<Table>, used: number): void {
  const value = writer.get('meta', HEADER_KEY)
  // Every commit comes by here, and hardly one has anything to do.
  if (value === undefined || (used === 0 && isUpgraded(value))) return
  const header = decodeHeader(value)
  if (header === undefined) return
  const features = (header.features | used) >>> 0
  if (header.version >= FORMAT_VERSION && features === header.features) return
  if (header.version < FORMAT_VERSION) writer.addTables()
  const version = Math.max(header.version, FORMAT_VERSION)
  writer.put('meta', HEADER_KEY, encodeHeader({ ...header, version, features }))
}

function headerOf(reader: Reader<Table>): Header | undefined {
  return decodeHeader(reader.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
}

/** @throws {LadderError} `CORRUPT` if they are missing or damaged. */
export function readCounters(reader: Reader<Table>): Counters {
  const value = reader.get('meta', COUNTERS_KEY)
  const counters = value && decodeCounters(value)
  if (counters === undefined)
    throw new LadderError(
      'CORRUPT',
      'Cannot read the counters of the store: they are missing or damaged; restore a backup',
    )
  return counters
}
