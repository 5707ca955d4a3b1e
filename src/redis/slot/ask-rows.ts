/**
 * A question whose answer is rows of a board.
 *
 * @module
 */

import type { RankMode } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { type FetchedRows, type RowsReply, rowsOf } from '../client/replies.ts'
import type { BoardCalls, Replied } from './board-calls.ts'

/** Rows, and the id of the board that they are of. */
export type AnsweredRows = FetchedRows & Pick<Replied, 'id'>

/** Asks for rows, whose ranks are of `mode`. Cost: one read. */
export async function askRows(
  caller: BoardCalls,
  question: string,
  { args, mode }: { args: readonly ServerArgument[]; mode: RankMode },
): Promise<AnsweredRows> {
  const { id, value } = await caller.read(question, args)
  return { id, ...rowsOf(value as RowsReply, caller.shape, mode) }
}
