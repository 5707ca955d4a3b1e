/**
 * The rank tree's view of one board: its nodes and keys without the board's prefix.
 *
 * @module
 */

import type { BoardKeys, Table } from '../format/keys.ts'
import type { KeyRange, TreeStorage, TreeStorageWriter } from '../rank/tree-storage.ts'
import type { Range, Reader, Writer } from '../store/store.ts'

/** One board on one snapshot. */
export class BoardStorage implements TreeStorage {
  readonly keyOffset: number
  protected readonly keysOf: BoardKeys
  readonly #reader: Reader<Table>
  // Ids of nodes are asked for again and again: their keys are built once.
  readonly #nodeKeys = new Map<number, Buffer>()

  constructor(reader: Reader<Table>, keys: BoardKeys) {
    this.#reader = reader
    this.keysOf = keys
    this.keyOffset = keys.prefix.length
  }

  node(id: number): Buffer | undefined {
    return this.#reader.get('ranks', this.nodeKey(id))
  }

  nodeKey(id: number): Buffer {
    let key = this.#nodeKeys.get(id)
    if (key === undefined) {
      key = this.keysOf.node(id)
      this.#nodeKeys.set(id, key)
    }
    return key
  }

  storedKeys(range: KeyRange): Iterable<Buffer> {
    return this.#reader.keys('entries', this.#range(range))
  }

  visitKeys(range: KeyRange, visitor: (key: Buffer) => void): void {
    this.#reader.visitKeys('entries', this.#range(range), visitor)
  }

  countKeys(range: KeyRange): number {
    return this.#reader.count('entries', this.#range(range))
  }

  keyBefore(key: Buffer): Buffer | undefined {
    return this.#firstOf({ ...this.keysOf.entries(undefined, key), reverse: true, limit: 1 })
  }

  keyAfter(key: Buffer): Buffer | undefined {
    // The least key above `key` is at least as long with a zero byte behind it.
    return this.#firstOf({ ...this.keysOf.entries(Buffer.concat([key, ZERO])), limit: 1 })
  }

  /** Returns the key of the last entry, or undefined. */
  lastKey(): Buffer | undefined {
    return this.#firstOf({ ...this.keysOf.all(), reverse: true, limit: 1 })
  }

  #firstOf(range: Range): Buffer | undefined {
    for (const key of this.#reader.keys('entries', range)) return key.subarray(this.keyOffset)
    return undefined
  }

  #range(range: KeyRange): Range {
    return this.keysOf.entries(range.start, range.end)
  }
}

const ZERO = Buffer.from([0])

/** One board in one transaction. */
export class BoardStorageWriter extends BoardStorage implements TreeStorageWriter {
  readonly #writer: Writer<Table>

  constructor(writer: Writer<Table>, keys: BoardKeys) {
    super(writer, keys)
    this.#writer = writer
  }

  putNode(id: number, value: Buffer): void {
    this.#writer.put('ranks', this.nodeKey(id), value)
  }

  removeNode(id: number): void {
    this.#writer.remove('ranks', this.nodeKey(id))
  }
}
