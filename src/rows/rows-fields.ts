/**
 * What each field of a row may hold, whatever the format. Every check throws a RowProblem.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import { JsonError, parseJson } from '../calls/json.ts'
import { atOf, parseAt } from '../calls/times.ts'
import { checkMetadata } from '../calls/values.ts'
import { NAME_BYTES_MAX, PLAYER_ID_BYTES_MAX } from '../ground/limits.ts'
import type { AtUnit } from '../words/index.ts'
import { RowProblem } from './rows.ts'

/** Columns of other tools. */
export const IGNORED_COLUMNS: readonly string[] = ['rank', 'board']
const TEXT_BYTES_MAX = { playerId: PLAYER_ID_BYTES_MAX, name: NAME_BYTES_MAX }

// Bounds memory. A row with metadata has a few kilobytes; a longer one has lost its closing quote, or
// this is not a text file.
const ROW_BYTES_MAX = 1024 * 1024

// A message shows at most this much of a field: a glance, not the file.
const EXCERPT_CHARACTERS_MAX = 40

// 1973 to 2096.
const MILLISECONDS = /^[1-3]\d{12}$|^[1-9]\d{11}$/

/** Returns how to decode a block: a damaged one byte by byte, so that {@link toText} finds the damage. */
export function encodingOf(block: Buffer): BufferEncoding {
  return isUtf8(block) ? 'utf8' : 'latin1'
}

/** Returns a piece of a decoded block as text. */
export function toText(piece: string, encoding: BufferEncoding): string {
  if (encoding === 'utf8') return piece
  const bytes = Buffer.from(piece, 'latin1')
  if (!isUtf8(bytes))
    throw new RowProblem(
      'is not UTF-8: save the file as CSV UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8',
    )
  return bytes.toString()
}

export function checkRowBytes(size: number): void {
  if (size <= ROW_BYTES_MAX) return
  throw new RowProblem('runs on for more than 1 MiB: close its quotes and end it with a line break')
}

export function checkText(column: 'playerId' | 'name', text: string): string {
  if (text === '') throw new RowProblem(`${column} is empty: fill it in`, { column })
  const bytesMax = TEXT_BYTES_MAX[column]
  // A character is at most three bytes for each unit of length, so most texts need no count.
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return text
  const size = Buffer.byteLength(text)
  throw new RowProblem(
    `${column} is ${size} bytes long: shorten it to ${bytesMax} bytes of UTF-8`,
    {
      column,
    },
  )
}

/** Returns metadata as JSON text, null where it is empty, from a text of JSON. */
export function parseMetadata(json: string): string | null {
  return metadataText(parseObject('metadata', json))
}

/** Returns metadata as JSON text, null where it is empty. */
export function metadataText(metadata: unknown): string | null {
  try {
    return checkMetadata(metadata)
  } catch (error) {
    // JSON.parse() takes any depth, but JSON.stringify() recurses.
    const { message } = error as Error
    throw new RowProblem(`metadata cannot be stored: ${message}`, { cause: error })
  }
}

/** Returns milliseconds since 1970 UTC from a field of text. */
export function parseAtField(text: string, unit: AtUnit | undefined): number {
  // Most fields are plain milliseconds of our days, which need no judgement.
  if (unit === undefined && MILLISECONDS.test(text)) return Number(text)
  return inField('at', () => parseAt(text, unit))
}

/** Returns milliseconds since 1970 UTC from a value of JSON. */
export function atOfValue(at: number | string, unit: AtUnit | undefined): number {
  return inField('at', () => (typeof at === 'string' ? parseAt(at, unit) : atOf(at, unit)))
}

function inField<T>(column: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new RowProblem((error as Error).message, { cause: error, column })
  }
}

export function parseObject(what: string, json: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseJson(json)
  } catch (error) {
    if (error instanceof JsonError)
      throw new RowProblem(error.message, { cause: error, column: error.field })
    const reason = error instanceof Error ? error.message : String(error)
    throw new RowProblem(`${what} is not JSON: ${reason}`, { cause: error })
  }
  if (kindOf(value) !== 'an object')
    throw new RowProblem(`${what} is ${kindOf(value)}: write a JSON object`)
  return value as Record<string, unknown>
}

/** Returns what a value of JSON is: `a string`, `a number`, `an object`, ... */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Returns the beginning of a text, in quotes. */
export function excerpt(text: string): string {
  const isLong = text.length > EXCERPT_CHARACTERS_MAX
  return JSON.stringify(isLong ? `${text.slice(0, EXCERPT_CHARACTERS_MAX)}…` : text)
}
