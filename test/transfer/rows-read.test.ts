import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { LadderError } from '../../src/errors.ts'
import type { BadRow, Row } from '../../src/transfer/rows.ts'
import { type ReadRowsOptions, readRows } from '../../src/transfer/rows-read.ts'

const A: Row = { line: 2, playerId: 'a', score: 1, name: undefined, at: undefined }
const B: Row = { line: 3, playerId: 'b', score: 2, name: undefined, at: undefined }

test('readRows() names the line of bytes that are not UTF-8', async () => {
  const csv = Buffer.from('playerId,score\n\u{FFFD},1\nb\xff,2\nc,x\n"d\n\xe9",4\ne,5\n', 'latin1')
  const bytes = Buffer.concat([csv.subarray(0, 15), Buffer.from('\u{FFFD}'), csv.subarray(16)])
  const { rows, bad } = await readSkipping(bytes, 'csv')
  expect(rows).toEqual([
    { ...A, playerId: '\u{FFFD}' },
    { ...A, line: 7, playerId: 'e', score: 5 },
  ])
  expect(bad).toEqual([
    { line: 3, problem: 'is not UTF-8: save the file as UTF-8' },
    { line: 4, problem: 'score "x" is not a decimal number: write it like 1500 or 12.5' },
    { line: 5, problem: 'is not UTF-8: save the file as UTF-8 (the row was read up to line 6)' },
  ])
  const ndjson = Buffer.from('{"playerId":"a","score":1}\n{"playerId":"\xff","score":1}', 'latin1')
  await expectBadRow(read(ndjson, { format: 'ndjson' }), 'Line 2: is not UTF-8: save the file as UTF-8')
  await expectBadRow(read(Buffer.from('player\xff', 'latin1'), { format: 'csv' }), 'Line 1: is not UTF-8')
  await expectBadRow(read(Buffer.from('\u{FEFF}playerId', 'utf16le'), { format: 'csv' }), 'Line 1: is UTF-16')
})

test('readRows() leaves out bad rows and goes on behind them', async () => {
  const csv = 'playerId,score\na,x\n"b"b,1\nc\n"d\n",1\n"e,1\nf,2\ng",3,\nh"\n,1\ni,9\n'
  expect(await readSkipping(Buffer.from(csv), 'csv')).toEqual({
    rows: [
      { ...A, line: 5, playerId: 'd\n' },
      { ...A, line: 12, playerId: 'i', score: 9 },
    ],
    bad: [
      { line: 2, problem: expect.stringMatching(/^score "x"/) },
      { line: 3, problem: expect.stringMatching(/^has a quote inside a field/) },
      { line: 4, problem: expect.stringMatching(/^has 1 fields/) },
      { line: 7, problem: expect.stringMatching(/^has 3 fields/) },
      { line: 10, problem: expect.stringMatching(/^has a quote inside a field/) },
      { line: 11, problem: expect.stringMatching(/^playerId is empty/) },
    ],
  })
  const ndjson = '{\n{"playerId":"a","score":1}\n{"playerId":"b","score":"2"}\n'
  expect(await readSkipping(Buffer.from(ndjson), 'ndjson')).toEqual({
    rows: [A],
    bad: [
      { line: 1, problem: expect.stringMatching(/^the line is not JSON/) },
      { line: 3, problem: 'score is a string: write a number' },
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
  expect(await read(packed, { format: 'csv' })).toEqual([A, B])
  expect(await read(packed, { format: 'csv', gzip: true })).toEqual([A, B])
  expect(
    await read(Buffer.concat([gzipSync('playerId,score\na'), gzipSync(',1\n')]), { format: 'csv' }),
  ).toEqual([A])
  await expectBadRow(read(packed, { format: 'csv', gzip: false }), 'Line 1: is not UTF-8')
  await expectBadRow(
    read('playerId,score\n', { format: 'csv', gzip: true }),
    'Line 1: cannot unpack the gzip data',
  )
})

test('readRows() names the line where gzip data is cut short', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `p${i},${(i * 7919) % 10_007}\n`).join('')
  const packed = gzipSync(`playerId,score\n${lines}`)
  const error = await read(packed.subarray(0, -2000), { format: 'csv' }).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'BAD_ROW', cause: { code: 'Z_BUF_ERROR' } })
  expect(error.message).toMatch(
    /^Line \d{4,5}: cannot unpack the gzip data: unexpected end of file; get a whole copy/,
  )
})

test('readRows() yields batches of 1 to 1,000 rows and counts the bytes of the source', async () => {
  const bytes = Buffer.from(`playerId,score\n${'a,1\n'.repeat(2500)}`)
  const packed = gzipSync(bytes)
  for (const source of [bytes, packed]) {
    const counts: number[] = []
    const sizes: number[] = []
    const chunks = [source.subarray(0, 20), source.subarray(20)]
    for await (const rows of readRows(Readable.from(chunks), {
      format: 'csv',
      onBytes: (count) => counts.push(count),
    })) {
      sizes.push(rows.length)
    }
    expect(counts).toEqual([20, source.length])
    expect(sizes.reduce((sum, size) => sum + size)).toBe(2500)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(Math.max(...sizes)).toBe(1000)
  }
})

test.each([false, true])('readRows() closes the source when the loop is left, gzip %s', async (gzip) => {
  const bytes = Buffer.from(`playerId,score\n${'a,1\n'.repeat(100_000)}`)
  const source = Readable.from([gzip ? gzipSync(bytes) : bytes, Buffer.alloc(0)])
  for await (const _ of readRows(source, { format: 'csv' })) break
  expect(source.destroyed).toBe(true)
})

test.each([false, true])('readRows() passes on an error of the source, gzip %s', async (gzip) => {
  async function* failing(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from('playerId,score\na,1\n')
    yield gzip ? gzipSync(bytes).subarray(0, 20) : bytes
    throw new Error('the disk failed')
  }
  await expect(collect(readRows(failing(), { format: 'csv' }))).rejects.toThrow(/^the disk failed$/)
})

test('readRows() refuses a source of text', async () => {
  const source = Readable.from(['playerId,score\n'])
  await expect(collect(readRows(source, { format: 'csv' }))).rejects.toThrow(TypeError)
})

test('readRows() reads what csv-stringify wrote, however it quotes', async () => {
  const cell = fc.string({ unit: fc.constantFrom(...'",\r\n ;xé😀'), minLength: 1, maxLength: 6 })
  const cells = fc.array(fc.tuple(cell, fc.integer(), cell), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(
      cells,
      fc.boolean(),
      fc.constantFrom('\n', '\r\n'),
      async (records, quoted, delimiter) => {
        // Given a record_delimiter, csv-stringify no longer quotes line breaks other than that.
        const options = { quoted, record_delimiter: delimiter, quoted_match: /[\r\n]/ }
        const text = stringify([['playerId', 'score', 'name'], ...records], options)
        const rows = await read(text, { format: 'csv' })
        expect(rows.map(({ playerId, score, name }) => [playerId, score, name])).toEqual(records)
        expect(rows.map(({ line }) => line)).toEqual(startLines(records))
      },
    ),
  )
})

// Where a chunk ends must not matter, least of all between CR and LF, two quotes, or the bytes of a character.
test.each(['csv', 'ndjson'] as const)(
  'readRows() answers the same however its source of %s is cut',
  async (format) => {
    const scraps = [
      '"',
      '""',
      ',',
      '\n',
      '\r\n',
      '\r',
      'a',
      '1',
      '=',
      "'",
      '\u{FFFD}',
      '😀',
      '{',
      '"playerId":"',
      '"score":1}',
    ]
    const unit = fc.oneof(
      fc.constantFrom(...scraps).map((scrap) => Buffer.from(scrap)),
      fc.constant(Buffer.of(0xff)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(unit), fc.integer({ min: 1, max: 5 }), async (units, size) => {
        const head = format === 'csv' ? 'playerId,score\n' : ''
        const bytes = Buffer.concat([Buffer.from(head), ...units])
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

async function read(source: string | Buffer, options: ReadRowsOptions): Promise<Row[]> {
  return collect(readRows(Readable.from([Buffer.from(source)]), options))
}

async function readSkipping(
  bytes: Buffer,
  format: ReadRowsOptions['format'],
  chunkSize: number = bytes.length,
): Promise<{ rows: Row[]; bad: BadRow[] }> {
  const chunks = []
  for (let start = 0; start < bytes.length; start += chunkSize)
    chunks.push(bytes.subarray(start, start + chunkSize))
  const bad: BadRow[] = []
  const rows = await collect(readRows(Readable.from(chunks), { format, onBadRow: (row) => bad.push(row) }))
  return { rows, bad }
}

async function collect(batches: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

async function outcome(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error) => {
    expect(error).toBeInstanceOf(LadderError)
    return error.message
  })
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
