/**
 * The finals of one player that were kept of seasons which are gone: sealed for good, so only a change that is to
 * reach sealed seasons touches them.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { ownBytes } from '../../format/bytes.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  decodeFinal,
  encodeFinal,
  type FinalRecord,
  finalKey,
  finalPlaceOf,
  finalsOfPlayer,
} from '../../format/people/final.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { NamedSeason, SeasonReach } from '../../words/index.ts'
import { type BoardWindow, readWindow, windowPlacesOf } from './windows.ts'

/** How the log names a final that a change reached. */
export type NamedFinal = NamedSeason & { final: true }

/** A final of a player as it was found. */
export interface KeptFinal {
  key: Buffer
  window: BoardWindow
  startMicros: number
  /** Undefined: it is damaged. */
  final: FinalRecord | undefined
}

/** Returns the finals of a player on a board, also of windows that are going. Cost: O(answer). */
export function keptFinals(
  reader: Reader<Table>,
  { id, shape }: CatalogEntry,
  playerId: string,
): KeptFinal[] {
  return windowPlacesOf(reader, id).flatMap((at) => {
    const range = finalsOfPlayer({ ...at, playerId })
    return [...reader.pairs('people', range)].flatMap(({ key, value }) => {
      const place = finalPlaceOf(key)
      const window = readWindow(reader, at)
      if (place === undefined || window === undefined) return []
      const final = decodeFinal(key, ownBytes(value), shape.headBytes)
      return { key: Buffer.from(key), window, startMicros: place.startMicros, final }
    })
  })
}

/** Removes the finals of a player on a board, if sealed seasons are reached; returns those of windows that are there. */
export function removeFinals(
  writer: Writer<Table>,
  board: CatalogEntry,
  { playerId, isSealedToo = false }: SeasonReach & { playerId: string },
): NamedFinal[] {
  if (!isSealedToo || !commitOf(writer).uses('windows')) return []
  return keptFinals(writer, board, playerId).flatMap((kept) => {
    commitOf(writer).willChange()
    writer.remove('people', kept.key)
    return named(board, kept)
  })
}

/**
 * Gives the finals of one player to another, if sealed seasons are reached; where both have one, the better one
 * stays. Returns those that there were to give.
 */
export function moveFinals(
  writer: Writer<Table>,
  board: CatalogEntry,
  { from, to, isSealedToo = false }: SeasonReach & { from: string; to: string },
): NamedFinal[] {
  if (!isSealedToo || !commitOf(writer).uses('windows')) return []
  const others = keptFinals(writer, board, to)
  return keptFinals(writer, board, from).flatMap((given) => {
    const { key, window, final, startMicros } = given
    commitOf(writer).willChange()
    writer.remove('people', key)
    if (final === undefined) return []
    const own = others.find((other) => {
      return other.window.windowId === window.windowId && other.startMicros === startMicros
    })?.final
    if (own === undefined || final.ordinal < own.ordinal) {
      const { boardId, windowId } = window
      const toKey = finalKey({ boardId, windowId, playerId: to, startMicros })
      writer.put('people', toKey, encodeFinal(toKey, final))
    }
    return named(board, given)
  })
}

function named({ name: board }: CatalogEntry, { window, final }: KeptFinal): NamedFinal[] {
  const { spec, isGone } = window
  if (final === undefined || isGone) return []
  return [{ board, window: spec.name, season: final.season, final: true }]
}
