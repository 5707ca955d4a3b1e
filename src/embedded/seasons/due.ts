/**
 * What is to be done about seasons, in the order of time: each stands in an index under the instant from which
 * on it is due.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import {
  encodeSeasonDue,
  SEASON_DUES_END,
  SEASON_DUES_START,
  type SeasonDue,
  seasonDueKey,
  seasonDueOf,
} from '../../format/meta/season-due.ts'
import type { WindowPlace } from '../../format/meta/window.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'

const ALL = { start: SEASON_DUES_START, end: SEASON_DUES_END }
const NEVER = Number.POSITIVE_INFINITY

/** Notes that something is to be done. */
export function putDue(writer: Writer<Table>, due: SeasonDue): void {
  commitOf(writer).willChange()
  const key = seasonDueKey(due)
  writer.put('meta', key, encodeSeasonDue(key))
  if (due.kind === 'retire') return
  const next = nextIn(writer)
  next.micros = Math.min(next.micros, due.dueMicros)
}

/** Takes note that it is done, or is not to be done any more. */
export function removeDue(writer: Writer<Table>, due: SeasonDue): void {
  commitOf(writer).willChange()
  writer.remove('meta', seasonDueKey(due))
}

/**
 * Returns the first that is due; undefined if nothing is. Seasons that are to leave are looked at apart.
 * Cost: nothing if nothing is due, once a transaction has looked.
 */
export function nextDue(writer: Writer<Table>, presentMicros: number): SeasonDue | undefined {
  const next = nextIn(writer)
  if (presentMicros < next.micros) return undefined
  const due = firstDue(writer)
  next.micros = due?.dueMicros ?? NEVER
  return due !== undefined && due.dueMicros <= presentMicros ? due : undefined
}

/** Says when the next is due; infinite if none is. Cost: a look at one key, and one for each window that loses seasons. */
export function firstDueMicros(reader: Reader<Table>): number {
  return firstDue(reader)?.dueMicros ?? NEVER
}

/** Returns the windows that have seasons which are to leave. Cost: a look at all that is to be done. */
export function retirementsDue(reader: Reader<Table>): SeasonDue[] {
  return listDues(reader, ALL).filter(({ kind }) => kind === 'retire')
}

/** Returns the last hole of a window that begins at an instant or before it. Cost: a look at all that is to be done. */
export function holeBy(
  reader: Reader<Table>,
  { boardId, windowId }: WindowPlace,
  micros: number,
): SeasonDue | undefined {
  return listDues(reader, ALL)
    .filter((due) => due.kind === 'hole' && due.startMicros <= micros)
    .filter((due) => due.boardId === boardId && due.windowId === windowId)
    .sort((a, b) => a.startMicros - b.startMicros)
    .at(-1)
}

/** Removes all that is to be done about the seasons of some windows. Cost: a look at all that is to be done. */
export function removeDuesOf(writer: Writer<Table>, isMeant: (due: SeasonDue) => boolean): void {
  for (const due of listDues(writer, ALL)) if (isMeant(due)) removeDue(writer, due)
}

function listDues(reader: Reader<Table>, range: { start: Buffer; end: Buffer }): SeasonDue[] {
  return [...reader.keys('meta', range)].flatMap((key) => seasonDueOf(key) ?? [])
}

function firstDue(reader: Reader<Table>): SeasonDue | undefined {
  for (const key of reader.keys('meta', ALL)) {
    const due = seasonDueOf(key)
    if (due !== undefined && due.kind !== 'retire') return due
  }
  return undefined
}

const OWNER = {}

function nextIn(writer: Writer<Table>): { micros: number } {
  return writer.local(OWNER, readNext)
}

function readNext(reader: Reader<Table>): { micros: number } {
  return { micros: firstDueMicros(reader) }
}
