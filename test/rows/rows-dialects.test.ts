/**
 * Files as people have them: each case was found in public bug reports of leaderboards.
 *
 * @module
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainShape } from '../../src/format/score-shape.ts'
import type { Row } from '../../src/rows/rows.ts'
import type { ReadRowsOptions } from '../../src/rows/rows-read.ts'
import { A, B, expectBadRow, RACE, read } from './reading.ts'

const MAPPED = { columns: { playerId: 'Player', score: 'Pts' } }
const INTEGER = plainShape('descending', 'int64')

type Options = Partial<ReadRowsOptions>

const GOOD: [string, string | Buffer, Options, Row[]][] = [
  ['semicolons', 'playerId;score\na;1\nb;2\n', {}, [A, B]],
  ['tabs', 'playerId\tscore\na\t1\nb\t2\n', {}, [A, B]],
  ['bars', 'playerId|score\na|1\nb|2\n', {}, [A, B]],
  [
    'a separator that the caller names',
    'playerId:score\na:1\n',
    { rules: { delimiter: ':' } },
    [A],
  ],
  ['commas in a file of semicolons', 'playerId;score;name\na;1;x,y\n', {}, [{ ...A, name: 'x,y' }]],
  ['sep=; of Excel', 'sep=;\r\nplayerId;score\r\na;1\r\n', {}, [{ ...A, line: 3 }]],
  ['"sep=\t"', '\u{FEFF}"sep=\t"\nplayerId\tscore\na\t1\n', {}, [{ ...A, line: 3 }]],
  ['lines that end in CR', 'playerId,score\ra,1\rb,2\r', {}, [A, B]],
  ['a last line without CR', 'playerId,score\ra,1\rb,2', {}, [A, B]],
  ['spaces in the header', ' playerId , score \na,1\n', {}, [A]],
  ['spaces around numbers', 'playerId,score,at\na, 1 , 5\n', {}, [{ ...A, at: 5 }]],
  ['rows of empty fields', ',,\nplayerId,score,name\n,,\na,1,\n , ,\n,\n', {}, [{ ...A, line: 4 }]],
  ['a column without name or content', 'playerId,score,\na,1,\nb,2,\n', {}, [A, B]],
  ['columns of other names', 'Pts,Player\n1,a\n2,b\n', { rules: MAPPED }, [A, B]],
  [
    'a known name beside the mapped one',
    'Player;Pts;name\na;1;x\n',
    { rules: MAPPED },
    [{ ...A, name: 'x' }],
  ],
  ['columns to ignore', 'x,playerId,x,score,\n9,a,8,1,7\n', { rules: { ignoreExtra: true } }, [A]],
  [
    '1500.0 for a whole number',
    'playerId,score\na,1500.0\n',
    { shape: INTEGER },
    [{ ...A, score: 1500n }],
  ],
  [
    'a decimal comma',
    'playerId;score\na;12,5\n',
    { rules: { decimalComma: true } },
    [{ ...A, score: 12.5 }],
  ],
  ['a guarded id of a power of ten', "playerId,score\n'1E+5,1\n", {}, [{ ...A, playerId: '1E+5' }]],
]

test.each(GOOD)('readRows() reads CSV with %s', async (_, text, options, rows) => {
  expect(await read(text, { format: 'csv', ...options })).toEqual(rows)
})

const BAD: [string, string | Buffer, Options, string][] = [
  [
    'capitals',
    'PlayerID,score\na,1\n',
    {},
    'Line 1: unknown column "PlayerID": did you mean "playerId"? rename or remove it, map it (columns: { playerId: "PlayerID" })',
  ],
  [
    'other names',
    'Player;Pts\na;1\n',
    {},
    'Line 1: the header names no known column, only "Player", "Pts":',
  ],
  [
    'a lacking mapped column',
    'player,Pts\na,1\n',
    { rules: { ...MAPPED, ignoreExtra: true } },
    'Line 1: the header has no column "Player" for playerId: did you mean "player"?',
  ],
  [
    'too few fields',
    'playerId,score,name\nann,10\n',
    {},
    'Line 2: has 2 fields, the header names 3: name is missing; a field may be empty, but write its ","',
  ],
  [
    'too many fields',
    'playerId,score\nann,1,500\n',
    {},
    'Line 2: has 3 fields, the header names 2: "500" has no column; put a field that holds "," in quotes, and write numbers without separators of thousands',
  ],
  [
    'another separator in a row',
    'playerId,score\nann;10\n',
    {},
    'Line 2: has 1 field, the header names 2: it is separated by ";", the header by ","',
  ],
  [
    'a field without a name',
    'playerId,score,\na,1,x\n',
    {},
    'Line 2: field 3, "x", has no name in the header',
  ],
  [
    'a decimal comma',
    'playerId;score\na;12,5\n',
    {},
    'Line 2: score "12,5" is not a decimal number: write 12.5, or say that commas are decimal (decimalComma: true)',
  ],
  [
    'a point beside it',
    'playerId;score\na;1.500,5\n',
    { rules: { decimalComma: true } },
    'Line 2: score "1.500,5" has a point',
  ],
  [
    'thousands',
    'playerId,score\na,"1,234,567.5"\n',
    {},
    'Line 2: score "1,234,567.5" is not a decimal number: write 1234567.5, without',
  ],
  [
    'one comma',
    'playerId,score\na,"1,500"\n',
    {},
    'Line 2: score "1,500" is not a decimal number: if the comma separates thousands, write 1500; else write 1.500, or',
  ],
  [
    'spaces between thousands',
    'playerId,score\na,1 500\n',
    {},
    'Line 2: score "1 500" is not a decimal number: write 1500, without',
  ],
  [
    'a fraction for int64',
    'playerId,score\na,1.5\n',
    { shape: INTEGER },
    'Line 2: score "1.5" is not an integer',
  ],
  [
    'a power of ten for int64',
    'playerId,score\na,7.65E+16\n',
    { shape: INTEGER },
    'Line 2: score "7.65E+16" is not an integer: write all its digits',
  ],
  [
    'an id in a power of ten',
    'playerId,score\n7.65612E+16,1\n',
    {},
    'Line 2: playerId "7.65612E+16" is a number that a spreadsheet has shortened',
  ],
  [
    'a time',
    'playerId,score\na,1:02.5\n',
    {},
    'Line 2: score "1:02.5" is not a decimal number: say so if it is a time like 1:02:03.5 (scoreFormat: "time")',
  ],
  [
    'UTF-16',
    Buffer.from('playerId,score\na,1\n', 'utf16le'),
    {},
    'Line 1: is not UTF-8 but UTF-16',
  ],
  [
    'Latin-1',
    Buffer.from('playerId,score\nJosé,1\n', 'latin1'),
    {},
    'Line 2: is not UTF-8: save the file as CSV UTF-8, or convert it: iconv',
  ],
  ['a workbook', Buffer.from('PK\u0003\u0004…'), {}, 'Line 1: is a workbook'],
]

test.each(BAD)(
  'readRows() says what to do about CSV with %s',
  async (_, text, options, message) => {
    await expectBadRow(read(text, { format: 'csv', ...options }), message)
  },
)

// [text, as seconds, as whole milliseconds]
const TIMES: [string, number, bigint][] = [
  ['1:02:03.456', 3723.456, 3_723_456n],
  ['1:02.3', 62.3, 62_300n],
  ['59.999', 59.999, 59_999n],
  ['75:00', 4500, 4_500_000n],
  ['100:00:00', 360_000, 360_000_000n],
  ['0:00.0010', 0.001, 1n],
  ['90', 90, 90_000n],
]

test.each(TIMES)('readRows() reads the time %s', async (text, seconds, milliseconds) => {
  const csv = `playerId,score\na,${text}\n`
  const time = { format: 'csv', rules: { scoreFormat: 'time' } } as const
  expect(await read(csv, time)).toEqual([{ ...A, score: seconds }])
  const exact = { format: 'csv', shape: INTEGER, rules: { scoreFormat: 'time-ms' } } as const
  expect(await read(csv, exact)).toEqual([{ ...A, score: milliseconds }])
  const json = `[\n{"playerId":"a","score":"${text}"}]`
  expect(await read(json, { ...time, format: 'json' })).toEqual([{ ...A, score: seconds }])
})

test.each(['1:60', '1:75:00', '1:', ':30', '1:2:3:4', 'DNF', ''])(
  'readRows() refuses the time %j',
  async (text) => {
    const rules = { scoreFormat: 'time' } as const
    await expectBadRow(
      read(`playerId,score\na,${text}\n`, { format: 'csv', rules }),
      'Line 2: score ',
    )
  },
)

test('readRows() reads times in one column of several', async () => {
  const rules = { scoreFormat: { time: 'time-ms' } } as const
  const rows = await read('playerId,points,time\na,3,1:02.5\n', {
    format: 'csv',
    shape: RACE,
    rules,
  })
  expect(rows).toEqual([{ ...A, score: { points: 3, time: 62_500 } }])
})

test('readRows() refuses rules that mean nothing', async () => {
  const csv = 'playerId,score\na,1\n'
  for (const rules of [
    { columns: { player: 'x' } },
    { columns: { playerId: 'x', score: 'x' } },
    { columns: { playerId: 7 } },
    { columns: 'playerId=x' },
    { delimiter: 'ab' },
    { delimiter: '"' },
    { delimiter: '.' },
    { scoreFormat: 'clock' },
    { scoreFormat: { lap: 'time' } },
    { atUnit: 'sec' },
  ])
    await expect(read(csv, { format: 'csv', rules: rules as never })).rejects.toThrow(
      /^Cannot use /,
    )
})

const JSON_GOOD: [string, string, Row[]][] = [
  [
    'an array over lines',
    '[\n{"playerId":"a","score":1},\n{"playerId":"b","score":2}\n]\n',
    [A, B],
  ],
  [
    'an array on one line',
    '[{"playerId":"a","score":1},{"playerId":"b","score":2}]',
    [
      { ...A, line: 1 },
      { ...B, line: 1 },
    ],
  ],
  ['pretty objects', '\n[{\n"playerId" : "a",\n"score":1}\n]', [A]],
  ['no rows', ' [ ] \n', []],
  [
    'braces and quotes in text',
    '\n[{"playerId":"}\\"{[","score":1}]',
    [{ ...A, playerId: '}"{[' }],
  ],
  [
    'nested metadata',
    '\n[{"playerId":"a","score":1,"metadata":{"x":{"y":[]}}}]',
    [{ ...A, metadata: '{"x":{"y":[]}}' }],
  ],
  ['objects without an array', '\n{"playerId":"a",\n"score":1}', [A]],
]

test.each(JSON_GOOD)('readRows() reads JSON: %s', async (_, text, rows) => {
  expect(await read(text, { format: 'json' })).toEqual(rows)
  if (text.includes('['))
    expect(await read(text.trimStart(), { format: 'ndjson' })).toHaveLength(rows.length)
})

const JSON_BAD: [string, string, string][] = [
  ['an array cut short', '[\n{"playerId":"a","score":1},\n', 'Line 2: the array is never closed'],
  ['an object cut short', '[\n{"playerId":"a",', 'Line 2: an object is never closed'],
  [
    'no comma',
    '[{"playerId":"a","score":1}\n{}]',
    'Line 2: "{}]" follows an object: write a comma',
  ],
  ['numbers', '[1,2]', 'Line 1: the array holds "1,2]": write objects'],
  ['arrays', '[["a",1]]', 'Line 1: the array holds "[\\"a\\",1]]": write objects'],
  ['two arrays', '[]\n[]', 'Line 2: "[]" follows the end of the array'],
  ['text', 'playerId,score', 'Line 1: the file begins with "playerId,score": write objects'],
  [
    'a bad row',
    '[\n{"playerId":"a","score":1},\n{"playerId":"b","score":"x"}\n]',
    'Line 3: score is a string',
  ],
]

test.each(JSON_BAD)('readRows() refuses JSON: %s', async (_, text, message) => {
  await expectBadRow(read(text, { format: 'json' }), message)
})

test('readRows() reads JSON from pieces of any size', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ playerId: `é"{${i}\\`, score: i }))
  const bytes = Buffer.from(JSON.stringify(rows, null, 1))
  const { readRows } = await import('../../src/rows/rows-read.ts')
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (size) => {
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
      }
      const found: unknown[] = []
      for await (const batch of readRows(pieces(), { format: 'json' }))
        for (const { playerId, score } of batch) found.push({ playerId, score })
      expect(found).toEqual(rows)
    }),
    { numRuns: 20 },
  )
})

test('readRows() takes the columns of a score beside it in JSON', async () => {
  const text = '\n{"playerId":"a","points":1,"time":2}'
  expect(await read(text, { format: 'ndjson', shape: RACE })).toEqual([
    { ...A, score: { points: 1, time: 2 } },
  ])
})

// A comma file that was said to have semicolons was told "did you mean "playerId" by "playerId,score"?", and
// the map that it proposed could not work. The separator is what is wrong.
test.each([
  [',', 'playerId,score\na,1\n', { delimiter: ';' }],
  [':', 'playerId:score\na:1\n', {}],
  [' ', 'playerId score\na 1\n', {}],
])(
  'readRows() names the separator %j that a header has, and takes it',
  async (delimiter, text, rules) => {
    const [header] = text.split('\n')
    await expectBadRow(
      read(text, { format: 'csv', rules }),
      `Line 1: the header ${JSON.stringify(header)} is separated by "${delimiter}": say so (delimiter: "${delimiter}")`,
    )
    expect(await read(text, { format: 'csv', rules: { delimiter } })).toEqual([A])
  },
)

// `Lap` for a mapped `lap` was answered with "lap=Lap", a column that no board has.
test('readRows() maps a column that is nearly the mapped one to what it stands for', async () => {
  const columns = { playerId: 'Driver', score: 'lap' }
  await expectBadRow(
    read('Driver,Lap\na,1\n', { format: 'csv', rules: { columns } }),
    'Line 1: unknown column "Lap": did you mean "lap"? rename or remove it, map it (columns: { score: "Lap" })',
  )
  const rules = { columns: { ...columns, score: 'Lap' } }
  expect(await read('Driver,Lap\na,1\n', { format: 'csv', rules })).toEqual([A])
})

// Column `a` was taken for a slip of `at`: who followed that put scores into times.
test('readRows() guesses nothing from a name of one letter', async () => {
  await expectBadRow(
    read('playerId,a,b\nx,1,2\n', { format: 'csv' }),
    'Line 1: unknown column "a": rename or remove it',
  )
})
