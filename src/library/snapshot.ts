/**
 * Reads of several boards at one instant.
 *
 * @module
 */

import type { BoardReader } from '../board/board-reader.ts'
import { checkArguments, refuseOptions } from '../calls/options.ts'
import { checkBoardName } from '../calls/values.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { findBoard, noBoard } from '../embedded/catalog.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { infosOf, readerOf } from '../embedded/readers.ts'
import type { Table } from '../format/keys.ts'
import { LadderError } from '../ground/errors.ts'
import { SNAPSHOT_MS_MAX } from '../ground/limits.ts'
import type { Reader } from '../store/store.ts'
import type { BoardInfo, Entry, RankOptions, Score } from '../words/index.ts'
import { BoardView } from './board-view.ts'
import type { ReaderSource } from './standings-view.ts'

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

/**
 * Runs `read` on one snapshot; see `Leaderboards.snapshot`.
 *
 * @internal
 */
export function readSnapshot<T>(context: OpenStore, read: (view: Snapshot) => T): T {
  const life = { isOver: false, endsMs: performance.now() + SNAPSHOT_MS_MAX }
  try {
    return context.store.snapshot((reader) => {
      const answer = read({
        board: <S extends Score>(...given: [string, ...unknown[]]) => {
          const name = checkBoardName(given[0])
          refuseOptions(given[1], 'options of board() of a snapshot')
          return viewOf<S>(context, reader, { name, life })
        },
        boards: (...given: unknown[]) => {
          checkArguments('boards', given)
          checkIsAlive(life, 'list the boards')
          return infosOf(context, reader)
        },
      })
      if (answer instanceof Promise) {
        // Its reads after the end throw, and nobody but us has the promise to hear of that.
        answer.catch(() => undefined)
        throw new TypeError('Cannot hold a snapshot: the function must be synchronous')
      }
      return answer
    })
  } finally {
    life.isOver = true
  }
}

function viewOf<S extends Score>(
  context: OpenStore,
  reader: Reader<Table>,
  view: { name: string; life: Life },
): BoardView<S> {
  const checkLife = (): void => checkIsAlive(view.life, `read board "${view.name}"`)
  checkLife()
  const board = findBoard(reader, view.name)
  if (board === undefined) throw noBoard(view.name)
  const boardReader = readerOf(context, reader, board)
  const source = (): BoardReader => {
    checkLife()
    return boardReader
  }
  return new SnapshotView<S>(board, { source, context, checkLife })
}

// An iteration holds a snapshot of its own: it must not outlive this one.
class SnapshotView<S extends Score> extends BoardView<S> {
  readonly #checkLife: () => void

  constructor(
    board: BoardSpec,
    parts: { source: ReaderSource; context: OpenStore; checkLife: () => void },
  ) {
    super(() => board, parts)
    this.#checkLife = parts.checkLife
  }

  override entries(options?: RankOptions): Generator<Entry<S>> {
    return this.#whileAlive(super.entries(options))
  }

  *#whileAlive(entries: Generator<Entry<S>>): Generator<Entry<S>> {
    for (const entry of entries) {
      this.#checkLife()
      yield entry
    }
  }
}

function checkIsAlive(life: Life, action: string): void {
  if (life.isOver) {
    throw new LadderError(
      'CLOSED',
      `Cannot ${action}: the snapshot is over; take what is needed inside`,
    )
  }
  if (performance.now() < life.endsMs) return
  throw new LadderError(
    'EXPIRED',
    `Cannot ${action}: the snapshot is older than ${SNAPSHOT_MS_MAX} ms, and the file grows while it is held; take less at once`,
  )
}
