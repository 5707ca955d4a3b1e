import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  BOARDS_END,
  BOARDS_START,
  type BoardRecord,
  boardKey,
  boardNameOf,
  decodeBoard,
  encodeBoard,
} from '../../src/format/meta/board.ts'
import {
  BOARD_CHANGES_END,
  BOARD_CHANGES_START,
  boardChangeKey,
} from '../../src/format/meta/board-change.ts'
import {
  COUNTERS_KEY,
  type Counters,
  decodeCounters,
  decodeSequence,
  encodeCounters,
} from '../../src/format/meta/counters.ts'
import {
  decodeHeader,
  encodeHeader,
  FORMAT_VERSION,
  HEADER_KEY,
  type Header,
  isUpgraded,
} from '../../src/format/meta/header.ts'
import { LINEAGE_KEY } from '../../src/format/meta/lineage.ts'
import {
  decodeOrphan,
  encodeOrphan,
  ORPHANS_END,
  ORPHANS_START,
  type Orphan,
  orphanIdOf,
  orphanKey,
} from '../../src/format/meta/orphan.ts'
import { plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { KEEP_MAX } from '../../src/ground/limits.ts'
import type { Mode, Order } from '../../src/words/index.ts'
import { damages, flips, hex } from './bytes.ts'

/** 2026-11-21T00:00:00Z in microseconds. */
const MIDNIGHT = 1_795_219_200_000_000
const MAGIC = '4c41444445524442'
const STORE_ID = '000102030405060708090a0b0c0d0e0f'
const VERSION_BYTES = [12, 13]

const RACE = new ScoreShape('number', [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
])
const FOUR = new ScoreShape('int64', [
  { name: 'a', order: 'ascending' },
  { name: 'B_1', order: 'descending' },
  { name: 'c-c', order: 'descending' },
  { name: 'd'.repeat(32), order: 'ascending' },
])

const HEADERS: [name: string, value: Header, hex: string][] = [
  [
    'a store',
    { version: 3, storeId: STORE_ID, createdMicros: MIDNIGHT, features: 0 },
    `2ae85d05 ${MAGIC} 0003 ${STORE_ID} 000660be0ab5c000 00000000`,
  ],
  [
    'a store with features of later releases',
    { version: 3, storeId: STORE_ID, createdMicros: MIDNIGHT, features: 0x80000005 },
    `b7db1fb1 ${MAGIC} 0003 ${STORE_ID} 000660be0ab5c000 80000005`,
  ],
  [
    'a store of version 2',
    { version: 2, storeId: STORE_ID, createdMicros: MIDNIGHT, features: 0 },
    `4efb5084 ${MAGIC} 0002 ${STORE_ID} 000660be0ab5c000`,
  ],
  [
    'a store of version 1',
    { version: 1, storeId: STORE_ID, createdMicros: MIDNIGHT, features: 0 },
    `7b16e6d7 ${MAGIC} 0001 ${STORE_ID} 000660be0ab5c000`,
  ],
  [
    'a store from 1970',
    { version: 3, storeId: 'f'.repeat(32), createdMicros: 0, features: 0 },
    `55e2d365 ${MAGIC} 0003 ${'ff'.repeat(16)} 0000000000000000 00000000`,
  ],
]

const NEWER: [name: string, version: number, hex: string][] = [
  ['the next one', 4, `d88e54b8 ${MAGIC} 0004 ${STORE_ID} 000660be0ab5c000 00000000`],
  ['the last one', 65_535, `fc8ac849 ${MAGIC} ffff ${STORE_ID} 000660be0ab5c000`],
  ['one whose header is shorter', 4, `00000000 ${MAGIC} 0004`],
  ['one whose header is longer', 5, `00000000 ${MAGIC} 0005 ${'ee'.repeat(100)}`],
]

const NO_HEADERS: [name: string, hex: string][] = [
  ['nothing', ''],
  ['a magic that is cut', `00000000 ${MAGIC} 00`],
  ['another magic', '00000000 4c41444445524443 0001'],
  ['a magic in small letters', '00000000 6c61646465726462 0001'],
  ['a magic at the start', `${MAGIC} 00000000 0001`],
]

const COUNTERS: [name: string, value: Counters, hex: string][] = [
  [
    'of a new store',
    { sequence: 0, lastMicros: 0, nextBoardId: 1, tail: NO_FIELDS },
    'a9d97683 0000000000000000 0000000000000000 00000001',
  ],
  [
    'after two commits',
    { sequence: 2, lastMicros: MIDNIGHT + 2_000_000, nextBoardId: 2, tail: NO_FIELDS },
    '021b8438 0000000000000002 000660be0ad44480 00000002',
  ],
  [
    'with fields of a later release',
    {
      sequence: 2,
      lastMicros: MIDNIGHT + 2_000_000,
      nextBoardId: 2,
      tail: new Map([
        [1, Buffer.of(7)],
        [200, Buffer.alloc(0)],
      ]),
    },
    '94bd0e33 0000000000000002 000660be0ad44480 00000002 010107 c800',
  ],
  [
    'at the end of its numbers',
    {
      sequence: 2 ** 53 - 1,
      lastMicros: 4_398_046_511_103_999,
      nextBoardId: 2 ** 32 - 1,
      tail: NO_FIELDS,
    },
    'baf09408 001fffffffffffff 000f9fffffffffff ffffffff',
  ],
]

const BOARDS: [name: string, board: BoardRecord, key: string, hex: string][] = [
  ['arena', plainBoard(1, 'descending', 'best'), '02 6172656e61', 'b2d67903 00000001 00 01 00 00'],
  ['golf', plainBoard(2, 'ascending', 'best'), '02 676f6c66', 'd7d25652 00000002 01 01 00 00'],
  [
    'été',
    plainBoard(2 ** 32 - 1, 'descending', 'increment'),
    '02 c3a974c3a9',
    '798abf0d ffffffff 00 02 00 00',
  ],
  ['a', plainBoard(241, 'ascending', 'set'), '02 61', '618f3324 000000f1 01 00 00 00'],
  [
    'coins',
    {
      id: 3,
      shape: plainShape('descending', 'int64'),
      mode: 'increment',
      keep: undefined,
      log: 'all',
    },
    '02 636f696e73',
    'a98c0412 00000003 00 02 01 00',
  ],
  [
    'low',
    { id: 4, shape: plainShape('ascending', 'int64'), mode: 'best', keep: undefined, log: 'all' },
    '02 6c6f77',
    '2ceb373d 00000004 01 01 01 00',
  ],
  [
    'top',
    { ...plainBoard(5, 'descending', 'best'), keep: 10 },
    '02 746f70',
    '8bb33147 00000005 00 01 00 00 0000000a',
  ],
  [
    'most',
    { id: 6, shape: plainShape('ascending', 'int64'), mode: 'set', keep: KEEP_MAX, log: 'all' },
    '02 6d6f7374',
    '457a7fa5 00000006 01 00 01 00 3b9aca00',
  ],
  [
    'race',
    { id: 7, shape: RACE, mode: 'best', keep: undefined, log: 'all' },
    '02 72616365',
    '4bfa295a 00000007 00 01 00 01 00000000 00 06 706f696e7473 01 04 74696d65',
  ],
  [
    'four',
    { id: 8, shape: FOUR, mode: 'set', keep: 100, log: 'all' },
    '02 666f7572',
    `294b9033 00000008 01 00 01 03 00000064 01 01 61 00 03 425f31 00 03 632d63 01 20 ${'64'.repeat(32)}`,
  ],
]

// Under the key of board 1.
const ORPHANS: [name: string, value: Orphan, hex: string][] = [
  ['a dropped board', { state: 'dropped' }, '55632361010000000000000000'],
  [
    'a board that is filled',
    { state: 'filling', lastMicros: MIDNIGHT },
    'cfef986002000660be0ab5c000',
  ],
  ['a board filled in 1970', { state: 'filling', lastMicros: 0 }, '6cee1fa4020000000000000000'],
]

const DAMAGED_ORPHANS: [name: string, hex: string][] = [
  ['nothing', ''],
  ['a state that is not known', 'd8948c2303000660be0ab5c000'],
  ['a dropped board with a time', 'f662a4a501000660be0ab5c000'],
  ['a time that is cut', '5a67891002000660be0ab5c0'],
  ['a time that is longer', '9f7f614d02000660be0ab5c00000'],
  ['the checksum of another board', 'be549862010000000000000000'],
]

// Under the key of "arena", with checksums that are right.
const WRONG_BOARDS: [name: string, hex: string][] = [
  ['an unknown order', '18dfb188 00000001 02 01 00 00'],
  ['an unknown mode', 'b152ad6d 00000001 00 03 00 00'],
  ['an unknown score type', '80e01b81 00000001 00 01 02 00'],
  ['a column that is not there', 'c5d14995 00000001 00 01 00 01'],
  ['a column that is not there, behind keep', '476953ba 00000001 00 01 00 01 0000000a'],
  ['keep that is cut', '8c9f3bb9 00000001 00 01 00 00 00000a'],
  ['keep of zero without columns', '9adc9314 00000001 00 01 00 00 00000000'],
  ['a single column with a name', '4811754c 00000001 00 01 00 00 00000000 00 06 706f696e7473'],
  [
    'fewer columns than it says',
    '6afedc44 00000001 00 01 00 02 00000000 00 06 706f696e7473 01 04 74696d65',
  ],
  [
    'more columns than it says',
    '1e4adab5 00000001 00 01 00 00 00000000 00 06 706f696e7473 01 04 74696d65',
  ],
  [
    'five columns',
    'fad77793 00000001 00 01 00 04 00000000 00 01 61 00 01 62 00 01 63 00 01 64 00 01 65',
  ],
  [
    'another order than that of its first column',
    'de803e2d 00000001 01 01 00 01 00000000 00 06 706f696e7473 01 04 74696d65',
  ],
  [
    'an unknown order of a column',
    '4f3c2843 00000001 00 01 00 01 00000000 00 06 706f696e7473 02 04 74696d65',
  ],
  [
    'columns in front of which keep is lacking',
    'e660886d 00000001 00 01 00 01 00 06 706f696e7473 01 04 74696d65',
  ],
  ['a column cut behind its order', '472822a3 00000001 00 01 00 01 00000000 00 06 706f696e7473 01'],
  [
    'a column cut in its name',
    'ab101b30 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 04 74696d',
  ],
  [
    'a column longer than its name',
    '0c70d912 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 04 74696d65 00',
  ],
  ['a column without a name', '9d9a35fd 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 00'],
  [
    'a name that begins with a digit',
    '94d03eb9 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 03 317374',
  ],
  ['a name with a space', 'ed73eaa6 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 03 742073'],
  [
    'a name that is not ASCII',
    '5726a869 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 05 c3a974c3a9',
  ],
  [
    'a name that is not UTF-8',
    'd3ad53a7 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 02 74ff',
  ],
  [
    'a name of 33 letters',
    `fff135d4 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 21 ${'74'.repeat(33)}`,
  ],
  [
    'two columns of one name',
    'a391ac41 00000001 00 01 00 01 00000000 00 06 706f696e7473 01 06 706f696e7473',
  ],
]

test.each(HEADERS)(
  'encodeHeader() and decodeHeader() agree on the header of %s',
  (_name, value, digits) => {
    expect(encodeHeader(value)).toEqual(hex(digits))
    expect(decodeHeader(hex(digits))).toEqual(value)
  },
)

test.each(NEWER)('decodeHeader() reads the version alone of %s', (_name, version, digits) => {
  expect(version).toBeGreaterThan(FORMAT_VERSION)
  expect(decodeHeader(hex(digits))).toEqual({
    version,
    storeId: '',
    createdMicros: 0,
    features: 0,
  })
})

test.each(NO_HEADERS)('decodeHeader() refuses %s', (_name, digits) => {
  expect(decodeHeader(hex(digits))).toBeUndefined()
})

// Where the version itself is hit it may look like a newer one, which is refused as well.
test.each(HEADERS)(
  'decodeHeader() refuses the header of %s that is damaged',
  (_name, _value, digits) => {
    for (const [where, copy] of damages(hex(digits))) {
      const isVersionHit = VERSION_BYTES.some((i) => copy[i] !== hex(digits)[i])
      const found = decodeHeader(copy)
      if (isVersionHit && found !== undefined)
        expect(found.version, where).toBeGreaterThan(FORMAT_VERSION)
      else expect(found, where).toBeUndefined()
    }
  },
)

test('decodeHeader() refuses a header that was made for another key', () => {
  const value = seal(COUNTERS_KEY, encodeHeader(HEADERS[0]?.[1] as Header))
  expect(decodeHeader(value)).toBeUndefined()
})

test('decodeHeader(), decodeCounters() and decodeBoard() refuse another size under a right checksum', () => {
  const key = boardKey('arena')
  for (const resize of [shorter, longer]) {
    expect(decodeHeader(seal(HEADER_KEY, resize(hex(HEADERS[0]?.[2] as string))))).toBeUndefined()
    expect(
      decodeCounters(seal(COUNTERS_KEY, resize(hex(COUNTERS[0]?.[2] as string)))),
    ).toBeUndefined()
    expect(decodeBoard(key, seal(key, resize(hex(BOARDS[0]?.[3] as string))))).toBeUndefined()
  }
})

test.each(COUNTERS)(
  'encodeCounters(), decodeCounters() and decodeSequence() agree on the counters %s',
  (_name, value, digits) => {
    expect(encodeCounters(value)).toEqual(hex(digits))
    expect(decodeCounters(hex(digits))).toEqual(value)
    expect(decodeSequence(hex(digits))).toBe(value.sequence)
  },
)

test.each(COUNTERS)(
  'decodeCounters() and decodeSequence() refuse the counters %s that is damaged',
  (_name, _value, digits) => {
    for (const [where, copy] of damages(hex(digits)))
      expect([decodeCounters(copy), decodeSequence(copy)], where).toEqual([undefined, undefined])
    expect(decodeCounters(seal(HEADER_KEY, hex(digits)))).toBeUndefined()
  },
)

test.each(BOARDS)(
  'encodeBoard() and decodeBoard() agree on board %s',
  (name, board, key, digits) => {
    expect(boardKey(name)).toEqual(hex(key))
    expect(boardNameOf(hex(key))).toBe(name)
    expect(encodeBoard(hex(key), board)).toEqual(hex(digits))
    expect(decodeBoard(hex(key), hex(digits))).toEqual(board)
  },
)

test.each(BOARDS)(
  'decodeBoard() refuses board %s that is damaged, or under another name',
  (_name, _board, key, digits) => {
    for (const [where, copy] of damages(hex(digits)))
      expect(decodeBoard(hex(key), copy), where).toBeUndefined()
    for (const [where, copy] of flips(hex(key)))
      expect(decodeBoard(copy, hex(digits)), where).toBeUndefined()
  },
)

test.each(WRONG_BOARDS)('decodeBoard() refuses %s under a right checksum', (_name, digits) => {
  expect(decodeBoard(boardKey('arena'), hex(digits))).toBeUndefined()
})

test.each([
  [1, '03 00000001'],
  [241, '03 000000f1'],
  [2 ** 32 - 1, '03 ffffffff'],
])('orphanKey() and orphanIdOf() agree on board number %d', (boardId, digits) => {
  expect(orphanKey(boardId)).toEqual(hex(digits))
  expect(orphanIdOf(hex(digits))).toBe(boardId)
})

test.each(ORPHANS)('encodeOrphan() and decodeOrphan() agree on %s', (_name, value, digits) => {
  expect(encodeOrphan(orphanKey(1), value)).toEqual(hex(digits))
  expect(decodeOrphan(orphanKey(1), hex(digits))).toEqual(value)
})

test.each(DAMAGED_ORPHANS)('decodeOrphan() refuses %s', (_name, digits) => {
  expect(decodeOrphan(orphanKey(1), hex(digits))).toBeUndefined()
})

test('decodeOrphan() refuses a flipped bit anywhere, in the key or the value', () => {
  const key = orphanKey(1)
  const value = encodeOrphan(key, { state: 'filling', lastMicros: MIDNIGHT })
  for (const [, flipped] of flips(value)) expect(decodeOrphan(key, flipped)).toBeUndefined()
  for (const [, flipped] of flips(key)) expect(decodeOrphan(flipped, value)).toBeUndefined()
})

test('orphanIdOf() refuses keys that are cut or longer', () => {
  for (const bytes of [shorter(orphanKey(1)), longer(orphanKey(1))])
    expect(orphanIdOf(bytes)).toBeUndefined()
})

test('BOARDS_START, BOARDS_END and the others keep the kinds of keys of meta apart', () => {
  const kinds = [
    [HEADER_KEY],
    [COUNTERS_KEY],
    [BOARDS_START, boardKey('\0'), boardKey('\u{10ffff}'.repeat(63)), BOARDS_END],
    [ORPHANS_START, orphanKey(0), orphanKey(2 ** 32 - 1), ORPHANS_END],
    [LINEAGE_KEY],
    [BOARD_CHANGES_START, boardChangeKey(0), boardChangeKey(2 ** 32 - 1), BOARD_CHANGES_END],
  ]
  const keys = kinds.flat()
  expect(keys).toEqual([...keys].sort(Buffer.compare))
})

test.each<[string, version: number, expected: boolean]>([
  ['this version', FORMAT_VERSION, true],
  ['the version before', FORMAT_VERSION - 1, false],
  ['version 1', 1, false],
])('isUpgraded() tells %s by its number alone', (_name, version, expected) => {
  const header = { version, storeId: '00'.repeat(16), createdMicros: 1, features: 0 }
  expect(isUpgraded(encodeHeader(header))).toBe(expected)
  expect(isUpgraded(Buffer.alloc(13))).toBe(false)
})

function shorter(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, -1))
}

function longer(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.of(0)])
}

function plainBoard(id: number, order: Order, mode: Mode): BoardRecord {
  return { id, shape: plainShape(order), mode, keep: undefined, log: 'all' }
}
