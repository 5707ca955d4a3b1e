/**
 * The door: what a change is answered with, and what its records say that it did to each entry.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { rebuildBoard } from '../../src/check/rebuild.ts'
import { makeChange } from '../../src/embedded/apply.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import { readLog } from '../../src/embedded/log/log-reader.ts'
import type { NamedBoard } from '../../src/embedded/named-board.ts'
import type { OpenStore } from '../../src/embedded/open-store.ts'
import { readerOf } from '../../src/embedded/readers.ts'
import { NO_ANSWER, submitOf } from '../../src/embedded/submits.ts'
import { sweepBoard } from '../../src/embedded/sweep.ts'
import { importRows } from '../../src/transfer/import.ts'
import type {
  LogRecord,
  Mode,
  Score,
  Submission,
  SubmitAnswer,
  SubmitRequest,
} from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { unborn, withEngine } from './open-engine.ts'

test('a submit is answered, and its records are the board that it made and the run', async () => {
  await withEngine(async ({ context }) => {
    const board = unborn('game')
    const answer = await submit(context, board, { playerId: 'ann', score: 5, name: 'Ann', at: 1 })
    expect(answer).toMatchObject({ score: 5, created: true })
    await submit(context, board, { playerId: 'ann', score: 7, metadata: { run: 2 } })
    // Told, though nothing changed: the log keeps runs that were refused by their mode.
    await submit(context, board, { playerId: 'ann', score: 1, mode: 'best' })
    const records = recordsOf(context)
    expect(shown(records)).toEqual([
      ...['create game', 'ann: none -> 5', 'ann: 5 -> 7', 'ann: 7 -> 7'],
    ])
    // The board that a submit makes is a change of its own.
    expect(records.map(({ commit }) => commit)).toEqual([1, 2, 3, 4])
    expect(records[1]).toMatchObject({ name: 'Ann', at: 1, changed: true })
    expect(records[2]).toMatchObject({ metadata: { run: 2 } })
    expect(records[3]).toMatchObject({ submitted: 1, changed: false })
  })
})

test('a record names who was pushed out of a full board, and has no score if there is no place', async () => {
  await withEngine(async ({ context }) => {
    const board = unborn('game', { keep: 2 })
    for (const score of [1, 2, 3]) await submit(context, board, { playerId: `p${score}`, score })
    await submit(context, board, { playerId: 'late', score: 0 })
    expect(shown(recordsOf(context)).slice(3)).toEqual([
      ...['p3: none -> 3, p1: 1 -> none', 'late: none -> none'],
    ])
  })
})

test('remove, rename and removePlayer tell the boards that they changed, and nothing tells nothing', async () => {
  await withEngine(async ({ context }) => {
    const [one, two] = [unborn('one'), unborn('two')]
    await submit(context, one, { playerId: 'ann', score: 1 })
    await submit(context, two, { playerId: 'ann', score: 2 })
    await submit(context, two, { playerId: 'bob', score: 3 })
    const before = recordsOf(context).length
    const answers = [
      await makeChange(context, { kind: 'rename', playerId: 'ann', name: 'Ann' }),
      await makeChange(context, { kind: 'remove', board: one, playerId: 'nobody' }),
      await makeChange(context, { kind: 'remove', board: two, playerId: 'bob' }),
      await makeChange(context, { kind: 'removePlayer', playerId: 'ann' }),
      await makeChange(context, { kind: 'create', board: unborn('three') }),
      await makeChange(context, { kind: 'create', board: unborn('three') }),
      await makeChange(context, { kind: 'drop', board: 'one' }),
    ]
    expect(answers).toMatchObject([
      2,
      { entry: undefined, isFound: false },
      { entry: { playerId: 'bob', score: 3, rank: 1 }, isFound: true },
      { entries: [{ board: 'one' }, { board: 'two', entry: { playerId: 'ann' } }], boards: 2 },
      ...[true, false, { size: 0 }],
    ])
    expect(recordsOf(context).slice(before)).toMatchObject([
      { kind: 'rename', playerId: 'ann', name: 'Ann', boards: ['one', 'two'] },
      { kind: 'remove', board: 'two', playerId: 'bob', previousScore: 3 },
      {
        ...{ kind: 'remove', playerId: 'ann' },
        boards: [
          { board: 'one', previousScore: 1 },
          { board: 'two', previousScore: 2 },
        ],
      },
      { kind: 'create', board: 'three' },
      { kind: 'drop', board: 'one', size: 0 },
    ])
  })
})

test('a refused change tells nothing, and its neighbours of the same commit tell once', async () => {
  await withEngine(async ({ context }) => {
    const board = unborn('game')
    const [first, , refused] = await Promise.allSettled([
      submit(context, board, { playerId: 'ann', score: 1 }),
      submit(context, board, { playerId: 'bob', score: 2 }),
      // Refused after its first submission: the transaction is dropped, and the others run again.
      submitMany(context, board, [
        { playerId: 'eve', score: 1 },
        { playerId: 'ann', score: 1, only: 'new' },
      ]),
      submit(context, board, { playerId: 'cat', score: 3 }),
    ])
    expect([first?.status, refused?.status]).toEqual(['fulfilled', 'rejected'])
    const told = ['create game', 'ann: none -> 1', 'bob: none -> 2', 'cat: none -> 3']
    expect(shown(recordsOf(context))).toEqual(told)
  })
})

// A board was made before its first submit was decided, and what was refused spoilt the whole commit:
// nothing was wrong in the end, but every neighbour of that commit ran twice.
test.each([
  ['submit', submit],
  [
    'submitMany',
    (context: OpenStore, board: NamedBoard, submission: Submission<Score>) =>
      submitMany(context, board, [submission]),
  ],
])(
  'a first %s that is refused makes no board, and no neighbour of its commit runs again',
  async (_, change) => {
    await withEngine(async ({ context }) => {
      let runs = 0
      const neighbour = (): Promise<number> => context.store.write(() => ++runs)
      const refused = { playerId: 'ann', score: 1, only: 'existing' } as const
      const outcomes = await Promise.allSettled([
        neighbour(),
        submit(context, unborn('other'), { playerId: 'bob', score: 2 }),
        change(context, unborn('game'), refused),
        neighbour(),
      ])
      expect(outcomes).toMatchObject([
        ...[{ value: 1 }, { value: { created: true } }],
        ...[{ reason: { code: 'CONDITION_FAILED' } }, { value: 2 }],
      ])
      expect(runs).toBe(2)
      expect(findBoard(context.store.current(), 'game')).toBeUndefined()
      expect(shown(recordsOf(context))).toEqual(['create other', 'bob: none -> 2'])
    })
  },
)

// A list was judged submit by submit as it was made: what came before the banned player spoilt the commit.
test('a list with a banned player is refused before it changes anything', async () => {
  await withEngine(async ({ context }) => {
    const game = unborn('game')
    await submit(context, game, { playerId: 'bob', score: 2 })
    const terms = { reason: undefined, actor: undefined, untilMicros: undefined }
    const ban = {
      playerId: 'ann',
      board: undefined,
      submits: 'refuse',
      isSealedToo: false,
    } as const
    const nowMicros = context.nowMicros()
    await makeChange(context, { kind: 'ban', ban: { ...ban, ...terms, nowMicros } })
    let runs = 0
    const outcomes = await Promise.allSettled([
      context.store.write(() => ++runs),
      submitMany(context, game, [
        { playerId: 'bob', score: 3 },
        { playerId: 'ann', score: 9 },
      ]),
      context.store.write(() => ++runs),
    ])
    expect(outcomes).toMatchObject([{ value: 1 }, { reason: { code: 'BANNED' } }, { value: 2 }])
    expect(runs).toBe(2)
  })
})

test('imports and rebuilds tell what they did, and a sweep nothing', async () => {
  await withEngine(async ({ context }) => {
    const board = unborn('game')
    const rows = async (...lines: string[]): Promise<void> => {
      const options = { format: 'csv' } as const
      await importRows(context, { board, source: csv(...lines), options, scratchPath: '' })
    }
    await rows('a,1', 'b,2')
    await rebuildBoard(context, 'game', {})
    await rows('a,5')
    const { boardId } = await makeChange(context, { kind: 'drop', board: 'game' })
    await sweepBoard(context, boardId, { isEnded: () => false, onSwept: () => undefined })
    const told = recordsOf(context)
    expect(told.map(({ kind }) => kind)).toEqual([
      ...['create', 'submit', 'submit', 'import', 'rebuild', 'submit', 'import', 'drop'],
    ])
    expect(told[3]).toMatchObject({ board: 'game', rows: { imported: 2 } })
    expect(told[4]).toMatchObject({ board: 'game', entries: 2 })
    expect(told[7]).toMatchObject({ board: 'game', size: 2 })
  })
})

// Events and undo stand on this: records are all that happened, and turn round exactly.
test('records, applied to a copy, give the boards, and turned round, the boards of before', async () => {
  const random = new Random(runSeed('records'))
  await withEngine(async ({ context }) => {
    const boards = [
      unborn('all', { order: 'ascending' }),
      unborn('best', { mode: 'best', keep: 7 }),
      unborn('sums', { mode: 'increment', scoreType: 'int64', keep: 9 }),
    ]
    const copy = new Copy()
    for (let round = 0; round < 25; round++) {
      const before = copy.clone()
      const last = recordsOf(context).at(-1)?.seq ?? 0
      await Promise.allSettled(
        Array.from({ length: 12 }, () => randomChange(context, random, boards)),
      )
      const moves = recordsOf(context, last).flatMap(movesOf)
      for (const move of moves) copy.apply(move)
      expect(copy.scores).toEqual(stored(context, boards))
      const back = copy.clone()
      for (const { key, from, to } of moves.toReversed()) back.apply({ key, from: to, to: from })
      expect(back.scores).toEqual(before.scores)
    }
  })
})

/** What a record says of one entry. */
interface Move {
  key: string
  from: Score | undefined
  to: Score | undefined
}

/** Scores by board and player, changed by records alone. */
class Copy {
  scores: Record<string, Score> = {}

  clone(): Copy {
    const clone = new Copy()
    clone.scores = { ...this.scores }
    return clone
  }

  apply({ key, from, to }: Move): void {
    expect(this.scores[key]).toEqual(from)
    if (to === undefined) delete this.scores[key]
    else this.scores[key] = to
  }
}

function movesOf(record: LogRecord): Move[] {
  const { kind, playerId, pushedOut = [] } = record
  if (kind !== 'submit' && kind !== 'remove') return []
  // A removal from all boards names each.
  const boards = (record['boards'] as LogRecord[] | undefined) ?? [record]
  const moves = boards.map(({ board, score, previousScore }) => {
    return { key: `${board}/${playerId}`, from: previousScore, to: score }
  })
  const gone = pushedOut.map((out) => {
    return { key: `${record.board}/${out.playerId}`, from: out.score, to: undefined }
  })
  return [...moves, ...gone]
}

function stored(context: OpenStore, boards: readonly NamedBoard[]): Copy['scores'] {
  const reader = context.store.current()
  const rows = boards.flatMap(({ name }) => {
    const board = findBoard(reader, name)
    const entries = board === undefined ? [] : readerOf(context, reader, board).entries('ordinal')
    return [...entries].map(({ playerId, score }) => [`${name}/${playerId}`, score] as const)
  })
  return Object.fromEntries(rows)
}

const MODES: readonly Mode[] = ['set', 'best', 'increment']

function randomChange(
  context: OpenStore,
  random: Random,
  boards: readonly NamedBoard[],
): Promise<unknown> {
  const playerId = `p${random.below(14)}`
  const board = random.pick(boards)
  const kind = random.next()
  if (kind < 0.1) return makeChange(context, { kind: 'remove', board, playerId })
  if (kind < 0.15) return makeChange(context, { kind: 'removePlayer', playerId })
  if (kind < 0.25) return makeChange(context, { kind: 'rename', playerId, name: `n${kind}` })
  const submissions = Array.from({ length: 1 + random.below(3) }, (): Submission<Score> => {
    return {
      playerId: `p${random.below(14)}`,
      score: random.below(20),
      mode: random.pick(MODES),
      ...(random.chance(0.3) && { at: random.below(9) }),
      ...(random.chance(0.3) && { name: `name ${random.below(3)}` }),
      ...(random.chance(0.3) && { metadata: { run: random.below(3) } }),
      ...(random.chance(0.1) && { only: 'new' as const }),
    }
  })
  return submitMany(context, board, submissions)
}

function submit(
  context: OpenStore,
  board: NamedBoard,
  submission: Submission<Score>,
): Promise<SubmitAnswer<Score>> {
  return makeChange(context, { kind: 'submit', board, submit: asked(context, board, submission) })
}

function submitMany(
  context: OpenStore,
  board: NamedBoard,
  submissions: readonly Submission<Score>[],
): Promise<SubmitAnswer<Score>[]> {
  const submits = submissions.map((submission) => asked(context, board, submission))
  return makeChange(context, { kind: 'submitMany', board, submits })
}

function asked(
  context: OpenStore,
  board: NamedBoard,
  submission: Submission<Score>,
): SubmitRequest {
  return submitOf(context, submission, { board: board.spec, asked: NO_ANSWER })
}

function recordsOf({ store }: OpenStore, after = 0): LogRecord[] {
  return readLog(store.current(), { after, limit: 10_000 }).records
}

function shown(records: readonly LogRecord[]): string[] {
  return records.map((record) => {
    if (record.kind !== 'submit') return `${record.kind} ${record.board}`
    const { playerId, previousScore = 'none', score = 'none', pushedOut = [] } = record
    const out = pushedOut.map((one) => `, ${one.playerId}: ${one.score} -> none`)
    return `${playerId}: ${previousScore} -> ${score}${out.join('')}`
  })
}

function csv(...lines: string[]): Readable {
  return Readable.from([Buffer.from(['playerId,score', ...lines].join('\n'))])
}
