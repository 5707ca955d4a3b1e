import { expect, test } from 'vitest'
import { writeHead } from '../../src/format/entry-key.ts'
import { logKey } from '../../src/format/log-key.ts'
import { finishRun, type RunDraft, writeRunDraft } from '../../src/format/run-draft.ts'
import { encodeRun, RUN_TAG, type RunRecord } from '../../src/format/run-record.ts'
import { ScoreShape } from '../../src/format/score-shape.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import type { Mode, Score } from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'

const ROUNDS = sizeOf('TORTURE_DRAFTS', { test: 400, torture: 100_000 })

const SHAPES = [
  new ScoreShape('number', [{ name: '', order: 'descending' }]),
  new ScoreShape('int64', [{ name: '', order: 'ascending' }]),
  new ScoreShape('number', [
    { name: 'points', order: 'descending' },
    { name: 'lap', order: 'ascending' },
  ]),
]

// The bytes behind a draft and in front of it are those of others.
test('finishRun() makes of a draft the record that encodeRun() makes', () => {
  const random = new Random(runSeed('drafts'))
  for (let i = 0; i < ROUNDS; i++) {
    const shape = random.pick(SHAPES)
    const { place, draft, run } = randomDraft(random, shape)
    const slab = Buffer.alloc(4096, 0xee)
    const start = random.below(100)
    const end = writeRunDraft(slab, start, { draft, shape })
    expect(slab[end]).toBe(0xee)
    const { key, value } = finishRun({ bytes: slab, start, end }, place)
    expect(key).toEqual(logKey(place.seq))
    expect(value.toString('hex')).toBe(encodeRun(key, run).toString('hex'))
  }
})

function randomDraft(
  random: Random,
  shape: ScoreShape,
): { place: Parameters<typeof finishRun>[1]; draft: RunDraft; run: RunRecord } {
  const maybe = <T>(value: T): T | undefined => (random.chance(0.5) ? value : undefined)
  const committedMicros = random.below(2 ** 51)
  // Over a restore seqs move on by more than a varint says.
  const firstSeq = 1 + random.below(2 ** 40)
  const row = random.below(2 ** 31)
  const seq = firstSeq + row
  const before = random.pick([
    { seq: 0 },
    { seq: random.below(firstSeq) },
    { place: random.below(row) },
  ])
  const runBack = 'seq' in before ? (before.seq === 0 ? 0 : seq - before.seq) : row - before.place
  const playerId = random.pick(['a', 'ada', 'é'.repeat(200), '𝒶'.repeat(128), 'x'.repeat(512)])
  const score = randomScore(random, shape)
  const previous = maybe({ score: randomScore(random, shape), atMicros: random.below(2 ** 51) })
  const plays = 1 + random.below(2 ** 31 - 1)
  const shared = {
    ...{
      boardId: 1 + random.below(100_000),
      mode: random.pick<Mode>(['set', 'best', 'increment']),
    },
    ...{ atMicros: maybe(random.below(2 ** 51)) ?? committedMicros, isAtGiven: random.chance(0.5) },
    ...{ isHidden: random.chance(0.5), plays, wins: random.below(plays) },
    ...{ name: maybe('Zoë'.repeat(1 + random.below(50))) },
    metadata: random.pick([undefined, null, '{"car":"red"}', `{"x":"${'y'.repeat(900)}"}`]),
  } as const
  const goesOn = random.chance(0.2)
  const commitBack = random.chance(0.2) ? 0 : row
  const id = Buffer.concat([Buffer.from(playerId), Buffer.from('of another')])
  return {
    place: { seq, committedMicros, commitBack, firstSeq },
    draft: {
      ...shared,
      ...{ id, idBytes: Buffer.byteLength(playerId), score, previous, goesOn, before },
    },
    run: {
      ...shared,
      ...{ committedMicros, commitBack, playerId, ranks: undefined, won: false, hasNoPlace: false },
      submitted: bytesOf(shape, score),
      before: previous && headOf(shape, previous),
      runBack,
      tail: goesOn ? new Map([[RUN_TAG.GOES_ON, Buffer.alloc(0)]]) : NO_FIELDS,
    },
  }
}

function randomScore(random: Random, shape: ScoreShape): Score {
  if (shape.type === 'int64') return BigInt(random.below(2 ** 31)) - 2n ** 30n
  const one = (): number => random.below(2 ** 31) - 2 ** 30
  return shape.isPlain ? one() : { points: one(), lap: one() }
}

function bytesOf(shape: ScoreShape, score: Score): Buffer {
  const bytes = Buffer.alloc(shape.bytes)
  shape.write(bytes, 0, score)
  return bytes
}

function headOf(shape: ScoreShape, entry: { score: Score; atMicros: number }): Buffer {
  const head = Buffer.alloc(shape.headBytes)
  writeHead(head, 0, { ...entry, shape })
  return head
}
