/**
 * Checks of what callers pass: wrong shapes are TypeErrors, wrong values RangeErrors, and each
 * message says what is allowed.
 *
 * @module
 */

import {
  AVATAR_CHARACTERS_MAX,
  BOARD_NAME_BYTES_MAX,
  METADATA_BYTES_MAX,
  NAME_BYTES_MAX,
  PLAYER_ID_BYTES_MAX,
  REASON_BYTES_MAX,
  REQUEST_ID_BYTES_MAX,
  RETENTION_DAYS_MAX,
  SEASON_ID_BYTES_MAX,
  TIER_NAME_BYTES_MAX,
} from '../ground/limits.ts'
import { shorten } from '../ground/shorten.ts'
import type { Mode } from '../words/index.ts'
import { checkParts } from './metadata.ts'
import { nearestName } from './suggest.ts'

const MODES: readonly Mode[] = ['set', 'best', 'increment']

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

export function checkRequestId(value: unknown): string {
  return checkText(value, { what: 'requestId', bytesMax: REQUEST_ID_BYTES_MAX })
}

const WINDOW_NAME = /^[A-Za-z\d][\w-]{0,31}$/

/** Returns the name of a window. */
export function checkWindowName(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as name of a window: it must be a string`)
  if (WINDOW_NAME.test(value)) return value
  throw new RangeError(
    `Cannot use ${show(value)} as name of a window: it must be a letter or a digit, then letters, digits, _ and -, 32 at most`,
  )
}

/** Returns the id of a season. */
export function checkSeasonId(value: unknown): string {
  const id = checkText(value, { what: 'id of a season', bytesMax: SEASON_ID_BYTES_MAX })
  if (!/\p{Cc}/u.test(id)) return id
  throw new RangeError(
    `Cannot use ${JSON.stringify(shorten(id))} as id of a season: it must have no control characters`,
  )
}

/** Returns a whole number from `least` (0) to `most`. */
export function checkWhole(
  value: unknown,
  what: string,
  bounds: { least?: number; most?: number } = {},
): number {
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = bounds
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const allowed = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`
    throw new RangeError(`Cannot use ${value} as ${what}: it must be a whole number, ${allowed}`)
  }
  return value
}

export function checkMode(value: unknown): Mode {
  return checkWord(value, 'mode', MODES)
}

/** Returns an https address, as the WHATWG writes it. */
export function checkAvatar(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as avatar: it must be a string`)
  const address = URL.canParse(value) ? new URL(value) : undefined
  const isSafe = address?.protocol === 'https:' && address.username + address.password === ''
  if (isSafe && address.href.length <= AVATAR_CHARACTERS_MAX) return address.href
  throw new RangeError(
    `Cannot use ${show(value)} as avatar: it must be an https address without a password, at most ${AVATAR_CHARACTERS_MAX} characters, like "https://example.com/ada.png"`,
  )
}

/** Returns metadata as JSON text; null if it is empty. */
export function checkMetadata(
  value: unknown,
  bytesMax: number = METADATA_BYTES_MAX,
): string | null {
  // A Map and its like have no properties: nothing would be written, and nothing removes what there was.
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new TypeError(`Cannot use ${show(value)} as metadata: it must be a plain object`)
  const text = jsonOf(value as object)
  if (text === '{}') return null
  const bytes = Buffer.byteLength(text)
  if (bytes <= bytesMax) return text
  throw new RangeError(
    `Cannot use metadata of ${bytes} bytes of JSON: at most ${bytesMax} are allowed`,
  )
}

// A getter may throw anything.
function checkPartsOf(value: object): void {
  try {
    checkParts(value)
  } catch (error) {
    if (error instanceof TypeError) throw error
    throw new TypeError(`Cannot use metadata: ${String(error)}`, { cause: error })
  }
}

function jsonOf(value: object): string {
  checkPartsOf(value)
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === 'string' && text.startsWith('{')) return text
  } catch (error) {
    // A cycle, a bigint, a depth that overflows the stack, or a toJSON that throws.
    const reason = error instanceof Error ? error.message : String(error)
    throw new TypeError(`Cannot use metadata: it is not JSON: ${reason}`)
  }
  throw new TypeError('Cannot use metadata: its JSON is not an object')
}

/** Returns why something was done, in the words of who did it. */
export function checkReason(value: unknown): string {
  return checkText(value, { what: 'reason', bytesMax: REASON_BYTES_MAX })
}

/** Returns who did something. */
export function checkActor(value: unknown): string {
  return checkText(value, { what: 'actor', bytesMax: NAME_BYTES_MAX })
}

/** Returns the name of a tier. */
export function checkTierName(value: unknown): string {
  return checkText(value, { what: 'name of a tier', bytesMax: TIER_NAME_BYTES_MAX })
}

/** Returns how many entries are asked for. */
export function checkCount(n: unknown): number {
  if (n === Infinity)
    throw new RangeError('Cannot use Infinity as n: it must be a whole number; for all: entries()')
  return checkWhole(n, 'n')
}

/** Returns a share above 0 and up to 100. */
export function checkPercent(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('Cannot use topPercent: it must be a number')
  if (value > 0 && value <= 100) return value
  throw new RangeError(`Cannot use ${value} as topPercent: it must be above 0 and at most 100`)
}

/** Returns a span in days, whole or not. */
export function checkDays(value: unknown, what: string): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be a number`)
  if (value >= 0 && value <= RETENTION_DAYS_MAX) return value === 0 ? 0 : value
  throw new RangeError(
    `Cannot use ${value} as ${what}: it must be a number from 0 to ${RETENTION_DAYS_MAX}`,
  )
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
      `Cannot use ${withArticle(what)} of ${Buffer.byteLength(value)} bytes of UTF-8: at most ${bytesMax} are allowed`,
    )
  }
  if (!isWellFormed(value))
    throw new RangeError(
      `Cannot use ${withArticle(what)} with a lone surrogate: it must be well-formed Unicode`,
    )
  return value
}

function withArticle(what: string): string {
  return /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`
}

// Native since Node 20; not in the ES2023 types.
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

/** Returns one of some words. */
export function checkWord<T extends string>(value: unknown, what: string, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be ${words.join(', ')}`)
  const nearest = nearestName(value, words)
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  throw new RangeError(
    `Cannot use ${show(value)} as ${what}: ${hint}it must be ${words.join(', ')}`,
  )
}

/** Returns a value as messages show it. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `"${shorten(value)}"`
  return value === null || typeof value !== 'object'
    ? String(value)
    : Array.isArray(value)
      ? 'an array'
      : 'an object'
}
