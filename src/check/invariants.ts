/**
 * The invariants of FORMAT.md by the numbers that findings carry. Those of a rank tree are 4.1 to 4.7;
 * 9 is looked at when a store is opened; 13 and 14 are of two states, and nothing stored shows them.
 *
 * @module
 */

export const INVARIANT = {
  ENTRY_HAS_RECORD: '1',
  RECORD_HAS_ENTRY: '2',
  SCORE_AND_TIME: '3',
  RANK_TREE: '4',
  KEY_OF_BOARD: '5',
  BOARD_NUMBER: '6',
  COUNTERS: '7',
  LAST_CHANGE: '8',
  FORM: '10',
  PAGES: '11',
  KEEP: '12',
  REQUESTS: '15',
  BANS: '16',
  BAN_ENDS: '17',
  LOG: '18',
  UNDOS: '19',
  HISTORY: '20',
  CHAINS: '21',
  WINDOWS: '22',
  SEASONS: '23',
  SEASON_DUES: '24',
  FINALS: '25',
  SEASON_ENTRIES: '26',
} as const
