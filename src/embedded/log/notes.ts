/**
 * Notes: every change but a submit, as a record of the log in the transaction of the change.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import { encodeNote, type NoteFields } from '../../format/log-note.ts'
import { type Fields, NO_FIELDS } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import type { Writer } from '../../store/store.ts'
import type { LogKind } from '../../words/index.ts'

/** What a note says; fields that are undefined are left out. */
export interface Note {
  kind: Exclude<LogKind, 'submit'>
  /** The board's name, the `playerId`, and what the kind has of its own. Metadata stand as their text. */
  fields: NoteFields
  tail?: Fields
}

/**
 * Appends a note to the log and returns its seq. A change that altered nothing has none. `nowMicros` is
 * that of the wall clock.
 */
export function logNote(writer: Writer<Table>, nowMicros: number, note: Note): number {
  const { kind, fields, tail = NO_FIELDS } = note
  const commit = commitOf(writer)
  commit.willChange()
  const presentMicros = commit.presentMicros(nowMicros)
  const { seq, ...place } = commit.nextRecord(presentMicros)
  const key = logKey(seq)
  // Which seasons were sealed then goes by the clock of the store, which may lie in front of the last record.
  const isEarlier = presentMicros < place.committedMicros
  const told = isEarlier ? { ...fields, present: toMs(presentMicros) } : fields
  writer.append('log', key, encodeNote(key, { kind, ...place, fields: told, tail }))
  return seq
}
