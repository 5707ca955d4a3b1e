/**
 * Notes of changes in the log.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { Writer } from '../../store/store.ts'

/** Says that a change is made. */
export function logNote(
  writer: Writer<Table>,
  _nowMicros: number,
  _note: { kind: string; fields: Readonly<Record<string, unknown>> },
): number {
  commitOf(writer).willChange()
  return commitOf(writer).sequence
}
