import fc from 'fast-check'
import { expect, test } from 'vitest'

import { AT_MICROS_MAX } from '../../src/limits.ts'
import { formatOf, type RowFormat } from '../../src/transfer/rows.ts'
import { guard, unguard } from '../../src/transfer/rows-guard.ts'
import { readRows } from '../../src/transfer/rows-read.ts'
import { type WritableEntry, writeRows } from '../../src/transfer/rows-write.ts'

const FORMATS: [string, ReturnType<typeof formatOf>][] = [
  ['scores.csv', { format: 'csv', gzip: false }],
  ['/tmp/a.b/SCORES.CSV.GZ', { format: 'csv', gzip: true }],
  ['scores.ndjson', { format: 'ndjson', gzip: false }],
  ['scores.jsonl.gz', { format: 'ndjson', gzip: true }],
  ['scores.json', undefined],
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
  )
})

// Every row that a store can hold comes back the same, whatever its text and however it is packed.
test.each(['csv', 'ndjson'] as const)(
  'readRows() reads what writeRows() wrote as %s',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry()),
        fc.boolean(),
        fc.integer({ min: 1, max: 99 }),
        async (entries, gzip, size) => {
          const bytes = await written(entries, format, gzip)
          const rows = []
          for await (const batch of readRows(cut(bytes, size), { format })) rows.push(...batch)
          expect(rows.map(({ line, ...row }) => row)).toEqual(entries)
        },
      ),
    )
  },
)

/** Text full of what CSV, JSON, UTF-8 and spreadsheets find special, of 1 to 512 bytes. */
function nasty(): fc.Arbitrary<string> {
  const special = fc.constantFrom(...'\'"=+-@,;\t\r\n\0\\{}＝＠\u{FEFF}\u{FFFD}é✓😀 x')
  const unit = fc.oneof(special, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }))
  return fc.string({ unit, minLength: 1, maxLength: 128 })
}

function entry(): fc.Arbitrary<WritableEntry> {
  const number = fc.double({ noDefaultInfinity: true, noNaN: true })
  const score = fc.oneof(
    number,
    fc.maxSafeInteger(),
    fc.constantFrom(2 ** 53, -(2 ** 60), 2 ** 70, 5e-324),
  )
  const microseconds = fc.integer({ min: 0, max: AT_MICROS_MAX })
  return fc.record(
    {
      playerId: nasty(),
      // The store keeps -0 as 0.
      score: score.map((value) => value + 0),
      name: nasty(),
      at: microseconds.map((count) => count / 1000),
      metadata: fc.dictionary(nasty(), fc.jsonValue()).map((object) => JSON.stringify(object)),
    },
    { requiredKeys: ['playerId', 'score', 'name', 'at'] },
  )
}

async function written(
  entries: WritableEntry[],
  format: RowFormat,
  gzip: boolean,
): Promise<Buffer> {
  return Buffer.concat(await writeRows(entries, { format, gzip }).toArray())
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
