/**
 * What a player has on one board who took over the entry and the runs of another, inside one transaction.
 *
 * @module
 */

import { encodeEntryKey } from '../format/entry-key.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import { encodeEntryValue, encodePlayerRecord } from '../format/player-record.ts'
import type { RunChain } from '../format/run-chain.ts'
import { assert } from '../ground/assert.ts'
import type { Writer } from '../store/store.ts'
import type { StoredPlayer } from './board-reader.ts'
import type { BoardWriter } from './board-writer.ts'
import { commitOf } from './commit.ts'
import type { After } from './details.ts'

/** Gives a player an entry in place of what there was, with a chain of runs. */
export function putMoved(
  writer: Writer<Table>,
  target: BoardWriter,
  moved: {
    playerId: string
    before: StoredPlayer | undefined
    after: After
    chain: RunChain | undefined
  },
): void {
  const { playerId, before, after, chain } = moved
  const { score, atMicros, details } = after
  assert(before?.record.isHidden !== true, '(2) a hidden player has no entry to take away')
  const { id, shape } = target.board
  const keys = new BoardKeys(id)
  commitOf(writer).willChange()
  if (before !== undefined) target.removeEntry(before.treeKey)
  const treeKey = encodeEntryKey({ score, atMicros, playerId }, shape)
  // (1, 2) Entry and record carry the same head and details.
  target.putEntry(treeKey, encodeEntryValue(keys.entry(treeKey), details))
  const key = keys.player(playerId)
  const record = { ...details, head: treeKey, chain }
  writer.put('players', key, encodePlayerRecord(key, record, shape.headBytes))
}
