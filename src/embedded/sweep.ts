/**
 * Freeing what a dropped board left behind, a little at a time: others write in between.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import { orphanKey } from '../format/meta/orphan.ts'
import { finalsOfBoard } from '../format/people/final.ts'
import { BOARD_TABLES } from '../format/tables.ts'
import { CHUNK_ENTRIES } from '../ground/limits.ts'
import type { Writer } from '../store/store.ts'
import { WorkPace } from '../store/work-pace.ts'
import { retireBoard } from './catalog.ts'
import { forgetSwept } from './moderation/requests.ts'
import type { OpenStore } from './open-store.ts'

/**
 * Removes the keys of dropped boards until none are left, or `isEnded` says so after a commit.
 * Reports how many keys each commit removed.
 */
export async function sweepBoard(
  context: OpenStore,
  boardId: number,
  options: { isEnded: () => boolean; onSwept: (keys: number) => void },
): Promise<void> {
  const pace = new WorkPace(CHUNK_ENTRIES)
  while (!options.isEnded()) {
    const { removed, isDone } = await context.store.write((writer) =>
      pace.bite((limit) => sweepChunk(writer, boardId, limit)),
    )
    if (removed > 0) options.onSwept(removed)
    if (isDone) return
  }
}

// Removes some keys; with the last ones goes the note that the board is to be swept.
function sweepChunk(
  writer: Writer<Table>,
  boardId: number,
  limit: number,
): { removed: number; isDone: boolean } {
  const range = new BoardKeys(boardId).all()
  let removed = 0
  commitOf(writer).willChange()
  retireBoard(writer, boardId)
  for (const table of BOARD_TABLES) {
    const keys = [...writer.keys(table, { ...range, limit: limit - removed })]
    for (const key of keys) writer.remove(table, key)
    removed += keys.length
    if (table === 'requests') forgetSwept(writer, keys.length)
    if (removed === limit) return { removed, isDone: false }
  }
  const rest = { ...finalsOfBoard(boardId), limit: limit - removed }
  const finals = [...writer.keys('people', rest)]
  for (const key of finals) writer.remove('people', key)
  removed += finals.length
  if (removed === limit) return { removed, isDone: false }
  writer.remove('meta', orphanKey(boardId))
  return { removed, isDone: true }
}
