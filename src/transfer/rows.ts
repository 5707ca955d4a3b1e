/**
 * The rows of an import or export: their columns, and what each field may hold.
 *
 *     playerId   required   1 to 512 bytes of UTF-8
 *     score      required   a decimal number, finite and exact
 *     name       optional   1 to 512 bytes of UTF-8
 *     at         optional   milliseconds since 1970 UTC; the store keeps whole microseconds
 *     metadata   optional   a JSON object
 *     rank       ignored    exports and other tools add it
 *     board      ignored    likewise
 *
 * A CSV file names its columns in the first line, in any order, and an empty field means "not given";
 * an NDJSON file has one object a line with the same keys, and `null` means "not given". Any other
 * column is refused: a misspelt `nmae` must not lose every name.
 *
 * A spreadsheet runs a cell that opens like a formula, and players choose their names. So in CSV a
 * `playerId` or `name` that opens with such a character is written with a `'` before it. One that opens
 * with some `'` and such a character gets one more, so that taking one off always restores the text:
 *
 *     =1+1  <->  '=1+1          '=1+1  <->  ''=1+1          'tis  <->  'tis
 *
 * @module
 */

/** The text formats of an import or export. */
export type RowFormat = 'csv' | 'ndjson'

/** A row that was read and checked. */
export interface Row {
  /** The physical line on which the row starts, 1-based; the header of a CSV file is line 1. */
  line: number
  playerId: string
  score: number
  name: string | undefined
  /** Milliseconds since 1970 UTC, as written. */
  at: number | undefined
  /** JSON text of an object; absent where the row has none. */
  metadata?: string
}

/** A row that cannot be used. */
export interface BadRow {
  /** The physical line on which the row starts, 1-based. */
  line: number
  /** What is wrong, and what to do. */
  problem: string
}

/** Where a CSV file has its columns: indexes, -1 for one that it does not have. */
export interface CsvColumns {
  count: number
  playerId: number
  score: number
  name: number
  at: number
  metadata: number
}

/** The columns that an import understands, in the order in which an export writes them. */
export const ROW_COLUMNS: readonly string[] = ['playerId', 'score', 'name', 'at', 'metadata']

const IGNORED_COLUMNS: readonly string[] = ['rank', 'board']
const COLUMNS_ALLOWED: ReadonlySet<string> = new Set([...ROW_COLUMNS, ...IGNORED_COLUMNS])

// The store refuses more, but only here can the line be named.
const TEXT_BYTES_MAX = 512

// The longest integer that a double holds has 309 digits; more text is not a score but an attack.
const NUMBER_CHARACTERS_MAX = 400

// Microseconds are exact integers up to here, the year 2255. A time beyond it was almost surely given
// in microseconds or nanoseconds.
const AT_MS_MAX = Number.MAX_SAFE_INTEGER / 1000

// A message shows at most so much of a field: a glance, not the file.
const EXCERPT_CHARACTERS_MAX = 40

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const JSON_TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\]]|[^\s,:{}[\]"]+/g
const LONE_SURROGATE = /\p{Surrogate}/u
const UNPRINTABLE = /[\p{Control}\p{Format}]/gu

// OWASP's "CSV Injection", with the full-width forms that spreadsheets take for the plain ones.
const NEEDS_GUARD = /^'*[=+\-@\t\r\n\0＝＋－＠]/u
const HAS_GUARD = /^'+[=+\-@\t\r\n\0＝＋－＠]/u

/** Why a row cannot be used, without its line: whoever catches it knows the line. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem'

  constructor(problem: string, options?: ErrorOptions) {
    // It quotes the file, whose text must not drive the terminal of whoever reads the message.
    super(problem.replace(UNPRINTABLE, escapeCharacter), options)
  }
}

/**
 * Returns the format that a file name stands for, or undefined if it ends in none of `.csv`,
 * `.ndjson` and `.jsonl`, each with or without `.gz`, in upper or lower case.
 *
 * @example
 * formatOf('scores.csv.gz') // { format: 'csv', gzip: true }
 */
export function formatOf(path: string): { format: RowFormat; gzip: boolean } | undefined {
  const match = /\.(csv|ndjson|jsonl)(\.gz)?$/i.exec(path)
  if (match === null) return undefined
  const format = match[1]?.toLowerCase() === 'csv' ? 'csv' : 'ndjson'
  return { format, gzip: match[2] !== undefined }
}

/** Returns the text as a CSV cell holds it: with a `'` before it if a spreadsheet might run it. */
export function guard(text: string): string {
  return NEEDS_GUARD.test(text) ? `'${text}` : text
}

/** Returns the text of a CSV cell, without the `'` that {@link guard} put before it. */
export function unguard(cell: string): string {
  return HAS_GUARD.test(cell) ? cell.slice(1) : cell
}

/** Returns where the fields of a CSV header say that the columns are. */
export function columnsOf(header: readonly string[]): CsvColumns {
  for (const [index, column] of header.entries()) {
    checkColumn(column)
    if (header.indexOf(column) < index) {
      throw new RowProblem(`the header names ${column} twice: keep one of the columns`)
    }
  }
  for (const column of ['playerId', 'score']) {
    if (header.includes(column)) continue
    const example = ROW_COLUMNS.join(',')
    throw new RowProblem(`the header has no column ${column}: begin with a line like ${example}`)
  }
  return {
    count: header.length,
    playerId: header.indexOf('playerId'),
    score: header.indexOf('score'),
    name: header.indexOf('name'),
    at: header.indexOf('at'),
    metadata: header.indexOf('metadata'),
  }
}

/** Returns the row that the fields of a line of CSV hold. */
export function rowOfFields(fields: readonly string[], columns: CsvColumns, line: number): Row {
  if (fields.length !== columns.count) {
    throw new RowProblem(
      `has ${fields.length} fields, the header names ${columns.count}: put fields with commas in quotes`,
    )
  }
  const name = fieldAt(fields, columns.name)
  const at = fieldAt(fields, columns.at)
  const metadata = fieldAt(fields, columns.metadata)
  const row: Row = {
    line,
    playerId: checkText('playerId', unguard(fieldAt(fields, columns.playerId))),
    score: parseScore(fieldAt(fields, columns.score)),
    name: name === '' ? undefined : checkText('name', unguard(name)),
    at: at === '' ? undefined : parseAt(at),
  }
  if (metadata !== '') {
    parseObject('metadata', metadata)
    row.metadata = metadata
  }
  return row
}

/** Returns the row that a line of NDJSON holds. */
export function rowOfJson(json: string, line: number): Row {
  const object = parseObject('the line', json)
  for (const column in object) checkColumn(column)
  const { playerId, score, name = null, at = null, metadata = null } = object
  if (typeof playerId !== 'string') throw wrongType('playerId', playerId, 'a string')
  if (typeof score !== 'number') throw wrongType('score', score, 'a number')
  if (typeof name !== 'string' && name !== null) throw wrongType('name', name, 'a string')
  if (typeof at !== 'number' && at !== null) throw wrongType('at', at, 'a number')
  if (metadata !== null && !isObject(metadata)) throw wrongType('metadata', metadata, 'an object')
  const row: Row = {
    line,
    playerId: checkText('playerId', playerId),
    // JSON.parse() has rounded it; beyond 2^53 that may have made two scores one, so look at the text.
    score: Math.abs(score) < 2 ** 53 ? score + 0 : parseScore(numberText(json, 'score')),
    name: name === null ? undefined : checkText('name', name),
    at: at === null ? undefined : checkAt(at),
  }
  if (metadata !== null) row.metadata = stringify(metadata)
  return row
}

/** Says whether the text holds half of a surrogate pair, which UTF-8 cannot write. */
export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text)
}

function checkColumn(column: string): void {
  if (COLUMNS_ALLOWED.has(column)) return
  const known = `known are ${ROW_COLUMNS.join(', ')}; ${IGNORED_COLUMNS.join(' and ')} are ignored`
  throw new RowProblem(`unknown column ${excerpt(column)}: rename or remove it (${known})`)
}

// Not fields[-1]: an index that is no element is looked up as a name, which is slow.
function fieldAt(fields: readonly string[], index: number): string {
  return index === -1 ? '' : (fields[index] ?? '')
}

function checkText(column: string, text: string): string {
  if (text === '') throw new RowProblem(`${column} is empty: fill it in`)
  // A character is at most three bytes for each unit of length, so most texts need no count.
  if (text.length * 3 > TEXT_BYTES_MAX) checkTextBytes(column, Buffer.byteLength(text))
  if (hasLoneSurrogate(text)) {
    throw new RowProblem(`${column} ${excerpt(text)} holds half a surrogate pair: write whole characters`)
  }
  return text
}

function checkTextBytes(column: string, size: number): void {
  if (size <= TEXT_BYTES_MAX) return
  throw new RowProblem(`${column} is ${size} bytes long: shorten it to ${TEXT_BYTES_MAX} bytes of UTF-8`)
}

// Digits after the point are rounded as in any double. An integer from 2^53 on whose nearest double is
// another number is refused: two players with different scores would tie. But the shortest text of a
// double is taken, since exports write that: 2^60 is printed as 1152921504606847000.
function parseScore(text: string): number {
  const score = parseDecimal(text)
  if (score === undefined) {
    throw new RowProblem(`score ${excerpt(text)} is not a decimal number: write it like 1500 or 12.5`)
  }
  if (!Number.isFinite(score)) {
    throw new RowProblem(`score ${excerpt(text)} is too large for a number: stay below 1.8e308`)
  }
  if (Math.abs(score) >= 2 ** 53 && !isExact(text, score)) {
    throw new RowProblem(`score ${excerpt(text)} is not exact as a number: the nearest one is ${score}`)
  }
  return score + 0
}

function parseAt(text: string): number {
  const at = parseDecimal(text)
  if (at !== undefined) return checkAt(at)
  const example = 'milliseconds since 1970 UTC, like 1760000000000'
  throw new RowProblem(`at ${excerpt(text)} is not a decimal number: write ${example}`)
}

function checkAt(at: number): number {
  if (at < 0) throw new RowProblem(`at ${at} lies before 1970: write milliseconds since 1970 UTC`)
  if (at > AT_MS_MAX) {
    throw new RowProblem(`at ${at} lies after 2255: write milliseconds since 1970 UTC, no smaller unit`)
  }
  return at + 0
}

// Number() alone would also take '', ' ', '0x10' and 'Infinity'.
function parseDecimal(text: string): number | undefined {
  if (text.length > NUMBER_CHARACTERS_MAX || !DECIMAL.test(text)) return undefined
  return Number(text)
}

function isExact(text: string, value: number): boolean {
  const integer = integerOf(text)
  return integer !== undefined && (integer === BigInt(value) || integer === integerOf(String(value)))
}

// The integer that a decimal text stands for, or undefined if it has a fraction.
function integerOf(text: string): bigint | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? []
  const digits = (whole + fraction).replace(/0+$/, '')
  const zeros = whole.length - digits.length + Number(exponent)
  if (zeros < 0) return undefined
  const magnitude = BigInt(digits) * 10n ** BigInt(zeros)
  return sign === '-' ? -magnitude : magnitude
}

// The text of a number in a JSON object, by its key: Node 20 has no reviver that shows it.
function numberText(json: string, key: string): string {
  let text = ''
  let depth = 0
  let current: string | undefined
  for (const [token] of json.matchAll(JSON_TOKEN)) {
    if (token === '{' || token === '[') {
      depth++
      continue
    }
    if (token === '}' || token === ']') depth--
    if (depth !== 1) continue
    // A key, or what ends its value: the value itself, or its closing bracket.
    if (current === key) text = token
    current = current === undefined ? JSON.parse(token) : undefined
  }
  return text
}

function parseObject(what: string, json: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new RowProblem(`${what} is not JSON: ${reason}`, { cause: error })
  }
  if (!isObject(value)) throw wrongType(what, value, 'a JSON object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringify(metadata: Record<string, unknown>): string {
  try {
    return JSON.stringify(metadata)
  } catch (error) {
    // JSON.parse() takes any depth, but this one recurses.
    throw new RowProblem('metadata is nested too deeply: flatten it', { cause: error })
  }
}

function wrongType(column: string, value: unknown, expected: string): RowProblem {
  if (value === undefined) return new RowProblem(`${column} is missing: give every row one`)
  return new RowProblem(`${column} is ${kindOf(value)}: write ${expected}`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function excerpt(text: string): string {
  const isLong = text.length > EXCERPT_CHARACTERS_MAX
  return JSON.stringify(isLong ? `${text.slice(0, EXCERPT_CHARACTERS_MAX)}…` : text)
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
