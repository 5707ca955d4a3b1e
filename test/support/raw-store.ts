/**
 * Changes to the tables of a closed store, below all rules: how tests damage one.
 *
 * @module
 */

import { FIRST_TABLES, TABLES, type Table } from '../../src/format/tables.ts'
import { openLmdbStore } from '../../src/store/lmdb/open-lmdb.ts'
import type { Pair, Writer } from '../../src/store/store.ts'

/** Runs `change` in one transaction on the store in a directory. */
export async function changeRaw<T>(path: string, change: (writer: Writer<Table>) => T): Promise<T> {
  const options = { readOnly: false, create: false, relaxed: false, initial: [] }
  const store = openLmdbStore(path, { tables: TABLES, required: FIRST_TABLES, ...options })
  try {
    return await store.write((writer) => {
      writer.willChange()
      return change(writer)
    })
  } finally {
    await store.close()
  }
}

/** Returns copies of all pairs of a table. */
export function pairsOf(writer: Writer<Table>, table: Table): Pair[] {
  return [...writer.pairs(table, {})].map(({ key, value }) => {
    return { key: Buffer.from(key), value: Buffer.from(value) }
  })
}

/** Returns a value with one bit flipped. */
export function flipped(value: Buffer, at: number): Buffer {
  const changed = Buffer.from(value)
  changed[at] = (changed[at] as number) ^ 1
  return changed
}
