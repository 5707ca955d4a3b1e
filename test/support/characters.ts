/**
 * Characters for random text.
 *
 * @module
 */

import fc from 'fast-check'

const SURROGATES = { first: 0xd800, count: 0x800 }
const CODE_POINT_MAX = 0x10_ffff

/** Any character of Unicode. Strings of fast-check with the unit "binary" are that too, and take a second to set up. */
export function anyCharacter(): fc.Arbitrary<string> {
  const { first, count } = SURROGATES
  return fc
    .nat(CODE_POINT_MAX - count)
    .map((number) => String.fromCodePoint(number < first ? number : number + count))
}
