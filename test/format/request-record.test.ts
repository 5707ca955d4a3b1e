/**
 * Requests to bytes and back; the hexadecimal is of a few lines of Python, as bytes.ts says.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  decodeRequest,
  decodeRequestAge,
  decodeRequestsState,
  digestOf,
  encodeRequest,
  encodeRequestsState,
  REQUESTS_STATE_KEY,
  requestKey,
} from '../../src/format/request-record.ts'
import { plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import type { Score, SubmitAnswer, SubmitRequest } from '../../src/words/index.ts'
import { damages, flips, hex } from './bytes.ts'

const NUMBERS = plainShape('descending')
const WHOLE = plainShape('ascending', 'int64')
const DIGEST = hex('0011223344556677')
const NOBODY = {
  score: undefined,
  previousScore: undefined,
  rank: undefined,
  previousRank: undefined,
}

type Row = [
  name: string,
  request: { boardId: number; requestId: string; number: number; ms: number; shape: ScoreShape },
  answer: SubmitAnswer<Score>,
  bytes: string,
]

const REQUESTS: Row[] = [
  [
    'a newcomer for whom a full board has no place',
    { boardId: 1, requestId: 'a', number: 1, ms: 0, shape: NUMBERS },
    { playerId: 'bob', ...NOBODY, changed: false, created: false, submitted: 5 },
    '438821d0 000000000001 000000000000 0011223344556677 04 03 626f62 3febffffffffffff',
  ],
  [
    'an answer without ranks, and the last number and time',
    { boardId: 241, requestId: 'zoë', number: 2 ** 48 - 1, ms: 2 ** 48 - 1, shape: NUMBERS },
    {
      ...{ playerId: 'ann', ...NOBODY, score: -1.5, previousScore: 2 },
      changed: true,
      created: false,
    },
    'f589820c ffffffffffff ffffffffffff 0011223344556677 23 03 616e6e bff8000000000000 3fffffffffffffff',
  ],
  [
    'both ends of int64, and the last rank',
    { boardId: 1, requestId: 'i', number: 7, ms: 1_760_000_000_000, shape: WHOLE },
    {
      ...{ playerId: 'ann', score: 2n ** 63n - 1n, previousScore: -(2n ** 63n) },
      ...{ rank: 2 ** 32 - 1, previousRank: 241, changed: true, created: false },
    },
    'ab864494 000000000007 0199c82cc000 0011223344556677 3b 03 616e6e ffffffffffffffff 0000000000000000 fbffffffff f101',
  ],
  [
    'players who were passed',
    { boardId: 1, requestId: 'p', number: 2, ms: 1_795_219_203_000, shape: NUMBERS },
    {
      ...{ playerId: 'alice', score: 2500, previousScore: undefined },
      ...{ rank: 1, previousRank: undefined },
      passed: {
        count: 9,
        entries: [
          { rank: 2, playerId: 'bob', name: 'bob', score: 2000, at: 1_795_219_202_000 },
          { rank: 300, playerId: 'zoë', name: 'Zoe', score: 1, at: 0.005, metadata: { a: 1 } },
        ],
      },
      ...{ changed: true, created: true },
    },
    'e0e4673f 000000000002 01a1fb6723b8 0011223344556677 69 05 616c696365 3f5c77ffffffffff 01 01 3b 09' +
      '02 3f60bfffffffffff 000660be0ad44480 03 626f62 00 00' +
      'f13c 400fffffffffffff 0000000000000005 04 7a6fc3ab 03 5a6f65 07 7b2261223a317d',
  ],
]

test.each(REQUESTS)('encodeRequest() and decodeRequest(): %s', (_, request, answer, bytes) => {
  const { boardId, requestId, number, ms, shape } = request
  const key = requestKey(boardId, requestId)
  const record = { number, ms, digest: DIGEST, answer }
  expect(encodeRequest(key, record, shape).toString('hex')).toBe(hex(bytes).toString('hex'))
  expect(decodeRequest(key, hex(bytes), shape)).toStrictEqual(record)
  expect(decodeRequestAge(key, hex(bytes))).toEqual({ number, ms })
})

test.each(REQUESTS)('decodeRequest() refuses damaged bytes: %s', (_, request, _answer, bytes) => {
  const key = requestKey(request.boardId, request.requestId)
  for (const [where, copy] of damages(hex(bytes)))
    expect(decodeRequest(key, copy, request.shape), where).toBeUndefined()
  for (const [where, other] of flips(key))
    expect(decodeRequestAge(other, hex(bytes)), where).toBeUndefined()
})

// Sound checksums over a form that is never written.
test.each([
  ['a reserved flag', '000000000001 000000000000 0011223344556677 80 03 626f62'],
  ['no playerId', '000000000001 000000000000 0011223344556677 00 00'],
  ['a playerId that is cut', '000000000001 000000000000 0011223344556677 00 04 626f62'],
  ['a score that is cut', '000000000001 000000000000 0011223344556677 01 03 626f62 3febff'],
  ['a score of NaN', `000000000001 000000000000 0011223344556677 01 03 626f62 ${'00'.repeat(8)}`],
  ['a rank that is not there', '000000000001 000000000000 0011223344556677 08 03 626f62'],
  ['a tail that is cut', '000000000001 000000000000 0011223344556677 00 03 626f62 01 05 00'],
  [
    'passed players that are cut',
    '000000000001 000000000000 0011223344556677 00 03 626f62 01 02 01 02',
  ],
  [
    'a passed player whose metadata are no object',
    '000000000001 000000000000 0011223344556677 00 03 626f62 01 17 01' +
      '02 3f60bfffffffffff 000660be0ad44480 01 62 00 01 37',
  ],
])('decodeRequest() refuses %s', (_, rest) => {
  const key = requestKey(1, 'a')
  const value = Buffer.concat([Buffer.alloc(4), hex(rest)])
  expect(decodeRequest(key, seal(key, value), NUMBERS)).toBeUndefined()
})

test('encodeRequestsState() and decodeRequestsState()', () => {
  const state = { next: 2 ** 48 - 1, count: 3, hand: requestKey(1, 'a') }
  const bytes = hex('70778056 ffffffffffff 000000000003 0161')
  expect(encodeRequestsState(state)).toEqual(bytes)
  expect(decodeRequestsState(bytes)).toEqual(state)
  for (const [where, copy] of damages(bytes))
    expect(decodeRequestsState(copy), where).toBeUndefined()
  const short = seal(REQUESTS_STATE_KEY, Buffer.alloc(15))
  expect(decodeRequestsState(short)).toBeUndefined()
})

test('digestOf() is that of the JSON in FORMAT.md', () => {
  const none = {
    ...{ name: undefined, metadata: undefined, only: undefined, expected: undefined },
    won: false,
  }
  const asked = { atMicros: undefined, nowMicros: 5, requestId: 'a', rankMode: undefined }
  const rest = { ...none, ...asked, won: false, passedMax: 0, passedMode: 'ordinal' } as const
  const rows = new ScoreShape('int64', [
    { name: 'points', order: 'descending' },
    { name: 'time', order: 'ascending' },
  ])
  const digests: [ScoreShape, SubmitRequest, string][] = [
    [NUMBERS, { ...rest, playerId: 'alice', score: 1500, mode: 'best' }, 'd859809753134035'],
    [
      rows,
      {
        ...{ ...rest, playerId: 'zoë', score: { points: 9_007_199_254_740_993n, time: -1n } },
        ...{ mode: 'set', atMicros: 1_760_000_000_000_001, name: 'Zoë', only: 'existing' },
        metadata: '{"z":"\u2028","a":[{"c":null,"b":1}]}',
        ...{ expected: { points: 0n, time: 1n }, won: true },
      },
      'cdfcd1a4f055638c',
    ],
    [
      NUMBERS,
      {
        ...{ ...rest, playerId: 'a', score: 0.1, mode: 'increment' },
        ...{ metadata: null, only: 'new', expected: null },
      },
      '4b3b2be77ef70e91',
    ],
  ]
  for (const [shape, submit, expected] of digests)
    expect(digestOf(submit, shape).toString('hex')).toBe(expected)
})
