/**
 * Giving a board the rows that it has in another store: what is the same stays as it is.
 *
 *     players    as there, but for the names: profiles know best, and one may belong to somebody else by now
 *     entries    made from the players
 *     history    as there
 *
 * The board has one number in both.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { giveBackName } from '../embedded/moderation/profiles.ts'
import { ownBytes } from '../format/bytes.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
  type PlayerRecord,
} from '../format/player-record.ts'
import { assert } from '../ground/assert.ts'
import { TURN_KEYS } from '../ground/limits.ts'
import type { Pair, Reader, Writer } from '../store/store.ts'

/** Entries that were put, and those that were removed. */
export interface TakenRows {
  added: number
  removed: number
}

/** Where rows come from and where they go. */
interface Rows {
  writer: Writer<Table>
  source: Reader<Table>
  board: CatalogEntry
  /** Whether names that the board has stay. */
  keepsNames: boolean
  keys: BoardKeys
  /** Gives others their turn now and then. */
  turn: () => Promise<void> | undefined
}

/** Gives a board the rows of `source`; its rank tree is made afterwards. */
export async function takeRows(
  writer: Writer<Table>,
  from: Pick<Rows, 'source' | 'board' | 'keepsNames'>,
): Promise<TakenRows> {
  const rows: Rows = { ...from, writer, keys: new BoardKeys(from.board.id), turn: turns() }
  const added = await takePlayers(rows)
  await takeHistory(rows)
  await removeOthers(rows, 'players')
  await removeOthers(rows, 'history')
  return { added, removed: await removeOthers(rows, 'entries') }
}

async function takePlayers(rows: Rows): Promise<number> {
  const { writer, source, board, keys, turn } = rows
  const { headBytes } = board.shape
  let added = 0
  for (const { key, value } of source.pairs('players', keys.all())) {
    const made = decodePlayerRecord(key, value, headBytes)
    assert(made !== undefined, 'what was just made is sound')
    const playerId = key.toString('utf8', keys.prefix.length)
    const kept = rows.keepsNames ? recordIn(writer, key, headBytes) : undefined
    const record = { ...made, name: giveBackName(writer, playerId, (kept ?? made).name) }
    putOther(writer, 'players', { key, value: encodePlayerRecord(key, record, headBytes) })
    if (record.isHidden !== true && putOther(writer, 'entries', entryOf(rows, key, record))) added++
    await turn()
  }
  return added
}

function recordIn(reader: Reader<Table>, key: Buffer, headBytes: number): PlayerRecord | undefined {
  const value = reader.get('players', key)
  return value && decodePlayerRecord(key, ownBytes(value), headBytes)
}

function entryOf({ keys }: Rows, playerKey: Buffer, record: PlayerRecord): Pair {
  const id = playerKey.subarray(keys.prefix.length)
  const key = keys.entry(Buffer.concat([record.head, id]))
  return { key, value: encodeEntryValue(key, record) }
}

async function takeHistory({ writer, source, keys, turn }: Rows): Promise<void> {
  for (const pair of source.pairs('history', keys.all())) {
    putOther(writer, 'history', pair)
    await turn()
  }
}

// Score and time stand in the keys of entries: those of the source are those that were put.
async function removeOthers(
  { writer, source, keys, turn }: Rows,
  table: 'players' | 'entries' | 'history',
): Promise<number> {
  const others: Buffer[] = []
  for (const key of writer.keys(table, keys.all())) {
    if (source.get(table, key) === undefined) others.push(key)
    await turn()
  }
  for (const key of others) writer.remove(table, key)
  return others.length
}

// Returns whether it was not there as it is.
function putOther(writer: Writer<Table>, table: Table, { key, value }: Pair): boolean {
  const stored = writer.get(table, key)
  // What a reader returns may lie in a larger buffer: its length alone says where it ends.
  if (stored !== undefined && value.equals(stored.subarray(0, stored.length))) return false
  writer.put(table, key, value)
  return true
}

function turns(): Rows['turn'] {
  let done = 0
  return () => (++done % TURN_KEYS === 0 ? nextTurn() : undefined)
}
