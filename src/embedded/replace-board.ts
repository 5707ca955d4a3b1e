/**
 * Putting a board that was filled under another name in the place of one, in one transaction.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { noBoard } from '../calls/no-board.ts'
import type { Table } from '../format/keys.ts'
import { boardKey } from '../format/meta/board.ts'
import type { Writer } from '../store/store.ts'
import { findBoard, putBoard, removeBoard } from './catalog.ts'
import { keepPastBoard } from './log/board-names.ts'
import { logNote } from './log/notes.ts'
import { hideBanned, releaseBoard } from './moderation/ban-changes.ts'
import type { OpenStore } from './open-store.ts'
import { dropWindows } from './seasons/drop-windows.ts'

/** What was there before. */
export interface Replaced {
  /** Numbers of the board and of its seasons, whose keys are to be swept. */
  boardIds: number[]
  size: number
}

/**
 * Gives the board `from` the name `to`. One that has that name already goes, if `mayGo` lets it.
 *
 * @throws {LadderError} `NO_BOARD`, and what `mayGo` throws; nothing is changed then.
 */
export function replaceBoard(
  context: OpenStore,
  writer: Writer<Table>,
  names: { from: string; to: string; mayGo: (size: number) => void },
): Replaced | undefined {
  const { from, to } = names
  const board = findBoard(writer, from)
  if (board === undefined) throw noBoard(from)
  const old = findBoard(writer, to)
  const size = context.writerOfName(writer, to)?.size ?? 0
  if (old !== undefined) names.mayGo(size)
  const count = context.writerOfName(writer, from)?.size ?? 0
  for (const name of [from, to]) context.settle(writer, name)
  const commit = commitOf(writer)
  commit.willChange()
  commit.beginChange()
  const fields = { board: to, size: count, ...(old !== undefined && { replaced: size }) }
  const seq = logNote(writer, context.nowMicros(), { kind: 'restore', fields })
  const seasonIds = old === undefined ? [] : dropWindows({ context, writer }, old.id)
  if (old !== undefined) {
    removeBoard(writer, old)
    keepPastBoard(writer, { board: old, droppedSeq: seq })
  }
  writer.remove('meta', boardKey(from))
  putBoard(writer, { ...board, name: to })
  if (old !== undefined) releaseBoard(writer, old.id, board.id)
  hideBanned({ context, writer }, { ...board, name: to })
  return old === undefined ? undefined : { boardIds: [old.id, ...seasonIds], size }
}
