/**
 * The door: what a change is answered with, and what it did to each entry.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { commitOf } from '../../src/board/commit.ts'
import { rebuildBoard } from '../../src/check/rebuild.ts'
import { applyChange, makeChange } from '../../src/embedded/apply.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import type { NamedBoard } from '../../src/embedded/named-board.ts'
import type { Done, OpenStore } from '../../src/embedded/open-store.ts'
import { readerOf } from '../../src/embedded/readers.ts'
import { NO_ANSWER, submitOf } from '../../src/embedded/submits.ts'
import { sweepBoard } from '../../src/embedded/sweep.ts'
import { importRows } from '../../src/transfer/import.ts'
import type {
  Effect,
  EntryEffect,
  EntryState,
  Mode,
  Score,
  Submission,
  SubmitAnswer,
  SubmitRequest,
} from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { START_MS } from '../support/temporary-store.ts'
import { unborn, withEngine } from './open-engine.ts'

test('a submit is answered, and its effects are the board that it made and the entry', async () => {
  await withEngine(async ({ context, done }) => {
    const board = unborn('game')
    await submit(context, board, { playerId: 'ann', score: 5, name: 'Ann', at: 1 })
    const after = { score: 5, at: 1, name: 'Ann', metadata: undefined }
    expect(done[0]).toMatchObject({
      change: { kind: 'submit', board: 'game', submit: { playerId: 'ann' } },
      answer: { score: 5, created: true },
    })
    expect(done[0]?.effects).toEqual([
      { board: 'game', what: 'created', count: 0 },
      { board: 'game', playerId: 'ann', before: undefined, after },
    ])
    await submit(context, board, { playerId: 'ann', score: 7, metadata: { run: 2 } })
    const moved = { score: 7, at: START_MS, name: 'Ann', metadata: { run: 2 } }
    expect(done[1]?.effects).toEqual([
      { board: 'game', playerId: 'ann', before: after, after: moved },
    ])
    await submit(context, board, { playerId: 'ann', score: 7, name: 'A' })
    expect(done[2]?.effects).toEqual([
      { board: 'game', playerId: 'ann', before: moved, after: { ...moved, name: 'A' } },
    ])
    // Told, though nothing changed: a log keeps runs that were refused.
    await submit(context, board, { playerId: 'ann', score: 1, mode: 'best' })
    expect(done[3]).toMatchObject({ answer: { changed: false }, effects: [] })
  })
})

test('effects name who was pushed out of a full board, and nobody for whom it has no place', async () => {
  await withEngine(async ({ context, done }) => {
    const board = unborn('game', { keep: 2 })
    for (const score of [1, 2, 3]) await submit(context, board, { playerId: `p${score}`, score })
    expect(shown(done[2]?.effects)).toEqual(['p3: none -> 3', 'p1: 1 -> none'])
    await submit(context, board, { playerId: 'late', score: 0 })
    expect(done[3]).toMatchObject({ answer: { score: undefined, submitted: 0 }, effects: [] })
  })
})

test('remove, rename and removePlayer tell what they did on every board, drop and create of the board', async () => {
  await withEngine(async ({ context, done }) => {
    const [one, two] = [unborn('one'), unborn('two')]
    await submit(context, one, { playerId: 'ann', score: 1 })
    await submit(context, two, { playerId: 'ann', score: 2 })
    await submit(context, two, { playerId: 'bob', score: 3 })
    done.length = 0
    await makeChange(context, { kind: 'rename', playerId: 'ann', name: 'Ann' })
    await makeChange(context, { kind: 'remove', board: one, playerId: 'nobody' })
    await makeChange(context, { kind: 'remove', board: two, playerId: 'bob' })
    await makeChange(context, { kind: 'removePlayer', playerId: 'ann' })
    await makeChange(context, { kind: 'create', board: unborn('three') })
    await makeChange(context, { kind: 'create', board: unborn('three') })
    await makeChange(context, { kind: 'drop', board: 'one' })
    expect(done.map(({ change, answer }) => [change.kind, answer])).toMatchObject([
      ...[
        ['rename', 2],
        ['remove', { entry: undefined, isFound: false }],
        ['remove', { entry: { playerId: 'bob', score: 3, rank: 1 }, isFound: true }],
        [
          'removePlayer',
          { entries: [{ board: 'one' }, { board: 'two', entry: { playerId: 'ann' } }], boards: 2 },
        ],
      ],
      ...[
        ['create', true],
        ['create', false],
        ['drop', { size: 0 }],
      ],
    ])
    expect(done.map(({ effects }) => shown(effects))).toEqual([
      ['ann: 1 -> 1', 'ann: 2 -> 2'],
      ...[[], ['bob: 3 -> none'], ['ann: 1 -> none', 'ann: 2 -> none']],
      ...[['three created 0'], [], ['one dropped 0']],
    ])
  })
})

test('a refused change tells nothing, and its neighbours of the same commit tell once', async () => {
  await withEngine(async ({ context, done }) => {
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
    expect(done.flatMap(({ effects }) => shown(effects))).toEqual([
      ...['game created 0', 'ann: none -> 1', 'bob: none -> 2', 'cat: none -> 3'],
    ])
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
    await withEngine(async ({ context, done }) => {
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
      expect(done.flatMap(({ effects }) => shown(effects))).toEqual([
        ...['other created 0', 'bob: none -> 2'],
      ])
    })
  },
)

// Work behind a change in its transaction wrote into the effects of that change, which its takers hold.
test.each([
  ['was made', {}],
  ['was refused', { only: 'existing' as const }],
])(
  'effects of a change that %s do not grow by later work of the transaction',
  async (_, condition) => {
    await withEngine(async ({ context, done }) => {
      const board = unborn('game')
      await submit(context, board, { playerId: 'ann', score: 1 })
      done.length = 0
      await context.store.write((writer) => {
        const change = asked(context, board, { playerId: 'bob', score: 2, ...condition })
        const make = (): unknown =>
          applyChange(context, writer, { kind: 'submit', board, submit: change })
        if ('only' in condition) expect(make).toThrow('Cannot submit')
        else make()
        expect(commitOf(writer).effects).toBeUndefined()
        context.writerOf(writer, board)?.remove('ann')
      })
      const told = done.flatMap(({ effects }) => shown(effects))
      expect(told).toEqual('only' in condition ? [] : ['bob: none -> 2'])
    })
  },
)

test('imports, rebuilds and sweeps state what they did in the same words', async () => {
  await withEngine(async ({ context, done }) => {
    const board = unborn('game')
    await importRows(context, {
      board,
      source: csv('a,1', 'b,2'),
      options: { format: 'csv' },
      scratchPath: '',
    })
    await rebuildBoard(context, 'game', {})
    await importRows(context, {
      board,
      source: csv('a,5'),
      options: { format: 'csv' },
      scratchPath: '',
    })
    const { boardId } = await makeChange(context, { kind: 'drop', board: 'game' })
    await sweepBoard(context, boardId, { isEnded: () => false, onSwept: () => undefined })
    const told = done.flatMap(({ change, effects }) =>
      shown(effects).map((text) => `${change.kind}: ${text}`),
    )
    expect(told).toEqual([
      ...['import: game filled 2', 'import: game imported 2', 'rebuild: game rebuilt 2'],
      ...['import: a: 1 -> 5', 'import: game imported 1'],
      ...['drop: game dropped 2', 'sweep: undefined swept 5'],
    ])
  })
})

// The log, events and undo stand on this: effects are all that happened, and turn round exactly.
test('effects, applied to a copy, give the boards, and turned round, the boards of before', async () => {
  const random = new Random(runSeed('effects'))
  await withEngine(async ({ context, done }) => {
    const boards = [
      unborn('all', { order: 'ascending' }),
      unborn('best', { mode: 'best', keep: 7 }),
      unborn('sums', { mode: 'increment', scoreType: 'int64', keep: 9 }),
    ]
    const copy = new Copy()
    for (let round = 0; round < 40; round++) {
      const before = copy.clone()
      await Promise.allSettled(
        Array.from({ length: 12 }, () => randomChange(context, random, boards)),
      )
      const effects = done.splice(0).flatMap((one) => one.effects)
      for (const effect of effects) copy.apply(effect)
      expect(copy.entries).toEqual(stored(context, boards))
      const back = copy.clone()
      for (const effect of effects.toReversed()) back.apply(turned(effect))
      expect(back.entries).toEqual(before.entries)
    }
  })
})

/** Entries by board and player, changed by effects alone. */
class Copy {
  entries: Record<string, EntryState> = {}

  clone(): Copy {
    const clone = new Copy()
    clone.entries = { ...this.entries }
    return clone
  }

  apply(effect: Effect): void {
    if (!('playerId' in effect)) {
      if (effect.what !== 'dropped') return
      for (const key of Object.keys(this.entries))
        if (key.startsWith(`${effect.board}/`)) delete this.entries[key]
      return
    }
    const key = `${effect.board}/${effect.playerId}`
    expect(this.entries[key]).toEqual(effect.before)
    if (effect.after === undefined) delete this.entries[key]
    else this.entries[key] = effect.after
  }
}

function turned(effect: Effect): Effect {
  if (!('playerId' in effect)) return effect
  return { ...effect, before: effect.after, after: effect.before }
}

function stored(context: OpenStore, boards: readonly NamedBoard[]): Copy['entries'] {
  const reader = context.store.current()
  const rows = boards.flatMap(({ name }) => {
    const board = findBoard(reader, name)
    const entries = board === undefined ? [] : readerOf(context, reader, board).entries('ordinal')
    return [...entries].map(({ rank: _, playerId, metadata, ...entry }) => {
      return [`${name}/${playerId}`, { ...entry, metadata }] as const
    })
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

function shown(effects: Done['effects'] = []): string[] {
  return effects.map((effect) => {
    if (!('playerId' in effect)) return `${effect.board} ${effect.what} ${effect.count}`
    return `${effect.playerId}: ${scoreOf(effect, 'before')} -> ${scoreOf(effect, 'after')}`
  })
}

function scoreOf(effect: EntryEffect, side: 'before' | 'after'): string {
  return String(effect[side]?.score ?? 'none')
}

function csv(...lines: string[]): Readable {
  return Readable.from([Buffer.from(['playerId,score', ...lines].join('\n'))])
}
