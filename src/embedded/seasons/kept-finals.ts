/**
 * The finals of one player that were kept of seasons which are gone. No change reaches them but an erasure.
 *
 * @module
 */

import { ownBytes } from '../../format/bytes.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  decodeFinal,
  type FinalRecord,
  finalPlaceOf,
  finalsOfPlayer,
} from '../../format/people/final.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import { type BoardWindow, readWindow, windowPlacesOf } from './windows.ts'

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
