/**
 * Answers about the newest snapshot that are read once, however often they are asked for before the next one.
 *
 * @module
 */

import type { Table } from '../format/keys.ts'
import type { Reader } from '../store/store.ts'

/** Keeps what `read` returned for each key as long as the snapshot stays. What it throws is not kept. */
export class SnapshotMemo<Value> {
  readonly #read: (reader: Reader<Table>, key: string) => Value
  readonly #known = new Map<string, Value>()
  #generation = Number.NaN

  constructor(read: (reader: Reader<Table>, key: string) => Value) {
    this.#read = read
  }

  /** Returns what is read on `reader`, which must be the shared one of the newest snapshot. */
  get(reader: Reader<Table>, key: string): Value {
    if (reader.generation !== this.#generation) {
      this.#known.clear()
      this.#generation = reader.generation
    }
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const value = this.#read(reader, key)
    this.#known.set(key, value)
    return value
  }
}
