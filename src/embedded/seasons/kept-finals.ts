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
import type { Writer } from '../../store/store.ts'
import type { NamedSeason, SeasonReach } from '../../words/index.ts'
import { allWindowsOf, type BoardWindow } from './windows.ts'

/** How the log names a final that a change reached. */
export type NamedFinal = NamedSeason & { final: true }

interface KeptFinal {
  key: Buffer
  startMicros: number
  /** Undefined: it is damaged. */
  final: FinalRecord | undefined
}

/** Removes the finals of a player on a board, if sealed seasons are reached; returns those of windows that are there. */
export function removeFinals(
  writer: Writer<Table>,
  board: CatalogEntry,
  { playerId, isSealedToo = false }: SeasonReach & { playerId: string },
): NamedFinal[] {
  if (!isSealedToo || !commitOf(writer).uses('windows')) return []
  return allWindowsOf(writer, board.id).flatMap((window) =>
    finalsIn(writer, { board, window, playerId }).flatMap(({ key, final }) => {
      commitOf(writer).willChange()
      writer.remove('people', key)
      return named(board, window, final)
    }),
  )
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
  return allWindowsOf(writer, board.id).flatMap((window) => {
    const others = finalsIn(writer, { board, window, playerId: to })
    return finalsIn(writer, { board, window, playerId: from }).flatMap((given) => {
      const { key, final, startMicros } = given
      commitOf(writer).willChange()
      writer.remove('people', key)
      if (final === undefined) return []
      const own = others.find((other) => other.startMicros === startMicros)?.final
      if (own === undefined || final.ordinal < own.ordinal) {
        const { boardId, windowId } = window
        const toKey = finalKey({ boardId, windowId, playerId: to, startMicros })
        writer.put('people', toKey, encodeFinal(toKey, final))
      }
      return named(board, window, final)
    })
  })
}

function finalsIn(
  writer: Writer<Table>,
  of: { board: CatalogEntry; window: BoardWindow; playerId: string },
): KeptFinal[] {
  const { board, window, playerId } = of
  const { boardId, windowId } = window
  const range = finalsOfPlayer({ boardId, windowId, playerId })
  return [...writer.pairs('people', range)].flatMap(({ key, value }) => {
    const place = finalPlaceOf(key)
    if (place === undefined) return []
    const final = decodeFinal(key, ownBytes(value), board.shape.headBytes)
    return { key: Buffer.from(key), startMicros: place.startMicros, final }
  })
}

function named(
  { name: board }: CatalogEntry,
  { spec, isGone }: BoardWindow,
  final: FinalRecord | undefined,
): NamedFinal[] {
  if (final === undefined || isGone) return []
  return [{ board, window: spec.name, season: final.season, final: true }]
}
