/**
 * Checks of what callers pass: wrong shapes are TypeErrors, wrong values RangeErrors, and each
 * message says what is allowed.
 *
 * @module
 */

import { COLUMN_NAME } from '../format/score-shape.ts'
import {
  BOARD_NAME_BYTES_MAX,
  COLUMNS_MAX,
  KEEP_MAX,
  METADATA_BYTES_MAX,
  NAME_BYTES_MAX,
  PLAYER_ID_BYTES_MAX,
} from '../ground/limits.ts'
import type {
  AskedSettings,
  BoardSettings,
  Mode,
  Order,
  RankMode,
  RankOptions,
  ScoreColumn,
  ScoreType,
} from '../words/index.ts'
import { OPTION_NAMES } from './option-names.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']
const MODES: readonly Mode[] = ['set', 'best', 'increment']
const SCORE_TYPES: readonly ScoreType[] = ['number', 'int64']
const RESERVED_NAMES = ['playerId', 'score', 'name', 'at', 'metadata', 'rank', 'board']
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

export function checkOrder(value: unknown): Order {
  return checkWord(value, 'order', ORDERS)
}

export function checkMode(value: unknown): Mode {
  return checkWord(value, 'mode', MODES)
}

export function checkRankMode(value: unknown): RankMode {
  return checkWord(value, 'rankMode', RANK_MODES)
}

/** Returns settings of a board; undefined where not given. */
export function checkSettings(settings: BoardSettings | undefined): AskedSettings {
  const { order, mode, scoreType, columns, keep } = checkOptionsOf('settings', settings, 'settings')
  if (order !== undefined && columns !== undefined)
    throw new TypeError('Cannot use order beside columns: give each column its order')
  return {
    order: order === undefined ? undefined : checkOrder(order),
    mode: mode === undefined ? undefined : checkMode(mode),
    scoreType: scoreType === undefined ? undefined : checkWord(scoreType, 'scoreType', SCORE_TYPES),
    columns: columns === undefined ? undefined : checkColumns(columns),
    keep: keep === undefined ? undefined : checkWhole(keep, 'keep', { least: 1, most: KEEP_MAX }),
  }
}

function checkColumns(value: unknown): [ScoreColumn, ...ScoreColumn[]] {
  if (!Array.isArray(value))
    throw new TypeError(`Cannot use ${show(value)} as columns: it must be an array`)
  // Copied, so that a hole in the array is a column of nothing.
  const columns = [...value].map((column: unknown): ScoreColumn => {
    const { name, order } = checkOptionsOf('column', column as Partial<ScoreColumn>, 'a column')
    return {
      name: checkColumnName(name),
      order: order === undefined ? 'descending' : checkOrder(order),
    }
  })
  const [first, ...others] = columns
  if (first === undefined || columns.length > COLUMNS_MAX)
    throw new RangeError(`Cannot use ${columns.length} columns: there must be 1 to ${COLUMNS_MAX}`)
  const names = new Set(columns.map(({ name }) => name))
  if (names.size === columns.length) return [first, ...others]
  throw new RangeError('Cannot use two columns of one name: give each its own')
}

function checkColumnName(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as name of a column: it must be a string`)
  if (!COLUMN_NAME.test(value))
    throw new RangeError(
      `Cannot use ${show(value)} as name of a column: it must be a letter, then letters, digits, _ and -, 32 at most`,
    )
  if (RESERVED_NAMES.includes(value))
    throw new RangeError(
      `Cannot use "${value}" as name of a column: imports and exports have one of this name`,
    )
  return value
}

/** Returns metadata as JSON text; null where it is empty. */
export function checkMetadata(value: unknown): string | null {
  // A Map and its like have no properties: nothing would be written, and nothing removes what there was.
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new TypeError(`Cannot use ${show(value)} as metadata: it must be a plain object`)
  const text = jsonOf(value as object)
  if (text === '{}') return null
  const bytes = Buffer.byteLength(text)
  if (bytes <= METADATA_BYTES_MAX) return text
  throw new RangeError(
    `Cannot use metadata of ${bytes} bytes of JSON: at most ${METADATA_BYTES_MAX} are allowed`,
  )
}

function jsonOf(value: object): string {
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === 'string' && text.startsWith('{')) return text
  } catch (error) {
    // A cycle, a bigint, a depth that overflows the stack, or a toJSON that throws.
    const reason = error instanceof Error ? error.message : String(error)
    throw new TypeError(`Cannot use metadata: it is not JSON: ${reason}`)
  }
  throw new TypeError('Cannot use metadata: as JSON it is no object')
}

/** Returns the text of a cursor. */
export function checkCursor(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError('Cannot go on from a cursor: it must be the string that a page answered')
}

/** Returns a share above 0 and up to 100. */
export function checkPercent(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('Cannot use topPercent: it must be a number')
  if (value > 0 && value <= 100) return value
  throw new RangeError(`Cannot use ${value} as topPercent: it must be above 0 and at most 100`)
}

/** Returns the rank mode of a query. */
export function rankModeOf(options: RankOptions | undefined): RankMode {
  const { rankMode } = checkOptions(options)
  return rankMode === undefined ? 'ordinal' : checkRankMode(rankMode)
}

/** Returns an options object, `{}` where none was given. */
export function checkOptions<T extends object>(value: T | undefined, what = 'options'): Partial<T> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be an object`)
  return value
}

/** Like {@link checkOptions}, and refuses names that the call does not know. */
export function checkOptionsOf<T extends object>(
  call: keyof typeof OPTION_NAMES,
  value: T | undefined,
  what = 'options',
): Partial<T> {
  const options = checkOptions(value, what)
  const names = OPTION_NAMES[call]
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new TypeError(`Cannot use ${show(name)} in ${what}: the names are ${names.join(', ')}`)
  return options
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

/** Returns one of some words. */
export function checkWord<T extends string>(value: unknown, what: string, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be ${words.join(', ')}`)
  throw new RangeError(`Cannot use "${value}" as ${what}: it must be ${words.join(', ')}`)
}

/** Returns a value as messages show it. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `"${value.slice(0, 40)}"`
  return value === null || typeof value !== 'object'
    ? String(value)
    : Array.isArray(value)
      ? 'an array'
      : 'an object'
}
