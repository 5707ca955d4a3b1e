/**
 * Every key and value of a store, one after another, as they are stored and as people read them.
 *
 * @module
 */

import { noBoard } from '../embedded/catalog.ts'
import { BoardKeys } from '../format/keys.ts'
import {
  BOARDS_END,
  BOARDS_START,
  type BoardRecord,
  boardKey,
  boardNameOf,
  decodeBoard,
} from '../format/meta/board.ts'
import { boardChangeKey } from '../format/meta/board-change.ts'
import { rulesKey } from '../format/meta/rules.ts'
import { finalPlaceOf } from '../format/people/final.ts'
import { printPair } from '../format/print.ts'
import { BOARD_TABLES, TABLES, type Table } from '../format/tables.ts'
import { decodeVarint } from '../format/varint.ts'
import type { Pair, Range, Reader } from '../store/store.ts'
import type { DumpedPair, DumpOptions } from '../words/index.ts'

const OF_BOARDS: ReadonlySet<Table> = new Set<Table>(BOARD_TABLES)

/** Yields the pairs of a store in the order of its tables and keys; see `Leaderboards.dump`. */
export function* dumpStore(reader: Reader<Table>, options: DumpOptions): Generator<DumpedPair> {
  const boards = boardsOf(reader)
  const { table: only, board: name } = options
  const board = name === undefined ? undefined : boards.find((found) => found.name === name)
  if (name !== undefined && board === undefined) throw noBoard(name)
  const shapes = new Map(boards.map(({ id, shape }) => [id, shape]))
  for (const table of TABLES) {
    if (only !== undefined && table !== only) continue
    for (const pair of pairsOf(reader, table, board)) {
      const boardId = boardIdOf(table, pair.key)
      const shape = boardId === undefined ? undefined : shapes.get(boardId)
      const { key, value } = pair
      const text = printPair(table, key, value, shape)
      yield { table, key: key.toString('hex'), value: value.toString('hex'), text }
    }
  }
}

function boardIdOf(table: Table, key: Buffer): number | undefined {
  if (table === 'people') return finalPlaceOf(key)?.boardId
  return OF_BOARDS.has(table) ? decodeVarint(key)?.value : undefined
}

// A board whose settings are damaged has no shape: what is printed of it says so.
function boardsOf(reader: Reader<Table>): (BoardRecord & { name: string })[] {
  const range = { start: BOARDS_START, end: BOARDS_END }
  return [...reader.pairs('meta', range)].flatMap(({ key, value }) => {
    const board = decodeBoard(key, value)
    return board === undefined ? [] : [{ name: boardNameOf(key), ...board }]
  })
}

function* pairsOf(
  reader: Reader<Table>,
  table: Table,
  board: { id: number; name: string } | undefined,
): Generator<Pair> {
  if (board === undefined) yield* reader.scan(table, {})
  else if (table === 'meta') {
    for (const key of [boardKey(board.name), boardChangeKey(board.id), rulesKey(board.id)]) {
      const range: Range = { start: key, limit: 1 }
      for (const pair of reader.pairs('meta', range)) if (pair.key.equals(key)) yield pair
    }
  } else if (OF_BOARDS.has(table)) yield* reader.scan(table, new BoardKeys(board.id).all())
}
