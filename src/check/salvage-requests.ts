/**
 * The requests that a damaged store has left, for the boards that are saved: a retry must not count again
 * because of the damage.
 *
 * @module
 */

import type { CatalogEntry } from '../format/meta/board.ts'
import { decodeRequest, type RequestRecord } from '../format/request-record.ts'
import { decodeVarint } from '../format/varint.ts'
import { FILL_CHUNK_KEYS } from '../ground/limits.ts'
import type { Pair } from '../store/store.ts'

/** A request for a board of the new store. */
export interface SavedRequest {
  board: CatalogEntry
  requestId: string
  record: RequestRecord
}

/** Yields them in chunks; `boards` are those of the new store by their numbers in the damaged one. */
export function* requestsIn(
  wreck: { pairs(table: string): Iterable<Pair> },
  { boards, problems }: { boards: ReadonlyMap<number, CatalogEntry>; problems: string[] },
): Generator<SavedRequest[]> {
  let chunk: SavedRequest[] = []
  for (const { key, value } of wreck.pairs('requests')) {
    const number = decodeVarint(key)
    const board = number && boards.get(number.value)
    if (number === undefined || board === undefined) continue
    const record = decodeRequest(key, value, board.shape)
    if (record === undefined) {
      problems.push(`table "requests": a record of board "${board.name}" is damaged`)
      continue
    }
    chunk.push({ board, requestId: key.toString('utf8', number.size), record })
    if (chunk.length < FILL_CHUNK_KEYS) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
