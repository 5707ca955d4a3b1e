/**
 * Making a rank tree anew from the entries.
 *
 * @module
 */

import { BoardStorageWriter } from '../board/board-storage.ts'
import { findBoard, noBoard } from '../board/catalog.ts'
import { clockOf } from '../board/commit-clock.ts'
import type { StoreContext } from '../board/context.ts'
import { BoardKeys, keyShapeOf } from '../board/tables.ts'
import { BulkLoader } from '../rank/bulk-load.ts'

/** Rebuilds the rank tree of a board; see `Leaderboards.rebuild`. */
export async function rebuildTree(
  context: StoreContext,
  name: string,
): Promise<{ entries: number; nodes: number }> {
  return context.store.write((writer) => {
    const board = findBoard(writer, name)
    if (board === undefined) throw noBoard(name)
    context.settle(writer, name)
    const keys = new BoardKeys(board.id)
    const storage = new BoardStorageWriter(writer, keys)
    const entries = writer.count('entries', keys.all())
    const clock = clockOf(writer)
    clock.willChange()
    for (const key of [...writer.keys('ranks', keys.all())]) writer.remove('ranks', key)
    const loader = new BulkLoader({ shape: keyShapeOf(board.shape), count: entries })
    for (const key of storage.storedKeys({})) loader.add(key.subarray(storage.keyOffset))
    // The new nodes have the number of this commit, as those settled above had: none may be mixed up.
    writer.afterCommit(() => context.cacheOf(board.id).nodes.clear())
    return { entries, nodes: loader.finish(storage, clock.sequence) }
  })
}
