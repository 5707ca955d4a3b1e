/**
 * The number of the commit and the times that it gives, kept in the store so that both only ever
 * move forward: across restarts, across processes, and where the wall clock steps back.
 *
 * @module
 */

import { LadderError } from '../errors.ts'
import {
  CLOCK_KEY,
  type Clock,
  decodeClock,
  decodeHeader,
  encodeClock,
  encodeHeader,
  FORMAT_VERSION,
  HEADER_KEY,
} from '../format/header.ts'
import type { Reader, Writer } from '../store/store.ts'
import type { Table } from './tables.ts'

/** The clock of one transaction. */
export class CommitClock {
  readonly #clock: Clock
  readonly #writer: Writer<Table>
  #changed = false

  constructor(writer: Writer<Table>) {
    this.#writer = writer
    const clock = readClock(writer)
    this.#clock = { ...clock, sequence: clock.sequence + 1 }
    writer.beforeCommit(() => {
      if (!this.#changed) return
      upgradeHeader(writer)
      writer.put('meta', CLOCK_KEY, encodeClock(this.#clock))
    })
  }

  /** Number of the commit that the transaction will be. */
  get sequence(): number {
    return this.#clock.sequence
  }

  /** Must be called before the transaction changes anything. */
  willChange(): void {
    this.#changed = true
    this.#writer.willChange()
  }

  /** Returns the time to give now: that of the wall clock, or a microsecond after the last one. */
  nextMicros(nowMicros: number): number {
    return Math.max(nowMicros, this.#clock.lastMicros + 1)
  }

  /** Notes that a time was given. */
  give(micros: number): void {
    this.#clock.lastMicros = Math.max(this.#clock.lastMicros, micros)
  }

  /** Returns the number of a new board; none is ever given twice. */
  newBoardId(): number {
    return this.#clock.nextBoardId++
  }
}

const OWNER = {}

/** Returns the clock of a transaction. */
export function clockOf(writer: Writer<Table>): CommitClock {
  return writer.local(OWNER, () => new CommitClock(writer))
}

// With whatever is stored in the forms of this release comes its version: the commit that was to bring
// it may have failed.
function upgradeHeader(writer: Writer<Table>): void {
  const header = decodeHeader(writer.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
  if (header === undefined || header.version >= FORMAT_VERSION) return
  writer.put('meta', HEADER_KEY, encodeHeader({ ...header, version: FORMAT_VERSION }))
}

/** @throws {LadderError} `CORRUPT` where the clock is missing or damaged. */
export function readClock(reader: Reader<Table>): Clock {
  const value = reader.get('meta', CLOCK_KEY)
  const clock = value && decodeClock(value)
  if (clock === undefined)
    throw new LadderError(
      'CORRUPT',
      'Cannot read the clock of the store: it is missing or damaged; restore a backup',
    )
  return clock
}
