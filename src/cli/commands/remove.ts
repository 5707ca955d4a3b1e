/**
 * `remove`: takes a player off a board.
 *
 *     { playerId, removed }
 *
 * `removed` is false, and the status 3, where there was no entry: nothing had to be done.
 *
 * @module
 */

import { CliError, failureOf, noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { printable, printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface RemoveOptions extends CommonOptions {
  playerId: string
}

export async function runRemove(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId, board } = options
  const removed = await withStore({ db: options.db, access: 'write' }, (store) => {
    if (store.hasBoard(board)) return store.board(board).remove(playerId)
    throw new CliError(
      'NO_BOARD',
      `Cannot find board "${board}": it does not exist or was dropped; ladderdb boards lists them`,
    )
  })
  const answer = `removed ${printable(playerId)} from '${printable(board)}'`
  if (options.json) await printJson(io, { playerId, removed })
  else if (removed) await printLine(io, answer)
  if (removed) return 0
  const { message, status } = failureOf(noPlayer(playerId, board))
  io.report(`ladderdb: ${printable(message)}`)
  return status
}
