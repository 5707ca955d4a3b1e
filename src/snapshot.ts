/**
 * Reads of several boards at one instant.
 *
 * @module
 */

import { checkBoardName } from './arguments.ts'
import { BoardReader } from './board/board-reader.ts'
import { type CatalogEntry, findBoard, listBoards, noBoard } from './board/catalog.ts'
import type { StoreContext } from './board/context.ts'
import { settingsInfo } from './board/settings.ts'
import type { Table } from './board/tables.ts'
import type { BoardInfo, Score } from './board-types.ts'
import { BoardView } from './board-view.ts'
import { LadderError } from './errors.ts'
import { SNAPSHOT_MS_MAX } from './limits.ts'
import type { Reader } from './store/store.ts'

/** What `Leaderboards.snapshot` reads from: every board at one instant. */
export interface Snapshot {
  /** @throws {LadderError} `NO_BOARD`. */
  board<S extends Score = number>(name: string): BoardView<S>
  /** All boards, ordered by the bytes of their names. */
  boards(): BoardInfo[]
}

/** Whether the views of a snapshot may still read. */
interface Life {
  isOver: boolean
  /** By `performance.now`. */
  endsMs: number
}

/** Runs `read` on one snapshot; see `Leaderboards.snapshot`. */
export function readSnapshot<T>(context: StoreContext, read: (view: Snapshot) => T): T {
  const life = { isOver: false, endsMs: performance.now() + SNAPSHOT_MS_MAX }
  try {
    return context.store.snapshot((reader) => {
      const answer = read({
        board: <S extends Score>(name: string) =>
          viewOf<S>(context, reader, { name: checkBoardName(name), life }),
        boards: () => infosOf(context, reader),
      })
      if (answer instanceof Promise)
        throw new TypeError('Cannot hold a snapshot: the function must be synchronous')
      return answer
    })
  } finally {
    life.isOver = true
  }
}

/** Returns all boards, ordered by the bytes of their names. */
export function infosOf(context: StoreContext, reader: Reader<Table>): BoardInfo[] {
  return listBoards(reader).map((board) => {
    return { ...settingsInfo(board), size: readerOf(context, reader, board).size }
  })
}

function viewOf<S extends Score>(
  context: StoreContext,
  reader: Reader<Table>,
  view: { name: string; life: Life },
): BoardView<S> {
  const board = findBoard(reader, view.name)
  if (board === undefined) throw noBoard(view.name)
  const boardReader = readerOf(context, reader, board)
  const source = (): BoardReader => {
    if (!view.life.isOver) {
      if (performance.now() < view.life.endsMs) return boardReader
      throw new LadderError(
        'EXPIRED',
        `Cannot read board "${board.name}": the snapshot is older than ${SNAPSHOT_MS_MAX} ms, and the file grows while it is held; take less at once`,
      )
    }
    throw new LadderError(
      'CLOSED',
      `Cannot read board "${board.name}": its snapshot is over; take what is needed inside`,
    )
  }
  return new BoardView<S>(board, { source, context })
}

/** @throws {LadderError} `CORRUPT` where the rank tree is missing. */
export function readerOf(
  context: StoreContext,
  reader: Reader<Table>,
  board: CatalogEntry,
): BoardReader {
  const boardReader = new BoardReader(reader, {
    boardId: board.id,
    shape: board.shape,
    cache: context.cacheOf(board.id),
  })
  if (boardReader.refresh()) return boardReader
  throw new LadderError(
    'CORRUPT',
    `Cannot read board "${board.name}": its rank tree is missing; run rebuild`,
  )
}
