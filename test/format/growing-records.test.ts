import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  type BoardChange,
  boardChangeIdOf,
  boardChangeKey,
  decodeBoardChange,
  encodeBoardChange,
} from '../../src/format/meta/board-change.ts'
import { type Header, unknownFeatures } from '../../src/format/meta/header.ts'
import {
  decodeLineage,
  encodeLineage,
  LINEAGE_KEY,
  type Lineage,
} from '../../src/format/meta/lineage.ts'
import { TABLES, tablesOf } from '../../src/format/tables.ts'
import { decodeTail, encodeTail, type Fields, NO_FIELDS } from '../../src/format/tail.ts'
import { damages, flips, hex } from './bytes.ts'

/** 2026-11-21T00:00:02Z in microseconds. */
const MICROS = 1_795_219_202_000_000
const LINEAGE_ID = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'

const TAILS: [name: string, fields: Fields, hex: string][] = [
  ['no field', NO_FIELDS, ''],
  ['an empty field', new Map([[0, hex('')]]), '00 00'],
  [
    'two fields',
    new Map([
      [1, hex('07')],
      [200, hex('')],
    ]),
    '01 01 07 c8 00',
  ],
  ['a long field', new Map([[255, Buffer.alloc(241, 9)]]), `ff f101 ${'09'.repeat(241)}`],
]

const NO_TAILS: [name: string, hex: string][] = [
  ['a tag alone', '01'],
  ['a field that is cut', '01 02 07'],
  ['a size that is cut', '01 f1'],
  ['a size that begins like none', '01 ff 00'],
  ['tags that fall', '02 00 01 00'],
  ['a tag that comes twice', '01 00 01 00'],
]

const LINEAGES: [name: string, value: Lineage, hex: string][] = [
  [
    'after one restore',
    { lineageId: LINEAGE_ID, restores: 1, tail: NO_FIELDS },
    `6b17ff18 ${LINEAGE_ID} 00000001`,
  ],
  [
    'with a field of a later release',
    { lineageId: LINEAGE_ID, restores: 2 ** 32 - 1, tail: new Map([[3, Buffer.from('abc')]]) },
    `9a0d5f2c ${LINEAGE_ID} ffffffff 03 03 616263`,
  ],
]

// Under the key of board 1.
const CHANGES: [name: string, value: BoardChange, hex: string][] = [
  [
    'of a second commit',
    { sequence: 2, micros: MICROS, tail: NO_FIELDS },
    '3d3459d7 0000000000000002 000660be0ad44480',
  ],
  [
    'with a field of a later release',
    { sequence: 2, micros: MICROS, tail: new Map([[255, hex('0102')]]) },
    '307c7617 0000000000000002 000660be0ad44480 ff 02 0102',
  ],
]

test.each(TAILS)('encodeTail() and decodeTail() agree on %s', (_name, fields, digits) => {
  expect(encodeTail(fields)).toEqual(hex(digits))
  expect(decodeTail(hex(`ffff ${digits}`), 2)).toEqual(fields)
})

test('encodeTail() puts fields in the order of their tags', () => {
  expect(
    encodeTail(
      new Map([
        [2, hex('02')],
        [1, hex('01')],
      ]),
    ),
  ).toEqual(hex('01 01 01 02 01 02'))
})

test.each(NO_TAILS)('decodeTail() refuses %s', (_name, digits) => {
  expect(decodeTail(hex(digits), 0)).toBeUndefined()
})

test.each(LINEAGES)(
  'encodeLineage() and decodeLineage() agree on one %s',
  (_name, value, digits) => {
    expect(encodeLineage(value)).toEqual(hex(digits))
    expect(decodeLineage(hex(digits))).toEqual(value)
    for (const [where, copy] of damages(hex(digits)))
      expect(decodeLineage(copy), where).toBeUndefined()
  },
)

test.each([
  ['no restore', `00000000 ${LINEAGE_ID} 00000000`],
  ['a number that is cut', `00000000 ${LINEAGE_ID} 000000`],
  ['a tail that is cut', `00000000 ${LINEAGE_ID} 00000001 01`],
])('decodeLineage() refuses %s under a right checksum', (_name, digits) => {
  expect(decodeLineage(seal(LINEAGE_KEY, hex(digits)))).toBeUndefined()
})

test.each(CHANGES)(
  'encodeBoardChange() and decodeBoardChange() agree on one %s',
  (_name, value, digits) => {
    const key = boardChangeKey(1)
    expect(encodeBoardChange(key, value)).toEqual(hex(digits))
    expect(decodeBoardChange(key, hex(digits))).toEqual(value)
    for (const [where, copy] of damages(hex(digits)))
      expect(decodeBoardChange(key, copy), where).toBeUndefined()
    for (const [where, copy] of flips(key))
      expect(decodeBoardChange(copy, hex(digits)), where).toBeUndefined()
  },
)

test('boardChangeIdOf() reads the number in a key, and no other key', () => {
  expect(boardChangeIdOf(boardChangeKey(2 ** 32 - 1))).toBe(2 ** 32 - 1)
  for (const key of ['05 000001', '05 0000000100', '03 00000001', ''])
    expect(boardChangeIdOf(hex(key))).toBeUndefined()
})

test('unknownFeatures() names those that it has names for, and the others by their bit', () => {
  const header: Header = { version: 3, storeId: '', createdMicros: 0, features: 0x8000_008c }
  expect(unknownFeatures(header)).toEqual(['sealed boards', 'feature 31'])
  expect(unknownFeatures({ ...header, features: 0 })).toEqual([])
})

test('tablesOf() has the tables of each version', () => {
  expect(tablesOf(1)).toEqual(['meta', 'entries', 'players', 'ranks'])
  expect(tablesOf(2)).toEqual(tablesOf(1))
  expect(tablesOf(3)).toEqual(TABLES)
})
