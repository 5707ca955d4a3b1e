/**
 * What a store keeps about itself: header, counters and lineage.
 *
 * @module
 */

import { ownBytes } from '../format/bytes.ts'
import type { Table } from '../format/keys.ts'
import { COUNTERS_KEY, type Counters, decodeCounters } from '../format/meta/counters.ts'
import { decodeHeader, HEADER_KEY } from '../format/meta/header.ts'
import { decodeLineage, LINEAGE_KEY } from '../format/meta/lineage.ts'
import { NO_FIELDS } from '../format/tail.ts'
import { AT_MICROS_MAX, BOARD_ID_MAX, EXACT_MAX } from '../ground/limits.ts'
import type { Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

type Found = Omit<Finding, 'board'>

/** Counters that say nothing about anything else. */
export const UNKNOWN_COUNTERS: Counters = {
  sequence: Number.POSITIVE_INFINITY,
  lastMicros: 0,
  nextBoardId: BOARD_ID_MAX + 1,
  tail: NO_FIELDS,
}

/** Returns what is wrong with the header. */
export function headerProblems(reader: Reader<Table>): Found[] {
  const value = reader.get('meta', HEADER_KEY)
  if (value !== undefined && decodeHeader(value) !== undefined) return []
  return [{ invariant: INVARIANT.FORM, place: 'header', problem: 'it is missing or damaged' }]
}

/** Returns the counters and what is wrong with them. */
export function checkCounters(reader: Reader<Table>): { counters: Counters; found: Found[] } {
  const value = reader.get('meta', COUNTERS_KEY)
  const counters = value && decodeCounters(value)
  const place = 'counters'
  if (counters === undefined) {
    const problem = 'they are missing or damaged'
    const found = [{ invariant: INVARIANT.FORM, place, problem }]
    return { counters: UNKNOWN_COUNTERS, found }
  }
  const { sequence, lastMicros } = counters
  const problems = [
    ...(sequence > EXACT_MAX ? [`their commit number is ${sequence}, at most ${EXACT_MAX}`] : []),
    ...(lastMicros > AT_MICROS_MAX
      ? [`their last time is ${lastMicros}, at most ${AT_MICROS_MAX}`]
      : []),
  ]
  const found = problems.map((problem) => ({ invariant: INVARIANT.COUNTERS, place, problem }))
  return { counters, found }
}

/** Returns what is wrong with the lineage. */
export function lineageProblems(reader: Reader<Table>): Found[] {
  const value = reader.get('meta', LINEAGE_KEY)
  if (value === undefined || decodeLineage(ownBytes(value))) return []
  return [{ invariant: INVARIANT.FORM, place: 'lineage', problem: 'it is damaged' }]
}
