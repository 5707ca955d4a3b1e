/**
 * Keys as the rank tree compares them: a head of 32-bit words, and a tail of bytes that counts only
 * where heads are equal.
 *
 *     key         | head, words ... | tail ...       |
 *     separator   | head, words ... | tail or nothing |
 *
 * @module
 */

import { assert } from '../ground/assert.ts'

/** The tail of a separator whose head is enough. */
export const NO_TAIL: Buffer = Buffer.alloc(0)

/** A separator or a key, taken apart for comparing. */
export interface SplitKey {
  /** The head as 32-bit words, most significant first. */
  head: Uint32Array
  tail: Buffer
}

/** Compares the head that starts at word `at` of `heads` with `head`. */
export function compareHeads(heads: Uint32Array, at: number, head: Uint32Array): number {
  for (let i = 0; i < head.length; i++) {
    const a = heads[at + i] as number
    const b = head[i] as number
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

/** Compares the head that starts at word `at` of `heads` with one that lies in another list. */
export function compareWords(
  heads: Uint32Array,
  at: number,
  target: { heads: Uint32Array; at: number; words: number },
): number {
  for (let i = 0; i < target.words; i++) {
    const a = heads[at + i] as number
    const b = target.heads[target.at + i] as number
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

/** Compares two keys as their bytes compare. */
export function compareKeys(a: SplitKey, b: SplitKey): number {
  return compareHeads(a.head, 0, b.head) || a.tail.compare(b.tail)
}

/** Whether the heads that start at two words share their first `groupWords` words. */
export function sameGroup(
  a: Uint32Array,
  aAt: number,
  b: Uint32Array,
  bAt: number,
  groupWords: number,
): boolean {
  for (let i = 0; i < groupWords; i++) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}

/** Takes a key apart; `tail` is a view of the key's bytes. */
export function splitKey(key: Buffer, headWords: number): SplitKey {
  const head = new Uint32Array(headWords)
  readHead(key, 0, head)
  return { head, tail: key.subarray(headWords * 4) }
}

/** Reads the big-endian head that starts at `offset` of `bytes` into `head`. */
export function readHead(bytes: Buffer, offset: number, head: Uint32Array): void {
  readWords(bytes, offset, { heads: head, at: 0, words: head.length })
}

/** Reads big-endian words that start at `offset` of `bytes` into `heads`, from word `at` on. */
export function readWords(
  bytes: Buffer,
  offset: number,
  target: { heads: Uint32Array; at: number; words: number },
): void {
  const { heads, at, words } = target
  for (let i = 0, j = offset; i < words; i++, j += 4) {
    heads[at + i] =
      ((bytes[j] as number) << 24) |
      ((bytes[j + 1] as number) << 16) |
      ((bytes[j + 2] as number) << 8) |
      (bytes[j + 3] as number)
  }
}

/** Puts a key together again. */
export function joinKey(key: SplitKey): Buffer {
  const bytes = Buffer.allocUnsafe(key.head.length * 4 + key.tail.length)
  for (let i = 0; i < key.head.length; i++) bytes.writeUInt32BE(key.head[i] as number, 4 * i)
  key.tail.copy(bytes, key.head.length * 4)
  return bytes
}

/** Returns the shortest separator above `left` and not above `right`, two keys in order. */
export function separatorBetween(left: SplitKey, right: SplitKey): SplitKey {
  const order = compareHeads(left.head, 0, right.head)
  assert(order <= 0, '(4.2) a separator lies between two keys in order')
  if (order !== 0) return { head: right.head, tail: NO_TAIL }
  let common = 0
  while (left.tail[common] !== undefined && left.tail[common] === right.tail[common]) common++
  return { head: right.head, tail: Buffer.from(right.tail.subarray(0, common + 1)) }
}

/** Returns the separator below every key. */
export function lowestSeparator(headWords: number): SplitKey {
  return { head: new Uint32Array(headWords), tail: NO_TAIL }
}
