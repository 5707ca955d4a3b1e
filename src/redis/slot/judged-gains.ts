/**
 * Gains that a function cannot tell from the bound: it names them and changes nothing, and they are decided here, by the
 * rule that the embedded engine goes by. What is found holds for good: it hangs on nothing but the numbers.
 *
 * @module
 */

import { decimalDifference } from '../../domain/decimals.ts'
import { LadderError } from '../../ground/errors.ts'

/** A call asks about as many pairs at once as rules.lua tells, and a list has ten times as many. */
const ATTEMPTS = 40
const HALF_DIGITS = 8
const SIGN = 0x8000_0000

interface Refusal {
  code: string
  found: readonly unknown[]
}

/** Makes a call, again with what was found of the pairs that it asks about. */
export async function decidingGains<T>(
  board: string,
  call: (found: string) => Promise<T>,
): Promise<T> {
  const found: Record<string, number> = {}
  for (let i = 1; ; i++) {
    const isFirst = i === 1
    try {
      return await call(isFirst ? '' : JSON.stringify(found))
    } catch (error) {
      const { code, found: pairs } = error as Partial<Refusal>
      if (code !== 'JUDGE' || pairs === undefined) throw error
      if (i === ATTEMPTS) throw restlessScores(board)
      for (const pair of pairs.map(String)) found[pair] = isBeyond(pair) ? 1 : 0
    }
  }
}

// A pair: score before, score after, bound, each a double as two ordered halves in hexadecimal digits.
function isBeyond(pair: string): boolean {
  const [from = 0, to = 0, by = 0] = [0, 1, 2].map((i) => doubleAt(pair, i * 2 * HALF_DIGITS))
  return decimalDifference(to, from) > by
}

function doubleAt(pair: string, at: number): number {
  const bytes = Buffer.alloc(2 * (HALF_DIGITS / 2))
  const [high = 0, low = 0] = [at, at + HALF_DIGITS].map((start) =>
    Number.parseInt(pair.slice(start, start + HALF_DIGITS), 16),
  )
  const isNegative = high < SIGN
  bytes.writeUInt32BE((isNegative ? ~high : high - SIGN) >>> 0, 0)
  bytes.writeUInt32BE((isNegative ? ~low : low) >>> 0, 4)
  return bytes.readDoubleBE()
}

function restlessScores(board: string): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot submit to board "${board}": scores or rules changed ${ATTEMPTS} times while a gain was reckoned; nothing was changed, call again`,
  )
}
