/**
 * What a board promises, for every engine: order, submits, reads. Each answer is awaited, so an engine may
 * answer at once or later. Call `boardContract` in a test file with what opens the engine.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BoardSettings, Entry, Page, RankMode, SubmitAnswer } from '../../src/index.ts'
import { BOARDS, settingsOf } from '../model/boards.ts'
import {
  type Call,
  CallMaker,
  isWrite,
  make,
  type Outcome,
  outcomeOf,
  outcomeOfPromise,
  playerIds,
  withoutCursors,
} from '../model/calls.ts'
import { Model } from '../model/model.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { answerOf, type Callee, type Engine, refusalOf } from './engine.ts'

const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']
const COUNTED_MODES: readonly RankMode[] = ['ordinal', 'competition']
const RANDOM_CALLS = sizeOf('CONTRACT_CALLS', { test: 50, torture: 1_000 })
const DAY = 1_700_000_000_000

/** Declares the tests of a board. */
export function boardContract(name: string, engine: Engine): void {
  describe(`a board of the ${name}`, () => {
    orderTests(engine)
    submitTests(engine)
    refusalTests(engine)
    readTests(engine)
    if (engine.isPartitioned !== true) wholeTests(engine)
    modelTests(engine)
  })
}

function orderTests(engine: Engine): void {
  test.each(['descending', 'ascending'] as const)('orders by score, time, id: %s', (order) =>
    withBoard(engine, { order }, async (board) => {
      const rows: [playerId: string, score: number, at: number][] = [
        ...([
          ['é', 2, 5],
          ['z', 2, 5],
          ['a', 2, 4.001],
          ['b', 2, 4],
          ['\u{10000}', 2, 5],
        ] as const),
        ...([
          ['\uffff', 2, 5],
          ['low', -0.5, 9],
          ['high', 7, 9],
          ['zero', -0, 9],
        ] as const),
      ].map(([id, score, at]) => [id, score, at])
      for (const [playerId, score, at] of rows)
        await answerOf(board, 'submit', playerId, score, { at: DAY + at })
      const ties = ['b', 'a', 'z', 'é', '\uffff', '\u{10000}']
      const ids = ['high', ...ties, 'zero', 'low']
      const expected = order === 'descending' ? ids : ['low', 'zero', ...ties, 'high']
      expect(idsIn(await answerOf(board, 'top', 20))).toEqual(expected)
      expect(await answerOf(board, 'ranks', expected)).toEqual(expected.map((_, i) => i + 1))
      expect((await entryOf(board, 'zero'))?.score).toBe(0)
    }),
  )

  test('gives times that rise, though the clock stands still or steps back', () =>
    engine(async (store) => {
      const boards = [store.board('one'), store.board('two')]
      for (let i = 0; i < 20; i++) {
        await answerOf(boards[i % 2] as Callee, 'submit', `p${i}`, 1)
        if (i % 5 === 4) store.clock.advance(-60_000)
      }
      const entries = await Promise.all(
        Array.from({ length: 20 }, (_, i) => entryOf(boards[i % 2] as Callee, `p${i}`)),
      )
      const times = entries.map((entry) => entry?.at as number)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(new Set(times).size).toBe(20)
      expect(await answerOf(boards[0] as Callee, 'rank', 'p0')).toBe(1)
    }))

  test('numbers equal scores by the rank mode of each query', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [9, 7, 7, 5])
      const expected = { ordinal: [1, 2, 3, 4], competition: [1, 2, 2, 4], dense: [1, 2, 2, 3] }
      for (const rankMode of modesOf(engine)) {
        const options = { rankMode }
        const ids = ['p0', 'p1', 'p2', 'p3']
        expect(await answerOf(board, 'ranks', ids, options)).toEqual(expected[rankMode])
        for (const [name, args] of [
          ['top', [4]],
          ['range', [1, 4]],
          ['around', ['p1', { above: 1, below: 2 }]],
          ['between', [0, 9]],
          ['entries', []],
        ] as const) {
          const [first, ...rest] = args
          const last = typeof rest.at(-1) === 'object' ? (rest.at(-1) as object) : {}
          const plain = rest.filter((arg) => typeof arg !== 'object')
          const given = first === undefined ? [] : [first, ...plain]
          const rows = await answerOf(board, name, ...given, { ...last, ...options })
          expect((rows as Entry[]).map(({ rank }) => rank)).toEqual(expected[rankMode])
        }
      }
    }))
}

function submitTests(engine: Engine): void {
  const created = {
    changed: true,
    created: true,
    previousScore: undefined,
    previousRank: undefined,
  }
  test('answers each mode with score and rank before and after', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [10])
      const cases: [score: number, options: object, answer: Partial<SubmitAnswer>][] = [
        [5, {}, { score: 5, rank: 2, ...created }],
        [12, {}, { score: 12, previousScore: 5, rank: 1, previousRank: 2, changed: true }],
        [12, {}, { score: 12, previousScore: 12, rank: 1, previousRank: 1, changed: false }],
        [11, { mode: 'best' }, { score: 12, previousScore: 12, rank: 1, changed: false }],
        [13, { mode: 'best' }, { score: 13, previousScore: 12, rank: 1, changed: true }],
        [-4, { mode: 'increment' }, { score: 9, previousScore: 13, rank: 2, previousRank: 1 }],
        [0, { mode: 'increment' }, { score: 9, previousScore: 9, rank: 2, changed: false }],
        [
          10,
          { rankMode: modesOf(engine).at(-1) },
          { score: 10, rank: 1, previousRank: 2, created: false },
        ],
        [9, { ranks: false }, { score: 9, rank: undefined, previousRank: undefined }],
      ]
      for (const [score, options, answer] of cases)
        expect(await answerOf(board, 'submit', 'ann', score, options)).toMatchObject(answer)
      const first = await answerOf(board, 'submit', 'new', 3, { mode: 'increment' })
      expect(first).toEqual({ playerId: 'new', score: 3, rank: 3, ...created })
    }))

  test('leaves time, rank and metadata alone if the score stays, and takes a name', () =>
    withBoard(engine, {}, async (board) => {
      await answerOf(board, 'submit', 'ann', 5, { at: DAY, metadata: { run: 1 } })
      await answerOf(board, 'submit', 'bob', 5, { at: DAY + 1 })
      const refused = { mode: 'best', metadata: { run: 2 }, name: 'Ann' }
      expect(await answerOf(board, 'submit', 'ann', 4, refused)).toMatchObject({ changed: false })
      const entry = { rank: 1, playerId: 'ann', name: 'Ann', score: 5, at: DAY }
      expect(await answerOf(board, 'get', 'ann')).toEqual({ ...entry, metadata: { run: 1 } })
      // Found equal, so the mode took it.
      await answerOf(board, 'submit', 'ann', 5, { metadata: { run: 3 } })
      expect(await answerOf(board, 'get', 'ann')).toEqual({ ...entry, metadata: { run: 3 } })
      await answerOf(board, 'submit', 'ann', 0, { mode: 'increment', metadata: {} })
      expect(await answerOf(board, 'get', 'ann')).toEqual(entry)
      await answerOf(board, 'submit', 'ann', 5, { name: 'ann' })
      expect(await answerOf(board, 'get', 'ann')).toEqual({ ...entry, name: 'ann' })
    }))

  test('takes the earlier given time of an equal best', () =>
    withBoard(engine, { mode: 'best' }, async (board) => {
      await answerOf(board, 'submit', 'ann', 5, { at: DAY })
      await answerOf(board, 'submit', 'bob', 5, { at: DAY + 2 })
      const later = await answerOf(board, 'submit', 'bob', 5, { at: DAY + 3 })
      expect(later).toMatchObject({ changed: false, rank: 2 })
      const earlier = await answerOf(board, 'submit', 'bob', 5, { at: DAY - 1 })
      expect(earlier).toMatchObject({ changed: true, created: false, rank: 1, previousRank: 2 })
      expect(await entryOf(board, 'bob')).toMatchObject({ rank: 1, at: DAY - 1 })
    }))

  test('keeps conditions, and expected null for those who have no entry', () =>
    withBoard(engine, {}, async (board) => {
      const failed = 'CONDITION_FAILED'
      expect(await refusalOf(board, 'submit', 'ann', 1, { only: 'existing' })).toBe(failed)
      expect(await refusalOf(board, 'submit', 'ann', 1, { expected: 0 })).toBe(failed)
      await answerOf(board, 'submit', 'ann', 1, { expected: null, only: 'new' })
      expect(await refusalOf(board, 'submit', 'ann', 2, { expected: null })).toBe(failed)
      expect(await refusalOf(board, 'submit', 'ann', 2, { only: 'new' })).toBe(failed)
      expect(await refusalOf(board, 'submit', 'ann', 2, { expected: 2 })).toBe(failed)
      await answerOf(board, 'submit', 'ann', 2, { expected: 1, only: 'existing' })
      expect(await entryOf(board, 'ann')).toMatchObject({ score: 2 })
    }))

  test('refuses sums that are not exact, and takes those at the very edge', () =>
    withBoard(engine, { mode: 'increment' }, async (board) => {
      await answerOf(board, 'submit', 'ann', 2 ** 53 - 1)
      expect(await answerOf(board, 'submit', 'ann', 1)).toMatchObject({ score: 2 ** 53 })
      expect(await refusalOf(board, 'submit', 'ann', 1)).toBe('INEXACT')
      expect(await refusalOf(board, 'submit', 'ann', 1e308)).toBe('INEXACT')
      expect(await entryOf(board, 'ann')).toMatchObject({ score: 2 ** 53 })
    }))

  test('keeps integers of 64 bits whole', () =>
    withBoard(engine, { scoreType: 'int64' }, async (board) => {
      await answerOf(board, 'submit', 'ann', 2n ** 63n - 1n)
      await answerOf(board, 'submit', 'bob', 2n ** 63n - 2n)
      expect(await answerOf(board, 'ranks', ['ann', 'bob'])).toEqual([1, 2])
      expect(await answerOf(board, 'gap', 'bob')).toMatchObject({ above: { difference: 1n } })
      expect(await refusalOf(board, 'submit', 'ann', 1n, { mode: 'increment' })).toBe('INEXACT')
    }))

  test('tells who was passed', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [9, 8, 7])
      const answer = await answerOf(board, 'submit', 'p2', 8.5, { passed: 5 })
      const entries = [await answerOf(board, 'get', 'p1')]
      expect(answer).toMatchObject({ rank: 2, passed: { count: 1, entries } })
      const newcomer = await answerOf(board, 'submit', 'new', 8.7, { passed: 1 })
      expect(newcomer).toMatchObject({
        passed: { count: 2, entries: [{ playerId: 'p2', rank: 3 }] },
      })
    }))
}

function refusalTests(engine: Engine): void {
  const wrong: [name: string, args: unknown[], kind: string][] = [
    ['submit', ['', 1], 'RangeError'],
    ['submit', ['\ud800', 1], 'RangeError'],
    ['submit', ['x'.repeat(513), 1], 'RangeError'],
    ['submit', [7, 1], 'TypeError'],
    ['submit', ['ann', '1'], 'TypeError'],
    ['submit', ['ann', Number.POSITIVE_INFINITY], 'RangeError'],
    ['submit', ['ann', 1, { mode: 'worst' }], 'RangeError'],
    ['submit', ['ann', 1, { at: -1 }], 'RangeError'],
    ['submit', ['ann', 1, { nmae: 'Ann' }], 'TypeError'],
    ['submitMany', [{}], 'TypeError'],
    ['remove', [''], 'RangeError'],
    ['get', [undefined], 'TypeError'],
    ['rank', ['ann', { rankMode: 'fair' }], 'RangeError'],
    ['ranks', ['ann'], 'TypeError'],
    ['standing', [''], 'RangeError'],
    ['standingOf', [Number.NaN], 'RangeError'],
    ['top', [-1], 'RangeError'],
    ['range', [0, 1], 'RangeError'],
    ['entryAt', [0], 'RangeError'],
    ['around', ['ann', { above: -1 }], 'RangeError'],
    ['between', [Number.NaN, 1], 'RangeError'],
    ['countBetween', ['0', 1], 'TypeError'],
    ['page', [{ limit: 0 }], 'RangeError'],
    ['page', [{ after: 'made up' }], 'BAD_CURSOR'],
    ['among', ['ann'], 'TypeError'],
    ['gap', [''], 'RangeError'],
    ['scoreAt', [0], 'RangeError'],
    ['scoreFor', [{}], 'TypeError'],
  ]
  test('refuses arguments of a wrong shape, and changes nothing', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [5])
      const before = await answerOf(board, 'entries')
      for (const [name, args, kind] of wrong)
        expect([name, args, await refusalOf(board, name, ...args)]).toEqual([name, args, kind])
      expect(await answerOf(board, 'entries')).toEqual(before)
    }))
}

function readTests(engine: Engine): void {
  test('answers undefined, empty or nobody for players and places that are not there', () =>
    withBoard(engine, {}, async (board) => {
      for (const scores of [[], [3, 1]]) {
        await fill(board, scores)
        for (const name of ['get', 'rank', 'standing', 'gap'])
          expect(await answerOf(board, name, 'nobody')).toBeUndefined()
        expect(await answerOf(board, 'around', 'nobody')).toEqual([])
        expect(await answerOf(board, 'remove', 'nobody')).toBe(false)
        expect(await answerOf(board, 'entryAt', 3)).toBeUndefined()
        expect(await answerOf(board, 'range', 3, 9)).toEqual([])
        expect(await answerOf(board, 'top', 0)).toEqual([])
        expect(await answerOf(board, 'between', 5, 4)).toEqual([])
        expect(await answerOf(board, 'scoreAt', 3)).toBeUndefined()
        expect(await answerOf(board, 'size')).toBe(scores.length)
      }
      expect(await answerOf(board, 'remove', 'p0')).toBe(true)
      expect(await answerOf(board, 'rank', 'p1')).toBe(1)
    }))

  test('finds players by the beginnings of their names, those of the very name first', () =>
    withBoard(engine, {}, async (board) => {
      const names = ['Zoë', 'ZOE\u0308 1', 'zoE 2', 'zo\u00cb', 'Ｚｏｅ 3', 'Strasse', 'straße 9']
      for (const [i, name] of names.entries())
        await answerOf(board, 'submit', `p${i}`, 100 - i, { name, metadata: { i } })
      await answerOf(board, 'submit', 'zoe', 1)
      const found = async (...args: unknown[]): Promise<string[]> =>
        idsIn((await answerOf(board, 'find', ...args)) as Entry[])
      expect(await found('zoë')).toEqual(['p0', 'p3', 'p1'])
      expect(await found('ZOE')).toEqual(['zoe', 'p2', 'p4'])
      expect(await found('z', { limit: 2 })).toEqual(['p0', 'p1'])
      expect(await found('STRASSE')).toEqual(['p5', 'p6'])
      expect(await found('oë')).toEqual([])
      expect(await answerOf(board, 'find', 'zo\u00eb', { limit: 1 })).toEqual([
        await entryOf(board, 'p0'),
      ])
    }))

  test('pages in both directions skip and repeat nobody who stays put', () =>
    withBoard(engine, { order: 'ascending' }, async (board) => {
      await fill(board, [1, 2, 3, 4, 5, 6, 7])
      const forwards: Page[] = []
      for (let after: string | undefined; ; ) {
        const page = (await answerOf(board, 'page', { limit: 2, after })) as Page
        forwards.push(page)
        // Those in front go behind, and one who is on the page leaves.
        if (forwards.length === 2) await answerOf(board, 'submit', 'p0', 9)
        if (forwards.length === 2) await answerOf(board, 'remove', 'p3')
        after = page.next
        if (after === undefined) break
      }
      expect(forwards.map(({ entries }) => idsIn(entries))).toEqual([
        ...[
          ['p0', 'p1'],
          ['p2', 'p3'],
          ['p4', 'p5'],
          ['p6', 'p0'],
        ],
      ])
      const last = forwards.at(-1) as Page
      const back = (await answerOf(board, 'page', { limit: 9, before: last.previous })) as Page
      expect(idsIn(back.entries)).toEqual(['p1', 'p2', 'p4', 'p5'])
      expect([back.previous, back.total]).toEqual([undefined, 6])
    }))

  test('entries() stays on one snapshot while others change the board', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [5, 4, 3, 2, 1])
      const before = await answerOf(board, 'entries')
      const seen: unknown[] = []
      const entries = Reflect.apply(Reflect.get(board, 'entries'), board, [])
      for await (const entry of entries as AsyncIterable<Entry>) {
        seen.push(entry)
        await answerOf(board, 'submit', `new ${seen.length}`, 0)
        await answerOf(board, 'remove', `p${seen.length}`)
      }
      expect(seen).toEqual(before)
    }))

  test('differences are decimals, and a goal says what it takes', () =>
    withBoard(engine, { order: 'ascending' }, async (board) => {
      await fill(board, [71.4, 71.5])
      expect(await answerOf(board, 'gap', 'p1')).toMatchObject({ above: { difference: 0.1 } })
      const rankMode = modesOf(engine).at(-1)
      const goal = await answerOf(board, 'scoreFor', { rank: 1, rankMode })
      expect(goal).toEqual({ rank: 1, score: 71.4, mark: 71.4, mustBeat: false })
      const held = await answerOf(board, 'scoreFor', { rank: 2, playerId: 'p0' })
      expect(held).toMatchObject({ held: true, mark: undefined })
    }))
}

// What takes an instant of the whole board.
function wholeTests(engine: Engine): void {
  test('answers submits that are made at once as if they came one after another', () =>
    withBoard(engine, {}, async (board) => {
      const answers = await Promise.all([
        answerOf(board, 'submit', 'ann', 10),
        answerOf(board, 'submit', 'bob', 20),
        answerOf(board, 'submit', 'ann', 5, { mode: 'increment' }),
        answerOf(board, 'remove', 'bob'),
        answerOf(board, 'submit', 'ann', 1, { mode: 'best' }),
      ])
      expect(answers).toMatchObject([
        ...[{ rank: 1 }, { rank: 1 }, { score: 15, previousScore: 10, rank: 2, previousRank: 2 }],
        ...[true, { score: 15, rank: 1, changed: false }],
      ])
    }))

  test('refuses a submitMany as a whole, and says which submission', () =>
    withBoard(engine, {}, async (board) => {
      await fill(board, [5])
      const before = await answerOf(board, 'entries')
      for (const [bad, problem] of [
        [{ playerId: 'p0', score: 2 ** 53, mode: 'increment' }, 'Submission 1: INEXACT'],
        [{ playerId: 'p0', score: 1, only: 'new' }, 'Submission 1: CONDITION_FAILED'],
        [{ playerId: 'p0', score: 1, at: 4e12 }, 'Submission 1: FUTURE_TIME'],
        [{ playerId: 'p0', score: Number.NaN }, 'Submission 1: RangeError'],
        [{ playerId: 'p0' }, 'Submission 1: TypeError'],
      ] as const) {
        const many = [{ playerId: 'new', score: 1 }, bad]
        expect(await refusalOf(board, 'submitMany', many)).toBe(problem)
      }
      expect(await answerOf(board, 'entries')).toEqual(before)
      expect(await answerOf(board, 'submitMany', [])).toEqual([])
    }))

  test('that keeps its best pushes out the last, and has no place for who does not beat it', () =>
    withBoard(engine, { keep: 2 }, async (board) => {
      await fill(board, [12, 11])
      const late = await answerOf(board, 'submit', 'late', 11, { name: 'Late' })
      expect(late).toEqual({
        ...{ playerId: 'late', score: undefined, previousScore: undefined, submitted: 11 },
        ...{ rank: undefined, previousRank: undefined, changed: false, created: false },
      })
      expect(await answerOf(board, 'standingOf', 11)).toBeUndefined()
      for (const rankMode of RANK_MODES) {
        const goal = await answerOf(board, 'scoreFor', { rank: 3, rankMode })
        expect(goal).toMatchObject({ mark: 11, mustBeat: true })
      }
      expect(await answerOf(board, 'submit', 'new', 11.5)).toMatchObject({ rank: 2, created: true })
      expect(idsIn(await answerOf(board, 'top'))).toEqual(['p0', 'new'])
      expect(await answerOf(board, 'get', 'p1')).toBeUndefined()
    }))
}

// Every kind of board and every call, against the trivially right model.
function modelTests(engine: Engine): void {
  const isPartitioned = engine.isPartitioned === true
  const boards = BOARDS.filter((name) => !isPartitioned || settingsOf(name).keep === undefined)
  test.each(boards)('answers as the model does: %s', (name) =>
    engine(async (store) => {
      const random = new Random(runSeed('contract'))
      const model = new Model()
      model.createBoard(name, settingsOf(name))
      const board = store.board(name, settingsOf(name))
      const { shape } = model.board(name)
      const calls = new CallMaker(random, {
        ids: playerIds(60),
        nowMs: () => store.clock.now,
        firstMs: store.firstMs,
        shapeOf: () => shape,
      })
      for (let i = 0; i < RANDOM_CALLS; i++) {
        if (random.chance(0.5)) store.clock.advance(random.pick([1, 1000, -500]))
        model.time.nowMicros = store.clock.now * 1000
        const call = random.chance(0.5) ? calls.write(name) : calls.readOrFind(name)
        if (isPartitioned && needsInstant(call)) continue
        const actual = await outcomeOfPromise(answerOf(board, call.name, ...call.args))
        expectSame(call, { actual, expected: outcomeOf(() => make(model.board(name), call)) })
        if (isWrite(call) && random.chance(0.1)) {
          const actual = await answerOf(board, 'entries')
          const expected = model.board(name).entries()
          if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
        }
      }
    }),
  )
}

function expectSame(call: Call, outcomes: { actual: Outcome; expected: Outcome }): void {
  const actual = withoutCursors(call, outcomes.actual)
  const expected = asFarAs(actual, withoutCursors(call, outcomes.expected))
  if (!isDeepStrictEqual(actual, expected))
    expect({ call, ...actual }).toStrictEqual({ call, ...expected })
}

function modesOf(engine: Engine): readonly RankMode[] {
  return engine.isPartitioned === true ? COUNTED_MODES : RANK_MODES
}

function needsInstant({ name, args }: Call): boolean {
  if (name === 'submitMany') return true
  return args.some((arg) => (arg as { rankMode?: RankMode } | undefined)?.rankMode === 'dense')
}

// A board in partitions tells no dense rank.
function asFarAs(actual: Outcome, expected: Outcome): Outcome {
  if (!('value' in actual) || !('value' in expected)) return expected
  const found = actual.value as { dense?: number } | undefined
  const isLess = found?.dense === undefined && Object.hasOwn(Object(found), 'dense')
  return isLess ? { value: { ...(expected.value as object), dense: undefined } } : expected
}

function withBoard(
  engine: Engine,
  settings: BoardSettings,
  body: (board: Callee) => Promise<void>,
): Promise<void> {
  return engine((store) => body(store.board('board', settings)))
}

async function fill(board: Callee, scores: readonly number[]): Promise<void> {
  await answerOf(
    board,
    'submitMany',
    scores.map((score, i) => ({ playerId: `p${i}`, score })),
  )
}

async function entryOf(board: Callee, playerId: string): Promise<Entry | undefined> {
  return (await answerOf(board, 'get', playerId)) as Entry | undefined
}

function idsIn(entries: unknown): string[] {
  return (entries as Entry[]).map(({ playerId }) => playerId)
}
