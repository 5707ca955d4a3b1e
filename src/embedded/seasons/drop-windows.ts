/**
 * What a dropped board leaves of windows and seasons.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import { retireBoard } from '../catalog.ts'
import { removeDuesOf } from './due.ts'
import { listSeasons, removeSeason } from './season-records.ts'
import type { TurnPlace } from './turn.ts'
import { allWindowsOf, removeWindow } from './windows.ts'

/**
 * Takes the windows of a board away with all their seasons, and returns the numbers that these had: their
 * entries are to be swept. Cost: O(seasons).
 */
export function dropWindows({ context, writer }: TurnPlace, boardId: number): number[] {
  if (!commitOf(writer).uses('windows')) return []
  const ids: number[] = []
  for (const window of allWindowsOf(writer, boardId)) {
    for (const season of listSeasons(writer, window)) {
      removeSeason(writer, season)
      if (season.seasonBoardId === NO_BOARD_ID) continue
      context.settleSeason(writer, season.seasonBoardId)
      retireBoard(writer, season.seasonBoardId)
      ids.push(season.seasonBoardId)
    }
    removeWindow(writer, window)
  }
  removeDuesOf(writer, (due) => due.boardId === boardId)
  return ids
}
