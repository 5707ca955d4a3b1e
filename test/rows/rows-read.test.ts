import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { plainShape } from '../../src/format/score-shape.ts'
import type { Row } from '../../src/rows/rows.ts'
import { type ReadRowsOptions, readRows } from '../../src/rows/rows-read.ts'
import { A, B, collect, expectBadRow, MISSPELT, outcome, read, readSkipping } from './reading.ts'

const HEADER = 'playerId,score,name,at,metadata'
const NOT_UTF8 =
  'is not UTF-8: save the file as CSV UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8'

// [what, text, rows]
const CSV_GOOD: [string, string, Row[]][] = [
  ['a header alone', 'playerId,score', []],
  ['rows', 'playerId,score\na,1\nb,2\n', [A, B]],
  ['a last row without a line break', 'playerId,score\na,1\nb,2', [A, B]],
  [
    'columns in any order',
    'score,at,playerId,name\n1,5.5,a,Ada\n',
    [{ ...A, name: 'Ada', at: 5.5 }],
  ],
  ['the columns of other tools', 'board,rank,playerId,score\nx,?,a,1\n,,b,2\n', [A, B]],
  ['empty fields as not given', `${HEADER}\na,1,,,\n"b",2,"","",""\n`, [A, B]],
  [
    'a date as time',
    `${HEADER}\na,1,,2023-11-05T10:00Z,\n`,
    [{ ...A, at: Date.UTC(2023, 10, 5, 10) }],
  ],
  ['a byte order mark and quotes', '\u{FEFF}"playerId","score"\n"a","1"\n', [A]],
  [
    'U+FEFF behind the first line',
    'playerId,score\n\u{FEFF}a,1\n',
    [{ ...A, playerId: '\u{FEFF}a' }],
  ],
  ['CR LF', 'playerId,score\r\na,1\r\n"b",2\r\n', [A, B]],
  ['CR LF cut short', 'playerId,score\r\na,1\r\nb,2\r', [A, B]],
  ['blank lines', '\n\r\nplayerId,score\n\n\na,1\n\r\n\n', [{ ...A, line: 6 }]],
  ['doubled quotes', 'playerId,score\n"""a"",",1\n', [{ ...A, playerId: '"a",' }]],
  ['CR and space as text', 'playerId,score\n a\r\t,1\n', [{ ...A, playerId: ' a\r\t' }]],
  ['guarded cells', `${HEADER}\n'=a,1,''+b,,\n`, [{ ...A, playerId: '=a', name: "'+b" }]],
  ['cells that are not guarded', `${HEADER}\n=a,1,'b,,\n`, [{ ...A, playerId: '=a', name: "'b" }]],
  [
    '512 bytes of UTF-8',
    `playerId,score\n${'é'.repeat(256)},1\n`,
    [{ ...A, playerId: 'é'.repeat(256) }],
  ],
  ['metadata', `${HEADER}\na,1,,,"{ ""x"": [1.0] }"\n`, [{ ...A, metadata: '{"x":[1]}' }]],
  [
    'line breaks in fields',
    'playerId,score\n"x\r\n\n",1\nb,2\n',
    [
      { ...A, playerId: 'x\r\n\n' },
      { ...B, line: 5 },
    ],
  ],
]

test.each(CSV_GOOD)('readRows() reads CSV: %s', async (_, text, rows) => {
  expect(await read(text, { format: 'csv' })).toEqual(rows)
})

// [score as written, as read]
const SCORES: [string, number][] = [
  ['-0', 0],
  ['+007', 7],
  ['.5', 0.5],
  ['5.', 5],
  ['-1.5e3', -1500],
  ['1E-7', 1e-7],
  ['-9007199254740992', -(2 ** 53)],
  ['9007199254740994.00', 2 ** 53 + 2],
  ['900719925474099400e-2', 2 ** 53 + 2],
  ['1152921504606846976', 2 ** 60],
  ['1152921504606847000', 2 ** 60],
  ['1.1805916207174113e+21', 2 ** 70],
  ['1e23', 1e23],
  [`${BigInt(Number.MAX_VALUE)}`, Number.MAX_VALUE],
  ['5e-324', 5e-324],
]

test.each(SCORES)('readRows() reads the score %s', async (text, score) => {
  expect(await read(`playerId,score\na,${text}`, { format: 'csv' })).toEqual([{ ...A, score }])
})

// [score as written, what is wrong with it]
const BAD_SCORES: [string, string][] = [
  ['x', 'is not a decimal number: write it like 1500 or 12.5'],
  ['1 2', 'is not a decimal number'],
  ['0x10', 'is not a decimal number'],
  ['1.2.3', 'is not a decimal number'],
  ['-Infinity', 'is not a decimal number'],
  ['1e309', 'is too large for a number: stay below 1.8e308'],
  ['9007199254740993', 'is not exact as a number: the nearest one is 9007199254740992'],
  ['-9007199254740993', 'is not exact as a number'],
  ['9007199254740992.5', 'is not exact as a number'],
  ['9007199254740.993e3', 'is not exact as a number'],
]

test.each(BAD_SCORES)('readRows() refuses the score %j', async (text, problem) => {
  const answer = read(`playerId,score\na,${text}`, { format: 'csv' })
  await expectBadRow(answer, `Line 2: score "${text}" ${problem}`)
})

// All of them were "not a decimal number: write it like 1500 or 12.5", to people who saw a number there.
test.each([
  ['\u22125', '-5'],
  ['\uff11\uff10', '10'],
  ['1_000', '1000'],
  ['$10', '10'],
  ['10%', '10'],
  ['(5)', '-5'],
  ['5-', '-5'],
])('readRows() says how to write the score %j, and takes it', async (text, plain) => {
  const answer = read(`playerId,score\na,${text}`, { format: 'csv' })
  const problem = `Line 2: score "${text}" is not a decimal number: write ${plain}, with`
  await expectBadRow(answer, problem)
  const [row] = await read(`playerId,score\na,${plain}`, { format: 'csv' })
  expect(row?.score).toBe(Number(plain))
})

// Integers of 64 bits for a board to be made were refused without a word of the boards that take them.
test('readRows() says which board holds an integer of 64 bits', async () => {
  const digits = '9223372036854775807'
  const hint = '; a new board can hold it (scoreType: "int64")'
  const csv = `playerId,score\na,${digits}`
  await expectBadRow(
    read(csv, { format: 'csv' }),
    `Line 2: score "${digits}" is not exact as a number: the nearest one is 9223372036854776000${hint}`,
  )
  const ndjson = `{"playerId":"a","score":"${digits}"}`
  await expectBadRow(
    read(ndjson, { format: 'ndjson' }),
    `Line 1: score is a string, "${digits}": write a number like 1500 or 12.5${hint}`,
  )
  const shape = plainShape('descending', 'int64')
  expect((await read(csv, { format: 'csv', shape }))[0]?.score).toBe(BigInt(digits))
  expect((await read(ndjson, { format: 'ndjson', shape }))[0]?.score).toBe(BigInt(digits))
})

// [what, text, message]
const CSV_BAD: [string, string, string][] = [
  ['an empty file', '', `Line 1: the header is missing: begin with a line like ${HEADER}`],
  ['a blank file', '\n\n', 'Line 3: the header is missing'],
  ['an unknown column', 'playerId,score,nmae\n', MISSPELT],
  [
    'a missing column',
    'playerId,name\n',
    'Line 1: the header has no column score: begin with a line like',
  ],
  [
    'no header',
    'a,1\nb,2\n',
    'Line 1: the header names no known column, only "a", "1": begin with a line like',
  ],
  ['a column twice', 'playerId,score,score\n', 'Line 1: the header names score twice: keep one'],
  [
    'a field too few',
    'playerId,score\na,1\nb\n',
    'Line 3: has 1 field, the header names 2: score is missing',
  ],
  ['a field too many', 'playerId,score\na,1,\n', 'Line 2: has 3 fields, the header names 2'],
  ['an empty playerId', 'playerId,score\n,1\n', 'Line 2: playerId is empty: fill it in'],
  [
    'a long playerId',
    `playerId,score\n${'é'.repeat(256)}x,1\n`,
    'Line 2: playerId is 513 bytes long',
  ],
  ['a long name', `${HEADER}\na,1,${'x'.repeat(513)},,\n`, 'Line 2: name is 513 bytes long'],
  [
    'a long score',
    `playerId,score\na,${'1'.repeat(401)}\n`,
    `Line 2: score "${'1'.repeat(40)}…" is not a`,
  ],
  [
    'a date of no calendar',
    `${HEADER}\na,1,,2023-02-29,\n`,
    'Line 2: Cannot use "2023-02-29" as at: the calendar has no such day',
  ],
  [
    'a time before 1970',
    `${HEADER}\na,1,,-1,\n`,
    'Line 2: Cannot use -1 as at: it lies before 1970',
  ],
  [
    'a time in microseconds',
    `${HEADER}\na,1,,1760000000000000,\n`,
    'Line 2: Cannot use 1760000000000000 as at: it looks like microseconds',
  ],
  ['metadata that is not JSON', `${HEADER}\na,1,,,{\n`, 'Line 2: metadata is not JSON: '],
  [
    'metadata that is no object',
    `${HEADER}\na,1,,,[]\n`,
    'Line 2: metadata is an array: write a JSON',
  ],
  [
    'a quote in an unquoted field',
    'playerId,score\na"b,1\n',
    'Line 2: has a quote inside a field: put the',
  ],
  ['text after a quoted field', 'playerId,score\n"a"b,1\n', 'Line 2: has a quote inside a field'],
  [
    'a quote never closed',
    'playerId,score\na,1\n"b,2\nc,3\n',
    'Line 3: a quote is never closed: close it',
  ],
  [
    'a bad row after line breaks',
    'playerId,score\n"a\r\n\nb",1\n\n"c\nd",x\n',
    'Line 6: score "x"',
  ],
  [
    'text for the terminal',
    'playerId,score\na,\x1b[2J\u{9B}\n',
    'Line 2: score "\\u001b[2J\\u{9b}" is',
  ],
]

test.each(CSV_BAD)('readRows() refuses CSV: %s', async (_, text, message) => {
  await expectBadRow(read(text, { format: 'csv' }), message)
})

test('readRows() names the line of bytes that are not UTF-8', async () => {
  const csv = Buffer.from(
    'playerId,score\n\xef\xbf\xbd,1\nb\xff,2\nc,x\n"d\n\xe9",4\ne,5\n',
    'latin1',
  )
  expect(await readSkipping(csv, 'csv')).toEqual({
    rows: [
      { ...A, playerId: '\u{FFFD}' },
      { ...A, line: 7, playerId: 'e', score: 5 },
    ],
    bad: [
      { line: 3, column: undefined, problem: NOT_UTF8 },
      {
        line: 4,
        column: 'score',
        problem: 'score "x" is not a decimal number: write it like 1500 or 12.5',
      },
      { line: 5, column: undefined, problem: NOT_UTF8 },
    ],
  })
  const ndjson = Buffer.from('{"playerId":"a","score":1}\n{"playerId":"\xff","score":1}', 'latin1')
  await expectBadRow(read(ndjson, { format: 'ndjson' }), `Line 2: ${NOT_UTF8}`)
  const utf16 = Buffer.from('\u{FEFF}playerId', 'utf16le')
  await expectBadRow(
    read(utf16, { format: 'csv' }),
    'Line 1: is not UTF-8 but UTF-16: save the file',
  )
})

// Also where the row has whole fields before the bad quote, with line breaks, commas and doubled quotes.
test('readRows() leaves out bad rows and goes on behind them', async () => {
  const csv =
    'playerId,score\na,x\n"b"b,1\nc\n"d\n",1\n"e,1\nf,2\ng",3,\nh"\n,1\ni,9\n' +
    '"j\r\n"",","k\n""l\n"m"\nn"n,2\n"",""o\n"p,1\n"q",2\nr,3\n'
  expect(await readSkipping(Buffer.from(csv), 'csv')).toEqual({
    rows: [
      { ...A, line: 5, playerId: 'd\n' },
      { ...A, line: 12, playerId: 'i', score: 9 },
      { ...A, line: 21, playerId: 'r', score: 3 },
    ],
    bad: [
      { line: 2, column: 'score', problem: expect.stringMatching(/^score "x"/) },
      {
        line: 3,
        column: undefined,
        problem: expect.stringMatching(/^has a quote inside a field.* in it$/),
      },
      { line: 4, column: 'score', problem: expect.stringMatching(/^has 1 field,/) },
      { line: 7, column: undefined, problem: expect.stringMatching(/^has 3 fields/) },
      {
        line: 10,
        column: undefined,
        problem: expect.stringMatching(/^has a quote inside a field/),
      },
      { line: 11, column: 'playerId', problem: expect.stringMatching(/^playerId is empty/) },
      {
        line: 13,
        column: undefined,
        problem: expect.stringMatching(/ \(the row was read up to line 16\)$/),
      },
      {
        line: 17,
        column: undefined,
        problem: expect.stringMatching(/^has a quote inside a field/),
      },
      {
        line: 18,
        column: undefined,
        problem: expect.stringMatching(/^has a quote inside a field/),
      },
      {
        line: 19,
        column: undefined,
        problem: expect.stringMatching(/ \(the row was read up to line 20\)$/),
      },
    ],
  })
})

// [what, text]
const NOT_SKIPPABLE: [string, string][] = [
  ['an empty file', ''],
  ['an unknown column', 'playerId,score,nmae\na,1,A\n'],
  ['a header with a stray quote', 'playerId,"score"x\na,1\n'],
  ['a quote that is never closed', 'playerId,score\n"a,1\nb,2\n'],
  ['a row of more than 1 MiB', `playerId,score\na,${'1'.repeat(1024 * 1024)}`],
  ['a quoted field of more than 1 MiB', `playerId,score\n"${'a\n'.repeat(1024 * 1024)}",1\n`],
]

test.each(NOT_SKIPPABLE)('readRows() cannot leave out %s', async (_, text) => {
  await expectBadRow(readSkipping(Buffer.from(text), 'csv'), 'Line ')
})

test('readRows() unpacks gzip, sniffed or said', async () => {
  const packed = gzipSync('playerId,score\na,1\nb,2\n')
  const members = Buffer.concat([gzipSync('playerId,score\na'), gzipSync(',1\n')])
  expect(await read(packed, { format: 'csv' })).toEqual([A, B])
  expect(await read(packed, { format: 'csv', gzip: true })).toEqual([A, B])
  expect(await read(members, { format: 'csv' })).toEqual([A])
  await expectBadRow(read(packed, { format: 'csv', gzip: false }), `Line 1: ${NOT_UTF8}`)
  await expectBadRow(
    read('playerId\n', { format: 'csv', gzip: true }),
    'Line 1: cannot unpack the gzip data',
  )
})

test('readRows() names the line where gzip data is cut short', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `p${i},${(i * 7919) % 10_007}\n`).join('')
  const packed = gzipSync(`playerId,score\n${lines}`)
  const error = await read(packed.subarray(0, -2000), { format: 'csv' }).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'BAD_ROW', cause: { code: 'Z_BUF_ERROR' } })
  expect(error.message).toMatch(
    /^Line \d{4,5}: cannot unpack the gzip data: unexpected end of file; /,
  )
})

test('readRows() counts the bytes of the source and works on pieces of it', async () => {
  const text = `playerId,score\n${'a,1\n'.repeat(100_000)}`
  for (const source of [Buffer.from(text), gzipSync(text)]) {
    const onBytes: number[] = []
    const chunks = Readable.from([source.subarray(0, 20), source.subarray(20)])
    const sizes: number[] = []
    const options: ReadRowsOptions = { format: 'csv', onBytes: (count) => onBytes.push(count) }
    for await (const rows of readRows(chunks, options)) sizes.push(rows.length)
    expect(onBytes).toEqual([20, source.length])
    expect(sizes.reduce((sum, size) => sum + size)).toBe(100_000)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(Math.max(...sizes)).toBeLessThan(17_000)
  }
})

test.each([false, true])(
  'readRows() closes the source when the loop is left, gzip %s',
  async (gzip) => {
    const bytes = Buffer.from(`playerId,score\n${'a,1\n'.repeat(100_000)}`)
    const source = Readable.from([gzip ? gzipSync(bytes) : bytes, Buffer.alloc(0)])
    for await (const _ of readRows(source, { format: 'csv' })) break
    expect(source.destroyed).toBe(true)
  },
)

test.each([false, true])('readRows() passes on an error of the source, gzip %s', async (gzip) => {
  async function* failing(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from('playerId,score\na,1\n')
    yield gzip ? gzipSync(bytes).subarray(0, 20) : bytes
    throw new Error('the disk failed')
  }
  await expect(collect(readRows(failing(), { format: 'csv' }))).rejects.toThrow(/^the disk failed$/)
})

// From the field: Readable.from(['playerId,score\n']), usual in tests, was refused.
test('readRows() takes a source of text, and refuses one of objects', async () => {
  const text = readRows(Readable.from(['playerId,sc', 'ore\na,1\n']), { format: 'csv' })
  expect(await collect(text)).toEqual([A])
  const objects = readRows(Readable.from([{ playerId: 'a' }]), { format: 'csv' })
  await expect(collect(objects)).rejects.toThrow(/yields an object, expected bytes or text/)
})

test('readRows() lets a source use its memory again', async () => {
  const memory = Buffer.alloc(20)
  async function* reusing(): AsyncGenerator<Buffer> {
    for (const text of ['playerId,score\na,', '1\nb', ',2\n'])
      yield memory.subarray(0, memory.write(text))
  }
  expect(await collect(readRows(reusing(), { format: 'csv' }))).toEqual([A, B])
})

test('readRows() finds the line of each row that csv-stringify wrote, however it quotes', async () => {
  const cell = fc.string({ unit: fc.constantFrom(...'",\r\n ;xé😀'), minLength: 1, maxLength: 6 })
  const records = fc.array(fc.tuple(cell, fc.integer(), cell), { minLength: 1 })
  const delimiters = fc.constantFrom('\n', '\r\n')
  await fc.assert(
    fc.asyncProperty(records, fc.boolean(), delimiters, async (records, quoted, delimiter) => {
      // Given a record_delimiter, csv-stringify no longer quotes line breaks other than that.
      const options = { quoted, record_delimiter: delimiter, quoted_match: /[\r\n]/ }
      const text = stringify([['playerId', 'score', 'name'], ...records], options)
      const rows = await read(text, { format: 'csv' })
      expect(rows.map(({ playerId, score, name }) => [playerId, score, name])).toEqual(records)
      expect(rows.map(({ line }) => line)).toEqual(startLines(records))
    }),
  )
})

// Where a chunk ends must not matter, least of all in CR LF, two quotes, or the bytes of a character.
test.each(['csv', 'ndjson'] as const)(
  'readRows() answers the same however its %s is cut',
  async (format) => {
    const scraps = [...'",\n\ra1=\'\u{FFFD}😀{', '""', '\r\n', '"playerId":"', '"score":1}']
    const unit = fc.constantFrom(Buffer.of(0xff), ...scraps.map((scrap) => Buffer.from(scrap)))
    await fc.assert(
      fc.asyncProperty(fc.array(unit), fc.integer({ min: 1, max: 5 }), async (units, size) => {
        const bytes = Buffer.concat([
          Buffer.from(format === 'csv' ? 'playerId,score\n' : ''),
          ...units,
        ])
        const whole = await outcome(readSkipping(bytes, format))
        expect(await outcome(readSkipping(bytes, format, size))).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  },
)

function startLines(records: [string, number, string][]): number[] {
  let line = 2
  return records.map((record) => {
    const start = line
    line += record.join().split('\n').length
    return start
  })
}
