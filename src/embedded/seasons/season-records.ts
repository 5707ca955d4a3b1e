/**
 * The seasons of a window, as they are stored.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { ownBytes } from '../../format/bytes.ts'
import {
  decodeSeason,
  encodeSeason,
  type SeasonPlace,
  type SeasonRecord,
  seasonKey,
  seasonPlaceOf,
  seasonsOfWindow,
} from '../../format/meta/season.ts'
import type { WindowPlace } from '../../format/meta/window.ts'
import type { Table } from '../../format/tables.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Range, Reader, Writer } from '../../store/store.ts'

/** A season with its place. */
export interface StoredSeason extends SeasonPlace, SeasonRecord {}

/** Returns the season that begins at an instant, or undefined. */
export function readSeason(reader: Reader<Table>, place: SeasonPlace): StoredSeason | undefined {
  const key = seasonKey(place)
  const value = reader.get('meta', key)
  return value && decoded(key, ownBytes(value))
}

/** Returns the last season that begins at an instant or before it. Cost: a look at one key. */
export function seasonBy(
  reader: Reader<Table>,
  window: WindowPlace,
  micros: number,
): StoredSeason | undefined {
  const { start } = seasonsOfWindow(window)
  return first(reader, { start, end: keyAt(window, micros + 1), reverse: true })
}

/** Returns the first season that begins at an instant or behind it. Cost: a look at one key. */
export function seasonFrom(
  reader: Reader<Table>,
  window: WindowPlace,
  micros: number,
): StoredSeason | undefined {
  const { end } = seasonsOfWindow(window)
  return first(reader, { start: keyAt(window, micros), end })
}

/** Returns the first season that is stored. */
export function firstSeason(reader: Reader<Table>, window: WindowPlace): StoredSeason | undefined {
  return first(reader, seasonsOfWindow(window))
}

/** Yields the seasons of a window, the newest first. */
export function* seasonsBackwards(
  reader: Reader<Table>,
  window: WindowPlace,
  beforeMicros?: number,
): Generator<StoredSeason> {
  const { start, end } = seasonsOfWindow(window)
  const range = { start, end: beforeMicros === undefined ? end : keyAt(window, beforeMicros) }
  for (const { key, value } of reader.pairs('meta', { ...range, reverse: true }))
    yield decoded(key, value)
}

/** Yields the seasons of a window that begin at an instant or behind it, in the order of time. */
export function* seasonsOnwards(
  reader: Reader<Table>,
  window: WindowPlace,
  fromMicros?: number,
): Generator<StoredSeason> {
  const { start, end } = seasonsOfWindow(window)
  const range = { start: fromMicros === undefined ? start : keyAt(window, fromMicros), end }
  for (const { key, value } of reader.pairs('meta', range)) yield decoded(key, value)
}

/** Returns all seasons of a window in the order of time. */
export function listSeasons(reader: Reader<Table>, window: WindowPlace): StoredSeason[] {
  return [...reader.pairs('meta', seasonsOfWindow(window))].map(({ key, value }) =>
    decoded(key, value),
  )
}

/**
 * Returns the season that an instant lies in, of those that a transaction has seen last; `find` looks for it
 * elsewhere, and what it finds is remembered if it is stored.
 */
export function seenSeason<T extends { stored: StoredSeason | undefined }>(
  writer: Writer<Table>,
  window: WindowPlace,
  asked: { micros: number; find: () => T | undefined },
): T | undefined {
  const seen = seenIn(writer)
  const name = nameOf(window)
  const known = seen.get(name) as { season: T; from: number; to: number } | undefined
  if (known !== undefined && asked.micros >= known.from && asked.micros < known.to)
    return known.season
  const season = asked.find()
  const stored = season?.stored
  if (season === undefined || stored === undefined) return season
  const { startMicros: from, endMicros: to = Number.POSITIVE_INFINITY } = stored
  seen.set(name, { season, from, to })
  return season
}

const OWNER = {}

// By windows: the season that was looked for last.
function seenIn(writer: Writer<Table>): Map<number, { season: object; from: number; to: number }> {
  return writer.local(OWNER, () => new Map())
}

// Numbers of boards have 32 bits, those of windows 16.
function nameOf({ boardId, windowId }: WindowPlace): number {
  return boardId * 2 ** 16 + windowId
}

/** Puts a season and returns it. */
export function putSeason(writer: Writer<Table>, season: StoredSeason): StoredSeason {
  commitOf(writer).willChange()
  seenIn(writer).delete(nameOf(season))
  const key = seasonKey(season)
  writer.put('meta', key, encodeSeason(key, season))
  return season
}

/** Removes what says that there was a season. */
export function removeSeason(writer: Writer<Table>, place: SeasonPlace): void {
  commitOf(writer).willChange()
  seenIn(writer).delete(nameOf(place))
  writer.remove('meta', seasonKey(place))
}

function keyAt({ boardId, windowId }: WindowPlace, startMicros: number): Buffer {
  return seasonKey({ boardId, windowId, startMicros })
}

function first(reader: Reader<Table>, range: Range): StoredSeason | undefined {
  for (const { key, value } of reader.pairs('meta', { ...range, limit: 1 }))
    return decoded(key, value)
  return undefined
}

function decoded(key: Buffer, value: Buffer): StoredSeason {
  const place = seasonPlaceOf(key)
  const record = decodeSeason(key, value)
  if (place !== undefined && record !== undefined) return { ...place, ...record }
  throw new LadderError(
    'CORRUPT',
    `Cannot read the season under key ${key.toString('hex')}: it is damaged; run check, then restore a backup`,
  )
}
