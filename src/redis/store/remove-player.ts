/**
 * Taking a player off a board.
 *
 * @module
 */

import type { Entry, Score } from '../../words/index.ts'
import { entryOfRecord } from '../client/replies.ts'
import type { BoardCalls } from '../slot/board-calls.ts'

/** What is asked of a removal. */
export interface AskedRemoval {
  asked: 'alone' | 'and rank'
  /** Whether sealed seasons are reached too. */
  sealed: boolean
  /** Whether the player is taken off all boards: one without the player is not asked whether it takes changes. */
  isOfAll: boolean
}

/** Takes a player off; resolves with the entry, if its rank was asked for, and with whether there was anything. */
export async function removeFrom(
  caller: BoardCalls,
  playerId: string,
  { asked, sealed, isOfAll }: AskedRemoval,
): Promise<{ entry: Entry<Score> | undefined; isFound: boolean }> {
  const args = [playerId, asked, sealed ? 1 : 0, isOfAll ? 1 : 0]
  const { value } = await caller.write('remove', args)
  const [record, rank, seasons = 0] = value as [Buffer | null, number, number?]
  const { shape } = caller
  if (record === null) return { entry: undefined, isFound: seasons > 0 }
  return { entry: entryOfRecord(record, { playerId, shape, rank }), isFound: true }
}
