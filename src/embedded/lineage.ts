/**
 * Which history a store goes on with: copies of one store share its id, and a restored one goes another
 * way than the store that its backup was made of.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { ownBytes } from '../format/bytes.ts'
import { decodeLineage, encodeLineage, LINEAGE_KEY, type Lineage } from '../format/meta/lineage.ts'
import type { Table } from '../format/tables.ts'
import { NO_FIELDS } from '../format/tail.ts'
import { LadderError } from '../ground/errors.ts'
import { SEQ_EPOCH_MAX, SEQ_START_MICROS, SEQ_TICK_MICROS } from '../ground/limits.ts'
import type { Reader, Writer } from '../store/store.ts'
import { logNote } from './log/notes.ts'

/**
 * Returns the lineage of a store, or undefined if it was never restored.
 *
 * @throws {LadderError} `CORRUPT` if the record is damaged.
 */
export function readLineage(reader: Reader<Table>): Lineage | undefined {
  const value = reader.get('meta', LINEAGE_KEY)
  if (value === undefined) return undefined
  const lineage = decodeLineage(ownBytes(value))
  if (lineage !== undefined) return lineage
  throw new LadderError(
    'CORRUPT',
    'Cannot read the lineage of the store: the record is damaged; restore a backup',
  )
}

/**
 * Begins a new lineage in a store that was just restored, and with it a new epoch of the log: its seqs go on
 * from the ticks of the clock, far above those that the damaged store gave after its backup. So who followed
 * that one finds no other records under the old numbers. `lineageId` is 32 random hexadecimal digits.
 * Like every change it brings a store of an older version to the newest.
 */
export function beginLineage(
  writer: Writer<Table>,
  { lineageId, nowMicros }: { lineageId: string; nowMicros: number },
): Lineage {
  const before = readLineage(writer)
  const restores = (before?.restores ?? 0) + 1
  const lineage = { lineageId, restores, tail: before?.tail ?? NO_FIELDS }
  const commit = commitOf(writer)
  commit.willChange()
  writer.put('meta', LINEAGE_KEY, encodeLineage(lineage))
  const restoredSeq = commit.lastSeq
  commit.leaveOutUntil(firstSeqOfEpoch(nowMicros))
  logNote(writer, nowMicros, { kind: 'restore', fields: { lineageId, restoredSeq } })
  return lineage
}

/** Returns the first seq of an epoch of the log that begins now. */
export function firstSeqOfEpoch(nowMicros: number): number {
  const ticks = Math.floor((nowMicros - SEQ_START_MICROS) / SEQ_TICK_MICROS)
  return Math.min(Math.max(ticks, 0), SEQ_EPOCH_MAX)
}
