/**
 * Keys and values of an iteration without copies.
 *
 * LMDB's iterations copy each key and each value into a buffer of its own: at a hundred entries a
 * third of the time. But a database reads keys through `readKey`, and values through `decoder` where
 * it has one, so both may as well hand out the buffers that the next step overwrites. Where a later
 * release of the package no longer asks them, it copies again: slower, not wrong.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import type { Database, LmdbRange } from './lmdb-types.ts'

/** Shows a key with its value; the bytes are gone afterwards. */
export type Visitor = (key: Buffer, value: Buffer) => void

/** Iterates one database, lending what it shows. */
export class BorrowedReads {
  readonly #database: Database
  #isLending = false

  constructor(database: Database) {
    assert(typeof database.readKey === 'function', 'iterations read keys by a function')
    this.#database = database
    this.#lendKeys()
    this.#lendValues()
  }

  /** Calls `visitor` with every pair. It must not use the database. */
  visit(range: LmdbRange, visitor: Visitor): void {
    this.#isLending = true
    try {
      for (const { key, value } of this.#database.getRange(range)) visitor(key, value)
    } finally {
      this.#isLending = false
    }
  }

  /** Calls `visitor` with every key, likewise. */
  visitKeys(range: LmdbRange, visitor: (key: Buffer) => void): void {
    this.#isLending = true
    try {
      for (const key of this.#database.getKeys(range)) visitor(key)
    } finally {
      this.#isLending = false
    }
  }

  #lendKeys(): void {
    const copyKey = this.#database.readKey
    const views: Buffer[] = []
    let source: Buffer | undefined
    this.#database.readKey = (bytes, start, end) => {
      if (!this.#isLending) return copyKey(bytes, start, end)
      if (bytes !== source) {
        source = bytes
        views.length = 0
      }
      views[end] ??= Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      return views[end]
    }
  }

  #lendValues(): void {
    // Of the buffer that all values share the length alone is right.
    const decode = (bytes: Buffer & { isGlobal?: boolean }): Buffer => {
      return this.#isLending || bytes.isGlobal !== true
        ? bytes
        : sliceOf.call(bytes, 0, bytes.length)
    }
    Object.assign(this.#database, { decoder: { decode }, decoderCopies: true })
  }
}

const sliceOf = Uint8Array.prototype.slice as (this: Buffer, start: number, end: number) => Buffer
