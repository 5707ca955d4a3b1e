/**
 * A board with its windows, on the newest snapshot: also one that does not exist yet.
 *
 * @module
 */

import { NO_BOARD_ID } from '../../format/keys.ts'
import { FIRST_WINDOW_ID } from '../../format/meta/window.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import type { WindowSpec } from '../../words/index.ts'
import type { OpenStore } from '../open-store.ts'
import type { CurrentReader } from '../readers.ts'
import { presentOf } from './season-boards.ts'
import type { WindowedBoard } from './season-source.ts'
import { type BoardWindow, windowsOf } from './windows.ts'

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
