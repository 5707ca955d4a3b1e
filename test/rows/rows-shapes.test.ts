/**
 * Rows of boards whose scores are not plain numbers, and the metadata of rows.
 *
 * @module
 */

import { expect, test } from 'vitest'
import {
  INTEGER_MAX,
  INTEGER_MIN,
  plainShape,
  type ScoreShape,
} from '../../src/format/score-shape.ts'
import type { RowFormat } from '../../src/rows/rows.ts'
import type { Score } from '../../src/words/index.ts'
import { A, COINS, expectBadRow, RACE, read } from './reading.ts'

const INTEGER = plainShape('descending', 'int64')

// [what, shape, format, rows as text from line 2 on, score]
const GOOD: [string, ScoreShape, RowFormat, string, Score][] = [
  ['an integer', INTEGER, 'csv', 'playerId,score\na,1500', 1500n],
  ['the largest integer', INTEGER, 'csv', `playerId,score\na,${INTEGER_MAX}`, INTEGER_MAX],
  ['the smallest integer', INTEGER, 'csv', `playerId,score\na,${INTEGER_MIN}`, INTEGER_MIN],
  [
    'an integer that no double is',
    INTEGER,
    'csv',
    'playerId,score\na,9007199254740993',
    2n ** 53n + 1n,
  ],
  ['an integer with sign and zeros', INTEGER, 'csv', 'playerId,score\na,+007', 7n],
  ['minus zero as integer', INTEGER, 'csv', 'playerId,score\na,-0', 0n],
  [
    'an integer as text',
    INTEGER,
    'ndjson',
    `\n{"playerId":"a","score":"${INTEGER_MIN}"}`,
    INTEGER_MIN,
  ],
  ['an integer as number', INTEGER, 'ndjson', '\n{"playerId":"a","score":-1500}', -1500n],
  [
    'the largest safe integer',
    INTEGER,
    'ndjson',
    '\n{"playerId":"a","score":9007199254740991}',
    2n ** 53n - 1n,
  ],
  ['columns', RACE, 'csv', 'playerId,points,time\na,12,71.5', { points: 12, time: 71.5 }],
  [
    'columns in any order',
    RACE,
    'csv',
    'time,rank,playerId,points\n71.5,1,a,-0',
    { points: 0, time: 71.5 },
  ],
  [
    'columns by name',
    RACE,
    'ndjson',
    '\n{"score":{"time":71.5,"points":12},"playerId":"a"}',
    { points: 12, time: 71.5 },
  ],
  [
    'large columns',
    RACE,
    'ndjson',
    '\n{"score":{"points":1152921504606847000,"time":9007199254740994},"playerId":"a"}',
    { points: 2 ** 60, time: 2 ** 53 + 2 },
  ],
  [
    'columns of integers',
    COINS,
    'csv',
    `playerId,gold,debt\na,${INTEGER_MAX},-1`,
    { gold: INTEGER_MAX, debt: -1n },
  ],
  [
    'columns of integers as text and number',
    COINS,
    'ndjson',
    `\n{"playerId":"a","score":{"gold":"${INTEGER_MAX}","debt":-1}}`,
    { gold: INTEGER_MAX, debt: -1n },
  ],
]

test.each(GOOD)('readRows() reads %s', async (_, shape, format, text, score) => {
  expect(await read(text, { format, shape })).toEqual([{ ...A, score }])
})

// [what, shape, format, text, message]
const BAD: [string, ScoreShape, RowFormat, string, string][] = [
  [
    'a fraction as integer',
    INTEGER,
    'csv',
    'playerId,score\na,1.5',
    'Line 2: score "1.5" is not an integer: write digits',
  ],
  [
    'an exponent as integer',
    INTEGER,
    'csv',
    'playerId,score\na,1e3',
    'Line 2: score "1e3" is not an integer',
  ],
  [
    'no text as integer',
    INTEGER,
    'csv',
    'playerId,score\na,',
    'Line 2: score is empty: fill it in',
  ],
  [
    'hexadecimal as integer',
    INTEGER,
    'csv',
    'playerId,score\na,0x10',
    'Line 2: score "0x10" is not an integer',
  ],
  [
    'a bigint of JavaScript',
    INTEGER,
    'csv',
    'playerId,score\na,1n',
    'Line 2: score "1n" is not an integer',
  ],
  [
    '2^63',
    INTEGER,
    'csv',
    `playerId,score\na,${INTEGER_MAX + 1n}`,
    'Line 2: score "9223372036854775808" is beyond 64 bits',
  ],
  [
    '-2^63 - 1',
    INTEGER,
    'csv',
    `playerId,score\na,${INTEGER_MIN - 1n}`,
    'Line 2: score "-9223372036854775809" is beyond 64 bits',
  ],
  [
    'very many digits',
    INTEGER,
    'csv',
    `playerId,score\na,${'9'.repeat(400)}`,
    `Line 2: score "${'9'.repeat(40)}…" is not an integer`,
  ],
  [
    '2^63 as text',
    INTEGER,
    'ndjson',
    `{"playerId":"a","score":"${INTEGER_MAX + 1n}"}`,
    'Line 1: Cannot use 9223372036854775808 as score: it must be from',
  ],
  [
    'a number that may be rounded',
    INTEGER,
    'ndjson',
    '{"playerId":"a","score":9007199254740993}',
    'Line 1: Cannot read score: 9007199254740993 is not exact',
  ],
  [
    'a fraction',
    INTEGER,
    'ndjson',
    '{"playerId":"a","score":1.5}',
    'Line 1: Cannot use 1.5 as score: it must be an integer',
  ],
  [
    'text that is no integer',
    INTEGER,
    'ndjson',
    '{"playerId":"a","score":"1e3"}',
    'Line 1: Cannot use "1e3" as score',
  ],
  [
    'null as integer',
    INTEGER,
    'ndjson',
    '{"playerId":"a","score":null}',
    'Line 1: Cannot use null as score',
  ],
  [
    'no integer',
    INTEGER,
    'ndjson',
    '{"playerId":"a"}',
    'Line 1: score is missing: give every row one',
  ],
  [
    'a lacking column',
    RACE,
    'csv',
    'playerId,points\na,1',
    'Line 1: the header has no column time: begin with a line like playerId,points,time,name,at,metadata',
  ],
  [
    'the column score',
    RACE,
    'csv',
    'playerId,score\na,1',
    'Line 1: unknown column "score": rename or remove it, map it (columns: { name: "score" }), or leave out unknown columns (ignoreExtra: true) (known are playerId, points, time,',
  ],
  [
    'a column twice',
    RACE,
    'csv',
    'playerId,points,time,time\na,1,2,3',
    'Line 1: the header names time twice',
  ],
  [
    'an empty column',
    RACE,
    'csv',
    'playerId,points,time\na,1,',
    'Line 2: time is empty: fill it in',
  ],
  [
    'an inexact column',
    RACE,
    'csv',
    'playerId,points,time\na,1,9007199254740993',
    'Line 2: time "9007199254740993" is not exact',
  ],
  [
    'a number for columns',
    RACE,
    'ndjson',
    '{"playerId":"a","score":1}',
    'Line 1: Cannot use 1 as score: it must be an object like { points: 12, time: 13 }',
  ],
  [
    'a column too few',
    RACE,
    'ndjson',
    '{"playerId":"a","score":{"points":1}}',
    'Line 1: Cannot use undefined as time of score',
  ],
  [
    'a column too many',
    RACE,
    'ndjson',
    '{"playerId":"a","score":{"points":1,"time":2,"laps":3}}',
    'Line 1: Cannot use column "laps" in score',
  ],
  [
    'a place too many',
    RACE,
    'ndjson',
    '{"playerId":"a","score":[1,2,3]}',
    'Line 1: Cannot use an array as score: it must be an object',
  ],
  [
    'a column that is text',
    RACE,
    'ndjson',
    '{"playerId":"a","score":{"points":"1","time":2}}',
    'Line 1: Cannot use "1" as points of score',
  ],
  [
    'a column too large',
    RACE,
    'ndjson',
    '{"playerId":"a","score":{"points":1e999,"time":2}}',
    'Line 1: Cannot read score.points: 1e999 is too large',
  ],
  // JSON.parse() rounds it, and two players with different scores would tie.
  [
    'an inexact column',
    RACE,
    'ndjson',
    '{"playerId":"a","score":{"points":1,"time":9007199254740993}}',
    'Line 1: Cannot read score.time: 9007199254740993 is not exact',
  ],
  [
    'a column beyond 64 bits',
    COINS,
    'csv',
    `playerId,gold,debt\na,1,${INTEGER_MIN - 1n}`,
    'Line 2: debt "-9223372036854775809" is beyond',
  ],
]

test.each(BAD)('readRows() refuses %s', async (_, shape, format, text, message) => {
  await expectBadRow(read(text, { format, shape }), message)
})

// [what, metadata as JSON, as read]
const METADATA: [string, string, string | null][] = [
  ['an object', '{"team":"red","lap":[1,2.50,null]}', '{"team":"red","lap":[1,2.5,null]}'],
  ['an empty object, which removes it', ' { } ', null],
  ['characters of the world', '{"é":"\\u674e 🏌"}', '{"é":"李 🏌"}'],
  ['1,024 bytes', `{"x":"${'y'.repeat(1016)}"}`, `{"x":"${'y'.repeat(1016)}"}`],
]

test.each(METADATA)('readRows() reads metadata: %s', async (_, json, metadata) => {
  const csv = `playerId,score,metadata\na,1,"${json.replaceAll('"', '""')}"`
  const ndjson = `\n{"playerId":"a","score":1,"metadata":${json}}`
  expect(await read(csv, { format: 'csv' })).toEqual([{ ...A, metadata }])
  expect(await read(ndjson, { format: 'ndjson' })).toEqual([{ ...A, metadata }])
})

test('readRows() refuses metadata of more than 1,024 bytes', async () => {
  const json = `{"x":"${'é'.repeat(509)}"}`
  const problem = 'metadata cannot be stored: Cannot use metadata of 1026 bytes of JSON'
  const csv = `playerId,score,metadata\na,1,"${json.replaceAll('"', '""')}"`
  await expectBadRow(read(csv, { format: 'csv' }), `Line 2: ${problem}`)
  const ndjson = `{"playerId":"a","score":1,"metadata":${json}}`
  await expectBadRow(read(ndjson, { format: 'ndjson' }), `Line 1: ${problem}`)
})

// [metadata, message]
const BAD_METADATA: [string, string][] = [
  ['null', 'metadata is null: write a JSON object'],
  ['"red"', 'metadata is a string'],
  ['7', 'metadata is a number'],
  ['red', 'metadata is not JSON'],
  ["{'a':1}", 'metadata is not JSON'],
]

test.each(BAD_METADATA)('readRows() refuses metadata %s in CSV', async (json, problem) => {
  const csv = `playerId,score,metadata\na,1,"${json.replaceAll('"', '""')}"`
  await expectBadRow(read(csv, { format: 'csv' }), `Line 2: ${problem}`)
})
