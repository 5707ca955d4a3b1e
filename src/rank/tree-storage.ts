/**
 * What the rank tree needs from outside: its nodes, and the ordered keys that it counts.
 *
 * One storage belongs to one board and shows one snapshot. Keys are opaque bytes, a head of fixed
 * size and a tail; the tree never learns what they mean.
 *
 * @module
 */

/** How keys are made: the head orders most keys, its first bytes say which keys share a group. */
export interface KeyShape {
  /** Bytes of the head, a multiple of 4. */
  headBytes: number
  /** Leading bytes of the head that keys of one group have in common, a multiple of 4. */
  groupBytes: number
}

/** A range of keys: `start` included, `end` not; undefined is the edge of the board. */
export interface KeyRange {
  start?: Buffer | undefined
  end?: Buffer | undefined
}

/** Read access to one board's nodes and keys. */
export interface TreeStorage {
  /** Bytes in front of a key where {@link storedKeys} shows it. */
  readonly keyOffset: number
  /** Returns the bytes of a node, valid until the next call, or undefined. */
  node(id: number): Buffer | undefined
  /** Returns the key under which a node is stored, for its checksum. */
  nodeKey(id: number): Buffer
  /** Iterates keys in order, each behind `keyOffset` bytes that mean nothing to the tree. */
  storedKeys(range: KeyRange): Iterable<Buffer>
  /** Shows keys like `storedKeys`, each valid until `visitor` returns, which must read nothing. */
  visitKeys?(range: KeyRange, visitor: (key: Buffer) => void): void
  /** Returns how many keys lie in a range. Cost: O(answer). */
  countKeys(range: KeyRange): number
  /** Returns the greatest key below `key`. */
  keyBefore(key: Buffer): Buffer | undefined
  /** Returns the least key above `key`. */
  keyAfter(key: Buffer): Buffer | undefined
}

/** Write access, inside one transaction. */
export interface TreeStorageWriter extends TreeStorage {
  putNode(id: number, value: Buffer): void
  removeNode(id: number): void
}

/** Id of the root of every tree. */
export const ROOT_ID = 0

/** Where a key is found by scanning: `offset` keys after `start`. */
export interface Seek {
  /** Undefined is the start of the board. */
  start: Buffer | undefined
  offset: number
  /** That of the span: with the same start and version its keys are the same, (4.5). */
  version: number
}
