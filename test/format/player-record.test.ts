import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  decodeEntryValue,
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
} from '../../src/format/player-record.ts'
import { damages, flips, hex } from './bytes.ts'

type Row = [name: string, key: string, head: string, shown: string | undefined, hex: string]

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
]

// Values whose checksum is right and whose form is not: what only a mistake of ours would write.
const HEAD = '3f688fffffffffff 000660be0ac50240'
const WRONG_RECORDS: [name: string, value: string][] = [
  ['an unknown flag', `00000000 02 ${HEAD}`],
  ['an unknown flag beside a name', `00000000 03 ${HEAD} 41`],
  ['every flag', `00000000 ff ${HEAD} 41`],
  ['a name that is empty', `00000000 01 ${HEAD}`],
  ['a name without its flag', `00000000 00 ${HEAD} 41`],
  ['half a head', '00000000 00 3f688fffffffffff'],
  ['no head', '00000000 00'],
]

const WRONG_ENTRIES: [name: string, value: string][] = [
  ['an unknown flag', '00000000 02'],
  ['an unknown flag beside a name', '00000000 03 41'],
  ['a name that is empty', '00000000 01'],
  ['a name without its flag', '00000000 00 41'],
]

test.each(RECORDS)(
  'encodePlayerRecord() and decodePlayerRecord() agree on %s',
  (_name, key, head, name, digits) => {
    const record = { head: hex(head), name }
    expect(encodePlayerRecord(hex(key), record)).toEqual(hex(digits))
    expect(decodePlayerRecord(hex(key), hex(digits))).toEqual(record)
  },
)

test.each(ENTRIES)(
  'encodeEntryValue() and decodeEntryValue() agree on %s',
  (_name, key, _head, name, digits) => {
    expect(encodeEntryValue(hex(key), name)).toEqual(hex(digits))
    expect(decodeEntryValue(hex(key), hex(digits))).toBe(name)
  },
)

test.each(RECORDS)(
  'decodePlayerRecord() refuses %s that is damaged, or under another key',
  (_name, key, _head, _shown, digits) => {
    for (const [where, copy] of damages(hex(digits)))
      expect(decodePlayerRecord(hex(key), copy), where).toBeUndefined()
    for (const [where, copy] of flips(hex(key)))
      expect(decodePlayerRecord(copy, hex(digits)), where).toBeUndefined()
  },
)

test.each(ENTRIES)(
  'decodeEntryValue() refuses %s that is damaged, or under another key',
  (_name, key, _head, _shown, digits) => {
    for (const [where, copy] of damages(hex(digits)))
      expect(decodeEntryValue(hex(key), copy), where).toBeNull()
    for (const [where, copy] of flips(hex(key)))
      expect(decodeEntryValue(copy, hex(digits)), where).toBeNull()
  },
)

test.each(WRONG_RECORDS)(
  'decodePlayerRecord() refuses %s under a right checksum',
  (_name, value) => {
    const key = hex('01 616c696365')
    expect(decodePlayerRecord(key, seal(key, hex(value)))).toBeUndefined()
  },
)

test.each(WRONG_ENTRIES)('decodeEntryValue() refuses %s under a right checksum', (_name, value) => {
  const key = hex(`01 ${HEAD} 616c696365`)
  expect(decodeEntryValue(key, seal(key, hex(value)))).toBeNull()
})

test('encodePlayerRecord() takes the head off a longer key and leaves the rest', () => {
  const head = hex(`${HEAD} 616c696365`)
  const value = encodePlayerRecord(hex('01 616c696365'), { head, name: 'Alice' })
  expect(value).toEqual(hex(RECORDS[0]?.[4] as string))
})
