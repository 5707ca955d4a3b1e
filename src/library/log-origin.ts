/**
 * What a log is to a restore, and of which history it is.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'
import type { LogRecord } from '../words/index.ts'

/** Which history a log is of. */
export interface LogOrigin {
  storeId: string
  lineageId: string | undefined
}

/** A log that is read from one record on. */
export interface LogSource {
  /** What it is, in the words of messages. */
  readonly what: string
  /** Undefined if the source does not say. */
  readonly origin: LogOrigin | undefined
  /** Whether it was cut off in its last line. Known once it was read to its end. */
  readonly isTorn: boolean
  /** What could not be read. Known once it was read to its end. */
  readonly problems: readonly string[]
  /** The last record that a store says it has; undefined if only reading tells. */
  readonly lastSeq: number | undefined
  /** Yields the records behind a seq in their order, as far as they can be read. */
  records(after: number): AsyncGenerator<LogRecord, void, undefined>
  close(): Promise<void>
}

/** Whether two logs are of one history. */
export function isSameOrigin(one: LogOrigin, other: LogOrigin): boolean {
  return one.storeId === other.storeId && one.lineageId === other.lineageId
}

/** Returns the error for a log of another history than that of the backup. */
export function otherOrigin(what: string, found: LogOrigin, expected: LogOrigin): LadderError {
  const problem =
    found.storeId === expected.storeId
      ? 'it is of the same store on the other side of a restore'
      : `it is of store ${found.storeId}, the backup of store ${expected.storeId}`
  return new LadderError(
    'LOG_UNUSABLE',
    `Cannot go on from the backup with ${what}: ${problem}; name the log that the backup belongs to`,
  )
}
