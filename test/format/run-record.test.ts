import { expect, test } from 'vitest'
import { logKey, seqOf } from '../../src/format/log-key.ts'
import { decodeNote, encodeNote, type NoteRecord } from '../../src/format/log-note.ts'
import { decodeHistory, encodeHistory } from '../../src/format/run-chain.ts'
import { decodeRun, encodeRun, type RunRecord } from '../../src/format/run-record.ts'
import { decodeSeqs, encodeSeqs } from '../../src/format/seq-list.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { damages } from './bytes.ts'

const ROUNDS = sizeOf('TORTURE_RUN_RECORDS', { test: 400, torture: 100_000 })
const NOW = 1_795_904_202_453_000

const USUAL: RunRecord = {
  ...{ committedMicros: NOW, commitBack: 0, boardId: 1, playerId: 'player-17', mode: 'best' },
  ...{
    submitted: Buffer.alloc(8, 0x3f),
    before: Buffer.concat([Buffer.alloc(8, 0x40), Buffer.alloc(8)]),
    atMicros: NOW,
  },
  ...{ isAtGiven: false, ranks: { rank: 70_000, previousRank: 80_000 }, plays: 300, wins: 0 },
  ...{ won: false, runBack: 900_000, name: undefined, metadata: undefined, hasNoPlace: false },
  ...{ isHidden: false, tail: NO_FIELDS },
}

function randomRun(random: Random): RunRecord {
  const columns = 1 + random.below(4)
  const committedMicros = random.below(2 ** 51)
  const plays = 1 + random.below(2 ** 31 - 1)
  const maybe = <T>(value: T): T | undefined => (random.below(2) === 0 ? value : undefined)
  return {
    committedMicros,
    commitBack: maybe(random.below(10_000)) ?? 0,
    boardId: 1 + random.below(100_000),
    playerId: random.pick(['a', 'ada', 'é'.repeat(200), '𝒶'.repeat(128), 'x'.repeat(512)]),
    mode: random.pick(['set', 'best', 'increment'] as const),
    submitted: bytes(random, 8 * columns),
    before: maybe(headOf(random, 8 * columns)),
    atMicros: maybe(random.below(2 ** 51)) ?? committedMicros,
    isAtGiven: random.below(2) === 0,
    ranks: maybe({ rank: 1 + random.below(2 ** 31), previousRank: random.below(2 ** 31) }),
    plays,
    wins: random.below(plays),
    won: random.below(2) === 0,
    runBack: maybe(random.below(2 ** 31)) ?? 0,
    name: maybe('Zoë'.repeat(1 + random.below(50))),
    metadata: random.pick([undefined, null, '{"car":"red"}', `{"x":"${'y'.repeat(900)}"}`]),
    hasNoPlace: random.below(2) === 0,
    isHidden: random.below(2) === 0,
    tail: maybe(new Map([[1, bytes(random, 8)]])) ?? NO_FIELDS,
  }
}

// A time begins with a zero byte.
function headOf(random: Random, scoreBytes: number): Buffer {
  return Buffer.concat([bytes(random, scoreBytes), Buffer.of(0), bytes(random, 7)])
}

function bytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)))
}

test('encodeRun() and decodeRun() agree on random runs', () => {
  const random = new Random(runSeed('runs'))
  for (let i = 0; i < ROUNDS; i++) {
    const run = randomRun(random)
    const key = logKey(1 + random.below(2 ** 50))
    expect(decodeRun(key, Buffer.from(encodeRun(key, run)))).toEqual(run)
  }
})

test('a usual run takes at most 80 bytes, with its key and what LMDB adds', () => {
  const key = logKey(12_345_678)
  const pairBytes = key.length + encodeRun(key, USUAL).length + 10
  expect(pairBytes).toBeLessThanOrEqual(80)
})

test('a run or a note that is damaged, or under another key, is refused', () => {
  const key = logKey(7)
  const run = Buffer.from(encodeRun(key, USUAL))
  const value = encodeNote(key, NOTE)
  for (const [where, copy] of damages(run)) expect(decodeRun(key, copy), where).toBeUndefined()
  for (const [where, copy] of damages(value)) expect(decodeNote(key, copy), where).toBeUndefined()
  expect(decodeRun(logKey(8), run)).toBeUndefined()
  expect(decodeNote(key, run)).toBeUndefined()
  expect(decodeRun(key, value)).toBeUndefined()
})

const NOTE: NoteRecord = {
  kind: 'remove',
  committedMicros: NOW,
  commitBack: 3,
  fields: {
    board: 'coins',
    playerId: 'ada',
    previousScore: 9_007_199_254_740_993n,
    previousRank: 1,
  },
  tail: new Map([[1, Buffer.alloc(8, 1)]]),
}

test('encodeNote() and decodeNote() agree, scores of 64 bits too', () => {
  const key = logKey(9)
  expect(decodeNote(key, encodeNote(key, NOTE))).toEqual(NOTE)
  const plain = { ...NOTE, commitBack: 0, tail: NO_FIELDS }
  expect(decodeNote(key, encodeNote(key, plain))).toEqual(plain)
})

test('keys of the log lie in the order of their seqs', () => {
  const seqs = [1, 2, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]
  expect(seqs.map((seq) => seqOf(logKey(seq)))).toEqual(seqs)
  const keys = seqs.map(logKey)
  expect([...keys].sort(Buffer.compare)).toEqual(keys)
  expect(seqOf(Buffer.alloc(8))).toBeUndefined()
  expect(seqOf(Buffer.alloc(7, 1))).toBeUndefined()
})

test('encodeHistory() and decodeHistory() agree', () => {
  const key = Buffer.from('\u0001ada')
  const chain = { last: 2 ** 46, isRelative: false, plays: 3, wins: 2 }
  for (const record of [
    { chain, tail: NO_FIELDS },
    { chain: { ...chain, isRelative: true }, tail: new Map([[2, Buffer.from('away')]]) },
    { chain: undefined, tail: new Map([[1, Buffer.from('base')]]) },
  ]) {
    const value = encodeHistory(key, record)
    expect(decodeHistory(key, value)).toEqual(record)
    for (const [where, copy] of damages(value))
      expect(decodeHistory(key, copy), where).toBeUndefined()
  }
})

// Seqs move on at a restore, further than a varint says.
test('encodeSeqs() lists what lies before and behind a restore', () => {
  const seqs = [3, 4, 2 ** 32 + 3, 2 ** 43, 2 ** 43 + 0xffff_ffff, 2 ** 44 + 1]
  const bytes = encodeSeqs(seqs)
  expect(decodeSeqs(bytes)).toEqual(seqs)
  for (let size = 8; size < bytes.length; size++)
    expect(decodeSeqs(bytes.subarray(0, size)) ?? []).not.toContain(seqs.at(-1))
  expect(decodeSeqs(Buffer.concat([encodeSeqs([3]), Buffer.of(0), logKey(4)]))).toBeUndefined()
})

test('encodeRun() keeps a run before that lies behind a restore', () => {
  const key = logKey(2 ** 43)
  const far = { ...USUAL, runBack: 2 ** 43 - 5 }
  const value = Buffer.from(encodeRun(key, far))
  expect(decodeRun(key, value)).toMatchObject({ runBack: 2 ** 43 - 5 })
  const again = decodeRun(key, value)
  expect(again && encodeRun(key, again).equals(value)).toBe(true)
})
