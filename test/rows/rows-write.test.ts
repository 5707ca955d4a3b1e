import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  INTEGER_MAX,
  INTEGER_MIN,
  plainShape,
  type ScoreShape,
} from '../../src/format/score-shape.ts'
import { type WritableEntry, writeRows } from '../../src/rows/rows-write.ts'
import type { Score } from '../../src/words/index.ts'
import { COINS, RACE } from './reading.ts'

const ADA: WritableEntry = { playerId: 'ada', score: 1500, name: 'Ada', at: 1760000000000.123 }

test('writeRows() writes only the header of an empty board', async () => {
  expect(await text(writeRows([], { format: 'csv' }))).toBe('playerId,score,name,at,metadata\n')
  expect(await text(writeRows([], { format: 'ndjson' }))).toBe('')
})

// [what, entry, line of CSV, line of NDJSON]
const LINES: [string, WritableEntry, string, string][] = [
  [
    'a plain entry',
    ADA,
    'ada,1500,Ada,1760000000000.123,',
    '{"playerId":"ada","score":1500,"name":"Ada","at":1760000000000.123}',
  ],
  [
    'the shortest text of a number, and -0 as 0',
    { ...ADA, score: 2 ** 60, at: -0 },
    'ada,1152921504606847000,Ada,0,',
    '{"playerId":"ada","score":1152921504606847000,"name":"Ada","at":0}',
  ],
  [
    'commas, quotes and line breaks',
    { ...ADA, playerId: 'a,b', name: '"A"\r\nB' },
    '"a,b",1500,"""A""\r\nB",1760000000000.123,',
    '{"playerId":"a,b","score":1500,"name":"\\"A\\"\\r\\nB","at":1760000000000.123}',
  ],
  [
    'a lone CR',
    { ...ADA, name: 'A\rB' },
    'ada,1500,"A\rB",1760000000000.123,',
    '{"playerId":"ada","score":1500,"name":"A\\rB","at":1760000000000.123}',
  ],
  [
    'what a spreadsheet would run',
    { ...ADA, playerId: '=1,1', score: -5, name: "'@x" },
    `"'=1,1",-5,''@x,1760000000000.123,`,
    `{"playerId":"=1,1","score":-5,"name":"'@x","at":1760000000000.123}`,
  ],
  [
    'metadata, on one line where lines are rows',
    { ...ADA, metadata: { a: 'x\ny', 'b,"': [1, null] } },
    'ada,1500,Ada,1760000000000.123,"{""a"":""x\\ny"",""b,\\"""":[1,null]}"',
    '{"playerId":"ada","score":1500,"name":"Ada","at":1760000000000.123,"metadata":{"a":"x\\ny","b,\\"":[1,null]}}',
  ],
]

test.each(LINES)('writeRows() writes %s', async (_, entry, csv, ndjson) => {
  expect(await text(writeRows([entry], { format: 'csv' }))).toBe(
    `playerId,score,name,at,metadata\n${csv}\n`,
  )
  expect(await text(writeRows([entry], { format: 'ndjson' }))).toBe(`${ndjson}\n`)
})

// [what, shape, score, header of CSV, its field of CSV, its value of NDJSON]
const SHAPES: [string, ScoreShape, Score, string, string, string][] = [
  [
    'the largest integer',
    plainShape('descending', 'int64'),
    INTEGER_MAX,
    'score',
    '9223372036854775807',
    '"9223372036854775807"',
  ],
  [
    'the smallest integer',
    plainShape('ascending', 'int64'),
    INTEGER_MIN,
    'score',
    '-9223372036854775808',
    '"-9223372036854775808"',
  ],
  ['a small integer', plainShape('ascending', 'int64'), 0n, 'score', '0', '"0"'],
  [
    'columns in their order',
    RACE,
    { time: 71.5, points: 12 },
    'points,time',
    '12,71.5',
    '{"time":71.5,"points":12}',
  ],
  [
    'columns of integers',
    COINS,
    { gold: 2n ** 53n + 1n, debt: -1n },
    'gold,debt',
    '9007199254740993,-1',
    '{"gold":"9007199254740993","debt":"-1"}',
  ],
]

test.each(SHAPES)('writeRows() writes %s', async (_, shape, score, header, field, value) => {
  const entries = [{ ...ADA, score }]
  expect(await text(writeRows(entries, { format: 'csv', shape }))).toBe(
    `playerId,${header},name,at,metadata\nada,${field},Ada,1760000000000.123,\n`,
  )
  expect(await text(writeRows(entries, { format: 'ndjson', shape }))).toBe(
    `{"playerId":"ada","score":${value},"name":"Ada","at":1760000000000.123}\n`,
  )
})

test('writeRows() packs with gzip', async () => {
  const packed = Buffer.concat(await writeRows([ADA], { format: 'csv', gzip: true }).toArray())
  expect(gunzipSync(packed).toString()).toBe(await text(writeRows([ADA], { format: 'csv' })))
})

test.each([false, true])(
  'writeRows() takes entries only as they are read, gzip %s',
  async (gzip) => {
    const { entries, taken } = repeat(1_000_000)
    const stream = writeRows(entries, { format: 'csv', gzip })
    const first = await stream[Symbol.asyncIterator]().next()
    expect(first.done).toBe(false)
    expect(taken.count).toBeGreaterThan(0)
    expect(taken.count).toBeLessThan(150_000)
  },
)

test.each([false, true])(
  'writeRows() ends the iteration when it is destroyed, gzip %s',
  async (gzip) => {
    const { entries, taken } = repeat(1_000_000)
    const stream = writeRows(entries, { format: 'csv', gzip })
    for await (const _ of stream) break
    await new Promise((resolve) => stream.once('close', resolve))
    expect(taken.isEnded).toBe(true)
  },
)

test.each([false, true])('writeRows() passes on an error of the entries, gzip %s', async (gzip) => {
  function* failing(): Generator<WritableEntry> {
    yield ADA
    throw new Error('the disk failed')
  }
  await expect(text(writeRows(failing(), { format: 'csv', gzip }))).rejects.toThrow(
    'the disk failed',
  )
})

function repeat(count: number): {
  entries: Iterable<WritableEntry>
  taken: { count: number; isEnded: boolean }
} {
  const taken = { count: 0, isEnded: false }
  function* entries(): Generator<WritableEntry> {
    try {
      for (; taken.count < count; taken.count++) yield ADA
    } finally {
      taken.isEnded = true
    }
  }
  return { entries: entries(), taken }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
