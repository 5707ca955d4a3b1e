import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  decodeEntryValue,
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
  writeEntryValue,
  writePlayerRecordOf,
} from '../../src/format/player-record.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { damages, flips, hex } from './bytes.ts'

const RANDOM_DETAILS = sizeOf('TORTURE_DETAILS', { test: 1_000, torture: 100_000 })

type Row = [
  name: string,
  key: string,
  head: string,
  shown: string | undefined,
  hex: string,
  metadata?: string,
]

// The head is part of the value.
const RECORDS: Row[] = [
  [
    'a name',
    '01 616c696365',
    '3f688fffffffffff 000660be0ac50240',
    'Alice',
    '201e7de2 01 3f688fffffffffff 000660be0ac50240 416c696365',
  ],
  [
    'no name',
    '01 626f62',
    '3f60bfffffffffff 000660be0ad44480',
    undefined,
    '53625ab5 00 3f60bfffffffffff 000660be0ad44480',
  ],
  [
    'a name beyond the basic plane',
    'f101 7a6fc3ab',
    'c051e00000000000 000660be0ab5c000',
    'Zoë 🏌',
    'a4309d5f 01 c051e00000000000 000660be0ab5c000 5a6fc3ab20f09f8f8c',
  ],
  [
    'the last board, one letter each',
    'fbffffffff 61',
    '400fffffffffffff 0000000000000000',
    'b',
    'be291c0c 01 400fffffffffffff 0000000000000000 62',
  ],
  [
    'the longest name',
    '01 6c6f6e67',
    '400fffffffffffff 0000000000000001',
    'n'.repeat(512),
    `15f47ef3 01 400fffffffffffff 0000000000000001 ${'6e'.repeat(512)}`,
  ],
  [
    'a name and metadata',
    '01 616c696365',
    '3f688fffffffffff 000660be0ac50240',
    'Alice',
    'ec9697d9 03 3f688fffffffffff 000660be0ac50240 0005 416c696365 7b227465616d223a22726564227d',
    '{"team":"red"}',
  ],
  [
    'metadata and no name',
    '01 626f62',
    '3f60bfffffffffff 000660be0ad44480',
    undefined,
    '3122ce3e 02 3f60bfffffffffff 000660be0ad44480 0000 7b227465616d223a22726564227d',
    '{"team":"red"}',
  ],
  [
    'four columns',
    '01 61',
    '7fffffffffffffff 8000000000000000 8000000000000001 ffffffffffffffff 0000000000000001',
    undefined,
    'fd0dd31d 00 7fffffffffffffff 8000000000000000 8000000000000001 ffffffffffffffff 0000000000000001',
  ],
  [
    'two columns with metadata',
    '02 7a6fc3ab',
    '3fd6ffffffffffff c051e00000000000 000660be0ab5c000',
    'Zoë 🏌',
    '6a0eacfb 03 3fd6ffffffffffff c051e00000000000 000660be0ab5c000 0009 5a6fc3ab20f09f8f8c 7b22c3a9223a317d',
    '{"é":1}',
  ],
]

// The head is part of the key.
const ENTRIES: Row[] = [
  [
    'a name',
    '01 3f688fffffffffff 000660be0ac50240 616c696365',
    '',
    'Alice',
    'e1f74893 01 416c696365',
  ],
  ['no name', '01 3f60bfffffffffff 000660be0ad44480 626f62', '', undefined, 'c400dff9 00'],
  [
    'a name beyond the basic plane',
    'f101 c051e00000000000 000660be0ab5c000 7a6fc3ab',
    '',
    'Zoë 🏌',
    '122e536f 01 5a6fc3ab20f09f8f8c',
  ],
  [
    'the last board, one letter each',
    'fbffffffff 400fffffffffffff 0000000000000000 61',
    '',
    'b',
    '3b772176 01 62',
  ],
  [
    'a name and metadata',
    '01 3f688fffffffffff 000660be0ac50240 616c696365',
    '',
    'Alice',
    'ed016cbc 03 0005 416c696365 7b227465616d223a22726564227d',
    '{"team":"red"}',
  ],
  [
    'metadata and no name',
    '01 3f60bfffffffffff 000660be0ad44480 626f62',
    '',
    undefined,
    '780ada0c 02 0000 7b227465616d223a22726564227d',
    '{"team":"red"}',
  ],
  [
    'the longest name and metadata',
    '01 3f688fffffffffff 000660be0ac50240 61',
    '',
    'n'.repeat(512),
    `f3e6d161 03 0200 ${'6e'.repeat(512)} 7b2278223a22${'79'.repeat(1016)}227d`,
    `{"x":"${'y'.repeat(1016)}"}`,
  ],
]

// Values whose checksum is right and whose form is not: what only a mistake of ours would write.
const HEAD = '3f688fffffffffff 000660be0ac50240'
const WRONG_RECORDS: [name: string, value: string][] = [
  ['an unknown flag', `00000000 10 ${HEAD}`],
  ['an unknown flag beside a name', `00000000 11 ${HEAD} 41`],
  ['an unknown flag beside metadata', `00000000 12 ${HEAD} 0000 7b7d`],
  ['metadata without the size of a name', `00000000 02 ${HEAD}`],
  ['metadata with half the size of a name', `00000000 02 ${HEAD} 00`],
  ['metadata that is empty', `00000000 02 ${HEAD} 0000`],
  ['metadata that is empty behind a name', `00000000 03 ${HEAD} 0001 41`],
  ['metadata behind a name without its flag', `00000000 02 ${HEAD} 0001 41 7b7d`],
  ['metadata and a flag without a name', `00000000 03 ${HEAD} 0000 7b7d`],
  ['a name that is longer than the value', `00000000 03 ${HEAD} 0005 41 7b7d`],
  ['every flag', `00000000 ff ${HEAD} 41`],
  ['a name that is empty', `00000000 01 ${HEAD}`],
  ['a name without its flag', `00000000 00 ${HEAD} 41`],
  ['half a head', '00000000 00 3f688fffffffffff'],
  ['no head', '00000000 00'],
]

const WRONG_ENTRIES: [name: string, value: string][] = [
  ['an unknown flag', '00000000 04'],
  ['an unknown flag beside a name', '00000000 05 41'],
  ['an unknown flag beside metadata', '00000000 06 0000 7b7d'],
  ['metadata without the size of a name', '00000000 02'],
  ['metadata with half the size of a name', '00000000 02 00'],
  ['metadata that is empty', '00000000 02 0000'],
  ['metadata that is empty behind a name', '00000000 03 0001 41'],
  ['metadata behind a name without its flag', '00000000 02 0001 41 7b7d'],
  ['metadata and a flag without a name', '00000000 03 0000 7b7d'],
  ['a name that is longer than the value', '00000000 03 0005 41 7b7d'],
  ['a name that is empty', '00000000 01'],
  ['a name without its flag', '00000000 00 41'],
]

test.each(RECORDS)(
  'encodePlayerRecord() and decodePlayerRecord() agree on %s',
  (_name, key, head, name, digits, metadata = undefined) => {
    const record = { head: hex(head), name, metadata }
    const headBytes = record.head.length
    expect(encodePlayerRecord(hex(key), record, headBytes)).toEqual(hex(digits))
    expect(decodePlayerRecord(hex(key), hex(digits), headBytes)).toEqual(record)
  },
)

test.each(ENTRIES)(
  'encodeEntryValue() and decodeEntryValue() agree on %s',
  (_name, key, _head, name, digits, metadata = undefined) => {
    expect(encodeEntryValue(hex(key), { name, metadata })).toEqual(hex(digits))
    expect(decodeEntryValue(hex(key), hex(digits))).toEqual({ name, metadata })
  },
)

test.each(RECORDS)(
  'decodePlayerRecord() refuses %s that is damaged, or under another key',
  (_name, key, head, _shown, digits) => {
    const headBytes = hex(head).length
    for (const [where, copy] of damages(hex(digits)))
      expect(decodePlayerRecord(hex(key), copy, headBytes), where).toBeUndefined()
    for (const [where, copy] of flips(hex(key)))
      expect(decodePlayerRecord(copy, hex(digits), headBytes), where).toBeUndefined()
  },
)

test.each(ENTRIES)(
  'decodeEntryValue() refuses %s that is damaged, or under another key',
  (_name, key, _head, _shown, digits) => {
    for (const [where, copy] of damages(hex(digits)))
      expect(decodeEntryValue(hex(key), copy), where).toBeUndefined()
    for (const [where, copy] of flips(hex(key)))
      expect(decodeEntryValue(copy, hex(digits)), where).toBeUndefined()
  },
)

test.each(WRONG_RECORDS)(
  'decodePlayerRecord() refuses %s under a right checksum',
  (_name, value) => {
    const key = hex('01 616c696365')
    expect(decodePlayerRecord(key, seal(key, hex(value)), 16)).toBeUndefined()
  },
)

test.each(WRONG_ENTRIES)('decodeEntryValue() refuses %s under a right checksum', (_name, value) => {
  const key = hex(`01 ${HEAD} 616c696365`)
  expect(decodeEntryValue(key, seal(key, hex(value)))).toBeUndefined()
})

test('encodePlayerRecord() takes the head off a longer key and leaves the rest', () => {
  const head = hex(`${HEAD} 616c696365`)
  const record = { head, name: 'Alice', metadata: undefined }
  const value = encodePlayerRecord(hex('01 616c696365'), record, 16)
  expect(value).toEqual(hex(RECORDS[0]?.[4] as string))
})

// A bigger or smaller head would shift name and metadata: only the board's own shape reads a record.
test.each(RECORDS)(
  'decodePlayerRecord() never reads %s past its end',
  (_name, key, _head, _shown, digits) => {
    const value = hex(digits)
    for (let headBytes = value.length; headBytes < value.length + 40; headBytes++)
      expect(decodePlayerRecord(hex(key), value, headBytes)).toBeUndefined()
  },
)

const HIDDEN: [name: string, digits: string, shown: string | undefined, metadata?: string][] = [
  ['a name', `7cbfeee2 05 ${HEAD} 416c696365`, 'Alice'],
  ['no name', `61d5afe3 04 ${HEAD}`, undefined],
  [
    'a name and metadata',
    `b7266a92 07 ${HEAD} 0005 416c696365 7b227465616d223a22726564227d`,
    'Alice',
    '{"team":"red"}',
  ],
]

test.each(HIDDEN)(
  'a record says that its player is hidden: %s',
  (_name, digits, name, metadata) => {
    const key = hex('01 616c696365')
    const record = { head: hex(HEAD), name, metadata, isHidden: true }
    expect(encodePlayerRecord(key, record, 16)).toEqual(hex(digits))
    expect(decodePlayerRecord(key, hex(digits), 16)).toEqual(record)
  },
)

// Any name and metadata come back as they were, and the two tables hold the same details.
test('encodePlayerRecord() and encodeEntryValue() keep random details apart', () => {
  const random = new Random(runSeed('details'))
  const key = hex('01 616c696365')
  for (let i = 0; i < RANDOM_DETAILS; i++) {
    const headBytes = 16 + 8 * random.below(4)
    const head = Buffer.alloc(headBytes, random.below(256))
    const name = random.chance(0.3) ? undefined : text(random, 170)
    const metadata = random.chance(0.3) ? undefined : JSON.stringify({ x: text(random, 300) })
    const record = { head, name, metadata }
    const value = encodePlayerRecord(key, record, headBytes)
    expect(decodePlayerRecord(key, value, headBytes)).toEqual(record)
    expect(decodeEntryValue(key, encodeEntryValue(key, record))).toEqual({ name, metadata })
  }
})

test('writeEntryValue() and writePlayerRecordOf() write in place what is encoded otherwise', () => {
  const random = new Random(runSeed('details in place'))
  const target = Buffer.alloc(8192)
  for (let i = 0; i < RANDOM_DETAILS; i++) {
    const headBytes = 16 + 8 * random.below(4)
    const head = Buffer.from(Array.from({ length: headBytes }, () => random.below(256)))
    const id = Buffer.from(text(random, 170))
    const name = random.chance(0.3) ? undefined : text(random, 170)
    const metadata = random.chance(0.3) ? undefined : JSON.stringify({ x: text(random, 300) })
    const [entryKey, playerKey] = [
      Buffer.concat([hex('01'), head, id]),
      Buffer.concat([hex('01'), id]),
    ]
    const keyStart = random.below(300)
    const valueAt = keyStart + entryKey.copy(target, keyStart)
    const end = writeEntryValue(target, { keyStart, at: valueAt }, { name, metadata })
    const entry = encodeEntryValue(entryKey, { name, metadata })
    expect(target.subarray(valueAt, end).equals(entry)).toBe(true)
    const at = end + playerKey.copy(target, end)
    const source = { bytes: target, headAt: keyStart + 1, headBytes, valueAt, end }
    const recordEnd = writePlayerRecordOf(source, target, { keyStart: end, at })
    const record = encodePlayerRecord(playerKey, { head, name, metadata }, headBytes)
    expect(target.subarray(at, recordEnd).equals(record)).toBe(true)
  }
})

function text(random: Random, lengthMax: number): string {
  const length = 1 + random.below(lengthMax)
  return Array.from({ length }, () => random.pick(['a', '0', '"', '\0', 'é', '李', '😀'])).join('')
}
