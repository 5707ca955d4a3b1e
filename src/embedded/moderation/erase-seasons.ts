/**
 * A person in the seasons of a board: in all of them, sealed ones too, in those that are going, and in the finals
 * that were kept.
 *
 * Who was moved to the person left the seasons that were not sealed then. What is under the old id in those that
 * were is the person's; what is there in later ones is somebody else's.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { hasBoard } from '../../format/meta/season.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { OpenStore } from '../open-store.ts'
import { keptFinals } from '../seasons/kept-finals.ts'
import { isInSeasonsOf, isOnBoard } from '../seasons/reached-seasons.ts'
import { sealMicrosOf } from '../seasons/season-at.ts'
import { seasonEntry } from '../seasons/season-boards.ts'
import { listSeasons } from '../seasons/season-records.ts'
import { allWindowsOf } from '../seasons/windows.ts'

/** An id, and until when it was the person's. */
export interface PastId {
  playerId: string
  untilMicros: number
}

/** Takes a person out of the seasons of a board under one id; whether there was anything. Cost: O(seasons). */
export function takeOffSeasons(
  { context, writer }: { context: OpenStore; writer: Writer<Table> },
  board: CatalogEntry,
  { playerId, untilMicros }: PastId,
): boolean {
  if (!commitOf(writer).uses('windows')) return false
  const own = seasonsWith(writer, board, playerId).filter(
    ({ sealMicros }) => sealMicros <= untilMicros,
  )
  for (const { entry } of own) context.writerOfSeason(writer, entry).remove(playerId)
  const finals = keptFinals(writer, board, playerId).filter(({ window, final }) => {
    const sealMicros = final === undefined ? NEVER : sealMicrosOf(window, final.endMicros)
    return sealMicros <= untilMicros
  })
  if (finals.length > 0) commitOf(writer).willChange()
  for (const { key } of finals) writer.remove('people', key)
  return own.length + finals.length > 0
}

/** Whether the id that a person had is somebody else's by now in a season. */
export function isInLaterSeason(
  reader: Reader<Table>,
  board: CatalogEntry,
  { playerId, untilMicros }: PastId,
): boolean {
  return seasonsWith(reader, board, playerId).some(({ sealMicros }) => sealMicros > untilMicros)
}

/** Whether any season of a board has a player, or what is left of one that is gone. Cost: O(seasons). */
export function isInSeasons(reader: Reader<Table>, board: CatalogEntry, playerId: string): boolean {
  if (seasonsWith(reader, board, playerId).length > 0) return true
  return keptFinals(reader, board, playerId).length > 0
}

const NEVER = Number.POSITIVE_INFINITY

function seasonsWith(
  reader: Reader<Table>,
  board: CatalogEntry,
  playerId: string,
): { entry: CatalogEntry; sealMicros: number }[] {
  const all = { playerIds: [playerId], isSealedToo: true }
  if (!isInSeasonsOf(reader, board, all)) return []
  return allWindowsOf(reader, board.id).flatMap((window) =>
    listSeasons(reader, window).flatMap((season) => {
      const entry = seasonEntry(board, window, season)
      if (!hasBoard(season) || !isOnBoard(reader, entry, playerId)) return []
      const { endMicros } = season
      const sealMicros = endMicros === undefined ? NEVER : sealMicrosOf(window, endMicros)
      return [{ entry, sealMicros }]
    }),
  )
}
