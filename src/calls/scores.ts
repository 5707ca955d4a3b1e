/**
 * Checks of scores that callers pass, by what the board's scores look like.
 *
 * @module
 */

import { INTEGER_MAX, INTEGER_MIN, plainShape, ScoreShape } from '../format/score-shape.ts'
import { shorten } from '../ground/shorten.ts'
import type { Order, Score, ScoreCell, ScoreColumn, ScoreType } from '../words/index.ts'
import { show } from './values.ts'

// The longest number that a double holds has 309 digits; more text is not a score but an attack.
const NUMBER_CHARACTERS_MAX = 400
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const DIGITS_ALONE = /^[+-]?\d+$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
// One way to write each integer: no plus, no leading zeros, no minus before zero.
const DIGITS = /^(?:0|-?[1-9]\d{0,19})$/
// The same in other ways, which the refusal translates.
const INTEGER_TEXT = /^[+-]?(\d{1,40})(?:\.0*)?$/
const POWER = /^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i

/**
 * Returns a score of the board, -0 as 0 and integers as bigint where the board has these. Text of
 * digits stands for such an integer too: so JSON writes them.
 */
export function checkScore(value: unknown, shape: ScoreShape, what = 'score'): Score {
  if (shape.isPlain) return checkCell(value, shape, what)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(
      `Cannot use ${show(value)} as ${what}: it must be an object like ${exampleOf(shape)}`,
    )
  const names = shape.columns.map(({ name }) => name)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new RangeError(
      `Cannot use column "${shorten(unknown)}" in ${what}: the columns are ${names.join(', ')}`,
    )
  const given = value as Record<string, unknown>
  return shape.scoreOf(
    names.map((name) => {
      const cell = Object.hasOwn(given, name) ? given[name] : undefined
      return checkCell(cell, shape, `${name} of ${what}`)
    }),
  )
}

/** Returns one end of a range of scores, by the first column; numbers may be infinite. */
export function checkBound(value: unknown, shape: ScoreShape, what: string): ScoreCell {
  if (shape.type === 'int64')
    return typeof value === 'number' && Math.abs(value) === Infinity
      ? value
      : checkInteger(value, what)
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (Number.isNaN(value))
    throw new RangeError(`Cannot use NaN as ${what}: it must be a number or an infinity`)
  return value === 0 ? 0 : value
}

/** Returns the first column of a score of the board, of which rules speak; digits stand for an integer. */
export function checkFirstCell(value: unknown, shape: ScoreShape, what: string): ScoreCell {
  return checkCell(value, shape, what)
}

/** What the scores of a board look like; any board says so of itself. */
export interface ScoreLook {
  scoreType: ScoreType
  order: Order
  columns?: readonly ScoreColumn[] | undefined
}

/**
 * Returns the score that a text stands for on a board: a decimal number, or digits if scores are
 * `int64`, with commas between columns. `what` names it in errors. Cost: O(length).
 *
 * @throws {RangeError} if it stands for none, or has digits that no number keeps.
 * @example
 * parseScore('12.5', store.board('arena')) // 12.5
 */
export function parseScore(text: string, board: ScoreLook, what = 'score'): Score {
  checkIsText(text)
  const shape = shapeOf(board)
  const cells = shape.isPlain ? [text] : text.split(',').map((cell) => cell.trim())
  if (cells.length !== shape.columns.length)
    throw new RangeError(
      `Cannot use "${shorten(text)}" as ${what}: write ${shape.columns.map(({ name }) => name).join(',')}, like ${shape.columns.map((_, i) => 12 + i).join(',')}`,
    )
  return shape.scoreOf(cells.map((cell) => checkCell(numberOf(cell, shape, what), shape, what)))
}

/**
 * Returns the end of a range of scores that a text stands for, for `between`: a score, of several
 * columns the first one, or `Infinity` and `-Infinity`. `what` names it in errors. Cost: O(length).
 *
 * @throws {RangeError} if it stands for none.
 * @example
 * parseBound('-Infinity', store.board('arena')) // -Infinity
 */
export function parseBound(text: string, board: ScoreLook, what = 'score'): ScoreCell {
  checkIsText(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  const shape = shapeOf(board)
  return checkCell(numberOf(text, shape, what), shape, what)
}

function shapeOf({ scoreType, order, columns }: ScoreLook): ScoreShape {
  if (columns === undefined) return plainShape(order, scoreType)
  return new ScoreShape(scoreType, columns as readonly [ScoreColumn, ...ScoreColumn[]])
}

function checkIsText(text: unknown): asserts text is string {
  if (typeof text !== 'string')
    throw new TypeError(`Cannot read ${show(text)} as a score: it must be a string`)
}

function numberOf(text: string, shape: ScoreShape, what: string): unknown {
  if (shape.type === 'int64') return text
  if (text.length <= NUMBER_CHARACTERS_MAX && DECIMAL.test(text)) {
    const number = Number(text)
    if (
      !DIGITS_ALONE.test(text) ||
      !Number.isFinite(number) ||
      BigInt(text.replace('+', '')) === BigInt(number)
    )
      return number
    throw new RangeError(
      `Cannot use ${shorten(text)} as ${what}: it is not exact as a number, the nearest one is ${number}`,
    )
  }
  throw new RangeError(
    `Cannot use "${shorten(text)}" as ${what}: it must be a number like 1500 or 12.5`,
  )
}

function checkCell(value: unknown, shape: ScoreShape, what: string): ScoreCell {
  if (shape.type === 'int64') return checkInteger(value, what)
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (!Number.isFinite(value))
    throw new RangeError(`Cannot use ${value} as ${what}: it must be finite`)
  return value === 0 ? 0 : value
}

function checkInteger(value: unknown, what: string): bigint {
  if (typeof value === 'string' && !DIGITS.test(value))
    throw new RangeError(`Cannot use ${show(value)} as ${what}: ${textProblem(value)}`)
  if (typeof value !== 'bigint' && typeof value !== 'number' && typeof value !== 'string')
    throw new TypeError(
      `Cannot use ${show(value)} as ${what}: it must be an integer: a number, a bigint, or text like "1500"`,
    )
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new RangeError(`Cannot use ${value} as ${what}: it must be an integer like 1500`)
  const integer = BigInt(value)
  if (integer < INTEGER_MIN || integer > INTEGER_MAX)
    throw new RangeError(
      `Cannot use ${value} as ${what}: it must be from ${INTEGER_MIN} to ${INTEGER_MAX}`,
    )
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`Cannot use ${value} as ${what}: ${unsafeProblem(value)}`)
  return integer
}

// JSON has no bigint, so that the remedy for it comes first. The digits of a number are not always what
// the caller wrote: where they are not certain, none are proposed.
function unsafeProblem(value: number): string {
  const digits = String(value)
  const isCertain = digits === String(BigInt(value))
  const example = isCertain ? `"${digits}" or ${digits}n` : 'like "9007199254740993"'
  return `beyond ±2^53 numbers skip integers; write its digits as text or a bigint, ${example}`
}

function textProblem(text: string): string {
  const plain = INTEGER_TEXT.exec(text.trim())
  if (plain !== null) {
    const digits = String(BigInt(plain[1] as string) * (text.includes('-') ? -1n : 1n))
    return `its digits must stand alone; write "${digits}"`
  }
  return POWER.test(text.trim())
    ? 'it must be all the digits of an integer, without an exponent, like "1500"'
    : 'it must be the digits of an integer, like "1500"'
}

function exampleOf(shape: ScoreShape): string {
  return `{ ${shape.columns.map(({ name }, i) => `${name}: ${12 + i}`).join(', ')} }`
}
