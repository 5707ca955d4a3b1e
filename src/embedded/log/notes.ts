import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import type { Writer } from '../../store/store.ts'

export function logNote(
  writer: Writer<Table>,
  _nowMicros: number,
  _note: { kind: string; fields: Readonly<Record<string, unknown>> },
): number {
  commitOf(writer).willChange()
  return 0
}
