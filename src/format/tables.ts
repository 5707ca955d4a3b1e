/**
 * The map of everything that is stored: the tables, the kinds of records in `meta`, and the version of
 * the format that brought each. A new table or record is added here, and laid out in FORMAT.md.
 *
 *     meta      what the store keeps about itself      kinds below
 *     entries   board | head | playerId                format/entry-key.ts
 *     players   board | playerId                       format/player-record.ts
 *     ranks     board | node id, 4 bytes big-endian    format/tree-node.ts
 *     log       seq, 8 bytes                           format/run-record.ts, format/log-note.ts
 *     history   board | playerId                       format/run-chain.ts
 *     requests  board | requestId                      format/request-record.ts
 *     people    kind | …                               kinds below
 *
 * A store of an older version lacks the tables that are younger. The first change gives it them, in
 * the same transaction as the new version number.
 * ON DISK: read FORMAT.md before changing a name or a byte.
 *
 * @module
 */

import type { DumpedPair } from '../words/index.ts'

/** The version that this release writes, and the newest that it reads. */
export const FORMAT_VERSION = 3

/** The names of the tables are public words, as `dump` says them; all lists of them come from here. */
export type Table = DumpedPair['table']

/** The version that brought each table, in the order in which lists show them. */
const TABLE_SINCE: Readonly<Record<Table, number>> = {
  meta: 1,
  entries: 1,
  players: 1,
  ranks: 1,
  log: 3,
  history: 3,
  requests: 3,
  people: 3,
}

export const TABLES: readonly Table[] = Object.keys(TABLE_SINCE) as Table[]

/** The tables that every store has had from the first version on. */
export const FIRST_TABLES: readonly Table[] = tablesOf(1)

/** The tables whose keys begin with the number of a board that is in use, or is being swept. */
export const BOARD_TABLES = ['entries', 'players', 'history', 'ranks', 'requests'] as const

/** Returns the tables that a store of a version has. */
export function tablesOf(version: number): Table[] {
  return TABLES.filter((table) => TABLE_SINCE[table] <= version)
}

/** The first byte of a key of `meta`: what kind of record it is. */
export const META_KIND = {
  HEADER: 0x00,
  COUNTERS: 0x01,
  BOARD: 0x02,
  ORPHAN: 0x03,
  LINEAGE: 0x04,
  BOARD_CHANGE: 0x05,
  WINDOW: 0x06,
  SEASON: 0x07,
  RULES: 0x08,
  SETTINGS: 0x09,
  PAST_BOARD: 0x0a,
  SEASON_DUE: 0x0b,
} as const

/** The first byte of a key of `people`: what kind of record it is. */
export const PEOPLE_KIND = {
  PROFILE: 0x01,
  NAME_OWNER: 0x02,
  BAN: 0x03,
  BAN_END: 0x04,
  OPEN_FLAG: 0x05,
  SUBMIT_TIMES: 0x06,
  ERASURE: 0x07,
  FINAL: 0x08,
} as const
