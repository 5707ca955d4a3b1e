/**
 * The settings of a board as the layers below the library have them.
 *
 * @module
 */

import { type BoardSpec, newSpec } from '../../src/domain/settings.ts'
import type { BoardView, Score } from '../../src/index.ts'
import type { AskedSettings } from '../../src/words/index.ts'

export function specOf<S extends Score>(board: BoardView<S>): BoardSpec {
  const { order, mode, scoreType, columns, keep } = board
  return newSpec(board.name, { order, mode, scoreType, columns, keep } as AskedSettings)
}
