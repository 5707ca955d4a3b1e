/**
 * The hidden players of a board that comes out of a backup into a store.
 *
 * The store knows best who is banned now: whom a ban of it is about comes back hidden, all others with
 * their entries. A store that the backup is not of knows nothing of its bans: there they come along, as bans
 * of the board.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { readMicros } from '../../format/entry-key.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { BanRecord } from '../../format/people/ban.ts'
import {
  decodePlayerRecord,
  isHiddenRecord,
  type PlayerRecord,
} from '../../format/player-record.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { Score } from '../../words/index.ts'
import type { OpenStore } from '../open-store.ts'
import { noteBan } from './ban-changes.ts'
import { putBan } from './ban-places.ts'
import { bansOn, isBanned } from './bans.ts'

/** A hidden player of a backup. */
export interface HiddenPlayer {
  playerId: string
  record: PlayerRecord
  /** Those that hold there. */
  bans: BanRecord[]
}

/** Returns the hidden players of a board. Cost: O(n), a look at each record. */
export function hiddenPlayersOf(reader: Reader<Table>, board: CatalogEntry): HiddenPlayer[] {
  const keys = new BoardKeys(board.id)
  const found: { key: Buffer; record: PlayerRecord }[] = []
  reader.visit('players', keys.all(), (key, value) => {
    if (!isHiddenRecord(value)) return
    const record = decodePlayerRecord(key, value, board.shape.headBytes)
    if (record !== undefined) found.push({ key: Buffer.from(key), record })
  })
  return found.map(({ key, record }) => {
    const playerId = key.toString('utf8', keys.prefix.length)
    return { playerId, record, bans: bansOn(reader, { playerId, boardId: board.id }) }
  })
}

/** Gives a board, which has just come out of the backup of a store, the hidden players that it had there. */
export function takeHidden(
  { context, writer }: { context: OpenStore; writer: Writer<Table> },
  carried: { board: string; storeId: string; players: readonly HiddenPlayer[] },
): void {
  const { players, storeId } = carried
  const target = players.length === 0 ? undefined : context.writerOfName(writer, carried.board)
  if (target === undefined) return
  const { id: boardId, shape, name: board } = target.board
  for (const { playerId, record, bans } of players) {
    const score = shape.read(record.head, 0) as Score
    const atMicros = readMicros(record.head, shape.bytes)
    const { name, metadata } = record
    target.hidden.put(playerId, { score, atMicros, name, metadata, moves: true })
    if (isBanned(writer, { playerId, boardId })) continue
    const [ban] = bans
    if (storeId === context.storeId || ban === undefined) target.hidden.show(playerId)
    else {
      commitOf(writer).use('bans')
      putBan(writer, { playerId, boardId }, ban)
      noteBan({ context, writer }, { playerId, boardId, ban, board, left: { boards: [board] } })
    }
  }
}
