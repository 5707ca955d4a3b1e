/**
 * Nodes in a Map and keys in a sorted array: the trivially right storage beneath a rank tree.
 *
 * @module
 */

import type { KeyRange, TreeStorageWriter } from '../../src/rank/tree-storage.ts'

export class MemoryTreeStorage implements TreeStorageWriter {
  readonly keyOffset = 0
  readonly nodes = new Map<number, Buffer>()
  sorted: Buffer[] = []

  node(id: number): Buffer | undefined {
    return this.nodes.get(id)
  }

  nodeKey(id: number): Buffer {
    const key = Buffer.alloc(4)
    key.writeUInt32BE(id)
    return key
  }

  storedKeys(range: KeyRange): Iterable<Buffer> {
    return this.sorted.slice(this.#start(range), this.#end(range))
  }

  countKeys(range: KeyRange): number {
    return Math.max(0, this.#end(range) - this.#start(range))
  }

  keyBefore(key: Buffer): Buffer | undefined {
    return this.sorted[this.indexOf(key) - 1]
  }

  keyAfter(key: Buffer): Buffer | undefined {
    const i = this.indexOf(key)
    return this.sorted[this.sorted[i]?.equals(key) ? i + 1 : i]
  }

  putNode(id: number, value: Buffer): void {
    this.nodes.set(id, Buffer.from(value))
  }

  removeNode(id: number): void {
    this.nodes.delete(id)
  }

  /** Number of keys below `key`. */
  indexOf(key: Buffer): number {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.sorted[middle] as Buffer).compare(key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  insertKey(key: Buffer): void {
    this.sorted.splice(this.indexOf(key), 0, key)
  }

  removeKey(key: Buffer): void {
    this.sorted.splice(this.indexOf(key), 1)
  }

  #start(range: KeyRange): number {
    return range.start === undefined ? 0 : this.indexOf(range.start)
  }

  #end(range: KeyRange): number {
    return range.end === undefined ? this.sorted.length : this.indexOf(range.end)
  }
}
