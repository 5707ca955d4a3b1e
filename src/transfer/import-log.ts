/**
 * What an import leaves in the log beside its rows, and which rows leave nothing.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { isOther, storedName } from '../board/details.ts'
import { noteUnlogged } from '../board/run-log.ts'
import { findBoard } from '../embedded/catalog.ts'
import { logNote } from '../embedded/log/notes.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { Table } from '../format/keys.ts'
import { readText } from '../format/text.ts'
import type { Writer } from '../store/store.ts'
import type { PairVisitor } from './fill/packed-pairs.ts'
import { type Folded, RowFold, type RowStep } from './fold-rows.ts'
import { LeftOut } from './left-out.ts'
import type { Taken, Work } from './work.ts'

/**
 * Notes an import behind its rows, as the last record of its change: its answer as `rows`, and
 * `logged: false` if they are not in the log. A board without a log has no note, nor has an import that
 * altered nothing.
 */
export function noteImport(
  context: OpenStore,
  writer: Writer<Table>,
  { work, taken, isAltered }: { work: Work; taken: Taken; isAltered: boolean },
): void {
  const { board, options, skipped } = work
  if (board.spec.log === 'none' || !isAltered) return
  const seq = logNote(writer, context.nowMicros(), {
    kind: 'import',
    fields: {
      board: board.name,
      rows: { ...taken, skipped },
      ...(options.log === false && { logged: false }),
    },
  })
  const found = options.log === false ? findBoard(writer, board.name) : undefined
  if (found !== undefined) noteUnlogged(writer, found.id, seq)
  // What another job of the transaction does is another change.
  commitOf(writer).beginChange()
}

/** Whether a row changed score, time, name or metadata. */
export function isAlteration({ id, idBytes, previous, folded, moves }: RowStep): boolean {
  if (moves || previous === undefined) return true
  const playerId = readText(id, 0, idBytes)
  return isOther(stored(playerId, previous), stored(playerId, folded))
}

function stored(playerId: string, entry: Folded): Pick<Folded, 'name' | 'metadata'> {
  const { name, metadata } = entry
  return { name: name === undefined ? undefined : storedName(playerId, name), metadata }
}

/** Returns which rows leave no record, by folding them without storing anything. */
export async function surveyRows(
  work: Work,
  {
    firstMicros,
    before,
    visit,
  }: {
    firstMicros: number
    before: (playerId: string) => Folded | undefined
    visit: (visitor: PairVisitor) => Promise<void>
  },
): Promise<LeftOut> {
  const { board, mode } = work
  const { shape, log } = board.spec
  const leftOut = new LeftOut()
  const fold = new RowFold(
    { shape, mode, firstMicros },
    {
      before,
      take: () => undefined,
      refuse: (_bad, row) => leftOut.add(row),
      onRow: (step) => {
        if (log === 'changes' && !isAlteration(step)) leftOut.add(step.row.row)
        return undefined
      },
    },
  )
  await visit(fold.visit)
  leftOut.end()
  return leftOut
}
