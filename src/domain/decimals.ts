/**
 * Differences as people reckon them: 71.5 - 71.4 is 0.1, though the doubles are not so far apart.
 *
 * @module
 */

/** A decimal number: `digits` times ten to the power of `exponent`. */
interface Decimal {
  digits: bigint
  exponent: number
}

/**
 * Returns the double nearest to `a` - `b`, each taken as the shortest decimal that stands for it, which
 * is the one that people wrote and that prints. Infinite if no double holds the difference.
 */
export function decimalDifference(a: number, b: number): number {
  const difference = a - b
  // Whole numbers that are exact need no decimals.
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(difference))
    return difference
  const [one, other] = [decimalOf(a), decimalOf(b)]
  const exponent = Math.min(one.exponent, other.exponent)
  // Read back as text, a decimal becomes the nearest double (ECMA-262, StringToNumber).
  return Number(`${digitsAt(one, exponent) - digitsAt(other, exponent)}e${exponent}`)
}

function decimalOf(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

function digitsAt({ digits, exponent }: Decimal, least: number): bigint {
  return digits * 10n ** BigInt(exponent - least)
}
