/**
 * A board with its windows, on the newest snapshot: also one that does not exist yet.
 *
 * @module
 */

import { windowLeftOut } from '../../domain/windows.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { FIRST_WINDOW_ID } from '../../format/meta/window.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import type { Reader } from '../../store/store.ts'
import type { WindowSpec } from '../../words/index.ts'
import { findBoard } from '../catalog.ts'
import type { NamedBoard } from '../named-board.ts'
import type { OpenStore } from '../open-store.ts'
import type { CurrentReader } from '../readers.ts'
import { presentOf } from './season-boards.ts'
import { type BoardWindow, windowsOf } from './windows.ts'

/** A board on one snapshot, whose windows are asked for. */
export interface WindowedBoard {
  reader: Reader<Table>
  /** Its number is 0 if it is not there yet. */
  board: CatalogEntry
  /** The store's clock: the later of the wall clock and the last time that it gave. */
  presentMicros: number
  windows: readonly BoardWindow[]
}

/**
 * Returns a board as its handle finds it. One that is not there yet has the windows that it would be made
 * with, whose seasons are those of the calendar.
 *
 * @throws {LadderError} as reads of the board.
 */
export function windowedBoard(context: OpenStore, source: CurrentReader): WindowedBoard {
  const { boardId } = source.read()
  const reader = context.store.current()
  const { spec } = source.board
  const presentMicros = presentOf(reader, context.nowMicros())
  const windows =
    boardId === NO_BOARD_ID
      ? windowsAskedFor(spec.windows, presentMicros)
      : windowsOf(reader, boardId)
  return { reader, board: { ...spec, id: boardId }, presentMicros, windows }
}

/**
 * Judges whether a call names a window; `action` says what it is to do.
 *
 * @throws {TypeError} that names the windows of the board if it does not.
 */
export function checkWindowNamed(
  action: string,
  window: string | undefined,
  look: () => WindowedBoard,
): void {
  if (window !== undefined) return
  const { board, windows } = look()
  throw windowLeftOut(action, { board: board.name, known: windows.map(({ spec }) => spec.name) })
}

/** Whether a board has windows, or is to be made with some. */
export function hasWindows(reader: Reader<Table>, { name, spec }: NamedBoard): boolean {
  const found = findBoard(reader, name)
  if (found === undefined) return (spec.windows ?? []).length > 0
  return windowsOf(reader, found.id).length > 0
}

// As if they were added now.
function windowsAskedFor(
  specs: readonly WindowSpec[] = [],
  sinceMicros: number,
): readonly BoardWindow[] {
  return specs.map((spec, i) => ({
    ...{ boardId: NO_BOARD_ID, windowId: FIRST_WINDOW_ID + i, spec, sinceMicros, sinceSeq: 0 },
    ...{ retiredBeforeMicros: undefined, isGone: false, others: NO_FIELDS },
  }))
}
