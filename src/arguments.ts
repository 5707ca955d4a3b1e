/**
 * Checks of what callers pass: wrong shapes are TypeErrors, wrong values RangeErrors, and each
 * message says what is allowed.
 *
 * @module
 */

import { toMicros } from './format/time.ts'
import {
  AT_MICROS_MAX,
  BOARD_NAME_BYTES_MAX,
  NAME_BYTES_MAX,
  PLAYER_ID_BYTES_MAX,
} from './limits.ts'
import type { Mode, Order, RankMode } from './types.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']
const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']

/** Returns a valid player id. Cost is small: it stands before every look-up. */
export function checkPlayerId(value: unknown): string {
  return checkText(value, { what: 'playerId', bytesMax: PLAYER_ID_BYTES_MAX })
}

export function checkName(value: unknown): string {
  return checkText(value, { what: 'name', bytesMax: NAME_BYTES_MAX })
}

export function checkBoardName(value: unknown): string {
  return checkText(value, { what: 'board name', bytesMax: BOARD_NAME_BYTES_MAX })
}

/** Returns a finite score, -0 as 0. */
export function checkScore(value: unknown, what = 'score'): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (!Number.isFinite(value))
    throw new RangeError(`Cannot use ${value} as ${what}: it must be finite`)
  return value === 0 ? 0 : value
}

/** Returns one end of a range of scores, which may be infinite. */
export function checkBound(value: unknown, what: string): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (Number.isNaN(value))
    throw new RangeError(`Cannot use NaN as ${what}: it must be a number or an infinity`)
  return value === 0 ? 0 : value
}

/** Returns a whole number from `least` on. */
export function checkWhole(value: unknown, what: string, least = 0): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot use ${value} as ${what}: it must be a whole number, ${least} or more`,
    )
  }
  return value
}

/** Returns a time in whole microseconds from one in milliseconds. */
export function checkAt(value: unknown): number {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use ${show(value)} as at: it must be a number of milliseconds since 1970`,
    )
  const micros = toMicros(value)
  if (!(micros >= 0 && micros <= AT_MICROS_MAX)) {
    throw new RangeError(
      `Cannot use ${value} as at: it must be milliseconds since 1970, 0 to ${Math.floor(AT_MICROS_MAX / 1000)}`,
    )
  }
  return micros === 0 ? 0 : micros
}

export function checkOrder(value: unknown): Order {
  return checkWord(value, 'order', ORDERS)
}

export function checkMode(value: unknown): Mode {
  return checkWord(value, 'mode', MODES)
}

export function checkRankMode(value: unknown): RankMode {
  return checkWord(value, 'rankMode', RANK_MODES)
}

/** Returns an options object, `{}` where none was given. */
export function checkOptions<T extends object>(value: T | undefined, what = 'options'): Partial<T> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be an object`)
  return value
}

function checkText(value: unknown, rule: { what: string; bytesMax: number }): string {
  const { what, bytesMax } = rule
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a string`)
  if (value.length === 0)
    throw new RangeError(`Cannot use an empty ${what}: it must have at least one character`)
  // Up to a third of the limit no text can be too long: three bytes a UTF-16 unit is the most.
  if (value.length * 3 > bytesMax && Buffer.byteLength(value) > bytesMax) {
    throw new RangeError(
      `Cannot use a ${what} of ${Buffer.byteLength(value)} bytes of UTF-8: at most ${bytesMax} are allowed`,
    )
  }
  if (!isWellFormed(value))
    throw new RangeError(
      `Cannot use a ${what} with a lone surrogate: it must be well-formed Unicode`,
    )
  return value
}

// Native since Node 20; not in the ES2023 types.
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

function checkWord<T extends string>(value: unknown, what: string, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be ${words.join(', ')}`)
  throw new RangeError(`Cannot use "${value}" as ${what}: it must be ${words.join(', ')}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 40)}"`
  return value === null || typeof value !== 'object'
    ? String(value)
    : Array.isArray(value)
      ? 'an array'
      : 'an object'
}
