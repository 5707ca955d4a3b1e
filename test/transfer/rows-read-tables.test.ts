import { Readable } from 'node:stream'
import { expect, test } from 'vitest'

import { LadderError } from '../../src/errors.ts'
import type { Row } from '../../src/transfer/rows.ts'
import { type ReadRowsOptions, readRows } from '../../src/transfer/rows-read.ts'

const A: Row = { line: 2, playerId: 'a', score: 1, name: undefined, at: undefined }
const B: Row = { line: 3, playerId: 'b', score: 2, name: undefined, at: undefined }
const HEADER = 'playerId,score,name,at,metadata'

// [what, text, rows]
const CSV_GOOD: [string, string, Row[]][] = [
  ['a header alone', 'playerId,score\n', []],
  ['a header without a line break', 'playerId,score', []],
  ['rows', 'playerId,score\na,1\nb,2\n', [A, B]],
  ['a last row without a line break', 'playerId,score\na,1\nb,2', [A, B]],
  ['columns in any order', 'score,at,playerId,name\n1,5.5,a,Ada\n', [{ ...A, name: 'Ada', at: 5.5 }]],
  ['the columns of other tools', 'board,rank,playerId,score\nx,?,a,1\n,,b,2\n', [A, B]],
  ['empty fields as not given', `${HEADER}\na,1,,,\n`, [A]],
  ['a byte order mark', '\u{FEFF}playerId,score\na,1\n', [A]],
  ['CR LF', 'playerId,score\r\na,1\r\n"b",2\r\n', [A, B]],
  ['CR LF at the end cut short', 'playerId,score\r\na,1\r\nb,2\r', [A, B]],
  ['a quoted header', '"playerId","score"\n"a","1"\n', [A]],
  [
    'blank lines',
    '\n\r\nplayerId,score\n\n\na,1\n\r\nb,2\n\n',
    [
      { ...A, line: 6 },
      { ...B, line: 8 },
    ],
  ],
  ['doubled quotes', 'playerId,score\n"""a"",",1\n', [{ ...A, playerId: '"a",' }]],
  ['an empty quoted field', `${HEADER}\n"a",1,"","",""\n`, [A]],
  [
    'line breaks in fields',
    'playerId,score\n"a\r\n\nb",1\nb,2\n',
    [
      { ...A, playerId: 'a\r\n\nb' },
      { ...B, line: 5 },
    ],
  ],
  ['CR that ends no line', 'playerId,score\na\rb,1\n', [{ ...A, playerId: 'a\rb' }]],
  ['spaces and tabs as text', 'playerId,score\n a\t,1\n', [{ ...A, playerId: ' a\t' }]],
  ['guarded cells', `${HEADER}\n'=a,1,''+b,,\n`, [{ ...A, playerId: '=a', name: "'+b" }]],
  ['cells of others that are not guarded', `${HEADER}\n=a,1,'b,,\n`, [{ ...A, playerId: '=a', name: "'b" }]],
  ['U+FFFD that is in the file', 'playerId,score\n\u{FFFD},1\n', [{ ...A, playerId: '\u{FFFD}' }]],
  ['512 bytes of UTF-8', `playerId,score\n${'é'.repeat(256)},1\n`, [{ ...A, playerId: 'é'.repeat(256) }]],
  ['metadata', `${HEADER}\na,1,,,"{ ""x"": [1.0] }"\n`, [{ ...A, metadata: '{ "x": [1.0] }' }]],
]

test.each(CSV_GOOD)('readRows() reads CSV: %s', async (_, text, rows) => {
  expect(await read(text, { format: 'csv' })).toEqual(rows)
})

// [score as written, as read]
const SCORES: [string, number][] = [
  ['0', 0],
  ['-0', 0],
  ['+7', 7],
  ['007', 7],
  ['12.50', 12.5],
  ['.5', 0.5],
  ['5.', 5],
  ['-1.5e3', -1500],
  ['1E-7', 1e-7],
  ['0.1', 0.1],
  ['9007199254740991', 2 ** 53 - 1],
  ['-9007199254740992', -(2 ** 53)],
  ['9007199254740994.00', 2 ** 53 + 2],
  ['900719925474099400e-2', 2 ** 53 + 2],
  ['1152921504606846976', 2 ** 60],
  ['1152921504606847000', 2 ** 60],
  ['1.1805916207174113e+21', 2 ** 70],
  [`${BigInt(Number.MAX_VALUE)}`, Number.MAX_VALUE],
  ['-1.7976931348623157e308', -Number.MAX_VALUE],
  ['5e-324', 5e-324],
]

test.each(SCORES)('readRows() reads the score %s', async (text, score) => {
  expect(await read(`playerId,score\na,${text}`, { format: 'csv' })).toEqual([{ ...A, score }])
})

// [what, text, message]
const CSV_BAD: [string, string, string][] = [
  ['an empty file', '', `Line 1: the header is missing: begin with a line like ${HEADER}`],
  ['a blank file', '\n\n', `Line 1: the header is missing: begin with a line like ${HEADER}`],
  [
    'an unknown column',
    'playerId,score,nmae\n',
    'Line 1: unknown column "nmae": rename or remove it ' +
      '(known are playerId, score, name, at, metadata; rank and board are ignored)',
  ],
  [
    'a missing column',
    'playerId,name\n',
    `Line 1: the header has no column score: begin with a line like ${HEADER}`,
  ],
  ['no header', 'a,1\nb,2\n', 'Line 1: unknown column "a"'],
  [
    'a column twice',
    'playerId,score,score\n',
    'Line 1: the header names score twice: keep one of the columns',
  ],
  [
    'a field too few',
    'playerId,score\na,1\nb\n',
    'Line 3: has 1 fields, the header names 2: put fields with commas in quotes',
  ],
  ['a field too many', 'playerId,score\na,1,\n', 'Line 2: has 3 fields, the header names 2'],
  ['an empty playerId', 'playerId,score\n,1\n', 'Line 2: playerId is empty: fill it in'],
  [
    'a long playerId',
    `playerId,score\n${'é'.repeat(256)}x,1\n`,
    'Line 2: playerId is 513 bytes long: shorten it to 512 bytes of UTF-8',
  ],
  ['a long name', `${HEADER}\na,1,${'x'.repeat(513)},,\n`, 'Line 2: name is 513 bytes long'],
  [
    'a word as score',
    'playerId,score\na,x\n',
    'Line 2: score "x" is not a decimal number: write it like 1500 or 12.5',
  ],
  ['an empty score', 'playerId,score\na,\n', 'Line 2: score "" is not a decimal number'],
  ['a blank score', 'playerId,score\na, \n', 'Line 2: score " " is not a decimal number'],
  ['a score with a space', 'playerId,score\na, 1\n', 'Line 2: score " 1" is not a decimal number'],
  ['a hexadecimal score', 'playerId,score\na,0x10\n', 'Line 2: score "0x10" is not a decimal number'],
  ['a score of two numbers', 'playerId,score\na,1.2.3\n', 'Line 2: score "1.2.3" is not a decimal number'],
  ['NaN', 'playerId,score\na,NaN\n', 'Line 2: score "NaN" is not a decimal number'],
  ['Infinity', 'playerId,score\na,-Infinity\n', 'Line 2: score "-Infinity" is not a decimal number'],
  [
    'a score too large',
    'playerId,score\na,1e309\n',
    'Line 2: score "1e309" is too large for a number: stay below 1.8e308',
  ],
  [
    'a score beyond 2^53 that is no double',
    'playerId,score\na,9007199254740993\n',
    'Line 2: score "9007199254740993" is not exact as a number: the nearest one is 9007199254740992',
  ],
  [
    'a negative one',
    'playerId,score\na,-9007199254740993\n',
    'Line 2: score "-9007199254740993" is not exact',
  ],
  [
    'one with a fraction',
    'playerId,score\na,9007199254740992.5\n',
    'Line 2: score "9007199254740992.5" is not exact',
  ],
  [
    'one in powers of ten',
    'playerId,score\na,9007199254740.993e3\n',
    'Line 2: score "9007199254740.993e3" is not exact',
  ],
  [
    'a score of many digits',
    `playerId,score\na,${'1'.repeat(401)}\n`,
    `Line 2: score "${'1'.repeat(40)}…" is not a decimal`,
  ],
  [
    'a date as time',
    `${HEADER}\na,1,,2026-11-21,\n`,
    'Line 2: at "2026-11-21" is not a decimal number: write milliseconds since 1970 UTC, like 1760000000000',
  ],
  ['a time before 1970', `${HEADER}\na,1,,-1,\n`, 'Line 2: at -1 lies before 1970'],
  [
    'a time in microseconds',
    `${HEADER}\na,1,,1760000000000000,\n`,
    'Line 2: at 1760000000000000 lies after 2255: write milliseconds since 1970 UTC, no smaller unit',
  ],
  ['metadata that is not JSON', `${HEADER}\na,1,,,{\n`, 'Line 2: metadata is not JSON: '],
  [
    'metadata that is no object',
    `${HEADER}\na,1,,,[]\n`,
    'Line 2: metadata is an array: write a JSON object',
  ],
  [
    'a quote in an unquoted field',
    'playerId,score\na"b,1\n',
    'Line 2: has a quote inside a field: put the field in quotes and double the quotes in it',
  ],
  ['text after a quoted field', 'playerId,score\n"a"b,1\n', 'Line 2: has a quote inside a field'],
  [
    'a quote that swallows rows',
    'playerId,score\n"a,1\nb,2\n"c",3\n',
    'Line 2: has a quote inside a field: put the field in quotes and double the quotes in it (the row was read up to line 4)',
  ],
  [
    'a quote that is never closed',
    'playerId,score\na,1\n"b,2\nc,3\n',
    'Line 3: a quote is never closed: close it, and double the quotes inside a field',
  ],
  [
    'a bad row after line breaks in fields',
    'playerId,score\n"a\r\n\nb",1\n\n"c\nd",x\n',
    'Line 6: score "x"',
  ],
  [
    'text that would drive the terminal',
    'playerId,score\na,\x1b[2J\u{9B}\n',
    'Line 2: score "\\u001b[2J\\u{9b}" is',
  ],
]

test.each(CSV_BAD)('readRows() refuses CSV: %s', async (_, text, message) => {
  await expectBadRow(read(text, { format: 'csv' }), message)
})

const NDJSON_GOOD: [string, string, Row[]][] = [
  ['an empty file', '', []],
  [
    'rows',
    '{"playerId":"a","score":1}\n{"score":2,"playerId":"b"}\n',
    [
      { ...A, line: 1 },
      { ...B, line: 2 },
    ],
  ],
  ['the last row without a line break', '{"playerId":"a","score":1}', [{ ...A, line: 1 }]],
  [
    'CR LF and blank lines',
    '\r\n{"playerId":"a","score":1}\r\n \t\n{"playerId":"b","score":2}\r\n',
    [A, { ...B, line: 4 }],
  ],
  ['a byte order mark', '\u{FEFF}{"playerId":"a","score":1}\n', [{ ...A, line: 1 }]],
  [
    'all columns',
    '\n{"playerId":"a","score":1,"name":"Ada","at":5.5,"rank":"?","board":7}',
    [{ ...A, name: 'Ada', at: 5.5 }],
  ],
  ['null as not given', '\n{"playerId":"a","score":1,"name":null,"at":null,"metadata":null}', [A]],
  [
    'metadata',
    '\n{"playerId":"a","score":1,"metadata":{ "x": [1.0, {}] }}',
    [{ ...A, metadata: '{"x":[1,{}]}' }],
  ],
  ['text that CSV would guard', `\n{"playerId":"'=a","score":-0}`, [{ ...A, playerId: "'=a", score: 0 }]],
  [
    'a large score',
    '\n{"metadata":{"score":[9007199254740993]},"s\\u0063ore":1152921504606847000,"playerId":"a"}',
    [{ ...A, score: 2 ** 60, metadata: '{"score":[9007199254740992]}' }],
  ],
]

test.each(NDJSON_GOOD)('readRows() reads NDJSON: %s', async (_, text, rows) => {
  expect(await read(text, { format: 'ndjson' })).toEqual(rows)
})

const NDJSON_BAD: [string, string, string][] = [
  [
    'what is not JSON',
    '{"playerId":"a","score":1}\n\nplayer',
    'Line 3: the line is not JSON: Unexpected token',
  ],
  ['an object over two lines', '{"playerId":"a",\n"score":1}', 'Line 1: the line is not JSON: '],
  ['a list', '[]', 'Line 1: the line is an array: write a JSON object'],
  [
    'an unknown key',
    '{"playerId":"a","score":1,"nmae":"A"}',
    'Line 1: unknown column "nmae": rename or remove it (known',
  ],
  ['the key __proto__', '{"playerId":"a","score":1,"__proto__":{}}', 'Line 1: unknown column "__proto__"'],
  ['no playerId', '{"score":1}', 'Line 1: playerId is missing: give every row one'],
  ['a number as playerId', '{"playerId":7,"score":1}', 'Line 1: playerId is a number: write a string'],
  ['an empty playerId', '{"playerId":"","score":1}', 'Line 1: playerId is empty: fill it in'],
  ['an empty name', '{"playerId":"a","score":1,"name":""}', 'Line 1: name is empty: fill it in'],
  [
    'half a surrogate pair',
    '{"playerId":"a\\ud83d","score":1}',
    'Line 1: playerId "a\\ud83d" holds half a surrogate pair',
  ],
  ['text as score', '{"playerId":"a","score":"1"}', 'Line 1: score is a string: write a number'],
  ['null as score', '{"playerId":"a","score":null}', 'Line 1: score is null: write a number'],
  ['a score too large', '{"playerId":"a","score":1e999}', 'Line 1: score "1e999" is too large for a number'],
  [
    'a score that is not exact',
    '{"metadata":{"score":1},"score":9007199254740993,"playerId":"a"}',
    'Line 1: score "9007199254740993" is not exact as a number: the nearest one is 9007199254740992',
  ],
  ['text as time', '{"playerId":"a","score":1,"at":"5"}', 'Line 1: at is a string: write a number'],
  ['a time before 1970', '{"playerId":"a","score":1,"at":-0.001}', 'Line 1: at -0.001 lies before 1970'],
  [
    'a list as metadata',
    '{"playerId":"a","score":1,"metadata":[]}',
    'Line 1: metadata is an array: write an object',
  ],
  [
    'metadata too deep to be written again',
    `{"playerId":"a","score":1,"metadata":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
    'Line 1: metadata is nested too deeply: flatten it',
  ],
]

test.each(NDJSON_BAD)('readRows() refuses NDJSON: %s', async (_, text, message) => {
  await expectBadRow(read(text, { format: 'ndjson' }), message)
})

async function read(text: string, options: ReadRowsOptions): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of readRows(Readable.from([Buffer.from(text)]), options)) rows.push(...batch)
  return rows
}

async function expectBadRow(answer: Promise<unknown>, message: string): Promise<void> {
  const error = await answer.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(LadderError)
  expect(error.code).toBe('BAD_ROW')
  expect(error.message.slice(0, message.length)).toBe(message)
}
