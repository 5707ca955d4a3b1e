/**
 * What is to be known of byte strings so that they can be sorted, and how sorting gives others a turn.
 *
 * @module
 */

/** Byte strings, named by their positions from 0 on. */
export interface ByteStrings {
  readonly count: number
  /** Bytes of the longest one. */
  readonly bytesMax: number
  /** Returns {@link CODE_BYTES} bytes from `from` on as a big-endian number, with zeros after the end. */
  codeAt(i: number, from: number): number
  /** Compares two whole strings as `Buffer.compare` does, equal ones by their positions. */
  compare(a: number, b: number): number
  /** Returns 32 bits that are the same for the same strings. */
  hashOf(i: number): number
  isSame(a: number, b: number): boolean
}

/** Bytes of a code: a double holds it, and every difference of two, exactly. */
export const CODE_BYTES = 6

/** Steps of some milliseconds; the result comes with the last one. */
export type Steps<T> = Generator<undefined, T, undefined>
