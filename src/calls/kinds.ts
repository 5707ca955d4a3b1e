/**
 * What an argument or an option may be: a kind checks a value, says in words what is allowed, and
 * names the type that JSON, a command line or a URL has to carry.
 *
 * Checks that need a board's settings (the columns of a score) or that cost much (metadata as JSON)
 * are made in full where the value is used; here they refuse wrong types.
 *
 * @module
 */

import { KEEP_MAX, RETENTION_DAYS_MAX } from '../ground/limits.ts'
import { timeOf } from './times.ts'
import {
  checkActor,
  checkAvatar,
  checkBoardName,
  checkCount,
  checkDays,
  checkName,
  checkPercent,
  checkPlayerId,
  checkReason,
  checkRequestId,
  checkSeasonId,
  checkTierName,
  checkWhole,
  checkWindowName,
  checkWord,
  show,
} from './values.ts'

/** Types that JSON can carry, and `host` for those that only a program can give. */
export type KindType = 'boolean' | 'number' | 'text' | 'score' | 'object' | 'list' | 'host'

/** What an argument or an option may be. */
export interface Kind {
  readonly type: KindType
  /** What is allowed, in words: "a whole number, 0 or more". */
  readonly words: string
  /** The words, if it is one of some. */
  readonly choices?: readonly string[]
  /** Whether null is a value of its own; elsewhere JSON's null means "not given". */
  readonly takesNull?: boolean
  /** What each item of a list is. */
  readonly item?: Kind
  /** The least and the greatest number, of whole numbers. */
  readonly bounds?: { readonly least: number; readonly most: number }
  /** Whether it is a time: JSON, which has no dates, may carry it as a text of ISO 8601. */
  readonly isTime?: true
  /** Throws a TypeError or a RangeError; `what` is the name of the value. */
  check(value: unknown, what: string): void
}

/** The kinds of some options, by the names of the options. */
export type CallFields = Readonly<Record<string, Kind>>

/** A kind for each field of a type: none is missing, none is too much. */
export type FieldsOf<T> = Readonly<Record<keyof T, Kind>>

/** True or false, and nothing that counts as one of them. */
export const BOOLEAN: Kind = kindOf(
  'boolean',
  'true or false',
  (value) => typeof value === 'boolean',
)

export const PLAYER_ID: Kind = {
  type: 'text',
  words: 'a text of 1 to 512 bytes of UTF-8',
  check: checkPlayerId,
}

export const REQUEST_ID: Kind = {
  type: 'text',
  words: 'a text of 1 to 128 bytes of UTF-8',
  check: checkRequestId,
}

export const WINDOW_NAME: Kind = {
  type: 'text',
  words: 'a letter or a digit, then letters, digits, _ and -, 32 at most',
  check: checkWindowName,
}

export const SEASON_ID: Kind = {
  type: 'text',
  words: 'a text of 1 to 64 bytes of UTF-8',
  check: checkSeasonId,
}

/** Ids of seasons by the names of their windows. */
export const SEASON_IDS: Kind = {
  type: 'object',
  words: 'an object that names windows, each with the id of a season',
  check: (value, what) => {
    OBJECT.check(value, what)
    for (const [window, season] of Object.entries(value as object)) {
      checkWindowName(window)
      checkSeasonId(season)
    }
  },
}

/** Windows to add, or what to alter of each. They are judged where the board is known. */
export const WINDOWS: Kind = kindOf(
  'object',
  'an array of windows, or an object that names them, each with what to alter or null',
  (value) => (Array.isArray(value) && value.length > 0) || isPlainObject(value),
)

const STRINGS: Kind = kindOf('list', 'an array of strings', Array.isArray)

export const PLAYER_IDS: Kind = {
  ...STRINGS,
  item: PLAYER_ID,
  check: (value, what) => {
    STRINGS.check(value, what)
    // With the holes of an array, which are not ids.
    for (const playerId of value as unknown[]) checkPlayerId(playerId)
  },
}

/** How many entries are asked for. */
export const COUNT: Kind = { ...whole(), check: checkCount }

export const NAME: Kind = {
  type: 'text',
  words: 'a text of at least one character',
  check: checkName,
}

export const BOARD_NAME: Kind = {
  type: 'text',
  words: 'a text of at least one character',
  check: checkBoardName,
}

export const CURSOR: Kind = kindOf(
  'text',
  'the text that a page answered as next or previous',
  (value) => typeof value === 'string',
)

export const TEXT: Kind = kindOf(
  'text',
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '',
)

export const REASON: Kind = {
  type: 'text',
  words: 'a text of 1 to 1,024 bytes of UTF-8',
  check: checkReason,
}

export const TIER_NAME: Kind = {
  type: 'text',
  words: 'a text of 1 to 64 bytes of UTF-8',
  check: checkTierName,
}

/** Who did something. */
export const ACTOR: Kind = {
  type: 'text',
  words: 'a text of 1 to 512 bytes of UTF-8',
  check: checkActor,
}

/** A time of another name than `at`. */
export const TIME: Kind = {
  type: 'number',
  words: 'milliseconds since 1970 UTC',
  isTime: true,
  check: (value, what) => void timeOf(value, what),
}

/** A time, judged with its unit where it is used. */
export const AT: Kind = judgedLater('number', 'milliseconds since 1970 UTC')

export const PERCENT: Kind = {
  type: 'number',
  words: 'a number above 0 and at most 100',
  check: checkPercent,
}

/** How long something is kept, in days and their parts. */
export const DAYS: Kind = {
  type: 'number',
  words: `a number from 0 to ${RETENTION_DAYS_MAX}`,
  check: checkDays,
}

/** A score. The board judges it, which knows its columns. */
export const SCORE: Kind = judgedLater(
  'score',
  'a number; for int64 a bigint or text of digits; for several columns an object',
)

/** A score, or null for "has no entry". */
export const EXPECTED: Kind = {
  ...judgedLater('score', 'a score, or null for no entry'),
  takesNull: true,
}

/** One end of a range of scores; null leaves it open. */
export const BOUND: Kind = judgedLater('score', 'a score or an infinity; open if it is left out')

/** The name of a column, which the settings judge. */
export const COLUMN: Kind = judgedLater('text', 'a letter, then letters, digits, _ and -')

/** Metadata. It is judged where it becomes JSON text, which is work. */
export const METADATA: Kind = judgedLater('object', 'a plain object')

/** How scores are written in a file. The import judges the columns, which it knows. */
export const SCORE_FORMAT: Kind = kindOf(
  'object',
  'number, time or time-ms, or an object that names the columns with one of these',
  (value) => ['number', 'time', 'time-ms'].includes(value as string) || isPlainObject(value),
)

export const OBJECT: Kind = kindOf('object', 'an object', isPlainObject)
export const LIST: Kind = kindOf('list', 'an array', Array.isArray)
export const KEEP: Kind = whole({ least: 1, most: KEEP_MAX })

export const SIGNAL: Kind = kindOf(
  'host',
  'an AbortSignal',
  (value) => value instanceof AbortSignal,
)

export const CALLBACK: Kind = kindOf('host', 'a function', (value) => typeof value === 'function')

/** Something to read bytes from. */
export const SOURCE: Kind = kindOf('host', 'a stream like createReadStream(path)', isReadable)

/** Something to read rows from. */
export const ROW_SOURCE: Kind = kindOf(
  'host',
  'the path of a file, a file: URL, a readable stream, or an iterable of bytes or text',
  (value) => isPath(value) || isReadable(value) || (typeof value !== 'string' && isIterable(value)),
)

/** Something to write bytes to. */
export const TARGET: Kind = kindOf('host', 'a stream like createWriteStream(path)', isWritable)

/** A path as text, or a URL of a file. */
export const PATH: Kind = kindOf('host', 'a path, or a file: URL', isPath)

/** A path that JSON can carry too. */
export const PLACE: Kind = { ...PATH, type: 'text' }

/** A path, or a stream to read from. */
export const PATH_OR_SOURCE: Kind = kindOf(
  'host',
  'a path or a stream to read from',
  (value) => isPath(value) || isReadable(value),
)

/** A path, or a stream to write to. */
export const PATH_OR_TARGET: Kind = kindOf(
  'host',
  'a path or a stream to write to',
  (value) => isPath(value) || isWritable(value),
)

/** A board by its name, or settings of the whole store. */
export const BOARD_OR_SETTINGS: Kind = {
  type: 'text',
  words: 'the name of a board, or an object with settings of the store',
  check: (value) => {
    if (!isPlainObject(value)) checkBoardName(value)
  },
}

/** An https address. */
export const AVATAR: Kind = {
  type: 'text',
  words: 'an address that begins with https://, at most 2,048 characters',
  check: checkAvatar,
}

/** A kind of which null is a value of its own: it takes away what there is. */
export function orNull(kind: Kind): Kind {
  return {
    ...kind,
    takesNull: true,
    words: `${kind.words}, or null`,
    check: (value, what) => {
      if (value !== null) kind.check(value, what)
    },
  }
}

/** A whole number from `least` (0) to `most`. */
export function whole(bounds: { least?: number; most?: number } = {}): Kind {
  const { least = 0, most } = bounds
  const words = most === undefined ? `${least} or more` : `${least} to ${most}`
  return {
    type: 'number',
    words: `a whole number, ${words}`,
    bounds: { least, most: most ?? Number.MAX_SAFE_INTEGER },
    check: (value, what) => checkWhole(value, what, bounds),
  }
}

/** One of some words. */
export function word(...words: readonly string[]): Kind {
  return {
    type: 'text',
    words: words.join(', '),
    choices: words,
    check: (value, what) => checkWord(value, what, words),
  }
}

/** A list of some words. */
export function listOfWords(...words: readonly string[]): Kind {
  return {
    type: 'list',
    words: `an array of ${words.join(', ')}`,
    choices: words,
    item: word(...words),
    check: (value, what) => {
      LIST.check(value, what)
      for (const item of value as unknown[]) checkWord(item, what, words)
    },
  }
}

/** A list of whole numbers from `least` on. */
export function listOfWholes(bounds: { least: number }): Kind {
  return {
    type: 'list',
    words: `an array of whole numbers, ${bounds.least} or more`,
    item: whole(bounds),
    check: (value, what) => {
      LIST.check(value, what)
      // With the holes of an array, which are not numbers.
      for (const item of value as unknown[]) checkWhole(item, what, bounds)
    },
  }
}

function kindOf(type: KindType, words: string, accepts: (value: unknown) => boolean): Kind {
  return {
    type,
    words,
    check: (value, what) => {
      if (!accepts(value))
        throw new TypeError(`Cannot use ${show(value)} as ${what}: it must be ${words}`)
    },
  }
}

/** What is checked in full where it is used. */
export function judgedLater(type: KindType, words: string): Kind {
  return { type, words, check: () => undefined }
}

/** Whether a value is an object with fields; a Map, a Date or a stream has none that count. */
export function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object Object]'
  )
}

function isPath(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || value instanceof URL
}

// Bytes are iterable too, but yield numbers. An empty array has not even a header.
function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Uint8Array) &&
    !(Array.isArray(value) && value.length === 0) &&
    Symbol.iterator in value
  )
}

function isReadable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isWritable(value: unknown): boolean {
  const { write, on } = (value ?? {}) as { write?: unknown; on?: unknown }
  return typeof write === 'function' && typeof on === 'function'
}
