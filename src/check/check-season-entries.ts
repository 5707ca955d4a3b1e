/**
 * Whether an entry of a season has its source: invariant 26 of FORMAT.md.
 *
 * @module
 */

import { BoardKeys, type Table } from '../format/keys.ts'
import type { Reader } from '../store/store.ts'
import type { Problem } from './check-entry.ts'
import type { SeasonBoard } from './check-seasons.ts'
import { INVARIANT } from './invariants.ts'

/** Checks the entries of one season, which may be those of hidden players. */
export class SeasonEntryCheck {
  readonly #reader: Reader<Table>
  readonly #season: SeasonBoard
  readonly #parent: BoardKeys

  constructor(reader: Reader<Table>, season: SeasonBoard) {
    this.#reader = reader
    this.#season = season
    this.#parent = new BoardKeys(season.parentId)
  }

  /** Returns what is wrong with an entry that is sound as one of a board. */
  problemOf(playerId: Buffer, atMicros: number): Problem | undefined {
    const { startMicros, endMicros, isOfBoard } = this.#season
    const invariant = INVARIANT.SEASON_ENTRIES
    if (atMicros < startMicros || atMicros >= endMicros)
      return { invariant, problem: `its time is ${atMicros}, which does not lie in the season` }
    if (!isOfBoard) return undefined
    const key = Buffer.concat([this.#parent.prefix, playerId])
    return this.#reader.get('players', key) === undefined
      ? { invariant, problem: 'the player is not on the board' }
      : undefined
  }
}
