/**
 * Runs that are to be reviewed: found by an index of those that nobody has resolved yet.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { ownBytes } from '../../format/bytes.ts'
import type { Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import {
  decodeOpenFlag,
  encodeOpenFlag,
  OPEN_FLAGS_END,
  openFlagKey,
  openFlagSeqOf,
} from '../../format/people/open-flag.ts'
import { decodeRun, RUN_TAG } from '../../format/run-record.ts'
import type { Pair, Reader, Writer } from '../../store/store.ts'

/** Notes that a run is to be reviewed. */
export function openFlag(writer: Writer<Table>, seq: number, boardId: number): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('rules')
  const key = openFlagKey(seq)
  writer.put('people', key, encodeOpenFlag(key, boardId))
}

/** Whether a run is to be reviewed. */
export function isFlagged(reader: Reader<Table>, seq: number): boolean {
  return reader.get('people', openFlagKey(seq)) !== undefined
}

/** Takes a run off those to be reviewed. */
export function closeFlag(writer: Writer<Table>, seq: number): void {
  commitOf(writer).willChange()
  writer.remove('people', openFlagKey(seq))
}

/** Takes the runs of a board that is dropped off them. Cost: a read of each open flag. */
export function closeFlagsOf(writer: Writer<Table>, boardId: number): void {
  if (!commitOf(writer).uses('rules')) return
  const range = { start: openFlagKey(0), end: OPEN_FLAGS_END }
  for (const { key, value } of [...writer.pairs('people', range)])
    if (decodeOpenFlag(key, value) === boardId) writer.remove('people', key)
}

/** Takes the runs before a seq off them: their records were trimmed. Cost: O(answer). */
export function closeFlagsBefore(writer: Writer<Table>, seq: number): void {
  const range = { start: openFlagKey(0), end: openFlagKey(seq) }
  for (const key of [...writer.keys('people', range)]) writer.remove('people', key)
}

/**
 * Yields the records of runs to be reviewed with seqs in [first, end), as they stand in the log. One that is
 * undone is not to be reviewed, until it counts again.
 */
export function* flaggedPairs(
  reader: Reader<Table>,
  range: { first: number; end: number; reverse: boolean },
): Generator<Pair> {
  const { first, end, reverse } = range
  const keys = reader.keys('people', { start: openFlagKey(first), end: openFlagKey(end), reverse })
  for (const key of keys) {
    const seq = openFlagSeqOf(key)
    if (seq === undefined) continue
    const record = logKey(seq)
    const value = reader.get('log', record)
    if (value === undefined) continue
    const pair = { key: record, value: ownBytes(value) }
    if (decodeRun(pair.key, pair.value)?.tail.has(RUN_TAG.UNDONE) !== true) yield pair
  }
}
