/**
 * The reader of JSON: `exec` answered 9007199254740992 to a score of …993, and metadata of
 * 76561198000000001 and 1e400 came back as …000 and null.
 *
 * @module
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonError, keepsDigits, parseJson, writeJson } from '../../src/calls/json.ts'
import { checkScore } from '../../src/calls/scores.ts'
import { plainShape } from '../../src/format/score-shape.ts'
import { anyCharacter } from '../support/characters.ts'
import { sizeOf } from '../support/sizes.ts'

const INTEGERS = plainShape('descending', 'int64')

test.each([
  ...['0', '-0', '0.0', '0.1', '-0.1', '1e21', '1E+2', '1500.0', '9007199254740992', '5e-324'],
  ...['1152921504606846976', '1152921504606847000', '1760000000000.123', '0.30000000000000004'],
  ...[
    '0.10000000000000001',
    '1.7976931348623157e308',
    '123456789012345680',
    '1e23',
    '0e999',
    '1315579930548772.2',
  ],
])('parseJson() takes %s', (digits) => {
  expect(parseJson(`{"score": ${digits}}`)).toEqual({ score: Number(digits) })
})

test.each([
  ...['9007199254740993', '-9007199254740993', '9007199254740993.0', '9007199254740993e0'],
  ...['76561198000000001', '0.1234567890123456789', '12345678901234567890.0', '1e400', '-1e400'],
  ...['1e-400', '4e-324', '4503599627370497.5', '0.30000000000000003', '90071992547409930'],
])('parseJson() refuses %s with those very digits', (digits) => {
  expect(() => parseJson(`{"a":"x","score": ${digits}}`)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(`Cannot read score: ${digits} is`),
    }),
  )
  expect(() => parseJson(`[${digits}]`)).toThrow(JsonError)
})

test.each([
  ['metadata.steam', '{"metadata":{"a":1,"steam":76561198000000001}}'],
  ['submissions[1].score', '{"submissions":[{"score":1},{"score":9007199254740993}]}'],
  ['[2]', '[1,2,9007199254740993]'],
  ['a."b', '{"a":{"\\"b":9007199254740993}}'],
])('parseJson() names the field %s', (field, text) => {
  expect(() => parseJson(text)).toThrow(expect.objectContaining({ field }))
})

test('parseJson() leaves digits in strings alone', () => {
  const text =
    '{"playerId":"76561198000000001","x\\"9007199254740993":"1e400 \\" 9007199254740993"}'
  expect(parseJson(text)).toEqual(JSON.parse(text))
})

test.each([
  ['score', '{"score":1,"score":2}'],
  ['a.b', '{"a":{"b":1,"\\u0062":2}}'],
  ['[0].x', '[{"x":1,"x":1}]'],
])('parseJson() refuses the key %s that stands twice', (field, text) => {
  expect(() => parseJson(text)).toThrow(`Cannot read ${field}: it is there twice`)
})

test('parseJson() takes what looks like two keys and is not', () => {
  for (const text of ['{"a":"\\":","b":{"a":":"}}', '[{"a":1},{"a":1}]', '{"a":{"a":{"a":1}}}'])
    expect(parseJson(text)).toEqual(JSON.parse(text))
})

test('parseJson() takes __proto__ for a key, half pairs and any depth', () => {
  const value = parseJson('{"__proto__":{"x":1}}') as object
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(({} as { x?: number }).x).toBeUndefined()
  expect(parseJson('"\\ud800"')).toBe('\ud800')
  const depth = 100_000
  expect(parseJson('['.repeat(depth) + ']'.repeat(depth))).toBeInstanceOf(Array)
  expect(() => parseJson('{"a":1,}')).toThrow(SyntaxError)
})

test('parseJson() takes all that JSON.stringify() writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: anyCharacter() }), (value) => {
      const text = JSON.stringify(value)
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
  )
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => keepsDigits(`${n}`)),
  )
})

// The glance that parseJson() throws at each character must see what a reading by tokens sees.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]/g

function isExactByTokens(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const keys = open.at(-1) as Set<string>
      const key = JSON.parse(last) as string
      if (keys.has(key)) return false
      keys.add(key)
    } else if (/^[-\d]/.test(token) && !keepsDigits(token)) return false
    last = token
  }
  return true
}

const TEXTS = sizeOf('JSON_TEXTS', { test: 800, torture: 40_000 })
const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,19})(\.\d{1,18})?([eE][+-]?\d{1,3})?$/)
const texts = fc.oneof(
  fc.string({ unit: anyCharacter() }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"a"',
    '"\\u0061"',
    '"\\\\"',
    '"\\":"',
    '"{1e400"',
    '"12345678901234567"',
    '"[,:"',
  ),
)
const space = fc.constantFrom('', ' ', '\n\t')
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(digits, texts, fc.constantFrom('null', 'true', 'false')),
    fc
      .array(fc.tuple(space, tie('json')))
      .map((parts) => `[${parts.map((p) => p.join('')).join()}]`),
    fc
      .array(fc.tuple(space, texts, space, fc.constant(':'), tie('json'), space), { maxLength: 4 })
      .map((parts) => `{${parts.map((part) => part.join('')).join()}}`),
  ),
}))

test('parseJson() agrees with a reading by tokens on what is exact', () => {
  let refused = 0
  fc.assert(
    fc.property(json, (text) => {
      const isExact = isExactByTokens(text)
      if (isExact) expect(parseJson(text)).toEqual(JSON.parse(text))
      else expect(() => parseJson(text)).toThrow(JsonError)
      refused += Number(!isExact)
    }),
    { numRuns: TEXTS },
  )
  expect(refused).toBeGreaterThan(TEXTS / 20)
})

test('writeJson() writes integers beyond doubles as text, and null for undefined', () => {
  expect(writeJson({ a: 2n ** 60n, b: undefined, c: [undefined] })).toBe(
    '{"a":"1152921504606846976","b":null,"c":[null]}',
  )
  expect(writeJson([{ a: { b: [1n] } }, [[undefined]], 1.5, null, true, '"'])).toBe(
    '[{"a":{"b":["1"]}},[[null]],1.5,null,true,"\\""]',
  )
  class Told {
    toJSON(): unknown {
      return { a: 1n, b: undefined }
    }
  }
  expect(writeJson({ at: new Date(0), of: new Told() })).toBe(
    '{"at":"1970-01-01T00:00:00.000Z","of":{"a":"1","b":null}}',
  )
  expect(writeJson(undefined)).toBe('null')
  expect(writeJson(2n)).toBe('"2"')
})

// "write it as a string of digits, "9007199254740993.0"" was refused on a board of int64 when followed, and
// the same was said where a number belongs: each remedy must be taken in its turn.
test.each([
  ['score', '9007199254740993.0', '9007199254740992', '"9007199254740993"'],
  ['score', '-900719925474099.3e1', '-9007199254740992', '"-9007199254740993"'],
  ['score', '1e-400', '0', undefined],
  ['min', '0.1234567890123456789', '0.12345678901234568', undefined],
  ['n', '3.0000000000000001', '3', '"3.0000000000000001"'],
  ['metadata', '76561198000000001', undefined, '"76561198000000001"'],
])('parseJson() says how to write %s %s, and takes it', (field, digits, number, text) => {
  const said = refusalOf(`{"${field}":${digits}}`)
  const [, remedy] = said.split('; ')
  if (number === undefined) expect(remedy).toBe(`write ${text}, a string`)
  else expect(parseJson(/write ([^ ,]+)/.exec(remedy ?? '')?.[1] ?? '')).toBe(Number(number))
  expect(/"[^"]*"/.exec(remedy ?? '')?.[0]).toBe(text)
  if (field === 'score' && text !== undefined)
    expect(checkScore(JSON.parse(text), INTEGERS)).toBe(BigInt(JSON.parse(text)))
})

// "it must be an integer, beyond ±2^53 a bigint like 9007199254740993n": JSON has none. And for "007" the
// refusal said "must be an integer, a bigint or a number", which it is.
test.each([
  [9007199254740992, '"9007199254740992" or 9007199254740992n'],
  ['007', 'write "7"'],
  ['+7', 'write "7"'],
  [' 7', 'write "7"'],
  ['-0', 'write "0"'],
  ['-7.0', 'write "-7"'],
])('checkScore() says how to write the integer %j, and takes it', (value, remedy) => {
  const said = problemOf(() => checkScore(value, INTEGERS))
  expect(said).toContain(remedy)
  const text = /"(-?\d+)"/.exec(said.split(/[;]/)[1] ?? '')?.[1] ?? ''
  expect(checkScore(text, INTEGERS)).toBe(BigInt(Number(value)))
})

test.each([
  ['1e3', 'all the digits'],
  [1.5, 'must be an integer like 1500'],
  [1e21, 'must be from -9223372036854775808'],
  [2 ** 60, 'like "9007199254740993"'],
])('checkScore() says of %j what is odd about it', (value, words) => {
  expect(problemOf(() => checkScore(value, INTEGERS))).toContain(words)
})

function refusalOf(json: string): string {
  return problemOf(() => parseJson(json))
}

function problemOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'no refusal'
}
