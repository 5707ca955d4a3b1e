/**
 * `remove`: takes a player off a board, or off all boards at once.
 *
 *     { playerId, removed }
 *     --all-boards    { playerId, removed, boards }   how many boards had an entry
 *
 * `removed` is false, and the status 3, where there was no entry: nothing had to be done.
 *
 * @module
 */

import { failureOf, noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printable, printJson, printLine } from '../output.ts'
import { type CommonOptions, existingBoard, withStore } from '../with-store.ts'
import { noEntry } from './rename.ts'

export interface RemoveOptions extends CommonOptions {
  playerId: string
  allBoards?: boolean
}

export async function runRemove(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId, board } = options
  if (options.allBoards === true) return removeEverywhere(io, options)
  const removed = await withStore({ ...options, access: 'write' }, (store) =>
    existingBoard(store, board).remove(playerId),
  )
  const answer = `removed ${printable(playerId)} from '${printable(board)}'`
  if (options.json) await printJson(io, { playerId, removed })
  else if (removed) await printLine(io, answer)
  if (removed) return 0
  const { message, status } = failureOf(noPlayer(playerId, board))
  io.report(`ladderdb: ${printable(message)}`)
  return status
}

async function removeEverywhere(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId } = options
  const boards = await withStore({ ...options, access: 'write' }, (store) =>
    store.removePlayer(playerId),
  )
  const removed = boards > 0
  if (options.json) await printJson(io, { playerId, removed, boards })
  else if (removed)
    await printLine(io, `removed ${printable(playerId)} from ${formatCount(boards, 'board')}`)
  if (removed) return 0
  const { message, status } = failureOf(noEntry(playerId))
  io.report(`ladderdb: ${printable(message)}`)
  return status
}
