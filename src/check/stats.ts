/**
 * Sizes and shape of a store.
 *
 * @module
 */

import { BoardStorage } from '../board/board-storage.ts'
import { readCounters } from '../board/commit.ts'
import { listBoards, listOrphans } from '../embedded/catalog.ts'
import { readLineage } from '../embedded/lineage.ts'
import type { TableStore } from '../embedded/open-store.ts'
import { boardInWords, seasonEntriesOf } from '../embedded/seasons/season-boards.ts'
import { windowsOf } from '../embedded/seasons/windows.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { decodeHeader, HEADER_KEY } from '../format/meta/header.ts'
import { decodeNode } from '../format/tree-node.ts'
import { LadderError } from '../ground/errors.ts'
import { TreeNode } from '../rank/node.ts'
import { ROOT_ID } from '../rank/tree-storage.ts'
import type { Reader } from '../store/store.ts'
import type { StoreStats, TreeStats } from '../words/index.ts'

/** Returns the statistics of a store; see `Leaderboards.stats`. */
export function statsOf({
  store,
  nowMicros,
}: {
  store: TableStore
  nowMicros: number
}): StoreStats {
  const reader = store.current()
  const header = decodeHeader(reader.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
  if (header === undefined)
    throw new LadderError(
      'CORRUPT',
      `Cannot read the header of ${store.path}: it is damaged; restore a backup`,
    )
  const { sequence, lastMicros } = readCounters(reader)
  const trees = listBoards(reader).map((board) => treeStats(reader, board))
  return {
    path: store.path,
    formatVersion: header.version,
    storeId: header.storeId,
    createdAt: header.createdMicros / 1000,
    sequence,
    lineageId: readLineage(reader)?.lineageId,
    clockAheadMs: Math.max(0, lastMicros - nowMicros) / 1000,
    boards: trees.length,
    entries: trees.reduce((sum, tree) => sum + tree.entries, 0),
    seasons: trees.reduce((sum, { seasons }) => sum + (seasons?.count ?? 0), 0),
    seasonEntries: trees.reduce((sum, { seasons }) => sum + (seasons?.entries ?? 0), 0),
    dropping: listOrphans(reader).length,
    ...store.sizes(),
    trees,
  }
}

function treeStats(reader: Reader<Table>, board: CatalogEntry): TreeStats {
  const keys = new BoardKeys(board.id)
  const nodeOf = nodesOf(reader, board)
  const root = nodeOf(ROOT_ID)
  const stats = {
    board: board.name,
    entries: root.total(),
    scores: root.totalGroups(),
    height: root.level + 1,
    nodes: 0,
    spans: 0,
  }
  for (const { key, value } of reader.pairs('ranks', keys.all())) {
    const node = nodeOf(key.readUInt32BE(keys.prefix.length), value)
    stats.nodes++
    if (node.level === 0) stats.spans += node.size
  }
  if (windowsOf(reader, board.id).length === 0) return stats
  const seasons = seasonEntriesOf(reader, board)
  return { ...stats, seasons: seasonStats(reader, seasons) }
}

// Of each the root says how many entries there are.
function seasonStats(
  reader: Reader<Table>,
  seasons: readonly CatalogEntry[],
): NonNullable<TreeStats['seasons']> {
  const stats = { count: seasons.length, entries: 0, nodes: 0 }
  for (const season of seasons) {
    stats.entries += nodesOf(reader, season)(ROOT_ID).total()
    stats.nodes += reader.count('ranks', new BoardKeys(season.id).all())
  }
  return stats
}

function nodesOf(
  reader: Reader<Table>,
  board: CatalogEntry,
): (id: number, bytes?: Buffer) => TreeNode {
  const headWords = board.shape.headBytes / 4
  const storage = new BoardStorage(reader, new BoardKeys(board.id))
  return (id, bytes = storage.node(id) ?? Buffer.alloc(0)) => {
    const columns = decodeNode(storage.nodeKey(id), bytes, headWords)
    if (columns !== undefined) return new TreeNode(id, columns, headWords)
    throw new LadderError(
      'CORRUPT',
      `Cannot read node ${id} of ${boardInWords(board)}: its checksum or form is wrong; run check, then rebuild`,
    )
  }
}
