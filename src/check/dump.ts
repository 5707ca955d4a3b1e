/**
 * Every key and value of a store, one after another, as they are stored and as people read them.
 *
 * @module
 */

import { noBoard } from '../calls/no-board.ts'
import { BoardKeys, NO_BOARD_ID } from '../format/keys.ts'
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
import {
  decodeSeason,
  SEASONS_END,
  SEASONS_START,
  seasonPlaceOf,
  seasonsOfBoard,
} from '../format/meta/season.ts'
import { SEASON_DUES_END, SEASON_DUES_START, seasonDueOf } from '../format/meta/season-due.ts'
import { windowsOfBoard } from '../format/meta/window.ts'
import { finalPlaceOf, finalsOfBoard } from '../format/people/final.ts'
import { printPair } from '../format/print.ts'
import type { ScoreShape } from '../format/score-shape.ts'
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
  const seasons = seasonsOf(reader, boards)
  const shapes = new Map([...boards, ...seasons].map(({ id, shape }) => [id, shape]))
  const ids = board && [board, ...seasons.filter(({ parentId }) => parentId === board.id)]
  for (const table of TABLES) {
    if (only !== undefined && table !== only) continue
    for (const pair of pairsOf(reader, table, { board, ids })) {
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

// Those that can be read: entries of the others are printed as those of a board that is not known.
function seasonsOf(
  reader: Reader<Table>,
  boards: readonly BoardRecord[],
): { id: number; parentId: number; shape: ScoreShape }[] {
  const shapes = new Map(boards.map(({ id, shape }) => [id, shape]))
  const range = { start: SEASONS_START, end: SEASONS_END }
  return [...reader.pairs('meta', range)].flatMap(({ key, value }) => {
    const parentId = seasonPlaceOf(key)?.boardId
    const shape = parentId === undefined ? undefined : shapes.get(parentId)
    const id = decodeSeason(key, value)?.seasonBoardId ?? NO_BOARD_ID
    const isThere = parentId !== undefined && shape !== undefined && id !== NO_BOARD_ID
    return isThere ? [{ id, parentId, shape }] : []
  })
}

/** A board, and the numbers under which its entries lie: those of its seasons too. */
interface DumpedBoard {
  board: { id: number; name: string } | undefined
  ids: readonly { id: number }[] | undefined
}

function* pairsOf(
  reader: Reader<Table>,
  table: Table,
  { board, ids = [] }: DumpedBoard,
): Generator<Pair> {
  if (board === undefined) yield* reader.scan(table, {})
  else if (table === 'meta') yield* metaOf(reader, board)
  else if (table === 'people') yield* reader.scan('people', finalsOfBoard(board.id))
  else if (OF_BOARDS.has(table))
    for (const { id } of ids) yield* reader.scan(table, new BoardKeys(id).all())
}

function* metaOf(reader: Reader<Table>, board: { id: number; name: string }): Generator<Pair> {
  for (const key of [boardKey(board.name), boardChangeKey(board.id), rulesKey(board.id)]) {
    const range: Range = { start: key, limit: 1 }
    for (const pair of reader.pairs('meta', range)) if (pair.key.equals(key)) yield pair
  }
  yield* reader.pairs('meta', windowsOfBoard(board.id))
  yield* reader.pairs('meta', seasonsOfBoard(board.id))
  const dues = { start: SEASON_DUES_START, end: SEASON_DUES_END }
  for (const pair of reader.pairs('meta', dues))
    if (seasonDueOf(pair.key)?.boardId === board.id) yield pair
}
