import { expect, test } from 'vitest'

import type { Row } from '../../src/rows/rows.ts'
import { A, B, expectBadRow, MISSPELT, read } from './reading.ts'

const NDJSON_GOOD: [string, string, Row[]][] = [
  ['an empty file', '', []],
  [
    'rows and blank lines',
    '\n{"playerId":"a","score":1}\r\n{"score":2,"playerId":"b"}\n \t\r\n',
    [A, B],
  ],
  ['a byte order mark', '\u{FEFF}{"playerId":"a","score":1}', [{ ...A, line: 1 }]],
  ['null as not given', '\n{"playerId":"a","score":1,"name":null,"at":null,"metadata":null}', [A]],
  [
    'metadata',
    '\n{"playerId":"a","score":1,"metadata":{ "x": [1.0] }}',
    [{ ...A, metadata: '{"x":[1]}' }],
  ],
  [
    'text that CSV would guard',
    `\n{"playerId":"'=a","score":-0}`,
    [{ ...A, playerId: "'=a", score: 0 }],
  ],
  [
    'all columns',
    '\n{"playerId":"a","score":1,"name":"Ada","at":5.5,"rank":"?","board":7}',
    [{ ...A, name: 'Ada', at: 5.5 }],
  ],
  [
    'a large score',
    '\n{"metadata":{"score":[9007199254740992]},"s\\u0063ore":1152921504606847000,"playerId":"a"}',
    [{ ...A, score: 2 ** 60, metadata: '{"score":[9007199254740992]}' }],
  ],
]

test.each(NDJSON_GOOD)('readRows() reads NDJSON: %s', async (_, text, rows) => {
  expect(await read(text, { format: 'ndjson' })).toEqual(rows)
})

const DEEP = `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`

const NDJSON_BAD: [string, string, string][] = [
  [
    'no JSON',
    '{"playerId":"a","score":1}\n\nplayer',
    'Line 3: the row is not JSON: Unexpected token',
  ],
  ['an object over two lines', '{"playerId":"a",\n"score":1}', 'Line 1: the row is not JSON: '],
  ['a list', '"a"\n[]', 'Line 1: the row is a string: write a JSON object'],
  ['an unknown key', '{"playerId":"a","score":1,"nmae":"A"}', MISSPELT],
  [
    'the key __proto__',
    '{"playerId":"a","score":1,"__proto__":{}}',
    'Line 1: unknown column "__proto__"',
  ],
  ['no playerId', '{"score":1}', 'Line 1: playerId is missing: give every row one'],
  [
    'a number as playerId',
    '{"playerId":7,"score":1}',
    'Line 1: playerId is the number 7: write a string',
  ],
  ['an empty name', '{"playerId":"a","score":1,"name":""}', 'Line 1: name is empty: fill it in'],
  ['half a pair', '{"playerId":"a\\ud83d","score":1}', 'Line 1: playerId "a\\ud83d" holds half a'],
  ['null as score', '{"playerId":"a","score":null}', 'Line 1: score is null: write a number'],
  [
    'text as score',
    '{"playerId":"a","score":"1"}',
    'Line 1: score is a string, "1": write 1 without quotes',
  ],
  [
    'a score too large',
    '{"playerId":"a","score":1e999}',
    'Line 1: Cannot read score: 1e999 is too large for a number',
  ],
  [
    'no exact score',
    '{"score":9007199254740993,"playerId":"a"}',
    'Line 1: Cannot read score: 9007199254740993 is not',
  ],
  [
    'a time before 1970',
    '{"playerId":"a","score":1,"at":-0.001}',
    'Line 1: Cannot use -0.001 as at: it lies before 1970',
  ],
  [
    'a list as metadata',
    '{"playerId":"a","score":1,"metadata":[]}',
    'Line 1: metadata is an array: write',
  ],
  [
    'deep metadata',
    `{"playerId":"a","score":1,"metadata":${DEEP}}`,
    'Line 1: metadata cannot be stored: Cannot use ',
  ],
]

test.each(NDJSON_BAD)('readRows() refuses NDJSON: %s', async (_, text, message) => {
  await expectBadRow(read(text, { format: 'ndjson' }), message)
})
