import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatOf } from '../../src/calls/file-format.ts'
import { INTEGER_MAX, INTEGER_MIN, plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import { AT_MICROS_MAX, METADATA_BYTES_MAX } from '../../src/ground/limits.ts'
import { guard, unguard } from '../../src/rows/formula-escape.ts'
import { readRows } from '../../src/rows/rows-read.ts'
import { type WritableEntry, type WriteRowsOptions, writeRows } from '../../src/rows/rows-write.ts'
import type { Metadata } from '../../src/words/index.ts'
import { anyCharacter } from '../support/characters.ts'
import { sizeOf } from '../support/sizes.ts'

const SHAPES: [name: string, shape: ScoreShape][] = [
  ['numbers', plainShape('descending')],
  ['int64', plainShape('ascending', 'int64')],
  [
    'two columns',
    new ScoreShape('number', [
      { name: 'points', order: 'descending' },
      { name: 'time', order: 'ascending' },
    ]),
  ],
  [
    'four columns of int64',
    new ScoreShape('int64', [
      { name: 'a', order: 'ascending' },
      { name: 'B_1', order: 'descending' },
      { name: 'constructor', order: 'descending' },
      { name: 'd'.repeat(32), order: 'ascending' },
    ]),
  ],
]
/** Lists of entries for each format and shape. */
const RUNS = sizeOf('TORTURE_ROWS', { test: 20, torture: 1_000 })
const ROUND_TRIPS = (['csv', 'ndjson', 'json'] as const).flatMap((format) =>
  SHAPES.map(([name, shape]) => [format, name, shape] as const),
)

const FORMATS: [string, ReturnType<typeof formatOf>][] = [
  ['scores.csv', { format: 'csv', gzip: false }],
  ['/tmp/a.b/SCORES.CSV.GZ', { format: 'csv', gzip: true }],
  ['scores.ndjson', { format: 'ndjson', gzip: false }],
  ['scores.jsonl.gz', { format: 'ndjson', gzip: true }],
  ['scores.json', { format: 'json', gzip: false }],
  ['scores.txt', undefined],
  ['scores.tsv', undefined],
  ['scores.gz', undefined],
  ['csv', undefined],
  ['-', undefined],
]

test.each(FORMATS)('formatOf() knows the format of %s', (path, format) => {
  expect(formatOf(path)).toEqual(format)
})

// [text, cell]: the cell is what a spreadsheet gets to see.
const GUARDS: [string, string][] = [
  ['ada', 'ada'],
  ['=1+1', "'=1+1"],
  ["'=1+1", "''=1+1"],
  ["''=1+1", "'''=1+1"],
  ['+49', "'+49"],
  ['-1', "'-1"],
  ['@ada', "'@ada"],
  ['\tx', "'\tx"],
  ['\rx', "'\rx"],
  ['\nx', "'\nx"],
  ['\0x', "'\0x"],
  ['＝1', "'＝1"],
  ['＋1', "'＋1"],
  ['－1', "'－1"],
  ['＠x', "'＠x"],
  ["'tis", "'tis"],
  ["'", "'"],
  ['a=1', 'a=1'],
]

test.each(GUARDS)('guard() and unguard() are inverse for %j', (text, cell) => {
  expect(guard(text)).toBe(cell)
  expect(unguard(cell)).toBe(text)
})

test('guard() leaves no text that a spreadsheet runs', () => {
  fc.assert(
    fc.property(nasty(), (text) => {
      expect(guard(text)).not.toMatch(/^[=+\-@\t\r\n\0＝＋－＠]/u)
      expect(unguard(guard(text))).toBe(text)
    }),
    { numRuns: RUNS },
  )
})

// Every row that a store can hold comes back the same, whatever its text and however it is packed.
test.each(ROUND_TRIPS)(
  'readRows() reads what writeRows() wrote as %s, %s',
  async (format, _, shape) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry(shape)),
        fc.boolean(),
        fc.integer({ min: 1, max: 99 }),
        async (entries, gzip, size) => {
          const bytes = await written(entries, { format, shape, gzip })
          const rows = []
          for await (const batch of readRows(cut(bytes, size), { format, shape }))
            rows.push(...batch)
          expect(rows.map(({ line, ...row }) => row)).toEqual(entries.map(rowOf))
        },
      ),
      { numRuns: RUNS },
    )
  },
)

// What a row says of the metadata of an entry: its text, and of an empty object that there is none.
function rowOf({ metadata, ...entry }: WritableEntry): unknown {
  if (metadata === undefined) return { ...entry, metadata }
  const text = JSON.stringify(metadata)
  return { ...entry, metadata: text === '{}' ? null : text }
}

/** Text full of what CSV, JSON, UTF-8 and spreadsheets find special, of 1 to 512 bytes. */
function nasty(): fc.Arbitrary<string> {
  const special = fc.constantFrom(...'\'"=+-@,;\t\r\n\0\\{}＝＠\u{FEFF}\u{FFFD}é✓😀 x')
  const unit = fc.oneof(special, anyCharacter())
  return fc.string({ unit, minLength: 1, maxLength: 128 })
}

function entry(shape: ScoreShape): fc.Arbitrary<WritableEntry> {
  const microseconds = fc.integer({ min: 0, max: AT_MICROS_MAX })
  const cell = shape.type === 'int64' ? integer() : double()
  const cells = fc.tuple(...shape.columns.map(() => cell))
  return fc.record(
    {
      playerId: nasty(),
      score: cells.map((values) => shape.scoreOf(values)),
      name: nasty(),
      at: microseconds.map((count) => count / 1000),
      metadata: metadata(),
    },
    { requiredKeys: ['playerId', 'score', 'name', 'at'] },
  )
}

function double(): fc.Arbitrary<number> {
  return (
    fc
      .oneof(
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.maxSafeInteger(),
        fc.constantFrom(2 ** 53, -(2 ** 60), 2 ** 70, 5e-324),
      )
      // The store keeps -0 as 0.
      .map((value) => value + 0)
  )
}

function integer(): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.bigInt({ min: INTEGER_MIN, max: INTEGER_MAX }),
    fc.constantFrom(INTEGER_MIN, INTEGER_MAX, 0n, -1n, 2n ** 53n + 1n),
  )
}

// What is left of an object behind its text, such as no -0, and small enough to be stored.
function metadata(): fc.Arbitrary<Metadata> {
  return fc
    .dictionary(nasty(), fc.jsonValue(), { maxKeys: 4 })
    .filter((object) => Buffer.byteLength(JSON.stringify(object)) <= METADATA_BYTES_MAX)
    .map((object) => JSON.parse(JSON.stringify(object)) as Metadata)
}

async function written(entries: WritableEntry[], options: WriteRowsOptions): Promise<Buffer> {
  return Buffer.concat(await writeRows(entries, options).toArray())
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
