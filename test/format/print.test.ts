import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import { encodeEntryKey } from '../../src/format/entry-key.ts'
import { printKey, printPair } from '../../src/format/print.ts'
import { plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import type { Table } from '../../src/format/tables.ts'
import type { Order } from '../../src/words/index.ts'
import { damages, hex } from './bytes.ts'

type Row = [
  table: Table,
  key: string,
  value: string,
  shape: Order | ScoreShape | undefined,
  line: string,
]

const RACE = new ScoreShape('number', [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
])
const SCORE_1500 = '3f688fffffffffff 000660be0ac50240'
const AT = '2026-11-21T00:00:01.000000Z'

const PAIRS: Row[] = [
  [
    'meta',
    '00',
    '4efb5084 4c41444445524442 0002 000102030405060708090a0b0c0d0e0f 000660be0ab5c000',
    undefined,
    'header → version 2, store 000102030405060708090a0b0c0d0e0f, created 2026-11-21T00:00:00.000000Z',
  ],
  [
    'meta',
    '00',
    '00000000 4c41444445524442 0004',
    undefined,
    'header → version 4, newer than this release reads',
  ],
  [
    'meta',
    '00',
    'b7db1fb1 4c41444445524442 0003 000102030405060708090a0b0c0d0e0f 000660be0ab5c000 80000005',
    undefined,
    'header → version 3, store 000102030405060708090a0b0c0d0e0f, created 2026-11-21T00:00:00.000000Z, uses log, sealed boards, feature 31',
  ],
  [
    'meta',
    '04',
    '9a0d5f2c f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff ffffffff 03 03 616263',
    undefined,
    'lineage → f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff, restores 4294967295, field 3 616263',
  ],
  [
    'meta',
    '05 00000001',
    '3d3459d7 0000000000000002 000660be0ad44480',
    undefined,
    'change of board 1 → commit 2, 2026-11-21T00:00:02.000000Z',
  ],
  ['log', '0000000000000001', '00ff', undefined, 'record 1 → damaged 00ff'],
  [
    'meta',
    '01',
    '021b8438 0000000000000002 000660be0ad44480 00000002',
    undefined,
    'counters → commit 2, last time 2026-11-21T00:00:02.000000Z, next board 2',
  ],
  [
    'meta',
    '02 6172656e61',
    'b2d67903 00000001 00010000',
    undefined,
    'board "arena" → number 1, descending, best',
  ],
  [
    'meta',
    '02 636f696e73',
    'a98c0412 00000003 00020100',
    undefined,
    'board "coins" → number 3, descending, increment, int64',
  ],
  [
    'meta',
    '02 746f70',
    '8bb33147 00000005 00010000 0000000a',
    undefined,
    'board "top" → number 5, descending, best, keeps 10',
  ],
  [
    'meta',
    '02 72616365',
    '4bfa295a 00000007 00010001 00000000 0006706f696e7473 010474696d65',
    undefined,
    'board "race" → number 7, columns "points" descending and "time" ascending, best',
  ],
  [
    'meta',
    '03 000000f1',
    '452faff8010000000000000000',
    undefined,
    'orphan board 241 → dropped, not swept yet',
  ],
  [
    'meta',
    '03 00000002',
    '24d8236302000660be0ab5c000',
    undefined,
    'orphan board 2 → filled by an import, last seen 2026-11-21T00:00:00.000000Z',
  ],
  [
    'entries',
    `01 ${SCORE_1500} 616c696365`,
    'e1f74893 01 416c696365',
    'descending',
    `board 1, score 1500, ${AT}, player "alice" → name "Alice"`,
  ],
  [
    'entries',
    `01 ${SCORE_1500} 616c696365`,
    'e1f74893 01 416c696365',
    'ascending',
    `board 1, score -1500, ${AT}, player "alice" → name "Alice"`,
  ],
  [
    'entries',
    `01 ${SCORE_1500} 616c696365`,
    'e1f74893 01 416c696365',
    undefined,
    `board 1, score ±1500, ${AT}, player "alice" → name "Alice"`,
  ],
  [
    'entries',
    '01 3f60bfffffffffff 000660be0ad44480 626f62',
    'c400dff9 00',
    'descending',
    'board 1, score 2000, 2026-11-21T00:00:02.000000Z, player "bob" → no name',
  ],
  [
    'players',
    '01 616c696365',
    `201e7de2 01 ${SCORE_1500} 416c696365`,
    'descending',
    `board 1, player "alice" → score 1500, ${AT}, name "Alice"`,
  ],
  [
    'players',
    'f101 7a6fc3ab',
    'a4309d5f 01 c051e00000000000 000660be0ab5c000 5a6fc3ab20f09f8f8c',
    'ascending',
    'board 241, player "zoë" → score 71.5, 2026-11-21T00:00:00.000000Z, name "Zoë 🏌"',
  ],
  [
    'entries',
    '01 3f688fffffffffff 000660be0ac50240 616c696365',
    'ed016cbc 03 0005 416c696365 7b227465616d223a22726564227d',
    'descending',
    `board 1, score 1500, ${AT}, player "alice" → name "Alice", metadata "{\\"team\\":\\"red\\"}"`,
  ],
  [
    'players',
    '02 7a6fc3ab',
    '6a0eacfb 03 3fd6ffffffffffff c051e00000000000 000660be0ab5c000 0009 5a6fc3ab20f09f8f8c 7b22c3a9223a317d',
    RACE,
    'board 2, player "zoë" → score points 12.5 time 71.5, 2026-11-21T00:00:00.000000Z, name "Zoë 🏌", metadata "{\\"é\\":1}"',
  ],
  [
    'ranks',
    '01 00000000',
    '93b7c35e 01 00 0200 0000000000002240 04000000 07000000 06000000 05000000 04000000 0000000000002240 0000000000002040 01000000 03000000 00000000000000000000000000000000 ffffbb3f ffffffff be600600 00c0b50a',
    'descending',
    'board 1, node 0 → level 1, commit 9, next node 4: [-∞: node 1, 7 keys, 5 scores, commit 9 | score 40, 2026-11-21T00:00:00.000000Z: node 3, 6 keys, 4 scores, commit 8]',
  ],
  [
    'ranks',
    'f13c 00000003',
    'c3967581 00 01 0300 0010000000007042 00000000 03000000 02000000 01000000 01000000 00000000 00000000 0010000000007042 0000000000000840 0000000000001040 00000000000000000000000000000000 ffffe33f ffffffff be600600 00c0b50a ffffe33f ffffffff be600600 00c0b50a 0000 0200 0500 626f 636166c3a9',
    undefined,
    'board 300, node 3 → level 0, commit 1099511627777: [-∞: 3 keys, 1 scores, commit 1099511627777 | score ±7, 2026-11-21T00:00:00.000000Z, "bo": 2 keys, 0 scores, commit 3 | score ±7, 2026-11-21T00:00:00.000000Z, "café": 1 keys, 0 scores, commit 4]',
  ],
]

const DAMAGED: Row[] = [
  ['meta', '', '', undefined, 'key empty → damaged empty'],
  ['meta', '02', '00', undefined, 'key 02 → damaged 00'],
  ['meta', '04 61', '00', undefined, 'key 0461 → damaged 00'],
  ['meta', '03 0000', '01', undefined, 'key 030000 → damaged 01'],
  ['meta', '03 00000001', '02', undefined, 'orphan board 1 → damaged 02'],
  ['meta', '03 00000001', '', undefined, 'orphan board 1 → damaged empty'],
  [
    'meta',
    '00',
    '7b16e6d8 4c41444445524442',
    undefined,
    'header → damaged 7b16e6d84c41444445524442',
  ],
  ['meta', '02 ff', 'b2d67903', undefined, 'board bytes ff → damaged b2d67903'],
  ['entries', 'ff', '00', undefined, 'key ff → damaged 00'],
  ['entries', '01 3f68', '00', undefined, 'board 1, rest of the key 3f68 → damaged 00'],
  [
    'entries',
    '01 ffffffffffffffff 0000000000000000 61',
    '00',
    'descending',
    'board 1, rest of the key ffffffffffffffff000000000000000061 → damaged 00',
  ],
  [
    'entries',
    '01 7fffffffffffffff ffffffffffffffff 61',
    '00',
    'descending',
    'board 1, score 0, 18446744073709552000 µs, player "a" → damaged 00',
  ],
  ['players', '01', '00', undefined, 'board 1, rest of the key empty → damaged 00'],
  ['players', '01 61ff', '00', undefined, 'board 1, player bytes 61ff → damaged 00'],
  ['ranks', '01 0000', '00', undefined, 'board 1, rest of the key 0000 → damaged 00'],
  [
    'ranks',
    '01 00000000',
    'ee'.repeat(40),
    undefined,
    `board 1, node 0 → damaged ${'ee'.repeat(32)}… (40 bytes)`,
  ],
]

// [name, id, as it is shown]
const NASTY: [name: string, id: string, shown: string][] = [
  ['an escape sequence', '\x1b[31mred', '"\\u{1b}[31mred"'],
  ['a title sequence', '\x1b]0;hi\x07', '"\\u{1b}]0;hi\\u{7}"'],
  ['an eight-bit control', '\x9b2J', '"\\u{9b}2J"'],
  ['a line break', 'a\r\nb', '"a\\u{d}\\u{a}b"'],
  ['a line separator', 'a\u{2028}b\u{2029}', '"a\\u{2028}b\\u{2029}"'],
  ['a right-to-left override', '\u{202e}drow', '"\\u{202e}drow"'],
  ['an isolate', '\u{2067}x\u{2069}', '"\\u{2067}x\\u{2069}"'],
  ['a zero-width space', 'a\u{200b}b', '"a\\u{200b}b"'],
  ['a tag beyond the basic plane', '\u{e0041}', '"\\u{e0041}"'],
  ['a private character', '\u{e000}', '"\\u{e000}"'],
  ['quotes', 'a"b', '"a\\"b"'],
  ['what looks like an escape of ours', '\\u{1b}', '"\\\\u{1b}"'],
  ['letters of the world', 'Zoë 李 🏌 שלום', '"Zoë 李 🏌 שלום"'],
]

test.each(PAIRS)('printPair() shows a pair of %s: %s', (table, key, value, shape, line) => {
  expect(printPair(table, hex(key), hex(value), shapeOf(shape))).toBe(line)
})

test.each(DAMAGED)(
  'printPair() shows bytes of %s that make no sense: %s',
  (table, key, value, shape, line) => {
    expect(printPair(table, hex(key), hex(value), shapeOf(shape))).toBe(line)
  },
)

test.each(NASTY)('printPair() cannot drive a terminal with %s', (_name, text, shown) => {
  const key = Buffer.concat([
    hex('01'),
    encodeEntryKey({ score: 1500, atMicros: 0, playerId: text }, plainShape('ascending')),
  ])
  const value = seal(key, Buffer.concat([hex('00000000 01'), Buffer.from(text)]))
  expect(printPair('entries', key, value, plainShape('ascending'))).toBe(
    `board 1, score 1500, 1970-01-01T00:00:00.000000Z, player ${shown} → name ${shown}`,
  )
  expect(printKey('meta', Buffer.concat([hex('02'), Buffer.from(text)]))).toBe(`board ${shown}`)
})

test.each(PAIRS)(
  'printPair() has a line for every damage to a pair of %s: %s',
  (table, key, value, shape) => {
    for (const [where, copy] of damages(hex(value)))
      expect(printPair(table, hex(key), copy, shapeOf(shape)), where).toMatch(
        /^[^\p{C}]+ → [^\p{C}]+$/u,
      )
    for (const [where, copy] of damages(hex(key)))
      expect(printPair(table, copy, hex(value), shapeOf(shape)), where).toMatch(
        /^[^\p{C}]+ → [^\p{C}]+$/u,
      )
  },
)

function shapeOf(shape: Order | ScoreShape | undefined): ScoreShape | undefined {
  return typeof shape === 'string' ? plainShape(shape) : shape
}
