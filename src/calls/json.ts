/**
 * The one reader of JSON that comes in, and the one writer of JSON that goes out.
 *
 * JSON.parse() rounds numbers without a word: 9007199254740993 becomes …992, 1e400 Infinity. Here a
 * number is taken if its double, written with as many significant digits or as shortly as JavaScript
 * does, has the same digits. So 0.1, 1e21, 1152921504606847000 and all that programs write are taken;
 * 9007199254740993, 0.1234567890123456789, 1e400 and 1e-400 are refused, wherever they stand.
 *
 * A key that stands twice in an object is refused: which of two scores counts is not to be guessed.
 * `__proto__` is a key like any other, half surrogate pairs in escapes are kept, and depth is left to
 * those who take the value.
 *
 * @module
 */

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]/g

// A double keeps any fifteen digits; only an exponent can take it out of its range.
const DIGITS_SAFE = 15

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const LARGE_E = 0x45
const BRACKET = 0x5b
const BACKSLASH = 0x5c
const SMALL_E = 0x65
const BRACE = 0x7b

// toPrecision() writes no more; nobody's number has them.
const DIGITS_MAX = 100

// A message repeats at most this much of a number.
const WRITTEN_MAX = 60

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const SCORE_FIELD = /(^|\.)(score|min|max|expected)\b/
const TEXT_FIELD = /(^|\.)(metadata|playerIds?|name|board)\b/

/** A number or a key of a JSON text that cannot be taken as it is written. */
export class JsonError extends RangeError {
  /** Where it stands: `score`, `metadata.steam`, `submissions[2].score`. */
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

/**
 * Returns the value of a JSON text, exactly as it is written. Use it instead of JSON.parse() for all
 * that comes from outside: lines, files, arguments. Cost: that of JSON.parse() and a glance at each
 * character; more for numbers of more than fifteen digits.
 *
 * @throws {SyntaxError} of JSON.parse() if it is not JSON.
 * @throws {JsonError} if a number has digits that no double keeps, or a key stands twice; the message
 *   repeats what is written, names the field and says how to write it.
 * @example
 * parseJson('{"score":9007199254740993}') // JsonError: Cannot read score: 9007199254740993 is …
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const { keys, isFlat } = scan(text)
  if (keys !== (isFlat ? keysOfFlat(value) : keysOf(value))) checkKeys(text)
  return value
}

/** Whether a double keeps all digits of a decimal number. */
export function keepsDigits(text: string): boolean {
  // What programs write is the shortest text already.
  if (`${Number(text)}` === text) return true
  const digits = significantDigits(text)
  if (digits.length === 0) return true
  const value = Number(text)
  if (!Number.isFinite(value) || value === 0 || digits.length > DIGITS_MAX) return false
  // The shortest text for a double may differ from its own value in the last digit.
  return [value.toPrecision(digits.length), `${value}`].some(
    (written) => significantDigits(written) === digits,
  )
}

/**
 * Returns a value as JSON text. What JSON numbers would round is written as a text of digits: bigints;
 * undefined becomes null, so that fields are always there. Cost: that of JSON.stringify() and a glance at each
 * value; three times that where something is replaced.
 *
 * @example
 * writeJson({ score: 2n ** 60n, name: undefined }) // '{"score":"1152921504606846976","name":null}'
 */
export function writeJson(value: unknown): string {
  // A replacer costs more than all else: three times as much for what holds nothing to be replaced.
  if (isWrittenAsItIs(value)) return JSON.stringify(value)
  return JSON.stringify(value, (_key, part: unknown) =>
    part === undefined ? null : exactPart(_key, part),
  )
}

// Whether there is no undefined, no bigint and nothing that writes itself in it.
function isWrittenAsItIs(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object')
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (Array.isArray(value)) return value.every(isWrittenAsItIs)
  if ('toJSON' in value) return false
  for (const key in value) if (!isWrittenAsItIs((value as NamedValues)[key])) return false
  return true
}

/** A replacer for JSON.stringify() that writes bigints as text and leaves out what is undefined. */
export function exactPart(_key: string, part: unknown): unknown {
  return typeof part === 'bigint' ? String(part) : part
}

function significantDigits(text: string): string {
  return text
    .replace(/e.*/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '')
}

type NamedValues = Readonly<Record<string, unknown>>

/** What a glance at a text tells. */
interface Scanned {
  /** How many keys are written, those that stand twice counted twice. */
  keys: number
  /** Whether no object or array holds another. */
  isFlat: boolean
}

// Every row of an import passes here: one look at each character, nothing made. As the text is known
// to be JSON, a colon outside of strings is a key, and a digit begins a number or goes on with one.
function scan(text: string): Scanned {
  let keys = 0
  let opened = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COLON) keys++
    else if (code === BRACE || code === BRACKET) opened++
    else if (code >= ZERO && code <= NINE) at = endOfNumber(text, at)
  }
  return { keys, isFlat: opened <= 1 }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at))
    at += code === BACKSLASH ? 2 : 1
  return at
}

// Returns its last character, after a check of what may lose digits.
function endOfNumber(text: string, start: number): number {
  let at = start
  let digits = 0
  let hasExponent = false
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= ZERO && code <= NINE) digits++
    else if (code === SMALL_E || code === LARGE_E) hasExponent = true
    else if (code !== DOT && code !== PLUS && code !== MINUS) break
  }
  if (digits > DIGITS_SAFE || hasExponent) checkNumber(text, { start, end: at })
  return at - 1
}

function checkNumber(text: string, { start, end }: { start: number; end: number }): void {
  const from = text[start - 1] === '-' ? start - 1 : start
  const token = text.slice(from, end)
  if (!keepsDigits(token)) throw notKept(token, fieldAt(text, from))
}

function notKept(token: string, field: string): JsonError {
  const written = token.length > WRITTEN_MAX ? `${token.slice(0, WRITTEN_MAX)}…` : token
  const value = Number(token)
  const nearest = Number.isFinite(value)
    ? `is not exact as a number, the nearest one is ${value}`
    : 'is too large for a number'
  return new JsonError(
    field,
    `Cannot read ${field}: ${written} ${nearest}; ${remedyOf(token, field)}`,
  )
}

// A string helps where a text may stand, or digits of int64; elsewhere it would be refused in its turn.
function remedyOf(token: string, field: string): string {
  const value = Number(token)
  const number = Number.isFinite(value) ? `write ${value}` : 'stay below 1.8e308'
  const text = token.length > WRITTEN_MAX ? 'it in quotes' : `"${token}"`
  if (TEXT_FIELD.test(field)) return `write ${text}, a string`
  if (!SCORE_FIELD.test(field)) return `${number}, or ${text} if it is a text`
  const digits = integerDigits(token)
  if (digits === undefined) return number
  return `${number}, or on a board of int64 the string "${digits}"`
}

// The digits of a number that is written in any way, if it is an integer of 64 bits.
function integerDigits(token: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = NUMBER.exec(token) ?? []
  const places = Number(power)
  if (token.length > WRITTEN_MAX || Math.abs(places) > WRITTEN_MAX) return undefined
  const point = whole.length + places
  const all = `${whole}${fraction}`.padEnd(point, '0')
  if (point < 1 || /[1-9]/.test(all.slice(point))) return undefined
  const integer = BigInt(all.slice(0, point)) * (sign === '-' ? -1n : 1n)
  return BigInt.asIntN(64, integer) === integer ? String(integer) : undefined
}

function keysOfFlat(value: unknown): number {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? Object.keys(value).length : 0
}

// Without recursion: JSON.parse() takes any depth.
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  const open: object[] = [value]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const values: unknown[] = Array.isArray(part) ? part : Object.values(part)
    if (values !== part) count += values.length
    for (const inner of values) if (typeof inner === 'object' && inner !== null) open.push(inner)
  }
  return count
}

function checkKeys(text: string): void {
  const seen: Set<string>[] = []
  let last = ''
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '{') seen.push(new Set())
    else if (token === '[') seen.push(new Set())
    else if (token === '}' || token === ']') seen.pop()
    else if (token === ':') {
      const keys = seen.at(-1) as Set<string>
      const key = JSON.parse(last) as string
      if (keys.has(key)) {
        const field = fieldAt(text, index + 1)
        throw new JsonError(field, `Cannot read ${field}: it is there twice; write it once`)
      }
      keys.add(key)
    }
    last = token
  }
}

// The names on the way to what stands at `end`: only for messages.
function fieldAt(text: string, end: number): string {
  const path: (string | number)[] = []
  let last = ''
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (index >= end) break
    if (token === '{') path.push('')
    else if (token === '[') path.push(0)
    else if (token === '}' || token === ']') path.pop()
    else if (token === ':') path[path.length - 1] = JSON.parse(last) as string
    else if (token === ',' && typeof path.at(-1) === 'number')
      path[path.length - 1] = (path.at(-1) as number) + 1
    last = token
  }
  const words = path.map((part, i) =>
    typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`,
  )
  return words.join('').replace(/\]([^.[])/g, '].$1') || 'the number'
}
