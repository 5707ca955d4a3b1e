/**
 * Keys under a board number that neither the catalog nor the orphans know: invariant 5 of FORMAT.md.
 *
 * Nothing leads to such keys and nothing removes them, so they would take room for ever, and a board that
 * got their number would be born with entries. Only one key of each board is looked at: the search goes on
 * behind the last key that the board can have, so the cost is that of the boards and not of their entries.
 *
 * @module
 */

import { BoardKeys, type Table } from '../format/keys.ts'
import { printKey } from '../format/print.ts'
import { REQUESTS_START } from '../format/request-record.ts'
import { BOARD_TABLES } from '../format/tables.ts'
import { decodeVarint } from '../format/varint.ts'
import type { Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

export const NO_SUCH_BOARD = 'no such board is in the catalog'

const invariant = INVARIANT.KEY_OF_BOARD

/** Yields what lies under numbers other than those of the boards that are known. */
export function* straysOf(
  reader: Reader<Table>,
  known: ReadonlySet<number>,
): Generator<Omit<Finding, 'board'>> {
  for (const table of BOARD_TABLES)
    for (const found of boardsIn(reader, table)) {
      if (typeof found !== 'number')
        yield { invariant, place: `${table}: ${found.key}`, problem: 'the key belongs to no board' }
      else if (!known.has(found))
        yield { invariant, place: `${table} of board ${found}`, problem: NO_SUCH_BOARD }
    }
}

// The numbers of the boards that have keys in a table; last a key without number, behind which no next
// board can be told.
function* boardsIn(reader: Reader<Table>, table: Table): Generator<number | { key: string }> {
  // In front of all boards this table has its state.
  let start = table === 'requests' ? REQUESTS_START : undefined
  for (;;) {
    const [key] = reader.keys(table, { start, limit: 1 })
    if (key === undefined) return
    const boardId = decodeVarint(key)?.value
    if (boardId === undefined) {
      yield { key: printKey(table, key) }
      return
    }
    yield boardId
    start = new BoardKeys(boardId).end
  }
}
