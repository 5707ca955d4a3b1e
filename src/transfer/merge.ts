/**
 * What both ways of putting rows into a board with entries share: one transaction's work.
 *
 * @module
 */

import type { BoardWriter } from '../board/board-writer.ts'
import { commitOf } from '../board/commit.ts'
import { applyChange } from '../embedded/apply.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { Table } from '../format/keys.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { IMPORT_CHUNK_ROWS } from '../ground/limits.ts'
import type { Writer } from '../store/store.ts'
import type { Score, SubmitAnswer } from '../words/index.ts'
import type { PairVisitor } from './fill/packed-pairs.ts'
import type { Work } from './work.ts'

/** One transaction's work. */
export interface Merge {
  writer: Writer<Table>
  work: Work
}

/** Returns write access to the board, made if it is not there: it may have lost its last entry or its name meanwhile. */
export function boardIn(context: OpenStore, writer: Writer<Table>, { board }: Work): BoardWriter {
  const found = context.writerOf(writer, board)
  if (found !== undefined) return found
  applyChange(context, writer, { kind: 'create', board })
  // The new board is a change of its own.
  commitOf(writer).beginChange()
  return context.writerOf(writer, board) as BoardWriter
}

/** Visits all rows; `share` is that of the work which is done then. */
export async function visitRows(work: Work, visit: PairVisitor, share = 1): Promise<void> {
  let visited = 0
  await work.rows.visit((place) => {
    if (++visited % IMPORT_CHUNK_ROWS === 0) {
      throwIfAborted(work.options)
      work.progress(share * visited)
    }
    return visit(place)
  }, IMPORT_CHUNK_ROWS)
  throwIfAborted(work.options)
}

/** What a row comes to. */
export type RowAnswer = Pick<SubmitAnswer<Score>, 'changed' | 'windows'>
