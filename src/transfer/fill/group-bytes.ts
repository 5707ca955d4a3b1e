/**
 * Byte strings of which many are the same, each kind numbered: many rows of few players.
 *
 *     b a b c a   →   kinds b, a, c   →   a c b sorted   →   a a c b b
 *
 * Only the kinds are sorted; all else is counted and put into its place.
 *
 * @module
 */

import type { ByteStrings, Steps } from './byte-strings.ts'

/** Kinds that are worth counting; a table of them stays in the processor's cache. */
export const KINDS_MAX = 65_536

const TABLE = 4 * KINDS_MAX
const NO_KIND = -1

/** What is known of the kinds of strings. */
export interface Kinds {
  /** The kind of each string. */
  kinds: Uint32Array
  /** The first string of each kind. */
  firsts: Uint32Array
}

/** Numbers the kinds of strings; undefined if there are too many. */
export function* kindsOf(strings: ByteStrings, slice: number): Steps<Kinds | undefined> {
  const table = new Int32Array(TABLE).fill(NO_KIND)
  const kinds = new Uint32Array(strings.count)
  const firsts = new Uint32Array(KINDS_MAX)
  let count = 0
  for (let i = 0; i < strings.count; i++) {
    let at = strings.hashOf(i) & (TABLE - 1)
    for (;;) {
      const kind = table[at] as number
      if (kind === NO_KIND) {
        if (count === KINDS_MAX) return undefined
        table[at] = count
        kinds[i] = count
        firsts[count++] = i
        break
      }
      if (strings.isSame(firsts[kind] as number, i)) {
        kinds[i] = kind
        break
      }
      at = (at + 1) & (TABLE - 1)
    }
    if (i % slice === slice - 1) yield
  }
  return { kinds, firsts: firsts.slice(0, count) }
}

/** Returns the positions of all strings, from those of the first of each kind in order. */
export function* spread(
  { kinds, firsts }: Kinds,
  sorted: Uint32Array,
  slice: number,
): Steps<Uint32Array> {
  const starts = new Uint32Array(firsts.length)
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i] as number
    starts[kind] = (starts[kind] as number) + 1
    if (i % slice === slice - 1) yield
  }
  let end = 0
  for (const first of sorted) {
    const kind = kinds[first] as number
    const size = starts[kind] as number
    starts[kind] = end
    end += size
  }
  const positions = new Uint32Array(kinds.length)
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i] as number
    const at = starts[kind] as number
    positions[at] = i
    starts[kind] = at + 1
    if (i % slice === slice - 1) yield
  }
  return positions
}
